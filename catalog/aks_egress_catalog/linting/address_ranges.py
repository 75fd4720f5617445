"""Addresses, CIDRs and ranges such as ``10.0.0.1-10.0.0.9``, as allow lists write them: which takes in which."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def range_of(text: str) -> tuple[int, int, int] | None:
    """First and last address, and the version, of an address, a CIDR or a range; ``None`` for a name."""
    first, _, last = text.partition("-")
    try:
        if last:
            start, end = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return int(start), int(end), start.version
        net = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return int(net[0]), int(net[-1]), net.version


def address_takes_in(wide: str, narrow: str) -> bool:
    """Say whether an address, a CIDR or a range takes another in.

    >>> address_takes_in("192.0.2.0-192.0.2.255", "192.0.2.8/30")
    True
    """
    outer, inner = range_of(wide), range_of(narrow)
    return bool(outer and inner and outer[2] == inner[2] and outer[0] <= inner[0] and inner[1] <= outer[1])


def common_ranges(left: Iterable[str], right: Iterable[str]) -> tuple[str, ...]:
    """Return what two lists of ranges have in common: of each pair of which one takes in the other, the narrower.

    >>> common_ranges(["10.0.0.0/8", "192.0.2.0/24"], ["10.1.0.0/16", "198.51.100.0/24"])
    ('10.1.0.0/16',)
    """
    pairs = [(one, other) for one in left for other in right]
    narrower = [one if address_takes_in(other, one) else other for one, other in pairs if _overlap(one, other)]
    return tuple(dict.fromkeys(narrower))


def _overlap(one: str, other: str) -> bool:
    return one == other or address_takes_in(one, other) or address_takes_in(other, one)
