r"""Comments in each format, and which lines one is for. A mark within a string begins none.

| comment                                      | lines that it is for                                           |
| -------------------------------------------- | -------------------------------------------------------------- |
| behind something, ``"a.io",  # …``           | its own                                                        |
| alone, ``# …``                               | its own, and the next one with anything but a comment          |
| alone, and that line goes on (``\`` at end)  | up to the last line of that command                            |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

_BLOCK: Final = r"/\*(?:.*?\*/|.*)"  # an open one goes to the end: looking for its end again and again takes for ever
_HASH: Final = r"\#[^\n]*"
_HASH_WORD: Final = r"(?<!\S)\#[^\n]*"
_SLASHES: Final = r"//[^\n]*"
_DOUBLE: Final = r'"(?:\\.|[^"\\\n])*"?'
_QUOTED: Final = r"'(?:\\.|[^'\\\n])*'?"
_SINGLE: Final = r"(?<!\w)'(?:\\.|[^'\\\n])*'?"
_THREE: Final = r"'''.*?'''"
_XML: Final = r"<!--(?:.*?-->|.*)"
_PLAIN: Final = r"(?<!\S)(?:\#|;|//)[^\n]*"

SYNTAX: Final = {
    "terraform": ((_DOUBLE,), (_HASH, _SLASHES, _BLOCK)),
    "bicep": ((_THREE, _QUOTED), (_SLASHES, _BLOCK)),
    "arm": ((_DOUBLE,), (_SLASHES, _BLOCK)),
    "terraform-plan": ((), ()),
    "egress-endpoints": ((), ()),
    "aks-egress-catalog": ((_DOUBLE,), (r"(?m:^)\#[^\n]*",)),
    "az-script": ((_DOUBLE, _SINGLE), (_HASH_WORD,)),
    "squid": ((), (_HASH_WORD,)),
    "fortigate": ((_DOUBLE,), (_HASH_WORD,)),
    "paloalto": ((_DOUBLE,), (_HASH_WORD,)),
    "paloalto-xml": ((), (_XML,)),
    "cilium": ((_DOUBLE, _SINGLE), (_HASH_WORD,)),
    "opa": ((), ()),
    "aws-domain-list": ((), ()),
    "aks-egress-list": ((), (_HASH_WORD,)),
    "envoy": ((_DOUBLE, _SINGLE), (_HASH_WORD,)),
    "haproxy": ((_DOUBLE,), (_HASH_WORD,)),
    "nftables": ((_DOUBLE,), (_HASH_WORD,)),
    "dnsmasq": ((_DOUBLE,), (_HASH_WORD,)),
    "rpz": ((), (r";[^\n]*",)),
    "suricata": ((_DOUBLE,), (r"(?m:^)[ \t]*\#[^\n]*",)),
    "plain": ((), (_PLAIN,)),
}
"""By format, what strings and what comments look like."""
_ANY: Final = ((_DOUBLE, _SINGLE), (_HASH_WORD, r"(?<!\S)//[^\n]*", _BLOCK, _XML))
_GOES_ON: Final = re.compile(r"[\\`^][ \t]*\r?$")
_ENDS: Final = re.compile(r"(?:\*/|-->)\s*$")


class CommentLine(NamedTuple):
    """One line of a comment: its text, where it is, and the first and last line that it is for."""

    text: str
    start: int
    line: int
    first: int
    last: int


def comment_lines(text: str, form: str) -> Iterator[CommentLine]:
    r"""Yield the lines of the comments of a file in a format; of an unknown one, of whatever is a comment anywhere.

    >>> [(one.text, one.first, one.last) for one in comment_lines('x = "#"\n# why\n\ny = 2 // so\n', "terraform")]
    [('# why', 2, 4), ('// so', 4, 4)]
    """
    pattern = _pattern(form)
    if pattern is None:
        return
    comments = [found.span() for found in pattern.finditer(text) if found.lastgroup]
    bare = _without(text, comments).split("\n")
    ends = _ends_of_next(bare)
    line, counted = 0, 0
    for start, end in comments:
        line, counted = line + text.count("\n", counted, start), start
        offset = start
        first_line, last_line = line, line + text.count("\n", start, end)
        alone = not "".join(bare[first_line : last_line + 1]).strip()
        last = ends[last_line] if alone else last_line
        for number, said in enumerate(text[start:end].split("\n"), line):
            yield CommentLine(_ENDS.sub("", said).rstrip(), offset, number + 1, number + 1, max(last, number) + 1)
            offset += len(said) + 1


@cache
def _pattern(form: str) -> re.Pattern[str] | None:
    strings, comments = SYNTAX.get(form, _ANY)
    if not comments:
        return None
    return re.compile("|".join((*strings, f"(?P<comment>{'|'.join(comments)})")), re.DOTALL)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """A text with blanks for its comments; the lines stay."""
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], "\n" * text.count("\n", start, end)]
        done = end
    return "".join((*parts, text[done:]))


def _ends_of_next(bare: list[str]) -> list[int]:
    """By line, the last one of what comes next, comments apart; the line itself where nothing comes."""
    ends = list(range(len(bare)))
    end = None
    for number in reversed(range(len(bare))):
        ends[number] = number if end is None else end
        if bare[number].strip() and not (number + 1 < len(bare) and _GOES_ON.search(bare[number])):
            end = number
    return ends
