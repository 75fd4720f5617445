"""The rule collections as data, for Bicep to load and for Terraform's variables, read back by tools of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aks_egress_catalog.exports.azure import bicep_json, tfvars
from aks_egress_catalog.exports.export import Export
from tests.catalog.exports.azure.azure_firewall_readers import (
    ReadRule,
    assert_grouped,
    bicep_parser,
    needs,
    read_collections,
)
from tests.catalog.exports.azure.terraform_readers import read_blocks, terraform
from tests.catalog.exports.resolutions import HEADER, REAL, real

pytestmark = pytest.mark.slow  # each test starts one of the tools


@needs("azure.mgmt.network", "azure-mgmt-network")
@pytest.mark.parametrize("name", REAL)
def test_what_bicep_loads_is_what_the_sdk_takes(name: str) -> None:
    of = real(name, bicep_json.TARGET)
    export = bicep_json.render(of, HEADER)
    collections = json.loads(export.files["aks-egress.json"])
    for collection in collections:
        for rule in collection["rules"]:
            rule["sourceAddresses"] = ["*"]
    assert_grouped(of, export.notes, read_collections(collections))
    assert not bicep_parser().parse(export.files["main.bicep"].encode()).root_node.has_error
    assert "loadJsonContent('aks-egress.json')" in export.files["main.bicep"]


@pytest.mark.parametrize("name", ["everything", "old tunnel by service tag", "old tunnel to known addresses"])
def test_terraform_takes_the_variables_for_what_they_are(name: str, tmp_path: Path) -> None:
    of = real(name, tfvars.TARGET)
    export = tfvars.render(of, HEADER)
    found = evaluated(export, tmp_path)
    read: list[ReadRule] = []
    for kind in ("network", "application"):
        chosen = [one for one in found if one["kind"] == kind]
        read += read_blocks(kind, [{**one, "action": "Allow", "rule": rules(one)} for one in chosen])
    assert_grouped(of, export.notes, tuple(read))


def rules(collection: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of a collection as the module writes them: with the sources, and nothing where nothing is said."""
    given = ({name: value for name, value in rule.items() if value not in ([], None)} for rule in collection["rules"])
    return [{**rule, "source_addresses": ["*"]} for rule in given]


def evaluated(export: Export, folder: Path) -> list[dict[str, Any]]:
    """Let Terraform read the file of variables; the provider cannot be had, so an output stands for the resource."""
    (folder / "aks-egress.auto.tfvars.json").write_text(export.files["aks-egress.auto.tfvars.json"], encoding="utf-8")
    head = export.files["main.tf"].partition("\nresource ")[0]
    output = 'output "collections" {\n  value = [for one in var.aks_egress_collections : one]\n}\n'
    command = terraform(folder, f"{head}\n{output}")
    assert command.init(backend=False, check=True).retcode == 0
    command.apply(check=True, auto_approve=True, vars={"firewall_policy_id": "x"})
    found: list[dict[str, Any]] = command.output(check=True).value["collections"]["value"]
    return found
