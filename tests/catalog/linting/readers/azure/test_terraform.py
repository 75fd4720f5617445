"""Terraform: resources, modules, and what their locals and variables stand for."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Action, Form, Layer
from aks_egress_catalog.linting.readers.azure import terraform
from aks_egress_catalog.linting.readers.syntax import grammar
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.azure.lists import entry, literal, patterns, read_files, rule, services, unread

GROUP: Final = """\
resource "azurerm_firewall_policy_rule_collection_group" "aks" {
  name               = "aks"
  firewall_policy_id = azurerm_firewall_policy.hub[0].id
  priority           = 300
  application_rule_collection {
    name     = "app"
    priority = 200
    action   = "Allow"
    rule {
      name              = "registry"
      source_addresses  = ["10.1.0.0/16"]
      destination_fqdns = ["mcr.microsoft.com", "*.data.mcr.microsoft.com"]
      terminate_tls     = true
      protocols {
        type = "Https"
        port = 443
      }
      protocols {
        type = "Mssql"
        port = "1433"
      }
    }
    rule {
      name                  = "tag"
      source_addresses      = ["*"]
      destination_fqdn_tags = ["AzureKubernetesService"]
      web_categories        = ["News"]
      destination_urls      = ["https://a.io/*", "b.io/only/this"]
      protocols {
        type = "Https"
        port = 443
      }
    }
  }
  network_rule_collection {
    name     = "net"
    priority = 100
    action   = "Deny"
    rule {
      name                  = "tunnel"
      source_ip_groups      = [azurerm_ip_group.aks.id]
      destination_addresses = ["AzureCloud.${var.location}", "10.0.0.1-10.0.0.9", "0.0.0.0/0"]
      destination_ports     = ["1194", "9000-9001", "*"]
      protocols             = ["UDP", "Any", "ICMP"]
    }
    rule {
      name                  = "ping"
      destination_addresses = ["*"]
      destination_ports     = ["*"]
      protocols             = ["ICMP"]
    }
    rule {
      name              = "names"
      source_addresses  = var.sources
      destination_fqdns = ["ntp.ubuntu.com", "*.ubuntu.com"]
      destination_ports = [123]
      protocols         = ["UDP"]
    }
  }
  nat_rule_collection {
    name     = "dnat"
    priority = 50
    action   = "Dnat"
    rule {
      name                = "in"
      destination_address = "192.0.2.1"
      destination_ports   = ["443"]
      protocols           = ["TCP"]
      translated_address  = "10.0.0.4"
    }
  }
}

resource "azurerm_firewall_policy" "hub" {
  base_policy_id = azurerm_firewall_policy.root.id
  dns {
    proxy_enabled = true
  }
}

resource "azurerm_network_security_rule" "out" {
  access                     = "Allow"
  direction                  = "Outbound"
  destination_address_prefix = "Internet"
}
"""


def test_a_group_gives_its_rules_with_policy_priorities_and_services(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"main.tf": GROUP})
    registry, tunnel = rule(found, "registry"), rule(found, "tunnel")
    assert (registry.policy, registry.collection) == ("azurerm_firewall_policy.hub", "app")
    assert (registry.layer, registry.action, registry.inspects) == (Layer.APPLICATION, Action.ALLOW, True)
    assert services(registry) == ["HTTPS 443", "TCP 1433"]
    assert (registry.sources, registry.sources_known) == (("10.1.0.0/16",), True)
    assert registry.values_at is not None
    assert literal(registry.values_at) == '["mcr.microsoft.com", "*.data.mcr.microsoft.com"]'
    assert (tunnel.layer, tunnel.action) == (Layer.NETWORK, Action.DENY)
    assert services(tunnel)[:2] == ["UDP 1194", "UDP 9000-9001"]
    assert services(tunnel)[-1] == "TCP and UDP any port"
    assert (tunnel.sources, tunnel.sources_known) == (("azurerm_ip_group.aks.id",), False)
    assert tunnel.order < registry.order
    assert rule(found, "names").sources_known is False
    assert rule(found, "tag").sources == ()


def test_each_value_has_its_form(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"main.tf": GROUP})
    forms = {one.pattern: one.form for one in found.entries}
    assert forms == {
        "mcr.microsoft.com": Form.NAME,
        "*.data.mcr.microsoft.com": Form.NAME,
        "AzureKubernetesService": Form.FQDN_TAG,
        "News": Form.ELSEWHERE,
        "a.io": Form.NAME,
        "AzureCloud.{region}": Form.SERVICE_TAG,
        "10.0.0.1-10.0.0.9": Form.ADDRESS,
        "*": Form.ANY,
        "ntp.ubuntu.com": Form.NAME,
        "*.ubuntu.com": Form.NAME,
    }
    assert "wildcard" in entry(found, "*.ubuntu.com").fault
    assert unread(found) == ["b.io/only/this"]


def test_what_is_no_egress_rule_of_the_firewall_is_counted_only(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"main.tf": GROUP})
    assert found.skipped == 3  # ICMP, DNAT, NSG
    (policy,) = found.policies
    assert (policy.name, policy.parent) == ("azurerm_firewall_policy.hub", "azurerm_firewall_policy.root")
    assert policy.dns_proxy is True


def app_rule(body: str, *, before: str = "") -> str:
    return f"""\
{before}
resource "azurerm_firewall_application_rule_collection" "c" {{
  name                = "c"
  azure_firewall_name = azurerm_firewall.fw.name
  priority            = 100
  action              = "Allow"
  rule {{
    name         = "r"
    target_fqdns = {body}
    protocol {{
      type = "Https"
      port = 443
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('concat(["a.io"], local.more)', ["a.io", "b.io", "c.io"]),
        ("local.map.x", ["d.io"]),
        ('local.map["x"]', ["d.io"]),
        ('toset(["a.io", local.one])', ["a.io", "e.io"]),
        ('flatten([["a.io"], [local.more]])', ["a.io", "b.io", "c.io"]),
        ('[format("%s.%s.io", "a", "b"), lower("A.IO")]', ["a.b.io", "a.io"]),
        ('split(",", "a.io,b.io")', ["a.io", "b.io"]),
        ('[join(".", ["a", "b", "io"])]', ["a.b.io"]),
        ('[for s in ["a", "b"] : "${s}.io" if s != "b"]', ["a.io"]),
        ("[for k, v in local.map : k]", ["x", "y"]),
        ("values(local.map)", ["d.io", "f.io"]),
        ('lookup(local.map, "z", ["g.io"])', ["g.io"]),
        ('try(local.map.z, ["g.io"])', ["g.io"]),
        ("local.yes ? local.more : []", ["b.io", "c.io"]),
        ('["*.${var.location}.io", "x.${local.region}.io"]', ["*.{region}.io", "x.{region}.io"]),
        ('["a.${var.unknown}.io", "$${x}.io"]', ["a.{?}.io", "${x}.io"]),
        ("var.defaulted", ["h.io"]),
        ("local.rows[*].host", ["r1.io", "r2.io"]),
        ("[local.rows[1].host]", ["r2.io"]),
        ("tolist(var.null_one == null ? local.more : [])", ["b.io", "c.io"]),
        ('distinct(["a.io", "a.io"])', ["a.io"]),
        ('["a.io", "*"]', ["a.io", "*"]),
    ],
)
def test_values_are_followed_to_their_literals(tmp_path: Path, value: str, expected: list[str]) -> None:
    scope = """\
locals {
  more   = ["b.io", "c.io"]
  map    = { x = ["d.io"], "y" : ["f.io"] }
  one    = "e.io"
  yes    = length(local.more) > 1 && !false
  region = lower(var.location)
  rows   = [{ host = "r1.io" }, { host = "r2.io" }]
}
variable "location" {}
variable "unknown" { type = string }
variable "null_one" { default = null }
variable "defaulted" {
  type    = list(string)
  default = ["h.io"]
}
"""
    found = read_files(tmp_path, {"main.tf": app_rule(value, before=scope)})
    assert patterns(found) == expected


@pytest.mark.parametrize(
    "value",
    [
        "var.hosts",
        "var.on ? ['a.io'] : []".replace("'", '"'),
        "local.circle",
        "data.http.list.body",
        "[each.value.host]",
        '["${var.host}"]',
        '["*.${var.domain}"]',
        '[for h in var.hosts : "${h}.io"]',
        "module.hosts.all",
        'csvdecode(file("hosts.csv"))',
        'replace(var.x, "/a/", "b")',
    ],
)
def test_what_cannot_be_evaluated_is_said_and_may_allow(tmp_path: Path, value: str) -> None:
    scope = "locals {\n  circle = local.round\n  round = [local.circle]\n}\n"
    found = read_files(tmp_path, {"main.tf": app_rule(value, before=scope)})
    assert found.entries == []
    (note,) = found.unread
    assert note.may_allow
    assert note.policy == "azurerm_firewall.fw"
    assert literal(note.place)


def test_the_known_part_of_a_list_counts(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"main.tf": app_rule('concat(["a.io"], var.more, ["b.io", var.one])')})
    assert patterns(found) == ["a.io", "b.io"]
    assert unread(found) == ["var.more", "var.one"]


def test_variable_files_of_the_folder_override_defaults(tmp_path: Path) -> None:
    files = {
        "main.tf": app_rule("var.hosts", before='variable "hosts" { default = ["old.io"] }'),
        "terraform.tfvars": 'hosts = ["tfvars.io"]\n',
        "z.auto.tfvars": 'hosts = ["auto.io"]\n',
        "other.tfvars": 'hosts = ["named-only.io"]\n',
    }
    found = read_files(tmp_path, files)
    assert patterns(found) == ["auto.io"]
    assert found.entries[0].place.path.endswith("z.auto.tfvars")


DYNAMIC: Final = """\
resource "azurerm_firewall_policy_rule_collection_group" "g" {
  firewall_policy_id = var.policy_id
  priority           = 300
  dynamic "application_rule_collection" {
    for_each = local.collections
    iterator = each_collection
    content {
      name     = each_collection.key
      priority = each_collection.value.priority
      action   = lookup(each_collection.value, "action", "Allow")
      dynamic "rule" {
        for_each = each_collection.value.rules
        content {
          name              = rule.value.name
          source_addresses  = rule.value.sources
          destination_fqdns = try(rule.value.hosts, [])
          dynamic "protocols" {
            for_each = try(rule.value.ports, [443])
            content {
              type = protocols.value == 443 ? "Https" : "Http"
              port = protocols.value
            }
          }
        }
      }
    }
  }
  dynamic "network_rule_collection" {
    for_each = var.network
    content {
      name = network_rule_collection.value.name
    }
  }
}
"""
COLLECTIONS: Final = """\
locals {
  collections = {
    core = { priority = 100, rules = [
      { name = "mcr", sources = ["*"], hosts = ["mcr.microsoft.com"] },
      { name = "both", sources = ["10.0.0.0/8"], hosts = ["a.io", "b.io"], ports = [443, 80] },
    ] }
    block = { priority = 90, action = "Deny", rules = [{ name = "no", sources = ["*"], hosts = ["bad.io"] }] }
  }
}
"""


def test_dynamic_blocks_are_made_of_literal_tables(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"main.tf": DYNAMIC, "locals.tf": COLLECTIONS})
    assert patterns(found) == ["mcr.microsoft.com", "a.io", "b.io", "bad.io"]
    assert all(one.place.path.endswith("locals.tf") for one in found.entries)
    assert services(rule(found, "both")) == ["HTTPS 443", "HTTP 80"]
    assert rule(found, "no").action is Action.DENY
    assert rule(found, "no").order < rule(found, "mcr").order
    assert unread(found) == ["var.network"]


def test_a_definition_is_read_by_itself_only_where_nothing_takes_it_up(tmp_path: Path) -> None:
    unused = 'locals {\n  other = [{ name = "u", destination_fqdns = ["u.io"], protocols = ["Https:443"] }]\n}\n'
    used = 'locals {\n  rules = [{ name = "v", destination_fqdns = ["v.io"], protocols = ["https=443"] }]\n}\n'
    block = """\
resource "azurerm_firewall_policy_rule_collection_group" "g" {
  application_rule_collection {
    action = "Allow"
    dynamic "rule" {
      for_each = local.rules
      content {
        name              = rule.value.name
        destination_fqdns = rule.value.destination_fqdns
        protocols {
          type = "Https"
          port = 443
        }
      }
    }
  }
}
"""
    files = {"main.tf": block, "used.tf": used, "unused.tf": unused}
    assert patterns(read_files(tmp_path, files)) == ["v.io"]
    assert patterns(read_files(tmp_path, files, "unused.tf")) == ["u.io"]
    used_source = Source(str(tmp_path / "used.tf"), used)
    assert terraform.read(used_source).entries == []


def test_keys_count_wherever_they_stand(tmp_path: Path) -> None:
    module = """\
module "group" {
  source = "Azure/avm-res-network-firewallpolicy/azurerm//modules/rule_collection_groups"
  firewall_policy_rule_collection_group_firewall_policy_id = module.policy.resource_id
  firewall_policy_rule_collection_group_priority           = 400
  firewall_policy_rule_collection_group_application_rule_collection = [{
    name = "app", priority = 100, action = "Allow"
    rule = [{ name = "m", destination_fqdns = ["m.io"], protocols = [{ type = "Https", port = 443 }] }]
  }]
}
resource "azapi_resource" "group" {
  type      = "Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01"
  parent_id = azapi_resource.policy.id
  body = jsonencode({ properties = { priority = 200, ruleCollections = [{
    name = "c", priority = 210, action = { type = "Deny" }
    rules = [{ ruleType = "ApplicationRule", name = "z", targetFqdns = ["z.io"],
      protocols = [{ protocolType = "Http", port = 80 }] }]
  }] } })
}
"""
    variables = """\
azurerm_firewall_application_rule_collection_definition = {
  aks = { name = "aks", action = "Allow", priority = 100, ruleset = {
    ubuntu = { source_addresses = ["*"], target_fqdns = ["u.io"],
      protocol = { http = { port = "80", type = "Http" }, https = { port = "443", type = "Https" } } }
  } }
}
"""
    files = {"main.tf": module, "caf.tfvars": variables}
    found = read_files(tmp_path, files)
    m, z = rule(found, "m"), rule(found, "z")
    assert (m.policy, m.order[:3]) == ("module.policy", (1, 400, 100))
    assert (z.policy, z.action, z.order[:3]) == ("azapi_resource.policy", Action.DENY, (1, 200, 210))
    u = rule(read_files(tmp_path, files, "caf.tfvars"), "ubuntu")
    assert services(u) == ["HTTP 80", "HTTPS 443"]
    assert u.collection == "aks"


def test_types_outputs_and_bypasses_are_no_rules(tmp_path: Path) -> None:
    text = """\
variable "rules" {
  type = list(object({ destination_fqdns = list(string), protocols = list(string) }))
}
output "x" {
  value = { destination_fqdns = ["output.io"] }
}
resource "azurerm_firewall_policy" "p" {
  intrusion_detection {
    traffic_bypass {
      name                  = "b"
      protocol              = "TCP"
      destination_addresses = ["10.0.0.1"]
      destination_ports     = ["443"]
    }
  }
}
resource "panos_security_policy" "s" {
  rule {
    destination_addresses = ["any"]
  }
}
"""
    found = read_files(tmp_path, {"main.tf": text})
    assert (found.entries, found.unread) == ([], [])


def test_hosts_of_other_providers_are_names(tmp_path: Path) -> None:
    text = """\
resource "panos_custom_url_category" "c" {
  list = ["mcr.microsoft.com/", "*.x.io/"]
}
resource "fortios_firewall_address" "a" {
  type = "fqdn"
  fqdn = "a.io"
}
resource "aws_networkfirewall_rule_group" "g" {
  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "DENYLIST"
        targets              = [".b.io"]
      }
    }
  }
}
resource "zia_url_categories" "z" {
  urls = var.urls
}
"""
    found = read_files(tmp_path, {"main.tf": text})
    assert patterns(found) == ["mcr.microsoft.com", "*.x.io", "a.io", ".b.io"]
    assert found.entries[-1].rule.action is Action.DENY
    assert unread(found) == ["var.urls"]


def test_rules_whose_action_or_ports_are_not_known_say_so(tmp_path: Path) -> None:
    text = app_rule('["a.io"]').replace('"Allow"', "var.action")
    found = read_files(tmp_path, {"main.tf": text})
    assert found.entries == []
    assert "allows or denies" in found.unread[0].message
    text = app_rule('["a.io"]').replace("port = 443", "port = var.port")
    found = read_files(tmp_path, {"main.tf": text})
    assert (found.entries, unread(found)) == ([], ["var.port"])
    found = read_files(tmp_path, {"main.tf": 'locals {\n  rule = { destination_fqdns = ["a.io"] }\n}\n'})
    assert patterns(found) == ["a.io"]
    assert [one.may_allow for one in found.unread] == [False]


@pytest.mark.parametrize("lost", ['  "b.io,\n', '"b.io"\n  "c.io",\n', "  = b.io,\n", "  ${,\n"])
def test_broken_files_are_read_around_what_is_broken(tmp_path: Path, lost: str) -> None:
    text = app_rule(f'[\n  "a.io",\n{lost}  "z.io",\n]') + app_rule('["y.io"]').replace('"c"', '"d"')
    found = read_files(tmp_path, {"main.tf": text})
    assert {"a.io", "y.io"} <= set(patterns(found))
    assert found.unread
    assert all(one.may_allow for one in found.unread)


def test_terraform_in_json_is_the_same(tmp_path: Path) -> None:
    text = """\
{
  "locals": {"more": ["b.io"], "rules": {"x": {"hosts": ["c.io"]}}},
  "variable": {"location": {}},
  "resource": {"azurerm_firewall_policy_rule_collection_group": {"g": [{
    "firewall_policy_id": "${azurerm_firewall_policy.hub.id}",
    "priority": 300,
    "application_rule_collection": [{
      "name": "app", "priority": 100, "action": "Allow",
      "rule": [{"name": "r", "destination_fqdns": ["a.io", "*.${var.location}.io"],
        "protocols": [{"type": "Https", "port": 443}]},
       {"name": "s", "destination_fqdns": "${local.more}", "protocols": [{"type": "Https", "port": 443}]}],
      "dynamic": {"rule": [{"for_each": "${local.rules}", "content": {"name": "${rule.key}",
        "destination_fqdns": "${rule.value.hosts}", "protocols": [{"type": "Https", "port": 443}]}}]}
    }]
  }]}}
}
"""
    found = read_files(tmp_path, {"main.tf.json": text})
    assert patterns(found) == ["a.io", "*.{region}.io", "b.io", "c.io"]
    assert {one.rule.policy for one in found.entries} == {"azurerm_firewall_policy.hub"}


def test_a_folder_that_changes_is_read_anew(tmp_path: Path) -> None:
    files = {"main.tf": app_rule("local.hosts"), "locals.tf": 'locals {\n  hosts = ["a.io"]\n}\n'}
    assert patterns(read_files(tmp_path, files)) == ["a.io"]
    files["locals.tf"] = 'locals {\n  hosts = ["b.io", "c.io"]\n}\n'
    assert patterns(read_files(tmp_path, files)) == ["b.io", "c.io"]


def test_text_in_no_folder_is_read_alone() -> None:
    found = terraform.read(Source("-", app_rule('["a.io", local.b]')))
    assert (patterns(found), unread(found)) == (["a.io"], ["local.b"])


def test_what_grows_without_end_ends(tmp_path: Path) -> None:
    laughs = "".join(f"  a{n} = concat({', '.join([f'local.a{n + 1}'] * 10)})\n" for n in range(9))
    deep = "[" * 3000 + "]" * 3000
    nested = f"  a9 = ['x.io']\n  deep = {deep}\n".replace("'", '"')
    text = app_rule("local.a0", before=f"locals {{\n{laughs}{nested}}}\n") + app_rule("local.deep")
    start = time.monotonic()
    found = read_files(tmp_path, {"main.tf": text})
    assert time.monotonic() - start < 10
    assert found.unread
    assert patterns(found) == []


def test_a_missing_parser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    grammar._parser.cache_clear()  # noqa: SLF001  - as on a machine where the extra was never installed
    monkeypatch.setitem(sys.modules, "tree_sitter_hcl", None)
    with pytest.raises(InputError, match=r"pip install aks-egress-catalog\[lint\]"):
        terraform.read(Source("a.tf", "locals {}"))


def test_a_choice_between_the_same_is_no_choice(tmp_path: Path) -> None:
    for action, expected in (('"Allow" : "Allow"', Action.ALLOW), ('"Allow" : "Deny"', None)):
        text = GROUP.replace('action   = "Allow"', f"action   = var.on ? {action}")
        found = read_files(tmp_path, {"main.tf": text})
        assert [one.rule.action for one in found.entries if one.pattern == "mcr.microsoft.com"] == (
            [expected] if expected else []
        )
        assert bool([one for one in found.unread if "allows or denies" in one.message]) is (expected is None)


def test_ip_groups_by_their_keys_are_sources(tmp_path: Path) -> None:
    text = """\
firewall_rules = {
  aks = {
    ruleset = {
      core = {
        source_ip_groups_keys = ["nodes"]
        target_fqdns          = ["mcr.microsoft.com"]
        protocol              = { web = { port = "443", type = "Https" } }
      }
    }
  }
}
"""
    one = read_files(tmp_path, {"fw.tfvars": text}).entries[0].rule
    assert (one.sources, one.sources_known, one.sources_named) == (("nodes",), False, True)
