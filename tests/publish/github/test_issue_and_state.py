"""One issue while the pipeline stands still, a state that may be lost, and a heartbeat that is missed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.store import load
from publish.config import read_config
from publish.github.client import Repository
from publish.github.issue import TITLE, report_failure, report_healed
from publish.github.state_branch import BRANCH, pull_state, push_state
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


def test_the_state_is_one_commit_on_its_own_branch_and_comes_back_byte_for_byte(
    hub: Repository, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    (folder / "outbox").mkdir(parents=True)
    (folder / "cache.db").write_bytes(bytes(range(256)))
    (folder / "outbox" / "1.json").write_text("{}", encoding="utf-8")
    assert push_state(hub, folder) == "kept 2 files"
    (folder / "outbox" / "1.json").unlink()
    push_state(hub, folder)
    sha = hub.head(BRANCH)
    assert sha
    assert hub.commit(sha).parents == ()
    assert pull_state(hub, tmp_path / "again") == "brought 1 files"
    assert (tmp_path / "again" / "cache.db").read_bytes() == bytes(range(256))


def test_a_state_that_was_lost_is_done_without(hub: Repository, tmp_path: Path) -> None:
    assert pull_state(hub, tmp_path) == "there is no state yet"
    assert push_state(hub, tmp_path / "empty") == "there is no state to keep"
    assert last_beat(tmp_path) is None


def test_a_state_that_cannot_be_read_ends_the_job_before_anything_is_sent(
    github: Site, hub: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "told.json").write_text("{}", encoding="utf-8")
    push_state(hub, tmp_path / "state")
    for name, value in (("TOKEN", "wrong"), ("REPOSITORY", github.full_name), ("API_URL", github.url)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    command = [sys.executable, "-m", "publish", "state", "--pull", "--folder", str(tmp_path / "brought")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "brought").exists()


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


@pytest.mark.parametrize(("age", "code"), [(1, 0), (47, 0), (49, 1)])
def test_a_schedule_that_stopped_is_noticed(tmp_path: Path, age: int, code: int) -> None:
    beat(tmp_path, now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=age), catalog=load())
    command = [sys.executable, "-m", "publish", "heartbeat", "--state", str(tmp_path), "--check", "48"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    assert ("enable the schedule" in done.stderr) is bool(code)
