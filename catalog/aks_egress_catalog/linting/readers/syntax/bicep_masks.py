"""Bicep that is newer than its grammar, written so that the grammar takes it; every character stays at its offset.

======================= ==================== ====================================================================
in the file             to the grammar       what it means
======================= ==================== ====================================================================
``...x`` in an array    ``   x``             :attr:`Masked.spreads` has where ``x`` begins
``...x`` in an object   ``__:x``             the key :data:`SPREAD_KEY`
``param x foo.bar?``    ``param x any    ``  the type of a parameter, which nobody asks for
``param x = …``         ``var   x = …``      in ``.bicepparam``; the grammar knows no parameter without a type
``extension …``         ``//tension …``      as a comment
======================= ==================== ====================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

SPREAD_KEY: Final = "__"

_TYPED: Final = re.compile(
    r"^(?P<head>[ \t]*(?P<word>param|var|output)[ \t]+\w+[ \t]+)"
    r"(?P<type>(?:[^=\s{'/]|'[^'\n]*')(?:[^=\n{'/]|'[^'\n]*')*?)"
    r"(?P<tail>[ \t]*(?:=|//|$))",
    re.MULTILINE,
)
_UNTYPED: Final = re.compile(r"^param(?=[ \t]+\w+[ \t]*=)", re.MULTILINE)
_EXTENSION: Final = re.compile(r"^[ \t]*(?:extension|provider)[ \t]", re.MULTILINE)
_OPTIONAL_OBJECT: Final = re.compile(r"\}\?(?=[ \t]*(?:$|=))", re.MULTILINE)
_TOKEN: Final = re.compile(r"'''.*?'''|//[^\n]*|/\*.*?\*/|'(?:[^'\\\n]|\\.)*'|\.\.\.|[\[\]{}]", re.DOTALL)
_SPREAD: Final = "..."


@dataclass(kw_only=True, slots=True)
class Masked:
    """A text for the grammar, and where in it, in characters, what is spread into an array begins."""

    text: str
    spreads: set[int] = field(default_factory=set)


def mask(text: str, *, is_parameters: bool) -> Masked:
    """Return a text as the grammar takes it."""
    text = _EXTENSION.sub(lambda found: "//" + found[0][2:], text)
    text = _OPTIONAL_OBJECT.sub("} ", text)
    if is_parameters:
        text = _UNTYPED.sub("var  ", text)
    masked = Masked(text=_TYPED.sub(_plain_type, text))
    if _SPREAD in text:
        _mask_spreads(masked)
    return masked


def _plain_type(found: re.Match[str]) -> str:
    width = len(found["type"])
    plain = "" if found["word"] == "var" else "any"
    return f"{found['head']}{plain.ljust(width)}{found['tail']}" if width >= len(plain) else found[0]


def _mask_spreads(masked: Masked) -> None:
    opened: list[str] = []
    pieces: list[str] = []
    done = 0
    for found in _TOKEN.finditer(masked.text):
        mark = found[0]
        if mark in "[{":
            opened.append(mark)
        elif mark in "]}":
            del opened[-1:]
        elif mark == _SPREAD and opened:
            pieces += masked.text[done : found.start()], "   " if opened[-1] == "[" else f"{SPREAD_KEY}:"
            done = found.end()
            if opened[-1] == "[":
                masked.spreads.add(done)
    masked.text = "".join((*pieces, masked.text[done:]))
