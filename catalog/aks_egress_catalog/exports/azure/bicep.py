"""Azure Firewall Policy as Bicep: one rule collection group for an existing policy.

Every value reaches the file through :func:`quote`, every comment through ``comment_lines``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.firewall_rules import NAME_LIMIT, ApplicationRule, NetworkRule
from aks_egress_catalog.exports.azure.rule_collections import (
    API_VERSION,
    GROUP_NAME,
    GROUP_PRIORITY,
    PRIORITIES,
    SOURCE_ADDRESSES,
    RuleCollection,
    RuleCollectionGroup,
    comment_lines,
    rule_collection_group,
)
from aks_egress_catalog.exports.export import Export, Header

DESCRIPTION: Final = "Azure Firewall Policy rule collection group, as Bicep"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
DECLARATION: Final = replace(azure_firewall.DECLARATION, judge="its grammar")
FILE: Final = "azure-firewall.bicep"

_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write a resolution as Bicep."""
    group = rule_collection_group(resolution, **options)
    comments = [f"// {line}".rstrip() for line in comment_lines(header, group)]
    lines = [*comments, *_PARAMETERS.splitlines(), *_resource(group)]
    return Export(files={FILE: "\n".join(lines) + "\n"}, notes=group.notes)


def quote(text: str) -> str:
    r"""Write a text as a Bicep string; what is not printable ASCII is escaped, so that a reviewer sees it.

    >>> print(quote("it's ${x}"))
    'it\'s \${x}'
    """
    pieces: list[str] = []
    for char in text:
        # The compiler sees no comment in a string; tree-sitter does in '//x' and in '$/*x', though not in 'x/*'.
        opens = char == "/" and not (pieces and pieces[-1].isalnum())
        plain = " " <= char <= "~" and not opens
        pieces.append(_ESCAPES.get(char) or (char if plain else f"\\u{{{ord(char):x}}}"))
    return "'" + "".join(pieces).replace("${", "\\${") + "'"


def _array(values: tuple[str, ...], indent: str) -> str:
    """One value stays on the line of its property; more get a line each, for the sake of diffs."""
    if len(values) == 1:
        return f"[{quote(values[0])}]"
    return "\n".join(("[", *(f"{indent}  {quote(value)}" for value in values), f"{indent}]"))


_PARAMETERS: Final = f"""
@description('Name of the existing firewall policy, in the resource group deployed to.')
param firewallPolicyName string

@description('Name of the rule collection group.')
@minLength(1)
@maxLength({NAME_LIMIT})
param ruleCollectionGroupName string = {quote(GROUP_NAME)}

@description('Priority of the group among those of the policy; lower goes first.')
@minValue({PRIORITIES.start})
@maxValue({PRIORITIES.stop - 1})
param ruleCollectionGroupPriority int = {GROUP_PRIORITY}

@description('Where the traffic of the cluster comes from: addresses or ranges of its subnets.')
@minLength(1)
param sourceAddresses array = {_array(SOURCE_ADDRESSES, "")}

resource firewallPolicy 'Microsoft.Network/firewallPolicies@{API_VERSION}' existing = {{
  name: firewallPolicyName
}}
"""


def _resource(group: RuleCollectionGroup) -> Iterator[str]:
    yield ""
    yield f"resource aksEgress 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@{API_VERSION}' = {{"
    yield "  parent: firewallPolicy"
    yield "  name: ruleCollectionGroupName"
    yield "  properties: {"
    yield "    priority: ruleCollectionGroupPriority"
    yield "    ruleCollections: ["
    for collection in group.collections:
        yield from _collection(collection)
    yield "    ]"
    yield "  }"
    yield "}"


def _collection(collection: RuleCollection) -> Iterator[str]:
    yield "      {"
    yield "        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'"
    yield f"        name: {quote(collection.name)}"
    yield f"        priority: {collection.priority}"
    yield "        action: { type: 'Allow' }"
    yield "        rules: ["
    for rule in collection.rules:
        yield "          {"
        for line in _application_rule(rule) if isinstance(rule, ApplicationRule) else _network_rule(rule):
            yield f"            {line}"
        yield "          }"
    yield "        ]"
    yield "      }"


def _application_rule(rule: ApplicationRule) -> Iterator[str]:
    yield "ruleType: 'ApplicationRule'"
    yield f"name: {quote(rule.name)}"
    yield f"description: {quote(rule.description)}"
    yield "sourceAddresses: sourceAddresses"
    if rule.fqdns:
        yield f"targetFqdns: {_array(rule.fqdns, ' ' * 12)}"
    if rule.fqdn_tags:
        yield f"fqdnTags: {_array(rule.fqdn_tags, ' ' * 12)}"
    yield f"protocols: [{{ protocolType: {quote(rule.application.capitalize())}, port: {rule.port} }}]"
    if rule.keep_tls:
        yield "terminateTLS: false"


def _network_rule(rule: NetworkRule) -> Iterator[str]:
    yield "ruleType: 'NetworkRule'"
    yield f"name: {quote(rule.name)}"
    yield f"description: {quote(rule.description)}"
    yield "sourceAddresses: sourceAddresses"
    yield f"ipProtocols: [{quote(rule.protocol)}]"
    yield f"destinationPorts: [{quote(str(rule.port))}]"
    if rule.addresses:
        yield f"destinationAddresses: {_array(rule.addresses, ' ' * 12)}"
    if rule.fqdns:
        yield f"destinationFqdns: {_array(rule.fqdns, ' ' * 12)}"
