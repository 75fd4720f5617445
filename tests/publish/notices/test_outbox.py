"""What is to be delivered outlives the process: one file each, whole or not there, forgotten in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.changes import ChangeKind, Impact
from publish.notices.notify.messages import Message
from publish.notices.notify.outbox import KEPT, Delivery, Outbox, Stage, change_id, delivery_id
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
    assert {file.name for file in (tmp_path / "outbox").iterdir()} == {f"{delivery().id}.json", f"{retried.id}.json"}


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


def test_half_a_file_that_a_crash_left_is_no_delivery(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.write(delivery())
    (tmp_path / "outbox" / "x.partial").write_text('{"id": "x', encoding="utf-8")
    assert outbox.deliveries() == (delivery(),)
    outbox.tidy(now=NOW, current=())
    assert not (tmp_path / "outbox" / "x.partial").exists()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.write(delivery())
    (tmp_path / "outbox" / "broken.json").write_text('{"id": 1}', encoding="utf-8")
    with pytest.raises(CatalogError, match=r"broken\.json"):
        outbox.deliveries()


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
