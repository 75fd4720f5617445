"""The life of the one pull request, at a stateful GitHub: opened, updated, declined, withdrawn, merged."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from publish.config import read_config
from publish.github.base_branch import BaseBranchError
from publish.github.client import Repository
from publish.github.managed_block import ManagedBlock
from publish.github.pull_request import PullRequestError, file_on_branch, propose_on_github
from publish.github.refusal import GitHubRefusedError
from publish.plan.check import GateVerdict
from publish.plan.proposal import DATA_FOLDER, Proposal, propose
from publish.plan.proposal_files import read_published, read_todays_reading
from publish.plan.report import Report
from publish.plan.sentences import REVIEWED, with_decided
from scraper.language.reviewed import read_reviewed
from tests import base
from tests.github.fixtures import Site
from tests.publish.live import Edit, add_row, build_live, check_out, drop_row, read_live

ROOT: Final = Path(__file__).parents[3]
CONFIG: Final = read_config()
EMPTY: Final = Report(findings=(), locales={})
SHIPPED: Final = base.files()
HOST: Final = "new.mcr.microsoft.com"
SECRET: Final = "ghp_" + "secret" * 3
HOSTILE: Final = "@team #1 <img src=x> [a](https://evil.example) `code` <!-- aks-egress-catalog:end -->"


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """GitHub with the shipped data on main, and the checkout that the publisher runs in."""

    site: Site
    checkout: Path
    scratch: Path

    def publisher(self, **options: float) -> Repository:
        return Repository(self.site.full_name, token=self.site.token, api=self.site.url, **options)

    def proposal(self, change: Callable[[str], str], *, commit: str = "a" * 40) -> Proposal:
        reading = read_live(self.scratch / commit[:9], Edit(commit=commit, change=change))
        return propose(read_published(self.checkout), reading, config=CONFIG, today=dt.date(2026, 8, 1))

    def run(self, proposal: Proposal) -> str:
        published = {path: SHIPPED[path] for path in (f"{DATA_FOLDER}/catalog.json", f"{DATA_FOLDER}/history.json")}
        return propose_on_github(self.publisher(), proposal, EMPTY, config=CONFIG.pull_request, published=published)


@pytest.fixture
def upstream(github: Site, tmp_path: Path) -> Upstream:
    check_out(tmp_path / "checkout", SHIPPED)
    seed(Repository(github.full_name, token=github.token, api=github.url))
    return Upstream(site=github, checkout=tmp_path / "checkout", scratch=tmp_path)


def seed(repository: Repository) -> None:
    """Put the shipped data on main."""
    head = repository.head("main")
    assert head
    files = {path: text.encode() for path, text in SHIPPED.items()}
    repository.move("main", repository.write_commit(files, parent=repository.commit(head), message="Seed"))


def news(html: str) -> str:
    return add_row(html, HOST)


def more_news(html: str) -> str:
    return add_row(add_row(html, HOST), f"more.{HOST}")


def test_the_first_run_opens_one_pull_request_with_everything_in_one_commit(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    assert upstream.run(proposal).startswith("opened #1")
    repository = upstream.publisher()
    (pull,) = repository.pulls("catalog-update", "main")
    assert pull.title == "Data 2026.8.1: 1 added"
    assert pull.labels == ("catalog",)
    head, base = repository.head("catalog-update"), repository.head("main")
    assert head
    commit = repository.commit(head)
    assert commit.parents == (base,)
    for words in ("Verdict: publish", f"`{HOST}`", "a" * 40, "python -m publish plan"):
        assert words in pull.body
    assert upstream.site.proxy.violations == []


def test_the_same_result_again_touches_nothing(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    calls = len(upstream.site.proxy.calls)
    assert upstream.run(proposal).startswith("nothing new for #1")
    assert {call.method for call in upstream.site.proxy.calls[calls:]} == {"GET"}


def test_a_new_result_updates_it_and_leaves_what_people_wrote(upstream: Upstream) -> None:
    upstream.run(upstream.proposal(news))
    repository = upstream.publisher()
    (pull,) = repository.pulls("catalog-update", "main")
    repository.update_pull(1, title=pull.title, body=f"I looked at it.\n\n{pull.body}\n\nAnd I asked upstream.")
    repository.set_labels(1, ("catalog", "security"))
    assert upstream.run(upstream.proposal(more_news, commit="b" * 40)).startswith("updated #1")
    (pull,) = repository.pulls("catalog-update", "main")
    assert pull.title == "Data 2026.8.1: 2 added"
    assert pull.body.startswith("I looked at it.")
    assert pull.body.endswith("And I asked upstream.")
    assert pull.body.count("aks-egress-catalog:begin") == 1
    assert set(pull.labels) == {"catalog", "security"}


def test_closed_without_a_merge_means_not_this_change_again(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    repository = upstream.publisher()
    (pull,) = repository.pulls("catalog-update", "main")
    repository.update_pull(1, title=pull.title, body=pull.body, close=True)
    assert "not proposed again" in upstream.run(proposal)
    reworded = upstream.proposal(lambda html: add_row(html, HOST, use="Really needed."), commit="b" * 40)
    assert "not proposed again" in upstream.run(reworded)
    assert upstream.run(upstream.proposal(more_news, commit="c" * 40)).startswith("opened #2")


def test_closed_with_our_part_of_the_body_taken_out_it_is_declined_all_the_same(upstream: Upstream) -> None:
    upstream.run(upstream.proposal(news))
    repository = upstream.publisher()
    (pull,) = repository.pulls("catalog-update", "main")
    repository.update_pull(1, title=pull.title, body="No, thanks.", close=True)
    assert "closed without a merge" in upstream.run(upstream.proposal(news))
    assert upstream.run(upstream.proposal(more_news, commit="b" * 40)).startswith("opened #2")


def test_a_change_that_left_the_page_closes_it_and_may_come_again(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    assert upstream.run(upstream.proposal(str, commit="b" * 40)).startswith("closed #1")
    assert not any(pull.open for pull in upstream.publisher().pulls("catalog-update", "main"))
    assert upstream.run(upstream.proposal(str, commit="b" * 40)).startswith("nothing changed")
    assert upstream.run(proposal).startswith("opened #2")


def test_what_the_gate_holds_carries_a_label_until_it_does_not(upstream: Upstream) -> None:
    held = upstream.proposal(lambda html: add_row(html, "collector.evil.example"))
    assert held.gate.verdict is GateVerdict.HOLD
    upstream.run(held)
    (pull,) = upstream.publisher().pulls("catalog-update", "main")
    assert set(pull.labels) == {"catalog", "hold for review"}
    assert "**`evil.example`**" in pull.body
    upstream.run(upstream.proposal(news, commit="b" * 40))
    (pull,) = upstream.publisher().pulls("catalog-update", "main")
    assert pull.labels == ("catalog",)


def test_what_the_gate_refuses_is_never_proposed(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    refused = replace(proposal, gate=replace(proposal.gate, verdict=GateVerdict.REFUSE))
    with pytest.raises(PullRequestError, match="refuses"):
        upstream.run(refused)
    assert upstream.publisher().pulls("catalog-update", "main") == []


def test_a_person_s_commit_on_the_branch_is_never_overwritten(upstream: Upstream) -> None:
    upstream.run(upstream.proposal(news))
    repository = upstream.publisher()
    tip = repository.head("catalog-update")
    assert tip
    mine = repository.write_commit({"note": b"mine"}, parent=repository.commit(tip), message="A fix by hand")
    repository.move("catalog-update", mine)
    assert upstream.run(upstream.proposal(news)).startswith("nothing new for #1"), "it is this very proposal"
    with pytest.raises(PullRequestError, match="merge its pull request, or delete the branch"):
        upstream.run(upstream.proposal(more_news, commit="b" * 40))
    assert repository.head("catalog-update") == mine


EXCUSE: Final = "This isn't required for nodes provisioned after March 2021."
REWORDED: Final = "New nodes do without."
NTP: Final = "AzureCloud/core/any:udp-123"


def reworded(upstream: Upstream, name: str) -> Proposal:
    """A page with an excuse in other words, read with what a reviewer decided on the branch, as the workflow does."""
    repository = upstream.publisher()
    table = upstream.checkout / REVIEWED
    decided = with_decided(
        table.read_text(encoding="utf-8"), file_on_branch(repository, "catalog-update", REVIEWED) or "[]"
    )
    edit = Edit(change=lambda html: html.replace(EXCUSE, REWORDED, 1))
    out = build_live(upstream.scratch / name, edit, known=base.LIVE, table=read_reviewed(decided))
    (out / "reviewed.json").write_text(decided, encoding="utf-8")
    published = read_published(upstream.checkout)
    return propose(published, read_todays_reading(out), config=CONFIG, today=dt.date(2026, 8, 1))


def asked(proposal: Proposal) -> set[str]:
    """The rules that ask for something else than before."""
    return {change.rule.id for change in proposal.changes.changes if change.rule and change.kind != "text"}


def decide(upstream: Upstream, **changes: object) -> None:
    """Commit to the branch, as a person does on GitHub, what the one new sentence means."""
    repository = upstream.publisher()
    tip = repository.head("catalog-update")
    assert tip
    entries = json.loads(file_on_branch(repository, "catalog-update", REVIEWED))
    for entry in [entry for entry in entries if entry.pop("undecided", None)]:
        entry.update(changes)
    files = {REVIEWED: json.dumps(entries).encode()}
    repository.move("catalog-update", repository.write_commit(files, parent=repository.commit(tip), message="Decide"))


def on_branch(upstream: Upstream) -> set[str]:
    """The files that merging the pull request would change."""
    repository = upstream.publisher()
    tip, main = repository.head("catalog-update"), repository.head("main")
    assert tip
    assert main
    there, published = repository.blobs(repository.commit(tip).tree), repository.blobs(repository.commit(main).tree)
    return {path for path, name in there.items() if published.get(path) != name}


@pytest.fixture
def reviewing(upstream: Upstream) -> Upstream:
    """With the table of sentences on main, too."""
    table = (ROOT / REVIEWED).read_text(encoding="utf-8")
    check_out(upstream.checkout, {REVIEWED: table})
    repository = upstream.publisher()
    head = repository.head("main")
    assert head
    made = repository.write_commit({REVIEWED: table.encode()}, parent=repository.commit(head), message="Sentences")
    repository.move("main", made)
    return upstream


def test_what_a_reviewer_decides_on_the_branch_is_what_the_next_run_proposes(reviewing: Upstream) -> None:
    first = reworded(reviewing, "first")
    assert asked(first) == {NTP}
    assert reviewing.run(first).startswith("opened #1")
    assert f"{DATA_FOLDER}/catalog.json" in on_branch(reviewing)
    decide(reviewing, beside=[NTP], conditions=["not-if:nodes-after-2021-03"], gist="new nodes do without")
    second = reworded(reviewing, "second")
    assert asked(second) == set()
    assert second.gate.verdict is GateVerdict.PUBLISH
    assert reviewing.run(second).startswith("updated #1")
    assert on_branch(reviewing) == {REVIEWED}, "the rule asks for what it asked for: no data changes"
    third = reworded(reviewing, "third")
    assert third.facts == second.facts
    assert reviewing.run(third).startswith("nothing new for #1")


def test_a_sentence_decided_to_mean_nothing_here_keeps_the_change_and_ends_the_doubt(reviewing: Upstream) -> None:
    reviewing.run(reworded(reviewing, "first"))
    decide(reviewing, ignored=[NTP])
    second = reworded(reviewing, "second")
    assert asked(second) == {NTP}
    assert not [one for one in second.sentences if one.undecided]
    reviewing.run(second)
    assert {REVIEWED, f"{DATA_FOLDER}/catalog.json"} <= on_branch(reviewing)


def test_a_person_who_changed_more_than_sentences_is_not_overwritten(reviewing: Upstream) -> None:
    reviewing.run(reworded(reviewing, "first"))
    decide(reviewing, beside=[NTP], conditions=["not-if:nodes-after-2021-03"], gist="new nodes do without")
    repository = reviewing.publisher()
    tip = repository.head("catalog-update")
    assert tip
    mine = repository.write_commit({"note": b"mine"}, parent=repository.commit(tip), message="More")
    repository.move("catalog-update", mine)
    with pytest.raises(PullRequestError, match="merge its pull request, or delete the branch"):
        reviewing.run(reworded(reviewing, "second"))
    assert repository.head("catalog-update") == mine


@pytest.mark.parametrize("over", ["closed", "squashed"])
def test_a_branch_that_a_pull_request_left_behind_is_taken_over_though_a_person_wrote_on_it(
    upstream: Upstream, over: str
) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    repository = upstream.publisher()
    tip = repository.head("catalog-update")
    assert tip
    mine = repository.write_commit({"note": b"mine"}, parent=repository.commit(tip), message="A fix by hand")
    repository.move("catalog-update", mine)
    files = SHIPPED
    if over == "closed":
        (pull,) = repository.pulls("catalog-update", "main")
        repository.update_pull(1, title=pull.title, body=pull.body, close=True)
    else:
        upstream.site.repository().pull_request(1).merge(merge_method="squash")
        files = proposal.files
        check_out(upstream.checkout, files)
    published = {path: files[path] for path in (f"{DATA_FOLDER}/catalog.json", f"{DATA_FOLDER}/history.json")}
    following = upstream.proposal(more_news, commit="b" * 40)
    done = propose_on_github(repository, following, EMPTY, config=CONFIG.pull_request, published=published)
    assert done.startswith("opened #2")
    head = repository.head("catalog-update")
    assert head
    assert repository.commit(head).parents == (repository.head("main"),)


def test_main_moving_elsewhere_touches_nothing(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    repository = upstream.publisher()
    head = repository.head("main")
    assert head
    moved = repository.write_commit({"README.md": b"new"}, parent=repository.commit(head), message="Elsewhere")
    repository.move("main", moved)
    assert upstream.run(proposal).startswith("nothing new for #1")


def test_a_checkout_that_is_not_main_is_told_to_fetch(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    repository = upstream.publisher()
    head = repository.head("main")
    assert head
    by_hand = repository.write_commit(
        {f"{DATA_FOLDER}/catalog.json": b"{}"}, parent=repository.commit(head), message="By hand"
    )
    repository.move("main", by_hand)
    with pytest.raises(BaseBranchError, match="check main out"):
        upstream.run(proposal)
    assert repository.head("catalog-update") is None


def test_after_the_merge_the_next_change_gets_a_pull_request_of_its_own(upstream: Upstream) -> None:
    proposal = upstream.proposal(news)
    upstream.run(proposal)
    upstream.site.repository().pull_request(1).merge()
    check_out(upstream.checkout, proposal.files)
    following = upstream.proposal(more_news, commit="b" * 40)
    published = {path: proposal.files[path] for path in (f"{DATA_FOLDER}/catalog.json", f"{DATA_FOLDER}/history.json")}
    done = propose_on_github(upstream.publisher(), following, EMPTY, config=CONFIG.pull_request, published=published)
    assert done.startswith("opened #2")
    (pull, _) = upstream.publisher().pulls("catalog-update", "main")
    assert pull.title == "Data 2026.8.1.1: 1 added"


def test_page_text_is_never_live(upstream: Upstream) -> None:
    proposal = upstream.proposal(lambda html: add_row(html, HOST, use=HOSTILE.replace("<", "&lt;")))
    reworded = replace(
        proposal,
        changes=replace(
            proposal.changes, changes=tuple(replace(one, place=HOSTILE) for one in proposal.changes.changes)
        ),
    )
    upstream.run(reworded)
    (pull,) = upstream.publisher().pulls("catalog-update", "main")
    block = ManagedBlock.of(pull.body)
    assert block
    assert "aks-egress-catalog:end" in block.text
    assert block.text.endswith("--out build")
    assert upstream.run(reworded).startswith("nothing new")


def test_two_runs_at_once_make_one_pull_request(upstream: Upstream) -> None:
    """The second comes between the first one's look and its work."""
    proposal = upstream.proposal(news)
    pulls = Repository.pulls
    raced: list[str] = []

    class Late(Repository):
        def pulls(self, branch: str, base: str) -> list:  # type: ignore[type-arg]
            found = pulls(self, branch, base)
            if not raced:
                raced.append("started")
                raced.append(upstream.run(proposal))
            return found

    late = Late(upstream.site.full_name, token=upstream.site.token, api=upstream.site.url)
    published = {path: SHIPPED[path] for path in (f"{DATA_FOLDER}/catalog.json", f"{DATA_FOLDER}/history.json")}
    with pytest.raises(GitHubRefusedError, match="422"):
        propose_on_github(late, proposal, EMPTY, config=CONFIG.pull_request, published=published)
    assert upstream.run(proposal).startswith("nothing new for #1")
    assert len(upstream.publisher().pulls("catalog-update", "main")) == 1


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "token", "message"),
    [
        ("", "t", "GITHUB_REPOSITORY"),
        ("only-a-name", "t", "owner/name"),
        ("a/b", "", "GITHUB_TOKEN"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_asked(name: str, token: str, message: str) -> None:
    with pytest.raises(GitHubRefusedError, match=message):
        Repository(name, token=token)


def test_a_token_that_is_not_accepted_is_never_printed(github: Site) -> None:
    with pytest.raises(GitHubRefusedError, match="valid one") as refused:
        Repository(github.full_name, token=SECRET, api=github.url)
    assert SECRET not in str(refused.value)


def test_a_repository_that_is_not_there_or_archived_is_named(github: Site) -> None:
    with pytest.raises(GitHubRefusedError, match="GITHUB_REPOSITORY"):
        Repository(f"{github.owner}/nowhere", token=github.token, api=github.url)
    github.proxy.archive(github.full_name)
    with pytest.raises(GitHubRefusedError, match="archived"):
        Repository(github.full_name, token=github.token, api=github.url)


def test_a_token_that_may_only_read_is_told_what_it_needs(upstream: Upstream) -> None:
    proposal, hub = upstream.proposal(news), upstream.publisher()
    upstream.site.proxy.archive(upstream.site.full_name)  # from now on every write is a plain 403
    published = {path: SHIPPED[path] for path in (f"{DATA_FOLDER}/catalog.json", f"{DATA_FOLDER}/history.json")}
    with pytest.raises(GitHubRefusedError, match="needs contents, pull-requests and issues: write"):
        propose_on_github(hub, proposal, EMPTY, config=CONFIG.pull_request, published=published)


def test_a_protected_branch_says_so_and_nothing_is_opened(upstream: Upstream) -> None:
    upstream.run(upstream.proposal(news))
    upstream.site.proxy.protect(upstream.site.full_name, "catalog-update")
    with pytest.raises(GitHubRefusedError, match="moving the branch catalog-update"):
        upstream.run(upstream.proposal(more_news, commit="b" * 40))


def test_a_removed_row_alone_is_a_change_too(upstream: Upstream) -> None:
    assert upstream.run(upstream.proposal(lambda html: drop_row(html, "packages.aks.azure.com"))).startswith(
        "opened #1"
    )
    (pull,) = upstream.publisher().pulls("catalog-update", "main")
    assert "it is told as removed on 2026-08-15 unless it comes back" in pull.body
