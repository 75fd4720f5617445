"""FortiGate: addresses, services and a policy a port as CLI commands, and the names as an external resource.

A wildcard address of FortiOS is learned from the DNS answers that pass the FortiGate, so the nodes' DNS has to; what
it allows are addresses. Names of objects follow from the host, and are cut with a checksum where FortiOS has no room.
"""

from __future__ import annotations

import ipaddress
import zlib
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERY_TRAFFIC, Declaration, Fitted, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import by_port, head, hosts_of
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "FortiOS CLI commands (addresses, services, policies), and an external resource list"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
DECLARATION: Final = Declaration(
    title="FortiGate",
    wildcard=Wildcard.ANY_DEPTH,
    traffic=EVERY_TRAFFIC,
    forms=frozenset({DestinationForm.FQDN, DestinationForm.CIDR, DestinationForm.ANY}),
    by_address=True,
    needs=("the nodes' DNS through the FortiGate", "interfaces in each policy, which is off until they are set"),
)
_LONGEST: Final = 79
_PREFIX: Final = "aks-egress"


def render(resolution: Resolution, header: Header) -> Export:
    """Write the commands and the list.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.conf', 'domains.txt']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    groups = by_port(fitted)
    values = {value: one.rule.form for one in fitted for value in one.values}
    lines = [*head(header, notes, resolution.caveats), "config firewall address"]
    for value, form in sorted(values.items()):
        lines += _address(value, form)
    lines += ["end", "config firewall service custom"]
    lines += [line for protocol, port in groups if port for line in _service(protocol, port)]
    lines += ["end", "config firewall policy"]
    lines += [line for (protocol, port), some in groups.items() for line in _policy(protocol, port, some)]
    hosts = hosts_of(one for one in fitted if one.rule.form is DestinationForm.FQDN)
    return Export(
        files={"aks-egress.conf": "\n".join((*lines, "end", "")), "domains.txt": "\n".join((*hosts, ""))}, notes=notes
    )


def _name(value: str) -> str:
    """Name an object after what it is: at most 79 characters, and different for different values."""
    name = f"{_PREFIX} {value}"
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]} {zlib.crc32(value.encode()):08x}"


def _address(value: str, form: DestinationForm) -> list[str]:
    if form is DestinationForm.ANY:
        return []
    lines = [f'    edit "{_name(value)}"']
    if form is DestinationForm.CIDR:
        net = ipaddress.ip_network(value)
        if net.version == 6:  # noqa: PLR2004  - IPv6 has a table of its own in FortiOS
            return []
        lines += ["        set type ipmask", f"        set subnet {net.network_address} {net.netmask}"]
    else:
        lines += ["        set type fqdn", f'        set fqdn "{value}"']
    return [*lines, "    next"]


def _service(protocol: str, port: int) -> list[str]:
    return [
        f'    edit "{_PREFIX} {protocol.lower()}-{port}"',
        f"        set {protocol.lower()}-portrange {port}",
        "    next",
    ]


def _policy(protocol: str, port: int, some: list[Fitted]) -> list[str]:
    values = sorted({value for one in some for value in one.values if ":" not in value})
    if not values:
        return []
    addresses = " ".join('"all"' if value == "*" else f'"{_name(value)}"' for value in values)
    service = f'"{_PREFIX} {protocol.lower()}-{port}"' if port else '"ALL"'
    return [
        "    edit 0",
        f'        set name "{_PREFIX} {f"{protocol.lower()}-{port}" if port else "any port"}"',
        "        set status disable",
        '        set srcintf "any"',
        '        set dstintf "any"',
        '        set srcaddr "all"',
        f"        set dstaddr {addresses}",
        f"        set service {service}",
        '        set schedule "always"',
        "        set action accept",
        "    next",
    ]
