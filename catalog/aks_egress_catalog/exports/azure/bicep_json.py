"""The rule collections as JSON for ``loadJsonContent``, and one Bicep module that makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.collections_data import collections_json, dumps
from aks_egress_catalog.exports.azure.rule_collections import API_VERSION, comment_lines, rule_collection_group
from aks_egress_catalog.exports.export import Export, Header

DESCRIPTION: Final = "JSON for Bicep's loadJsonContent, and the module that loads it"
TARGET: Final = azure_firewall.TARGET
OPTIONS: Final = azure_firewall.OPTIONS
DECLARATION: Final = replace(azure_firewall.DECLARATION, judge="its grammar")
_MODULE: Final = f"""\

@description('Name of the existing firewall policy, in the resource group deployed to.')
param firewallPolicyName string

@description('Where the traffic of the cluster comes from: addresses or ranges of its subnets.')
param sourceAddresses string[] = ['*']

var collections = loadJsonContent('aks-egress.json')

resource policy 'Microsoft.Network/firewallPolicies@{API_VERSION}' existing = {{
  name: firewallPolicyName
}}

resource group 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@{API_VERSION}' = {{
  parent: policy
  name: 'aks-egress'
  properties: {{
    priority: 500
    ruleCollections: [
      for collection in collections: union(collection, {{
        rules: map(collection.rules, rule => union(rule, {{ sourceAddresses: sourceAddresses }}))
      }})
    ]
  }}
}}
"""


def render(resolution: Resolution, header: Header, **options: bool) -> Export:
    """Write the data and the module.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> list(export.files)
    ['aks-egress.json', 'main.bicep']
    """
    group = rule_collection_group(resolution, **options)
    comments = "\n".join(f"// {line}".rstrip() for line in comment_lines(header, group))
    data = dumps(collections_json(group, camel=True))
    return Export(files={"aks-egress.json": data, "main.bicep": f"{comments}\n{_MODULE}"}, notes=group.notes)
