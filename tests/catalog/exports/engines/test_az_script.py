"""The script for ``az``, run by a real shell with an ``az`` that records what it is asked, and read by shellcheck."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.exports.azure import az_script, rule_collections
from aks_egress_catalog.exports.azure.firewall_rules import ApplicationRule, FirewallRule
from tests.catalog.exports.engines.networks import program, real_engine
from tests.catalog.exports.engines.probes import exported
from tests.catalog.exports.resolutions import HEADER, REAL, https, real, resolution

RECORDER: Final = """#!{python}
import json, os, sys
with open(os.environ["RECORD"], "a") as record:
    record.write(json.dumps(sys.argv[1:]) + "\\n")
sys.exit("show" in sys.argv and not os.environ.get("IS_THERE"))
"""
SUBNETS: Final = ("10.224.0.0/16", "10.225.0.0/16")


def run(text: str, folder: Path, *arguments: str, **environment: str) -> tuple[int, list[list[str]]]:
    """Run a script; returns how it ended, and the arguments of each ``az`` that it called."""
    (folder / "bin").mkdir(exist_ok=True)
    fake = folder / "bin" / "az"
    fake.write_text(RECORDER.format(python=sys.executable), encoding="utf-8")
    fake.chmod(0o755)
    (folder / az_script.FILE).write_text(text, encoding="ascii")
    record = folder / "record"
    record.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", str(folder / az_script.FILE), *arguments],
        env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "RECORD": str(record), **environment},
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def options(arguments: list[str]) -> dict[str, list[str]]:
    """The options of a command with their values; what stands before them is under ``""``."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for word in arguments:
        if word.startswith("--"):
            name = word
            found[name] = []
        else:
            found[name].append(word)
    return found


def expected(rule: FirewallRule) -> dict[str, list[str]]:
    """How ``az`` is told of a rule, but for its name."""
    if isinstance(rule, ApplicationRule):
        return {
            "--rule-type": ["ApplicationRule"],
            "--protocols": [f"{rule.application.capitalize()}={rule.port}"],
            **({"--target-fqdns": list(rule.fqdns)} if rule.fqdns else {}),
            **({"--fqdn-tags": list(rule.fqdn_tags)} if rule.fqdn_tags else {}),
        }
    return {
        "--rule-type": ["NetworkRule"],
        "--ip-protocols": [str(rule.protocol)],
        "--destination-ports": [str(rule.port)],
        **({"--destination-addresses": list(rule.addresses)} if rule.addresses else {}),
        **({"--destination-fqdns": list(rule.fqdns)} if rule.fqdns else {}),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_az_is_asked_for_exactly_the_rules(name: str, tmp_path: Path) -> None:
    of = real(name, az_script.TARGET)
    code, asked = run(exported("az-script", of)[az_script.FILE], tmp_path, "rg", "policy", *SUBNETS)
    assert code == 0
    show, create, *adds = map(options, asked)
    assert show[""][-1] == "show"
    assert create[""] == ["network", "firewall", "policy", "rule-collection-group", "create"]
    group = rule_collections.rule_collection_group(of)
    rules = [(collection, rule) for collection in group.collections for rule in collection.rules]
    assert len(adds) == len(rules)
    for (collection, rule), add in zip(rules, adds, strict=True):
        assert (add["--resource-group"], add["--policy-name"]) == (["rg"], ["policy"])
        assert add["--source-addresses"] == list(SUBNETS)
        assert expected(rule).items() <= add.items()
        is_first = rule is collection.rules[0]
        assert add["--rule-name" if is_first else "--name"] == [rule.name]
        assert add["--name" if is_first else "--collection-name"] == [collection.name]
        if is_first:
            assert add["--collection-priority"] == [str(collection.priority)]


@pytest.mark.slow
def test_what_is_there_is_neither_emptied_nor_removed_unless_asked(tmp_path: Path) -> None:
    text = exported("az-script", real("public", az_script.TARGET))[az_script.FILE]
    _, asked = run(text, tmp_path, "rg", "policy", IS_THERE="1")
    assert not any({"create", "remove"} & set(words) for words in asked)
    _, asked = run(text, tmp_path, "rg", "policy", IS_THERE="1", REPLACE="1")
    places = [words[4:6] for words in asked if "collection" in words]
    assert places[0] == ["collection", "remove"]
    assert {"remove", "add-filter-collection"} <= {words[5] for words in asked if "collection" in words}
    assert all(words[-1] == "*" for words in asked if "--source-addresses" in words)


@pytest.mark.slow
def test_without_a_policy_it_says_what_it_needs(tmp_path: Path) -> None:
    assert run(exported("az-script", resolution())[az_script.FILE], tmp_path, "rg") == (2, [])


@pytest.mark.slow
def test_no_text_leaves_its_quotes(tmp_path: Path) -> None:
    hostile = "x'; touch hacked; '$(touch hacked)`touch hacked`\ntouch hacked #"
    rule = https("a.example", id=hostile, feature=f"core{hostile}", remarks=(hostile,))
    text = az_script.render(resolution(rule, caveats=(hostile,)), HEADER, one_rule_per_host=True).files[az_script.FILE]
    code, asked = run(text, tmp_path, "rg", "policy")
    assert (code, (tmp_path / "hacked").exists()) == (0, False)
    assert options(asked[-1])["--target-fqdns"] == ["a.example"]


@real_engine("shellcheck")
@pytest.mark.parametrize("name", REAL)
def test_shellcheck_finds_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / az_script.FILE
    file.write_text(exported("az-script", real(name, az_script.TARGET))[az_script.FILE], encoding="ascii")
    done = subprocess.run([program("shellcheck"), str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
