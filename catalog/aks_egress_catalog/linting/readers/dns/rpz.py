"""Response policy zones: what passes (``CNAME rpz-passthru.``) in a zone that denies the rest, or what it denies.

``*.x`` is names of any depth below ``x``. A zone with ``* CNAME .`` is an allow list: its other denials only keep what
lies beside a needed name from passing, and what passes below a wildcard that passes only repeats it, since wildcards of
DNS end at the next name of the zone. DNS knows no ports.
"""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, ListRule, Reading
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "rpz"
_RECORD: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9_*.-]+)[ \t]+(?:\d+[ \t]+)?(?:IN[ \t]+)?CNAME[ \t]+"
    r"(?P<target>rpz-passthru\.|\*\.|\.)[ \t]*(?:;.*)?$",
    re.MULTILINE | re.IGNORECASE,
)
_EVERYTHING: Final = "*"


def recognises(source: Source) -> bool:
    r"""Say whether a text is a zone whose records are policies.

    >>> recognises(Source("x.rpz", "a.io CNAME rpz-passthru.\n"))
    True
    """
    return "CNAME" in source.text and _RECORD.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read a zone; a record is a rule."""
    draft = Draft(source, NAME)
    passing = {one["name"].lower() for one in _RECORD.finditer(source.text) if one["target"].lower() == "rpz-passthru."}
    records = list(_RECORD.finditer(source.text))
    is_closed = any(one["name"] == _EVERYTHING and one["target"] != "rpz-passthru." for one in records)
    for one in records:
        name, passes = one["name"].lower(), one["target"].lower() == "rpz-passthru."
        if name == _EVERYTHING or (is_closed and (not passes or _is_within(name, passing))):
            draft.reading.skipped += 1
            continue
        rule = ListRule(
            name=f"{name} CNAME",
            place=source.place(*one.span()),
            action=Action.ALLOW if passes else Action.DENY,
            policy=source.path,
        )
        word = Word(one["name"], *one.span("name"), source)
        draft.entry(word, Form.NAME, name.removesuffix("."), rule)
    return draft.reading


def _is_within(name: str, passing: set[str]) -> bool:
    """Say whether a wildcard further up lets a name pass as well."""
    labels = name.removeprefix("*.").split(".")
    first = 1 if name.startswith("*.") else 0
    return any(f"*.{'.'.join(labels[place:])}" in passing for place in range(max(first, 1), len(labels)))
