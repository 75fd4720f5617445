"""``--fix`` in files of Terraform and Bicep: the smallest edit, in the rule that fits, or a word why there is none."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.linting.mending import texts
from tests.catalog.linting.allow_lists import CORE
from tests.catalog.linting.mending.mended_files import EVERYTHING, Files, fix, lines, missing, rule, terraform

COMPLETE = [host for host in CORE if not host.startswith("mcr-0001")]
SOME = [host for host in COMPLETE if not host.startswith("packages.")]


def changed(before: str, after: str) -> list[str]:
    """The lines that a fix takes out and puts in, without white space at their ends."""
    found = difflib.ndiff(before.splitlines(), after.splitlines())
    return [f"{line[0]}{line[2:].strip()}" for line in found if line[0] in "+-"]


def once_more(folder: Path, done: Files) -> Files:
    """Mend what was mended: nothing is left to do."""
    again = fix(folder, done.texts, wishes=EVERYTHING)
    assert (again.texts, again.mended.done) == (done.texts, ())
    return again


@pytest.mark.parametrize(
    ("fqdns", "expected"),
    [
        (lines(*SOME), ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']),
        (
            lines(*sorted(SOME)),
            ['+"packages.aks.azure.com",', '+"packages.microsoft.com",'],
        ),
        (
            lines(*SOME, last=""),
            [f'-"{SOME[-1]}"', f'+"{SOME[-1]}",', '+"packages.aks.azure.com",', '+"packages.microsoft.com"'],
        ),
    ],
)
def test_what_is_missing_is_added_to_its_rule(tmp_path: Path, fqdns: str, expected: list[str]) -> None:
    text = terraform(rule(fqdns))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == expected
    assert not missing(done.mended.found)
    assert done.mended.done[0].endswith(": packages.aks.azure.com (HTTPS 443) added to core")
    once_more(tmp_path / "a", done)


def test_a_list_on_one_line_stays_on_it(tmp_path: Path) -> None:
    fqdns = "[" + ", ".join(f'"{host}"' for host in SOME) + "]"
    text = terraform(rule(fqdns))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert done.text == text.replace(fqdns, fqdns[:-1] + ', "packages.aks.azure.com", "packages.microsoft.com"]')


def test_line_endings_tabs_and_comments_stay(tmp_path: Path) -> None:
    fqdns = lines(*SOME, indent="\t\t\t\t").replace('azmk8s.io",', 'azmk8s.io", # the API server')
    text = terraform(rule(fqdns)).replace("\n", "\r\n")
    done = fix(tmp_path / "a", {"main.tf": text})
    added = "".join(f'\t\t\t\t"packages.{name}",\r\n' for name in ("aks.azure.com", "microsoft.com"))
    assert done.text == text.replace(f'"{SOME[-1]}",\r\n', f'"{SOME[-1]}",\r\n{added}')


def test_a_local_list_is_edited_where_it_stands_and_once(tmp_path: Path) -> None:
    head = f'locals {{\n  hosts = {lines(*SOME, indent="    ")}\n  note  = <<-EOT\n    ["x.io"\n  EOT\n}}\n\n'
    text = terraform(rule("local.hosts"), rule("local.hosts", name="again", sources='["10.1.0.0/16"]'), before=head)
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']
    once_more(tmp_path / "a", done)


def test_a_list_that_a_module_is_given_is_edited_at_its_caller(tmp_path: Path) -> None:
    call = f'module "fw" {{\n  source = "./modules/fw"\n  hosts  = {lines(*SOME, indent="    ")}\n}}\n'
    files = {"main.tf": call, "modules/fw/main.tf": terraform(rule("var.hosts"), before='variable "hosts" {}\n\n')}
    done = fix(tmp_path / "a", files)
    assert changed(call, done.texts["main.tf"]) == ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']
    assert done.texts["modules/fw/main.tf"] == files["modules/fw/main.tf"]
    once_more(tmp_path / "a", done)


def test_a_list_of_parameters_is_edited_and_the_template_stays(tmp_path: Path) -> None:
    template = bicep("hosts", before="param hosts array\n\n")
    parameters = "using './hub.bicep'\nparam hosts = " + lines(*SOME, indent="  ", comma="", last="", quote="'") + "\n"
    done = fix(tmp_path / "a", {"hub.bicep": template, "hub.bicepparam": parameters})
    assert changed(parameters, done.texts["hub.bicepparam"]) == [
        "+'packages.aks.azure.com'",
        "+'packages.microsoft.com'",
    ]
    assert done.texts["hub.bicep"] == template


def test_a_list_in_another_file_is_edited_there(tmp_path: Path) -> None:
    variable = f'variable "hosts" {{\n  type    = list(string)\n  default = {lines(*SOME, indent="    ")}\n}}\n'
    files = {"main.tf": terraform(rule("var.hosts")), "variables.tf": variable}
    done = fix(tmp_path / "a", files)
    assert done.texts["main.tf"] == files["main.tf"]
    assert changed(variable, done.texts["variables.tf"]) == ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']
    assert not missing(done.mended.found)


def test_a_list_in_a_file_that_was_not_given_is_left(tmp_path: Path) -> None:
    files = {"main.tf": terraform(rule("local.hosts")), "locals.tf": f"locals {{\n  hosts = {lines(*SOME)}\n}}\n"}
    done = fix(tmp_path / "a", files, given=["main.tf"])
    assert done.texts == files
    assert any("not among the files" in line for line in done.mended.left)


def test_a_part_of_a_list_that_is_put_together_is_edited(tmp_path: Path) -> None:
    head = 'variable "more" {\n  type    = list(string)\n  default = []\n}\n\n'
    text = terraform(rule(f"concat({lines(*SOME)}, var.more)"), before=head)
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']


def test_the_rules_of_a_dynamic_block_share_their_list(tmp_path: Path) -> None:
    text = terraform(rule(lines(*SOME))).replace(
        "    rule {\n      name             =",
        '    dynamic "rule" {\n      for_each = ["one", "two"]\n      content {\n      name             =',
    )
    text = text.replace("      }\n    }\n  }\n}\n", "      }\n      }\n    }\n  }\n}\n")
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == ['+"packages.aks.azure.com",', '+"packages.microsoft.com",']


def test_hosts_on_http_go_to_a_rule_of_their_own_or_nowhere(tmp_path: Path) -> None:
    west = Profile(region="westeurope")
    text = terraform(rule(lines(*COMPLETE)))
    done = fix(tmp_path / "a", {"main.tf": text}, profile=west)
    assert changed(text, done.text) == ['+"snapshot.ubuntu.com",']
    (word,) = (line for line in done.mended.left if "security.ubuntu.com" in line)
    assert "no rule for hosts of AKS is for HTTP 80" in word
    assert "export azure-firewall-terraform --set region=westeurope" in word
    text = terraform(rule(lines(*COMPLETE)), rule(lines("security.ubuntu.com"), name="http", service="Http", port=80))
    done = fix(tmp_path / "a", {"main.tf": text}, profile=west)
    assert not missing(done.mended.found)
    assert changed(text, done.text) == [
        '+"snapshot.ubuntu.com",',
        '+"azure.archive.ubuntu.com",',
        '+"changelogs.ubuntu.com",',
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            rule(lines("security.ubuntu.com"), service="Http", port=80, sources='["10.9.0.0/16"]'), id="sources"
        ),
        pytest.param(rule(lines("ours.example"), service="Http", port=80), id="no host of AKS"),
        pytest.param(rule('["AzureKubernetesService"]').replace("fqdns", "fqdn_tags"), id="a tag"),
        pytest.param(rule('["security.ubuntu.com/*"]', service="Http", port=80).replace("fqdns", "urls"), id="URLs"),
    ],
)
def test_a_rule_that_does_not_fit_gets_nothing(tmp_path: Path, other: str) -> None:
    text = terraform(rule(lines(*COMPLETE, "snapshot.ubuntu.com")), other)
    done = fix(tmp_path / "a", {"main.tf": text}, profile=Profile(region="westeurope"))
    assert done.text == text
    assert "changelogs.ubuntu.com 80" in missing(done.mended.found)
    assert any("no rule for hosts of AKS is for HTTP 80 and these sources" in line for line in done.mended.left)


def test_a_rule_for_more_ports_than_those_of_the_web_gets_nothing(tmp_path: Path) -> None:
    more = '        port = 443\n      }\n\n      protocols {\n        type = "Https"\n        port = 8443\n      }'
    text = terraform(rule(lines(*SOME)).replace("        port = 443\n      }", more))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert done.text == text
    assert any("would fit, but it is for HTTPS 8443 as well" in line for line in done.mended.left)


def test_a_deny_is_never_a_home(tmp_path: Path) -> None:
    text = terraform(rule(lines(*COMPLETE))).replace('action   = "Allow"', 'action   = "Deny"')
    assert fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING).text == text


def test_a_rule_that_all_its_hosts_need_on_another_port_gets_that_port(tmp_path: Path) -> None:
    text = terraform(rule(lines(*COMPLETE[1:])), rule(lines(COMPLETE[0]), name="api", service="Http", port=80))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == ['-type = "Http"', '+type = "Https"', "-port = 80", "+port = 443"]
    assert not missing(done.mended.found)
    once_more(tmp_path / "a", done)


def test_a_rule_with_another_host_keeps_its_port(tmp_path: Path) -> None:
    text = terraform(
        rule(lines(*COMPLETE[1:])), rule(lines(COMPLETE[0], "ours.example"), name="api", service="Http", port=80)
    )
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == [f'+"{COMPLETE[0]}",']
    assert not missing(done.mended.found)


def test_a_near_miss_is_replaced_only_on_demand(tmp_path: Path) -> None:
    hosts = [host.replace("microsoftonline.com", "microsoftonline.co") for host in COMPLETE]
    text = terraform(rule(lines(*hosts)))
    plain = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, plain.text) == ['+"login.microsoftonline.com",']
    assert any("--fix-near-misses" in line for line in plain.mended.left)
    done = fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING)
    assert done.text == terraform(rule(lines(*COMPLETE)))
    both = fix(tmp_path / "a", {"main.tf": plain.text}, wishes=EVERYTHING)
    assert both.text == plain.text
    assert any("stands beside it" in line for line in both.mended.left)


def test_what_is_retired_is_taken_out_but_never_the_last_value(tmp_path: Path) -> None:
    text = terraform(rule(lines("gcr.io", *COMPLETE, "*.cdn.mscr.io")), rule(lines("gcr.io"), name="old"))
    plain = fix(tmp_path / "a", {"main.tf": text})
    assert plain.text == text
    done = fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING)
    assert done.text == terraform(rule(lines(*COMPLETE)), rule(lines("gcr.io"), name="old"))
    assert any("the rule would be empty" in line for line in done.mended.left)
    once_more(tmp_path / "a", done)


def test_what_a_comment_silences_is_left(tmp_path: Path) -> None:
    fqdns = lines(*COMPLETE, "gcr.io").replace('"gcr.io",', '"gcr.io", # aks-egress: ignore retired ours')
    text = terraform(rule(fqdns))
    assert fix(tmp_path / "a", {"main.tf": text}, wishes=EVERYTHING).text == text


def test_an_apex_gets_its_wildcard_beside_it(tmp_path: Path) -> None:
    text = terraform(rule(lines(*COMPLETE).replace("*.data.", "data.")))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert changed(text, done.text) == ['+"*.data.mcr.microsoft.com",']
    assert any("it stays" in line for line in done.mended.left)


def test_one_cluster_by_its_name_is_left_to_a_person(tmp_path: Path) -> None:
    hosts = ["one-1.hcp.westeurope.azmk8s.io", *(host for host in COMPLETE if ".hcp." not in host)]
    text = terraform(rule(lines(*hosts)))
    done = fix(tmp_path / "a", {"main.tf": text})
    assert done.text == text
    assert any("is one such name" in line for line in done.mended.left)


def bicep(fqdns: str, *, service: str = "Https", port: int = 443, before: str = "") -> str:
    return f"""{before}resource hub 'Microsoft.Network/firewallPolicies@2024-05-01' existing = {{
  name: 'hub'
}}

resource aks 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {{
  parent: hub
  name: 'aks'
  properties: {{
    priority: 200
    ruleCollections: [
      {{
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        name: 'aks'
        priority: 100
        action: {{ type: 'Allow' }}
        rules: [
          {{
            ruleType: 'ApplicationRule'
            name: 'core'
            sourceAddresses: ['*'] // all
            targetFqdns: {fqdns}
            protocols: [{{ protocolType: '{service}', port: {port} }}]
          }}
        ]
      }}
    ]
  }}
}}
"""


@pytest.mark.parametrize(("comma", "last"), [("", ""), (",", ""), (",", ",")])
def test_bicep_gets_lines_with_the_commas_that_it_has(tmp_path: Path, comma: str, last: str) -> None:
    def text(*hosts: str) -> str:
        return bicep(lines(*hosts, comma=comma, last=last, indent=" " * 14, quote="'"))

    done = fix(tmp_path / "a", {"main.bicep": text("gcr.io", *SOME)}, wishes=EVERYTHING)
    assert done.text == text(*SOME, "packages.aks.azure.com", "packages.microsoft.com")
    once_more(tmp_path / "a", done)


def test_a_variable_of_bicep_is_edited_where_it_stands(tmp_path: Path) -> None:
    hosts = lines(*SOME, comma="", last="", indent="  ", quote="'").replace("westeurope", "${location}")
    text = bicep("hosts", before=f"param location string = 'westeurope'\n\nvar hosts = {hosts}\n\n")
    done = fix(tmp_path / "a", {"main.bicep": text})
    assert changed(text, done.text) == ["+'packages.aks.azure.com'", "+'packages.microsoft.com'"]


def test_a_port_of_bicep_is_corrected(tmp_path: Path) -> None:
    text = bicep(lines(*COMPLETE, comma="", last="", indent=" " * 14, quote="'"), service="Http", port=80)
    done = fix(tmp_path / "a", {"main.bicep": text})
    assert done.text == text.replace("'Http', port: 80", "'Https', port: 443")


def test_nothing_is_written_where_a_second_reading_would_say_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = terraform(rule(lines(*SOME)))
    for spoilt in ('["mcr.microsoft.com"]', "[", '["${var.x}"]', lines(*SOME, "evil.example")):
        monkeypatch.setattr(texts, "with_value", lambda *_, made=spoilt: made)
        done = fix(tmp_path / "a", {"main.tf": text})
        assert done.text == text
        assert done.mended.done == ()
        assert any("nothing was written" in line or "no end" in line or "no list" in line for line in done.mended.left)


def group(policy: str, hosts: str, name: str) -> str:
    """A collection group of a policy with one rule."""
    text = terraform(rule(lines(*hosts.split()), name=name, sources='["10.0.0.0/8"]'))
    return text.replace("policy.hub", f"policy.{policy}").replace('group" "aks"', f'group" "{policy}"')


def test_what_a_child_lacks_is_not_added_to_its_parent(tmp_path: Path) -> None:
    policies = """resource "azurerm_firewall_policy" "hub" {
  name = "hub"
}

resource "azurerm_firewall_policy" "spoke" {
  name           = "spoke"
  base_policy_id = azurerm_firewall_policy.hub.id
}

"""
    hub = group("hub", " ".join(SOME), "parents")
    done = fix(tmp_path / "a", {"main.tf": policies + hub + group("spoke", "packages.microsoft.com", "childs")})
    assert done.text.startswith(policies + hub)
    assert [line.partition(": ")[2] for line in done.mended.done] == [
        "packages.aks.azure.com (HTTPS 443) added to childs"
    ]
    assert not missing(done.mended.found)


SHAPES = {
    "classic, for each of a map": """resource "azurerm_firewall_application_rule_collection" "a" {
  azure_firewall_name = azurerm_firewall.hub.name
  action              = "Allow"
  dynamic "rule" {
    for_each = { aks = { hosts = tolist(LIST) }, ours = { hosts = ["ours.example"] } }
    content {
      name             = rule.key
      source_addresses = ["*"]
      target_fqdns     = rule.value.hosts
      protocol {
        port = "443"
        type = "Https"
      }
    }
  }
}
""",
    "variables of CAF": """azurerm_firewall_application_rule_collection_definition = {
  aks = {
    action  = "Allow"
    ruleset = {
      aks = {
        source_addresses = ["*"]
        target_fqdns     = LIST
        protocol         = { web = { port = "443", type = "Https" } }
      }
    }
  }
}
""",
    "a module": """module "rules" {
  source                                                            = "Azure/avm-res-network-firewallpolicy/azurerm"
  firewall_policy_rule_collection_group_application_rule_collection = [{
    action = "Allow"
    rule   = [{
      source_addresses  = ["*"]
      destination_fqdns = concat(["ours.example"], LIST)
      protocols         = [{ port = 443, type = "Https" }]
    }]
  }]
}
""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_lists_are_edited_wherever_they_stand(tmp_path: Path, shape: str) -> None:
    name = "a.auto.tfvars" if "variables" in shape else "main.tf"
    done = fix(tmp_path / "a", {name: SHAPES[shape].replace("LIST", lines(*SOME))})
    more = (*SOME, "packages.aks.azure.com", "packages.microsoft.com")
    assert done.text == SHAPES[shape].replace("LIST", lines(*more))
    once_more(tmp_path / "a", done)
