from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.history.announced import HOLD, announced, with_missing
from aks_egress_catalog.history.changes import ChangeKind, Impact
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import (
    Condition,
    Effect,
    Level,
    Lifecycle,
    Rule,
    Status,
    When,
)
from aks_egress_catalog.render.words import describe
from tests.base import CATALOG, HISTORY
from tests.factories import SOURCE, day, history_of_pages, rule

A, B = rule("a.example"), rule("b.example")
EASED = rule("a.example", level=Level.RECOMMENDED)
PORTED = rule("a.example", port=8443)
PROSE = rule("p.example", level=Level.INFORMATIONAL)
RENAMED = [rule(one.destinations[0].value, feature="renamed") for one in (A, B)]


def news(known: History, today: str, *, first: str = "2024-06-02") -> list[str]:
    """What was announced from a day on, a line each; the first revision, of 2024-06-01, is no news."""
    return [
        f"{change.date} {change.kind} {change.severity} "
        + " -> ".join(dict.fromkeys(one.id.split("/")[-1] for one in (change.before, change.after) if one))
        + (f" {change.after.lifecycle.status}" if change.after and change.after.lifecycle.since else "")
        for change in announced(known, today=day(today)).changes
        if change.date and change.date >= day(first)
    ]


def missing(known: History, today: str) -> list[str]:
    return [one.id.split("/")[-1] for one in announced(known, today=day(today)).missing]


MISSED = "2024-06-05 changed informational a.example:tcp-443 missing"
REMOVED = "2024-06-19 removed relaxing a.example:tcp-443"
GONE = (("2024-06-01", [A, B]), ("2024-06-05", [B]))


def test_the_first_revision_adds_all_of_its_rules() -> None:
    known = history_of_pages(*GONE)
    assert news(known, "2024-06-01", first="2024-06-01") == [
        "2024-06-01 added breaking a.example:tcp-443",
        "2024-06-01 added breaking b.example:tcp-443",
    ]
    assert news(known, "2024-05-31", first="2024-05-01") == []


@pytest.mark.parametrize(
    ("today", "expected", "held"),
    [
        ("2024-06-04", [], []),
        ("2024-06-05", [MISSED], ["a.example:tcp-443"]),
        ("2024-06-18", [MISSED], ["a.example:tcp-443"]),
        ("2024-06-19", [MISSED, REMOVED], []),
        ("2024-12-31", [MISSED, REMOVED], []),
    ],
)
def test_a_rule_gone_from_the_page_is_missing_for_the_hold_and_then_removed(
    today: str, expected: list[str], held: list[str]
) -> None:
    assert news(history_of_pages(*GONE), today) == expected
    assert missing(history_of_pages(*GONE), today) == held


def test_a_missing_rule_says_since_when_until_when_and_where_it_last_stood() -> None:
    (held,) = announced(history_of_pages(*GONE), today=day("2024-06-10")).missing
    assert replace(held, lifecycle=A.lifecycle) == A
    assert held.lifecycle == Lifecycle(
        status=Status.MISSING, since=day("2024-06-05"), until=day("2024-06-05") + HOLD, commit="c1"
    )
    assert dt.timedelta(days=14) == HOLD


def test_what_is_announced_names_the_commit_that_took_the_rule() -> None:
    known = history_of_pages(*GONE, ("2024-06-10", [B]), ("2024-07-10", [B]))
    gone = [change for change in announced(known, today=day("2024-12-31")).changes if change.date != day("2024-06-01")]
    assert [(str(change.date), change.commit) for change in gone] == [("2024-06-05", "c2"), ("2024-06-19", "c2")]
    assert gone[1].before is not None
    assert gone[1].before.lifecycle.status is Status.MISSING


@pytest.mark.parametrize("others", [[], ["2024-06-06"], ["2024-06-18", "2024-06-19"], ["2024-06-30"]])
def test_dates_alone_end_a_hold_however_many_revisions_lie_between(others: list[str]) -> None:
    between = [(one, [B]) for one in others]
    assert news(history_of_pages(*GONE, *between), "2024-12-31") == [MISSED, REMOVED]


@pytest.mark.parametrize("back", ["2024-06-05", "2024-06-06", "2024-06-18"])
def test_a_rule_that_comes_back_within_the_hold_is_announced_to_nobody(back: str) -> None:
    known = history_of_pages(*GONE, (back, [A, B]))
    assert news(known, "2024-12-31") == [MISSED]
    assert missing(known, back) == []


def test_a_rule_that_comes_back_when_the_hold_has_ended_is_new() -> None:
    known = history_of_pages(*GONE, ("2024-06-19", [A, B]))
    assert news(known, "2024-12-31") == [MISSED, REMOVED, "2024-06-19 added breaking a.example:tcp-443"]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (EASED, ["2024-06-10 changed relaxing a.example:tcp-443"]),
        (
            rule("a.example", conditions=(Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER),)),
            ["2024-06-10 conditions relaxing a.example:tcp-443"],
        ),
        (replace(A, sources=(replace(SOURCE, heading="elsewhere"),)), []),
    ],
)
def test_of_a_rule_that_comes_back_only_what_changed_is_announced(back: Rule, expected: list[str]) -> None:
    assert news(history_of_pages(*GONE, ("2024-06-10", [back, B])), "2024-12-31") == [MISSED, *expected]


def test_a_rule_that_comes_back_with_its_replacement_named_says_so() -> None:
    back = replace(A, lifecycle=Lifecycle(replaced_by=B.id))
    known = history_of_pages(*GONE, ("2024-06-10", [back, B]))
    assert news(known, "2024-12-31") == [MISSED, "2024-06-10 changed informational a.example:tcp-443"]


def test_flapping_tells_missing_once_within_a_hold() -> None:
    flaps = [("2024-06-07", [A, B]), ("2024-06-09", [B]), ("2024-06-11", [A, B]), ("2024-06-13", [B])]
    known = history_of_pages(*GONE, *flaps)
    assert news(known, "2024-06-26") == [MISSED]
    assert news(known, "2024-06-27") == [MISSED, "2024-06-27 removed relaxing a.example:tcp-443"]
    (held,) = announced(known, today=day("2024-06-26")).missing
    assert (held.lifecycle.since, held.lifecycle.commit) == (day("2024-06-13"), "c5")


@pytest.mark.parametrize(
    ("again", "announced_again"), [("2024-06-18", False), ("2024-06-19", True), ("2024-09-01", True)]
)
def test_after_a_hold_missing_is_announced_anew(again: str, *, announced_again: bool) -> None:
    known = history_of_pages(*GONE, ("2024-06-07", [A, B]), (again, [B]))
    expected = [f"{again} changed informational a.example:tcp-443 missing"] if announced_again else []
    assert news(known, again) == [MISSED, *expected]


def test_one_flapping_rule_silences_no_other() -> None:
    known = history_of_pages(*GONE, ("2024-06-07", [A, B]), ("2024-06-09", [A]))
    assert news(known, "2024-06-10") == [MISSED, "2024-06-09 changed informational b.example:tcp-443 missing"]


MOVED_PORT = (("2024-06-01", [A, B]), ("2024-06-05", [PORTED, B]))
TOLD_PORT = "2024-06-05 changed breaking a.example:tcp-443 -> a.example:tcp-8443"


def test_a_rule_that_another_id_replaces_is_announced_once_and_held_in_silence() -> None:
    known = history_of_pages(*MOVED_PORT)
    assert news(known, "2024-06-05") == news(known, "2024-12-31") == [TOLD_PORT]
    (held,) = announced(known, today=day("2024-06-18")).missing
    assert (held.id, held.lifecycle.replaced_by) == (A.id, PORTED.id)
    assert (held.lifecycle.since, held.lifecycle.until) == (day("2024-06-05"), day("2024-06-19"))
    assert missing(known, "2024-06-19") == []


def test_a_replaced_rule_that_comes_back_after_the_hold_is_new() -> None:
    known = history_of_pages(*MOVED_PORT, ("2024-06-20", [A, PORTED, B]))
    assert news(known, "2024-12-31") == [TOLD_PORT, "2024-06-20 added breaking a.example:tcp-443"]


@pytest.mark.parametrize("page", [[A, B], [A, PORTED, B]], ids=["instead of its successor", "beside its successor"])
def test_a_rule_announced_as_replaced_is_announced_when_the_page_asks_for_it_again(page: list[Rule]) -> None:
    known = history_of_pages(*MOVED_PORT, ("2024-06-10", page))
    asked_again = [
        change
        for change in announced(known, today=day("2024-06-10")).changes
        if change.date == day("2024-06-10") and change.after == A
    ]
    assert len(asked_again) == 1


def test_a_rule_once_replaced_in_silence_is_announced_when_it_later_goes_for_good() -> None:
    known = history_of_pages(*MOVED_PORT, ("2024-06-10", [A, PORTED, B]), ("2024-08-01", [PORTED, B]))
    assert news(known, "2024-12-31", first="2024-07-01") == [
        "2024-08-01 changed informational a.example:tcp-443 missing",
        "2024-08-15 removed relaxing a.example:tcp-443",
    ]


def test_a_renamed_section_is_announced_to_nobody_and_its_old_ids_are_held() -> None:
    known = history_of_pages(("2024-06-01", [A, B]), ("2024-06-05", RENAMED))
    assert news(known, "2024-12-31") == []
    held = announced(known, today=day("2024-06-05")).missing
    assert [(one.id, one.lifecycle.replaced_by) for one in held] == [(A.id, RENAMED[0].id), (B.id, RENAMED[1].id)]


def test_what_only_the_prose_names_comes_and_goes_without_asking_anything() -> None:
    known = history_of_pages(("2024-06-01", [A]), ("2024-06-03", [A, PROSE]), ("2024-06-05", [A]))
    changes = announced(known, today=day("2024-12-31")).changes[1:]
    assert [change.kind for change in changes] == [ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.REMOVED]
    assert {change.severity for change in changes} == {Impact.INFORMATIONAL}


def test_a_hold_may_be_of_another_length() -> None:
    found = announced(history_of_pages(*GONE), today=day("2024-06-06"), hold=dt.timedelta(days=1))
    assert found.missing == ()
    assert found.changes[-1].date == day("2024-06-06")


def test_a_catalog_keeps_the_rules_that_are_missing() -> None:
    catalog = CATALOG
    held = announced(history_of_pages(*GONE), today=day("2024-06-10")).missing
    kept = with_missing(catalog, held)
    assert {one.id for one in kept.rules} - {one.id for one in catalog.rules} == {A.id}
    assert [one.id for one in kept.rules] == sorted(one.id for one in kept.rules)
    assert with_missing(kept, held) == kept
    assert with_missing(catalog, ()) == catalog


def test_a_rule_on_the_page_wins_over_its_missing_form() -> None:
    catalog = CATALOG
    first = catalog.rules[0]
    gone = Lifecycle(status=Status.MISSING, since=day("2024-06-05"), until=day("2024-06-19"))
    assert with_missing(catalog, [replace(first, lifecycle=gone)]) == catalog


def test_a_missing_rule_still_covers_its_host() -> None:
    kept = with_missing(CATALOG, announced(history_of_pages(*GONE), today=day("2024-06-10")).missing)
    assert [one.id for one in kept.match("a.example", 443)] == [A.id]


APART = (A, B, EASED, PROSE)
"""Rules of which none takes the place of another."""
OVERLAPPING = (*APART, PORTED, rule("*.a.example"))


@st.composite
def histories(draw: st.DrawFn, universe: tuple[Rule, ...] = OVERLAPPING) -> History:
    """Pages that lose, regain and change a few rules, some days apart."""
    moment = day("2024-06-01")
    revisions: list[tuple[str, list[Rule]]] = []
    for _ in range(draw(st.integers(1, 8))):
        rules = draw(st.lists(st.sampled_from(universe), unique_by=lambda one: one.id))
        revisions.append((str(moment), rules))
        moment += dt.timedelta(days=draw(st.integers(0, 20)))
    return history_of_pages(*revisions)


@given(histories(), st.integers(0, 90))
def test_what_is_on_the_page_or_missing_has_been_announced(known: History, days: int) -> None:
    today = known.events[0].day + dt.timedelta(days=days)
    found = announced(known, today=today)
    page = known.rules_at(known.last_before(today))
    ever_announced = {change.after.id for change in found.changes if change.after}
    assert page.keys() <= ever_announced
    held = {one.id for one in found.missing}
    assert held <= ever_announced
    assert not held & page.keys()
    for one in found.missing:
        assert one.lifecycle.status is Status.MISSING
        assert one.lifecycle.since is not None
        assert one.lifecycle.until is not None
        assert one.lifecycle.since <= today < one.lifecycle.until == one.lifecycle.since + HOLD


@given(histories(APART))
def test_each_coming_and_each_going_for_good_is_announced_once(known: History) -> None:
    page = known.rules_at()
    changes = announced(known, today=day("2099-01-01")).changes
    came = Counter(change.after.id for change in changes if change.after and not change.before)
    went = Counter(change.before.id for change in changes if change.before and not change.after)
    assert {name for name, count in (came - went).items() if count == 1} == page.keys()
    assert not went - came


@given(histories())
def test_days_are_announced_in_order_and_never_from_the_future(known: History) -> None:
    today = known.events[-1].day + dt.timedelta(days=5)
    days = [change.date for change in announced(known, today=today).changes]
    assert days == sorted(day for day in days if day and day <= today)


@given(histories(), st.integers(0, 60), st.integers(0, 60))
def test_what_was_announced_once_stays_announced(known: History, days: int, more: int) -> None:
    today = known.events[0].day + dt.timedelta(days=days)
    earlier = announced(known, today=today).changes
    later = announced(known, today=today + dt.timedelta(days=more)).changes
    assert later[: len(earlier)] == earlier


@pytest.mark.slow
def test_the_history_of_the_article_is_announced_the_same_day_by_day() -> None:
    known = HISTORY
    whole = announced(known, today=day("2030-01-01"))
    assert whole.missing == ()
    for today in (day("2019-04-03") + dt.timedelta(days=97 * step) for step in range(30)):
        found = announced(known, today=today).changes
        assert found == tuple(change for change in whole.changes if change.date and change.date <= today)


def test_rows_that_the_page_lost_for_some_days_were_missing_and_never_removed() -> None:
    name = "AzureChinaCloud/core/*.data.mcr.azure.cn:tcp-443"
    known = HISTORY
    changes = [
        change
        for change in announced(known, today=day("2030-01-01")).changes
        if change.rule and change.rule.id == name and change.date and change.date >= day("2025-03-01")
    ]
    assert [(str(change.date), str(change.kind)) for change in changes] == [
        ("2025-03-13", "added"),
        ("2025-05-08", "changed"),
    ]
    assert [one.id for one in announced(known, today=day("2025-05-12")).missing] == [name]
    assert announced(known, today=day("2025-05-13")).missing == ()


def test_no_rule_is_said_to_be_back_that_was_not_announced_as_missing() -> None:
    returned = [
        change
        for change in announced(HISTORY, today=day("2030-01-01")).changes
        if "back on the page" in describe(change)
    ]
    assert returned == []
