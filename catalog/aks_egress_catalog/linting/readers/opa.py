"""The data of our policy for Open Policy Agent: ``aks_egress.rules``, each with hosts, expressions, ranges, a port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service, Unread
from aks_egress_catalog.linting.readers.literals import address_form, regex_pattern
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "opa"


def recognises(source: Source) -> bool:
    """Say whether a text is such data."""
    return '"aks_egress"' in source.text and source.text.lstrip().startswith("{")


def read(source: Source) -> Reading:
    """Read the data; what it says that it lacks is declared."""
    draft = Draft(source, NAME)
    try:
        content = json.loads(source.text)["aks_egress"]
        draft.reading.declared |= {one["id"]: one["reason"] for one in content.get("lacks", ())}
        for rule in content["rules"]:
            _read_rule(draft, rule)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"this data is not of our policy: {type(error).__name__} {error}"
        draft.reading.unread.append(Unread(place=source.place(0, 0), message=message))
    return draft.reading


def _read_rule(draft: Draft, rule: dict[str, Any]) -> None:
    source = draft.source
    start = max(source.text.find(json.dumps(rule["id"])), 0)
    port, protocol = rule["port"], rule["protocol"] or ""
    made = ListRule(
        name=str(rule["id"]),
        place=source.place(start, start),
        services=(Service(protocol=protocol, first=port, last=port),) if port else EVERY_SERVICE,
    )
    for written, form, pattern in _values(rule):
        at = max(source.text.find(json.dumps(written), start), 0) + 1
        draft.entry(Word(written, at, at + len(json.dumps(written)) - 2, source), form, pattern, made)


def _values(rule: dict[str, Any]) -> Iterator[tuple[str, Form, str]]:
    if rule["any"]:
        yield str(rule["id"]), Form.ANY, "*"
    yield from ((host, Form.NAME, host.lower()) for host in rule["hosts"])
    yield from ((one, Form.NAME, pattern) for one in rule["patterns"] if (pattern := regex_pattern(one)))
    yield from ((one, *form) for one in rule["ranges"] if (form := address_form(one)))
