"""The rule collections as plain data, and a module that makes them: for Terraform variables, and for Bicep to load.

Data and code are apart, so that a renewed export changes the data file alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aks_egress_catalog.exports.azure.firewall_rules import ApplicationRule, FirewallRule
from aks_egress_catalog.exports.azure.rule_collections import RuleCollection, RuleCollectionGroup


def collections_json(group: RuleCollectionGroup, *, camel: bool) -> list[dict[str, Any]]:
    """The collections as lists and tables, with the keys of Terraform, or (``camel``) with those of ARM."""
    return [(_arm if camel else _terraform)(collection) for collection in group.collections]


def dumps(content: object) -> str:
    """Write data as a person reviews it: sorted by its writer, one value a line."""
    return json.dumps(content, indent=2) + "\n"


def _terraform(collection: RuleCollection) -> dict[str, Any]:
    return {
        "kind": str(collection.kind),
        "name": collection.name,
        "priority": collection.priority,
        "rules": [_terraform_rule(rule) for rule in collection.rules],
    }


def _terraform_rule(rule: FirewallRule) -> dict[str, Any]:
    plain = asdict(rule)
    common = {"name": rule.name, "description": rule.description}
    if isinstance(rule, ApplicationRule):
        return common | {
            "destination_fqdns": list(plain["fqdns"]),
            "destination_fqdn_tags": list(plain["fqdn_tags"]),
            "protocols": [{"type": rule.application.capitalize(), "port": rule.port}],
            "terminate_tls": False if rule.keep_tls else None,
        }
    return common | {
        "destination_addresses": list(plain["addresses"]),
        "destination_fqdns": list(plain["fqdns"]),
        "protocols": [str(rule.protocol)],
        "destination_ports": [str(rule.port)],
    }


def _arm(collection: RuleCollection) -> dict[str, Any]:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": collection.name,
        "priority": collection.priority,
        "action": {"type": "Allow"},
        "rules": [_arm_rule(rule) for rule in collection.rules],
    }


def _arm_rule(rule: FirewallRule) -> dict[str, Any]:
    common = {"name": rule.name, "description": rule.description}
    if isinstance(rule, ApplicationRule):
        return common | {
            "ruleType": "ApplicationRule",
            "protocols": [{"protocolType": rule.application.capitalize(), "port": rule.port}],
            "targetFqdns": list(rule.fqdns),
            "fqdnTags": list(rule.fqdn_tags),
            **({"terminateTLS": False} if rule.keep_tls else {}),
        }
    return common | {
        "ruleType": "NetworkRule",
        "ipProtocols": [str(rule.protocol)],
        "destinationAddresses": list(rule.addresses),
        "destinationFqdns": list(rule.fqdns),
        "destinationPorts": [str(rule.port)],
    }
