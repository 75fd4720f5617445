"""Many address ranges as one set, in which an address is found by halving: a service tag has hundreds of them."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable

from aks_egress_catalog.hosts.patterns import address_in


class RangeSet:
    """The addresses of some CIDRs.

    >>> "192.0.2.7" in RangeSet(["192.0.2.0/24"]), "192.0.3.7" in RangeSet(["192.0.2.0/24"])
    (True, False)
    """

    def __init__(self, ranges: Iterable[str]) -> None:
        networks = [ipaddress.ip_network(one) for one in ranges]
        self._spans = {version: _spans(net for net in networks if net.version == version) for version in (4, 6)}

    def __contains__(self, host: str) -> bool:
        address = address_in(host)
        if address is None:
            return False
        starts, ends = self._spans[address.version]
        place = bisect_right(starts, int(address)) - 1
        return place >= 0 and int(address) <= ends[place]


def _spans(networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> tuple[list[int], list[int]]:
    """First and last addresses, sorted. Of two networks one holds the other or they are apart: only apart ones stay."""
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted((int(net[0]), -int(net[-1])) for net in networks):
        if not ends or first > ends[-1]:
            starts.append(first)
            ends.append(-last)
    return starts, ends
