"""The text of a cell: the marks that the page reader leaves in it, and how it is shown to a person."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CODE_EDGE: Final = "\ue000"
"""Stands in a cell's text where a code mark begins or ends: `a``b` are two values, not one."""
UNREADABLE: Final = "\ue001"
"""Stands where a cell holds what no text can say, such as an image."""
LOST_TABLE: Final = "\ue002"
"""Stands in a text for a table that running text swallowed."""
WITHDRAWN: Final = "\ue003"
"""Stands for words that are struck out or hidden: on the page, but not said."""
_MARKS: Final = re.compile(f"[{CODE_EDGE}{UNREADABLE}{LOST_TABLE}{WITHDRAWN}]")


def words_of(text: str) -> str:
    """What a text says, without the reader's marks."""
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
