"""Response policy zones: what passes (``CNAME rpz-passthru.``) in a zone that denies the rest, or what it denies.

``*.x`` is names of any depth below ``x``. A zone with ``* CNAME .`` is an allow list: its other denials only keep what
lies beside a needed name from passing. DNS knows no ports.
"""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, ListRule, Reading
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "rpz"
_RECORD: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9_*.-]+)[ \t]+(?:\d+[ \t]+)?(?:IN[ \t]+)?CNAME[ \t]+(?P<target>rpz-passthru\.|\*\.|\.)[ \t]*(?:;.*)?$",
    re.MULTILINE | re.IGNORECASE,
)
_EVERYTHING: Final = "*"


def recognises(source: Source) -> bool:
    """Say whether a text is a zone whose records are policies.

    >>> recognises(Source("x.rpz", "a.io CNAME rpz-passthru.\\n"))
    True
    """
    return "CNAME" in source.text and _RECORD.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read a zone; a record is a rule."""
    draft = Draft(source, NAME)
    records = list(_RECORD.finditer(source.text))
    is_closed = any(one["name"] == _EVERYTHING and one["target"] != "rpz-passthru." for one in records)
    for one in records:
        name, passes = one["name"].lower(), one["target"].lower() == "rpz-passthru."
        if name == _EVERYTHING or (is_closed and not passes):
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
