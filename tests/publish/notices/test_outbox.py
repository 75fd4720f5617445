"""What is to be delivered outlives the process: a line each, whole or not there, forgotten in time."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.changes import ChangeKind, Impact
from aks_egress_catalog.text.codec import to_json
from publish.notices.notify.messages import Message
from publish.notices.notify.outbox import (
    ANNOUNCED,
    JOURNAL,
    KEPT,
    Delivery,
    Outbox,
    Stage,
    change_id,
    delivery_id,
    merge_journals,
)
from tests.publish.facts import added, hostile_change, removed

NOW: Final = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
MESSAGE: Final = Message(subject="s", text="t", markdown="m", payload="{}")


def delivery(name: str = "one", **fields: object) -> Delivery:
    facts: dict[str, object] = {
        "id": delivery_id(name, ["c"]),
        "subscriber": name,
        "changes": ("c",),
        "planned": NOW,
        "due": NOW,
        "message": MESSAGE,
    }
    return Delivery(**(facts | fields))  # type: ignore[arg-type]  # a table of facts with some things changed


SENT: Final = delivery(stage=Stage.SENT, message=None, attempts=1)


def test_a_delivery_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    assert outbox.deliveries() == ()
    retried = delivery("two", attempts=3, due=NOW + dt.timedelta(hours=2), fault="answered 500")
    for one in (delivery(), retried):
        outbox.write(one)
    assert set(Outbox(tmp_path).deliveries()) == {delivery(), retried}
    assert [file.name for file in tmp_path.iterdir()] == [JOURNAL]


def test_the_later_form_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.write(delivery())
    outbox.write(SENT)
    assert outbox.deliveries() == (SENT,)


def test_what_was_planned_first_comes_first(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for place, name in enumerate(("c", "a", "b")):
        outbox.write(delivery(name, planned=NOW + dt.timedelta(hours=place)))
    assert [one.subscriber for one in outbox.deliveries()] == ["c", "a", "b"]


def test_a_settled_delivery_has_no_message_and_a_pending_one_has() -> None:
    with pytest.raises(ValueError, match="exactly while it is pending"):
        delivery(stage=Stage.DEAD)
    with pytest.raises(ValueError, match="exactly while it is pending"):
        delivery(message=None)


def test_wherever_a_crash_cut_the_journal_every_whole_line_counts_and_it_goes_on(tmp_path: Path) -> None:
    outbox, journal = Outbox(tmp_path), tmp_path / JOURNAL
    for one in (delivery(), SENT, delivery("two")):
        outbox.write(one)
    whole = journal.read_bytes()
    for size in range(len(whole)):
        journal.write_bytes(whole[:size])
        lines = whole[: size + 1].count(b"\n")  # a last line that lacks nothing but its newline is whole
        found = {one.subscriber for one in outbox.deliveries()}
        assert found == {*("one", "one", "two")[:lines]}
        outbox.write(delivery("three"))
        assert {one.subscriber for one in outbox.deliveries()} == found | {"three"}
    journal.write_bytes(whole[:-1] + b"\0\0")
    assert outbox.deliveries() == (SENT,)


@pytest.mark.parametrize("damage", [b"x", b"\xff", b'{"id": 1}', b"[]", b"\0", b'{"a": {"a": ' * 9999])
def test_a_damaged_line_is_told_with_its_number_and_nothing_is_lost(tmp_path: Path, damage: bytes) -> None:
    outbox, journal = Outbox(tmp_path), tmp_path / JOURNAL
    outbox.write(delivery())
    whole = journal.read_bytes()
    journal.write_bytes(whole + damage + b"\n" + damage + b"\n" + whole)
    with pytest.raises(
        CatalogError, match=r"outbox\.jsonl, line 2: this line is damaged \(.*, and 1 more: nothing was sent"
    ):
        outbox.deliveries()
    outbox.tidy(now=NOW, current=())
    assert journal.read_bytes() == damage + b"\n" + whole
    journal.write_bytes(whole)  # as the message says
    assert outbox.deliveries() == (delivery(),)


def test_a_moment_without_a_zone_is_damage(tmp_path: Path) -> None:
    text = to_json(delivery(), compact=True).replace("12:00:00Z", "12:00:00")
    (tmp_path / JOURNAL).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"line 1: .* a moment has a zone"):
        Outbox(tmp_path).deliveries()


def test_what_an_editor_leaves_is_no_damage(tmp_path: Path) -> None:
    lines = [to_json(one, compact=True).strip() for one in (delivery(), delivery("two"))]
    (tmp_path / JOURNAL).write_bytes("\ufeff{}\r\n\r\n{}".format(*lines).encode())
    assert set(Outbox(tmp_path).deliveries()) == {delivery(), delivery("two")}


def test_what_stands_in_files_of_earlier_versions_is_carried_over(tmp_path: Path) -> None:
    outbox, folder = Outbox(tmp_path), tmp_path / "outbox"
    folder.mkdir()
    for one in (delivery(), delivery("two")):
        (folder / f"{one.id}.json").write_text(to_json(one), encoding="utf-8")
    (folder / "x.partial").write_text('{"id": "x', encoding="utf-8")
    assert set(outbox.deliveries()) == {delivery(), delivery("two")}
    outbox.write(SENT)
    assert set(outbox.deliveries()) == {SENT, delivery("two")}
    outbox.tidy(now=NOW, current=())
    assert list(folder.iterdir()) == []
    assert set(outbox.deliveries()) == {SENT, delivery("two")}
    (folder / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"broken\.json"):
        outbox.deliveries()


def test_tidying_leaves_a_line_a_delivery_and_what_is_tidy_as_it_is(tmp_path: Path) -> None:
    outbox, journal = Outbox(tmp_path), tmp_path / JOURNAL
    outbox.tidy(now=NOW, current=())
    assert not journal.exists()
    for one in (delivery("two"), delivery(), SENT):
        outbox.write(one)
    outbox.tidy(now=NOW, current=())
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(to_json(one, compact=True).strip() for one in (delivery("two"), SENT))
    before = journal.stat()
    outbox.tidy(now=NOW, current=())
    assert journal.stat() == before


# ---------------------------------------------------------------- the last version announced


def test_the_last_version_announced_never_goes_back(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    marks = ("2026.8.9", "2026.8.10", "2026.8.9", "2026.8.10.1", "2026.8.10")
    found = []
    for mark in marks:
        outbox.mark(mark)
        found.append(outbox.announced_up_to())
    assert found == ["2026.8.9", "2026.8.10", "2026.8.10", "2026.8.10.1", "2026.8.10.1"]


@pytest.mark.parametrize("content", ["", "{", '{"version": "newest"}', '{"version": 1}'])
def test_a_damaged_mark_is_named_and_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / ANNOUNCED).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"told\.json"):
        Outbox(tmp_path).announced_up_to()
    Outbox(tmp_path).mark("2026.8.1")
    assert Outbox(tmp_path).announced_up_to() == "2026.8.1"


# ---------------------------------------------------------------- two journals


PENDING: Final = delivery()
RETRIED: Final = delivery(attempts=1, due=NOW + dt.timedelta(hours=1))
LATER: Final = delivery(attempts=1, due=NOW + dt.timedelta(hours=2))
DEAD: Final = delivery(stage=Stage.DEAD, message=None, attempts=9)
FORMS: Final = (PENDING, RETRIED, LATER, DEAD, SENT)  # each further than those before


def journal_of(*deliveries: Delivery, damaged: Sequence[bytes] = ()) -> bytes:
    return b"".join([*damaged, *(to_json(one, compact=True).encode() for one in deliveries)])


@pytest.mark.parametrize(("nearer", "further"), [*itertools.combinations(FORMS, 2)])
def test_of_each_delivery_the_further_form_is_kept(nearer: Delivery, further: Delivery) -> None:
    assert merge_journals(journal_of(nearer), journal_of(further)) == journal_of(further)
    assert merge_journals(journal_of(further), journal_of(nearer)) == journal_of(further)


LINES: Final = st.lists(
    st.sampled_from([*(journal_of(one) for one in (*FORMS, delivery("two"))), b"damaged\n", b"\xff\n"])
).map(b"".join)


@given(LINES, LINES, LINES)
def test_in_whatever_order_journals_meet_the_same_comes_of_it(one: bytes, two: bytes, three: bytes) -> None:
    merged = merge_journals(one, two)
    assert merged == merge_journals(two, one)
    assert merge_journals(merged, three) == merge_journals(one, merge_journals(two, three))
    assert merge_journals(merged, merged) == merge_journals(merged, one) == merged


def test_half_a_line_at_the_end_of_either_journal_counts_for_nothing(tmp_path: Path) -> None:
    half = journal_of(SENT)[:-9]
    merged = merge_journals(journal_of(PENDING) + half, journal_of(delivery("two")) + half)
    (tmp_path / JOURNAL).write_bytes(merged)
    assert set(Outbox(tmp_path).deliveries()) == {PENDING, delivery("two")}


# ---------------------------------------------------------------- forgetting


@pytest.mark.parametrize(
    ("age", "current", "kept"),
    [(KEPT, [], True), (KEPT + dt.timedelta(1), [], False), (KEPT * 9, ["c"], True), (KEPT * 9, ["other"], False)],
)
def test_what_was_sent_is_remembered_as_long_as_it_could_be_told_again(
    tmp_path: Path, age: dt.timedelta, current: list[str], *, kept: bool
) -> None:
    outbox = Outbox(tmp_path)
    outbox.write(SENT)
    outbox.tidy(now=NOW + age, current=current)
    assert (outbox.deliveries() == (SENT,)) is kept


def test_what_is_pending_is_never_forgotten(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.write(delivery())
    outbox.tidy(now=NOW + KEPT * 9, current=())
    assert outbox.deliveries() == (delivery(),)


def test_a_change_has_the_same_name_in_every_run_and_its_own() -> None:
    first = added()
    assert change_id(first) == change_id(added()) == "2491404db5028490a70c8db70874f6aa"
    others = [
        removed(),
        added("b.example"),
        added(feature="gpu"),
        replace(first, date=dt.date(2026, 8, 2)),
        replace(first, commit="b" * 40),
        replace(first, kind=ChangeKind.CHANGED),
        replace(first, differs=("level",)),
        replace(first, locale="de-de"),
        replace(first, texts_after=("x",)),
        hostile_change(),
    ]
    assert len({change_id(one) for one in (first, *others)}) == len(others) + 1


def test_how_much_a_change_matters_is_no_part_of_its_name() -> None:
    assert change_id(replace(added(), severity=Impact.RELAXING)) == change_id(added())


def test_a_delivery_is_named_by_whom_it_is_for_and_what_it_tells() -> None:
    assert delivery_id("a", ["x", "y"]) == delivery_id("a", ["y", "x"])
    assert len({delivery_id("a", ["x"]), delivery_id("b", ["x"]), delivery_id("a", ["y"])}) == 3
