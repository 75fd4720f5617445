"""HAProxy as an egress proxy that looks at the server name of TLS and the host of HTTP, and opens neither.

A complete configuration with lists beside it: one frontend a port, closed by default. A name is looked up by HAProxy
itself, so that nobody reaches another address under an allowed name.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, Fitted, Traffic, Wildcard, fit, traffic_of
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.proxies.squid import posix_regex
from aks_egress_catalog.exports.text_lines import head

DESCRIPTION: Final = "a complete haproxy.cfg for an egress proxy by server name, with its lists"
TARGET: Final = Target()
OPTIONS: Final = ()
DECLARATION: Final = Declaration(
    title="an SNI proxy",
    wildcard=Wildcard.ANY_DEPTH,
    partial_labels=True,
    needs=("the nodes' traffic to TCP 80 and 443 sent to it", "a resolver at 127.0.0.1:53, or another in its place"),
    judge="haproxy",
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write the configuration, and for each port a list of names and one of expressions.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)[:2]
    ['haproxy.cfg', 'http-80-names.lst']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    groups: dict[tuple[Traffic, int], list[Fitted]] = {}
    for one in fitted:
        traffic = traffic_of(one.rule)
        for kind, port in ((traffic, one.rule.port),) if traffic else ((Traffic.HTTPS, 443), (Traffic.HTTP, 80)):
            groups.setdefault((kind, port or 0), []).append(one)
    files = {"haproxy.cfg": ""}
    lines = [*head(header, notes, resolution.caveats), *_PREAMBLE]
    for (kind, port), some in sorted(groups.items()):
        names = sorted({value for one in some for value in one.values if "*" not in value})
        patterns = sorted({posix_regex(value) for one in some for value in one.values if "*" in value})
        files[f"{kind.lower()}-{port}-names.lst"] = "\n".join((*names, ""))
        files[f"{kind.lower()}-{port}-patterns.lst"] = "\n".join((*patterns, ""))
        lines += _tls(port) if kind is Traffic.HTTPS else _http(port)
    files["haproxy.cfg"] = "\n".join((*lines, ""))
    return Export(files=files, notes=notes)


_PREAMBLE: Final = (
    "",
    "global",
    "    maxconn 10000",
    "",
    "defaults",
    "    timeout connect 10s",
    "    timeout client 1h",
    "    timeout server 1h",
    "",
    "resolvers dns",
    "    nameserver local 127.0.0.1:53",
    "    accepted_payload_size 8192",
)


def _tls(port: int) -> list[str]:
    lists = f"https-{port}"
    return [
        "",
        f"frontend tls_{port}",
        f"    bind :{port}",
        "    mode tcp",
        "    tcp-request inspect-delay 5s",
        f"    acl named req.ssl_sni -i -f {lists}-names.lst",
        f"    acl matched req.ssl_sni -i -m reg -f {lists}-patterns.lst",
        "    tcp-request content reject unless { req.ssl_hello_type 1 }",
        "    tcp-request content reject unless named or matched",
        "    tcp-request content do-resolve(txn.address,dns,ipv4) req.ssl_sni",
        "    tcp-request content reject unless { var(txn.address) -m found }",
        "    tcp-request content set-dst var(txn.address)",
        f"    tcp-request content set-dst-port int({port})",
        f"    default_backend out_{port}",
        "",
        f"backend out_{port}",
        "    mode tcp",
        "    server out 0.0.0.0:0",
    ]


def _http(port: int) -> list[str]:
    lists = f"http-{port}"
    return [
        "",
        f"frontend http_{port}",
        f"    bind :{port}",
        "    mode http",
        f"    acl named req.hdr(host),host_only -i -f {lists}-names.lst",
        f"    acl matched req.hdr(host),host_only -i -m reg -f {lists}-patterns.lst",
        "    http-request deny unless named or matched",
        "    http-request do-resolve(txn.address,dns,ipv4) req.hdr(host),host_only",
        "    http-request deny unless { var(txn.address) -m found }",
        "    http-request set-dst var(txn.address)",
        f"    http-request set-dst-port int({port})",
        f"    default_backend out_http_{port}",
        "",
        f"backend out_http_{port}",
        "    mode http",
        "    server out 0.0.0.0:0",
    ]
