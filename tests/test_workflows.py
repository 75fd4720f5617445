"""The workflows are well formed, safe by two linters, pinned, and their steps do what they say where they are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from publish.github.checkup import APP_ENVIRONMENT, APP_SECRET
from publish.github.client import Repository
from tests import base
from tests.github.fixtures import Site
from tests.publish.live import Edit, add_row, build_live

ROOT: Final = Path(__file__).parents[1]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN: Final = Path(sys.executable).parent
PIN: Final = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")


def run(*arguments: str) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]
    return found


def test_zizmor_finds_nothing() -> None:
    run(str(BIN / "zizmor"), "--offline", "--no-progress", "--persona", "auditor", ".github")


def test_actionlint_finds_nothing() -> None:
    run(str(BIN / "actionlint"), *map(str, WORKFLOWS))


def test_the_files_are_what_github_s_schemas_describe() -> None:
    check = str(BIN / "check-jsonschema")
    run(check, "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))
    run(check, "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    forms = sorted(map(str, (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")))
    config = [form for form in forms if form.endswith("config.yml")]
    run(check, "--builtin-schema", "vendor.github-issue-config", *config)
    run(check, "--builtin-schema", "vendor.github-issue-forms", *(form for form in forms if form not in config))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(file: Path) -> None:
    used = [line for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PIN.search(line)] == []


@pytest.mark.corpus
def test_every_pin_is_one_that_was_read_from_the_action_s_own_repository(corpus: Path) -> None:
    rows = (corpus.parent / "actions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    known = {tuple(row.split("\t")[:3]) for row in rows}
    used = {match.groups() for file in WORKFLOWS for match in PIN.finditer(file.read_text(encoding="utf-8"))}
    assert {(action, version, commit) for action, commit, version in used} <= known


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_job_has_a_right_that_it_does_not_name(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert all("permissions" in job and job["timeout-minutes"] for job in workflow["jobs"].values())
    assert workflow["concurrency"]


@pytest.mark.parametrize("name", ["update.yml", "release.yml", "pages.yml"])
def test_nothing_runs_by_schedule_or_writes_in_a_fork(name: str) -> None:
    ours = "github.repository == 'aks-egress-catalog/aks-egress-catalog'"
    assert [job for job, described in jobs(name).items() if ours not in described.get("if", "")] == []


def test_releases_wait_in_a_queue_and_none_is_cancelled() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    assert workflow["concurrency"] == {"group": "release", "cancel-in-progress": False, "queue": "max"}


def test_the_key_of_the_app_is_read_only_in_its_environment() -> None:
    for file in WORKFLOWS:
        for name, job in jobs(file.name).items():
            environment = job.get("environment", {})
            if f"secrets.{APP_SECRET}" in json.dumps(job):
                assert environment["name"] == APP_ENVIRONMENT, f"{file.name}: {name}"


def test_the_job_that_reads_pages_from_outside_may_write_nothing() -> None:
    assert jobs("update.yml")["read"]["permissions"] == {"contents": "read"}


def test_the_article_is_looked_at_several_times_a_day_at_an_odd_minute() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "update.yml").read_text(encoding="utf-8"))
    (entry,) = workflow[True]["schedule"]  # YAML 1.1 reads "on" as a truth
    minute, hours, *rest = entry["cron"].split()
    assert int(minute) % 5
    assert len(hours.split(",")) >= 3
    assert rest == ["*", "*", "*"]


# ---------------------------------------------------------------- the steps of update.yml, as written


class Runner:
    """Runs the ``run:`` steps of a job in a checkout, with the names of the environment that GitHub gives."""

    def __init__(self, checkout: Path, site: Site) -> None:
        self.checkout = checkout
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(checkout),
            "GITHUB_REPOSITORY": site.full_name,
            "GITHUB_API_URL": site.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "7",
            "GITHUB_STEP_SUMMARY": str(checkout / "summary.md"),
            "PYTHONPATH": f"{checkout}/catalog:{checkout}",
        }
        self.values = {
            "secrets.GITHUB_TOKEN": site.token,
            "steps.app.outputs.token || secrets.GITHUB_TOKEN": site.token,
            "vars.PACKAGE_INDEX_URL": "",
        }

    def job(
        self,
        name: str,
        *,
        but: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        values: dict[str, str] | None = None,
    ) -> list[int]:
        """Run the steps of a job that have a command; give their exit codes, up to the first that failed."""
        codes: list[int] = []
        for step in jobs("update.yml")[name]["steps"]:
            title = step.get("name", "")
            if "run" in step and title not in but and (not only or title in only):
                codes.append(self.step(step, values or {}))
                if codes[-1]:
                    break
        return codes

    def step(self, step: dict[str, Any], values: dict[str, str]) -> int:
        given = {name: self.value(text, values) for name, text in step.get("env", {}).items()}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, cwd=self.checkout, env=self.environment | given, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    def value(self, text: str, values: dict[str, str]) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: (self.values | values)[match.group(1)], text)


@pytest.fixture
def runner(github: Site, tmp_path: Path) -> Runner:
    """A checkout with the environment that its first step sets up, and GitHub with the same data on main."""
    checkout = tmp_path / "checkout"
    for folder in ("catalog", "publish", "scraper"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / ".venv").symlink_to(BIN.parent)
    pages = checkout / "scraper" / "pages.toml"
    two = re.sub(
        r"locales = \[.*?\]", 'locales = ["en-us", "de-de"]', pages.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    pages.write_text(two, encoding="utf-8")
    hub = Repository(github.full_name, token=github.token, api=github.url)
    head = hub.head("main")
    assert head
    files = {path: text.encode() for path, text in base.files().items()}
    for path, content in files.items():
        (checkout / path).write_bytes(content)
    hub.move("main", hub.write_commit(files, parent=hub.commit(head), message="Seed"))
    return Runner(checkout, github)


FETCHED: Final = ("Set up", "Fetch")
"""Not run here: one installs what the tests run in, the other needs the live site; its code has tests of its own."""


def fetched(runner: Runner, scratch: Path, edit: Edit) -> None:
    """Put pages where the step ``Fetch`` puts them."""
    build_live(scratch, edit)
    shutil.rmtree(runner.checkout / "build", ignore_errors=True)
    shutil.copytree(scratch / "pages", runner.checkout / "build" / "pages")


def test_set_up_is_a_target_that_make_knows() -> None:
    run("make", "--dry-run", "pipeline", "PYTHON=python3")


def test_news_become_a_pull_request_a_state_and_a_closed_issue(runner: Runner, github: Site, tmp_path: Path) -> None:
    fetched(runner, tmp_path, Edit(change=lambda html: add_row(html, "new.mcr.microsoft.com")))
    assert runner.job("read", but=FETCHED) == [0, 0, 0]
    assert runner.job("propose", but=FETCHED) == [0, 0, 0, 0]
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (pull,) = hub.pulls("catalog-update", "main")
    assert pull.title == "Data 2026.8.1: 1 added"
    state = hub.head("state")
    assert state
    assert "heartbeat.json" in hub.blobs(hub.commit(state).tree)
    assert "Verdict: publish" in (runner.checkout / "summary.md").read_text(encoding="utf-8")
    assert runner.job("tell", only=("Say that it works again",)) == [0]
    assert github.proxy.violations == []


def test_a_page_that_cannot_be_read_becomes_one_issue_that_names_the_cell(
    runner: Runner, github: Site, tmp_path: Path
) -> None:
    broken = Edit(change=lambda html: html.replace("<code>HTTPS:443</code>", "<code>HTTPS:44x</code>", 1))
    fetched(runner, tmp_path, broken)
    assert runner.job("read", but=FETCHED) == [0, 3]
    values = {"needs.read.result": "failure", "needs.propose.result": "skipped"}
    assert runner.job("tell", only=("Say what is wrong",), values=values) == [0]
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (issue,) = hub.open_issues("pipeline")
    assert "row[" in issue.body
    assert "https://github.example" in issue.body
    assert hub.pulls("catalog-update", "main") == []
    assert runner.job("tell", only=("Say that it works again",)) == [0]
    assert hub.open_issues("pipeline") == []


def test_what_the_gate_refuses_stops_the_job_and_names_the_reason(runner: Runner, github: Site, tmp_path: Path) -> None:
    fetched(runner, tmp_path, Edit(updated="2026-01-01T00:00:00Z"))
    assert runner.job("read", but=FETCHED) == [0, 0, 0]
    assert runner.job("propose", but=FETCHED) == [0, 0, 0, 2]
    values = {"needs.read.result": "success", "needs.propose.result": "failure"}
    runner.job("tell", only=("Say what is wrong",), values=values)
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (issue,) = hub.open_issues("pipeline")
    assert "not older than the last release" in issue.body
    assert json.loads((runner.checkout / "build" / "proposal.json").read_text(encoding="utf-8"))["version"]
