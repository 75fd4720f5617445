"""The workflows are well formed, safe by two linters, pinned, and their steps do what they say where they are run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from publish.github.checkup import APP_ENVIRONMENT, APP_SECRET
from publish.github.client import Repository
from publish.github.pull_request import file_on_branch
from publish.plan.sentences import REVIEWED
from tests import base
from tests.github.fixtures import Site
from tests.publish.live import Edit, add_row, build_live
from tests.publish.steps import Runner, checked_out, jobs

ROOT: Final = Path(__file__).parents[1]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN: Final = Path(sys.executable).parent
PIN: Final = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")


def run(*arguments: str) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


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
    lines = file.read_text(encoding="utf-8").splitlines()
    used = [line for line in lines if "uses:" in line and "uses: $/" not in line]  # $/ is this very commit
    assert used
    assert [line for line in used if not PIN.search(line)] == []


@pytest.mark.corpus
def test_every_pin_is_one_that_was_read_from_the_action_s_own_repository(corpus: Path) -> None:
    rows = (corpus.parent / "actions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    known = {tuple(row.split("\t")[:3]) for row in rows}
    used = {match.groups() for file in WORKFLOWS for match in PIN.finditer(file.read_text(encoding="utf-8"))}
    # One repository may hold several actions, such as actions/cache/save.
    assert {("/".join(action.split("/")[:2]), version, commit) for action, commit, version in used} <= known


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_job_has_a_right_that_it_does_not_name(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())
    assert all("uses" in job or job["timeout-minutes"] for job in workflow["jobs"].values())
    assert workflow["concurrency"]


@pytest.mark.parametrize("name", ["update.yml", "release.yml", "notify.yml", "pages.yml", "tell.yml"])
def test_nothing_runs_by_schedule_or_writes_in_a_fork(name: str) -> None:
    ours = "github.repository == 'aks-egress-catalog/aks-egress-catalog'"
    assert [job for job, described in jobs(name).items() if ours not in described.get("if", "")] == []


def test_the_http_cache_is_neither_in_the_state_nor_in_what_is_handed_on() -> None:
    (fetch,) = (step["run"] for step in jobs("update.yml")["read"]["steps"] if step.get("name") == "Fetch")
    paths = [step["with"]["path"] for step in jobs("update.yml")["read"]["steps"] if "path" in step.get("with", {})]
    assert fetch.endswith("--state .cache")
    assert paths == [".cache", ".cache", "state", "build"]


def test_a_cache_is_never_in_what_makes_a_release() -> None:
    assert "cache" not in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_releases_wait_in_a_queue_and_none_is_cancelled() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    assert workflow["concurrency"] == {"group": "release", "cancel-in-progress": False, "queue": "max"}


def test_subscribers_and_the_site_hear_of_a_release_once_it_is_there() -> None:
    release = jobs("release.yml")
    assert [release[name]["needs"] for name in ("notify", "pages")] == ["release", "release"]
    assert "notify" not in jobs("update.yml")
    for name in ("notify.yml", "pages.yml"):
        steps = [step.get("run", "") for job in jobs(name).values() for step in job.get("steps", ())]
        assert any("publish released --out build" in step for step in steps)


@pytest.mark.parametrize("name", ["update.yml", "release.yml", "notify.yml", "pages.yml"])
def test_whatever_fails_is_told_in_the_one_issue(name: str) -> None:
    described = jobs(name)
    tell = described["tell"]
    own = {job for job, about in described.items() if "uses" not in about}
    assert set(tell["needs"] if isinstance(tell["needs"], list) else [tell["needs"]]) == own
    assert tell["uses"] == "$/.github/workflows/tell.yml"
    assert tell["with"]["part"] == name.removesuffix(".yml")
    assert tell["permissions"]["issues"] == "write"
    assert "!cancelled()" in tell["if"]


def test_deliveries_are_tried_again_by_a_schedule_of_their_own() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "notify.yml").read_text(encoding="utf-8"))
    assert len(workflow[True]["schedule"]) == 1
    assert "needs" not in workflow["jobs"]["notify"]


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


@pytest.fixture
def runner(github: Site, tmp_path: Path) -> Iterator[Runner]:
    """A checkout with the environment that its first step sets up, and GitHub with the same data on main."""
    with checked_out(tmp_path / "checkout") as checkout:
        pages = checkout / "scraper" / "pages.toml"
        two = re.sub(
            r"locales = \[.*?\]", 'locales = ["en-us", "de-de"]', pages.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        pages.write_text(two, encoding="utf-8")
        hub = Repository(github.full_name, token=github.token, api=github.url)
        head = hub.head("main")
        assert head
        files = {path: text.encode() for path, text in base.files().items()}
        files[REVIEWED] = (ROOT / REVIEWED).read_bytes()
        for path, content in files.items():
            (checkout / path).write_bytes(content)
        hub.move("main", hub.write_commit(files, parent=hub.commit(head), message="Seed"))
        yield Runner(checkout, github)


def fetched(runner: Runner, scratch: Path, edit: Edit) -> None:
    """Put pages where the step ``Fetch`` puts them, which needs the live site; its code has tests of its own."""
    build_live(scratch, edit)
    runner.instead["Fetch"] = lambda: put(scratch / "pages", runner.checkout / "build" / "pages")


def put(pages: Path, place: Path) -> None:
    shutil.copytree(pages, place)


def test_set_up_is_a_target_that_make_knows() -> None:
    run("make", "--dry-run", "pipeline", "PYTHON=python3")


def test_news_become_a_pull_request_a_state_and_a_closed_issue(runner: Runner, github: Site, tmp_path: Path) -> None:
    fetched(runner, tmp_path, Edit(change=lambda html: add_row(html, "new.mcr.microsoft.com")))
    assert set(runner.run("update.yml").values()) == {"success"}
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (pull,) = hub.pulls("catalog-update", "main")
    assert pull.title == "Data 2026.8.1: 1 added"
    state = hub.head("state")
    assert state
    assert "heartbeat.json" in hub.blobs(hub.commit(state).tree)
    assert "Verdict: hold for review" in (runner.checkout / "summary.md").read_text(encoding="utf-8"), "its description"
    assert "## New sentences" in pull.body
    assert github.proxy.violations == []


def test_a_page_that_cannot_be_read_becomes_one_issue_that_names_the_cell(
    runner: Runner, github: Site, tmp_path: Path
) -> None:
    broken = Edit(change=lambda html: html.replace("<code>HTTPS:443</code>", "<code>HTTPS:44x</code>", 1))
    fetched(runner, tmp_path, broken)
    results = runner.run("update.yml")
    assert (results["read"], results["propose"], results["tell"]) == ("failure", "skipped", "success")
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (issue,) = hub.open_issues("pipeline")
    assert "row[" in issue.body
    assert "https://github.example" in issue.body
    assert hub.pulls("catalog-update", "main") == []
    fetched(runner, tmp_path, Edit())
    assert set(runner.run("update.yml").values()) == {"success"}
    assert hub.open_issues("pipeline") == []


def test_what_the_gate_refuses_stops_the_job_and_names_the_reason(runner: Runner, github: Site, tmp_path: Path) -> None:
    fetched(runner, tmp_path, Edit(updated="2026-01-01T00:00:00Z"))
    results = runner.run("update.yml")
    assert (results["read"], results["propose"]) == ("success", "failure")
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (issue,) = hub.open_issues("pipeline")
    assert "not older than the last release" in issue.body


def test_what_a_reviewer_decides_on_the_branch_is_what_the_next_run_proposes(
    runner: Runner, github: Site, tmp_path: Path
) -> None:
    """A sentence that excused nodes is reworded: undecided, and held, until the reviewer says what it means."""
    excuse, reworded = "This isn't required for nodes provisioned after March 2021.", "Newer nodes go without it."
    fetched(runner, tmp_path, Edit(change=lambda html: html.replace(excuse, reworded)))
    runner.run("update.yml")
    hub = Repository(github.full_name, token=github.token, api=github.url)
    (pull,) = hub.pulls("catalog-update", "main")
    assert "hold for review" in pull.labels
    assert "added" not in pull.title
    branch = hub.head("catalog-update")
    assert branch
    table = json.loads(file_on_branch(hub, "catalog-update", REVIEWED))
    (entry,) = [one for one in table if one.get("undecided")]
    entry |= {"beside": entry.pop("undecided"), "conditions": ["not-if:nodes-after-2021-03"], "gist": "newer nodes do"}
    decided = {REVIEWED: json.dumps(table).encode()}
    hub.move("catalog-update", hub.write_commit(decided, parent=hub.commit(branch), message="It excuses newer nodes"))
    fetched(runner, tmp_path, Edit(change=lambda html: html.replace(excuse, reworded)))
    assert set(runner.run("update.yml").values()) == {"success"}, runner.said
    (pull,) = hub.pulls("catalog-update", "main")
    assert "hold for review" not in pull.labels
    written = json.loads(file_on_branch(hub, "catalog-update", REVIEWED))
    assert [one["conditions"] for one in written if one.get("gist") == "newer nodes do"] == [entry["conditions"]]
    catalog = json.loads(file_on_branch(hub, "catalog-update", "catalog/aks_egress_catalog/data/catalog.json"))
    (ntp,) = [one for one in catalog["rules"] if one["id"] == "AzureCloud/core/any:udp-123"]
    assert ntp["conditions"] == [{"effect": "not-if", "when": "nodes-after-2021-03"}]

    # Closed without a merge, it was decided against.
    hub.update_pull(pull.number, title=pull.title, body=pull.body, close=True)
    runner.run("update.yml")
    report = json.loads((runner.artifacts / "build" / "report.json").read_text(encoding="utf-8"))
    assert [one["digest"] for one in report["findings"] if one["code"] == "unreviewed-sentence"] == [entry["digest"]]
