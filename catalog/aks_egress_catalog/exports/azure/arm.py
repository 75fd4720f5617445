"""Azure Firewall Policy as an ARM template: one rule collection group for an existing policy.

Values reach the template through :func:`literal`, then :mod:`json` in ASCII. JSON has no comments: where the rules
came from stands under ``metadata``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

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
    rule_collection_group,
)
from aks_egress_catalog.exports.export import Export, Header

DESCRIPTION: Final = "Azure Firewall Policy rule collection group, as an ARM template"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
DECLARATION: Final = replace(azure_firewall.DECLARATION, judge="the model of the Azure SDK")
FILE: Final = "azure-firewall.json"

_Json = dict[str, Any]
_SOURCES: Final = "[parameters('sourceAddresses')]"


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write a resolution as an ARM template."""
    group = rule_collection_group(resolution, **options)
    return Export(files={FILE: json.dumps(_template(group, header), indent=2) + "\n"}, notes=group.notes)


def literal(text: str) -> str:
    """Keep ARM from evaluating a text: one in brackets is an expression, unless it starts with two.

    >>> literal("[deployment().name]"), literal("[half")
    ('[[deployment().name]', '[half')
    """
    return f"[{text}" if text.startswith("[") and text.endswith("]") else text


def _template(group: RuleCollectionGroup, header: Header) -> _Json:
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": {"description": DESCRIPTION, "header": list(header.lines()), "remarks": list(group.remarks)},
        "parameters": _parameters(),
        "resources": [_resource(group)],
    }


def _parameters() -> _Json:
    return {
        "firewallPolicyName": {
            "type": "string",
            "metadata": {"description": "Name of the existing firewall policy, in the resource group deployed to."},
        },
        "ruleCollectionGroupName": {
            "type": "string",
            "defaultValue": GROUP_NAME,
            "minLength": 1,
            "maxLength": NAME_LIMIT,
            "metadata": {"description": "Name of the rule collection group."},
        },
        "ruleCollectionGroupPriority": {
            "type": "int",
            "defaultValue": GROUP_PRIORITY,
            "minValue": PRIORITIES.start,
            "maxValue": PRIORITIES.stop - 1,
            "metadata": {"description": "Priority of the group among those of the policy; lower goes first."},
        },
        "sourceAddresses": {
            "type": "array",
            "defaultValue": list(SOURCE_ADDRESSES),
            "minLength": 1,
            "metadata": {"description": "Where the cluster's traffic comes from: addresses or ranges of its subnets."},
        },
    }


def _resource(group: RuleCollectionGroup) -> _Json:
    return {
        "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        "apiVersion": API_VERSION,
        "name": "[format('{0}/{1}', parameters('firewallPolicyName'), parameters('ruleCollectionGroupName'))]",
        "properties": {
            "priority": "[parameters('ruleCollectionGroupPriority')]",
            "ruleCollections": list(map(_collection, group.collections)),
        },
    }


def _collection(collection: RuleCollection) -> _Json:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": literal(collection.name),
        "priority": collection.priority,
        "action": {"type": "Allow"},
        "rules": [
            _application_rule(rule) if isinstance(rule, ApplicationRule) else _network_rule(rule)
            for rule in collection.rules
        ],
    }


def _application_rule(rule: ApplicationRule) -> _Json:
    destinations = {"targetFqdns": rule.fqdns, "fqdnTags": rule.fqdn_tags}
    return {
        "ruleType": "ApplicationRule",
        "name": literal(rule.name),
        "description": literal(rule.description),
        "sourceAddresses": _SOURCES,
        **{key: list(map(literal, values)) for key, values in destinations.items() if values},
        "protocols": [{"protocolType": rule.application.capitalize(), "port": rule.port}],
        **({"terminateTLS": False} if rule.keep_tls else {}),
    }


def _network_rule(rule: NetworkRule) -> _Json:
    destinations = {"destinationAddresses": rule.addresses, "destinationFqdns": rule.fqdns}
    return {
        "ruleType": "NetworkRule",
        "name": literal(rule.name),
        "description": literal(rule.description),
        "sourceAddresses": _SOURCES,
        "ipProtocols": [rule.protocol],
        "destinationPorts": [str(rule.port)],
        **{key: list(map(literal, values)) for key, values in destinations.items() if values},
    }
