"""Every call and every write of a run is broken or is its last one: the next run ends with all delivered once by id."""

from __future__ import annotations

import datetime as dt
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.store import load
from publish.commands.github import MERGES
from publish.github.client import Repository
from publish.github.state_branch import pull_state, push_state
from publish.notices.notify.outbox import Delivery, Outbox, Stage, change_id, delivery_id
from publish.status.heartbeat import beat, last_beat
from tests.github.faults import Fault
from tests.github.fixtures import Site
from tests.publish.github import state_run
from tests.publish.receivers import HANG, RESET, Hands, Receiver, receiving

ROOT: Final = Path(__file__).parents[3]
FILES: Final = {".pulled", "heartbeat.json", "outbox.jsonl", "told.json"}
KINDS: Final = tuple(Fault)
IDS: Final = {name: delivery_id(name, map(change_id, state_run.CHANGES)) for name in ("hook", "issues")}
YESTERDAY: Final = Hands().now() - dt.timedelta(days=1)
BEFORE: Final = Delivery(
    id="0" * 32,
    subscriber="hook",
    changes=("c",),
    stage=Stage.SENT,
    planned=YESTERDAY,
    due=YESTERDAY,
    attempts=1,
    message=None,
)
_numbers: Final = itertools.count(1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


class Life:
    """Runs in one repository; ``folder`` is the disk of the machine that is used now.

    On the first day there is no state; on a later one there is that of the day before.
    """

    def __init__(self, github: Site, receiver: Receiver, disks: Path, *, later: bool) -> None:
        number = next(_numbers)
        self.github, self.receiver, self.disks = github, receiver, disks / str(number)
        github.proxy.upstream.say("POST", "/user/repos", name=f"state-{number}", auto_init=True)
        self.name = f"{github.owner}/state-{number}"
        self.new_machine()
        self.known = {BEFORE} if later else set()
        if later:
            Outbox(self.folder).write(BEFORE)
            Outbox(self.folder).mark("2026.7.30")
            beat(self.folder, now=BEFORE.planned, catalog=load())
            push_state(self.hub(), self.folder)
            self.new_machine()

    def new_machine(self) -> None:
        self.folder = self.disks / f"disk-{next(_numbers)}"
        self.folder.mkdir(parents=True)

    def run(self) -> None:
        state_run.run(self.hub(), self.folder, token=self.github.token, api=self.github.url, webhook=self.receiver.url)

    def hub(self) -> Repository:
        return Repository(self.name, token=self.github.token, api=self.github.url, patience=state_run.SECONDS)

    def check(self) -> None:
        """Everything was delivered, once by its id, and the state is whole and says so."""
        self.new_machine()
        pull_state(self.hub(), self.folder, merges=MERGES)
        assert {file.name for file in self.folder.iterdir()} == FILES
        outbox = Outbox(self.folder)
        sent = {one.id for one in outbox.deliveries() if one.stage is Stage.SENT}
        assert sent == {one.id for one in outbox.deliveries()} == {*IDS.values(), *(one.id for one in self.known)}
        assert outbox.announced_up_to() == state_run.VERSION
        found = last_beat(self.folder)
        assert found
        assert found.checked == Hands().now()
        assert {came.id for came in self.receiver.came} == {IDS["hook"]}
        (issue,) = self.hub().open_issues(state_run.LABEL)
        assert IDS["issues"] in issue.body
        self.receiver.came.clear()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In CI each call meets one kind, in rotation; in a soak each meets all of them, a test a kind."""
    soak = metafunc.config.getoption("--soak")
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", KINDS if soak else (None,), ids=str if soak else lambda _: "in rotation")
    if "step" in metafunc.fixturenames:
        metafunc.parametrize("step", [1 if soak else 3])
    if "later" in metafunc.fixturenames:
        metafunc.parametrize("later", [False, True], ids=["on the first day", "on a later day"])


def calls_of(github: Site, run: Callable[[], None]) -> int:
    before = len(github.proxy.calls)
    run()
    return len(github.proxy.calls) - before


def test_whatever_call_fails_the_next_run_ends_with_all_delivered_once(
    github: Site, receiver: Receiver, tmp_path: Path, kind: Fault | None, *, later: bool
) -> None:
    whole = Life(github, receiver, tmp_path, later=later)
    count = calls_of(github, whole.run)
    whole.check()
    for number in range(1, count + 1):
        life = Life(github, receiver, tmp_path, later=later)
        github.proxy.let_go.clear()
        github.proxy.fail(number, kind or KINDS[number % len(KINDS)])
        said = broken(life.run)
        assert github.token not in said
        assert github.proxy.pending == 0, f"call {number} was never made: {said}"
        github.proxy.let_go.set()
        if number % 2:
            life.new_machine()
        life.run()
        life.check()
    assert github.proxy.violations == []


def broken(run: Callable[[], None]) -> str:
    """What a run says whose call failed; some go on, for what is told to subscribers is tried again."""
    try:
        run()
    except AksEgressError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("reply", [500, RESET, HANG])
def test_whatever_a_receiver_does_it_is_told_once(
    github: Site, receiver: Receiver, tmp_path: Path, reply: int | str
) -> None:
    life = Life(github, receiver, tmp_path, later=True)
    receiver.replies = [reply]
    life.run()
    life.run()
    life.check()


# ---------------------------------------------------------------- kill -9


@pytest.fixture
def killed(github: Site, receiver: Receiver) -> Iterator[Callable[[Life, int], int]]:
    """Makes a run that is killed at a moment, and says how it ended."""
    command = [sys.executable, "-m", "tests.publish.github.state_run", github.token, github.url, receiver.url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def run(life: Life, moment: int) -> int:
            stdin.write(f"{life.folder} {life.name} {moment}\n")
            stdin.flush()
            return int(stdout.readline())

        yield run
        stdin.close()


def test_whenever_it_is_killed_the_next_run_ends_with_all_delivered_once(
    github: Site, receiver: Receiver, tmp_path: Path, killed: Callable[[Life, int], int], step: int, *, later: bool
) -> None:
    for moment in itertools.count(1, step):
        life = Life(github, receiver, tmp_path, later=later)
        ended = killed(life, moment)
        if ended == 0:  # it was done before that moment came
            life.check()
            break
        assert ended == -signal.SIGKILL
        if moment // step % 2:
            life.new_machine()
        life.run()
        life.check()
    assert moment > 30, "pull, two deliveries and push have more moments than that"
