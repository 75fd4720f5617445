"""What a reading of logs is asked for, and what it counts on the way: one :class:`Context` a run."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_NOTES: Final = 50


@dataclass(kw_only=True, slots=True)
class Context:
    """What decoders share.

    ``tz`` is the zone of times that name none; ``allowed`` says whether the caller wants flows that were let through.
    Every line is a flow, a :class:`.flow.Skipped` or counted in ``passed_over`` (why, how often): flows that nobody
    asked for are not worth a value each. ``refused`` has the files that were not read, or not to their end, and why.
    """

    tz: dt.tzinfo | None = None
    allowed: bool = False
    lines: int = 0
    unreadable: int = 0
    other_lines: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    formats: dict[str, None] = field(default_factory=dict)
    """The formats that were found, in the order of their discovery."""
    refused: dict[str, str] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    """The beginnings of lines that were too long to be read, until they are given as skipped."""
    back: list[str] = field(default_factory=list)
    """Lines that a decoder took and gave back, the last one first: they come before all others."""
    _notes: dict[str, None] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of an answer has to know, each once, in the order of its discovery."""
        return tuple(self._notes)

    def note(self, text: str) -> None:
        """Tell something once, however often it is met."""
        if len(self._notes) < MOST_NOTES:
            self._notes[text] = None

    def utc(self, time: dt.datetime, whose: str) -> dt.datetime:
        """Turn a time into UTC; one without a zone is of ``tz``, or taken as UTC with a note."""
        if time.tzinfo is not None:
            return time.astimezone(dt.UTC)
        if self.tz is None:
            self.note(f"the times of {whose} name no time zone and are taken as UTC; --tz says which it is")
            return time.replace(tzinfo=dt.UTC)
        return time.replace(tzinfo=self.tz).astimezone(dt.UTC)
