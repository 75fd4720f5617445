"""Azure Firewall Policy as Terraform: one ``azurerm_firewall_policy_rule_collection_group`` for an existing policy.

Every value reaches the file through :func:`quote`, every comment through ``comment_lines``. The file is as
``terraform fmt`` would leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.firewall_rules import NAME_LIMIT, ApplicationRule, NetworkRule
from aks_egress_catalog.exports.azure.rule_collections import (
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

DESCRIPTION: Final = "Azure Firewall Policy rule collection group, as Terraform"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
DECLARATION: Final = replace(azure_firewall.DECLARATION, judge="Terraform")
FILE: Final = "azure-firewall.tf"

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_SHORT: Final = "\uffff"


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write a resolution as Terraform."""
    group = rule_collection_group(resolution, **options)
    comments = [f"# {line}".rstrip() for line in comment_lines(header, group)]
    lines = [
        *comments,
        "#",
        "# Needs the provider hashicorp/azurerm, 4.0 or newer.",
        *_VARIABLES.splitlines(),
        *_resource(group),
    ]
    return Export(files={FILE: "\n".join(lines) + "\n"}, notes=group.notes)


def quote(text: str) -> str:
    r"""Write a text as an HCL string; what is not printable ASCII is escaped, so that a reviewer sees it.

    >>> print(quote('say "${x}"'))
    "say \"\u0024{x}\""
    """
    escaped = "".join(_ESCAPES.get(char) or (char if " " <= char <= "~" else _escape(char)) for char in text)
    # Not "$${": of "$$${", or without a closing brace, not every parser sees what it escapes; this every one does.
    return '"' + re.sub(r"[$%](?=\{)", lambda found: _escape(found.group()), escaped) + '"'


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if char <= _LAST_SHORT else f"\\U{ord(char):08x}"


def _list(values: tuple[str, ...], indent: str) -> str:
    """One value stays on the line of its argument; more get a line each, for the sake of diffs."""
    if len(values) == 1:
        return f"[{quote(values[0])}]"
    return "\n".join(("[", *(f"{indent}  {quote(value)}," for value in values), f"{indent}]"))


_VARIABLES: Final = f"""
variable "firewall_policy_id" {{
  description = "Resource id of the existing firewall policy."
  type        = string
}}

variable "rule_collection_group_name" {{
  description = "Name of the rule collection group, at most {NAME_LIMIT} characters."
  type        = string
  default     = {quote(GROUP_NAME)}
}}

variable "rule_collection_group_priority" {{
  description = "Priority of the group, {PRIORITIES.start} to {PRIORITIES.stop - 1}; lower goes first."
  type        = number
  default     = {GROUP_PRIORITY}
}}

variable "source_addresses" {{
  description = "Where the cluster's traffic comes from: addresses or ranges of its subnets."
  type        = list(string)
  default     = {_list(SOURCE_ADDRESSES, "")}
}}
"""


def _resource(group: RuleCollectionGroup) -> Iterator[str]:
    yield ""
    yield 'resource "azurerm_firewall_policy_rule_collection_group" "aks_egress" {'
    yield "  name               = var.rule_collection_group_name"
    yield "  firewall_policy_id = var.firewall_policy_id"
    yield "  priority           = var.rule_collection_group_priority"
    for collection in group.collections:
        yield from _collection(collection)
    yield "}"


def _collection(collection: RuleCollection) -> Iterator[str]:
    yield ""
    yield f"  {collection.kind}_rule_collection {{"
    yield f"    name     = {quote(collection.name)}"
    yield f"    priority = {collection.priority}"
    yield '    action   = "Allow"'
    for rule in collection.rules:
        yield ""
        yield "    rule {"
        yield from _application_rule(rule) if isinstance(rule, ApplicationRule) else _network_rule(rule)
        yield "    }"
    yield "  }"


def _application_rule(rule: ApplicationRule) -> Iterator[str]:
    destinations = {"destination_fqdns": rule.fqdns, "destination_fqdn_tags": rule.fqdn_tags}
    arguments = {
        "name": quote(rule.name),
        "description": quote(rule.description),
        "source_addresses": "var.source_addresses",
        **({"terminate_tls": "false"} if rule.keep_tls else {}),
        **{name: _list(values, " " * 6) for name, values in destinations.items() if values},
    }
    yield from _aligned(arguments)
    yield ""
    yield "      protocols {"
    yield f"        type = {quote(rule.application.capitalize())}"
    yield f"        port = {rule.port}"
    yield "      }"


def _network_rule(rule: NetworkRule) -> Iterator[str]:
    destinations = {"destination_addresses": rule.addresses, "destination_fqdns": rule.fqdns}
    arguments = {
        "name": quote(rule.name),
        "description": quote(rule.description),
        "source_addresses": "var.source_addresses",
        "protocols": f"[{quote(rule.protocol)}]",
        "destination_ports": f"[{quote(str(rule.port))}]",
        **{name: _list(values, " " * 6) for name, values in destinations.items() if values},
    }
    yield from _aligned(arguments)


def _aligned(arguments: dict[str, str]) -> Iterator[str]:
    """Line up the equals signs as ``terraform fmt`` does: an argument of several lines stands for itself."""
    width = max(len(name) for name, value in arguments.items() if "\n" not in value)
    for name, value in arguments.items():
        yield f"      {name} = {value}" if "\n" in value else f"      {name:{width}} = {value}"
