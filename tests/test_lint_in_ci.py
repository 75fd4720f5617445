"""Lint where people already are: the Action as it is written, pre-commit itself, code scanning's own validator."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

import aks_egress_catalog as aec
from aks_egress_catalog.linting.findings.codes import CODES
from aks_egress_catalog.linting.source import ENDINGS
from aks_egress_catalog.render.sarif import lint_sarif
from tests import npm_packages
from tests.catalog.cli.command_line import ask
from tests.catalog.linting.allow_lists import CORE, AllowList, lint

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
ACTION: Final = ROOT / "action.yml"
DOCUMENT: Final = ROOT / "docs" / "linting.md"
CONTENT: Final = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
STEPS: Final = {step["name"]: step for step in CONTENT["runs"]["steps"] if "run" in step}
EXPRESSION: Final = re.compile(r"\$\{\{ (.*?) \}\}")
PIN: Final = re.compile(r"([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")
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
    used = re.findall(r"uses: (.+)", ACTION.read_text(encoding="utf-8"))
    assert [line for line in used if not PIN.fullmatch(line)] == []


@pytest.mark.corpus
def test_every_pin_of_the_action_is_one_that_was_read_from_the_other_s_repository(corpus: Path) -> None:
    rows = (corpus.parent / "actions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    known = {tuple(row.split("\t")[:3]) for row in rows}
    used = {match.groups() for match in PIN.finditer(ACTION.read_text(encoding="utf-8"))}
    assert {(action, version, commit) for action, commit, version in used} <= known


def test_no_expression_stands_in_a_script() -> None:
    assert not any("${{" in step["run"] for step in STEPS.values())


class Ran(NamedTuple):
    """What one step did."""

    code: int
    said: str
    outputs: dict[str, str]
    summary: str


def act(folder: Path, name: str, values: dict[str, str], **environment: str) -> Ran:
    """Run a step of the Action as it is written; ``values`` are what its expressions stand for, and nobody gave."""
    step, (output, summary) = STEPS[name], (folder / f"{name}.{kind}" for kind in ("output", "summary"))
    known = {f"inputs.{key}": one.get("default", "") for key, one in CONTENT["inputs"].items()} | values
    given = {key: EXPRESSION.sub(lambda found: known[found[1]], text) for key, text in step["env"].items()}
    runner = {
        "RUNNER_TEMP": str(folder),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_REPOSITORY": "owner/lists",
        "GITHUB_SHA": "0" * 40,
        "GITHUB_REF": 'refs/heads/a"b',
    }
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    done = run(*shell, cwd=folder / "repository", **runner, **given, **environment)
    lines = output.read_text().splitlines() if output.exists() else []
    text = summary.read_text() if summary.exists() else ""
    return Ran(done.returncode, done.stdout + done.stderr, dict(line.split("=", 1) for line in lines), text)


def linted(folder: Path, **inputs: str) -> Ran:
    """Run the step Lint with what is installed here."""
    known = {"steps.install.outputs.home": str(folder), "steps.install.outputs.python": sys.executable}
    return act(folder, "Lint", known | {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "fire wall").mkdir(parents=True)
    lines = [f"{host}:443\n" for host in CORE if "aks.azure" not in host]
    (folder / "fire wall" / "hosts.txt").write_text("".join(lines))
    return tmp_path


def test_the_action_annotates_sums_up_and_fails(repository: Path) -> None:
    done = linted(repository, paths="fire wall\n", set="region=westeurope\nrecommended=false\n")
    assert done.code == 1
    assert "::error file=fire wall/hosts.txt,line=1" in done.said
    assert done.outputs["findings"] == "1"
    assert json.loads(Path(done.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert "packages.aks.azure.com" in done.summary


def test_the_action_does_what_its_inputs_say(repository: Path) -> None:
    done = linted(repository, paths="fire wall", set="region=westeurope", fail_on="error", since="2026-07-02")
    assert (done.code, done.outputs["findings"]) == (0, "0")
    (repository / "repository" / "cluster.toml").write_text('region = "westeurope"\nrecommended = false\n')
    known = ask(
        "lint", repository / "repository", "--set", "region=westeurope", "--write-baseline", repository / "b.json"
    )
    assert known.returncode == 0, known.stderr
    assert linted(repository, profile="cluster.toml").code == 1
    assert linted(repository, set="region=mars").code == 2


def test_an_input_is_data_and_never_a_command(repository: Path) -> None:
    hostile = "$(touch owned)`touch owned`; touch owned\n--help"
    done = linted(repository, paths=hostile)
    assert done.code == 3
    assert "no such file" in done.said
    for name in ("profile", "set", "fail_on", "since", "baseline"):
        assert linted(repository, **{name: hostile.splitlines()[0]}).code in (2, 3)
    assert not list(repository.rglob("owned"))


def test_a_package_in_the_repository_is_not_run(repository: Path) -> None:
    package = repository / "repository" / "aks_egress_catalog"
    package.mkdir()
    for name in ("__init__", "__main__"):
        (package / f"{name}.py").write_text("open('owned', 'w').close()")
    assert linted(repository, set="region=westeurope").code == 1
    assert not list(repository.rglob("owned"))


@pytest.mark.slow
def test_the_action_installs_itself(repository: Path) -> None:
    for name in ("venv", "pip"):
        (repository / "repository" / f"{name}.py").write_text("raise SystemExit('not mine')")
    known = {"steps.python.outputs.python-path": sys.executable, "github.action_path": str(ROOT)}
    installed = act(repository, "Install", known)
    assert installed.code == 0, installed.said
    (repository / "repository" / "main.tf").write_text('resource "azurerm_firewall_policy" "hub" {\n}\n')
    outputs = {f"steps.install.outputs.{key}": value for key, value in installed.outputs.items()}
    done = act(repository, "Lint", outputs | {"inputs.set": "region=westeurope"})
    assert done.code == 1, done.said
    assert "tree-sitter" not in done.said
    assert Path(done.outputs["sarif"]).is_relative_to(installed.outputs["home"])


@contextmanager
def code_scanning(answer: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A stand-in for GitHub's code scanning; it keeps what it was sent."""
    sent: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sent.append({"path": self.path, "token": self.headers["Authorization"], **body})
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("answer", [202, 403])
def test_the_action_uploads_what_it_found(repository: Path, answer: int) -> None:
    done = linted(repository, set="region=westeurope")
    known = {
        "steps.install.outputs.python": sys.executable,
        "steps.lint.outputs.sarif": done.outputs["sarif"],
        "inputs.token": "secret-token",
        "inputs.category": "aks/west",
    }
    with code_scanning(answer) as (address, sent):
        uploaded = act(repository, "Upload to code scanning", known, GITHUB_API_URL=address, NO_PROXY="*")
    (request,) = sent
    assert request["path"] == "/repos/owner/lists/code-scanning/sarifs"
    assert (request["token"], request["ref"]) == ("Bearer secret-token", 'refs/heads/a"b')
    log = json.loads(gzip.decompress(base64.b64decode(request["sarif"])))
    assert log["runs"][0]["automationDetails"]["id"] == "aks/west/"
    assert log["runs"][0]["results"]
    assert uploaded.code == 0
    assert "secret-token" not in uploaded.said
    assert ("::notice title=AKS egress::" in uploaded.said) is (answer == 403)


# ---------------------------------------------------------------- pre-commit


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
