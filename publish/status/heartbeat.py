"""When the pages were last looked at: kept in the state folder, so that a schedule that stopped is noticed.

GitHub disables the schedule of a repository in which nothing happened for sixty days. Each run pushes the state, which
is something; and whoever looks at the state sees when the last run was.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json

FILE: Final = "heartbeat.json"


@dataclass(frozen=True, kw_only=True)
class Beat:
    """When the pages were last read whole, UTC, and which commit of the article was there then."""

    checked: dt.datetime
    commit: str


def beat(state: Path, *, now: dt.datetime, catalog: Catalog) -> None:
    """Note that the pages were read whole."""
    state.mkdir(parents=True, exist_ok=True)
    commit = catalog.authority.commit if catalog.authority else ""
    (state / FILE).write_text(to_json(Beat(checked=now.replace(microsecond=0), commit=commit)), encoding="utf-8")


def last_beat(state: Path) -> Beat | None:
    """Read when the pages were last read whole; ``None`` where the state was lost.

    Raises:
        CatalogError: the file is damaged.
    """
    file = state / FILE
    return read_with(partial(from_json_as, Beat), file) if file.exists() else None
