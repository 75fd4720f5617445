"""Clusters and endpoints for the tests of queries: those of the real catalog, and made-up ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from hypothesis import strategies as st

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.hosts.patterns import literal_tail
from aks_egress_catalog.logs.attribution import Attribution
from aks_egress_catalog.model import Cloud, DestinationForm, Feature, endpoint_of
from tests import base

LIVES: Final = lives_beside(base.catalog_file())
PORTS: Final = (443, 80, 9000, 22, 1688, 1194, 123, 53, 8080)
ADDRESSES: Final = ("20.61.4.9", "192.0.2.7", "192.0.2.200", "198.51.100.9", "203.0.113.5", "10.0.0.10", "2001:db8::9")
FLAGS: Final = (
    *("private_cluster", "konnectivity", "pods_use_api_server_ip", "gpu", "windows", "nodes_after_2021_03"),
    *("recommended", "private_endpoints", "azure_firewall"),
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any cluster."""
    cloud = draw(st.sampled_from(list(Cloud)))
    settings: dict[str, Any] = {flag: draw(st.booleans()) for flag in FLAGS}
    return Profile(
        cloud=cloud,
        region=draw(st.none() | st.sampled_from(REGIONS[cloud])),
        features=draw(st.lists(st.sampled_from(list(Feature)), unique=True)),
        custom_dns=draw(st.sampled_from(((), ("10.0.0.10",), ("10.0.0.10", "10.0.0.11")))),
        api_server_ips=draw(st.sampled_from(((), ("192.0.2.7",)))),
        **settings,
    )


def patterns_of(catalog: Catalog, lives: Iterable[str]) -> list[str]:
    """Every host pattern of a catalog and of its past."""
    forms = (one for rule in catalog.rules for one in rule.destinations if one.form is DestinationForm.FQDN)
    past = (endpoint_of(name)[0] for name in lives)
    return sorted({*(one.value for one in forms), *(one for one in past if one != "*" and ":" not in one)})


@st.composite
def hosts(draw: st.DrawFn, patterns: list[str]) -> str:
    """A host that a pattern takes in, one near it, or none."""
    pattern = draw(st.sampled_from(patterns))
    label = st.sampled_from(("westeurope", "usgovvirginia", "chinaeast2", "x", "md-1", "a-b"))
    host = pattern
    if host.startswith("*."):
        host = f"{draw(st.sampled_from(('x', 'a.b', 'westeurope', 'a.b.c')))}.{host[2:]}"
    while "{" in host:
        host = host[: host.index("{")] + draw(label) + host[host.index("}") + 1 :]
    host = host.replace("*", draw(st.sampled_from(("a", "b1"))))
    kind = draw(st.sampled_from(("as it is", "as it is", "as it is", "deeper", "apex", "longer", "look-alike")))
    return {
        "as it is": host,
        "deeper": f"q.{host}",
        "apex": literal_tail(pattern) or host,
        "longer": f"{host}.evil.example",
        "look-alike": f"evil{host}",
    }[kind]


def as_told(attribution: Attribution, host: str, port: int, protocol: str) -> tuple[str, str]:
    """Verdict and rules of an endpoint, as ``explain`` has them."""
    answer = attribution.answer("", host, port, protocol)
    return str(answer.verdict), " ".join(sorted(rule.id for rule in answer.rules))
