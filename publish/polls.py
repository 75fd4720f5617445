"""Files for those who poll: which version there is, every version there was, and what was told since each of them.

``version.json`` is tiny: whoever polls reads it, and only where the version is another one than theirs
``changes/since/<theirs>.json``. A version is known by the day of its facts, so to ``.N``, the same facts released
again, everything is told that came after that day: perhaps something twice, never too little.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from aks_egress_catalog.changes import Changes, summarize
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history import HISTORY_VERSION, History, catalog_at
from aks_egress_catalog.hold import account
from aks_egress_catalog.model import SCHEMA_VERSION, calver
from aks_egress_catalog.store import DATA, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aks_egress_catalog.changes import Change
    from aks_egress_catalog.model import Catalog

SCHEMAS: Final = Path(DATA) / "schema"
_VERSION: Final = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\.[1-9]\d*)?\Z")


def poll_files(
    history: History, catalog: Catalog, *, today: dt.date, hold: dt.timedelta, released: Iterable[str] = ()
) -> dict[str, bytes]:
    """Make every file for those who poll, by path; ``released`` names further versions that somebody may have.

    The newest catalog is as readable as the shipped one. The older ones and the changes have no white space, for there
    are many.
    """
    days = {event.day for event in history.events}
    versions = {calver(day): day for day in days} | {name: day_of(name) for name in (*released, catalog.version)}
    files = {f"catalog/{name}.json": _compact(_at(history, name, day)) for name, day in versions.items() if day in days}
    files["version.json"] = version_json(catalog)
    files["catalog/latest.json"] = files[f"catalog/{catalog.version}.json"] = to_json(catalog).encode()
    since = _since(account(history, today=today, hold=hold).told, set(versions.values()))
    files |= {f"changes/since/{name}.json": since[day] for name, day in versions.items()}
    return dict(sorted((files | schema_files()).items()))


def version_json(catalog: Catalog) -> bytes:
    """What there is, in as few bytes as say it."""
    told = {
        "version": catalog.version,
        "facts_date": catalog.facts_date,
        "commit": catalog.authority.commit if catalog.authority else None,
        "schema_version": catalog.schema_version,
    }
    return to_json(told).encode()


def day_of(version: str) -> dt.date:
    """Give the day of the facts of a version.

    Raises:
        AksEgressError: it is no version of the data.

    >>> day_of("2026.7.2.1")
    datetime.date(2026, 7, 2)
    """
    found = _VERSION.match(version)
    try:
        year, month, day = map(int, found.groups() if found else ())
        return dt.date(year, month, day)
    except ValueError as error:
        raise AksEgressError(f"{version!r} is no version of the data; write it as 2026.7.2") from error


def schema_files() -> dict[str, bytes]:
    """The JSON Schemas where their ``$id`` says: that of the catalog, of its changes and of its history."""
    shipped = {file.name: file.read_bytes() for file in sorted(SCHEMAS.glob("*.schema.json"))}
    site = json.loads(shipped[f"catalog-{SCHEMA_VERSION}.schema.json"])["$id"].rpartition("/")[0]
    named: dict[str, TypeAdapter[Any]] = {
        f"changes-{SCHEMA_VERSION}": TypeAdapter(Changes),
        f"history-{HISTORY_VERSION}": TypeAdapter(History),
    }
    for stem, adapter in named.items():
        name = f"{stem}.schema.json"
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{site}/{name}"}
        shipped[name] = to_json(adapter.json_schema(mode="validation") | head).encode()
    return {f"schema/{name}": content for name, content in shipped.items()}


def _at(history: History, version: str, day: dt.date) -> Catalog:
    """What the page said on the day of a version; a file that was there once stays, whether or not rules changed."""
    return replace(catalog_at(history, day), version=version)


def _since(told: tuple[Change, ...], days: set[dt.date]) -> dict[dt.date, bytes]:
    """What was told after each day, as changes."""
    plain = json.loads(to_json(told))  # each change is written once, not once for every version before it
    return {day: _file_since(day, told, plain) for day in days}


def _file_since(day: dt.date, told: tuple[Change, ...], plain: list[Any]) -> bytes:
    later = [change.date is not None and change.date > day for change in told]
    found = summarize(change for change, wanted in zip(told, later, strict=True) if wanted)
    shape = {"notify": found.notify, "summary": found.summary, "changes": []}
    shape["changes"] = [change for change, wanted in zip(plain, later, strict=True) if wanted]
    return _dense(shape)


def _compact(value: object) -> bytes:
    return _dense(json.loads(to_json(value)))


def _dense(plain: object) -> bytes:
    return (json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n").encode()
