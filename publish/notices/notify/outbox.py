"""What is to be delivered, and what was: one file for each delivery in ``state/outbox``.

In come planned deliveries; out come all that are known, so that the next run knows what is pending and what was sent.

The life of a delivery::

    planned ──write──> pending ──taken──────────────> sent   (its message is dropped, its change ids stay)
                        │   ^
                        │   └──failed: due later────┐
                        └──not taken, again and again┴──> dead  (given up; the command says so)

Why files: a run may be killed at any moment, and a run on another machine goes on from the state branch. A delivery is
on the disk *before* it is sent, and is marked *after* it was taken. A process that dies in between sends it again, with
the same id: delivery is at least once, and a receiver that keeps the ids it has seen takes it once. Exactly once would
need the receiver's help anyway, so nothing more is tried here.

Why ids are digests: they follow from the subscriber and the changes alone. So if ``state/`` is lost, a second run plans
the same delivery under the same id, and the receiver recognizes it. An example: changes c1 and c2 for the subscriber
``net-team`` are one delivery, ``delivery_id("net-team", ["c1", "c2"])``, in whatever order they come.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.model import Strict
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from publish.notices.notify.messages import Message

FOLDER: Final = "outbox"
KEPT: Final = dt.timedelta(days=90)
"""So long a delivery that is sent or dead is kept at least: while it is there, its changes are not planned anew."""
_PARTIAL: Final = ".partial"


class Stage(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    """Given up: nothing more is tried."""


@dataclass(frozen=True, kw_only=True)
class Delivery(Strict):
    """One message to one subscriber. ``due`` is when it may be tried next; ``message`` goes once it is settled."""

    id: str
    subscriber: str
    changes: tuple[str, ...]
    stage: Stage = Stage.PENDING
    planned: dt.datetime
    due: dt.datetime
    attempts: int = 0
    fault: str = ""
    message: Message | None

    def __post_init__(self) -> None:
        if (self.stage is Stage.PENDING) != (self.message is not None):
            raise ValueError("a delivery has a message exactly while it is pending")


def change_id(change: Change) -> str:
    """Name a change by its facts: the same change has the same name in every run and in every file."""
    # Neither the severity nor the rules' sources: a better judgement, or a row that moved, makes no second message.
    ids = [rule.id if rule else None for rule in (change.before, change.after)]
    facts = [change.kind, change.date, change.commit, ids, change.differs, change.place, change.locale]
    days = [named.key for named in (*change.dates_before, *change.dates_after)]
    return _digest([*facts, change.texts_after, *days])


def delivery_id(subscriber: str, changes: Iterable[str]) -> str:
    """Name a delivery by its subscriber and its changes, and by nothing else."""
    return _digest([subscriber, sorted(changes)])


@dataclass(frozen=True, kw_only=True)
class LastAnnounced:
    """The version up to which all changes are in deliveries, whether or not these were sent yet."""

    version: str


class Outbox:
    """The deliveries in a state folder. Every change of one is whole on the disk, or not there at all."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER
        self._last = state / "told.json"  # keeps its name: state branches that are out there have it

    def announced_up_to(self) -> str | None:
        """The last version whose changes are all in deliveries; ``None`` where that was lost.

        Raises:
            CatalogError: the file is damaged.
        """
        return read_with(partial(from_json_as, LastAnnounced), self._last).version if self._last.exists() else None

    def mark(self, version: str) -> None:
        """Remember that everything up to a version is in a delivery."""
        _write_whole(self._last, to_json(LastAnnounced(version=version)))

    def deliveries(self) -> tuple[Delivery, ...]:
        """All deliveries, those planned first at first.

        Raises:
            CatalogError: a file is damaged; it is named, and taking it away costs a repeated message at most.
        """
        files = sorted(self._folder.glob("*.json"))
        found = (read_with(partial(from_json_as, Delivery), file) for file in files)
        return tuple(sorted(found, key=lambda delivery: (delivery.planned, delivery.subscriber, delivery.id)))

    def write(self, delivery: Delivery) -> None:
        """Write a delivery in the place of its earlier form, whole or not at all."""
        _write_whole(self._folder / f"{delivery.id}.json", to_json(delivery))

    def tidy(self, *, now: dt.datetime, current: Iterable[str]) -> None:
        """Delete deliveries that ended long ago, and half files that a crash left.

        A delivery with one of the ``current`` changes stays: without it, the next run would plan that change anew.
        """
        still_announced = set(current)
        for delivery in self.deliveries():
            # A pending one never goes, however old it is: somebody still waits for it.
            old = delivery.stage is not Stage.PENDING and now - delivery.planned > KEPT
            if old and not still_announced & set(delivery.changes):
                (self._folder / f"{delivery.id}.json").unlink()
        # No other run is writing now (the workflow runs one at a time), so a half file is what a crash left.
        for half in self._folder.glob(f"*{_PARTIAL}"):
            half.unlink()


def _write_whole(place: Path, text: str) -> None:
    """Write a whole file under another name, on the disk, and then rename it, which is all or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_suffix(_PARTIAL)
    # fsync before the rename: else a power cut may leave the new name on an empty file.
    with half.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(place)
    # A rename is on the disk once its folder is; where folders cannot be synced, as on Windows, the system does it.
    with suppress(PermissionError):
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(content: object) -> str:
    return hashlib.sha256(to_json(content).encode(errors="backslashreplace")).hexdigest()[:32]
