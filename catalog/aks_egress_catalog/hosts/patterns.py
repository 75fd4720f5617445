"""Which host pattern, range or destination takes which host or other destination in. The semantics are ours.

- ``*.x`` takes in names of any depth below ``x``, and not ``x`` itself.
- Any other star stands for one or more characters inside one label: ``md-*.blob…`` takes in ``md-a1.blob…`` only.
- ``{region}`` and every other placeholder stand for exactly one label.
- An address range takes in the addresses in it. ``any``, service tags and named sets take in nothing by themselves:
  what they stand for depends on the alternative that a firewall implements.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final

from aks_egress_catalog.model import Destination, DestinationForm

_OPEN: Final = re.compile(r"(\*|\{[^}]*\})")
"""What in a host pattern is left open: a star or a placeholder."""
_STAR_MARK: Final = "\0"
"""Stands for whatever a star of the narrower of two patterns may stand for: no host has such a sign."""
_PLACEHOLDER_MARK: Final = "\1"
"""Takes the place of ``{`` where two patterns are compared, so that a placeholder takes in nothing but itself."""


@lru_cache(maxsize=4096)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    r"""Write a host pattern as an anchored regular expression, by the semantics above.

    >>> pattern_regex("*.hcp.{region}.azmk8s.io").pattern
    '(?:[^.]+\\.)+hcp\\.[^.]+\\.azmk8s\\.io\\Z'
    """
    labels_below, rest = ("(?:[^.]+\\.)+", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    pieces = re.split(_OPEN, rest)  # literal, open, literal, …: every second piece is open
    middle = "".join("[^.]+" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    return re.compile(labels_below + middle + r"\Z")


def pattern_matches(pattern: str, host: str) -> bool:
    """Say whether a host pattern takes a host name in. The end of the name decides nearly every case.

    >>> pattern_matches("*.data.mcr.microsoft.com", "westeurope.data.mcr.microsoft.com")
    True
    >>> pattern_matches("*.data.mcr.microsoft.com", "data.mcr.microsoft.com")
    False
    """
    return pattern == host or (host.endswith(literal_tail(pattern)) and pattern_regex(pattern).match(host) is not None)


def pattern_takes_in(wide: str, narrow: str) -> bool:
    """Say whether whoever allows one pattern allows every host of another.

    The wide pattern is matched, as a regular expression, against the narrow one with marks in the place of its stars:
    only a star of the wide one takes a mark. What may stand for any number of labels is tried as one and as two. A
    placeholder is filled with one name before a firewall sees it, so it takes in nothing but itself.

    >>> pattern_takes_in("*.a.io", "x.{region}.a.io"), pattern_takes_in("{region}.a.io", "global.a.io")
    (True, False)
    """
    wide, narrow = wide.replace("{", _PLACEHOLDER_MARK), narrow.replace("{", _PLACEHOLDER_MARK)
    rest = narrow.removeprefix("*.")
    labels_below = ("",) if rest == narrow else (f"{_STAR_MARK}.", f"{_STAR_MARK}.{_STAR_MARK}.")
    return all(pattern_regex(wide).match(labels + rest.replace("*", _STAR_MARK)) for labels in labels_below)


def takes_in(wide: Destination, narrow: Destination) -> bool:
    """Say whether allowing one destination allows the other, as far as the patterns themselves say.

    >>> star, host = (Destination(form=DestinationForm.FQDN, value=value) for value in ("*.a.io", "x.a.io"))
    >>> takes_in(star, host), takes_in(host, star)
    (True, False)
    """
    if str(wide) == str(narrow) or wide.form is DestinationForm.ANY:
        return True
    if wide.form is narrow.form is DestinationForm.FQDN:
        return pattern_takes_in(wide.value, narrow.value)
    if wide.form is narrow.form is DestinationForm.SERVICE_TAG:
        return narrow.value.startswith(f"{wide.value}.")  # a tag takes in the same tag of one region
    if wide.form is narrow.form is DestinationForm.CIDR:
        net, other = ipaddress.ip_network(wide.value), ipaddress.ip_network(narrow.value)
        return net.version == other.version and other.subnet_of(net)  # type: ignore[arg-type]  # one version, as said
    return False


def covers(value: str, host: str) -> bool:
    """Say whether one concrete value (a host pattern, a CIDR or ``*``) takes a host or an address in.

    >>> covers("192.0.2.0/24", "192.0.2.7"), covers("*.vault.azure.net", "vault.azure.net")
    (True, False)
    """
    address = address_in(host)
    if value == "*":
        return True
    if "/" in value:
        return address is not None and address in _network(value)
    return address is None and pattern_matches(value, host)


def address_in(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read a host as an address; ``None`` where it is a name."""
    if not (host[-1:].isdigit() or ":" in host):
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text)


def literal_tail(pattern: str) -> str:
    """Return the labels at the end of a host pattern that hold neither a star nor a placeholder.

    >>> literal_tail("*.hcp.{region}.azmk8s.io")
    'azmk8s.io'
    """
    last = max(pattern.rfind("*"), pattern.rfind("{"))
    return pattern if last < 0 else pattern[last:].partition(".")[2]
