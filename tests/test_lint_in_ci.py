"""Lint where people already are: the Action as it is written, pre-commit itself, code scanning's own validator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import aks_egress_catalog as aec
from aks_egress_catalog.linting.findings.codes import CODES
from aks_egress_catalog.render.lint import lint_annotations, lint_json, lint_markdown
from aks_egress_catalog.render.sarif import lint_sarif
from tests import npm_packages
from tests.catalog.cli.command_line import ask
from tests.catalog.linting.allow_lists import CORE, AllowList, lint

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
ACTION: Final = ROOT / "action.yml"
DOCUMENT: Final = ROOT / "docs" / "linting.md"
HOSTILE: Final = '<b>|`"\n::error::%0A\x1b[31m\u202e.example.com'


def run(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(one) for one in arguments]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GIT_"))}
    return subprocess.run(command, cwd=cwd, env=known | environment, capture_output=True, text=True, check=False)


# ---------------------------------------------------------------- the Action


def test_the_action_is_well_formed_safe_and_pinned() -> None:
    for command in (
        (BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION),
        (BIN / "zizmor", "--offline", "--no-progress", "--persona", "auditor", ACTION),
    ):
        done = run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    used = re.findall(r"uses: \S+@(\S+)", ACTION.read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[0-9a-f]{40}", one) for one in used)


def step(name: str) -> dict[str, Any]:
    steps = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    found: dict[str, Any] = next(one for one in steps if one.get("name") == name)
    return found


def acted(folder: Path, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """Run the step Lint as it is written: exit code, annotations, outputs and summary."""
    tools = folder / "runner" / "aks-egress"
    tools.mkdir(parents=True)
    (tools / "bin").symlink_to(BIN)
    defaults = {"PATHS": ".", "PROFILE": "", "SETTINGS": "", "FAIL_ON": "warning", "SINCE": "", "BASELINE": ""}
    output, summary = folder / "output", folder / "summary"
    environment = (
        defaults
        | inputs
        | {
            "RUNNER_TEMP": str(folder / "runner"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
        }
    )
    assert set(step("Lint")["env"]) == set(defaults)
    done = run("bash", "-eo", "pipefail", "-c", step("Lint")["run"], cwd=folder / "repository", **environment)
    lines = output.read_text().splitlines() if output.exists() else []
    outputs = dict(line.split("=", 1) for line in lines)
    return done.returncode, done.stdout, outputs, summary.read_text() if summary.exists() else done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "fire wall").mkdir(parents=True)
    (folder / "fire wall" / "hosts.txt").write_text(
        "".join(f"{host}:443\n" for host in CORE if "aks.azure" not in host)
    )
    return tmp_path


def test_the_action_annotates_sums_up_and_fails(repository: Path) -> None:
    settings = "region=westeurope\nrecommended=false\n"
    code, said, outputs, summary = acted(repository, PATHS="fire wall\n", SETTINGS=settings)
    assert code == 1
    assert "::error file=fire wall/hosts.txt,line=1" in said
    assert outputs["findings"] == "1"
    assert json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    assert "packages.aks.azure.com" in summary


def test_the_action_does_what_its_inputs_say(repository: Path) -> None:
    code, _, outputs, _ = acted(
        repository, PATHS="fire wall", SETTINGS="region=westeurope", FAIL_ON="error", SINCE="2026-07-02"
    )
    assert (code, outputs["findings"]) == (0, "0")


def test_an_input_is_data_and_never_a_command(repository: Path) -> None:
    code, _, _, said = acted(repository, PATHS="$(touch owned)`touch owned`; touch owned")
    assert code == 3
    assert "no such file" in said
    assert not list(repository.rglob("owned"))


# ---------------------------------------------------------------- pre-commit


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
    hook = {"id": "aks-egress-lint", "args": ["hosts.txt", "--set", "region=westeurope"]}
    configuration = {"repos": [{"repo": str(source), "rev": head, "hooks": [hook]}]}
    (scratch / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    (scratch / "hosts.txt").write_text("login.microsoftonline.co\n")
    run("git", "add", ".", cwd=scratch)
    done = run(BIN / "pre-commit", "run", "--all-files", cwd=scratch, PRE_COMMIT_HOME=str(tmp_path / "home"), **who)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "near-miss" in done.stdout, done.stdout + done.stderr


# ---------------------------------------------------------------- outputs


@pytest.mark.slow
@pytest.mark.parametrize("case", ["findings", "hostile", "nothing"])
def test_microsofts_own_validator_takes_the_sarif(tmp_path: Path, request: pytest.FixtureRequest, case: str) -> None:
    if reason := npm_packages.absent():
        pytest.skip(reason)
    packages = npm_packages.install(ROOT / "tests" / "sarif", request.config.cache.mkdir("sarif"))
    listed = {
        "findings": AllowList("a b/hosts.txt").rule(*CORE[2:], "*.azure.com", "*.cdn.mscr.io"),
        "hostile": AllowList(f"x/{HOSTILE}").rule(HOSTILE, name=HOSTILE),
        "nothing": AllowList().rule(*CORE),
    }[case]
    file, log = tmp_path / "lint.sarif", tmp_path / "log.sarif"
    file.write_text(lint_sarif(lint(listed)), encoding="utf-8")
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


def test_hostile_values_reach_every_format_escaped() -> None:
    found = lint(AllowList(f"x/{HOSTILE}.tf").rule(HOSTILE, "*.cdn.mscr.io", fault=HOSTILE, name=HOSTILE))
    annotations = "\n".join(lint_annotations(found))
    for text in (lint_json(found), lint_sarif(found), lint_markdown(found), annotations):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in annotations.splitlines())
    rows = [line for line in lint_markdown(found).splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)


# ---------------------------------------------------------------- the document


def test_the_document_has_every_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for code, told in CODES.items():
        assert f"| `{code}` | {told.level} | {told.short}. {told.why} |" in text


def test_every_command_of_the_document_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "firewall").mkdir()
    for file in (tmp_path / "firewall" / "hosts.txt", tmp_path / "hosts.txt"):
        file.write_text("mcr.microsoft.com:443\n")
    (tmp_path / "cluster.toml").write_text('region = "westeurope"\n')
    commands = re.findall(r"^    aks-egress-catalog (.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) > 4
    for command in commands:
        done = ask(*command.split())
        assert done.returncode in (0, 1), f"{command}\n{done.stderr}"


def test_the_configurations_of_the_document_are_well_formed() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    for block in blocks:
        content = yaml.safe_load(block)
        for one in content.get("steps", ()) if isinstance(content, dict) else ():
            assert set(one.get("with", ())) <= set(inputs)
    assert aec.__version__
