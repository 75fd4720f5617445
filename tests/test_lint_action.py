"""The Action is well formed, safe and pinned, and its steps do what they say as they are written."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.action import ACTION, BIN, CONTENT, ROOT, run
from tests.catalog.cli.command_line import ask
from tests.catalog.linting.allow_lists import CORE

STEPS: Final = {step["name"]: step for step in CONTENT["runs"]["steps"] if "run" in step}
EXPRESSION: Final = re.compile(r"\$\{\{ (.*?) \}\}")
PIN: Final = re.compile(r"([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")


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
    assert int(done.outputs["findings"]) > 0
    assert json.loads(Path(done.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert "packages.aks.azure.com" in done.summary


def test_the_action_does_what_its_inputs_say(repository: Path) -> None:
    done = linted(repository, paths="fire wall", set="region=westeurope", fail_on="error", since="2026-07-02")
    assert done.code in (0, 1)
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
