"""A fragment of squid.conf that lets a forward proxy pass what the cluster needs, and nothing else.

Put it last, after what limits who may use the proxy (``http_access deny !your_nodes``)::

    include /etc/squid/aks-egress.conf

- HTTPS is allowed as ``CONNECT`` to the rule's port, HTTP as plain requests to it; every other method of reaching the
  same host is denied. TLS passes as it is: a constraint such as ``preserve-alpn`` says where ``ssl_bump`` must not be.
- Exact hosts are ``dstdomain -n``. Wildcards are anchored ``dstdom_regex -n``: Squid's own ``.x`` takes the apex in,
  and ``*.x`` matches nothing. ``-n`` keeps Squid from asking DNS, also about hosts that it is going to deny.
- Addresses are ``dst -n``: only requests that name the address itself. Without ``-n`` any name whose owner lets it
  resolve to an allowed address would pass, and Squid may then connect to another address of that name.
- UDP, and TCP that is neither TLS nor HTTP (the tunnel on 9000), do not pass an HTTP proxy: dropped, with the reason.
"""

from __future__ import annotations

import ipaddress
import textwrap
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.declaration import (
    NAMES,
    RANGES_OR_ANY,
    Declaration,
    Fitted,
    InnerStar,
    Traffic,
    Way,
    Wildcard,
    fit,
    traffic_of,
)
from aks_egress_catalog.exports.export import Export, Header, lacking_lines
from aks_egress_catalog.exports.expressions import posix_regex
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "a squid.conf fragment for a forward proxy (dstdomain, anchored dstdom_regex, dst)"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
FILE: Final = "aks-egress.conf"

DECLARATION: Final = Declaration(
    title="Squid",
    ways=(
        Way(
            name="an access rule",
            forms=NAMES | RANGES_OR_ANY,
            wildcard=Wildcard.ANY_DEPTH,
            inner=InnerStar.PART,
            literal=True,
        ),
    ),
    needs=("what uses a proxy only: UDP, and TCP that is neither TLS nor HTTP, do not",),
    judge="Squid",
)


class _Way(StrEnum):
    """How a request asks for a destination; each has its own ACL in ``http_access``."""

    TUNNEL = "tunnel"
    PLAIN = "plain"

    @property
    def acls(self) -> str:
        return {_Way.TUNNEL: "aks_connect", _Way.PLAIN: "!aks_connect aks_http"}[self]


def render(resolution: Resolution, header: Header) -> Export:
    """Write the fragment.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["aks-egress.conf"].splitlines()[-1]
    'http_access deny all'
    """
    passages, notes = place_rules(resolution, partial(fit, DECLARATION))
    head = _head((*header.lines(), *lacking_lines(notes), *resolution.caveats))
    lines = [*head, *_groups(passages), "", "http_access deny all"]
    return Export(files={FILE: "\n".join(lines) + "\n"}, notes=notes)


def _ways(rule: ConcreteRule) -> tuple[_Way, ...]:
    """Say how a rule's traffic reaches a proxy: TLS by CONNECT, HTTP as plain requests, and any where none is said."""
    traffic = traffic_of(rule)
    return (
        {Traffic.HTTPS: (_Way.TUNNEL,), Traffic.HTTP: (_Way.PLAIN,)}.get(traffic, tuple(_Way))
        if traffic
        else tuple(_Way)
    )


def _comment(text: str) -> list[str]:
    """Write any text as comment lines: short ones, since Squid cuts long lines, and of printable ASCII only."""
    plain = "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in text)
    return [f"# {line}" for line in textwrap.wrap(plain, width=116, break_on_hyphens=False)] or ["#"]


def _head(told: Iterable[str]) -> Iterator[str]:
    for line in told:
        yield from _comment(line)
    yield from _comment("Include it after the lines that say who may use the proxy; nothing below `deny all` is read.")
    yield from ("", "acl aks_connect method CONNECT", "acl aks_http proto HTTP")


def _groups(passages: Iterable[Fitted]) -> Iterator[str]:
    """Write the passages by way and port, in that order; rules without a port come first."""
    grouped: dict[tuple[_Way, int], list[Fitted]] = {}
    for passage in passages:
        for way in _ways(passage.rule):
            grouped.setdefault((way, passage.rule.port or 0), []).append(passage)
    ports = sorted({port for _, port in grouped if port})
    yield from (f"acl aks_port_{port} port {port}" for port in ports)
    for way, port in sorted(grouped, key=lambda key: (key[1], key[0])):
        yield from _group(way, port, grouped[way, port])


def _group(way: _Way, port: int, passages: list[Fitted]) -> Iterator[str]:
    name = f"aks_{way}_{port or 'any'}"
    allow = f"http_access allow {way.acls}" + (f" aks_port_{port}" if port else "")
    hosts, patterns, networks, anywhere = _split(passages)
    members = {
        f"{name}_hosts": [(f"dstdomain -n {host}", ids) for host, ids in hosts.items()],
        f"{name}_patterns": [(f"dstdom_regex -n -i {posix_regex(host)}", ids) for host, ids in patterns.items()],
        f"{name}_networks": [(f"dst -n {each}", "") for each in _collapsed(networks)],
    }
    yield from ("", *_comment(f"{'CONNECT' if way is _Way.TUNNEL else 'Plain HTTP'} to {port or 'any port'}"))
    yield from (line for each, ids in networks.items() for line in _comment(f"{each}: {ids}"))
    yield from (line for passage in passages for line in _remarks(passage.rule))
    for acl, lines in members.items():
        for value, ids in lines:
            yield from _comment(ids) if ids else ()
            yield f"acl {acl} {value}"
        if lines:
            yield f"{allow} {acl}"
    if anywhere:
        yield from (*_comment(f"Any destination, as you allowed: {anywhere}"), allow)


def _split(passages: list[Fitted]) -> tuple[dict[str, str], dict[str, str], dict[str, str], str]:
    """Part the values into exact hosts, patterns, networks and any, each with the ids of its rules; sorted."""
    ids: dict[tuple[str, str], list[str]] = {}
    for passage in passages:
        for value in passage.values:
            sort = "pattern" if passage.rule.form is DestinationForm.FQDN and set("*{") & set(value) else ""
            ids.setdefault((sort or passage.rule.form, value), []).append(passage.rule.id)

    def of(sort: str) -> dict[str, str]:
        return {value: ", ".join(names) for (kind, value), names in sorted(ids.items()) if kind == sort}

    anywhere = of(DestinationForm.ANY)
    return of(DestinationForm.FQDN), of("pattern"), of(DestinationForm.CIDR), anywhere.get("*", "")


def _collapsed(networks: Iterable[str]) -> Iterator[str]:
    """Join ranges that lie in each other: Squid warns of every subnetwork that it meets, and of ``0.0.0.0/0``."""
    known = [ipaddress.ip_network(each) for each in networks]
    joined: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = [
        *ipaddress.collapse_addresses(net for net in known if isinstance(net, ipaddress.IPv4Network)),
        *ipaddress.collapse_addresses(net for net in known if isinstance(net, ipaddress.IPv6Network)),
    ]
    for each in joined:
        yield from map(str, (each,) if each.prefixlen else each.subnets())


def _remarks(rule: ConcreteRule) -> Iterator[str]:
    """What the reader of the group should know of one rule."""
    for remark in rule.remarks:
        yield from _comment(f"{rule.id}: {remark}")
    for constraint in rule.constraints:
        yield from _comment(
            f"{constraint} for {', '.join(rule.values)}: leave it out of ssl_bump (splice, never bump)."
        )
