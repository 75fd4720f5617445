"""Times in the local forms of exports and appliances, cheaply: a minute is parsed once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.records.values import UTC, fromisoformat

_LOCAL: Final = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})[./-](\d{1,4})[,T]?\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*([AaPp]\.?[Mm]\.?)?(\s*[+-]\d{2}:\d{2}|\s*Z)?"
)
_LONGEST: Final = 60
_MOST_KEPT: Final = 60_000
_MONTHS: Final = 12
_NOON: Final = 12
_YEAR_DIGITS: Final = 4


class Times:
    """Reads the times of one file. ``zone`` is what its header says; without one that of the context counts.

    ``day_first`` says in which order day and month stand, where that is known beforehand.
    """

    def __init__(
        self, context: Context, whose: str, zone: dt.tzinfo | None = None, *, day_first: bool | None = None
    ) -> None:
        self._context = context
        self._whose = whose
        self._zone = zone
        self._day_first = day_first
        self._is_iso = False
        self._minutes: dict[tuple[str, str], dt.datetime] = {}
        """By what stands in front of the last colon and behind the seconds, as in ``11/20/2026, 8:15`` and ``AM``."""
        self._seconds: dict[str, tuple[dt.timedelta, str]] = {}
        """By what stands behind the last colon: the seconds, and what stands behind them."""

    def read(self, text: str) -> dt.datetime | None:
        """Give a time in UTC; an empty text is none.

        Raises:
            ValueError: nobody can read it.

        >>> Times(Context(), "a", dt.UTC).read("11/20/2026, 8:15:02.113 PM").isoformat()
        '2026-11-20T20:15:02.113000+00:00'
        """
        if self._is_iso:
            try:
                time = fromisoformat(text)
            except ValueError:
                self._is_iso = False
            else:
                return time if time.tzinfo is UTC else self._utc(time)
        head, _, tail = text.rpartition(":")
        try:
            seconds, half = self._seconds[tail]
            return self._minutes[head, half] + seconds
        except KeyError:
            return self._parse(text, head, tail) if text else None

    def _parse(self, text: str, head: str, tail: str) -> dt.datetime:
        if text[4:5] == "-":
            self._is_iso = True  # so will be the next
            return self._utc(fromisoformat(text))
        found = _LOCAL.fullmatch(text.strip())
        if not found or len(text) > _LONGEST:
            raise ValueError("no time")
        first, mark, second, third, hour, minutes, seconds, fraction, half, offset = found.groups()
        year, month, day = self._date(first, second, third, mark, half or "")
        hours = int(hour) % _NOON + (_NOON if half[0] in "Pp" else 0) if half else int(hour)
        minute = self._utc(dt.datetime(year, month, day, hours, int(minutes), tzinfo=_zone(offset)))
        behind = dt.timedelta(seconds=float(f"{seconds or 0}.{fraction or 0}"))
        if seconds and not offset:
            self._keep(self._minutes, (head, half or ""), minute)
            self._keep(self._seconds, tail, (behind, half or ""))
        return minute + behind

    @staticmethod
    def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = value

    def _date(self, first: str, second: str, third: str, mark: str, half: str) -> tuple[int, int, int]:
        """Tell day and month apart: by a number above 12, by the one seen before, else by the habits of the form.

        The United States alone put the month first, with ``AM`` and ``PM`` in capitals.
        """
        if len(first) == _YEAR_DIGITS:
            return int(first), int(second), int(third)
        one, two, year = int(first), int(second), int(third)
        if mark != "/":
            day_first = True
        elif one > _MONTHS or two > _MONTHS:
            day_first = self._day_first = one > _MONTHS
        elif self._day_first is not None:
            day_first = self._day_first
        else:
            day_first = not half.isupper()
            if one != two:
                order = "day/month" if day_first else "month/day"
                self._context.note(f"dates such as {one}/{two}/{year} of {self._whose} are read as {order}")
        return (year, two, one) if day_first else (year, one, two)

    def _utc(self, time: dt.datetime) -> dt.datetime:
        if time.tzinfo is None and self._zone is not None:
            time = time.replace(tzinfo=self._zone)
        return self._context.utc(time, self._whose)


def _zone(offset: str | None) -> dt.tzinfo | None:
    """Read an offset such as ``+01:00`` or ``Z``; none is a local time."""
    return dt.time.fromisoformat(f"00:00{offset.strip()}").tzinfo if offset else None
