"""Lint where people already are: pre-commit itself, and code scanning's own validator."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from aks_egress_catalog.linting.ignoring.comments import Silenced
from aks_egress_catalog.linting.source import ENDINGS
from aks_egress_catalog.render.sarif import lint_sarif
from tests import npm_packages
from tests.action import BIN, ROOT, run
from tests.catalog.linting.allow_lists import CORE, AllowList, lint

TERRAFORM: Final = """\
resource "azurerm_firewall_application_rule_collection" "aks" {
  action = "Allow"
  rule {
    name         = "core"
    target_fqdns = ["login.microsoftonline.co"]
    protocol {
      port = 443
      type = "Https"
    }
  }
}
"""
HOSTILE: Final = '<b>|`"\n::error::%0A\x1b[31m\u202e.example.com'


def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return dict(found)


def test_the_hook_is_one_that_pre_commit_takes() -> None:
    done = run(BIN / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout


def test_the_hook_runs_for_whatever_may_be_a_list() -> None:
    touched = [f"a/b{ending}" for ending in (*ENDINGS, ".toml")]
    assert [name for name in touched if not re.search(hook()["files"], name)] == []
    assert not re.search(hook()["files"], "src/main.py")


@pytest.mark.slow
def test_pre_commit_runs_the_hook(tmp_path: Path) -> None:
    source, scratch = tmp_path / "source", tmp_path / "scratch"
    cloned = run("git", "clone", "--quiet", "--no-local", ROOT, source)
    if cloned.returncode:
        pytest.skip("this is no git checkout")
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    who = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    run("git", "add", "--all", cwd=source)
    run("git", "commit", "--quiet", "--allow-empty", "--message", "hook", cwd=source, **who)
    head = run("git", "rev-parse", "HEAD", cwd=source).stdout.strip()
    scratch.mkdir()
    run("git", "init", "--quiet", cwd=scratch)
    configured = {"id": "aks-egress-lint", "args": [".", "--set", "region=westeurope"]}
    configuration = {"repos": [{"repo": str(source), "rev": head, "hooks": [configured]}]}
    (scratch / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    (scratch / "main.tf").write_text(TERRAFORM)
    (scratch / "README.md").write_text("no list\n")
    run("git", "add", ".", cwd=scratch)

    def committed(*arguments: str) -> subprocess.CompletedProcess[str]:
        home = str(tmp_path / "home")
        return run(BIN / "pre-commit", "run", *arguments, cwd=scratch, PRE_COMMIT_HOME=home, **who)

    done = committed("--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "near-miss" in done.stdout, done.stdout + done.stderr
    assert committed("--files", "README.md").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("case", ["findings", "hostile", "silenced", "nothing"])
def test_microsofts_own_validator_takes_the_sarif(tmp_path: Path, request: pytest.FixtureRequest, case: str) -> None:
    if reason := npm_packages.absent():
        pytest.skip(reason)
    packages = npm_packages.install(ROOT / "tests" / "sarif", request.config.cache.mkdir("sarif"))
    listed = {
        "findings": AllowList("a b/hosts.txt").rule(*CORE[2:], "*.azure.com", "*.cdn.mscr.io"),
        "hostile": AllowList(f"x/{HOSTILE}").rule(HOSTILE, name=HOSTILE),
        "silenced": AllowList().rule(*CORE[2:], "*.cdn.mscr.io"),
        "nothing": AllowList().rule(*CORE),
    }[case]
    found = lint(listed)
    if case == "silenced":
        known = tuple(Silenced(finding=one, reason=HOSTILE, in_source=one.code != "missing") for one in found.findings)
        found = replace(found, findings=(), silenced=known)
    file, log = tmp_path / "lint.sarif", tmp_path / "log.sarif"
    file.write_text(lint_sarif(found), encoding="utf-8")
    multitool = next((packages / "@microsoft" / "sarif-multitool-linux").rglob("Sarif.Multitool"))
    multitool.chmod(0o755)
    done = run(multitool, "validate", file, "--output", log, "--rule-kind", "Sarif;Ghas", "--log", "ForceOverwrite")
    results = json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    wrong = [(one["ruleId"], one["message"]) for one in results if one.get("level", "warning") != "note"]
    assert wrong == [], done.stdout


def test_a_fingerprint_stays_when_lines_move() -> None:
    one, other = AllowList().rule(*CORE, "*.cdn.mscr.io"), AllowList()
    other._line = 40  # noqa: SLF001  - the same list, further down
    other.rule(*CORE, "*.cdn.mscr.io", name="rule-1")
    prints = [
        [result["partialFingerprints"] for result in json.loads(lint_sarif(lint(each)))["runs"][0]["results"]]
        for each in (one, other)
    ]
    assert prints[0] == prints[1]
