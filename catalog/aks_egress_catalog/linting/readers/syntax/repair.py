"""A broken text in, one whose strings end on their lines out: a quote that is missing takes along all behind it."""

from __future__ import annotations

import re
from typing import Final

_HEREDOC: Final = re.compile(r"<<-?\s*(\w+)\s*$")


def without_open_strings(text: str, quote: str, comments: tuple[str, ...]) -> tuple[str, list[tuple[int, int]]]:
    r"""Blank the lines on which a string begins and does not end; return the text, as long as before, and where.

    >>> without_open_strings('a = ["x\nb = "y"', '"', ("#",))
    ('       \nb = "y"', [(0, 7)])
    """
    lines = text.splitlines(keepends=True)
    blanked: list[tuple[int, int]] = []
    offset = 0
    within = ""  # the mark that ends what goes over lines: a heredoc, or three quotes
    for n, line in enumerate(lines):
        bare = line.rstrip("\r\n")
        counted = _before_comment(re.sub(r"\\.", "__", bare), quote, comments)
        if within:
            ends = bare.strip() == within or (within == quote * 3 and within in bare)
            within = "" if ends else within
        elif counted.count(quote * 3) % 2:
            within = quote * 3
        elif _HEREDOC.search(bare):
            within = _HEREDOC.findall(bare)[0]
        elif counted.count(quote) % 2:
            start = len(bare) - len(bare.lstrip())
            blanked.append((offset + start, offset + len(bare)))
            lines[n] = " " * len(bare) + line[len(bare) :]
        offset += len(line)
    return "".join(lines), blanked


def _before_comment(line: str, quote: str, comments: tuple[str, ...]) -> str:
    """Return a line up to a comment; what begins one within a string does not count."""
    marks = [n for mark in comments for n in _places(line, mark) if line.count(quote, 0, n) % 2 == 0]
    return line[: min(marks, default=len(line))]


def _places(line: str, mark: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(mark), line)]
