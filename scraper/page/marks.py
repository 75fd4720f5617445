"""The private-use marks that the page reader leaves in a text, and how such a text is cleaned and shown.

A cell or line leaves the page reader as one text, and markup that changes its meaning must not vanish on the way. Four
letters of Unicode's private use area stand for it. A parallel structure of markup would say the same, but every
regular expression of the cells would then have to look at two things; a mark is simply a letter that no host has.

| mark       | letter | stands for                                | example                | its readers             |
| ---------- | ------ | ----------------------------------------- | ---------------------- | ----------------------- |
| CODE_EDGE  | U+E000 | an edge of ``code``, ``sup`` or ``sub``   | ``<code>a.com</code>`` | cells: two spans that   |
|            |        |                                           |                        | touch are two values    |
| UNREADABLE | U+E001 | what no text can hold: a picture, a field | ``<img src="a.png">``  | cells: an error         |
| LOST_TABLE | U+E002 | a table that text or a cell swallows      | ``<p><b><table>``      | cells, lines: an error  |
| WITHDRAWN  | U+E003 | words that are struck out or hidden       | ``<del>a.com</del>``   | cells: an error;        |
|            |        |                                           |                        | text, headings: a hold  |

The page's own text cannot bring a mark in: ``page.py`` replaces these letters before it parses.
``clean`` and ``words_of`` take the marks off again, ``show`` writes them as ``…`` in a message.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CODE_EDGE: Final = "\ue000"
UNREADABLE: Final = "\ue001"
LOST_TABLE: Final = "\ue002"
WITHDRAWN: Final = "\ue003"
_MARKS: Final = re.compile(f"[{CODE_EDGE}{UNREADABLE}{LOST_TABLE}{WITHDRAWN}]")


def words_of(text: str) -> str:
    """The words of a text, without marks and with single blanks."""
    return " ".join(_MARKS.sub("", text).split())


def clean(text: str, *, edge: str = "") -> str:
    """Drop code edges and fold white space."""
    return " ".join(text.replace(CODE_EDGE, edge).split())


def show(text: str) -> str:
    """Quote page text for a message; whatever is invisible is spelled out."""
    return repr(_MARKS.sub("…", clean(text)))


def strange_letter(text: str) -> str:
    """Name the first character that is not printable ASCII."""
    if _MARKS.search(text.replace(CODE_EDGE, "")):
        return "a picture, struck-out or hidden text, or a table"
    for letter in text:
        if not " " <= letter <= "~":
            name = unicodedata.name(letter, "a control character")
            return f"U+{ord(letter):04X} ({name})"
    return ""
