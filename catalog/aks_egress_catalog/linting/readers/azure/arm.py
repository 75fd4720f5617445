"""JSON of Azure in, entries out: ARM templates with nested ones, and what ``az … -o json`` prints."""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import Reading, Unread
from aks_egress_catalog.linting.readers.azure.arm_template import Template
from aks_egress_catalog.linting.readers.azure_rules.find import add_definition, read_rules
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Table, Text

NAME: Final = "arm"

_JSON: Final = re.compile(r"(?:\s|\ufeff|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+[\[{]")
_TEMPLATE: Final = re.compile(r'"\$schema"\s*:\s*"[^"]*deployment(?:Template|Parameters)\.json', re.IGNORECASE)
_KEY: Final = re.compile(
    r'"(?:targetFqdns|fqdnTags|targetUrls|destinationFqdns|destinationAddresses|destinationIpGroups|ruleCollections'
    r'|(?:application|network)RuleCollections|firewallPolicies)"\s*:|Microsoft\.Network/(?:firewallPolicies|azureFirewalls)',
    re.IGNORECASE,
)


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
        template = Template(tree)
        for node in template.values():
            read_rules(node, reading, key="resources")
        for name, node in template.definitions():
            add_definition(node, name, reading)
    else:
        read_rules(tree, reading)
    return reading


def _is_template(tree: Table) -> bool:
    schemas = [one.value.lower() for one in tree.get("$schema") if isinstance(one, Text)]
    if any("deploymenttemplate" in one for one in schemas):
        return True
    return not schemas and any(True for _ in tree.get("resources")) and any(True for _ in tree.get("contentVersion"))
