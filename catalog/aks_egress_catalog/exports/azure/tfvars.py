"""Terraform variables with the rule collections, and one module that makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.collections_data import collections_json, dumps
from aks_egress_catalog.exports.azure.rule_collections import comment_lines, rule_collection_group
from aks_egress_catalog.exports.export import Export, Header

DESCRIPTION: Final = "Terraform variables (aks-egress.auto.tfvars.json), and the module that reads them"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
DECLARATION: Final = replace(azure_firewall.DECLARATION, judge="Terraform")
_MODULE: Final = """\

variable "firewall_policy_id" {
  description = "Resource id of the existing firewall policy."
  type        = string
}

variable "source_addresses" {
  description = "Where the cluster's traffic comes from: addresses or ranges of its subnets."
  type        = list(string)
  default     = ["*"]
}

variable "aks_egress_collections" {
  description = "The rule collections, from aks-egress.auto.tfvars.json."
  type        = any
}

resource "azurerm_firewall_policy_rule_collection_group" "aks_egress" {
  name               = "aks-egress"
  firewall_policy_id = var.firewall_policy_id
  priority           = 500

  dynamic "application_rule_collection" {
    for_each = [for one in var.aks_egress_collections : one if one.kind == "application"]
    content {
      name     = application_rule_collection.value.name
      priority = application_rule_collection.value.priority
      action   = "Allow"
      dynamic "rule" {
        for_each = application_rule_collection.value.rules
        content {
          name                  = rule.value.name
          description           = rule.value.description
          source_addresses      = var.source_addresses
          destination_fqdns     = rule.value.destination_fqdns
          destination_fqdn_tags = rule.value.destination_fqdn_tags
          terminate_tls         = rule.value.terminate_tls
          dynamic "protocols" {
            for_each = rule.value.protocols
            content {
              type = protocols.value.type
              port = protocols.value.port
            }
          }
        }
      }
    }
  }

  dynamic "network_rule_collection" {
    for_each = [for one in var.aks_egress_collections : one if one.kind == "network"]
    content {
      name     = network_rule_collection.value.name
      priority = network_rule_collection.value.priority
      action   = "Allow"
      dynamic "rule" {
        for_each = network_rule_collection.value.rules
        content {
          name                  = rule.value.name
          description           = rule.value.description
          source_addresses      = var.source_addresses
          destination_addresses = rule.value.destination_addresses
          destination_fqdns     = rule.value.destination_fqdns
          protocols             = rule.value.protocols
          destination_ports     = rule.value.destination_ports
        }
      }
    }
  }
}
"""


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write the variables and the module.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> list(export.files)
    ['aks-egress.auto.tfvars.json', 'main.tf']
    """
    group = rule_collection_group(resolution, **options)
    comments = "\n".join(f"# {line}".rstrip() for line in comment_lines(header, group))
    variables = dumps({"aks_egress_collections": collections_json(group, camel=False)})
    return Export(
        files={"aks-egress.auto.tfvars.json": variables, "main.tf": f"{comments}\n{_MODULE}"}, notes=group.notes
    )
