"""Clusters that need less than the tables say, through the commands that an operator runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.needs_less import MCR_HOSTS
from aks_egress_catalog.cluster.resolve import Resolution, Target
from tests import base
from tests.catalog.cli.command_line import ask
from tests.catalog.cluster.az.samples import SAMPLES, sample

ISOLATED: Final = ("--from-az", SAMPLES / "network_isolated.json")
MCR: Final = {f"AzureCloud/core/{host}:tcp-443" for host in MCR_HOSTS} & {rule.id for rule in base.CATALOG.rules}


def found_for(path: Path, *settings: str) -> dict[str, Any]:
    given = [part for one in settings for part in ("--set", one)]
    content: dict[str, Any] = json.loads(ask("resolve", "--from-az", path, *given, "--format", "json").stdout)
    return content


def saved(folder: Path, name: str, **changes: Any) -> Path:
    file = folder / "cluster.json"
    file.write_text(json.dumps(sample(name, **changes)), encoding="utf-8")
    return file


def reasons(found: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["reason"] for one in found["left_out"]}


def test_a_network_isolated_cluster_needs_no_way_out_to_mcr_and_the_rest_is_optional() -> None:
    found = found_for(SAMPLES / "network_isolated.json")
    assert len(MCR) == 3
    assert all("no way out to MCR" in reasons(found)[name] for name in MCR)
    assert found["rules"]
    assert all("only for what you let out on purpose" in rule["optional"] for rule in found["rules"])
    assert found["unmet"] == []


def test_check_says_of_what_is_optional_when_it_is_needed() -> None:
    (answer,) = json.loads(ask("check", "management.azure.com:443", *ISOLATED, "--format", "json").stdout)
    assert answer["verdict"] == "required-if"
    assert "only for what you let out on purpose" in answer["reason"]


@pytest.mark.parametrize(
    "command", [("check", "mcr.microsoft.com"), ("export", "azure-firewall-bicep"), ("export", "squid")]
)
def test_check_and_exports_say_so(command: tuple[str, ...]) -> None:
    done = ask(*command, *ISOLATED)
    assert "it needs no egress by default and none to MCR" in done.stderr
    if command[0] == "check":
        assert done.returncode == 1
        assert "no way out to MCR" in done.stdout
    else:
        assert "mcr.microsoft.com" not in done.stdout


def test_what_the_article_says_of_private_endpoints_is_said_of_the_features_it_names() -> None:
    done = ask("resolve", *ISOLATED, "--set", "features=key-vault-csi")
    assert "the article recommends private endpoints for key-vault-csi" in done.stdout


def test_a_bootstrap_cache_with_routes_of_the_user_needs_no_mcr(tmp_path: Path) -> None:
    network = {"networkProfile": {"outboundType": "userDefinedRouting"}}
    file = saved(tmp_path, "private_udr", bootstrapProfile={"artifactSource": "Cache"}, **network)
    found = found_for(file)
    assert set(reasons(found)) >= MCR
    assert not any(rule["optional"] for rule in found["rules"])
    assert any(caveat.startswith("bootstrap cache") for caveat in found["caveats"])
    direct = found_for(saved(tmp_path, "private_udr", bootstrapProfile={"artifactSource": "Direct"}, **network))
    assert {rule["id"] for rule in direct["rules"]} - {rule["id"] for rule in found["rules"]} == MCR


def test_the_rules_of_a_feature_stay_even_where_they_are_of_mcr() -> None:
    found = found_for(SAMPLES / "network_isolated.json", "features=cluster-extensions")
    assert "AzureCloud/cluster-extensions/mcr.microsoft.com:tcp-443" in {rule["id"] for rule in found["rules"]}


def test_with_vnet_integration_the_name_of_the_api_server_is_optional_and_no_address_is_asked_for() -> None:
    found = found_for(SAMPLES / "vnet_integrated.json")
    optional = {rule["id"] for rule in found["rules"] if rule["optional"]}
    assert optional == {"AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"}
    assert not any("api_server_ips=" in caveat for caveat in found["caveats"])


def test_a_cluster_may_end_without_an_optional_rule_that_cannot_be_expressed() -> None:
    def resolved(profile: aec.Profile) -> Resolution:
        return base.CATALOG.resolve(profile, target=Target())

    name = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"
    (plain,) = [left for left in resolved(aec.Profile()).unmet if left.id == name]
    (integrated,) = [left for left in resolved(aec.Profile(vnet_integration=True)).unmet if left.id == name]
    assert (plain.optional, plain.reason) == ("", integrated.reason)
    assert "private address" in integrated.optional
    for command in (("resolve",), ("export", "squid")):
        assert ask(*command).returncode == 1
        done = ask(*command, "--set", "vnet_integration=true")
        assert done.returncode == 0
        assert f"{name}: " in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("systems", "alone"),
    [
        (["AzureLinux"], True),
        (["AzureLinux3", "CBLMariner", "Windows2022"], True),
        (["AzureLinux", "Ubuntu"], False),
        (["AzureLinux", None], False),
        (["Windows2022"], False),
    ],
)
def test_nodes_of_azure_linux_alone_get_a_word_beside_the_hosts_of_ubuntu(
    tmp_path: Path, systems: list[str | None], alone: bool
) -> None:
    pools = [
        {"name": f"pool{place}", "osSku": system, "osType": "Windows" if str(system).startswith("W") else "Linux"}
        for place, system in enumerate(systems)
    ]
    found = found_for(saved(tmp_path, "public", agentPoolProfiles=pools))
    said = {
        rule["values"][0] for rule in found["rules"] if any("runs Azure Linux" in remark for remark in rule["remarks"])
    }
    ubuntu = {rule["values"][0] for rule in found["rules"] if rule["values"][0].endswith(".ubuntu.com")}
    assert said == (ubuntu if alone else set())
    assert len(ubuntu) == 4


@pytest.mark.parametrize("way", ["loadBalancer", "managedNATGateway", "userAssignedNATGateway", "userDefinedRouting"])
def test_a_way_out_of_its_own_is_told(tmp_path: Path, way: str) -> None:
    found = found_for(saved(tmp_path, "public", networkProfile={"outboundType": way}))
    said = any("nothing forces its traffic through your firewall" in caveat for caveat in found["caveats"])
    assert said is (way != "userDefinedRouting")


def test_nothing_is_said_of_the_way_out_where_nobody_said_which() -> None:
    assert "outbound type" not in ask("resolve", "--set", "region=westeurope").stdout
