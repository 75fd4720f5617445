"""One issue while the pipeline stands still, a state that may be lost, and a heartbeat that is missed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.store import load
from publish.config import read_config
from publish.github.client import Repository
from publish.github.issue import TITLE, report_failure, report_healed
from publish.github.state_branch import pull_state, push_state
from publish.status.heartbeat import FILE, beat, last_beat
from tests.github.fixtures import Site

ROOT: Final = Path(__file__).parents[3]
CONFIG: Final = read_config().issue
FAULT: Final = "en-us#core/table[1]/row[2]/port: '44x' is no port (bad-port)"
NOW: Final = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def hub(github: Site) -> Repository:
    return Repository(github.full_name, token=github.token, api=github.url)


def test_the_first_failure_opens_an_issue_that_names_the_cell(github: Site, hub: Repository) -> None:
    assert report_failure(hub, [FAULT], run="https://ci.example/1", config=CONFIG).startswith("opened #1")
    (issue,) = hub.open_issues(CONFIG.label)
    assert issue.title == TITLE
    assert f"`{FAULT}`" in issue.body
    assert github.proxy.violations == []


def test_the_same_failure_again_touches_nothing_and_another_updates_it(hub: Repository) -> None:
    report_failure(hub, [FAULT], run="", config=CONFIG)
    assert "says so already" in report_failure(hub, [FAULT], run="", config=CONFIG)
    assert report_failure(hub, ["something else"], run="", config=CONFIG).startswith("updated #1")
    (issue,) = hub.open_issues(CONFIG.label)
    assert "something else" in issue.body
    assert FAULT not in issue.body


def test_what_people_wrote_in_the_issue_stays(hub: Repository) -> None:
    report_failure(hub, [FAULT], run="", config=CONFIG)
    (issue,) = hub.open_issues(CONFIG.label)
    hub.update_issue(issue.number, title=issue.title, body=f"On it.\n\n{issue.body}")
    report_failure(hub, ["something else"], run="", config=CONFIG)
    assert hub.open_issues(CONFIG.label)[0].body.startswith("On it.")


def test_healed_closes_it_and_the_next_failure_opens_another(hub: Repository) -> None:
    assert report_healed(hub, config=CONFIG) == "no issue is open"
    report_failure(hub, [FAULT], run="", config=CONFIG)
    assert report_healed(hub, config=CONFIG) == "closed #1"
    assert hub.open_issues(CONFIG.label) == []
    assert report_failure(hub, [FAULT], run="", config=CONFIG).startswith("opened #2")


def test_all_workflows_share_one_issue_and_the_last_to_work_again_closes_it(hub: Repository) -> None:
    report_failure(hub, [FAULT], part="update", config=CONFIG)
    assert report_failure(hub, ["no answer"], part="notify", config=CONFIG).startswith("updated #1")
    assert report_healed(hub, part="release", config=CONFIG) == "#1 is about notify, update"
    assert report_healed(hub, part="update", config=CONFIG) == "#1 still is about notify"
    (issue,) = hub.open_issues(CONFIG.label)
    assert "`no answer`" in issue.body
    assert report_failure(hub, ["again"], part="update", config=CONFIG).startswith("updated #1")
    assert report_healed(hub, part="notify", config=CONFIG) == "#1 still is about update"
    assert report_healed(hub, part="update", config=CONFIG) == "closed #1"


def test_an_issue_of_a_person_with_the_same_label_is_left_alone(hub: Repository) -> None:
    hub.open_issue(title="Something of mine", body="", label=CONFIG.label)
    assert report_failure(hub, [FAULT], config=CONFIG).startswith("opened #2")
    assert report_healed(hub, config=CONFIG) == "closed #2"
    assert [issue.number for issue in hub.open_issues(CONFIG.label)] == [1]


def test_page_text_in_an_issue_is_never_live(hub: Repository) -> None:
    report_failure(hub, ["@team #1 <img src=x> ![a](https://evil.example)"], run="", config=CONFIG)
    assert "- `@team #1 <img src=x> ![a](https://evil.example)`" in hub.open_issues(CONFIG.label)[0].body


def test_a_state_that_was_lost_is_done_without(hub: Repository, tmp_path: Path) -> None:
    assert pull_state(hub, tmp_path) == "there is no state yet"
    assert push_state(hub, tmp_path / "empty") == "there is no state to keep"
    assert last_beat(tmp_path) is None


def test_a_heartbeat_says_when_and_what(tmp_path: Path) -> None:
    beat(tmp_path, now=NOW, catalog=load())
    found = last_beat(tmp_path)
    assert found
    page = load().authority
    assert page
    assert (found.checked, found.commit) == (NOW, page.commit)


def test_a_damaged_heartbeat_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(CatalogError, match=FILE):
        last_beat(tmp_path)


def test_the_first_reading_of_a_day_is_noted_and_every_other_commit(tmp_path: Path) -> None:
    catalog = load()
    edited = replace(catalog, pages=tuple(replace(page, commit="b" * 40) for page in catalog.pages))
    noted = []
    for hour, read in ((0, catalog), (6, catalog), (7, edited), (8, edited), (12, edited), (11, edited)):
        beat(tmp_path, now=NOW + dt.timedelta(hours=hour), catalog=read)
        found = last_beat(tmp_path)
        assert found
        noted.append((found.checked - NOW) // dt.timedelta(hours=1))
    assert noted == [0, 0, 7, 7, 12, 11], "the last one is of a clock that was set back"


@pytest.mark.parametrize("content", ["{", '{"checked": "2026-08-01T12:00:00", "commit": ""}'])
def test_a_damaged_heartbeat_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    beat(tmp_path, now=NOW, catalog=load())
    found = last_beat(tmp_path)
    assert found
    assert found.checked == NOW


def test_a_heartbeat_that_is_still_to_come_is_told_and_written_anew(tmp_path: Path) -> None:
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    beat(tmp_path, now=ahead, catalog=load())
    command = [sys.executable, "-m", "publish", "heartbeat", "--state", str(tmp_path), "--check", "48"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the heartbeat is of")
    last = last_beat(tmp_path)
    assert last
    assert last.is_ahead_of(last.checked - dt.timedelta(hours=2))
    assert not last.is_ahead_of(last.checked - dt.timedelta(hours=1)), "clocks differ a little"
    beat(tmp_path, now=NOW, catalog=load())
    found = last_beat(tmp_path)
    assert found
    assert found.checked == NOW


@pytest.mark.parametrize(("age", "code"), [(1, 0), (47, 0), (49, 1)])
def test_a_schedule_that_stopped_is_noticed(tmp_path: Path, age: int, code: int) -> None:
    beat(tmp_path, now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=age), catalog=load())
    command = [sys.executable, "-m", "publish", "heartbeat", "--state", str(tmp_path), "--check", "48"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    assert ("enable the schedule" in done.stderr) is bool(code)
