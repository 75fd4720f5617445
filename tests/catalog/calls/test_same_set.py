"""resolve, export, check and Python give one set of rules for one profile, whatever the profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.ask.answer import Unreadable, Verdict
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import Cloud, DestinationForm, Feature, Level
from tests import base
from tests.catalog.cli.command_line import ask

SWITCHES = (
    "recommended", "private_cluster", "vnet_integration", "konnectivity", "pods_use_api_server_ip", "network_isolated",
    "bootstrap_cache", "private_endpoints", "http_proxy", "gpu", "windows", "azure_linux", "nodes_after_2021_03",
)  # fmt: skip


@st.composite
def profiles(draw: st.DrawFn) -> aec.Profile:
    cloud = draw(st.sampled_from(Cloud))
    chosen: dict[str, Any] = {name: draw(st.booleans()) for name in SWITCHES}
    return aec.Profile(
        cloud=cloud,
        region=draw(st.none() | st.sampled_from(REGIONS[cloud])),
        features=draw(st.lists(st.sampled_from(Feature), unique=True)),
        azure_firewall=draw(st.none() | st.booleans()),
        custom_dns=draw(st.sampled_from([(), ("192.0.2.53",)])),
        api_server_ips=draw(st.sampled_from([(), ("192.0.2.7", "2001:db8::7")])),
        **chosen,
    )


def ids(found: aec.Resolution) -> set[str]:
    return {rule.id for rule in found.rules} | {left.id for left in found.unmet}


def host_of(pattern: str) -> str:
    return pattern.replace("*", "x1")


@given(profiles())
def test_check_says_yes_to_what_is_resolved_and_to_nothing_else(profile: aec.Profile) -> None:
    found = base.CATALOG.resolve(profile)
    hosts = [rule for rule in found.rules if rule.form is DestinationForm.FQDN and rule.port]
    asked = [f"{host_of(value)}:{rule.port}/{rule.protocol}" for rule in hosts for value in rule.values]
    for answer in aec.check(*asked, profile=profile, catalog=base.CATALOG):
        assert not isinstance(answer, Unreadable)
        assert answer.verdict.is_yes
    needed = ids(found)
    for rule in base.CATALOG.rules(cloud=profile.cloud):
        host = host_of(rule.destinations[0].value.replace("{region}", profile.region or "x"))
        elsewhere = any(one.port == rule.port and any(pattern_matches(v, host) for v in one.values) for one in hosts)
        named = rule.destinations[0].form is DestinationForm.FQDN and rule.level is not Level.INFORMATIONAL
        if named and rule.id not in needed and not elsewhere:
            (answer,) = aec.check(f"{host}:{rule.port}/{rule.protocol}", profile=profile, catalog=base.CATALOG)
            assert answer.verdict != Verdict.REQUIRED


@given(profiles())
@settings(max_examples=25)
def test_the_commands_and_the_calls_have_one_set(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile
) -> None:
    file = tmp_path_factory.getbasetemp() / "profile.json"
    file.write_text(json.dumps(profile.stated()), encoding="utf-8")
    found = aec.to_plain(base.CATALOG.resolve(profile))
    resolved = json.loads(ask("resolve", "--profile", file, "--format", "json").stdout)
    exported = json.loads(ask("export", "json", "--profile", file).stdout)
    for part in ("rules", "unmet"):
        assert resolved[part] == found[part] == exported[part]
    assert resolved["left_out"] == found["left_out"]


@given(profiles(), st.sampled_from(sorted(FORMATS)))
def test_every_export_tells_of_each_rule_that_is_needed(profile: aec.Profile, form: str) -> None:
    found = base.CATALOG.resolve(profile)
    exported = aec.export(form, profile, catalog=base.CATALOG)
    assert sorted(note.id for note in exported.notes) == sorted(ids(found))


def test_a_profile_file_is_what_the_settings_say(tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text('region = "eastus"\nfeatures = ["gpu"]\nazure_firewall = true\n', encoding="utf-8")
    by_file = json.loads(ask("resolve", "--profile", file, "--format", "json").stdout)
    said = ("--set", "region=eastus", "--set", "features=gpu", "--set", "azure_firewall=true")
    by_settings = json.loads(ask("resolve", *said, "--format", "json").stdout)
    assert by_file["rules"] == by_settings["rules"]
