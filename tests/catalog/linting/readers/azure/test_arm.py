"""JSON of Azure: templates, what az prints, and plans of Terraform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from aks_egress_catalog.linting.entry import Action, Layer
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import recognise
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.azure.lists import literal, patterns, read_files, rule, services, unread

SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
HTTPS: Final = [{"protocolType": "Https", "port": 443}]


def group(hosts: Any, name: str = "[format('{0}/apps', parameters('policyName'))]", **facts: Any) -> dict[str, Any]:
    """A rule collection group with one application rule."""
    return {
        "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        "name": name,
        "properties": {
            "priority": 300,
            "ruleCollections": [
                {
                    "name": "c",
                    "priority": 200,
                    "action": {"type": "Allow"},
                    "rules": [
                        {"ruleType": "ApplicationRule", "name": "r", "targetFqdns": hosts, "protocols": HTTPS, **facts}
                    ],
                }
            ],
        },
    }


def template(*resources: Any, **parts: Any) -> str:
    """A template with some resources."""
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources, **parts}, indent=1)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["a.io", "*.b.io"], ["a.io", "*.b.io"]),
        ("[parameters('hosts')]", ["p.io", "q.io"]),
        ("[variables('Hosts')]", ["v.io"]),
        ("[concat(parameters('hosts'), variables('hosts'))]", ["p.io", "q.io", "v.io"]),
        (["[concat('x.', parameters('location'), '.io')]"], ["x.{region}.io"]),
        (["[format('{0}.{1}.io', 'y', parameters('unknown'))]"], ["y.{?}.io"]),
        (["[variables('table').one]", "[variables('table')['two']]"], ["1.io", "2.io"]),
        (["[parameters('hosts')[1]]"], ["q.io"]),
        (["[split(environment().resourceManager, '/')[2]]"], ["management.azure.com"]),
        (["[[literal].io"], ["[literal].io"]),
        ("[if(and(true(), equals('a', 'a')), parameters('hosts'), createArray())]", ["p.io", "q.io"]),
        ("[createArray('s.io', toLower('T.IO'))]", ["s.io", "t.io"]),
        (["it's.io"], ["it's.io"]),
    ],
)
def test_expressions_are_evaluated(tmp_path: Path, hosts: Any, expected: list[str]) -> None:
    text = template(
        group(hosts),
        parameters={
            "policyName": {"type": "string"},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "unknown": {"type": "string"},
            "hosts": {"type": "array", "defaultValue": ["p.io", "q.io"]},
        },
        variables={"hosts": ["v.io"], "table": {"one": "1.io", "two": "2.io"}},
    )
    found = read_files(tmp_path, {"azuredeploy.json": text})
    assert patterns(found) == expected
    made = found.entries[0].rule
    assert (made.policy, made.order[:3]) == ("parameters('policyName')", (1, 300, 200))


@pytest.mark.parametrize(
    "hosts",
    [
        "[parameters('none')]",
        "[reference('x').hosts]",
        "[variables('circle')]",
        ["[uniqueString('a')]"],
        "[concat(]",
        "[if(parameters('none'), createArray('a.io'), createArray())]",
    ],
)
def test_what_cannot_be_evaluated_is_said_and_may_allow(tmp_path: Path, hosts: Any) -> None:
    variables = {"circle": "[variables('round')]", "round": "[variables('circle')]"}
    found = read_files(tmp_path, {"a.json": template(group(hosts, "p/g"), variables=variables)})
    assert found.entries == []
    (note,) = found.unread
    assert (note.may_allow, note.policy) == (True, "p")


def test_nested_templates_have_their_own_parameters_where_they_say_inner(tmp_path: Path) -> None:
    def nested(scope: str) -> dict[str, Any]:
        inner = {
            "$schema": SCHEMA,
            "parameters": {"hosts": {"type": "array", "defaultValue": ["inner-default.io"]}},
            "resources": [group("[parameters('hosts')]", "p/g")],
        }
        given = {"hosts": {"value": ["given.io", "[parameters('one')]"]}}
        return {
            "type": "Microsoft.Resources/deployments",
            "name": "n",
            "properties": {
                "expressionEvaluationOptions": {"scope": scope},
                "parameters": given if scope == "inner" else {},
                "template": inner,
            },
        }

    parameters = {"one": {"type": "string", "defaultValue": "one.io"}}
    found = read_files(tmp_path, {"a.json": template(nested("inner"), parameters=parameters)})
    assert patterns(found) == ["given.io", "one.io"]
    found = read_files(tmp_path, {"a.json": template(nested("outer"), parameters=parameters)})
    assert patterns(found) == ["inner-default.io"]


def test_loops_of_a_template_are_told(tmp_path: Path) -> None:
    made = group(["a.io"], "p/g")
    made["properties"]["copy"] = [{"name": "ruleCollections", "count": 3, "input": {"name": "x"}}]
    found = read_files(tmp_path, {"a.json": template(made)})
    assert patterns(found) == ["a.io"]
    assert unread(found) == ["copy"]


def test_what_az_prints_of_a_policy_is_read(tmp_path: Path) -> None:
    ids = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/Hub"
    listed = [
        {
            **group(["a.io"], "DefaultApplicationRuleCollectionGroup")["properties"],
            "id": f"{ids}/ruleCollectionGroups/DefaultApplicationRuleCollectionGroup",
            "name": "DefaultApplicationRuleCollectionGroup",
            "type": "Microsoft.Network/FirewallPolicies/RuleCollectionGroups",
        }
    ]
    found = read_files(tmp_path, {"groups.json": json.dumps(listed, indent=2)})
    assert [(one.pattern, one.rule.policy) for one in found.entries] == [("a.io", "Hub")]
    shown = {
        "id": ids,
        "name": "Hub",
        "type": "Microsoft.Network/FirewallPolicies",
        "basePolicy": {"id": ids.replace("Hub", "Base")},
        "dnsSettings": {"enableProxy": True},
        "firewallPolicies": [],
    }
    (policy,) = read_files(tmp_path, {"policy.json": json.dumps(shown)}).policies
    assert (policy.name, policy.parent, policy.dns_proxy) == ("Hub", "Base", True)


def test_what_az_prints_of_a_classic_firewall_is_read(tmp_path: Path) -> None:
    shown = {
        "name": "fw",
        "type": "Microsoft.Network/azureFirewalls",
        "additionalProperties": {"Network.DNS.EnableProxy": "true"},
        "applicationRuleCollections": [
            {
                "name": "apps",
                "priority": 200,
                "action": {"type": "Deny"},
                "rules": [{"name": "d", "targetFqdns": ["d.io"], "fqdnTags": [], "protocols": HTTPS}],
            }
        ],
        "networkRuleCollections": [
            {
                "name": "net",
                "properties": {
                    "priority": 100,
                    "action": {"type": "Allow"},
                    "rules": [
                        {
                            "name": "n",
                            "destinationAddresses": ["AzureMonitor"],
                            "destinationPorts": ["443", "8000-8010"],
                            "protocols": ["TCP"],
                            "sourceAddresses": ["10.0.0.0/8"],
                        }
                    ],
                },
            }
        ],
        "natRuleCollections": [{"rules": [{"destinationAddresses": ["192.0.2.1"], "translatedPort": "80"}]}],
    }
    found = read_files(tmp_path, {"fw.json": json.dumps(shown, indent=2)})
    d, n = rule(found, "d"), rule(found, "n")
    assert (d.policy, d.action, d.collection) == ("fw", Action.DENY, "apps")
    assert (n.policy, n.layer, n.order[:3], n.sources) == ("fw", Layer.NETWORK, (0, 0, 100), ("10.0.0.0/8",))
    assert services(n) == ["TCP 443", "TCP 8000-8010"]
    assert found.skipped == 1
    assert [one.dns_proxy for one in found.policies] == [True]


def test_broken_json_is_one_note_with_its_place(tmp_path: Path) -> None:
    text = template(group(["a.io"]))[:-20]
    found = read_files(tmp_path, {"a.json": text})
    assert found.entries == []
    (note,) = found.unread
    assert note.place.line == text.count("\n") + 1


def plan(*, known: bool) -> str:
    """A plan with a module that puts rules into a policy, which exists already or is made by it."""
    ids = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/Hub"
    resource = {
        "address": 'module.fw["x"].azurerm_firewall_policy_rule_collection_group.g',
        "mode": "managed",
        "type": "azurerm_firewall_policy_rule_collection_group",
        "name": "g",
        "values": {
            "firewall_policy_id": ids if known else None,
            "priority": 300,
            "application_rule_collection": [
                {
                    "name": "c",
                    "priority": 200,
                    "action": "Allow",
                    "rule": [
                        {
                            "name": "r",
                            "destination_fqdns": ["a.io"],
                            "destination_fqdn_tags": None,
                            "source_addresses": ["*"],
                            "protocols": [{"type": "Https", "port": 443}],
                        }
                    ],
                }
            ],
        },
    }
    policy = {
        "address": "azurerm_firewall_policy.hub",
        "mode": "managed",
        "type": "azurerm_firewall_policy",
        "values": {"name": "hub", "dns": [{"proxy_enabled": True}]},
    }
    inner = {
        "resources": [
            {
                "address": "azurerm_firewall_policy_rule_collection_group.g",
                "expressions": {"firewall_policy_id": {"references": ["var.policy_id"]}},
            }
        ]
    }
    references = {"references": ["azurerm_firewall_policy.hub.id", "azurerm_firewall_policy.hub"]}
    call = {"expressions": {"policy_id": references}, "module": inner}
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {
                "root_module": {
                    "resources": [policy],
                    "child_modules": [{"address": "module.fw", "resources": [resource]}],
                }
            },
            "configuration": {"root_module": {"module_calls": {"fw": call}}} if not known else {},
        },
        indent=1,
    )


def test_a_plan_names_the_policy_that_it_makes(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"plan.json": plan(known=False)})
    assert found.format == "terraform-plan"
    assert [(one.pattern, one.rule.policy) for one in found.entries] == [("a.io", "azurerm_firewall_policy.hub")]
    assert [(one.name, one.dns_proxy) for one in found.policies] == [("azurerm_firewall_policy.hub", True)]
    assert literal(found.entries[0].place) == "a.io"
    assert read_files(tmp_path, {"plan.json": plan(known=True)}).entries[0].rule.policy == "Hub"


def test_other_json_is_none_of_these() -> None:
    for text in ('{"a": 1}', "// [x]\nparam a string\n", "[1, 2]", "{"):
        assert recognise(Source("-", text)) not in ("arm", "terraform-plan")


PARAMETERS: Final = SCHEMA.replace("deploymentTemplate", "deploymentParameters")


def given(**values: Any) -> str:
    """A file of parameters."""
    parameters = {name: {"value": value} for name, value in values.items()}
    return json.dumps({"$schema": PARAMETERS, "contentVersion": "1.0.0.0", "parameters": parameters}, indent=1)


def with_hosts(*declared: str) -> str:
    """A template whose hosts are a parameter; the default is for everything."""
    parameters = {name: {"type": "array", "defaultValue": ["*"]} for name in ("hosts", *declared)}
    return template(group("[parameters('hosts')]", "hub/apps"), parameters=parameters)


@pytest.mark.parametrize("name", ["hub.parameters.json", "hub.parameters.prod.json", "prod.json"])
def test_parameters_go_into_the_template_that_lies_beside(tmp_path: Path, name: str) -> None:
    found = read_files(tmp_path, {"hub.json": with_hosts(), name: given(Hosts=["given.io"])}, name)
    assert patterns(found) == ["given.io"]
    assert literal(found.entries[0].place) == "given.io"
    (whole,) = read_lists([str(tmp_path)]).readings
    assert patterns(whole) == ["given.io"]


def test_parameters_go_into_a_template_of_bicep_too(tmp_path: Path) -> None:
    text = "param Hosts array\nresource p 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2023-04-01' = {\n"
    text += "  name: 'hub/apps'\n  properties: {\n    ruleCollections: [{\n      name: 'c'\n"
    text += "      action: { type: 'Allow' }\n"
    text += "      rules: [{\n        name: 'r'\n        protocols: [{ protocolType: 'Https', port: 443 }]\n"
    text += "        targetFqdns: Hosts\n      }]\n    }]\n  }\n}\n"
    found = read_files(
        tmp_path, {"hub.bicep": text, "hub.parameters.json": given(hosts=["given.io"])}, "hub.parameters.json"
    )
    assert patterns(found) == ["given.io"]
    assert len(read_lists([str(tmp_path)]).readings) == 1


def test_parameters_for_one_of_several_templates_are_not_followed_and_told(tmp_path: Path) -> None:
    files = {"prod.json": given(hosts=["given.io"]), "a.json": with_hosts(), "b.json": with_hosts("more")}
    found = read_files(tmp_path, files)
    assert not found.entries
    assert ["a.json and" in one.message and one.may_allow for one in found.unread] == [True]
    by_name = read_files(tmp_path, {**files, "b.prod.json": given(hosts=["given.io"])}, "b.prod.json")
    assert patterns(by_name) == ["given.io"]


def test_two_files_of_parameters_are_two_policies(tmp_path: Path) -> None:
    files = {f"hub.{name}.json": given(hosts=[f"{name}.io"]) for name in ("dev", "prod")}
    read_files(tmp_path, {"hub.json": with_hosts(), **files})
    found = read_lists([str(tmp_path)]).readings
    assert {one.pattern: one.rule.policy for reading in found for one in reading.entries} == {
        "dev.io": "hub (hub.dev.json)",
        "prod.io": "hub (hub.prod.json)",
    }


def test_a_secret_parameter_is_not_its_default(tmp_path: Path) -> None:
    kept = given(hosts=[]).replace('"value": []', '"reference": {"secretName": "s"}')
    found = read_files(tmp_path, {"hub.json": with_hosts(), "hub.parameters.json": kept}, "hub.parameters.json")
    assert not found.entries
    assert [one.may_allow for one in found.unread] == [True]
