"""The parts of a body on GitHub that are ours, each between two markers; the rest belongs to people and stays.

    Words of a person.
    <!-- aks-egress-catalog:begin facts=1f version=2026.8.1 -->
    Our text.
    <!-- aks-egress-catalog:end -->
    More words of a person.

The marks (``facts=1f``) let a later run see what the text was made from, without any state of its own. A body may have
several parts, told apart by their mark ``part``: each workflow writes its own and leaves the others alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_END: Final = "<!-- aks-egress-catalog:end -->"
_BLOCK: Final = re.compile(
    rf"<!-- aks-egress-catalog:begin((?: [a-z]+=[0-9a-z.]+)*) -->(.*?){re.escape(_END)}", re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class ManagedBlock:
    r"""Our text, and what is remembered of it: ``facts=…`` and the like, each a word of digits and letters.

    >>> block = ManagedBlock(marks={"facts": "1f"}, text="hello")
    >>> ManagedBlock.of(block.within("before\n")) == block
    True
    """

    marks: dict[str, str]
    text: str

    @property
    def part(self) -> str:
        """What tells it from other blocks of the same body; empty where there is only one."""
        return self.marks.get("part", "")

    @classmethod
    def of(cls, body: str, part: str = "") -> ManagedBlock | None:
        """Find a part of ours in a body; ``None`` where there is none, or a person took it out."""
        return next((block for block in cls.all_of(body) if block.part == part), None)

    @classmethod
    def all_of(cls, body: str) -> list[ManagedBlock]:
        """All parts of a body that are ours, in their order."""
        return [block for block, _, _ in _blocks(body)]

    def within(self, body: str) -> str:
        """Put our part into a body in the place of an earlier one, or after everything else."""
        marks = "".join(f" {name}={value}" for name, value in sorted(self.marks.items()))
        text = self.text.replace("<!--", "< !--")  # a page that quotes our markers must not move them
        ours = f"<!-- aks-egress-catalog:begin{marks} -->\n{text}\n{_END}"
        for block, start, end in _blocks(body):
            if block.part == self.part:
                return body[:start] + ours + body[end:]
        return f"{body.rstrip()}\n\n{ours}".lstrip()


def _blocks(body: str) -> Iterator[tuple[ManagedBlock, int, int]]:
    """Each part of ours with its place in the body."""
    for found in _BLOCK.finditer(body):
        marks = dict(mark.split("=") for mark in found[1].split())
        yield ManagedBlock(marks=marks, text=found[2].strip("\n")), found.start(), found.end()
