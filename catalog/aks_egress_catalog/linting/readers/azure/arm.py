"""JSON of Azure in, entries out: ARM templates with nested ones, and what ``az … -o json`` prints.

A file of parameters gives all that its template gives with them, which is then no list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from aks_egress_catalog.linting.entry import Reading, Unread
from aks_egress_catalog.linting.readers.azure import bicep
from aks_egress_catalog.linting.readers.azure.arm_template import Template
from aks_egress_catalog.linting.readers.azure.deployments import (
    is_parameters,
    name_deployment,
    parameters_in,
    templates_of,
)
from aks_egress_catalog.linting.readers.azure_rules.find import add_definition, add_fresh, read_rules
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.expression import Expression
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Node, Table, Text

NAME: Final = "arm"

_JSON: Final = re.compile(r"(?:\s|\ufeff|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+[\[{]")
_TEMPLATE: Final = re.compile(r'"\$schema"\s*:\s*"[^"]*deployment(?:Template|Parameters)\.json', re.IGNORECASE)
_KEY: Final = re.compile(
    r'"(?:targetFqdns|fqdnTags|targetUrls|destinationFqdns|destinationAddresses|destinationIpGroups|ruleCollections'
    r'|(?:application|network)RuleCollections|firewallPolicies)"\s*:|Microsoft\.Network/(?:firewallPolicies|azureFirewalls)',
    re.IGNORECASE,
)

_MAY_HOLD_RULES: Final = re.compile(r"fqdn|destination|rule|collection|targetUrl|webCategor|firewall", re.IGNORECASE)


def recognises(source: Source) -> bool:
    """Say whether a text is JSON with a template of ARM or rules of Azure Firewall.

    >>> recognises(Source("-", '[{"ruleCollections": []}]'))
    True
    """
    if not _JSON.match(source.text) or '"planned_values"' in source.text:
        return False
    return _TEMPLATE.search(source.text) is not None or _KEY.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read one file of JSON."""
    reading = Reading(path=source.path, format=NAME)
    try:
        tree = read_json(source.path, source.text)
    except JsonError as error:
        reading.unread.append(Unread(place=error.place, message=error.reason))
        return reading
    if isinstance(tree, Table) and _is_template(tree):
        _read_template(tree, {}, reading)
    elif is_parameters(source):
        _read_deployment(source, tree, reading)
    else:
        read_rules(tree, reading)
    return reading


def _read_template(tree: Table, given: Mapping[str, Expression], reading: Reading) -> None:
    template = Template(tree, given)
    for node in template.values():
        read_rules(node, reading, key="resources")
    for name, node in template.definitions():
        add_definition(node, name, reading)


def _read_deployment(source: Source, tree: Node, reading: Reading) -> None:
    """Read the template that a file of parameters is for, with them; what it does not take up counts by its keys."""
    templates = templates_of(source)
    if len(templates) == 1:
        _read_with(templates[0], parameters_in(source), reading)
        beside = (one for one in source.beside("*.json", "*.jsonc") if is_parameters(one))
        name_deployment(reading, source, (one for one in beside if _paths(templates_of(one)) == _paths(templates)))
    elif templates or _MAY_HOLD_RULES.search(source.text):
        several = " and ".join(_paths(templates))
        why = f"{several} may be the template that they are for" if several else "no template beside them has them all"
        message = f"these parameters were not followed: {why}"
        reading.unread.append(Unread(place=tree.place, message=message))
    add_fresh(tree, "", reading)


def _read_with(template: Source, given: Mapping[str, Expression], reading: Reading) -> None:
    if template.path.lower().endswith(".bicep"):
        bicep.read_with(template, given, reading)
        return
    tree = read_json(template.path, template.text)
    assert isinstance(tree, Table)  # its parameters were found
    _read_template(tree, {name.lower(): one for name, one in given.items()}, reading)
    reading.included.append(template.path)


def _paths(sources: Iterable[Source]) -> list[str]:
    return [one.path for one in sources]


def _is_template(tree: Table) -> bool:
    schemas = [one.value.lower() for one in tree.get("$schema") if isinstance(one, Text)]
    if any("deploymenttemplate" in one for one in schemas):
        return True
    return not schemas and any(True for _ in tree.get("resources")) and any(True for _ in tree.get("contentVersion"))
