"""A shell script that makes the rule collections of a firewall policy with ``az``.

``sh aks-egress.sh RESOURCE-GROUP POLICY [SOURCE…]`` makes the group if it is not there, and then its collections. Where
one of them is there already, ``az`` refuses and the script ends; ``REPLACE=1`` has each collection removed before it is
made anew, and until it is, nothing of it passes. Every value is quoted; nothing of a page can leave its quotes.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.firewall_rules import ApplicationRule, FirewallRule, with_destinations_of
from aks_egress_catalog.exports.azure.rule_collections import (
    GROUP_NAME,
    GROUP_PRIORITY,
    RuleCollection,
    comment_lines,
    rule_collection_group,
)
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.text_lines import comment, text_of

DESCRIPTION: Final = "a shell script of az network firewall policy commands"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
FILE: Final = "aks-egress.sh"
_COLLECTION: Final = "az network firewall policy rule-collection-group collection"
DECLARATION: Final = replace(
    azure_firewall.DECLARATION, judge="sh with every az recorded, shellcheck, lint of this package"
)
CHANGES: Final = "changes.sh"
CHANGED_BY_COMMANDS: Final = (FILE,)
_WHERE: Final = f'--resource-group "$GROUP" --policy-name "$POLICY" --rule-collection-group-name {GROUP_NAME}'
_GROUP: Final = "az network firewall policy rule-collection-group"
_PREAMBLE: Final = f"""
set -eu
if [ "$#" -lt 2 ]; then
  echo "usage: [REPLACE=1] sh $0 RESOURCE-GROUP POLICY [SOURCE...]" >&2
  exit 2
fi
GROUP=$1
POLICY=$2
shift 2
[ "$#" -gt 0 ] || set -- '*'

# To create a group that is there would empty it.
if ! {_GROUP} show --resource-group "$GROUP" --policy-name "$POLICY" --name {GROUP_NAME} >/dev/null 2>&1; then
  {_GROUP} create \\
    --resource-group "$GROUP" --policy-name "$POLICY" --name {GROUP_NAME} --priority {GROUP_PRIORITY}
fi
"""


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write the script.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["aks-egress.sh"].count("add-filter-collection")
    2
    """
    group = rule_collection_group(resolution, **options)
    comments = [f"# {line}".rstrip() for line in comment_lines(header, group)]
    body = [line for collection in group.collections for line in _collection(collection)]
    return Export(
        files={FILE: "\n".join(("#!/bin/sh", *comments, *_PREAMBLE.splitlines(), *body, ""))}, notes=group.notes
    )


def change(before: State, after: State, said: list[str]) -> dict[str, str]:
    """Write the script that changes rules in place: it adds everything first, then takes away what may go.

    A destination can move from one rule to another, and each command takes a while: so a rule that is to lose some and
    is there already keeps them until every other rule has what it needs.
    """
    old, new = (_collections_of(state) for state in (before, after))
    added, removed = list[str](), list[str]()
    for name, collection in new.items():
        if name not in old:
            added += ["", *_new_collection(collection)]
            continue
        rules, known = _by_name(collection), _by_name(old[name])
        place = f"{_WHERE} --collection-name {shlex.quote(name)}"
        for one in collection.rules:
            had = known.get(one.name)
            both = with_destinations_of(had, one) if had else one
            if had != both:
                added.append(f"{_COLLECTION} rule {'update' if had else 'add'} {place} \\\n  {_rule(both, '--name')}")
            if both != one:
                removed.append(f"{_COLLECTION} rule update {place} \\\n  {_rule(one, '--name')}")
        gone = [one for one in known if one not in rules]
        removed += [f"{_COLLECTION} rule remove {place} --name {shlex.quote(one)}" for one in gone]
    removed += [f"{_COLLECTION} remove {_WHERE} --name {shlex.quote(name)}" for name in old if name not in new]
    comments = [line for text in said for line in comment(text)]
    return {CHANGES: text_of(("#!/bin/sh", *comments, *_PREAMBLE.splitlines(), *added, *removed))}


def _collections_of(state: State) -> dict[str, RuleCollection]:
    group = rule_collection_group(state.resolution, **state.options)
    return {collection.name: collection for collection in group.collections}


def _by_name(collection: RuleCollection) -> dict[str, FirewallRule]:
    return {rule.name: rule for rule in collection.rules}


def _collection(collection: RuleCollection) -> Iterator[str]:
    """The collection anew: removed before that only where somebody asks for it."""
    yield ""
    yield (
        f'if [ "${{REPLACE:-}}" ]; then {_COLLECTION} remove {_WHERE} --name {shlex.quote(collection.name)} || :; fi'
    )
    yield from _new_collection(collection)


def _new_collection(collection: RuleCollection) -> Iterator[str]:
    """The collection with its first rule, then the others one by one: that is how ``az`` makes them."""
    name = shlex.quote(collection.name)
    first, *others = collection.rules
    yield (
        f"{_COLLECTION} add-filter-collection {_WHERE} --name {name} \\\n"
        f"  --collection-priority {collection.priority} --action Allow \\\n  {_rule(first, '--rule-name')}"
    )
    for rule in others:
        yield f"{_COLLECTION} rule add {_WHERE} --collection-name {name} \\\n  {_rule(rule, '--name')}"


def _rule(rule: FirewallRule, name: str) -> str:
    words = [name, rule.name, "--description", rule.description]
    if isinstance(rule, ApplicationRule):
        words += ["--rule-type", "ApplicationRule", "--protocols", f"{rule.application.capitalize()}={rule.port}"]
        words += ["--target-fqdns", *rule.fqdns] if rule.fqdns else []
        words += ["--fqdn-tags", *rule.fqdn_tags] if rule.fqdn_tags else []
    else:
        words += ["--rule-type", "NetworkRule", "--ip-protocols", str(rule.protocol)]
        words += ["--destination-ports", str(rule.port)]
        words += ["--destination-addresses", *rule.addresses] if rule.addresses else []
        words += ["--destination-fqdns", *rule.fqdns] if rule.fqdns else []
    return f'{shlex.join(words)} --source-addresses "$@"'
