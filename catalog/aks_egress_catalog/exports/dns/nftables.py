"""nftables with dnsmasq: the resolver puts the addresses of names into sets, and the filter lets those pass.

``aks-egress.nft`` is one table of its own, on forwarded packets. Nothing is filtered until its set ``nodes_4`` or
``nodes_6`` has the subnets of the cluster (``nft add element inet aks_egress nodes_4 '{ 10.224.0.0/16 }'``); from then
on what comes from there passes if a rule lets it, and is refused if none does. Load it again and again: what the sets
hold, learned or given by hand, stays. ``dnsmasq.conf`` fills them; ``nftset=/x/`` is ``x`` and all below it, and names
that the resolver gave out of its cache are not added again, so it keeps them for a shorter time than the sets do.
Names of sets follow from ports and are short: the kernel takes 255 bytes (``NFT_NAME_MAXLEN``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    NAMES,
    RANGES_OR_ANY,
    Declaration,
    Fitted,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import (
    by_port,
    comment,
    head,
    hosts_of,
    is_anywhere,
    named,
    port_name,
    ranges_of,
    text_of,
    to_know,
)

DESCRIPTION: Final = "an nftables table, and the lines of dnsmasq that fill its sets"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
FILE: Final = "aks-egress.nft"
RESOLVER: Final = "dnsmasq.conf"
CHANGES: Final = "changes.nft"
CHANGED_BY_COMMANDS: Final = (FILE,)
TABLE: Final = "aks_egress"
_SET: Final = re.compile(r"^\tset (\S+) ", re.MULTILINE)
DECLARATION: Final = Declaration(
    title="nftables with dnsmasq",
    ways=(
        Way(
            name="a set",
            forms=NAMES | RANGES_OR_ANY,
            traffic=EVERY_TRAFFIC,
            wildcard=Wildcard.WITH_APEX,
            below=True,
            no_port=NoPort.EXACT,
            by_address=True,
        ),
    ),
    needs=("dnsmasq 2.87 or newer as the only resolver of the nodes", "the cluster's subnets in the set nodes_4"),
    judge="nftables, dnsmasq",
)
_FAMILIES: Final = ((4, "ip", "ipv4_addr"), (6, "ip6", "ipv6_addr"))
_CACHE: Final = ("max-cache-ttl=300", "max-ttl=300")
"""An hour is what a set keeps an address for; five minutes is what clients and the resolver keep it for."""


def render(resolution: Resolution, header: Header) -> Export:
    """Write the table and the lines for the resolver.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["dnsmasq.conf"].splitlines()[-1]
    'nftset=/snapshot.ubuntu.com/4#inet#aks_egress#tcp_443_4,6#inet#aks_egress#tcp_443_6'
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    told = head(header, notes, to_know(resolution))
    groups = by_port(fitted)
    names = [
        f"nftset=/{host.removeprefix('*.')}/4#inet#{TABLE}#{_name(*key)}_4,6#inet#{TABLE}#{_name(*key)}_6"
        for key, some in groups.items()
        for host in hosts_of(some)
    ]
    return Export(
        files={
            FILE: text_of((*told, *_table(groups))),
            RESOLVER: text_of((*told, *_CACHE, *dict.fromkeys(names))),
        },
        notes=notes,
    )


def change(before: State, after: State, said: list[str]) -> dict[str, str]:
    """Write the table anew, and take away the sets that nothing refers to any more."""
    old, new = (dict.fromkeys(_SET.findall(state.export.files[FILE])) for state in (before, after))
    lines = [line for text in said for line in comment(text)]
    gone = [f"delete set inet {TABLE} {name}" for name in old if name not in new]
    return {CHANGES: text_of((*lines, *after.export.files[FILE].splitlines(), *gone))}


def _table(groups: dict[tuple[str, int], list[Fitted]]) -> Iterator[str]:
    """Make what is not there, empty what is to be made anew, then write it: one transaction."""
    ranges = {
        f"{_name(*key)}_ranges_{version}": (kind, found)
        for key, some in groups.items()
        for version, _, kind in _FAMILIES
        if (found := ranges_of(some, version))
    }
    yield f"table inet {TABLE} {{"
    for version, _, kind in _FAMILIES:
        yield f"\tset nodes_{version} {{ type {kind}; flags interval; }}"
    for key, some in groups.items():
        if named(some):
            for version, _, kind in _FAMILIES:
                yield f"\tset {_name(*key)}_{version} {{ type {kind}; flags timeout; timeout 1h; }}"
    yield from (f"\tset {name} {{ type {kind}; flags interval; }}" for name, (kind, _) in ranges.items())
    yield "\tchain needed {"
    yield "\t}"
    yield "\tchain forward {"
    yield "\t\ttype filter hook forward priority filter; policy accept;"
    yield "\t}"
    yield "}"
    yield from (f"flush chain inet {TABLE} {chain}" for chain in ("needed", "forward"))
    yield from (f"flush set inet {TABLE} {name}" for name in ranges)
    yield from (f"add element inet {TABLE} {name} {{ {', '.join(found)} }}" for name, (_, found) in ranges.items())
    yield f"table inet {TABLE} {{"
    yield "\tchain needed {"
    yield from (f"\t\t{rule}" for key, some in groups.items() for rule in _rules(key, some))
    yield "\t\tmeta l4proto tcp reject with tcp reset"
    yield "\t\treject with icmpx admin-prohibited"
    yield "\t}"
    yield "\tchain forward {"
    yield "\t\tct state established,related accept"
    yield from (f"\t\t{family} saddr @nodes_{version} goto needed" for version, family, _ in _FAMILIES)
    yield "\t}"
    yield "}"


def _name(protocol: str, port: int) -> str:
    return port_name(protocol, port, "_")


def _rules(key: tuple[str, int], some: list[Fitted]) -> Iterator[str]:
    protocol, port = key
    ports = f"{protocol.lower()} dport {port} " if port else ""
    if is_anywhere(some):
        yield f"{ports}accept"
        return
    for version, family, _ in _FAMILIES:
        if named(some):
            yield f"{family} daddr @{_name(*key)}_{version} {ports}accept"
        if ranges_of(some, version):
            yield f"{family} daddr @{_name(*key)}_ranges_{version} {ports}accept"
