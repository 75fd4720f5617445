"""What a search finds in a document: its sections, each with the words in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

_WORD: Final = re.compile(r"[^\W_][\w-]{3,}[^\W_]")
_CODE: Final = re.compile(r"\S{2,30}\Z")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with what stands below it, up to the next one.

    ``anchor`` is empty for what stands first, under the title of the document. ``words`` are those of its text,
    ``code`` is what is written as code, with its signs; both in lower case.
    """

    anchor: str
    title: str
    words: set[str] = field(default_factory=set)
    code: set[str] = field(default_factory=set)


def sections_of(tokens: Sequence[Token]) -> tuple[Section, ...]:
    """Part a document, whose headings have their anchors and titles, at every heading; blocks of code say nothing."""
    found = [Section(anchor="", title="")]
    for token in tokens:
        if token.type == "heading_open":
            title = str(token.meta["title"])
            is_first = token.tag == "h1"
            found.append(Section(anchor="" if is_first else str(token.attrGet("id")), title=title))
        for child in token.children or ():
            if child.type != "code_inline":
                found[-1].words.update(_WORD.findall(child.content.lower()))
            elif _CODE.match(child.content):
                found[-1].code.add(child.content.lower())
    return tuple(one for one in found if one.title)
