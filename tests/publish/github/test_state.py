"""The state branch: nothing that one run kept is taken back by another, and whatever fails, it stays whole."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from publish.commands.github import MERGES
from publish.github.client import Repository
from publish.github.refusal import GitHubRefusedError
from publish.github.state_branch import BRANCH, PULLED, pull_state, push_state
from publish.notices.notify.messages import Message
from publish.notices.notify.outbox import Delivery, Outbox, Stage, delivery_id
from publish.status.heartbeat import beat, last_beat
from tests.github.faults import Fault
from tests.github.fixtures import Site

ROOT: Final = Path(__file__).parents[3]
NOW: Final = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
UNCHANGED: Final = "there is nothing new to keep"


def delivery(name: str) -> Delivery:
    message = Message(subject="s", text="t\n" * 500, markdown="m\n" * 500, payload="{}")
    return Delivery(id=delivery_id(name, ["c"]), subscriber=name, changes=("c",), planned=NOW, due=NOW, message=message)


def sent(one: Delivery) -> Delivery:
    return replace(one, stage=Stage.SENT, attempts=1, message=None)


@pytest.fixture
def hub(github: Site) -> Repository:
    return connect(github)


def connect(github: Site) -> Repository:
    return Repository(github.full_name, token=github.token, api=github.url)


class Machine:
    """A runner with a disk of its own, and what it does with the state on it."""

    def __init__(self, hub: Repository, folder: Path) -> None:
        self.hub, self.folder, self.outbox = hub, folder, Outbox(folder)

    def pull(self) -> str:
        return pull_state(self.hub, self.folder, merges=MERGES)

    def push(self) -> str:
        return push_state(self.hub, self.folder, merges=MERGES)

    def write(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    @property
    def files(self) -> dict[str, bytes]:
        files = (file for file in self.folder.rglob("*") if file.is_file() and file.name != PULLED)
        return {file.relative_to(self.folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture
def one(hub: Repository, tmp_path: Path) -> Machine:
    return Machine(hub, tmp_path / "one")


@pytest.fixture
def two(github: Site, tmp_path: Path) -> Machine:
    return Machine(connect(github), tmp_path / "two")


def kept(hub: Repository, folder: Path) -> Machine:
    """What is on the branch, on a fresh machine."""
    found = Machine(hub, folder)
    found.pull()
    return found


def parents(hub: Repository) -> tuple[str, ...]:
    head = hub.head(BRANCH)
    assert head
    return hub.commit(head).parents


# ---------------------------------------------------------------- one run after the other


def test_the_state_comes_back_byte_for_byte(hub: Repository, one: Machine, tmp_path: Path) -> None:
    one.write("raw", bytes(range(256)))
    one.write("deep/er.txt", "é\r\n\u2028".encode())
    one.write("nul", b"a\0b")
    one.write("empty", b"")
    assert one.push() == "kept 4 files"
    assert kept(hub, tmp_path / "again").files == one.files


def test_each_push_is_a_commit_upon_the_last_one(hub: Repository, one: Machine) -> None:
    assert one.pull() == "there is no state yet"
    one.write("a", b"1")
    one.push()
    first = hub.head(BRANCH)
    assert parents(hub) == ()
    one.write("a", b"2")
    one.push()
    assert parents(hub) == (first,)


def test_an_unchanged_run_writes_nothing(github: Site, hub: Repository, one: Machine, two: Machine) -> None:
    one.outbox.write(sent(delivery("a")))
    one.outbox.mark("2026.8.1")
    beat(one.folder, now=NOW, catalog=load())
    one.push()
    head = hub.head(BRANCH)
    two.pull()
    github.proxy.calls.clear()
    two.outbox.mark("2026.8.1")
    two.outbox.tidy(now=NOW, current=())
    beat(two.folder, now=NOW + dt.timedelta(hours=11), catalog=load())
    assert two.push() == one.push() == UNCHANGED
    assert github.proxy.calls == []
    assert hub.head(BRANCH) == head


def test_an_empty_folder_never_empties_the_branch(hub: Repository, one: Machine, two: Machine) -> None:
    one.write("a", b"1")
    one.push()
    head = hub.head(BRANCH)
    assert two.push() == "there is no state to keep"
    assert hub.head(BRANCH) == head


def test_what_is_of_this_machine_stays_here(hub: Repository, one: Machine, tmp_path: Path) -> None:
    one.write("a", b"1")
    for path in (".told.json.partial", "http/cache.db", ".git/config", "deep/.x"):
        one.write(path, b"x")
    assert one.push() == "kept 1 files"
    foreign = hub.write_snapshot({"a": b"1", PULLED: b"{}", "http/cache.db": b"x"}, parent=None, message="By hand")
    hub.move(BRANCH, foreign, force=True)
    assert kept(hub, tmp_path / "again").files == {"a": b"1"}


def test_three_hundred_deliveries_cost_a_few_calls(github: Site, tmp_path: Path) -> None:
    first = Machine(connect(github), tmp_path / "first")
    for number in range(300):
        first.outbox.write(delivery(str(number)))
    first.outbox.mark("2026.8.1")
    beat(first.folder, now=NOW, catalog=load())
    first.push()
    github.proxy.calls.clear()
    second = Machine(connect(github), tmp_path / "second")
    second.pull()
    pulled = len(github.proxy.calls)
    assert len(second.outbox.deliveries()) == 300
    for known in second.outbox.deliveries():
        second.outbox.write(sent(known))
    second.push()
    assert (pulled, len(github.proxy.calls)) == (6, 9)
    assert github.proxy.violations == []


def test_the_state_of_earlier_versions_is_carried_over(hub: Repository, one: Machine, two: Machine) -> None:
    old = {f"outbox/{delivery(name).id}.json": to_json(delivery(name)).encode() for name in "ab"}
    old |= {"told.json": b'{"version": "2026.8.1"}', "http/cache.db": b"\0", "http/.gitignore": b""}
    hub.move(BRANCH, hub.write_snapshot(old, parent=None, message="State of the pipeline"))
    one.pull()
    assert one.outbox.announced_up_to() == "2026.8.1"
    assert {known.subscriber for known in one.outbox.deliveries()} == {"a", "b"}
    one.outbox.write(sent(delivery("a")))
    one.outbox.tidy(now=NOW, current=())
    one.push()
    two.pull()
    assert sorted(two.files) == ["outbox.jsonl", "told.json"]
    assert {known.subscriber: known.stage for known in two.outbox.deliveries()} == {
        "a": Stage.SENT,
        "b": Stage.PENDING,
    }
    head = hub.head(BRANCH)
    assert head
    assert sorted(hub.blobs(head)) == ["outbox.jsonl", "told.json"]


# ---------------------------------------------------------------- two runs at once, and an old one again


def test_of_two_runs_that_pulled_the_same_both_are_kept(
    hub: Repository, one: Machine, two: Machine, tmp_path: Path
) -> None:
    one.outbox.write(delivery("shared"))
    one.push()
    two.pull()
    one.outbox.write(sent(delivery("shared")))
    one.outbox.write(delivery("first"))
    two.outbox.write(replace(delivery("shared"), attempts=3))
    two.outbox.write(delivery("second"))
    assert [one.push(), two.push()] == ["kept 1 files", "kept 1 files"]
    found = kept(hub, tmp_path / "again").outbox.deliveries()
    assert {known.subscriber: known.stage for known in found} == {
        "shared": Stage.SENT,
        "first": Stage.PENDING,
        "second": Stage.PENDING,
    }
    assert len(parents(hub)) == 1
    assert one.pull() == "brought 1 files"
    assert one.files == two.files


def test_of_two_first_runs_both_are_kept(hub: Repository, one: Machine, two: Machine, tmp_path: Path) -> None:
    for machine, name in ((one, "first"), (two, "second")):
        machine.pull()
        machine.outbox.write(delivery(name))
    one.push()
    two.push()
    found = kept(hub, tmp_path / "again").outbox.deliveries()
    assert {known.subscriber for known in found} == {"first", "second"}


class Overtaken(Repository):
    """The client of a run that others overtake just before it moves the branch, as often as there are any."""

    others: list[Machine]

    def advance(self, branch: str, sha: str, *, since: str | None) -> bool:
        if self.others:
            self.others.pop().push()
        return super().advance(branch, sha, since=since)


def overtaken(github: Site, folder: Path, others: int) -> Machine:
    slow = Overtaken(github.full_name, token=github.token, api=github.url)
    slow.others = [Machine(connect(github), folder / f"other-{number}") for number in range(others)]
    for number, other in enumerate(slow.others):
        other.outbox.write(delivery(f"other-{number}"))
    return Machine(slow, folder / "slow")


def test_a_run_that_is_overtaken_at_the_last_moment_tries_again(github: Site, hub: Repository, tmp_path: Path) -> None:
    slow = overtaken(github, tmp_path, 3)
    slow.outbox.write(delivery("slow"))
    slow.push()
    found = kept(hub, tmp_path / "again").outbox.deliveries()
    assert [known.subscriber for known in found] == ["other-0", "other-1", "other-2", "slow"]


def test_a_run_that_is_overtaken_each_time_says_so_and_the_next_one_keeps_all(github: Site, tmp_path: Path) -> None:
    slow = overtaken(github, tmp_path, 9)
    slow.outbox.write(delivery("slow"))
    with pytest.raises(GitHubRefusedError, match="moved by others 5 times meanwhile: run again"):
        slow.push()
    slow.push()
    assert len(slow.outbox.deliveries()) == 10


def test_many_runs_at_once_lose_nothing(github: Site, hub: Repository, tmp_path: Path) -> None:
    machines = [Machine(connect(github), tmp_path / str(number)) for number in range(5)]
    for number, machine in enumerate(machines):
        machine.outbox.write(delivery(str(number)))
    threads = [threading.Thread(target=machine.push) for machine in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept(hub, tmp_path / "again").outbox.deliveries()) == len(machines)


def test_the_rerun_of_an_old_run_rewinds_nothing(hub: Repository, one: Machine, two: Machine, tmp_path: Path) -> None:
    one.outbox.write(delivery("a"))
    one.outbox.mark("2026.8.1")
    beat(one.folder, now=NOW, catalog=load())
    one.push()
    two.pull()
    newer = NOW + dt.timedelta(days=9)
    two.outbox.write(sent(delivery("a")))
    two.outbox.mark("2026.8.10")
    beat(two.folder, now=newer, catalog=load())
    two.push()
    one.outbox.write(replace(delivery("a"), attempts=9))  # the old one goes on as if nothing had happened
    one.outbox.mark("2026.8.9")
    beat(one.folder, now=NOW + dt.timedelta(days=8), catalog=load())
    one.push()
    found = kept(hub, tmp_path / "again")
    assert found.outbox.announced_up_to() == "2026.8.10"
    assert [known.stage for known in found.outbox.deliveries()] == [Stage.SENT]
    last = last_beat(found.folder)
    assert last
    assert last.checked == newer


def test_an_old_checkout_that_pulled_the_newest_state_rewinds_nothing(hub: Repository, one: Machine) -> None:
    one.outbox.mark("2026.8.10")
    one.push()
    one.outbox.mark("2026.8.9")
    assert one.push() == UNCHANGED
    assert one.outbox.announced_up_to() == "2026.8.10"
    assert hub.head(BRANCH)


def test_a_pull_over_what_was_not_pushed_yet_loses_nothing(one: Machine, two: Machine) -> None:
    one.outbox.write(delivery("a"))
    one.push()
    two.pull()
    one.outbox.write(sent(delivery("a")))
    two.outbox.write(delivery("b"))
    two.push()
    one.pull()
    assert {known.subscriber: known.stage for known in one.outbox.deliveries()} == {
        "a": Stage.SENT,
        "b": Stage.PENDING,
    }


def test_a_branch_that_was_deleted_meanwhile_is_made_again_of_all_there_is(hub: Repository, one: Machine) -> None:
    one.write("a", b"1")
    one.write("b", b"1")
    one.push()
    hub._repo.ref(f"heads/{BRANCH}").delete()  # noqa: SLF001  - by hand, as the guide says; the client cannot
    one.write("b", b"2")
    assert one.push() == "kept 2 files"
    assert parents(hub) == ()


def test_a_file_of_which_nobody_knows_more_is_ours_where_we_changed_it(one: Machine, two: Machine) -> None:
    for path in ("ours", "theirs", "both", "gone here", "gone there", "gone here, changed there"):
        one.write(path, b"1")
    one.push()
    two.pull()
    for path in ("ours", "both"):
        one.write(path, b"2")
    for path in ("theirs", "both", "gone here, changed there"):
        two.write(path, b"3")
    for path in ("gone here", "gone here, changed there"):
        (one.folder / path).unlink()
    (two.folder / "gone there").unlink()
    two.write("new there", b"3")
    one.write("new here", b"2")
    two.push()
    one.push()
    assert one.files == {
        "ours": b"2",
        "theirs": b"3",
        "both": b"2",
        "gone here, changed there": b"3",
        "new there": b"3",
        "new here": b"2",
    }


@pytest.mark.parametrize("note", [b"{", b"\xff", b'{"commit": 1}', None])
def test_a_folder_that_knows_not_what_it_pulled_is_merged(
    hub: Repository, one: Machine, two: Machine, note: bytes | None
) -> None:
    one.outbox.write(delivery("a"))
    one.write("other", b"old")
    one.push()
    two.pull()
    two.outbox.write(sent(delivery("a")))
    two.outbox.tidy(now=NOW, current=())
    two.write("other", b"new")
    two.push()
    if note is None:
        (one.folder / PULLED).unlink()
    else:
        one.write(PULLED, note)
    assert one.push() == UNCHANGED
    assert one.files == two.files
    assert hub.head(BRANCH)


def test_a_damaged_file_of_either_side_is_mended_by_the_other(one: Machine, two: Machine, tmp_path: Path) -> None:
    one.outbox.mark("2026.8.1")
    beat(one.folder, now=NOW, catalog=load())
    one.push()
    two.pull()
    one.write("told.json", b'{"version": "20')
    one.write("heartbeat.json", b"\xff")
    one.push()
    two.outbox.mark("2026.8.2")
    beat(two.folder, now=NOW + dt.timedelta(days=1), catalog=load())
    two.push()
    found = kept(two.hub, tmp_path / "again")
    assert found.outbox.announced_up_to() == "2026.8.2"
    assert last_beat(found.folder)


# ---------------------------------------------------------------- what GitHub refuses


def test_a_branch_that_may_not_be_written_is_no_race(github: Site, one: Machine) -> None:
    one.write("a", b"1")
    one.push()
    one.write("a", b"2")
    github.proxy.protect(github.full_name, BRANCH)
    with pytest.raises(GitHubRefusedError, match="moving the branch state: GitHub answered 422 Protected branch"):
        one.push()


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.BROKEN, Fault.CUT_BEFORE, Fault.LIMITED])
def test_a_branch_that_cannot_be_read_is_not_taken_for_an_absent_one(
    github: Site, one: Machine, two: Machine, fault: Fault
) -> None:
    one.write("a", b"1")
    one.push()
    github.proxy.fail(("GET", "*/matching-refs/*"), fault)
    with pytest.raises(GitHubRefusedError, match="reading the branch state"):
        two.pull()
    assert not two.folder.exists()


def test_a_branch_whose_name_only_begins_so_is_another_one(hub: Repository, one: Machine) -> None:
    hub.move("state-of-old", hub.write_snapshot({"a": b"1"}, parent=None, message="Other"))
    assert one.pull() == "there is no state yet"


def test_a_state_that_cannot_be_read_ends_the_job_before_anything_is_sent(
    github: Site, one: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.write("told.json", b"{}")
    one.push()
    for name, value in (("TOKEN", "wrong"), ("REPOSITORY", github.full_name), ("API_URL", github.url)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    command = [sys.executable, "-m", "publish", "state", "--pull", "--folder", str(tmp_path / "brought")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "brought").exists()
