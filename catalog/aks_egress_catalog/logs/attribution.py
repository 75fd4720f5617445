"""What AKS has to do with an endpoint that was denied: the verdict of ``check``, and what a log alone can add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from aks_egress_catalog.ask.answer import Answer, Verdict
from aks_egress_catalog.ask.check import Checker
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.clusters_file import NamedCluster
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint, EndpointError, normalize_host
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.logs.gather import OTHERS, Key
from aks_egress_catalog.model import Protocol

API_SERVER: Final = "set:APIServerPublicIP:tcp-443"
_REMEDIES: Final = (
    "a TLS handshake that names no host: most often a pod that calls the API server by its address. Either allow TCP"
    " 443 to the API server's address in a network rule, or let the pods use its name: the annotation"
    " kubernetes.azure.com/set-kube-service-host-fqdn"
)
_BY_PORT: Final = {
    ("UDP", 1194): "the tunnel from the nodes to the API server, of clusters without the konnectivity agent",
    ("TCP", 9000): "the tunnel from the nodes to the API server, of clusters without the konnectivity agent",
    ("UDP", 123): "time by NTP: only nodes made before March 2021 need it",
    ("UDP", 53): "DNS: needed where the cluster has a DNS server of its own",
    ("TCP", 53): "DNS: needed where the cluster has a DNS server of its own",
}
"""What goes to an address on a port, as far as the port alone tells."""


class Attribution:
    """Answers for endpoints of a log: by the rules of the cluster that a flow came from, or by the article.

    ``resolutions`` has the rules of each cluster by its name; that of the empty name is for flows of no known cluster.
    """

    def __init__(
        self, catalog: Catalog, *, lives: Mapping[str, Life], resolutions: Mapping[str, Resolution] | None = None
    ) -> None:
        known = resolutions or {}
        self._checkers = {
            name: Checker(catalog, resolution=resolution, lives=lives) for name, resolution in known.items()
        }
        self._checkers.setdefault("", Checker(catalog, lives=lives))
        self._for_api_server = [rule for rule in catalog.rules if rule.id.endswith(API_SERVER)]
        self._resolutions = known
        self.answer = lru_cache(maxsize=4096)(self._answer)

    def _answer(self, cluster: str, host: str, port: int, protocol: str) -> Answer:
        """Answer for an endpoint; what no host can be is ``invalid``, and no host at all ``unnamed``."""
        if not host:
            endpoint = Endpoint(host="", port=port or None)
            return Answer(endpoint=endpoint, verdict=Verdict.UNNAMED, reason="the log says no name and no address")
        try:
            known = Protocol(protocol) if protocol else None
            endpoint = Endpoint(host=normalize_host(host), port=port or None, protocol=known)
        except (EndpointError, ValueError) as error:
            endpoint = Endpoint(host=host)
            return Answer(endpoint=endpoint, verdict=Verdict.INVALID, reason=str(error))
        return (self._checkers.get(cluster) or self._checkers[""])(endpoint)

    def of_api_server(self, cluster: str) -> Answer:
        """Answer for a handshake that names no host."""
        resolution = self._resolutions.get(cluster) or self._resolutions.get("")
        rules, verdict = self._for_api_server, Verdict.REQUIRED_IF
        if resolution and resolution.profile:
            rules = [rule for rule in rules if rule.cloud == resolution.profile.cloud]
            needed = {one.id for one in resolution.rules} | {one.id for one in resolution.unmet}
            verdict = Verdict.REQUIRED if any(rule.id in needed for rule in rules) else verdict
        said = "this cluster's pods call" if verdict is Verdict.REQUIRED else "needed where pods call"
        reason = f"{said} the API server by its address"
        return Answer(endpoint=Endpoint(host=""), verdict=verdict, reason=reason, rules=tuple(rules))


def hint_of(key: Key, answer: Answer, asked: tuple[str, ...], *, ambiguous: bool) -> str:
    """What a log adds to the answer; empty where it adds nothing."""
    said: list[str] = []
    if key.without_name:
        said.append(_REMEDIES)
    if key.host == OTHERS:
        said.append("more hosts that no rule explains than are told apart")
    if answer.verdict is Verdict.UNNAMED and (key.protocol, key.port) in _BY_PORT:
        said.append(f"by the port: {_BY_PORT[key.protocol, key.port]}")
    if asked:
        said.append(f"its source asked for {' and '.join(asked)} in the seconds before")
    if ambiguous:
        said.append("the address has several names; this is the one that AKS needs most")
    said += [f"{one.id}: {one.reading}" for one in answer.advisories]
    return "; ".join(said)


def cluster_map(clusters: Iterable[NamedCluster]) -> dict[str, RangeSet]:
    """The addresses of each cluster's nodes, by its name."""
    return {one.name: RangeSet(one.subnets) for one in clusters}


def cluster_of(source: str, ranges: Mapping[str, RangeSet]) -> str:
    """Name the cluster that a source is in; empty for none.

    >>> cluster_of("10.1.0.9", {"shop": RangeSet(["10.1.0.0/16"])}), cluster_of("pod-a", {})
    ('shop', '')
    """
    return next((name for name, some in ranges.items() if source in some), "")
