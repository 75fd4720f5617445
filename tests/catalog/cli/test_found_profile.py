"""The profile that a folder has: which file is found, what it does, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aks_egress_catalog.cluster.profile_file import find_profile
from tests import base
from tests.catalog.cli.command_line import ask
from tests.catalog.cluster.az.samples import SAMPLES

OWN = "aks-egress.toml"
PROJECT = "pyproject.toml"
PROFILE = 'region = "eastus"\nfeatures = ["defender"]\n'
TABLE = f"[tool.aks-egress]\n{PROFILE}"
COMMANDS = [("check", "mcr.microsoft.com"), ("export", "json"), ("resolve",), ("diff", "2026-01-01")]


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder two below the root of a repository, in which the command runs."""
    place = tmp_path / "repository" / "infra" / "firewall"
    place.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_uses_the_profile_of_its_folder_and_says_so(here: Path, command: tuple[str, ...]) -> None:
    file = write(here / OWN, PROFILE)
    done = ask(*command)
    assert f"note: profile: {file} (--no-profile does without)\n" in done.stderr
    assert f"defender ({OWN})" in done.stdout + done.stderr
    without = ask(*command, "--no-profile")
    assert OWN not in without.stdout + without.stderr


def test_a_check_answers_for_the_cluster_of_the_folder(here: Path) -> None:
    host = "nvidia.github.io"
    assert f"{host}: required-if, needed with gpu\n" in ask("check", host).stdout
    write(here / OWN, PROFILE)
    done = ask("check", host)
    assert (done.returncode, "not-needed" in done.stdout) == (1, True)
    assert ask("check", "mcr.microsoft.com", "--allow-any").returncode == 0
    idle = ask("check", "mcr.microsoft.com", "--allow-any", "--no-profile")
    assert (idle.returncode, "--allow-any acts on one cluster's rules" in idle.stderr) == (2, True)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({f"infra/firewall/{OWN}": PROFILE, f"infra/{OWN}": PROFILE}, f"infra/firewall/{OWN}"),
        ({f"infra/{OWN}": PROFILE}, f"infra/{OWN}"),
        ({f"../{OWN}": PROFILE}, None),
        ({OWN: PROFILE}, OWN),
        ({PROJECT: TABLE}, PROJECT),
        ({PROJECT: TABLE, OWN: PROFILE}, OWN),
        ({PROJECT: TABLE, f"infra/{OWN}": PROFILE}, f"infra/{OWN}"),
        ({OWN: PROFILE, f"infra/{PROJECT}": TABLE}, f"infra/{PROJECT}"),
        ({OWN: PROFILE, f"infra/{PROJECT}": "[tool.black]\nline-length = 88\n"}, OWN),
        ({OWN: PROFILE, f"infra/{PROJECT}": ""}, OWN),
        ({OWN: PROFILE, f"infra/{PROJECT}": "tool = 5\n"}, OWN),
        ({PROJECT: "[tool.aks-egress]\n"}, PROJECT),
        ({f"infra/{OWN}/inside": ""}, None),
        ({}, None),
    ],
    ids=range(14),
)
def test_the_nearest_profile_within_the_repository_is_found(
    here: Path, files: dict[str, str], found: str | None
) -> None:
    root = here.parents[1]
    for name, text in files.items():
        write(root / name, text)
    assert find_profile(here).file == (root / found if found else None)


def test_a_worktree_is_a_repository_too(here: Path) -> None:
    write(here.parent / ".git", "gitdir: /elsewhere\n")
    write(here.parents[1] / OWN, PROFILE)
    assert find_profile(here).file is None


def test_settings_stand_on_top_of_a_found_profile(here: Path) -> None:
    write(here / PROJECT, TABLE)
    done = ask("resolve", "--format", "json", "--set", "features=gpu", "--set", "region=westus")
    found = json.loads(done.stdout)
    assert found["profile"]["region"] == "westus"
    assert {"defender", "gpu"} <= {one["feature"] for one in found["features"]}


def test_whoever_names_a_cluster_gets_that_one(here: Path, tmp_path: Path) -> None:
    write(here / OWN, PROFILE)
    named = write(tmp_path / "named.toml", 'region = "uksouth"\n')
    for given in (("--profile", named), ("--from-az", SAMPLES / "china.json")):
        done = ask("resolve", "--format", "json", *given)
        assert json.loads(done.stdout)["profile"]["region"] != "eastus"
        assert OWN not in done.stderr
    done = ask("resolve", "--no-profile", "--profile", named)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give one of them" in done.stderr


def test_a_project_file_may_be_named_as_well(tmp_path: Path) -> None:
    file = write(tmp_path / PROJECT, TABLE)
    assert json.loads(ask("resolve", "--format", "json", "--profile", file).stdout)["profile"]["region"] == "eastus"
    write(file, "[tool.black]\n")
    done = ask("resolve", "--profile", file)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{file} has no table [tool.aks-egress]" in done.stderr


def test_a_project_file_that_is_not_toml_is_passed_over_with_a_note(here: Path) -> None:
    broken, file = write(here / PROJECT, "[tool.black\n"), write(here.parent / OWN, PROFILE)
    done = ask("check", "mcr.microsoft.com")
    assert done.returncode == 0
    assert f"note: {broken} cannot be read: Expected ']'" in done.stderr
    assert f"note: profile: {file}" in done.stderr
    broken.write_bytes("[tool.aks-egress]".encode("utf-16"))
    assert f"note: {broken} cannot be read: " in ask("check", "mcr.microsoft.com").stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (OWN, "region =", "cannot be read: Invalid value"),
        (OWN, 'regoin = "x"\n', "regoin: unknown key, did you mean 'region'?"),
        (OWN, "region = 5\n", "region: expected a text, found 5"),
        (OWN, 'gpu = "perhaps"\n', "gpu: expected true or false"),
        (OWN, 'cloud = "AzureCloud"\nregion = "chinaeast2"\n', "is a region of AzureChinaCloud"),
        (PROJECT, '[tool]\naks-egress = "x"\n', "a profile is a table of settings, not a str"),
        (PROJECT, "[tool.aks-egress]\nlocation = 5\n", "location: unknown key"),
    ],
)
def test_a_broken_profile_is_an_error_with_its_path(here: Path, name: str, text: str, said: str) -> None:
    file = write(here / name, text)
    for given in ((), ("--profile", file)):
        done = ask("resolve", *given)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"error: {file}" in done.stderr
        assert said in done.stderr


def test_a_setting_that_contradicts_the_file_is_no_fault_of_the_file(here: Path) -> None:
    write(here / OWN, PROFILE)
    done = ask("resolve", "--set", "cloud=AzureChinaCloud")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: region: 'eastus' is a region of AzureCloud" in done.stderr


def test_a_file_that_settings_make_whole_is_one(here: Path) -> None:
    write(here / OWN, 'api_server_subnet = "10.0.0.0/28"\n')
    assert f"error: {here / OWN}: api_server_subnet" in ask("resolve").stderr
    assert ask("resolve", "--set", "vnet_integration=yes", "--allow-missing").returncode == 0


def test_a_folder_that_is_gone_has_no_profile(here: Path) -> None:
    catalog = base.catalog_file()
    here.rmdir()
    assert ask("check", "mcr.microsoft.com", "--catalog", catalog).returncode == 0
