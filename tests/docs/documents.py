"""The documents with what can be run in them: README.md and docs/, block by block, as Markdown has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS: Final = [ROOT / "README.md", *DOCS]
_TITLE: Final = re.compile(r'\btitle="?([\w./-]+)"?')


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of code: its language (empty where it is indented), the file that it is, its text, and its line."""

    language: str
    title: str
    text: str
    line: int

    @property
    def is_console(self) -> bool:
        """Whether it is typed into a shell, with prompts."""
        return self.language == "console" or (not self.language and self.text.startswith("$ "))


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(document: Path) -> Iterator[Block]:
    """Give the blocks of a document, in their order."""
    for token in MarkdownIt("commonmark").parse(text_of(document)):
        if token.type in ("fence", "code_block"):
            language, _, rest = token.info.strip().partition(" ")
            named = _TITLE.search(rest)
            line = token.map[0] + 1 if token.map else 0
            yield Block(language=language, title=named[1] if named else "", text=token.content, line=line)
