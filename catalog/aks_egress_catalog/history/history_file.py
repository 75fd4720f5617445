"""``history.json``: one event or release a line, without what follows from the rest.

What is left out when writing is filled in when reading, here and nowhere else:

- a field that has its default value;
- in each source of a rule, the ``url`` and ``commit`` of the event that brought the rule;
- ids, the commit before each event, and the lives of rules: the values compute them themselves.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.revisions import Event, History, Life, catalog_at, read_day
from aks_egress_catalog.text.codec import decode, parse, read_with
from aks_egress_catalog.text.shipped import SHIPPED_DATA


def history_from_json(text: str, *, strict: bool = False) -> History:
    """Read what :func:`history_json` wrote; ``strict`` refuses unknown keys.

    Raises:
        CatalogError: the text is not JSON, is not a history, or does not hang together.
    """
    content = parse(text)
    with contextlib.suppress(AttributeError, LookupError, TypeError):  # of another shape: decode says where
        for event in content["events"]:
            for rule in _rules_of(event):
                rule["sources"] = [{"url": event["url"], "commit": event["commit"]} | each for each in rule["sources"]]
    return decode(History, content, strict=strict)


def read_history(file: str | Path) -> History:
    """Read a history.

    Raises:
        CatalogError: the file cannot be read, is not a history, or does not hang together.
    """
    return read_with(history_from_json, file)


@lru_cache(maxsize=1)
def load_history() -> History:
    """Load the history that the package ships.

    >>> load_history().events[0].day
    datetime.date(2019, 4, 3)
    """
    return read_history(SHIPPED_DATA / "history.json")


def history_beside(catalog: str | Path | None) -> History:
    """Load the history that lies beside a catalog file; beside the shipped one lies the shipped one.

    Raises:
        CatalogError: there is none, or it cannot be read.
    """
    if catalog is None:
        return load_history()
    return read_history(Path(catalog).with_name("history.json"))


def has_history(catalog: str | Path | None) -> bool:
    """Whether a history lies beside a catalog file; beside the shipped one it does."""
    return catalog is None or Path(catalog).with_name("history.json").exists()


def lives_beside(catalog: str | Path | None) -> dict[str, Life]:
    """The lives of the rules, where a history lies beside a catalog file; none otherwise."""
    return history_beside(catalog).rules if has_history(catalog) else {}


def catalog_as_of(day: str | dt.date, *, beside: str | Path | None = None) -> Catalog:
    """Rebuild the catalog of the last revision before the end of a day, from the history beside a catalog file.

    Raises:
        CatalogError: there is no history, or it cannot be read.
        AksEgressError: the history begins after that day, or it is no day.

    >>> catalog_as_of("2024-06-01").version
    '2024.5.21'
    """
    return catalog_at(history_beside(beside), read_day(day))


def history_json(history: History) -> str:
    """Write a history, one event or release a line, so that a release appends lines and moves none."""
    events = ",\n".join(_event_line(event) for event in history.events)
    releases = ",\n".join(map(_line, history.releases))
    released = f',\n"releases": [\n{releases}\n]' if releases else ""
    return (
        f'{{"attribution": {_line(history.attribution)},\n"events": [\n{events}\n],\n'
        f'"history_version": {history.history_version}{released}}}\n'
    )


def _event_line(event: Event) -> str:
    plain = json.loads(_line(replace(event, previous=None)))
    known = {"url": event.url, "commit": event.commit}
    for rule in _rules_of(plain):
        del rule["id"]
        rule["sources"] = [
            {name: value for name, value in source.items() if known.get(name) != value} for source in rule["sources"]
        ]
    return _line(plain)


def _rules_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules that an event brought, as plain JSON."""
    return [*event.get("added", ()), *(change["after"] for change in event.get("changed", ()))]


def _line(value: object) -> str:
    return json.dumps(value, default=_sparse, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _sparse(value: Any) -> object:
    """A dataclass without the fields that have their default; a date as text."""
    if is_dataclass(value):
        return {
            field.name: content for field in fields(value) if (content := getattr(value, field.name)) != field.default
        }
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in a history")
