"""What is to be delivered, and what was: one journal, ``state/outbox.jsonl``, a line a delivery.

In come planned deliveries; out come all that are known, so that the next run knows what is pending and what was sent.

The life of a delivery::

    planned ──write──> pending ──taken──────────────> sent   (its message is dropped, its change ids stay)
                        │   ^
                        │   └──failed: due later────┐
                        └──not taken, again and again┴──> dead  (given up; the command says so)

Why a journal: a run may be killed at any moment, and a run on another machine goes on from the state branch. A delivery
is on the disk *before* it is sent, and is marked *after* it was taken: each time its new form is appended, and the last
line of an id counts. A process that dies in between sends it again, with the same id: delivery is at least once, and a
receiver that keeps the ids it has seen takes it once. Exactly once would need the receiver's help anyway, so nothing
more is tried here. One file, because each file costs a call when the state is pulled.

What a line may be:

    whole, with its newline      a delivery
    half, at the end             what a crash left: nothing was done upon it yet, so it is passed over
    damaged, anywhere else       told with its number, and nothing is sent: it may say that somebody was told. It stays
                                 in the journal, also when two are merged, until a person decides

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
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.model import Strict
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from publish.notices.notify.messages import Message

JOURNAL: Final = "outbox.jsonl"
ANNOUNCED: Final = "told.json"
"""Keeps its name: state branches that are out there have it."""
KEPT: Final = dt.timedelta(days=90)
"""So long a delivery that is sent or dead is kept at least: while it is there, its changes are not planned anew."""
_FOLDER: Final = "outbox"  # one file a delivery, as long as there was no journal; what it has is carried over


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
        if not (self.planned.tzinfo and self.due.tzinfo):
            raise ValueError("a moment has a zone")


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

    def __post_init__(self) -> None:
        _ = self.numbers

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as it is compared: 2026.8.10 is later than 2026.8.9."""
        return tuple(map(int, self.version.split(".")))


def read_announced(content: bytes) -> LastAnnounced:
    """Read the content of ``told.json``.

    Raises:
        CatalogError: it is damaged.
    """
    return from_json_as(LastAnnounced, content.decode("utf-8-sig"))


class Outbox:
    """The deliveries in a state folder. Every change of one is whole on the disk, or counts for nothing."""

    def __init__(self, state: Path) -> None:
        self._journal, self._folder, self._last = state / JOURNAL, state / _FOLDER, state / ANNOUNCED

    def announced_up_to(self) -> str | None:
        """The last version whose changes are all in deliveries; ``None`` where that was lost.

        Raises:
            CatalogError: the file is damaged.
        """
        return read_with(partial(from_json_as, LastAnnounced), self._last).version if self._last.exists() else None

    def mark(self, version: str) -> None:
        """Remember that everything up to a version is in a delivery; a run of an old checkout takes nothing back."""
        mark = LastAnnounced(version=version)
        with suppress(CatalogError):  # a damaged one is written anew
            last = self.announced_up_to()
            if last and LastAnnounced(version=last).numbers >= mark.numbers:
                return
        _write_whole(self._last, to_json(mark).encode())

    def deliveries(self) -> tuple[Delivery, ...]:
        """All deliveries, those planned first at first.

        Raises:
            CatalogError: a line is damaged; it is named, and taking it away costs a repeated message at most.
        """
        read = self._read()
        if read.damaged:
            (number, (_, fault)), *others = read.damaged.items()
            more = f", and {len(others)} more" if others else ""
            raise CatalogError(
                f"this line is damaged ({fault}){more}: nothing was sent. Put back the file of an earlier commit of the"
                " branch state, or take the line away: its message may then be sent again",
                path=f"{self._journal}, line {number}",
            )
        found = read.deliveries.values()
        return tuple(sorted(found, key=lambda delivery: (delivery.planned, delivery.subscriber, delivery.id)))

    def write(self, delivery: Delivery) -> None:
        """Append a delivery; its earlier form counts no longer."""
        content = self._content()
        if content and not content.endswith(b"\n"):  # a crash left half a line, and this one must not be glued to it
            self._rewrite(self._read())
        is_new = not self._journal.exists()
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.open("ab") as stream:
            stream.write(_line(delivery))
            stream.flush()
            os.fsync(stream.fileno())
        if is_new:
            _sync_folder(self._journal.parent)

    def tidy(self, *, now: dt.datetime, current: Iterable[str]) -> None:
        """Let each delivery be one line, and delete those that ended long ago. Where all is tidy, nothing is written.

        A delivery with one of the ``current`` changes stays: without it, the next run would plan that change anew.
        """
        read, still_announced = self._read(), set(current)
        for delivery in [*read.deliveries.values()]:
            # A pending one never goes, however old it is: somebody still waits for it.
            old = delivery.stage is not Stage.PENDING and now - delivery.planned > KEPT
            if old and not still_announced & set(delivery.changes):
                del read.deliveries[delivery.id]
        self._rewrite(read)

    def _content(self) -> bytes:
        return self._journal.read_bytes() if self._journal.exists() else b""

    def _read(self) -> _Lines:
        """The journal, and what the files have that were there before it."""
        read = _read_lines(self._content())
        for file in sorted(self._folder.glob("*.json")):
            _add(read.deliveries, read_with(partial(from_json_as, Delivery), file))
        return read

    def _rewrite(self, read: _Lines) -> None:
        content = _journal_of(read)
        if not content:
            self._journal.unlink(missing_ok=True)
        elif content != self._content():
            _write_whole(self._journal, content)
        for file in self._folder.glob("*"):  # after the journal has them
            file.unlink()


# ---------------------------------------------------------------- the lines of a journal


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """What a journal has: each delivery in its last form, and by their numbers the damaged lines with their faults."""

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    damaged: dict[int, tuple[bytes, str]] = field(default_factory=dict)


def merge_journals(mine: bytes, theirs: bytes) -> bytes:
    """Merge two journals: of each delivery the form that is further, and every line that is damaged in either."""
    read, other = _read_lines(mine), _read_lines(theirs)
    for delivery in other.deliveries.values():
        _add(read.deliveries, delivery)
    return _journal_of(read, *other.damaged.values())


def _add(deliveries: dict[str, Delivery], other: Delivery) -> None:
    deliveries[other.id] = max(deliveries.get(other.id, other), other, key=_progress)


def _progress(delivery: Delivery) -> tuple[object, ...]:
    """How far a delivery is: what was sent was sent, whoever gave it up. The last part is only for the same bytes."""
    rank = (Stage.PENDING, Stage.DEAD, Stage.SENT).index(delivery.stage)
    return rank, delivery.attempts, delivery.due, _line(delivery)


def _read_lines(content: bytes) -> _Lines:
    read = _Lines()
    *lines, last = content.split(b"\n")
    for number, line in enumerate([*lines, last], start=1):
        if not line.strip():
            continue
        try:
            delivery = from_json_as(Delivery, line.decode("utf-8-sig"))
        except (CatalogError, UnicodeDecodeError) as error:
            if number <= len(lines):  # else it is half a line at the end
                read.damaged[number] = (line, str(error))
        else:
            read.deliveries[delivery.id] = delivery
    return read


def _journal_of(read: _Lines, *damaged: tuple[bytes, str]) -> bytes:
    """A journal of a line a delivery, in one order, after the lines that are damaged."""
    first = sorted({line + b"\n" for line, _ in (*read.damaged.values(), *damaged)})
    return b"".join([*first, *(_line(delivery) for _, delivery in sorted(read.deliveries.items()))])


def _line(delivery: Delivery) -> bytes:
    return to_json(delivery, compact=True).encode()


def _write_whole(place: Path, content: bytes) -> None:
    """Write a whole file under another name, on the disk, and then rename it, which is all or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.partial")  # a dot file: what a crash leaves stays on this machine
    # fsync before the rename: else a power cut may leave the new name on an empty file.
    with half.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(place)
    _sync_folder(place.parent)


def _sync_folder(place: Path) -> None:
    """Put a new name on the disk; where folders cannot be synced, as on Windows, the system does it."""
    with suppress(PermissionError):
        folder = os.open(place, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(content: object) -> str:
    return hashlib.sha256(to_json(content).encode(errors="backslashreplace")).hexdigest()[:32]
