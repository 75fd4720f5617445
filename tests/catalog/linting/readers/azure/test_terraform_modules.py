"""Modules of Terraform that lie beside their caller: what it passes decides, and nothing is read twice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.linting.read import read_lists
from tests.catalog.linting.readers.azure.lists import patterns, read_files, unread

MODULE: Final = """\
variable "rules" {}
variable "extra" {
  default = ["extra.io"]
}
variable "policy_id" {
  default = null
}

resource "azurerm_firewall_policy" "own" {
  name = "own"
}

resource "azurerm_firewall_policy_rule_collection_group" "aks" {
  firewall_policy_id = POLICY
  priority           = 200
  application_rule_collection {
    name     = "app"
    priority = 100
    action   = "Allow"
    dynamic "rule" {
      for_each = var.rules
      content {
        name              = rule.value.name
        source_addresses  = ["*"]
        destination_fqdns = concat(rule.value.hosts, var.extra)
        protocols {
          type = "Https"
          port = 443
        }
      }
    }
  }
}
"""
CALL: Final = """\
locals {
  aks = [{ name = "core", hosts = ["mcr.microsoft.com", "*.hcp.${var.location}.azmk8s.io"] }]
}

module "fw" {
  source    = "./modules/fw"
  rules     = local.aks
  policy_id = azurerm_firewall_policy.hub.id
}
"""


def files(policy: str = "azurerm_firewall_policy.own.id", call: str = CALL) -> dict[str, str]:
    """A caller, and its module whose rules belong to a policy."""
    return {"main.tf": call, "modules/fw/main.tf": MODULE.replace("POLICY", policy)}


def test_what_the_caller_passes_decides_inside(tmp_path: Path) -> None:
    found = read_files(tmp_path, files())
    assert patterns(found) == ["mcr.microsoft.com", "*.hcp.{region}.azmk8s.io", "extra.io"]
    assert {Path(one.place.path).name for one in found.entries} == {"main.tf"}
    assert {one.rule.policy for one in found.entries} == {"module.fw"}
    assert [one.name for one in found.policies] == ["module.fw"]
    assert not unread(found)


def test_a_policy_that_was_passed_in_keeps_its_name(tmp_path: Path) -> None:
    found = read_files(tmp_path, files("var.policy_id"))
    assert {one.rule.policy for one in found.entries} == {"azurerm_firewall_policy.hub"}


def test_a_folder_with_both_is_read_once(tmp_path: Path) -> None:
    read_files(tmp_path, files())
    (tmp_path / "modules" / "fw" / "outputs.tf").write_text('output "id" { value = azurerm_firewall_policy.own.id }\n')
    (found,) = read_lists([str(tmp_path)]).readings
    assert len(found.entries) == 3
    assert [Path(one).name for one in found.included] == ["main.tf", "outputs.tf"]


def test_each_call_is_a_policy_of_its_own(tmp_path: Path) -> None:
    second = (
        CALL.replace('"fw"', '"other"')
        .partition("module")[2]
        .replace("local.aks", '[{ name = "b", hosts = ["b.io"] }]')
    )
    found = read_files(tmp_path, files(call=f"{CALL}\nmodule{second}"))
    by_policy = {one.pattern: one.rule.policy for one in found.entries if one.pattern != "extra.io"}
    assert by_policy == {
        "mcr.microsoft.com": "module.fw",
        "*.hcp.{region}.azmk8s.io": "module.fw",
        "b.io": "module.other",
    }


def test_modules_call_modules(tmp_path: Path) -> None:
    middle = 'variable "all" {}\nmodule "inner" {\n  source = "../fw"\n  rules  = var.all\n}\n'
    call = CALL.replace("./modules/fw", "./modules/middle").replace("rules     =", "all       =")
    found = read_files(tmp_path, {**files(call=call), "modules/middle/main.tf": middle})
    assert "mcr.microsoft.com" in patterns(found)
    assert {one.rule.policy for one in found.entries} == {"module.fw"}
    (one,) = read_lists([str(tmp_path)]).readings
    assert len(one.entries) == 3


def test_a_module_that_calls_itself_ends(tmp_path: Path) -> None:
    endless = files(call='module "fw" {\n  source = "./"\n  rules  = []\n}\n')
    found = read_files(tmp_path, {"main.tf": endless["main.tf"]})
    assert unread(found) == ["module.fw"]


def test_a_module_that_is_not_there_is_told_and_its_arguments_are_read(tmp_path: Path) -> None:
    call = CALL.replace("local.aks", '[{ name = "core", destination_fqdns = ["mcr.microsoft.com"] }]')
    found = read_files(tmp_path, {"main.tf": call})
    assert patterns(found) == ["mcr.microsoft.com"]
    assert [one.message for one in found.unread] == [
        "rule core: its ports are not in these files; any is assumed",
        "the module ./modules/fw was not read: it is not among the files",
    ]
    assert found.unread[1].may_allow


@pytest.mark.shipped
def test_what_a_module_cannot_decide_is_unread_with_its_place(tmp_path: Path) -> None:
    call = CALL.replace("local.aks", "var.from_elsewhere")
    found = read_files(tmp_path, files(call=call))
    (note,) = found.unread
    assert note.may_allow
    assert note.policy == "module.fw"
    assert "var.from_elsewhere" in note.message
    assert Path(note.place.path) == tmp_path / "main.tf"
    assert not [one for one in aec.lint(tmp_path).findings if one.code == "missing"]


def test_defaults_and_locals_of_a_module_count_where_no_block_takes_them(tmp_path: Path) -> None:
    rule = '{ target_fqdns = ["lone.io"], protocol = { type = "Https", port = 443 } }'
    lone = f'variable "rules" {{}}\nlocals {{\n  more = {{ r = {rule} }}\n}}\n'
    found = read_files(tmp_path, {"main.tf": CALL, "modules/fw/main.tf": lone})
    assert "lone.io" in patterns(found)
