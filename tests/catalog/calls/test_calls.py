"""The calls of Python do what the commands do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.profile_file import make_profile
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.model import Cloud, Feature
from aks_egress_catalog.render.answer import answers_json
from tests import base
from tests.catalog.cli.command_line import ask
from tests.catalog.cluster.az.samples import SAMPLES, sample

WEST = aec.Profile(region="westeurope", features="key-vault-csi,gpu")
SET = ("--set", "region=westeurope", "--set", "features=key-vault-csi,gpu")
ENDPOINTS = ("mcr.microsoft.com:443", "nvidia.github.io", "evil.example", "no host", "kv.vault.azure.net")


def catalog() -> Path:
    return base.catalog_file()


@pytest.mark.parametrize(("profile", "said"), [(None, ()), (WEST, SET)])
@pytest.mark.parametrize("fix", [False, True])
def test_check_answers_as_the_command_does(profile: aec.Profile | None, said: tuple[str, ...], fix: bool) -> None:
    answers = aec.check(*ENDPOINTS, profile=profile, catalog=catalog(), fix_advisories=fix)
    done = ask("check", *ENDPOINTS, *said, "--format", "json", *["--fix-advisories"] * fix)
    assert json.loads("".join(answers_json(answers))) == json.loads(done.stdout)


def told_alike(text: str) -> str:
    """Only where a feature was said may differ: by --set, or in the profile. Squid wraps the line that tells so."""
    lines = (line for line in text.splitlines() if not line.startswith(("#", ";")) and "features:" not in line)
    return "\n".join(lines)


@pytest.mark.parametrize("form", FORMATS)
def test_export_writes_what_the_command_writes(form: str, tmp_path: Path) -> None:
    found = aec.export(form, WEST, catalog=catalog(), fix_advisories=True)
    ask("export", form, *SET, "--fix-advisories", "--out", tmp_path)
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert {name: told_alike(text) for name, text in written.items()} == {
        name: told_alike(text) for name, text in found.files.items()
    }


def test_export_takes_the_options_of_its_format() -> None:
    grouped = aec.export("azure-firewall-bicep", WEST, catalog=catalog())
    apart = aec.export("azure-firewall-bicep", WEST, catalog=catalog(), one_rule_per_host=True)
    assert grouped.files != apart.files
    with pytest.raises(aec.AksEgressError, match="--use-fqdn-tag is for azure-firewall-arm"):
        aec.export("squid", WEST, use_fqdn_tag=True)
    with pytest.raises(aec.AksEgressError, match="no format 'pfsense'"):
        aec.export("pfsense", WEST)


def test_export_since_a_version_is_that_since_its_catalog() -> None:
    since = aec.load(catalog(), as_of="2024-06-01")
    by_day = aec.export("paloalto", WEST, catalog=catalog(), since="2024-06-01")
    assert by_day == aec.export("paloalto", WEST, catalog=catalog(), since=since)


@pytest.mark.parametrize(("profile", "said"), [(None, ()), (WEST, SET)])
def test_diff_plans_as_the_command_does(profile: aec.Profile | None, said: tuple[str, ...]) -> None:
    plan = aec.diff("2024-06-01", profile=profile, catalog=catalog())
    done = ask("diff", "2024-06-01", *said, "--format", "json")
    assert aec.to_plain(plan) == json.loads(done.stdout)
    assert plan.add
    assert aec.diff(aec.load(catalog(), as_of="2024-06-01"), base.CATALOG, profile=profile).add == plan.add


@pytest.mark.parametrize("name", sorted(file.stem for file in SAMPLES.glob("*.json")))
def test_what_az_says_is_resolved_as_the_command_resolves_it(name: str) -> None:
    found = aec.profile_from_az(sample(name), catalog=catalog())
    done = ask("resolve", "--from-az", SAMPLES / f"{name}.json", "--format", "json")
    asked = [line for line in json.loads(done.stdout)["caveats"] if line.startswith("open question: ")]
    assert [f"open question: {question}" for question in found.unknown] == asked
    (exported,) = aec.export("json", found, catalog=catalog()).files.values()
    assert json.loads(exported)["rules"] == json.loads(done.stdout)["rules"]


def test_a_rule_is_found_by_its_id() -> None:
    assert all(base.CATALOG.rule(rule.id) is rule for rule in base.CATALOG.rules)
    with pytest.raises(aec.AksEgressError, match=r"did you mean 'AzureCloud/core/mcr\.microsoft\.com:tcp-443'"):
        base.CATALOG.rule("AzureCloud/core/mcr.microsoft.com:tcp-44")
    with pytest.raises(aec.AksEgressError, match="no rule 'x'; list shows all"):
        base.CATALOG.rule("x")


@pytest.mark.parametrize(
    "value",
    [base.CATALOG.rules[0], WEST, base.CATALOG.resolve(WEST), {"cloud": Cloud.CHINA, "features": (Feature.GPU,)}],
)
def test_enums_go_through_yaml_and_json(value: Any) -> None:
    plain = aec.to_plain(value)
    assert yaml.safe_load(yaml.safe_dump(plain)) == plain
    assert json.loads(json.dumps(plain)) == plain


def test_a_profile_comes_back_from_yaml() -> None:
    profile = aec.Profile(cloud=Cloud.CHINA, region="chinaeast2", features=[Feature.GPU], azure_firewall=False)
    assert make_profile(yaml.safe_load(yaml.safe_dump(aec.to_plain(profile)))) == profile
    assert make_profile(json.loads(json.dumps(profile.stated()))) == profile


def test_options_are_those_of_the_command(tmp_path: Path) -> None:
    moon = aec.Profile(region="moonnorth")
    with pytest.raises(aec.ProfileError, match="allow_unknown_region=True"):
        aec.check("mcr.microsoft.com", profile=moon)
    (answer,) = aec.check("x.hcp.moonnorth.azmk8s.io:443", profile=moon, allow_unknown_region=True)
    assert answer.verdict == "required"
    with pytest.raises(aec.AksEgressError, match="cannot read"):
        aec.export("squid", WEST, service_tags=tmp_path / "nowhere.json")


def test_every_public_name_is_there_and_documented() -> None:
    for name in aec.__all__:
        assert getattr(aec, name).__doc__
