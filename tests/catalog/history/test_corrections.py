"""What was published wrong is corrected at once, and told as a correction."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.announced import announced
from aks_egress_catalog.history.history_file import history_from_json, history_json
from aks_egress_catalog.history.revisions import Changed, Event, History, catalog_at
from aks_egress_catalog.render.markdown import announced_markdown
from tests.factories import history_of_pages, rule

A, B = rule("a.example"), rule("b.example")
RIGHT, WRONG = rule("mcr.example"), rule("mrc.example")
DAY = dt.date(2024, 6, 10)
LATER = dt.date(2024, 12, 31)


def corrected(known: History, *, added: tuple[object, ...] = (), removed: tuple[str, ...] = ()) -> History:
    """A history whose end turns out to be wrong on the tenth."""
    last = known.events[-1]
    event = replace(
        last,
        previous=last.commit,
        corrected=DAY,
        why="a host was read wrongly",
        added=added,  # type: ignore[arg-type]  # rules
        removed=removed,
        changed=(),
    )
    return replace(known, events=(*known.events, event), rules={})


KNOWN = history_of_pages(("2024-06-01", [A, B]), ("2024-06-05", [A, B, WRONG]))
MENDED = corrected(KNOWN, added=(RIGHT,), removed=(WRONG.id,))


def test_a_wrong_rule_is_removed_without_a_hold_and_the_right_one_is_added() -> None:
    found = announced(MENDED, today=LATER)
    said = [(str(one.date), str(one.kind), one.rule.id, one.corrects) for one in found.changes[3:] if one.rule]
    why = "a host was read wrongly"
    assert said == [("2024-06-10", "added", RIGHT.id, why), ("2024-06-10", "removed", WRONG.id, why)]
    assert found.missing == ()


def test_what_was_announced_before_stays_announced() -> None:
    before = announced(KNOWN, today=LATER).changes
    assert announced(MENDED, today=LATER).changes[: len(before)] == before


def test_a_rule_that_was_lost_by_mistake_ends_its_hold() -> None:
    lost = history_of_pages(("2024-06-01", [A, B]), ("2024-06-05", [A]))
    found = announced(corrected(lost, added=(B,)), today=LATER)
    assert found.missing == ()
    assert [str(one.kind) for one in found.changes[2:]] == ["changed", "changed"]
    assert found.changes[-1].corrects


def test_a_held_rule_that_a_correction_puts_back_is_not_removed_when_its_hold_would_end() -> None:
    known = history_of_pages(("2024-06-01", [A, RIGHT]), ("2024-06-05", [A]), ("2024-06-08", [A, WRONG]))
    last = known.events[-1]
    event = replace(
        last,
        previous=last.commit,
        corrected=DAY,
        why="a host was read wrongly",
        added=(),
        changed=(Changed(before=WRONG.id, after=RIGHT),),
    )
    found = announced(replace(known, events=(*known.events, event), rules={}), today=LATER)
    assert found.missing == ()
    assert "removed" not in {str(one.kind) for one in found.changes}


def test_a_day_before_the_correction_has_what_was_known_then() -> None:
    assert WRONG.id in {one.id for one in catalog_at(MENDED, dt.date(2024, 6, 9)).rules}
    assert WRONG.id not in {one.id for one in catalog_at(MENDED, DAY).rules}


def test_a_correction_is_written_and_read_back_and_makes_a_second_version_of_the_file() -> None:
    assert history_from_json(history_json(MENDED)) == MENDED
    assert (KNOWN.history_version, MENDED.history_version) == (1, 2)


def test_the_changelog_says_what_was_wrong() -> None:
    assert "correction of what was published, not a change of the page" in announced_markdown(
        announced(MENDED, today=LATER).changes
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda event: replace(event, why=""),
        lambda event: replace(event, commit="another"),
        lambda event: replace(event, corrected=None, why=""),
    ],
    ids=["no reason", "another commit", "a second event of a commit"],
)
def test_a_correction_has_a_day_a_reason_and_the_commit_that_it_corrects(change: object) -> None:
    events: tuple[Event, ...] = (*MENDED.events[:-1], change(MENDED.events[-1]))  # type: ignore[operator]
    with pytest.raises(ValueError, match="correction"):
        replace(MENDED, events=events, rules={})


def test_a_history_of_a_later_version_is_refused_with_what_to_do() -> None:
    later = history_json(MENDED).replace('"history_version": 2', '"history_version": 3')
    with pytest.raises(CatalogError, match="upgrade aks-egress-catalog"):
        history_from_json(later)


def test_a_key_of_a_later_version_is_passed_over_unless_it_is_a_mistake() -> None:
    text = history_json(MENDED).replace('"attribution":', '"surprise": 1, "attribution":')
    assert history_from_json(text) == MENDED
    with pytest.raises(CatalogError, match="unknown key"):
        history_from_json(text, strict=True)
