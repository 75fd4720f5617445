"""What this package writes for programs: ``export json`` and ``csv``, ``list`` and ``resolve`` as JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Entry, Form, ListRule, Place, Reading, Service, Unread
from aks_egress_catalog.linting.readers.literals import address_of
from aks_egress_catalog.linting.source import Source

_CSV: Final = re.compile(r"^id,(?:cloud|feature),[a-z_,]*\bdestination\b", re.MULTILINE)


def recognises(source: Source) -> bool:
    """Say whether a file is one of ours."""
    text = source.text.lstrip()
    if text.startswith(("{", "[")):
        return '"id"' in text and re.search(r'"id":\s*"Azure\w+/[a-z0-9-]+/', text) is not None
    return _CSV.search(text) is not None


def read(source: Source) -> Reading:
    """Read a file; each rule is a rule."""
    found = Reading(path=source.path, format="aks-egress-catalog")
    places = _Places(source)
    try:
        rows = list(_rows(source.text))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error) as error:
        message = f"this file of ours is damaged: {type(error).__name__} {error}"
        found.unread.append(Unread(place=source.place(0, 0), message=message))
        return found
    for name, destinations, protocol, port, application in rows:
        place = places.of(name)
        services = (
            (Service(protocol=protocol, first=port, last=port, application=application),) if port else EVERY_SERVICE
        )
        rule = ListRule(name=name, place=place, services=services)
        for one in destinations:
            form, pattern = _form(one)
            found.entries.append(Entry(value=one, form=form, pattern=pattern, place=places.of(one, place), rule=rule))
    return found


_Row = tuple[str, list[str], str, int, str]


def _rows(text: str) -> Iterator[_Row]:
    if text.lstrip().startswith(("{", "[")):
        content = json.loads(text)
        rules = content.get("rules", []) if isinstance(content, dict) else content
        for rule in rules:
            yield (
                rule["id"],
                list(_destinations(rule)),
                rule.get("protocol") or "",
                int(rule.get("port") or 0),
                rule.get("application") or "",
            )
        return
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for row in csv.DictReader(io.StringIO("\n".join(lines))):
        yield row["id"], [row["destination"]], row["protocol"], int(row["port"] or 0), row["application"]


def _destinations(rule: dict[str, Any]) -> Iterator[str]:
    if "values" in rule:
        prefix = {"service-tag": "tag:", "cidr": "cidr:"}.get(rule.get("form", ""), "")
        yield from (f"{prefix}{value}" for value in rule["values"])
    elif "destination" in rule:
        yield rule["destination"]
    else:
        for one in rule["destinations"]:
            form = {"service-tag": "tag:", "cidr": "cidr:", "set": "set:"}.get(one["form"], "")
            yield f"{form}{one['value']}"


def _form(flat: str) -> tuple[Form, str]:
    kind, _, value = flat.partition(":")
    if flat == "*":
        return Form.ANY, "*"
    if kind == "tag":
        return Form.SERVICE_TAG, value
    if kind == "set":
        return Form.ELSEWHERE, value
    address = address_of(value if kind == "cidr" else flat)
    return (Form.ADDRESS, address) if address else (Form.NAME, flat.lower())


class _Places:
    """Where a text stands: after the last one that was asked for, else anywhere."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def of(self, text: str, near: Place | None = None) -> Place:
        bare = text.partition(":")[2] if text.startswith(("tag:", "cidr:", "set:")) else text
        start = self._source.text.find(bare, near.end if near else self._at)
        if start < 0:
            return near or self._source.place(0, 0)
        if near is None:
            self._at = start + 1
        return self._source.place(start, start + len(bare))
