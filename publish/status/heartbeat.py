"""When the pages were last looked at: kept in the state folder, so that a schedule that stopped is noticed.

GitHub disables the schedule of a repository in which nothing happened for sixty days. The first run of each day (UTC)
pushes the state, which is something; and whoever looks at the state sees on which day the last run was.

Only the first run of a day writes it, unless the article has another commit then: a run that finds nothing new leaves
nothing. So a check may be up to a day younger than ``checked`` says, and never older: what counts for 48 hours from
``checked`` on is true, and a schedule that stopped is noticed after 24 to 48 hours.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from aks_egress_catalog.text.files import write_files

FILE: Final = "heartbeat.json"
_SKEW: Final = dt.timedelta(hours=1)
"""So far the clocks of two machines may differ."""


@dataclass(frozen=True, kw_only=True)
class Beat:
    """When the pages were last read whole, UTC, and which commit of the article was there then."""

    checked: dt.datetime
    commit: str

    def __post_init__(self) -> None:
        if not self.checked.tzinfo:
            raise ValueError("a moment has a zone")

    def is_ahead_of(self, now: dt.datetime) -> bool:
        """Whether the clock was wrong that wrote this, or is now: it says nothing of when the pages were read."""
        return self.checked - now > _SKEW


def beat(state: Path, *, now: dt.datetime, catalog: Catalog) -> None:
    """Note that the pages were read whole, unless that was noted on this day, with the same commit, already."""
    found = Beat(checked=now.replace(microsecond=0), commit=catalog.authority.commit if catalog.authority else "")
    with suppress(CatalogError):  # a damaged one is written anew
        last = last_beat(state)
        if last and last.commit == found.commit and last.checked <= now and _day(last) == _day(found):
            return
    write_files({state / FILE: to_json(found)})


def last_beat(state: Path) -> Beat | None:
    """Read when the pages were last read whole; ``None`` where the state was lost.

    Raises:
        CatalogError: the file is damaged.
    """
    file = state / FILE
    return read_with(partial(from_json_as, Beat), file) if file.exists() else None


def read_beat(content: bytes) -> Beat:
    """Read the content of ``heartbeat.json``.

    Raises:
        CatalogError: it is damaged.
    """
    return from_json_as(Beat, content.decode("utf-8-sig"))


def _day(beat: Beat) -> dt.date:
    return beat.checked.astimezone(dt.UTC).date()
