"""Is this denied host one of ours? For everybody by the article, for one cluster by its own rules."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.ask.check import Answer, Verdict, check, parse_endpoint
from aks_egress_catalog.cluster.resolve import Target
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.model import Lifecycle, Rules, Status
from tests import base
from tests.catalog.cli import command_line

CATALOG = base.CATALOG
EVERYTHING = Target(fqdn_in_network_rules=True, service_tags=True)
WEST: dict[str, Any] = {"region": "westeurope"}
GOVERNMENT: dict[str, Any] = {"cloud": "AzureUSGovernment", "region": "usgovvirginia"}
HOST = "gpu/nvidia.github.io:tcp-443"
HCP = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"


def ask(text: str, profile: dict[str, Any] | None = None, **options: Any) -> Answer:
    resolution = CATALOG.resolve(aec.Profile(**profile), target=EVERYTHING, **options) if profile is not None else None
    return check(CATALOG, parse_endpoint(text), resolution=resolution)


def why(answer: Answer, name: str) -> str:
    (reason,) = {near.why_not for near in answer.near if near.rule.id == name}
    return reason


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("mcr.microsoft.com", "covered"),
        ("foo.hcp.northeurope.azmk8s.io", "covered"),
        ("192.0.2.1:9000", "possible"),
        ("evilmcr.microsoft.com:8443", "not covered"),
    ],
)
def test_only_a_host_pattern_or_a_range_covers(text: str, verdict: str) -> None:
    assert ask(text).verdict == verdict


@pytest.mark.parametrize(
    ("text", "profile", "verdict"),
    [
        ("mcr.microsoft.com", {}, "covered"),
        ("foo.hcp.westeurope.azmk8s.io", WEST, "covered"),
        ("foo.hcp.northeurope.azmk8s.io", WEST, "not covered"),
        ("foo.hcp.westeurope.azmk8s.io", {"api_server_fqdn": "my.hcp.westeurope.azmk8s.io"}, "not covered"),
        ("my.hcp.westeurope.azmk8s.io", {"api_server_fqdn": "my.hcp.westeurope.azmk8s.io"}, "covered"),
        ("foo.hcp.westeurope.azmk8s.io", {}, "possible"),
        ("foo.hcp.westeurope.azmk8s.io", {"private_cluster": True}, "not covered"),
        ("20.50.1.1:443", {**WEST, "features": ("azure-monitor",)}, "possible"),
        ("20.50.1.1:443", WEST, "not covered"),
        ("10.1.1.1:9000", GOVERNMENT, "possible"),
        ("10.1.1.1:9000", {**GOVERNMENT, "api_server_ips": ("10.1.1.1",)}, "covered"),
        ("10.1.1.2:9000", {**GOVERNMENT, "api_server_ips": ("10.1.1.1",)}, "not covered"),
        ("10.1.1.1:9000", {"cloud": "AzureUSGovernment"}, "possible"),
        ("nvidia.github.io", WEST, "not covered"),
        ("nvidia.github.io", {**WEST, "gpu": True}, "covered"),
        ("ntp.ubuntu.com:123/udp", {**WEST, "nodes_after_2021_03": False, "azure_firewall": True}, "covered"),
    ],
)
def test_with_a_profile_the_clusters_own_rules_decide(text: str, profile: dict[str, Any], verdict: str) -> None:
    assert ask(text, profile).verdict == verdict


def test_ranges_and_any_decide_what_a_tag_leaves_open() -> None:
    tags = ServiceTags(
        cloud="AzureUSGovernment", change_number=1, prefixes={"AzureCloud.usgovvirginia": ("10.1.0.0/16",)}
    )
    assert ask("10.1.1.1:9000", GOVERNMENT, service_tags=tags).verdict is Verdict.COVERED
    assert ask("10.2.1.1:9000", GOVERNMENT, service_tags=tags).verdict is Verdict.NOT_COVERED
    assert ask("10.2.1.1:9000", {"cloud": "AzureUSGovernment"}, allow_any=True).verdict is Verdict.COVERED


def test_a_rule_without_a_port_covers_its_host_on_every_port() -> None:
    answer = ask("md-abc.blob.storage.azure.net:8443", WEST, informational=True)
    assert [rule.id for rule in answer.rules] == ["AzureCloud/core/md-*.blob.storage.azure.net:any"]


def test_what_is_possible_says_on_what_it_depends() -> None:
    assert ask("foo.hcp.westeurope.azmk8s.io", {}).depends[HCP].endswith("it needs the region")
    (depends,) = ask("20.50.1.1:443", {**WEST, "features": ("azure-monitor",)}).depends.values()
    assert depends == "depends on what AzureMonitor holds; --service-tags tells"
    assert set(ask("192.0.2.1:9000").depends.values()) == {"depends on the alternative that you implement"}


def test_the_nearest_rules_say_why_they_do_not_match() -> None:
    assert "covers names below data.mcr.microsoft.com" in ask("data.mcr.microsoft.com:444").near[0].why_not
    assert "it is for TCP 443, not for TCP 80" in ask("mcr.microsoft.com:80").near[0].why_not


@pytest.mark.parametrize(
    ("text", "profile", "name", "reason"),
    [
        ("nvidia.github.io", WEST, "AzureCloud/gpu/nvidia.github.io:tcp-443", "left out, the profile does not use gpu"),
        ("foo.hcp.northeurope.azmk8s.io", WEST, HCP, "for this cluster it is *.hcp.westeurope.azmk8s.io"),
        (
            "md-a.blob.storage.azure.net",
            WEST,
            "AzureCloud/core/md-*.blob.storage.azure.net:any",
            "left out, it is informational",
        ),
        (
            "mcr.azure.cn",
            WEST,
            "AzureChinaCloud/core/mcr.azure.cn:tcp-443",
            "left out, it is a rule of AzureChinaCloud",
        ),
    ],
)
def test_a_rule_that_is_none_of_the_clusters_says_why(
    text: str, profile: dict[str, Any], name: str, reason: str
) -> None:
    assert why(ask(text, profile), name).startswith(reason)


def test_a_removed_rule_covers_nothing_and_says_since_when() -> None:
    removed = Lifecycle(status=Status.REMOVED, since=dt.date(2026, 1, 2), commit="c")
    rules = Rules(
        dataclasses.replace(rule, lifecycle=removed) if rule.id.endswith(HOST) else rule for rule in CATALOG.rules
    )
    answer = check(dataclasses.replace(CATALOG, rules=rules), parse_endpoint("nvidia.github.io"))
    assert answer.rules == ()
    assert why(answer, f"AzureCloud/{HOST}") == "it was removed from the article on 2026-01-02"


def test_the_conditions_are_those_of_the_alternative_that_covers() -> None:
    done = command_line.ask("check", "ntp.ubuntu.com:123/udp")
    for line in done.stdout.splitlines()[1:]:
        assert "only-if:azure-firewall-network-rules" in line
    assert "not-if:nodes-after-2021-03; only-if:azure-firewall-network-rules" in done.stdout
    profile = {**WEST, "nodes_after_2021_03": False, "azure_firewall": True}
    (conditions,) = ask("ntp.ubuntu.com:123/udp", profile).conditions.values()
    assert "only-if:azure-firewall-network-rules" in map(str, conditions)


def test_advisories_speak_where_the_page_is_known_to_be_wrong() -> None:
    assert [one.id for one in ask("my.vault.azure.net").advisories] == ["vault-host"]
    assert [one.id for one in ask("mcrprod.azurecr.io").advisories] == ["mcrprod"]


@pytest.mark.parametrize("cluster", [(), ("--set", "region=westeurope")])
def test_fixes_are_applied_with_and_without_a_profile(cluster: tuple[str, ...]) -> None:
    assert command_line.ask("check", "mcrprod.azurecr.io", *cluster).returncode == 1
    assert command_line.ask("check", "mcrprod.azurecr.io", *cluster, "--fix-advisories").returncode == 0


def test_a_resolution_with_fixes_is_one_of_the_same_catalog() -> None:
    assert ask("mcrprod.azurecr.io", WEST, fix_advisories=True).verdict is Verdict.COVERED


def test_the_command_tells_the_caveats_and_keeps_them_out_of_the_answer() -> None:
    done = command_line.ask("check", "mcr.microsoft.com", "--set", "region=usgovvirginia", "--format", "json")
    assert "note: features: core (every cluster needs it); os-updates" in done.stderr
    assert json.loads(done.stdout)[0]["verdict"] == "covered"


@pytest.mark.parametrize("flag", [("--service-tags", "tags.json"), ("--allow-any",), ("--informational",)])
def test_an_option_that_cannot_act_is_refused(flag: tuple[str, ...]) -> None:
    done = command_line.ask("check", "mcr.microsoft.com", *flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{flag[0]} acts on one cluster's rules: give --profile" in done.stderr
