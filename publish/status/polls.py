"""Files for those who poll: which version there is, every version there was, and what was told since each of them.

``version.json`` is tiny: whoever polls reads it, and only where the version is another one than theirs
``changes/since/<theirs>.json``. A version's files are those of the state that was published under it, with what was
held then, so whoever applies the changes to it has the newest; and they stay.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from pydantic import TypeAdapter

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.history.announced import announced_by_version, published_catalog
from aks_egress_catalog.history.changes import Change, Changes, summarize
from aks_egress_catalog.history.revisions import HISTORY_VERSION, History
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA

SCHEMAS: Final = SHIPPED_DATA / "schema"


def poll_files(history: History, catalog: Catalog, *, today: dt.date, hold: dt.timedelta) -> dict[str, bytes]:
    """Make every file for those who poll, by path.

    The newest catalog is as readable as the shipped one. The older ones and the changes have no white space, for there
    are many.
    """
    *versions, (_, last) = announced_by_version(history, today=today, hold=hold)
    plain = json.loads(to_json(last.changes))  # each change is written once, not once for every version before it
    files = {f"changes/since/{catalog.version}.json": _since(len(last.changes), last.changes, plain)}
    for release, then in versions:
        if release:
            files[f"catalog/{release.version}.json"] = _compact(published_catalog(history, release, then))
            files[f"changes/since/{release.version}.json"] = _since(len(then.changes), last.changes, plain)
    files["version.json"] = version_json(catalog)
    files["catalog/latest.json"] = files[f"catalog/{catalog.version}.json"] = to_json(catalog).encode()
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


def _since(count: int, told: tuple[Change, ...], plain: list[Any]) -> bytes:
    """What was told after so many changes."""
    found = summarize(told[count:])
    return _dense({"notify": found.notify, "summary": found.summary, "changes": plain[count:]})


def _compact(value: object) -> bytes:
    return _dense(json.loads(to_json(value)))


def _dense(plain: object) -> bytes:
    return (json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n").encode()
