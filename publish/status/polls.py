"""Files for programs that poll: the newest version, every version there was, and the changes from each to the next.

A client reads ``version.json``, which is tiny. Where it names another version than the client has, the client follows
the files of changes, from its own version on:

    changes/since/2026.6.11.json   {"changes": [...], "next": "2026.7.2", ...}
    changes/since/2026.7.2.json    {"changes": [...], "next": "2026.8.1", ...}
    changes/since/2026.8.1.json    {"changes": [], "next": null, ...}             the newest

Each announced change stands in exactly one of these files, so all of them together grow with the history and not with
its square. Most clients are one version behind and read one file.

A version's files are those of what was published under it, with the rules that were missing then. So whoever applies
all changes from ``catalog/<version>.json`` on has the newest catalog, and the files of old versions never change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pydantic import TypeAdapter

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.history.announced import Announcements, published_catalog
from aks_egress_catalog.history.changes import Change, Changes, summarize
from aks_egress_catalog.history.revisions import HISTORY_VERSION, History, Release
from aks_egress_catalog.model import Strict
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.json_schema import published_schema
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from publish.status.brief import brief_json

SCHEMAS: Final = SHIPPED_DATA / "schema"
CHANGES_SINCE_VERSION: Final = 1
AnnouncedByVersion = Sequence[tuple[Release | None, Announcements]]
"""What :func:`.announced_by_version` yields: every version with what was announced by then, and today at the end."""


@dataclass(frozen=True, kw_only=True)
class ChangesSince(Strict):
    """What was announced between one version and the next, oldest first; ``next`` is ``None`` for the newest.

    ``notify`` and ``summary`` are of these changes alone.
    """

    notify: bool
    summary: dict[str, int]
    changes: tuple[Change, ...]
    next: str | None


def poll_files(history: History, catalog: Catalog, announced: AnnouncedByVersion) -> dict[str, bytes]:
    """Make every file for those who poll, by path.

    The newest catalog is as readable as the shipped one. All others are brief (:mod:`publish.status.brief`), for there
    are many; so changes have no white space.
    """
    files = {f"catalog/{old.version}.json": brief_json(old) for old in older_catalogs(history, catalog, announced)}
    for version, changes in changes_by_version(catalog, announced):
        files[f"changes/since/{version}.json"] = to_json(changes, compact=True).encode()
    files["version.json"] = version_json(catalog)
    files["catalog/latest.json"] = files[f"catalog/{catalog.version}.json"] = to_json(catalog).encode()
    return dict(sorted((files | schema_files()).items()))


def older_catalogs(history: History, newest: Catalog, announced: AnnouncedByVersion) -> Iterator[Catalog]:
    """Rebuild the catalog of every version before the newest, oldest first."""
    for release, then in announced:
        if release and release.version != newest.version:
            yield published_catalog(history, release, then)


def changes_by_version(newest: Catalog, announced: AnnouncedByVersion) -> Iterator[tuple[str, ChangesSince]]:
    """Give for every version what was announced from it to the next one; the last one is the newest.

    What was announced is one list that only grows, so each version is known by how long the list was then. Of 906
    changes, 901 were announced at 2026.6.11 and all at 2026.7.2: the file of 2026.6.11 has the last five.
    """
    # The lengths are compared, not the days: two versions of one day are told apart by what was known at each.
    *versions, (_, today) = announced
    known = [(release.version, len(then.changes)) for release, then in versions if release]
    if not known or known[-1][0] != newest.version:
        known.append((newest.version, len(today.changes)))  # a catalog that the history does not know yet
    for (version, start), (following, end) in pairwise([*known, (None, len(today.changes))]):
        found = summarize(today.changes[start:end])
        yield (
            str(version),
            ChangesSince(notify=found.notify, summary=found.summary, changes=found.changes, next=following),
        )


def version_json(catalog: Catalog) -> bytes:
    """What the newest version is, in as few bytes as possible."""
    newest = {
        "version": catalog.version,
        "facts_date": catalog.facts_date,
        "commit": catalog.authority.commit if catalog.authority else None,
        "schema_version": catalog.schema_version,
    }
    return to_json(newest).encode()


def schema_files() -> dict[str, bytes]:
    """The JSON Schemas where their ``$id`` says: of the catalog, of changes in both forms, and of the history."""
    shipped = {file.name: file.read_bytes() for file in sorted(SCHEMAS.glob("*.schema.json"))}
    site = json.loads(shipped[f"catalog-{SCHEMA_VERSION}.schema.json"])["$id"].rpartition("/")[0]
    named: dict[str, TypeAdapter[Any]] = {
        f"changes-{SCHEMA_VERSION}": TypeAdapter(Changes),
        f"changes-since-{CHANGES_SINCE_VERSION}": TypeAdapter(ChangesSince),
        # A version adds keys only, so one description serves all; each stays at its address.
        **{f"history-{number}": TypeAdapter(History) for number in range(1, HISTORY_VERSION + 1)},
    }
    for stem, adapter in named.items():
        name = f"{stem}.schema.json"
        described = adapter.json_schema(mode="validation")
        shipped[name] = published_schema(described, address=f"{site}/{name}").encode()
    return {f"schema/{name}": content for name, content in shipped.items()}
