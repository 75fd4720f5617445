"""AWS Network Firewall: Suricata rules, which are exact, and a domain list for a rule group, which is simpler.

Use one of the two. The rules match the server name of TLS and the host of HTTP on the very port, with the wildcard as
the catalog means it: a content with a leading dot at the end of the name, which the name itself has not. A domain list
has a leading dot for a name and all below it, and knows no ports. What neither passes, the default action drops.

A rule group has a capacity of at most 30,000 rules, and its rules 2,000,000 bytes, of which one has 8,192 (*AWS Network
Firewall quotas*). Of a domain list AWS makes the rules itself: one a domain and protocol, and one more a protocol.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.declaration import (
    Declaration,
    Fitted,
    InnerStar,
    Limit,
    Traffic,
    Way,
    Wildcard,
    fit,
    traffic_of,
)
from aks_egress_catalog.exports.export import Export, Fidelity, Header
from aks_egress_catalog.exports.expressions import is_pattern, posix_regex
from aks_egress_catalog.exports.limits import within
from aks_egress_catalog.exports.placement import NotExpressibleError, place_rules
from aks_egress_catalog.exports.text_lines import head, text_of, to_know

DESCRIPTION: Final = "AWS Network Firewall: exact Suricata rules, and a domain list (rule group)"
TARGET: Final = Target()
OPTIONS: Final = ()
RULES: Final = "aks-egress.rules"
LIST: Final = "domain-list.json"
CAPACITY: Final = Limit(most=30_000, of="rules")
SIZE: Final = Limit(most=2_000_000, of="bytes of rules")
DOMAINS: Final = Limit(most=CAPACITY.most // 2 - 1, of="domains")
DECLARATION: Final = Declaration(
    title="Suricata",
    ways=(Way(name="a rule", wildcard=Wildcard.ANY_DEPTH, inner=InnerStar.PART),),
    limits=(CAPACITY, SIZE, DOMAINS),
    needs=("strict rule order, and the default action Drop established",),
    judge="Suricata (the rules)",
)
_AS_DOMAINS: Final = Declaration(
    title="a domain list",
    ways=(Way(name="a domain", wildcard=Wildcard.WITH_APEX, ports=False),),
)
_FIRST_SID: Final = 3_800_000
"""Identifiers of rules from here on, in the order of the file: each group of AWS has its own."""
_KINDS: Final = {Traffic.HTTPS: ("tls",), Traffic.HTTP: ("http",), None: ("http", "tls")}


def render(resolution: Resolution, header: Header) -> Export:
    """Write both files. A note says what the rules do, and in how far the domain list falls short of them.

    Raises:
        AksEgressError: one of them is more than a rule group takes.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.rules', 'domain-list.json']
    """
    fitted, notes = place_rules(resolution, _place)
    rules = sorted({line for one in fitted for line in _rules(one)})
    domains = sorted({domain for one in fitted for domain in map(_domain, one.values) if domain})
    group = {
        "RulesSource": {
            "RulesSourceList": {
                "GeneratedRulesType": "ALLOWLIST",
                "TargetTypes": ["TLS_SNI", "HTTP_HOST"],
                "Targets": list(within(DOMAINS, domains, LIST)),
            }
        },
        "StatefulRuleOptions": {"RuleOrder": "STRICT_ORDER"},
    }
    within(CAPACITY, rules, RULES)
    numbered = [f"{line} sid:{_FIRST_SID + place}; rev:1;)" for place, line in enumerate(rules)]
    text = text_of((*head(header, notes, to_know(resolution)), *numbered))
    within(SIZE, text, RULES)  # which is ASCII
    return Export(files={RULES: text, LIST: json.dumps(group, indent=1) + "\n"}, notes=notes)


def _place(rule: ConcreteRule) -> Fitted:
    """Fit a rule, and say of the domain list what is not true of the rules."""
    fitted = fit(DECLARATION, rule)
    try:
        listed = fit(_AS_DOMAINS, rule)
    except NotExpressibleError as error:
        shorter = Fidelity.NARROWED if fitted.fidelity is Fidelity.EXACT else fitted.fidelity
        return replace(fitted, fidelity=shorter, reason=_said(fitted, f"{LIST} lacks it: {error}"))
    if not listed.reason:
        return fitted
    return replace(fitted, fidelity=listed.fidelity, reason=_said(fitted, f"in {LIST} {listed.reason}"))


def _said(fitted: Fitted, more: str) -> str:
    return "; ".join(filter(None, (fitted.reason, more)))


def _domain(value: str) -> str:
    """Write a host pattern for the domain list; empty where that has no form for it."""
    return "" if is_pattern(value.removeprefix("*.")) else value.removeprefix("*")


def _rules(one: Fitted) -> list[str]:
    port = one.rule.port or "any"
    return [_rule(kind, port, value) for kind in _KINDS[traffic_of(one.rule)] for value in one.values]


def _rule(kind: str, port: int | str, value: str) -> str:
    """Write a rule but for its number. The buffer of an HTTP host is in small letters already, and takes no nocase."""
    buffer, nocase = ("tls.sni", " nocase;") if kind == "tls" else ("http.host", "")
    if is_pattern(value.removeprefix("*.")):
        match = f'pcre:"/{posix_regex(value)}/i";'
    elif value.startswith("*."):
        match = f'content:"{value[1:]}";{nocase} endswith;'
    else:
        match = f'content:"{value}";{nocase} startswith; endswith;'
    return (
        f'pass {kind} $HOME_NET any -> $EXTERNAL_NET {port} (msg:"aks-egress {value}"; '
        f"flow:to_server, established; {buffer}; {match}"
    )
