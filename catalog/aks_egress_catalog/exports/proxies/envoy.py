"""Envoy as an egress proxy that looks at the server name of TLS and the host of HTTP, and opens neither.

A complete, closed configuration: a listener a port, with a filter chain for TLS, one for plain HTTP, and none for
anything else. ``server_names`` takes ``*.x``, names of any depth below; a star elsewhere stops Envoy, or never matches
without a word, so such hosts are dropped. A name is looked up by Envoy itself: nobody reaches another address under it.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, Traffic, Way, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.proxies.by_server_name import by_listener
from aks_egress_catalog.exports.text_lines import head, hosts_of, text_of, to_know

DESCRIPTION: Final = "a complete configuration of Envoy as an egress proxy by server name"
TARGET: Final = Target()
OPTIONS: Final = ()
FILE: Final = "envoy.yaml"
DECLARATION: Final = Declaration(
    title="Envoy",
    ways=(Way(name="a server name", wildcard=Wildcard.ANY_DEPTH),),
    needs=("the nodes' traffic to its ports sent to it, by routing or by DNS",),
    judge="Envoy",
)
_TYPE: Final = "type.googleapis.com/envoy.extensions"
_CACHE: Final = {"name": "names", "dns_lookup_family": "V4_PREFERRED"}
_INSPECTOR: Final = {
    "name": "envoy.filters.listener.tls_inspector",
    "typed_config": {"@type": f"{_TYPE}.filters.listener.tls_inspector.v3.TlsInspector"},
}
_CLUSTER: Final = {
    "name": "names",
    "lb_policy": "CLUSTER_PROVIDED",
    "connect_timeout": "10s",
    "cluster_type": {
        "name": "envoy.clusters.dynamic_forward_proxy",
        "typed_config": {
            "@type": f"{_TYPE}.clusters.dynamic_forward_proxy.v3.ClusterConfig",
            "dns_cache_config": _CACHE,
        },
    },
}


def render(resolution: Resolution, header: Header) -> Export:
    """Write the configuration. JSON is YAML, and has one serializer; the comments stand above it.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> '"*.hcp.westeurope.azmk8s.io"' in export.files["envoy.yaml"]
    True
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    listeners = [
        _listener(port, [_CHAINS[kind](port, hosts_of(some)) for kind, some in kinds.items()])
        for port, kinds in by_listener(fitted).items()
    ]
    content = {"static_resources": {"listeners": listeners, "clusters": [_CLUSTER]}}
    told = head(header, notes, to_know(resolution))
    return Export(files={FILE: text_of((*told, json.dumps(content, indent=1)))}, notes=notes)


def _listener(port: int, chains: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": f"port_{port}",
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}},  # noqa: S104  - the nodes come from outside
        "listener_filters": [_INSPECTOR],
        "filter_chains": chains,
    }


def _tls(port: int, hosts: list[str]) -> dict[str, Any]:
    """TLS passes as it is: by its server name, to the address of that name."""
    forward = {
        "@type": f"{_TYPE}.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig",
        "port_value": port,
        "dns_cache_config": _CACHE,
    }
    proxy = {
        "@type": f"{_TYPE}.filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": f"tls_{port}",
        "cluster": "names",
    }
    return {
        "filter_chain_match": {"transport_protocol": "tls", "server_names": hosts},
        "filters": [
            {"name": "envoy.filters.network.sni_dynamic_forward_proxy", "typed_config": forward},
            {"name": "envoy.filters.network.tcp_proxy", "typed_config": proxy},
        ],
    }


def _http(port: int, hosts: list[str]) -> dict[str, Any]:
    """Plain HTTP passes by its host; what is no host of the list gets no route."""
    forward = {"@type": f"{_TYPE}.filters.http.dynamic_forward_proxy.v3.FilterConfig", "dns_cache_config": _CACHE}
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": f"http_{port}",
        "strip_matching_host_port": True,
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "needed",
                    "domains": hosts,
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "names"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.dynamic_forward_proxy", "typed_config": forward},
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"},
            },
        ],
    }
    return {
        "filter_chain_match": {"transport_protocol": "raw_buffer"},
        "filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}],
    }


_CHAINS: Final = {Traffic.HTTPS: _tls, Traffic.HTTP: _http}
