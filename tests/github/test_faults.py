"""How the stand-in for GitHub fails on demand, and what github3 makes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from github3 import GitHub
from github3.exceptions import ForbiddenError, GitHubException, ServerError, TransportError
from github3.repos.repo import Repository

from tests.github.faults import RETRY_AFTER, Fault
from tests.github.fixtures import Site
from tests.github.steps import branched, committed

ONE_CALL = ("GET", "*/git/ref/*")
WORK = ("POST", "*/git/refs")


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.isdigit()])
def test_a_call_is_refused_before_it_does_anything(github: Site, repository: Repository, fault: Fault) -> None:
    sha = committed(repository, "one").sha
    github.proxy.fail(WORK, fault)
    with pytest.raises(GitHubException) as failed:
        repository.create_ref("refs/heads/update", sha)
    assert failed.value.code == int(fault)
    assert github.proxy.pending == 0
    assert [branch.name for branch in repository.branches()] == ["main"]


def test_a_limit_says_when_to_come_back(github: Site, repository: Repository) -> None:
    github.proxy.fail(ONE_CALL, Fault.LIMITED)
    with pytest.raises(ForbiddenError) as limited:
        repository.ref("heads/main")
    said = limited.value.response.headers
    assert (said["x-ratelimit-remaining"], said["retry-after"]) == ("0", str(RETRY_AFTER))


@pytest.mark.parametrize(
    ("fault", "branches"),
    [
        (Fault.CUT_BEFORE, ["main"]),
        (Fault.CUT_AFTER, ["main", "update"]),
        (Fault.SLOW, ["main", "update"]),
    ],
)
def test_a_call_without_an_answer_may_have_done_its_work(github: Site, fault: Fault, branches: list[str]) -> None:
    repository = github.repository(patience=0.2)
    sha = committed(repository, "one").sha
    github.proxy.fail(WORK, fault)
    with pytest.raises(TransportError):
        repository.create_ref("refs/heads/update", sha)
    assert github.proxy.calls[-1].status is None
    assert [branch.name for branch in repository.branches()] == branches


def test_a_slow_answer_comes_when_it_is_let_go(github: Site, repository: Repository) -> None:
    github.proxy.fail(ONE_CALL, Fault.SLOW)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(repository.ref, "heads/main")
        assert wait([asked], timeout=0.05).not_done
        github.proxy.let_go.set()
        assert asked.result().ref == "refs/heads/main"


def proposed(github: Site) -> None:
    """What the last test fails at each of its calls."""
    repository = GitHub(session=github.session(patience=0.2)).repository(github.owner, github.name)
    sha = repository.ref("heads/main").object.sha
    repository.create_ref("refs/heads/update", committed(repository, "one", parent=sha).sha)
    repository.create_pull("Title", "main", "update")


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.CUT_AFTER])
def test_each_call_of_a_clean_run_fails_in_turn(github: Site, fault: Fault) -> None:
    proposed(github)
    clean = len(github.proxy.calls)
    assert [call.status for call in github.proxy.calls[-2:]] == [201, 201]
    assert github.proxy.violations == []
    for number in range(1, clean + 1):
        repository = github.repository()
        for pull in repository.pull_requests():
            pull.close()
        repository.ref("heads/update").delete()
        github.proxy.fail(number, fault)
        with pytest.raises((ServerError, TransportError)):
            proposed(github)
        assert github.proxy.pending == 0
        assert github.proxy.calls[-1].status in {None, 502}
        if "update" not in {branch.name for branch in repository.branches()}:
            branched(repository, "update")
