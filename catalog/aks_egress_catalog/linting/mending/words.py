"""A text of HCL or Bicep in words: strings, comments, brackets, as much of it as an edit must not break.

No parser: what a text means its reader says. This one says where a list begins and ends, and what is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CannotEditError(Exception):
    """A text that cannot be edited safely; the message says why."""


class Kind(StrEnum):
    """What a word is. White space is none; the end of a line is a word."""

    STRING = "string"
    COMMENT = "comment"
    LINE_END = "line-end"
    OPENING = "opening"
    CLOSING = "closing"
    COMMA = "comma"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Word:
    """``text[start:end]``. ``is_plain``: a string of one line with nothing to be evaluated in it."""

    kind: Kind
    start: int
    end: int
    is_plain: bool = False


_WORD: Final = re.compile(
    r"""(?P<space>[ \t\f\v\ufeff]+) | (?P<line_end>\r?\n|\r)
      | (?P<comment>/\*.*?(?:\*/|\Z) | //[^\r\n]*)
      | (?P<string>'''|'|") | (?P<heredoc><<[-~]?(?P<mark>[A-Za-z_][\w-]*)[ \t]*\r?\n)
      | (?P<opening>[\[({]) | (?P<closing>[\])}]) | (?P<comma>,)
      | (?P<other>[\w.-]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS: Final = {
    "line_end": Kind.LINE_END,
    "comment": Kind.COMMENT,
    "opening": Kind.OPENING,
    "closing": Kind.CLOSING,
    "comma": Kind.COMMA,
    "other": Kind.OTHER,
}


def words(text: str, quote: str, start: int = 0) -> Iterator[Word]:
    r"""Yield the words of a text whose strings are in ``"`` (HCL) or ``'`` (Bicep, where ``#`` begins no comment).

    Raises:
        CannotEditError: a string or a comment has no end.

    >>> [str(word.kind) for word in words('x = ["a"] # b', '"')]
    ['other', 'other', 'opening', 'string', 'closing', 'comment']
    """
    while start < len(text):
        if text[start] == "#" and quote == '"':
            end = _line_end(text, start)
            yield Word(Kind.COMMENT, start, end)
            start = end
            continue
        found = _WORD.match(text, start)
        assert found
        name, end = found.lastgroup or "", found.end()
        if name == "heredoc":
            end = _heredoc_end(text, found) if quote == '"' else start + 2
            yield Word(Kind.OTHER, start, end)
        elif name == "string" and (found[0] == quote or found[0] == "'''" == quote * 3):
            end, is_plain = _string_end(text, start, found[0])
            yield Word(Kind.STRING, start, end, is_plain)
        elif name == "string":
            end = start + 1
            yield Word(Kind.OTHER, start, end)
        elif name != "space":
            yield Word(_KINDS[name], start, end)
        start = end


def _line_end(text: str, start: int) -> int:
    found = re.compile(r"[\r\n]").search(text, start)
    return found.start() if found else len(text)


def _heredoc_end(text: str, found: re.Match[str]) -> int:
    closing = re.compile(rf"^[ \t]*{re.escape(found['mark'])}[ \t]*$", re.MULTILINE).search(text, found.end())
    if closing is None:
        raise CannotEditError("a heredoc has no end")
    return closing.end()


def _string_end(text: str, start: int, quote: str) -> tuple[int, bool]:
    """Find where a string ends, behind its quote; what ``${…}`` holds may have strings itself."""
    if quote == "'''":
        end = text.find(quote, start + 3)
        if end < 0:
            raise CannotEditError("a string has no end")
        return end + 3, False
    at, is_plain = start + 1, True
    while at < len(text):
        one = text[at]
        if one == quote:
            return at + 1, is_plain
        if one in "\r\n":
            break
        if one == "\\":
            at, is_plain = at + 2, False
        elif quote == '"' and text.startswith(("$${", "%%{"), at):
            at, is_plain = at + 3, False
        elif text.startswith(("${", "%{"), at) and (one == "$" or quote == '"'):
            at, is_plain = _template_end(text, at + 2, quote), False
        else:
            at += 1
    raise CannotEditError("a string has no end")


def _template_end(text: str, start: int, quote: str) -> int:
    """Find where ``${…}`` ends, behind its brace."""
    depth = 1
    for word in words(text, quote, start):
        if word.kind is Kind.OPENING and text[word.start] == "{":
            depth += 1
        elif word.kind is Kind.CLOSING and text[word.start] == "}":
            depth -= 1
            if depth == 0:
                return word.end
    raise CannotEditError("an interpolation has no end")


def list_around(text: str, quote: str, offset: int) -> tuple[int, int] | None:
    """Return the span of the innermost brackets ``[…]`` around an offset, brackets included; ``None`` where none are.

    >>> list_around('a = ["x", "y"]', '"', 6)
    (4, 14)
    """
    opened: list[Word] = []
    around: Word | None = None
    for word in words(text, quote):
        if around is None and word.end > offset:
            around = opened[-1] if opened else None
            if around is None or text[around.start] != "[":
                return None
        if word.kind is Kind.OPENING:
            opened.append(word)
        elif word.kind is Kind.CLOSING and opened and opened.pop() is around:
            return around.start, word.end
    return None
