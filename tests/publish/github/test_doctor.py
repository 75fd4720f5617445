"""The doctor on a bare repository, a complete one, with a token that sees little, and before a server that fails."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from publish.config import read_config
from publish.github.checkup import APP_ENVIRONMENT, APP_SECRET, APP_VARIABLE, Diagnosis, Expected, Found, check_up
from publish.github.client import Repository
from publish.github.settings import Settings
from publish.release.package_name import IndexUnseenError, versions_on_index
from tests.github.faults import Fault
from tests.github.fixtures import Site
from tests.github.settings import Environment, Workflow

ROOT: Final = Path(__file__).parents[3]
NOW: Final = dt.datetime(2026, 8, 2, 12, tzinfo=dt.UTC)
RECENT: Final = "2026-08-02T08:23:00Z"
CONFIG: Final = read_config()
LABELS: Final = frozenset(
    {*CONFIG.pull_request.labels, CONFIG.pull_request.hold_label, CONFIG.issue.label},
)
WANTED: Final = Expected(
    base="main", branch="catalog-update", labels=LABELS, secrets=frozenset({"PLATFORM_SECRET"}), now=NOW
)
ENVIRONMENTS: Final = ("pypi", "github-pages", APP_ENVIRONMENT)
GUARDS: Final = ("pull_request", "non_fast_forward", "deletion")


def diagnoses(github: Site, expected: Expected = WANTED) -> dict[str, Diagnosis]:
    hub = Repository(github.full_name, token=github.token, api=github.url, patience=2)
    return {one.name: one for one in check_up(Settings(hub), expected)}


def outcome(found: dict[str, Diagnosis]) -> dict[str, Found]:
    return {name: one.found for name, one in found.items()}


@pytest.fixture
def complete(github: Site) -> Site:
    """A repository in which everything is set up."""
    settings = github.proxy.rules.settings
    for label in LABELS:
        github.repository().create_label(label, "ededed")
    settings.may_open_pulls, settings.default_rights, settings.pages_source = True, "read", "workflow"
    settings.environments = {name: Environment(branches=("main",)) for name in ENVIRONMENTS}
    settings.environments[APP_ENVIRONMENT].secrets = {APP_SECRET}
    settings.environments[APP_ENVIRONMENT].variables = {APP_VARIABLE}
    settings.secrets = {"PLATFORM_SECRET"}
    settings.rules = {"main": GUARDS}
    settings.workflows = {f"{name}.yml": Workflow(last_run=RECENT) for name in ("update", "notify", "pages")}
    settings.private_reports = True
    github.proxy.calls.clear()
    return github


def test_a_complete_repository_lacks_nothing_and_nothing_is_changed(complete: Site) -> None:
    found = diagnoses(complete)
    assert [one for one in found.values() if one.found is not Found.OK] == []
    assert {call.method for call in complete.proxy.calls} == {"GET"}
    assert complete.proxy.violations == []


def test_a_bare_repository_lacks_everything_but_rules_on_its_own_branches(github: Site) -> None:
    found = diagnoses(github)
    ok = {name for name, one in found.items() if one.found is Found.OK}
    assert ok == {"our branches are spared"}
    assert Found.UNSEEN not in outcome(found).values()
    assert all(one.lines and one.where for name, one in found.items() if name not in ok)
    assert found["environment pypi"].lines == ("the environment 'pypi'",)
    assert github.proxy.violations == []


@pytest.mark.parametrize(
    ("path", "right", "names"),
    [
        ("/actions/permissions/workflow", "administration: read", {"rights of workflows"}),
        ("/pages", "pages: read", {"source of the site"}),
        ("/actions/secrets", "secrets: read", {"the app", "secrets of subscribers"}),
        ("/actions/variables", "variables: read", {"the app"}),
        ("/environments/{environment_name}/secrets", "environments: read", {"the app", "secrets of subscribers"}),
        ("/private-vulnerability-reporting", "administration: read", {"private reports"}),
        ("/actions/workflows", "actions: read", {f"schedule of {name}.yml" for name in ("update", "notify", "pages")}),
    ],
)
def test_what_a_token_may_not_see_is_told_with_the_right_that_it_lacks(
    complete: Site, path: str, right: str, names: set[str]
) -> None:
    complete.proxy.rules.settings.hide(path)
    found = diagnoses(complete)
    unseen = {name: one for name, one in found.items() if one.found is Found.UNSEEN}
    assert unseen.keys() == names
    assert all(f"it needs {right}" in one.lines[0] and one.where for one in unseen.values())
    assert Found.MISSING not in outcome(found).values()


def test_where_github_names_the_right_its_word_counts(complete: Site) -> None:
    complete.proxy.rules.settings.hide("/actions/secrets", right="actions=read,secrets=read; administration=read")
    (line,) = diagnoses(complete)["secrets of subscribers"].lines
    assert line.endswith("it needs actions: read, secrets: read or administration: read")


@pytest.mark.parametrize("path", ["/environments", "/actions/secrets", "/actions/permissions/workflow"])
def test_what_github_denies_to_exist_is_not_called_missing(complete: Site, path: str) -> None:
    complete.proxy.rules.settings.hide(path, status=404)
    found = diagnoses(complete)
    assert Found.UNSEEN in outcome(found).values()
    assert Found.MISSING not in outcome(found).values()


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.UNREACHABLE, Fault.CUT_AFTER, Fault.LIMITED])
def test_a_server_that_fails_hides_one_setting_and_the_others_are_still_read(complete: Site, fault: Fault) -> None:
    complete.proxy.fail(("GET", "*/private-vulnerability-reporting"), fault)
    found = diagnoses(complete)
    assert {name for name, one in found.items() if one.found is Found.UNSEEN} == {"private reports"}
    assert "run again" in found["private reports"].lines[0]


# ---------------------------------------------------------------- what is set, and wrong


def test_a_branch_policy_lets_main_in_and_nobody_else(complete: Site) -> None:
    environments = complete.proxy.rules.settings.environments
    environments["pypi"].branches = None
    environments["github-pages"].branches = ("main", "*")
    environments[APP_ENVIRONMENT].branches = ()
    found = diagnoses(complete)
    assert "not limited to branches" in found["environment pypi"].lines[0]
    assert found["environment github-pages"].lines == ("'github-pages' lets * in",)
    assert found[f"environment {APP_ENVIRONMENT}"].lines == (f"'{APP_ENVIRONMENT}' keeps main out",)


def test_the_key_of_the_app_belongs_to_the_environment_alone(complete: Site) -> None:
    settings = complete.proxy.rules.settings
    settings.secrets.add(APP_SECRET)
    assert "open to every workflow" in diagnoses(complete)["the app"].lines[0]
    settings.environments[APP_ENVIRONMENT].secrets.clear()
    assert len(diagnoses(complete)["the app"].lines) == 2


def test_a_variable_or_a_secret_of_the_organisation_counts(complete: Site) -> None:
    settings = complete.proxy.rules.settings
    settings.secrets, settings.organization_secrets = set(), {"PLATFORM_SECRET"}
    settings.environments[APP_ENVIRONMENT].variables, settings.organization_variables = set(), {APP_VARIABLE}
    assert set(outcome(diagnoses(complete)).values()) == {Found.OK}


def test_the_secret_of_a_subscriber_may_stand_in_the_environment(complete: Site) -> None:
    settings = complete.proxy.rules.settings
    settings.secrets.clear()
    assert diagnoses(complete)["secrets of subscribers"].lines == ("the secret PLATFORM_SECRET",)
    settings.environments[APP_ENVIRONMENT].secrets.add("PLATFORM_SECRET")
    assert diagnoses(complete)["secrets of subscribers"].found is Found.OK


def test_names_on_a_later_page_of_the_list_are_read(complete: Site) -> None:
    settings = complete.proxy.rules.settings
    settings.secrets = {f"A{number}" for number in range(150)} | {"PLATFORM_SECRET"}
    settings.variables = {f"A{number}" for number in range(45)}
    assert set(outcome(diagnoses(complete)).values()) == {Found.OK}
    assert complete.proxy.violations == []


def test_rules_for_every_branch_hold_for_ours_too(complete: Site) -> None:
    complete.proxy.rules.settings.rules = {"*": GUARDS}
    lines = diagnoses(complete)["our branches are spared"].lines
    assert [line.partition(",")[0] for line in lines] == [
        "the rule non_fast_forward holds for state",
        "the rule pull_request holds for state",
        "the rule non_fast_forward holds for catalog-update",
        "the rule pull_request holds for catalog-update",
    ]


def test_main_without_one_of_its_rules_is_told(complete: Site) -> None:
    complete.proxy.rules.settings.rules = {"main": ("pull_request",)}
    assert len(diagnoses(complete)["the base is protected"].lines) == 2


def test_branch_protection_of_the_older_kind_guards_main_as_well(complete: Site) -> None:
    complete.proxy.rules.settings.rules = {}
    complete.proxy.protect(complete.full_name, "main")
    assert diagnoses(complete)["the base is protected"].found is Found.OK


@pytest.mark.parametrize(
    ("workflow", "words"),
    [
        (Workflow(state="disabled_inactivity", last_run=RECENT), "is disabled_inactivity"),
        (Workflow(), "has not run yet"),
        (Workflow(last_run="2026-07-30T08:23:00Z"), "last ran on 2026-07-30 08:23 UTC"),
    ],
)
def test_a_schedule_that_stopped_is_told(complete: Site, workflow: Workflow, words: str) -> None:
    complete.proxy.rules.settings.workflows["update.yml"] = workflow
    assert words in diagnoses(complete)["schedule of update.yml"].lines[0]


# ---------------------------------------------------------------- the index, and the command


class _Index(BaseHTTPRequestHandler):
    """A simple index whose first path segment is the status that it answers with."""

    def do_GET(self) -> None:
        status = int(self.path.split("/")[1])
        body = (
            b'<!DOCTYPE html><a href="aks_egress_catalog-2026.8.1-py3-none-any.whl">wheel</a>' if status == 200 else b""
        )
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  - the base class names it so
        """Say nothing."""


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Index) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_an_index_has_versions_or_does_not_know_the_name(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{index}/200/simple/")
    assert versions_on_index("aks-egress-catalog") == ("2026.8.1",)
    monkeypatch.setenv("PIP_INDEX_URL", f"{index}/404/simple/")
    assert versions_on_index("aks-egress-catalog") == ()


@pytest.mark.parametrize("status", [0, 403, 500])
def test_an_index_that_does_not_answer_is_not_one_without_the_package(
    index: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{index}/{status}/simple/" if status else "http://127.0.0.1:1/simple/")
    with pytest.raises(IndexUnseenError, match="does not answer"):
        versions_on_index("aks-egress-catalog")


def run_doctor(github: Site, index: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "GITHUB_REPOSITORY": github.full_name,
        "GITHUB_TOKEN": github.token,
        "GITHUB_API_URL": github.url,
        "PIP_INDEX_URL": index,
    }
    command = [sys.executable, "-m", "publish", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


def test_the_command_ends_with_0_where_all_is_well(complete: Site, index: str) -> None:
    for workflow in complete.proxy.rules.settings.workflows.values():
        workflow.last_run = dt.datetime.now(dt.UTC).isoformat()
    done = run_doctor(complete, f"{index}/200/simple/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "16 ok, 0 missing, 0 cannot be seen"


def test_the_command_ends_with_1_and_says_where_to_set_what_is_missing(github: Site, index: str) -> None:
    done = run_doctor(github, f"{index}/404/simple/")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "2 ok, 13 missing, 1 cannot be seen"
    assert "Settings -> Environments -> pypi" in done.stdout
    assert github.token not in done.stdout + done.stderr
    rows: list[dict[str, Any]] = json.loads(run_doctor(github, f"{index}/404/simple/", "--format", "json").stdout)
    assert {row["found"] for row in rows} == {"ok", "missing", "cannot be seen"}
    assert rows[-1]["name"] == "publisher"


def test_a_token_that_is_not_accepted_ends_the_command_with_one_line(github: Site, index: str) -> None:
    github.proxy.fail(1, Fault.UNAUTHORIZED)
    done = run_doctor(github, index)
    assert done.returncode == 2
    assert done.stderr.startswith("error: reading")
    assert "Traceback" not in done.stderr
