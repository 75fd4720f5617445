"""Which pages the handbook has, in which order: the links in the lists of its start page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from markdown_it import MarkdownIt

_DOCUMENT: Final = re.compile(r"[a-z0-9-]+\.md\Z")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One page: the heading of the start page that it stands under (empty: the start page), and its file."""

    section: str
    file: str


def chapters_of(start: str) -> tuple[Chapter, ...]:
    r"""Give the chapters that a start page lists, each once, in its order.

    Only links in lists count, and of these only those to documents of the same folder.

    >>> chapters_of("# Docs\n\n## Do\n\n- [Lint](linting.md): a list\n- [Code](../README.md)\n")
    (Chapter(section='Do', file='linting.md'),)
    """
    found: dict[str, Chapter] = {}
    section, in_heading, depth = "", False, 0
    for token in MarkdownIt("commonmark").parse(start):
        in_heading = token.type == "heading_open" or (in_heading and token.type != "heading_close")
        depth += token.nesting if token.type.startswith("bullet_list") else 0
        if token.type != "inline":
            continue
        if in_heading:
            section = token.content
        for child in (token.children or ()) if depth else ():
            target = str(child.attrGet("href") or "")
            if child.type == "link_open" and _DOCUMENT.match(target):
                found.setdefault(target, Chapter(section=section, file=target))
    return tuple(found.values())


def page_path(file: str) -> str:
    """Where the page of a document is.

    >>> page_path("README.md"), page_path("linting.md")
    ('docs/index.html', 'docs/linting.html')
    """
    stem = PurePosixPath(file).stem
    return f"docs/{'index' if stem == 'README' else stem}.html"
