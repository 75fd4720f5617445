"""Where in a TOML file a key stands; the parser of the standard library does not give it."""

from __future__ import annotations

import re
import tomllib
from typing import Final

_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def line_of(text: str, path: str) -> int:
    r"""Give the line, from 1, at which a key's value ends; of what is absent, that of the table that lacks it.

    ``path`` is written as in messages about JSON. A key stands in the first line with which the file, cut after it, is
    TOML and has that key.

    >>> line_of("a = 1\n[[b]]\nc = 2\n", "$.b[0].c"), line_of("a = 1\n[[b]]\nc = 2\n", "$.b[0].d")
    (3, 2)
    """
    steps: list[str | int] = [key or int(index) for key, index in _STEP.findall(path)]
    lines = text.splitlines()
    while steps:
        for count in range(1, len(lines) + 1):
            if _has("\n".join(lines[:count]), steps):
                return count
        steps.pop()
    return 1


def _has(text: str, steps: list[str | int]) -> bool:
    try:
        found = tomllib.loads(text)
        for step in steps:
            found = found[step]  # type: ignore[index]  # a list where the step is a number
    except (tomllib.TOMLDecodeError, KeyError, IndexError, TypeError):
        return False
    return True
