"""The files of an allow list: where their text comes from, and which others lie beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file of a list: its path as the user gave it, and its text."""

    path: str
    text: str

    def beside(self, *patterns: str) -> Iterator[Source]:
        """Yield the other files of the same folder whose names match, sorted; none for text without a folder."""
        own = Path(self.path)
        if not own.is_file():
            return
        for file in sorted(own.parent.iterdir()):
            if file.name != own.name and any(fnmatch(file.name, one) for one in patterns):
                yield Source(path=str(file), text=file.read_text(encoding="utf-8-sig", errors="replace"))
