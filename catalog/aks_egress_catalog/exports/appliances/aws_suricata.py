"""AWS Network Firewall: a domain list for its rule group, and Suricata rules that say the same exactly.

A domain list has a leading dot for a name and all below it, and knows no ports. The Suricata rules match the server
name of TLS and the host of HTTP on the very port, with the wildcard as the catalog means it; whatever they do not pass,
``default-drop`` of a strict rule order does.
"""

from __future__ import annotations

import json
import zlib
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, Fitted, Traffic, Wildcard, fit, traffic_of
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.proxies.squid import posix_regex
from aks_egress_catalog.exports.text_lines import head, hosts_of

DESCRIPTION: Final = "AWS Network Firewall: a domain list (rule group), and exact Suricata rules"
TARGET: Final = Target()
OPTIONS: Final = ()
DECLARATION: Final = Declaration(
    title="Suricata",
    wildcard=Wildcard.ANY_DEPTH,
    partial_labels=True,
    needs=("strict rule order with the default action drop established",),
)
_FIRST_SID: Final = 1_000_000_000


def render(resolution: Resolution, header: Header) -> Export:
    """Write both files; the notes are those of the exact one.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.rules', 'domain-list.json']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    rules = sorted({line for one in fitted for line in _rules(one)})
    domains = sorted({value.removeprefix("*") for value in hosts_of(fitted) if "*" not in value.removeprefix("*.")})
    group = {
        "RulesSource": {
            "RulesSourceList": {
                "GeneratedRulesType": "ALLOWLIST",
                "TargetTypes": ["TLS_SNI", "HTTP_HOST"],
                "Targets": domains,
            }
        }
    }
    text = "\n".join((*head(header, notes, resolution.caveats), *rules, ""))
    return Export(files={"aks-egress.rules": text, "domain-list.json": json.dumps(group, indent=1) + "\n"}, notes=notes)


def _rules(one: Fitted) -> list[str]:
    traffic = traffic_of(one.rule)
    kinds = (
        {Traffic.HTTPS: ("tls",), Traffic.HTTP: ("http",)}.get(traffic, ("tls", "http")) if traffic else ("tls", "http")
    )
    port = one.rule.port or "any"
    return [_rule(kind, port, value) for kind in kinds for value in one.values]


def _rule(kind: str, port: int | str, value: str) -> str:
    buffer = "tls.sni" if kind == "tls" else "http.host"
    exact = f'content:"{value}"; nocase; startswith; endswith'
    match = f'pcre:"/{posix_regex(value)}/i"' if "*" in value else exact
    number = _FIRST_SID + zlib.crc32(f"{kind} {port} {value}".encode()) % 1_000_000_000
    return (
        f'pass {kind} $HOME_NET any -> $EXTERNAL_NET {port} ({buffer}; {match}; msg:"aks-egress {value}"; '
        f"flow:to_server, established; sid:{number}; rev:1;)"
    )
