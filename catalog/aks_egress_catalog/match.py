"""From a host and a port to the rules that cover it. The wildcard semantics are ours, and stand here.

- ``*.x`` covers names of any depth below ``x``, and not ``x`` itself.
- Any other star stands for one or more characters inside one label: ``md-*.blob…`` covers ``md-a1.blob…`` only.
- ``{region}`` and every other placeholder stand for exactly one label.
- An address range covers the addresses in it. ``any``, service tags and named sets cover nothing by themselves:
  what they take in depends on the alternative that a firewall implements.
- A rule without a port (the article states none) covers its host on every port.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.model import DestinationForm, Protocol

TYPE_CHECKING = False  # see aks_egress_catalog.model
if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Callable, Iterable, Iterator
    from typing import Final

    from aks_egress_catalog.model import Rule

_PORTS: Final = range(1, 65536)
_PROTOCOLS: Final = frozenset(map(str, Protocol))
_OPEN: Final = r"(\*|\{[^}]*\})"
"""What in a host pattern is left open; compiled only where a pattern is, for a first look-up may need none."""
_ANY, _FILLED = "\0", "\1"
_SHORT: Final = 64
_REMEMBERED: Final = 65_536
"""So many answers are kept: a firewall log asks for the same few thousand endpoints again and again."""


class EndpointError(AksEgressError):
    """A host, port or protocol that no firewall log can hold."""


def normalize_host(host: str) -> str:
    """Fold a host as DNS does: lower case, no dot at the end, international names in their ASCII form.

    Raises:
        EndpointError: the text is no host name and no address.

    >>> normalize_host("MCR.Microsoft.com.")
    'mcr.microsoft.com'
    """
    name = host.strip().removesuffix(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise EndpointError(f"{host!r} is not a host name: {error}") from error
    if _name_form().match(name) or _address(name):
        return name
    raise EndpointError(f"{host!r} is not a host name or an address; give it as HOST or HOST:PORT")


@lru_cache(maxsize=1)
def _name_form() -> re.Pattern[str]:
    return re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\Z")


def _is_plain(host: str) -> bool:
    """Whether a host needs no folding and no closer look, as nearly every line of a log: no hyphen, a letter last."""
    return (
        len(host) < _SHORT
        and host.islower()
        and host.isascii()
        and host.replace(".", "").isalnum()
        and (host[-1].isalpha() and host[0] != "." and ".." not in host)
    )


@lru_cache(maxsize=4096)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if not (text[-1:].isdigit() or ":" in text):
        return None
    import ipaddress  # noqa: PLC0415  - names are looked up without it

    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    import ipaddress  # noqa: PLC0415  - names are looked up without it

    return ipaddress.ip_network(text)


@lru_cache(maxsize=4096)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    r"""Write a host pattern as an anchored regular expression, by the semantics above.

    >>> pattern_regex("*.hcp.{region}.azmk8s.io").pattern
    '(?:[^.]+\\.)+hcp\\.[^.]+\\.azmk8s\\.io\\Z'
    """
    deep, rest = ("(?:[^.]+\\.)+", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    pieces = re.split(_OPEN, rest)
    return re.compile(
        deep + "".join("[^.]+" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)) + r"\Z"
    )


def pattern_takes_in(wide: str, narrow: str) -> bool:
    """Say whether whoever allows one pattern allows every host of another.

    A sign that no host has stands for whatever a star of the narrow one may stand for: only a star of the wide one
    takes it. What may stand for any number of labels is tried as one and as two. A placeholder is filled with one name
    before a firewall sees it, so it takes in nothing but itself.

    >>> pattern_takes_in("*.a.io", "x.{region}.a.io"), pattern_takes_in("{region}.a.io", "global.a.io")
    (True, False)
    """
    wide, narrow = wide.replace("{", _FILLED), narrow.replace("{", _FILLED)
    rest = narrow.removeprefix("*.")
    deep = ("",) if rest == narrow else (f"{_ANY}.", f"{_ANY}.{_ANY}.")
    return all(pattern_regex(wide).match(labels + rest.replace("*", _ANY)) for labels in deep)


class _ByPort(dict[tuple[int, str], tuple["Rule", ...]]):
    """The rules of one pattern by port and protocol; ``anywhere`` holds those that state no port."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        super().__init__()
        rules = tuple(rules)
        self.anywhere = tuple(rule for rule in rules if rule.port is None)
        for rule in rules:
            if rule.port is not None and rule.protocol is not None:
                key = (rule.port, str(rule.protocol))
                self[key] = (*self.get(key, self.anywhere), rule)


class Matcher:
    """An index of rules by the literal tail of their host patterns: a look-up walks a host's own suffixes."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._answers: dict[tuple[str, int, str], tuple[Rule, ...]] = {}
        self._ranges: list[tuple[str, Rule]] = []
        found: dict[str, dict[str, list[Rule]]] = {}
        for rule in rules:
            for destination in rule.destinations:
                if destination.form is DestinationForm.CIDR:
                    self._ranges.append((destination.value, rule))
                elif destination.form is DestinationForm.FQDN:
                    tail = literal_tail(destination.value)
                    found.setdefault(tail, {}).setdefault(destination.value, []).append(rule)
        self._tails = {
            tail: [(_test_of(pattern, tail), _ByPort(named)) for pattern, named in patterns.items()]
            for tail, patterns in found.items()
        }

    def match(self, host: str, port: int, protocol: str = "TCP") -> tuple[Rule, ...]:
        """Return the rules that cover ``host:port``, sorted by id.

        Raises:
            EndpointError: the host, port or protocol cannot be one.
        """
        asked = (host, port, protocol)
        answer = self._answers.get(asked)
        if answer is None:
            name = host if _is_plain(host) else normalize_host(host)
            answer = self._look_up(name, checked_port(port), _checked_protocol(protocol))
            if len(self._answers) < _REMEMBERED:
                self._answers[asked] = answer
        return answer

    def _look_up(self, host: str, port: int, protocol: str) -> tuple[Rule, ...]:
        if self._ranges and _address(host):
            return _sorted(self._by_range(host, port, protocol))
        found: tuple[Rule, ...] = ()
        tails, tail = self._tails, host
        while tail:
            for test, rules in tails.get(tail, ()):
                if (tail == host) if test is None else test(host, tail):
                    found += rules.get((port, protocol), rules.anywhere)
            tail = tail.partition(".")[2]
        return _sorted(found) if len(found) > 1 else found

    def _by_range(self, host: str, port: int, protocol: str) -> Iterator[Rule]:
        for value, rule in self._ranges:
            if (rule.port is None or (rule.port, rule.protocol) == (port, protocol)) and covers(value, host):
                yield rule


def _sorted(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    named = {rule.id: rule for rule in rules}
    return tuple(named[name] for name in sorted(named))


def _test_of(pattern: str, tail: str) -> Callable[[str, str], object] | None:
    """The cheapest test that decides for a pattern once its tail is known to match; none for a whole host."""
    if pattern == tail:
        return None
    if pattern == f"*.{tail}":
        return _is_below
    return lambda host, _: pattern_regex(pattern).match(host)


def _is_below(host: str, tail: str) -> bool:
    return len(host) > len(tail)


def literal_tail(pattern: str) -> str:
    """Return the labels at the end of a host pattern that hold neither a star nor a placeholder.

    >>> literal_tail("*.hcp.{region}.azmk8s.io")
    'azmk8s.io'
    """
    last = max(pattern.rfind("*"), pattern.rfind("{"))
    return pattern if last < 0 else pattern[last:].partition(".")[2]


def checked_port(port: int) -> int:
    """Return a port that is one.

    Raises:
        EndpointError: it is none.
    """
    if port not in _PORTS:
        raise EndpointError(f"{port} is not a port from 1 to {_PORTS.stop - 1}")
    return port


def _checked_protocol(protocol: str) -> str:
    if protocol in _PROTOCOLS:
        return protocol
    if protocol.upper() not in _PROTOCOLS:
        raise EndpointError(f"{protocol!r} is neither TCP nor UDP")
    return protocol.upper()


def covers(value: str, host: str) -> bool:
    """Say whether one concrete value (a host pattern, a CIDR or ``*``) takes a host or an address in.

    >>> covers("192.0.2.0/24", "192.0.2.7"), covers("*.vault.azure.net", "vault.azure.net")
    (True, False)
    """
    address = _address(host)
    if value == "*":
        return True
    if "/" in value:
        return address is not None and address in _network(value)
    return address is None and bool(pattern_regex(value).match(host))
