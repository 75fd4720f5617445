"""Open Policy Agent: the rules as data, and a small policy that decides about ``{host, port, protocol}``.

``allow`` is true where a rule lets the endpoint through; ``rules`` has the ids of the rules that do. Wildcards are
anchored expressions, so that the policy needs no semantics of its own.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    NAMES,
    RANGES_OR_ANY,
    Declaration,
    Fitted,
    InnerStar,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Fidelity, Header
from aks_egress_catalog.exports.expressions import is_pattern, posix_regex
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import head, text_of, to_know
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "data for Open Policy Agent, and a small policy that decides by it"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
POLICY: Final = "aks-egress.rego"
DATA: Final = "data.json"
DECLARATION: Final = Declaration(
    title="Open Policy Agent",
    ways=(
        Way(
            name="a rule",
            forms=NAMES | RANGES_OR_ANY,
            traffic=EVERY_TRAFFIC,
            wildcard=Wildcard.ANY_DEPTH,
            inner=InnerStar.PART,
            no_port=NoPort.EXACT,
        ),
    ),
    needs=("who asks it: it decides, and enforces nothing",),
    judge="regopy, but for address ranges",
)
_POLICY: Final = """\
package aks.egress

import rego.v1

default allow := false

allow if count(rules) > 0

rules contains rule.id if {
    some rule in data.aks_egress.rules
    on_port(rule)
    to_host(rule)
}

on_port(rule) if rule.port == null

on_port(rule) if {
    rule.port == input.port
    rule.protocol == upper(input.protocol)
}

to_host(rule) if rule.any

to_host(rule) if lower(input.host) in rule.hosts

to_host(rule) if {
    some pattern in rule.patterns
    regex.match(pattern, lower(input.host))
}

to_host(rule) if {
    regex.match(`^[0-9]+([.][0-9]+){3}$|:`, input.host)
    some range in rule.ranges
    net.cidr_contains(range, input.host)
}
"""


def render(resolution: Resolution, header: Header) -> Export:
    """Write the data and the policy.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.rego', 'data.json']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    content = {
        "aks_egress": {
            "catalog_version": header.catalog_version,
            "profile": header.profile,
            "lacks": [{"id": note.id, "reason": note.reason} for note in notes if note.fidelity is Fidelity.DROPPED],
            "rules": [_rule(one) for one in fitted],
        }
    }
    policy = text_of((*head(header, notes, to_know(resolution)), "", *_POLICY.splitlines()))
    return Export(files={POLICY: policy, DATA: json.dumps(content, indent=1) + "\n"}, notes=notes)


def _rule(one: Fitted) -> dict[str, object]:
    rule = one.rule
    named = one.values if rule.form is DestinationForm.FQDN else ()
    return {
        "id": rule.id,
        "any": rule.form is DestinationForm.ANY,
        "hosts": [value for value in named if not is_pattern(value)],
        "patterns": [posix_regex(value) for value in named if is_pattern(value)],
        "ranges": list(one.values) if rule.form is DestinationForm.CIDR else [],
        "port": rule.port,
        "protocol": rule.protocol,
    }
