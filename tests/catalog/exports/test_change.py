"""``export --since``: what it writes, applied to the old export, gives the new one, for every pair of releases."""

from __future__ import annotations

import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.exports.appliances import fortigate, zscaler
from aks_egress_catalog.exports.azure import az_script
from aks_egress_catalog.exports.change import PATCH, SUMMARY
from aks_egress_catalog.exports.dns import nftables
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.exports.kubernetes import cilium
from tests import base
from tests.catalog.exports.engines.networks import may_make_networks, program, real_engine

PROFILE: Final = aec.Profile(
    region="westeurope",
    features="azure-monitor, azure-policy, defender, key-vault-csi",
    gpu=True,
    windows=True,
    konnectivity=False,
    api_server_ips=("192.0.2.7",),
    pods_use_api_server_ip=True,
)
STATES: Final = ("2019-10-01", "2021-06-01", "2023-01-01", "2024-06-01", "2025-06-01")
"""Days with releases behind them between which rules came, went and moved to other ports; every one before the base."""
PAIRS: Final = [*pairwise(STATES), (STATES[0], "latest"), (STATES[-1], "latest"), ("latest", STATES[2])]


def state(name: str) -> Catalog:
    return base.CATALOG if name == "latest" else aec.load(as_of=name)


def files(form: str, name: str, since: str = "") -> dict[str, str]:
    """The files of an export, or of the change from an older one."""
    return aec.export(form, PROFILE, catalog=state(name), since=state(since) if since else None).files


OWN: Final = ("az-script", "cilium", "fortigate", "nftables", "paloalto", "zscaler")


@pytest.mark.parametrize(("old", "new"), PAIRS)
@pytest.mark.parametrize("form", [form for form in FORMATS if form not in OWN])
def test_a_patch_leads_from_the_old_files_to_the_new_ones(form: str, old: str, new: str, tmp_path: Path) -> None:
    change = files(form, new, old)
    assert set(change) == {SUMMARY, PATCH}
    assert patched(tmp_path, files(form, old), change[PATCH]) == files(form, new)


def patched(folder: Path, before: dict[str, str], text: str) -> dict[str, str]:
    """Apply a patch to files with git, outside any repository."""
    for name, content in before.items():
        (folder / name).write_text(content, encoding="utf-8")
    if text:
        subprocess.run([program("git"), "apply", "-"], input=text, text=True, check=True, cwd=folder)
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_zscaler(old: str, new: str) -> None:
    change = files("zscaler", new, old)
    urls = set(files("zscaler", old)[zscaler.FILE].splitlines())
    urls -= set(change[zscaler.REMOVED].splitlines())
    urls |= set(change[zscaler.ADDED].splitlines())
    assert urls == set(files("zscaler", new)[zscaler.FILE].splitlines())


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_cilium(old: str, new: str) -> None:
    change = files("cilium", new, old)
    policies = policies_of(files("cilium", old)[cilium.FILE]) | policies_of(change[cilium.APPLIED])
    for key in policies_of(change[cilium.DELETED]):
        del policies[key]
    assert policies == policies_of(files("cilium", new)[cilium.FILE])


def policies_of(text: str) -> dict[tuple[str, str], Any]:
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text) if one}


Tables = dict[str, dict[str, dict[str, str]]]


def fortios(text: str, tables: Tables) -> Tables:
    """Run commands as FortiOS does: ``edit`` makes or opens an object, ``set`` replaces a setting of it."""
    table: dict[str, dict[str, str]] = {}
    opened: dict[str, str] = {}
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["config"]:
            table = tables.setdefault(" ".join(words[1:]), {})
        elif words[:1] == ["edit"]:
            opened = table.setdefault(words[1], {})
        elif words[:1] == ["set"]:
            opened[words[1]] = " ".join(words[2:])
        elif words[:1] == ["delete"]:
            members = [member for each in tables.values() for one in each.values() for member in one.values()]
            assert not any(words[1] == member for member in members), "what is referred to cannot be deleted"
            del table[words[1]]
        else:
            assert words in ([], ["next"], ["end"]), line
    return tables


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_fortigate(old: str, new: str) -> None:
    change = files("fortigate", new, old)
    tables = fortios(files("fortigate", old)[fortigate.OBJECTS], {})
    for name in (fortigate.CHANGES, fortigate.DELETES):
        fortios(change.get(name, ""), tables)
    expected = fortios(files("fortigate", new)[fortigate.OBJECTS], {})
    assert {table: found for table, found in tables.items() if found} == expected
    ports = {name: set(re.findall('set name "(.*)"', text)) for name, text in change.items()}
    before, after = (
        set(re.findall('set name "(.*)"', files("fortigate", one)[fortigate.POLICIES])) for one in (old, new)
    )
    assert ports.get(fortigate.POLICIES, set()) == after - before
    assert set(re.findall('delete the policy "(.*)"', change.get(fortigate.DELETES, ""))) == before - after


Policy = dict[str, dict[str, tuple[str, ...]]]


def az(text: str, policy: Policy) -> Policy:
    """Run the commands of a script as Azure does: collections by name, and their rules by name."""
    for command in text.replace("\\\n", " ").splitlines():
        if not command.startswith("az network firewall policy rule-collection-group collection "):
            continue
        words = shlex.split(command)
        named = {words[at]: words[at + 1] for at in range(len(words) - 1) if words[at].startswith("--")}
        does = words[6] if words[6] != "rule" else f"rule {words[7]}"
        collection = named.get("--collection-name", named["--name"])
        settings = tuple(words[words.index("--description") :]) if "--description" in words else ()
        if does == "add-filter-collection":
            assert collection not in policy
            policy[collection] = {named["--rule-name"]: settings}
        elif does == "remove":
            del policy[collection]
        elif does == "rule remove":
            del policy[collection][named["--name"]]
        else:
            assert (named["--name"] in policy[collection]) == (does == "rule update")
            policy[collection][named["--name"]] = settings
    return policy


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_az_script(old: str, new: str) -> None:
    change = files("az-script", new, old)
    policy = az(files("az-script", old)[az_script.FILE], {})
    assert az(change[az_script.CHANGES], policy) == az(files("az-script", new)[az_script.FILE], {})


@real_engine("nft", "ip", root=True)
@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_nftables(old: str, new: str, tmp_path: Path) -> None:
    assert may_make_networks()
    change = files("nftables", new, old)
    before, after = files("nftables", old), files("nftables", new)
    for name, text in (
        ("old", before[nftables.FILE]),
        ("change", change[nftables.CHANGES]),
        ("new", after[nftables.FILE]),
    ):
        (tmp_path / name).write_text(text, encoding="ascii")
    rulesets = [ruleset(tmp_path, *names) for names in (("old", "change"), ("new",))]
    assert rulesets[0] == rulesets[1]
    resolver = {nftables.RESOLVER: before[nftables.RESOLVER]}
    (tmp_path / "resolver").mkdir()
    assert patched(tmp_path / "resolver", resolver, change.get(PATCH, "")) == {
        nftables.RESOLVER: after[nftables.RESOLVER]
    }


def ruleset(folder: Path, *names: str) -> list[str]:
    """What is loaded in a network of its own after some files, in no order."""
    loads = " && ".join(f"{program('nft')} -f {folder / name}" for name in names)
    command = [program("unshare"), "--net", "sh", "-c", f"{loads} && {program('nft')} list ruleset"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sets = re.split(r"\n(?=\tset )", text.partition("\tchain ")[0])
    return [*sorted(one.strip() for one in sets), text.partition("\tchain ")[2]]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "paloalto"])
def test_between_the_same_nothing_changes(form: str) -> None:
    change = files(form, "latest", "latest")
    assert "Nothing is to be added.\nNothing may go.\n" in change[SUMMARY]
    assert change.get(PATCH, "") == ""


def test_the_summary_says_since_when() -> None:
    text = files("hosts", "latest", STATES[0])[SUMMARY]
    day = r"\d{4}-\d\d-\d\d$"
    assert re.search(rf"^To add: \d+\n  AzureCloud/\S+: \S+ TCP \d+, in the article since {day}", text, re.MULTILINE)
    assert re.search(rf"^May go: \d+\n  AzureCloud/.*, gone from the article since {day}", text, re.MULTILINE)
