"""What users were told over the life of the data: once each, never taken back, whenever a person merges."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.history.announced import Announcements, announced
from aks_egress_catalog.history.changes import Change, ChangeKind
from aks_egress_catalog.history.compare import compare_rules
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import Changed, Event, History
from aks_egress_catalog.model import Rule
from publish.notices.notify.outbox import change_id
from publish.plan.proposal import DATA_FOLDER, Proposal, next_release
from publish.plan.released import Published
from tests import base
from tests.publish.facts import HOLD, feeds_of, history, rule
from tests.publish.live import Edit, add_row, after, check_out, drop_row, proposed

HOST: Final = "management.azure.com"
GONE: Final = f"AzureCloud/core/{HOST}:tcp-443"
LATER: Final = dt.date(2027, 1, 1)


def at(day: str, change: Callable[[str], str] = str) -> Edit:
    """An upstream commit of a day, with a commit id of its own."""
    return Edit(commit=day.replace("-", "") * 5, updated=f"{day}T10:00:00Z", change=change)


def dropped(html: str) -> str:
    return drop_row(html, HOST)


class Life:
    """Proposals that are merged, and what users were told by then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state: Published = check_out(folder / "checkout", base.files())
        self.begun = len(self.told())

    def told(self) -> tuple[Change, ...]:
        return announced(self.state.history, today=LATER, hold=HOLD).changes

    def news(self) -> list[tuple[str, str, str]]:
        """Day, kind and rule of everything told since the beginning."""
        return [(str(one.date), str(one.kind), one.rule.id if one.rule else "") for one in self.told()[self.begun :]]

    def propose(self, edit: Edit, today: str) -> Proposal:
        return proposed(self.state, self.folder, edit, today=dt.date.fromisoformat(today))

    def merge(self, edit: Edit, today: str) -> Proposal:
        """Merge what is proposed on a day; whatever was told before stays as it was."""
        before, proposal = self.told(), self.propose(edit, today)
        self.state = after(proposal)
        assert self.told()[: len(before)] == before
        news = [change for change in proposal.changes.changes if not change.place and change.kind != ChangeKind.TEXT]
        assert list(map(change_id, news)) == list(map(change_id, self.told()[len(before) :]))
        return proposal


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


def test_a_hold_ends_with_a_release_and_not_by_the_clock(life: Life) -> None:
    life.merge(at("2026-08-01", dropped), "2026-08-01")
    assert life.news() == [("2026-08-01", "changed", GONE)]
    ended = life.merge(at("2026-08-01", dropped), "2026-08-20")
    assert ended.due
    assert ended.version == "2026.8.1.1"
    assert life.news()[1:] == [("2026-08-15", "removed", GONE)]


def test_a_rule_that_was_back_before_its_hold_ended_is_told_to_nobody_however_late_that_is_read(life: Life) -> None:
    life.merge(at("2026-08-01", dropped), "2026-08-01")
    assert life.propose(at("2026-08-01", dropped), "2026-08-16").changes.summary["removed"] == 1  # and is never merged
    back = life.merge(at("2026-08-14"), "2026-08-17")
    assert back.due, "what is published says that it will go"
    assert life.news() == [("2026-08-01", "changed", GONE)]


def test_a_rule_that_was_told_as_removed_comes_back_as_added_whenever_upstream_brought_it_back(life: Life) -> None:
    life.merge(at("2026-08-01", dropped), "2026-08-01")
    life.merge(at("2026-08-01", dropped), "2026-08-16")
    told = items(feeds_of(life.state.history, today=LATER, base_url="https://site.example"))
    back = life.merge(at("2026-08-14"), "2026-08-17")
    assert life.news()[1:] == [("2026-08-15", "removed", GONE), ("2026-08-15", "added", GONE)]
    assert back.changes.notify
    now = items(feeds_of(life.state.history, today=LATER, base_url="https://site.example"))
    assert now.items() >= told.items()


def items(feeds: dict[str, bytes]) -> dict[str, object]:
    """Every entry of the feed of everything, also of its archives, by its id."""
    documents = [
        content for name, content in feeds.items() if re.fullmatch(r"feeds/(?:archive/)?all(?:/\d+)?\.json", name)
    ]
    return {item["id"]: item for content in documents for item in json.loads(content)["items"]}


def test_a_page_of_tomorrow_is_announced_by_the_release_that_has_it(life: Life) -> None:
    """Our clock and that of upstream need not agree on when a day begins."""
    life.merge(at("2026-08-01", dropped), "2026-08-01")
    ahead = life.merge(
        at("2026-08-05", lambda html: add_row(dropped(html), "new.mcr.microsoft.com")), today="2026-08-04"
    )
    assert ahead.changes.summary["added"] == 1
    assert life.news()[1:] == [("2026-08-05", "added", "AzureCloud/core/new.mcr.microsoft.com:tcp-443")]


def test_a_proposal_that_waits_stays_as_it_is_until_a_hold_ends(life: Life) -> None:
    life.merge(at("2026-08-01", dropped), "2026-08-01")
    edit = at("2026-08-05", lambda html: add_row(dropped(html), "new.mcr.microsoft.com"))
    first = life.propose(edit, "2026-08-05")
    assert life.propose(edit, "2026-08-14").files == first.files
    assert life.propose(edit, "2026-08-15").files != first.files


def test_a_port_that_changes_is_told_once_and_the_old_form_leaves_without_a_word(life: Life) -> None:
    def other_port(html: str) -> str:
        start = html.index(f"<code>{HOST}</code>")
        return html[:start] + html[start:].replace("HTTPS:443", "HTTPS:8443", 1)

    moved = life.merge(at("2026-08-01", other_port), "2026-08-01")
    assert {kind: count for kind, count in moved.changes.summary.items() if count} == {"changed": 1}
    over = life.merge(at("2026-08-01", other_port), "2026-08-20")
    assert over.due
    assert over.changes.changes == ()
    assert GONE not in {rule.id for rule in life.state.catalog.rules}
    assert life.news() == [("2026-08-01", "changed", GONE.replace("tcp-443", "tcp-8443"))]


def test_two_commits_of_one_day_are_two_versions(life: Life) -> None:
    one = at("2026-08-01", lambda html: add_row(html, "one.mcr.microsoft.com"))
    assert life.merge(one, "2026-08-01").version == "2026.8.1"
    two = Edit(
        commit="f" * 40,
        updated="2026-08-01T16:00:00Z",
        change=lambda html: add_row(one.change(html), "two.mcr.microsoft.com"),
    )
    assert life.merge(two, "2026-08-01").version == "2026.8.1.1"
    assert [(one.version, one.events) for one in life.state.history.releases] == [
        ("2026.8.1", 155),
        ("2026.8.1.1", 156),
    ]


def test_an_older_page_makes_no_release(life: Life) -> None:
    life.merge(at("2026-08-05", dropped), "2026-08-05")
    stale = life.propose(at("2026-08-01"), "2026-08-06")
    assert stale.gate.verdict == "refuse"
    assert stale.files[f"{DATA_FOLDER}/history.json"] == history_json(life.state.history)


PAGES: Final = st.lists(st.sets(st.sampled_from(["a.example", "b.example", "*.b.example"])), min_size=1, max_size=6)
WAITS: Final = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), min_size=6, max_size=6)


@settings(max_examples=200, deadline=None)
@given(PAGES, WAITS)
def test_whatever_is_read_and_merged_when_nothing_told_is_taken_back_and_nothing_is_left_untold(
    pages: list[set[str]], waits: list[tuple[int, int, bool]]
) -> None:
    """Each page is committed some days after the one before it and read some days later; a person may not merge it."""
    known = history(("2026-07-01", "c0", [rule("a.example")]))
    day = today = known.events[-1].day
    told = announced(known, today=day, hold=HOLD).changes
    for number, (hosts, (gap, delay, merged)) in enumerate(zip(pages, waits, strict=False), start=1):
        day += dt.timedelta(days=gap)
        today = max(today, day + dt.timedelta(days=delay))
        event = next_event(known, day, f"c{number}", [rule(host) for host in sorted(hosts)])
        release = next_release(known, event, f"2026.7.{number}", today=today, hold=HOLD)
        assert release.before.changes == told
        assert release.after == announced(release.history, today=LATER, hold=HOLD)
        if not merged:
            continue
        assert release.after.changes == told + release.new_changes
        known, told = release.history, release.after.changes
        missing = {one.id for one in release.after.missing}
        assert told_ids(told) == {*known.rules_at(), *missing} - replaced(release.after)


def next_event(known: History, day: dt.date, commit: str, rules: list[Rule]) -> Event:
    changes = compare_rules(known.rules_at().values(), rules)
    return Event(
        commit=commit,
        previous=known.events[-1].commit,
        date=dt.datetime.combine(day, dt.time(10), dt.UTC),
        url="https://learn.example/article",
        added=tuple(one.after for one in changes if one.after and not one.before),
        removed=tuple(one.before.id for one in changes if one.before and not one.after),
        changed=tuple(Changed(before=one.before.id, after=one.after) for one in changes if one.before and one.after),
    )


def told_ids(told: tuple[Change, ...]) -> set[str]:
    """The rules that are there for who followed everything that was told."""
    found: set[str] = set()
    for change in told:
        found -= {change.before.id} if change.before else set()
        found |= {change.after.id} if change.after else set()
    return found


def replaced(found: Announcements) -> set[str]:
    return {one.id for one in found.missing if one.lifecycle.replaced_by}
