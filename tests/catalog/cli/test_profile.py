"""Profiles that are written, and shown with where each setting comes from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.az.questions import open_questions
from aks_egress_catalog.cluster.profile import OUTBOUND_TYPES
from aks_egress_catalog.cluster.profile_file import make_profile
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.model import Cloud, Feature
from aks_egress_catalog.render.profiles import profile_toml
from tests import base
from tests.catalog.cli.command_line import Done, ask, run
from tests.catalog.cluster.az.samples import SAMPLES, sample

CLUSTERS = sorted(file.stem for file in SAMPLES.glob("*.json"))
SETTING = re.compile(r"^#?(\w+) = (.*)$", re.MULTILINE)


def init(*arguments: str | Path) -> Done:
    return run("profile", "init", "--catalog", base.catalog_file(), *arguments)


@st.composite
def profiles(draw: st.DrawFn) -> aec.Profile:
    """Any profile that there can be."""
    cloud = draw(st.sampled_from(Cloud))
    addresses = st.lists(st.ip_addresses().map(str), max_size=3)
    switches = [name for name, key in PROFILE_KEYS.items() if key.choices == ("true", "false")]
    chosen = {name: draw(st.booleans()) for name in switches}
    isolated = ("none", "block") if chosen["network_isolated"] else OUTBOUND_TYPES
    subnet = st.none() | st.sampled_from(["10.224.4.0/28", "2001:db8::/64"])
    return aec.Profile(
        cloud=cloud,
        region=draw(st.none() | st.sampled_from(REGIONS[cloud])),
        features=draw(st.lists(st.sampled_from(Feature), unique=True)),
        outbound_type=draw(st.none() | st.sampled_from(isolated)),
        custom_dns=draw(addresses),
        api_server_ips=draw(addresses),
        api_server_fqdn=draw(st.none() | st.from_regex(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,3}", fullmatch=True)),
        api_server_subnet=draw(subnet) if chosen["vnet_integration"] else None,
        **chosen,
    )


@given(profiles(), st.text(), st.booleans())
def test_what_is_written_reads_back_to_the_same_profile(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile, note: str, everything: bool
) -> None:
    said = {name for name in PROFILE_KEYS if getattr(profile, name) is not None} if everything else profile.stated()
    file = tmp_path_factory.getbasetemp() / "written.toml"
    file.write_text(profile_toml(profile, said=said, notes=[note], beside={"gpu": [note]}), encoding="utf-8")
    assert aec.read_profile(file) == profile


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_is_the_same_from_az_and_from_the_profile_written_of_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / "written.toml"
    done = init("--from-az", SAMPLES / f"{name}.json", "--out", file, "--allow-unknown-region")
    assert (done.returncode, done.stdout) == (0, "")
    found = aec.profile_from_az(sample(name), catalog=base.catalog_file())
    assert aec.read_profile(file) == found.profile
    text = file.read_text(encoding="utf-8")
    flat = re.sub(r"\n(?:# )?", " ", text)
    for question in open_questions(found.unknown, base.CATALOG.rules, found.profile):
        place = flat.index(f"Open question: {question.text}")
        following = SETTING.search(text, text.index(f"# Open question: {question.text[:30]}"))
        assert following
        assert place > 0
        assert following[1] == question.key
    assert all(note in flat for note in found.notes)


def test_every_key_is_explained_with_its_values_and_its_default() -> None:
    text = init("--out", "-").stdout
    assert {name for name, _ in SETTING.findall(text)} == set(aec.Profile.__dataclass_fields__) == set(PROFILE_KEYS)
    assert tomllib.loads(text) == {}
    flat = re.sub(r"\n(?:# )?", " ", text)
    for key in PROFILE_KEYS.values():
        assert f"{key.meaning} Values: {key.values}. Default: {key.default}." in flat
    for name, value in SETTING.findall(text):
        beside = {"vnet_integration": True} if name == "api_server_subnet" else {}
        make_profile(tomllib.loads(f"{name} = {value}") | beside)


def test_what_was_said_stands_and_the_rest_is_a_comment() -> None:
    done = init("--set", "region=uksouth", "--set", "features=gpu,defender", "--set", "konnectivity=yes", "--out", "-")
    assert (done.returncode, done.stderr) == (0, "")
    assert tomllib.loads(done.stdout) == {
        "region": "uksouth",
        "features": ["gpu", "defender"],
        "konnectivity": True,
    }
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_file_is_written_over_only_if_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = init("--set", "region=uksouth")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "note: wrote aks-egress.toml; the other commands use it in this folder and below\n"
    again = init("--set", "region=eastus")
    assert (again.returncode, again.stdout) == (2, "")
    assert "aks-egress.toml is there already; --force writes over it" in again.stderr
    assert json.loads(ask("resolve", "--format", "json").stdout)["profile"]["region"] == "uksouth"
    assert init("--set", "region=eastus", "--force").returncode == 0
    assert json.loads(ask("resolve", "--format", "json").stdout)["profile"]["region"] == "eastus"
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere.toml")
    assert init("--out", "link.toml").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--out", "pyproject.toml"), 2, "pyproject.toml holds more than a profile: print it by --out -"),
        (("--out", "pyproject.toml", "--force"), 2, "under [tool.aks-egress]"),
        (("--out", "cluster.yaml"), 2, "give a name that ends in .toml"),
        (("--out", ""), 2, "give a name that ends in .toml"),
        (("--set", "region=westeurop"), 2, "did you mean 'westeurope'?"),
        (("--set", "regoin=x"), 2, "did you mean 'region'?"),
        (("--from-az", "/nowhere.json"), 3, "/nowhere.json"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = init(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_profile_is_of_one_cluster(tmp_path: Path) -> None:
    file = tmp_path / "clusters.json"
    file.write_text(json.dumps([sample("public"), sample("china")]), encoding="utf-8")
    done = init("--from-az", file, "--out", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "a profile is of one cluster, and --from-az holds 2: plain, " in done.stderr


def test_text_of_a_cluster_cannot_leave_its_comment() -> None:
    hostile = 'x\ngpu = true\r\x00\u2028"""'
    text = profile_toml(aec.Profile(), said=(), notes=[hostile], beside={"region": [hostile]})
    assert tomllib.loads(text) == {}


def shown(*arguments: str | Path) -> list[dict[str, tuple[object, str]]]:
    """Each cluster's settings with their origins."""
    found = json.loads(run("profile", "show", "--format", "json", *arguments).stdout)
    return [{one["key"]: (one["value"], one["origin"]) for one in cluster["settings"]} for cluster in found]


def test_each_setting_is_shown_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'region = "eastus"\nkonnectivity = true\ncustom_dns = ["192.0.2.53"]\nfeatures = ["gpu"]\n'
    (tmp_path / "aks-egress.toml").write_text(text, encoding="utf-8")
    said = ("--set", "custom_dns=192.0.2.54", "--set", "features=-gpu,defender", "--set", "windows=yes")
    (found,) = shown(*said)
    assert set(found) == set(PROFILE_KEYS)
    assert found["cloud"] == ("AzureCloud", "the region")
    assert found["region"] == ("eastus", "aks-egress.toml")
    assert found["konnectivity"] == (True, "aks-egress.toml")
    assert found["custom_dns"] == (["192.0.2.53", "192.0.2.54"], "aks-egress.toml, --set")
    assert found["features"] == (["defender"], "--set")
    assert found["gpu"] == (False, "--set")
    assert found["windows"] == (True, "--set")
    assert found["recommended"] == (True, "the default")
    done = run("profile", "show", *said)
    assert f"note: profile: {tmp_path / 'aks-egress.toml'}" in done.stderr
    assert re.search(r"custom_dns +192\.0\.2\.53, 192\.0\.2\.54 +aks-egress\.toml, --set", done.stdout)
    assert "features: core (every cluster needs it); defender, windows (--set)" in done.stdout
    (without,) = shown("--no-profile")
    assert {origin for _, origin in without.values()} == {"the default"}


def test_clusters_of_az_are_shown_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "clusters.json"
    file.write_text(json.dumps([sample("public"), sample("china")]), encoding="utf-8")
    one, other = shown("--from-az", file, "--set", "gpu=yes")
    assert (one["region"], other["cloud"]) == (
        (sample("public")["location"], "clusters.json"),
        ("AzureChinaCloud", "clusters.json"),
    )
    assert other["gpu"] == (True, "--set")


def test_the_keys_are_listed_and_fit_into_80_columns() -> None:
    done = run("profile", "keys")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for key in PROFILE_KEYS.values():
        assert f"  {key.name}\n      {key.meaning[:40]}" in done.stdout
    assert [key["name"] for key in json.loads(run("profile", "keys", "--format", "json").stdout)] == [*PROFILE_KEYS]
    said = " ".join(run("resolve", "--help").stdout.split())
    assert all(re.search(rf"\b{name}\b", said) for name in PROFILE_KEYS)
    assert "aks-egress-catalog profile keys" in said
