"""The rows for flows without a name: addresses by their port and by known ranges, and clients that named no host."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from aks_egress_catalog.ask.check import Checker
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.logs.attribution import Attribution, hint_of
from aks_egress_catalog.logs.gather import Key
from aks_egress_catalog.logs.kql.rows.row import ANY, Row, Tier, port_of
from aks_egress_catalog.model import DestinationForm, Protocol, Rule

Ranges = Mapping[tuple[str, ...], str]
"""Sets of IPv4 ranges, each with the key that its rows have."""
NAMELESS: Final = "@sni"
_REMEDIES: Final = "allow that, or annotate the pods: kubernetes.azure.com/set-kube-service-host-fqdn"
_OUTSIDE: Final = ("192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "0.0.0.1", "10.255.255.254")
"""One of these is in no range that anybody allows; the first are for documents, where tests have them."""


def by_port(checker: Checker, rules: Iterable[Rule], ranges: Ranges) -> Iterator[Row]:
    """Give the rows for addresses that no range has: for each port that rules have, and for the others.

    ``@`` stands for a protocol without ports, ``@tcp-0`` for one whose port nobody told.
    """
    known = {port_of(rule) for rule in rules} - {ANY}
    host = next((one for one in _OUTSIDE if not any(one in RangeSet(some) for some in ranges)), _OUTSIDE[-1])
    for protocol in ("tcp", "udp"):
        on = {int(port.partition("-")[2]) for port in known if port.startswith(f"{protocol}-")}
        unlisted = next(port for port in range(64999, 0, -1) if port not in on)
        for port in (0, *sorted(on)):
            yield _of_port(checker, f"@{protocol}-{port}", host, port, protocol)
        row = _of_port(checker, f"@{protocol}", host, unlisted, protocol)
        yield row._replace(tier=Tier.NOTHING, reason=row.reason.replace(f" {unlisted}", ", this port"))
    yield _of_port(checker, "@", host, 0, "")


def _of_port(checker: Checker, key: str, host: str, port: int, protocol: str) -> Row:
    named = Protocol(protocol.upper()) if protocol else None
    answer = checker(Endpoint(host=host, port=port or None, protocol=named))
    hint = hint_of(Key("", host, port, protocol.upper()), answer, (), ambiguous=False)
    reason = "; ".join(filter(None, (answer.reason, hint)))
    return Row(key, ANY, Tier.BY_PORT, answer.verdict, reason, tuple(rule.id for rule in answer.rules))


def range_keys(catalog: Catalog, resolution: Resolution | None) -> dict[tuple[str, ...], str]:
    """Give the sets of ranges that rules name, joined where they touch: those of the cluster, or of the article."""
    found = dict.fromkeys(some for some, _ in _ranges_of(catalog, resolution))
    return {some: f"@r{place}" for place, some in enumerate(found)}


def by_range(checker: Checker, ranges: Ranges, catalog: Catalog, resolution: Resolution | None) -> Iterator[Row]:
    """Give the rows for addresses in a range: of each set of ranges, on each port of its rules."""
    for some, port in sorted(set(_ranges_of(catalog, resolution))):
        host = _least_shared(some, tuple(ranges))
        protocol, _, number = port.partition("-") if port != ANY else ("tcp", "", "64999")
        answer = checker(Endpoint(host=host, port=int(number), protocol=Protocol(protocol.upper())))
        yield Row(ranges[some], port, Tier.YES, answer.verdict, answer.reason, tuple(rule.id for rule in answer.rules))


def _ranges_of(catalog: Catalog, resolution: Resolution | None) -> Iterator[tuple[tuple[str, ...], str]]:
    """The ranges of each rule with its port."""
    if resolution:
        for concrete in resolution.rules:
            if concrete.form is DestinationForm.CIDR and (some := _joined(concrete.values)):
                yield some, f"{concrete.protocol}-{concrete.port}".lower() if concrete.port else ANY
        return
    for rule in catalog.rules:
        cidrs = [one.value for one in rule.destinations if one.form is DestinationForm.CIDR]
        if some := _joined(cidrs):
            yield some, port_of(rule)


def _joined(values: Sequence[str]) -> tuple[str, ...]:
    """The IPv4 ranges among some, in as few as say the same: Azure Firewall filters no IPv6."""
    networks = [ipaddress.ip_network(value) for value in values]
    return tuple(map(str, ipaddress.collapse_addresses(net for net in networks if net.version == 4)))


def _least_shared(some: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> str:
    """Give an address of some ranges that is in as few of the others as any: its answer holds for all of them."""
    edges = [ipaddress.IPv4Network(one) for each in (some, *others) for one in each]
    whole = RangeSet(some)
    places = {int(net[0]) + step for net in edges for step in (-1, 0)} | {int(net[-1]) + 1 for net in edges}
    hosts = [str(ipaddress.IPv4Address(place)) for place in sorted(places) if 0 <= place < 2**32]
    sets = [RangeSet(each) for each in others]
    return min((host for host in hosts if host in whole), key=lambda host: sum(host in one for one in sets))


def nameless(catalog: Catalog, lives: Mapping[str, Life], resolution: Resolution | None) -> Row:
    """Give the row for TLS handshakes that name no host, with both remedies."""
    resolutions = {"": resolution} if resolution else None
    answer = Attribution(catalog, lives=lives, resolutions=resolutions).of_api_server("")
    ids = tuple(rule.id for rule in answer.rules)
    return Row(NAMELESS, ANY, Tier.YES, answer.verdict, f"{answer.reason}: {_REMEDIES}", ids)
