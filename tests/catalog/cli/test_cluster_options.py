"""What the profile options say together: nothing that was read is lost, and each answer says what it assumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.text.codec import to_json
from tests import base
from tests.catalog.cli.command_line import Done, ask
from tests.catalog.cluster.az.samples import SAMPLES, sample

LOADED = ("--from-az", SAMPLES / "all_addons.json")


def features(done: Done) -> dict[str, str]:
    return {one["feature"]: one["origin"] for one in json.loads(done.stdout)["features"]}


def resolve(*arguments: str | Path) -> Done:
    return ask("resolve", *arguments, "--format", "json")


def settings(*given: str) -> list[str]:
    return [part for one in given for part in ("--set", one)]


def test_a_setting_adds_to_the_features_that_the_cluster_has() -> None:
    plain = features(resolve(*LOADED))
    more = features(resolve(*LOADED, *settings("features=gpu", "features=windows")))
    assert set(more) == {*plain, "gpu", "windows"}
    assert more["gpu"] == "--set"
    assert more["defender"] == "all_addons.json: securityProfile.defender.securityMonitoring"


def test_following_the_advice_on_extensions_drops_no_rule() -> None:
    file = ("--from-az", SAMPLES / "us_government.json")
    plain, advised = resolve(*file), resolve(*file, "--set", "features=cluster-extensions")
    assert "--set features=cluster-extensions" in plain.stderr
    before, after = ({rule["id"] for rule in json.loads(done.stdout)["rules"]} for done in (plain, advised))
    assert before < after


def test_a_minus_takes_one_feature_away_and_no_other(tmp_path: Path) -> None:
    plain = features(resolve(*LOADED))
    assert set(features(resolve(*LOADED, "--set", "features=-defender"))) == set(plain) - {"defender"}
    pools = ("--from-az", SAMPLES / "windows_gpu.json")
    assert {"gpu", "windows", "os-updates"} <= set(features(resolve(*pools)))
    assert set(features(resolve(*pools, "--set", "features=-gpu,-windows,-os-updates"))) == {"core"}
    file = tmp_path / "mine.toml"
    file.write_text('features = ["gpu", "defender"]\ncustom_dns = ["192.0.2.53"]\n', encoding="utf-8")
    done = resolve("--profile", file, *settings("features=-gpu", "features=azure-policy", "custom_dns=192.0.2.54"))
    assert features(done)["defender"] == "mine.toml"
    assert set(features(done)) == {"core", "os-updates", "defender", "azure-policy"}
    assert json.loads(done.stdout)["profile"]["custom_dns"] == ["192.0.2.53", "192.0.2.54"]


def test_none_is_an_answer_and_takes_nothing_away(tmp_path: Path) -> None:
    assert resolve(*settings("region=westeurope", "custom_dns=none")).returncode == 0
    file = tmp_path / "mine.toml"
    file.write_text('custom_dns = ["192.0.2.53"]\n', encoding="utf-8")
    done = resolve("--profile", file, "--set", "custom_dns=none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "custom_dns: there are 192.0.2.53; take each away with custom_dns=-VALUE" in done.stderr


@pytest.mark.parametrize(
    "command", [("check", "mcr.microsoft.com"), ("export", "json"), ("resolve",), ("diff", "2026-01-01")]
)
def test_each_answer_says_which_features_it_assumed_and_from_where(command: tuple[str, ...]) -> None:
    done = ask(*command, *settings("region=westeurope", "features=defender", "gpu=True"))
    said = "core (every cluster needs it); defender, gpu (--set); os-updates (recommended for every cluster"
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(("said", "value"), [("no", False), ("YES", True), ("True", True), ("off", False)])
def test_a_switch_is_understood_as_people_write_it(said: str, value: bool) -> None:
    assert json.loads(resolve("--set", f"gpu={said}").stdout)["profile"]["gpu"] is value


def test_a_chinese_region_gives_chinese_hosts_or_is_refused() -> None:
    found = json.loads(resolve("--set", "region=chinaeast2").stdout)
    assert found["profile"]["cloud"] == "AzureChinaCloud"
    assert "*.hcp.chinaeast2.cx.prod.service.azk8s.cn" in {value for rule in found["rules"] for value in rule["values"]}
    strict = ("export", "json", "--strict", "--set", "cloud=AzureCloud")
    for region, said in (("chinaeast2", "is a region of AzureChinaCloud"), ("westeurop", "did you mean 'westeurope'?")):
        done = ask(*strict, "--set", f"region={region}")
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_an_unknown_region_passes_where_it_is_allowed(tmp_path: Path) -> None:
    done = ask("resolve", "--set", "region=moonnorth", "--allow-unknown-region")
    assert done.returncode == 0
    assert "*.hcp.moonnorth.azmk8s.io" in done.stdout
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(sample("public", location="Moon North", fqdn=None)), encoding="utf-8")
    assert "'moonnorth' is not known for AzureCloud" in ask("resolve", "--from-az", file).stderr
    assert ask("resolve", "--from-az", file, "--allow-unknown-region").returncode == 0


PROFILES: list[dict[str, Any]] = [
    {"region": "westeurope", "features": "azure-monitor,defender", "konnectivity": False},
    {"region": "usgovvirginia", "azure_firewall": True},
    {"region": "usgovvirginia", "azure_firewall": False, "features": "azure-monitor"},
    {"region": "chinaeast2", "api_server_ips": "192.0.2.7", "pods_use_api_server_ip": True},
]


@pytest.mark.parametrize("profile", PROFILES)
def test_python_and_the_command_line_resolve_the_same(profile: dict[str, Any]) -> None:
    done = resolve(*settings(*(f"{key}={value}" for key, value in profile.items())))
    found = json.loads(to_json(base.CATALOG.resolve(aec.Profile(**profile))))
    asked = json.loads(done.stdout)
    for part in ("rules", "left_out", "unmet", "profile", "data_version"):
        assert asked[part] == found[part]
    exported = ask("export", "json", *settings(*(f"{key}={value}" for key, value in profile.items())))
    assert json.loads(exported.stdout)["rules"] == found["rules"]
