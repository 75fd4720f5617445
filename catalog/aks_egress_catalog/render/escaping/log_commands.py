"""What a CI system would take for a command in the log of a run, wherever in a line it stands."""

from __future__ import annotations

import re
from typing import Final

_COMMAND: Final = re.compile(r"##(?=\[|vso\[)|^(\s*):(?=:)", re.IGNORECASE)
_IN_JSON: Final = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)


def inert(line: str) -> str:
    r"""Break up what GitHub Actions (``::error::``, ``##[…]``) or Azure Pipelines (``##vso[…]``) would carry out.

    >>> inert("x ##vso[task.setvariable]"), inert(" ::error::x"), inert("a::b")
    ('x #\\#vso[task.setvariable]', ' :\\:error::x', 'a::b')
    """
    if "##" not in line and "::" not in line:  # as nearly all
        return line
    return _COMMAND.sub(lambda found: f"{found[1]}:\\" if found[1] is not None else "#\\#", line)


def inert_json(text: str) -> str:
    r"""The same for JSON, where an escape leaves the value what it is.

    >>> inert_json('{"value": "##vso[x]"}')
    '{"value": "\\u0023\\u0023vso[x]"}'
    """
    return _IN_JSON.sub(r"\\u0023\\u0023", text)
