"""Every call to GitHub fails in turn: the run ends with a clear message, and the next one finishes the work once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final, Protocol

import pytest

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from publish.config import read_config
from publish.github.client import Repository
from publish.github.issue import report_failure
from publish.github.pull_request import propose_on_github
from publish.github.release import release
from publish.plan.check import GateVerdict
from publish.plan.diff import diff
from publish.plan.gate import Gate
from publish.plan.proposal import DATA_FOLDER, Proposal
from publish.plan.released import Published
from publish.plan.report import Report
from tests.base import HISTORY, LIVE
from tests.github.faults import Fault
from tests.github.fixtures import Site

CONFIG: Final = read_config()
STATE: Final = Published(catalog=LIVE, history=HISTORY, texts={})
FILES: Final = {"catalog.json": b"{}", "package.whl": b"\0"}
KINDS: Final = tuple(Fault)
PROPOSAL: Final = Proposal(
    version=LIVE.version,
    commit="a" * 40,
    due=True,
    facts="f1",
    gate=Gate(verdict=GateVerdict.PUBLISH, checks=()),
    changes=diff(load(as_of="2025-07-01"), LIVE),
    files={f"{DATA_FOLDER}/catalog.json": to_json(LIVE)},
)
_numbers: Final = itertools.count(1)


class Life(Protocol):
    """One job at GitHub, and what must be true of it in the end."""

    def run(self, hub: Repository) -> None: ...

    def check(self, hub: Repository) -> None: ...


class Proposing:
    def run(self, hub: Repository) -> None:
        empty = Report(findings=(), locales={})
        propose_on_github(hub, PROPOSAL, empty, config=CONFIG.pull_request, published={})

    def check(self, hub: Repository) -> None:
        (pull,) = hub.pulls("catalog-update", "main")
        head = hub.head("catalog-update")
        assert head
        assert pull.open
        assert pull.labels == ("catalog",)
        assert f"{DATA_FOLDER}/catalog.json" in hub.blobs(hub.commit(head).tree)


class Releasing:
    def run(self, hub: Repository) -> None:
        head = hub.head("main")
        if head is not None:  # GitHub may say that it is not there
            release(hub, STATE, commit=head, make_assets=lambda _: FILES)

    def check(self, hub: Repository) -> None:
        (made,) = hub.releases()
        assert not made.draft
        assert {asset.name: hub.download(asset) for asset in made.assets} == FILES
        assert hub.tag(f"v{LIVE.version}") == hub.head("main")


class Reporting:
    def run(self, hub: Repository) -> None:
        report_failure(hub, ["a fault"], run="", config=CONFIG.issue)

    def check(self, hub: Repository) -> None:
        (issue,) = hub.open_issues(CONFIG.issue.label)
        assert "`a fault`" in issue.body


def fresh(github: Site) -> str:
    """Another repository with one commit on main."""
    name = f"faults-{next(_numbers)}"
    github.proxy.upstream.say("POST", "/user/repos", name=name, auto_init=True)
    return f"{github.owner}/{name}"


def connect(github: Site, name: str) -> Repository:
    return Repository(name, token=github.token, api=github.url, patience=1.5)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In CI each call meets one kind, in rotation; in a soak each meets all of them, a test a kind."""
    soak = metafunc.config.getoption("--soak")
    metafunc.parametrize("kind", KINDS if soak else (None,), ids=str if soak else lambda _: "in rotation")


def calls_of(github: Site, life: Life) -> int:
    before = len(github.proxy.calls)
    hub = connect(github, fresh(github))
    life.run(hub)
    count = len(github.proxy.calls) - before
    life.check(hub)
    return count


@pytest.mark.parametrize("life", [Proposing(), Releasing(), Reporting()], ids=lambda life: type(life).__name__)
def test_whatever_call_fails_the_next_run_finishes_the_work_once(github: Site, life: Life, kind: Fault | None) -> None:
    for number in range(1, calls_of(github, life) + 1):
        name = fresh(github)
        github.proxy.let_go.clear()
        fault = kind or KINDS[number % len(KINDS)]
        broken(github, fault, number, lambda name=name: life.run(connect(github, name)))  # type: ignore[misc]
        github.proxy.let_go.set()
        hub = connect(github, name)
        life.run(hub)
        life.check(hub)
    assert github.proxy.violations == []


def broken(github: Site, fault: Fault, number: int, run: Callable[[], None]) -> None:
    """Run with one call failing; whatever is said of it is one message without the token."""
    github.proxy.fail(number, fault)
    said = ""
    try:
        run()
    except AksEgressError as error:
        said = str(error)
        assert said
        assert github.token not in said
    assert github.proxy.pending == 0, f"call {number} was never made, with {fault}: {said}"
