"""nftables with dnsmasq: the resolver puts the addresses of names into sets, and the filter lets those pass.

``aks-egress.nft`` is one table with a chain that a forward chain jumps to (or ``nft -f`` and ``policy drop`` below);
``dnsmasq.conf`` fills its sets. ``nftset=/x/`` of dnsmasq is ``x`` and all below it. Ranges come from a Service Tags
file, as the profile has them.
"""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERY_TRAFFIC, Declaration, Fitted, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import by_port, head, hosts_of
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "an nftables table, and the lines of dnsmasq that fill its sets"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
TABLE: Final = "aks_egress"
DECLARATION: Final = Declaration(
    title="nftables with dnsmasq",
    wildcard=Wildcard.WITH_APEX,
    traffic=EVERY_TRAFFIC,
    forms=frozenset({DestinationForm.FQDN, DestinationForm.CIDR, DestinationForm.ANY}),
    by_address=True,
    needs=("dnsmasq 2.87 or newer as the only resolver of the nodes",),
    judge="nft",
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write the table and the lines for the resolver.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["dnsmasq.conf"].splitlines()[-1]
    'nftset=/snapshot.ubuntu.com/4#inet#aks_egress#tcp_443_4,6#inet#aks_egress#tcp_443_6'
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    told = head(header, notes, resolution.caveats)
    groups = by_port(fitted)
    sets = [line for key, some in groups.items() for line in _sets(_name(*key), some)]
    rules = [line for key, some in groups.items() for line in _rules(*key, some)]
    table = [f"table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{", *sets, "\tchain allowed {"]
    table += [*(f"\t\t{rule}" for rule in rules), "\t}", "}", ""]
    names = [
        f"nftset=/{host.removeprefix('*.')}/4#inet#{TABLE}#{_name(*key)}_4,6#inet#{TABLE}#{_name(*key)}_6"
        for key, some in groups.items()
        for host in hosts_of(one for one in some if one.rule.form is DestinationForm.FQDN)
    ]
    return Export(
        files={"aks-egress.nft": "\n".join((*told, *table)), "dnsmasq.conf": "\n".join((*told, *names, ""))},
        notes=notes,
    )


def _name(protocol: str, port: int) -> str:
    return f"{protocol.lower()}_{port}" if port else "any"


def _ranges(some: list[Fitted], version: int) -> list[str]:
    known = {value for one in some if one.rule.form is DestinationForm.CIDR for value in one.values}
    nets = [net for net in map(ipaddress.ip_network, known) if net.version == version]
    return [str(net) for net in ipaddress.collapse_addresses(nets)]  # type: ignore[type-var]  # of one version


def _sets(name: str, some: list[Fitted]) -> list[str]:
    named = any(one.rule.form is DestinationForm.FQDN for one in some)
    lines: list[str] = []
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        if named:
            lines.append(f"\tset {name}_{version} {{ type {kind}; flags timeout; timeout 1h; }}")
        ranges = _ranges(some, version)
        if ranges:
            elements = f"elements = {{ {', '.join(ranges)} }}"
            lines.append(f"\tset {name}_ranges_{version} {{ type {kind}; flags interval; {elements}; }}")
    return lines


def _rules(protocol: str, port: int, some: list[Fitted]) -> list[str]:
    name = _name(protocol, port)
    ports = f"{protocol.lower()} dport {port} " if port else ""
    if any(one.rule.form is DestinationForm.ANY for one in some):
        return [f"{ports}accept"]
    lines: list[str] = []
    for version, family in ((4, "ip"), (6, "ip6")):
        if any(one.rule.form is DestinationForm.FQDN for one in some):
            lines.append(f"{family} daddr @{name}_{version} {ports}accept")
        if _ranges(some, version):
            lines.append(f"{family} daddr @{name}_ranges_{version} {ports}accept")
    return lines
