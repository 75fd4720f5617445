"""Flows that differ in time and source only, made once: most lines of a log say what other lines said before.

A decoder takes from a line the values that recur, as a tuple. The first line with such values is read with care, by a
function ``make``; the flow that it gives is kept as a prototype. Each further line costs a look-up and a new tuple:

====================================  ==================================================
prototype (time and source empty)     ``DENIED, "a.example", 443, "TCP", None, "", 1, …``
head, in front of time and source     ``DENIED, "a.example", 443, "TCP"``
tail, behind them                     ``1, …``
flow                                  ``head + (time, source) + tail``
====================================  ==================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from aks_egress_catalog.logs.flow import Flow

Decoded = Flow | str | list[Flow] | None
"""What a line is: a flow, several, or none (then why: it is of another kind); ``None`` is one that was counted."""
MOST: Final = 10_000
_LONGEST: Final = 500
"""So many prototypes are kept; then they are made anew."""
new_flow: Final = tuple.__new__
"""Makes a flow of a whole tuple; ``Flow(…)`` would be a call of a function first."""
_TIME_AT: Final = Flow._fields.index("time")
_BEHIND: Final = Flow._fields.index("source") + 1


def _may_be_kept(value: object) -> bool:
    return len(value) <= _LONGEST if isinstance(value, str) else not isinstance(value, list | dict)


class Prototypes:
    """The prototypes of some lines. ``make`` gets the values that recur, and raises where they make no sense."""

    def __init__(self, make: Callable[..., Decoded]) -> None:
        self._make = make
        self.parts: dict[Any, tuple[tuple[Any, ...], tuple[Any, ...]]] = {}

    def flow(self, key: tuple[Any, ...], time: dt.datetime | None, source: str) -> Decoded:
        """Give the flow of a line with the values ``key``."""
        try:
            head, tail = self.parts[key]
        except KeyError:
            return self.first(key, time, source)
        return new_flow(Flow, head + (time, source) + tail)  # noqa: RUF005  - unpacking costs twice as much

    def first(self, key: tuple[Any, ...], time: dt.datetime | None, source: str) -> Decoded:
        """Give the flow of the first line with the values ``key``, and keep its prototype."""
        made = self._make(*key)
        if made is None or isinstance(made, str):
            return made
        if isinstance(made, list):
            return [one._replace(time=time, source=source or one.source) for one in made]
        if not made.source and all(map(_may_be_kept, key)):
            if len(self.parts) >= MOST:
                self.parts.clear()
            self.parts[key] = made[:_TIME_AT], made[_BEHIND:]
        return made._replace(time=time, source=source or made.source)


class RowPrototypes(Prototypes):
    """The prototypes of rows: ``pick`` takes the values that recur out of a row, ``source`` is where its source is."""

    def __init__(
        self, make: Callable[..., Decoded], pick: Callable[[Any], tuple[Any, ...]], source: str | int | None
    ) -> None:
        super().__init__(make)
        self._pick = pick
        self._source = source

    def flow_of_row(self, row: Any, time: dt.datetime | None) -> Decoded:
        """Give the flow of a row.

        Raises:
            TypeError: its source is no text, or longer than any.
        """
        key = self._pick(row)
        source = row[self._source] if self._source is not None else ""
        if source.__class__ is not str or len(source) > _LONGEST:
            raise TypeError("no source")
        try:
            head, tail = self.parts[key]
        except (KeyError, TypeError):  # new, or with a list or an object among its values
            return self.first(key, time, source)
        return new_flow(Flow, head + (time, source) + tail)  # noqa: RUF005  - as above
