"""HAProxy as an egress proxy that looks at the server name of TLS and the host of HTTP, and opens neither.

A complete configuration with lists beside it: one frontend a port, closed by default. A name is looked up by HAProxy
itself, so that nobody reaches another address under an allowed name. Names and expressions are in files: start it in
their folder, or put the folder before their names.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, InnerStar, Traffic, Way, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.expressions import is_pattern, posix_regex
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.proxies.by_server_name import by_listener
from aks_egress_catalog.exports.text_lines import head, hosts_of, text_of, to_know

DESCRIPTION: Final = "a complete haproxy.cfg for an egress proxy by server name, with its lists"
TARGET: Final = Target()
OPTIONS: Final = ()
FILE: Final = "haproxy.cfg"
DECLARATION: Final = Declaration(
    title="HAProxy",
    ways=(Way(name="a server name", wildcard=Wildcard.ANY_DEPTH, inner=InnerStar.PART),),
    needs=(
        "HAProxy 2.6 or newer, started in the folder of its lists",
        "the nodes' traffic to its ports sent to it, by routing or by DNS",
        "a resolver at 127.0.0.1:53, or another in its place",
    ),
    judge="HAProxy",
)
_PREAMBLE: Final = (
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


def render(resolution: Resolution, header: Header) -> Export:
    """Write the configuration, and for each port and kind of traffic a list of names and one of expressions.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)[:2]
    ['haproxy.cfg', 'http-80-names.lst']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    lines = [*head(header, notes, to_know(resolution)), *_PREAMBLE]
    files = {FILE: ""}
    for port, kinds in by_listener(fitted).items():
        lines += _frontend(port, list(kinds))
        for kind, some in kinds.items():
            hosts = hosts_of(some)
            names = [host for host in hosts if not is_pattern(host)]
            patterns = [posix_regex(host) for host in hosts if is_pattern(host)]
            files[_list(kind, port, "names")] = text_of((f"# Names of {kind} on {port}", *names))
            files[_list(kind, port, "patterns")] = text_of((f"# Names of {kind} on {port}, as expressions", *patterns))
    files[FILE] = text_of(lines)
    return Export(files=files, notes=notes)


def _list(kind: Traffic, port: int, what: str) -> str:
    return f"{kind.lower()}-{port}-{what}.lst"


def _acls(kind: Traffic, port: int, name: str) -> list[str]:
    return [
        f"    acl named {name} -i -f {_list(kind, port, 'names')}",
        f"    acl matched {name} -i -m reg -f {_list(kind, port, 'patterns')}",
    ]


def _frontend(port: int, kinds: list[Traffic]) -> list[str]:
    """Write what listens on a port: for TLS, for HTTP, or for both, where what is no TLS is looked at as HTTP."""
    tls, http = Traffic.HTTPS in kinds, Traffic.HTTP in kinds
    lines = ["", f"frontend port_{port}", f"    bind :{port}", f"    mode {'tcp' if tls else 'http'}"]
    if tls:
        lines += _tls(port, http=http)
    lines += [f"    default_backend {'http' if http else 'tls'}_{port}"]
    if tls:
        lines += ["", f"backend tls_{port}", "    mode tcp", "    server named 0.0.0.0:0"]
    if http:
        lines += ["", f"backend http_{port}", "    mode http", *_http(port), "    server named 0.0.0.0:0"]
    return lines


def _tls(port: int, *, http: bool) -> list[str]:
    name = "req.ssl_sni"
    other = "switch-mode http" if http else "reject"
    return [
        "    tcp-request inspect-delay 5s",
        "    acl tls req.ssl_hello_type 1",
        *_acls(Traffic.HTTPS, port, name),
        f"    tcp-request content {other} if !tls{' HTTP' if http else ''}",
        "    tcp-request content reject unless tls",
        "    tcp-request content reject unless named or matched",
        f"    tcp-request content do-resolve(txn.address,dns,ipv4) {name}",
        "    tcp-request content reject unless { var(txn.address) -m found }",
        "    tcp-request content set-dst var(txn.address)",
        f"    tcp-request content set-dst-port int({port})",
        *([f"    use_backend tls_{port} if tls"] if http else []),
    ]


def _http(port: int) -> list[str]:
    name = "req.hdr(host),host_only"
    return [
        *_acls(Traffic.HTTP, port, name),
        "    http-request deny unless named or matched",
        f"    http-request do-resolve(txn.address,dns,ipv4) {name}",
        "    http-request deny unless { var(txn.address) -m found }",
        "    http-request set-dst var(txn.address)",
        f"    http-request set-dst-port int({port})",
    ]
