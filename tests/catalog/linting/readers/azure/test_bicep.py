"""Bicep: resources and modules, and what their parameters and variables stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.linting.entry import Action, Form, Layer
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.azure import bicep
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.azure.lists import entry, literal, patterns, read_files, rule, services

HUB: Final = """\
targetScope = 'resourceGroup'

param location string = resourceGroup().location
param policyName string
param o { a: string[] }?
extension microsoftGraph

resource policy 'Microsoft.Network/firewallPolicies@2024-05-01' = {
  name: policyName
  properties: {
    basePolicy: { id: parent.id }
    dnsSettings: { enableProxy: true }
  }

  resource network 'ruleCollectionGroups' = {
    name: 'network'
    properties: {
      priority: 200
      ruleCollections: [
        {
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
          name: 'n'
          priority: 100
          action: { type: 'Deny' }
          rules: [
            {
              ruleType: 'NetworkRule'
              name: 'tunnel'
              ipProtocols: ['UDP', 'TCP']
              sourceIpGroups: [group.id]
              destinationAddresses: ['AzureCloud.${location}'] // the nodes' own region
              destinationFqdns: []
              destinationPorts: ['1194', '9000']
            }
          ]
        }
        {
          ruleCollectionType: 'FirewallPolicyNatRuleCollection'
          name: 'dnat'
          rules: [
            {
              ruleType: 'NatRule'
              destinationAddresses: ['192.0.2.1']
              translatedAddress: '10.0.0.4'
            }
          ]
        }
      ]
    }
  }
}

resource group2 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {
  name: '${policyName}/apps'
  properties: {
    priority: 300
    ruleCollections: [
      {
        name: 'a'
        priority: 400
        action: { type: 'Allow' }
        rules: [
          {
            ruleType: 'ApplicationRule'
            name: 'names'
            sourceAddresses: ['*']
            targetFqdns: VALUE
            terminateTLS: true
            protocols: [{ protocolType: 'Https', port: 443 }]
          }
        ]
      }
    ]
  }
}

resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg'
  properties: {
    securityRules: [
      {
        name: 'firewall-destination'
        properties: { access: 'Allow', direction: 'Outbound', destinationAddressPrefix: '*' }
      }
    ]
  }
}
"""


def hub(value: str, more: str = "") -> str:
    return HUB.replace("VALUE", value) + more


def test_groups_give_their_rules_with_policy_priorities_and_services(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"hub.bicep": hub("['mcr.microsoft.com', '*.data.mcr.microsoft.com']")})
    tunnel, names = rule(found, "tunnel"), rule(found, "names")
    assert tunnel.policy == names.policy == "policy"
    assert (tunnel.layer, tunnel.action, tunnel.order[:3]) == (Layer.NETWORK, Action.DENY, (0, 200, 100))
    assert (names.layer, names.action, names.order[:3]) == (Layer.APPLICATION, Action.ALLOW, (1, 300, 400))
    assert services(tunnel) == ["UDP 1194", "UDP 9000", "TCP 1194", "TCP 9000"]
    assert (tunnel.sources, tunnel.sources_known) == (("group.id",), False)
    assert names.inspects
    assert names.values_at is not None
    assert literal(names.values_at) == "['mcr.microsoft.com', '*.data.mcr.microsoft.com']"
    assert entry(found, "AzureCloud.{region}").form is Form.SERVICE_TAG
    assert found.skipped == 2  # DNAT, NSG
    (policy,) = found.policies
    assert (policy.name, policy.parent, policy.dns_proxy) == ("policy", "parent", True)
    assert found.unread == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hosts", ["a.io", "b.io"]),
        ("union(hosts, ['c.io', 'a.io'])", ["a.io", "b.io", "c.io"]),
        ("concat(hosts, ['c.io'])", ["a.io", "b.io", "c.io"]),
        ("[\n...hosts\n'c.io'\n]", ["a.io", "b.io", "c.io"]),
        ("[for h in hosts: 'x.${h}']", ["x.a.io", "x.b.io"]),
        ("map(rows, r => r.host)", ["r1.io", "r2.io"]),
        ("[\n  split(environment().resourceManager, '/')[2]\n  'z.io'\n]", ["management.azure.com", "z.io"]),
        ("['${split(environment().authentication.loginEndpoint, '/')[2]}']", ["login.microsoftonline.com"]),
        (
            "[replace(replace(environment().authentication.loginEndpoint, 'https://', ''), '/', '')]",
            ["login.microsoftonline.com"],
        ),
        ("['*.blob.${environment().suffixes.storage}']", ["*.blob.core.windows.net"]),
        ("['*.hcp.${location}.azmk8s.io']", ["*.hcp.{region}.azmk8s.io"]),
        ("['a.${policyName}.io']", ["a.{?}.io"]),
        ("on ? hosts : []", ["a.io", "b.io"]),
        ("empty(hosts) ? ['e.io'] : [rows[1].host]", ["r2.io"]),
        ("[format('{0}.{1}', 'f', 'io'), toLower('G.IO')]", ["f.io", "g.io"]),
        ("byName.one", ["n.io"]),
        ("byName['one']", ["n.io"]),
        ("loadJsonContent('hosts.json').hosts", ["json.io"]),
        ("missing ?? hosts", ["a.io", "b.io"]),
        ("split('s.io,t.io', ',')", ["s.io", "t.io"]),
        ("typed", ["typed.io"]),
    ],
)
def test_values_are_followed_to_their_literals(tmp_path: Path, value: str, expected: list[str]) -> None:
    more = """
param on bool = true
param hosts string[] = ['a.io', 'b.io']
param typed foo.bar? = ['typed.io']
var rows = [
  { host: 'r1.io' }
  { host: 'r2.io' }
]
var byName = {
  one: ['n.io']
}
var missing = null
"""
    files = {"hub.bicep": hub(value, more), "hosts.json": '{"hosts": ["json.io"]}'}
    found = read_files(tmp_path, files)
    assert [one.pattern for one in found.entries if one.rule.name == "names"] == expected
    assert found.unread == []


def test_an_expression_that_makes_a_host_is_its_value(tmp_path: Path) -> None:
    expression = "split(environment().resourceManager, '/')[2]"
    found = read_files(tmp_path, {"hub.bicep": hub(f"[\n  {expression}\n]")})
    assert entry(found, "management.azure.com").value == expression


@pytest.mark.parametrize(
    "value", ["unknown", "on ? ['a.io'] : []", "[policyName]", "filter(unknown, u => true)", "circle", "foo()"]
)
def test_what_cannot_be_evaluated_is_said_and_may_allow(tmp_path: Path, value: str) -> None:
    more = "\nparam unknown array\nparam on bool\nvar circle = round\nvar round = [circle]\n"
    found = read_files(tmp_path, {"hub.bicep": hub(value, more)})
    assert [one.rule.name for one in found.entries] == ["tunnel"]
    (note,) = found.unread
    assert (note.may_allow, note.policy) == (True, "policy")
    assert literal(note.place)


def test_a_file_of_parameters_overrides_the_defaults_of_its_template(tmp_path: Path) -> None:
    template = hub("hosts", "\nparam hosts string[] = ['default.io']\n")
    parameters = "using './hub.bicep'\nparam policyName = 'hub'\nparam hosts = [\n  'given.io'\n]\n"
    files = {"hub.bicep": template, "hub.bicepparam": parameters}
    assert "default.io" in patterns(read_files(tmp_path, files))
    found = read_files(tmp_path, files, "hub.bicepparam")
    assert "given.io" in patterns(found)
    assert "default.io" not in patterns(found)
    assert rule(found, "names").policy == "policy"
    in_folder = bicep.read(Source(str(tmp_path / "hub.bicepparam"), parameters, named=False))
    assert patterns(in_folder) == patterns(found)
    assert in_folder.included == [str(tmp_path / "hub.bicep")]


def test_a_template_is_read_once_with_its_parameters(tmp_path: Path) -> None:
    template = hub("hosts", "\nparam hosts string[] = ['default.io']\n")
    parameters = "using 'hub.bicep'\nparam hosts = ['given.io']\n"
    read_files(tmp_path, {"hub.bicep": template, "hub.bicepparam": parameters})
    for given in ([tmp_path], [tmp_path / "hub.bicep", tmp_path / "hub.bicepparam"]):
        (found,) = read_lists(map(str, given)).readings
        assert Path(found.path).name == "hub.bicepparam"
        assert "given.io" in patterns(found)
        assert "default.io" not in patterns(found)


@pytest.mark.shipped
def test_two_files_of_parameters_are_two_policies(tmp_path: Path) -> None:
    template = hub("hosts", "\nparam hosts string[] = ['default.io']\n")
    files = {f"{name}.bicepparam": f"using 'hub.bicep'\nparam hosts = ['{name}.io']\n" for name in ("dev", "prod")}
    read_files(tmp_path, {"hub.bicep": template, **files})
    found = read_lists([str(tmp_path)]).readings
    policies = {one.pattern: one.rule.policy for reading in found for one in reading.entries}
    assert (policies["dev.io"], policies["prod.io"]) == ("policy (dev.bicepparam)", "policy (prod.bicepparam)")
    missing = [one.message for one in aec.lint(tmp_path).findings if one.code == "missing"]
    assert all(one.startswith(("dev.bicepparam: ", "prod.bicepparam: ")) for one in missing)


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"hub.bicepparam": "using '../other/hub.bicep'\nparam firewallHosts = ['a.io']\n"})
    (note,) = found.unread
    assert (note.value, note.may_allow) == ("../other/hub.bicep", True)
    assert literal(note.place) == "../other/hub.bicep"


MODULE: Final = """\
param policyName string
param hosts array
resource policy 'Microsoft.Network/firewallPolicies@2023-04-01' existing = {
  name: policyName
}
resource group 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2023-04-01' = {
  parent: policy
  name: 'aks'
  properties: {
    ruleCollections: [
      {
        name: 'app'
        action: { type: 'Allow' }
        rules: [
          {
            ruleType: 'ApplicationRule'
            name: 'hosts'
            protocols: [{ protocolType: 'Https', port: 443 }]
            targetFqdns: union(hosts, ['own.io'])
          }
        ]
      }
    ]
  }
}
"""


def test_a_module_is_read_with_what_it_is_given(tmp_path: Path) -> None:
    call = """\
resource hub 'Microsoft.Network/firewallPolicies@2023-04-01' = {
  name: 'hub-policy'
  properties: {
    dnsSettings: { enableProxy: true }
  }
}
module rules './modules/rules.bicep' = {
  name: 'rules'
  params: {
    policyName: hub.name
    hosts: ['given.io']
  }
}
"""
    files = {"main.bicep": call, "modules/rules.bicep": MODULE}
    found = read_files(tmp_path, files)
    assert patterns(found) == ["given.io", "own.io"]
    assert {one.rule.policy for one in found.entries} == {"hub"}
    assert not found.unread
    (whole,) = read_lists([str(tmp_path)]).readings
    assert patterns(whole) == ["given.io", "own.io"]


def test_a_module_that_is_not_there_is_told_and_its_parameters_are_read(tmp_path: Path) -> None:
    rule = "{ name: 'r', protocols: [{ protocolType: 'Https', port: 443 }], targetFqdns: ['given.io'] }"
    text = f"module firewall 'firewall.bicep' = {{\n  params: {{\n    applicationRules: [{rule}]\n  }}\n}}\n"
    found = read_files(tmp_path, {"main.bicep": text})
    assert patterns(found) == ["given.io"]
    assert [one.message for one in found.unread] == [
        "the module firewall.bicep was not read: it is not among the files"
    ]


def test_modules_classic_firewalls_and_variables_count_by_their_keys(tmp_path: Path) -> None:
    text = """\
module avm 'br/public:avm/res/network/firewall-policy:0.1.0' = {
  name: 'p'
  params: {
    name: 'pol'
    enableProxy: false
    ruleCollectionGroups: [
      { name: 'g', priority: 5, ruleCollections: [
        { name: 'c', priority: 6, action: { type: 'Allow' }, rules: [
          {
            name: 'm', ruleType: 'ApplicationRule'
            targetUrls: ['m.io/*'], protocols: [{ protocolType: 'Http', port: 80 }]
          }
        ] }
      ] }
    ]
  }
}
resource fw 'Microsoft.Network/azureFirewalls@2023-04-01' = [for i in range(0, count): {
  name: 'fw-${i}'
  properties: {
    applicationRuleCollections: [
      { name: 'cc', properties: { priority: 200, action: { type: 'Allow' }, rules: [
        { name: 'k', targetFqdns: ['k.io'], protocols: [{ protocolType: 'Https', port: 443 }] }
      ] } }
    ]
  }
}]
var kept = [
  { name: 'v', targetFqdns: ['v.io'], protocols: [{ protocolType: 'Https', port: 443 }] }
]
output shown array = [{ targetFqdns: ['output.io'] }]
type t = { targetFqdns: string[] }
"""
    found = read_files(tmp_path, {"fw.bicep": text})
    assert patterns(found) == ["m.io", "k.io", "v.io"]
    assert (rule(found, "m").policy, rule(found, "m").order[:3]) == ("avm", (1, 5, 6))
    assert (rule(found, "k").policy, rule(found, "k").collection) == ("fw", "cc")
    assert [(one.name, one.dns_proxy) for one in found.policies] == [("avm", False)]


def test_loops_over_variables_make_rules(tmp_path: Path) -> None:
    text = """\
var apps = [
  { name: 'one', hosts: ['a.io'] }
  { name: 'two', hosts: ['b.io', 'c.io'] }
]
resource g 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {
  parent: policy
  name: 'g'
  properties: {
    priority: 100
    ruleCollections: [for (app, i) in apps: {
      name: app.name
      priority: 100
      action: { type: 'Allow' }
      rules: [
        {
          ruleType: 'ApplicationRule'
          name: '${app.name}-rule'
          targetFqdns: app.hosts
          protocols: [{ protocolType: 'Https', port: 443 }]
        }
      ]
    }]
  }
}
"""
    found = read_files(tmp_path, {"g.bicep": text})
    assert patterns(found) == ["a.io", "b.io", "c.io"]
    assert rule(found, "two-rule").collection == "two"
    assert rule(found, "one-rule").policy == "policy"


@pytest.mark.parametrize(
    "broken",
    ["  'b.io\n", "  b.io'\n", "  = 'b.io'\n", "  'b.io'\n ]]\n", "  ${\n"],
)
def test_broken_files_are_read_around_what_is_broken(tmp_path: Path, broken: str) -> None:
    value = f"[\n  'a.io'\n{broken}  'z.io'\n]"
    more = hub("['y.io']").replace("group2", "group3").replace("network'", "network2'").replace("names", "more")
    found = read_files(tmp_path, {"hub.bicep": hub(value) + more})
    assert "y.io" in patterns(found)
    assert found.unread
    assert all(one.may_allow for one in found.unread)


def test_depth_without_end_ends(tmp_path: Path) -> None:
    for text in ("var destination = " + "[" * 2000, "var rule = " + "!" * 2000, hub("[" * 500 + "]" * 500)):
        read_files(tmp_path, {"deep.bicep": text})
