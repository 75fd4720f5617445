"""The data of the exports that "My cluster" writes: what each target can hold, and frames of its files.

The scripts in ``static/cluster/exports/`` write as :mod:`aks_egress_catalog.exports` does. They are fetched, and this
with them, once somebody asks for a format.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Declaration, Way
from aks_egress_catalog.exports.export import Header
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.text.visible import visible

PROFILE_MARK: Final = "{profile}"
"""Stands in the lines of a header for the cluster, in one line."""
WRITTEN_HERE: Final = (
    "azure-firewall-bicep",
    "azure-firewall-terraform",
    "azure-firewall-arm",
    "az-script",
    "bicep-json",
    "terraform-tfvars",
    "paloalto",
    "fortigate",
    "edl",
    "zscaler",
    "aws-suricata",
    "squid",
    "envoy",
    "haproxy",
    "nftables",
    "rpz",
    "cilium",
    "hosts",
    "csv",
    "json",
    "opa",
)
"""The export formats in the order of the page."""
TABS: Final = (
    "azure-firewall-bicep",
    "azure-firewall-terraform",
    "azure-firewall-arm",
    "paloalto",
    "fortigate",
    "squid",
    "csv",
    "json",
)
"""Those that most ask for; the page offers the others in a list."""
_NOTHING: Final = Resolution(rules=(), left_out=(), caveats=())


def exports_json(catalog: Catalog) -> bytes:
    """Everything that the scripts have to know to write a file, beside the rules."""
    header = Header(catalog_version=catalog.version, facts_date=str(catalog.facts_date), profile=PROFILE_MARK)
    content = {"header": header.lines(), "formats": {name: _format(name) for name in WRITTEN_HERE}}
    return (visible(json.dumps(content, ensure_ascii=False, separators=(",", ":"))) + "\n").encode()


def declaration_data(declaration: Declaration) -> dict[str, object]:
    """What a target can hold, as ``static/cluster/exports/declaration.js`` reads it."""
    return {"title": declaration.title, "ways": [_way(way) for way in declaration.ways]}


def _way(way: Way) -> dict[str, object]:
    choices = {
        "forms": sorted(way.forms),
        "traffic": sorted(one.name for one in way.traffic),
        "wildcard": way.wildcard.name,
        "inner": way.inner.name,
        "no_port": way.no_port.name,
    }
    return asdict(way) | choices


def _format(name: str) -> dict[str, object]:
    """A format: what it can express, its files, and what each of them has where there is no rule at all.

    The lines of the header are not in it.
    """
    module = load_format(name)
    head = Header(catalog_version="-", facts_date="-", profile="-")
    target = module.TARGET
    return {
        "target": {
            "names": target.fqdn_in_network_rules,
            "tags": target.service_tags,
            "azure_firewall": target.azure_firewall,
        },
        "declaration": declaration_data(module.DECLARATION),
        "files": {file: _without_header(text, head) for file, text in module.render(_NOTHING, head).files.items()},
    }


def _without_header(text: str, header: Header) -> str:
    """Take away the lines of a header where they are lines of their own."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if line.lstrip("#/ ") not in header.lines())
