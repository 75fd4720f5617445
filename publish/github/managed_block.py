"""The part of a body on GitHub that is ours, between two markers; the rest belongs to people and stays.

    Words of a person.
    <!-- aks-egress-catalog:begin facts=1f version=2026.8.1 -->
    Our text.
    <!-- aks-egress-catalog:end -->
    More words of a person.

The marks (``facts=1f``) let a later run see what the text was made from, without any state of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BEGIN: Final = re.compile(r"<!-- aks-egress-catalog:begin((?: [a-z]+=[0-9a-z.]+)*) -->")
_END: Final = "<!-- aks-egress-catalog:end -->"


@dataclass(frozen=True, kw_only=True)
class ManagedBlock:
    r"""Our text, and what is remembered of it: ``facts=…`` and the like, each a word of digits and letters.

    >>> block = ManagedBlock(marks={"facts": "1f"}, text="hello")
    >>> ManagedBlock.of(block.within("before\n")) == block
    True
    """

    marks: dict[str, str]
    text: str

    @classmethod
    def of(cls, body: str) -> ManagedBlock | None:
        """Find our part of a body; ``None`` where a person took it out."""
        begin = _BEGIN.search(body)
        end = body.find(_END)
        if begin is None or end < begin.end():
            return None
        marks = dict(mark.split("=") for mark in begin.group(1).split())
        return cls(marks=marks, text=body[begin.end() : end].strip("\n"))

    def within(self, body: str) -> str:
        """Put our part into a body in the place of an earlier one, or after what people wrote."""
        marks = "".join(f" {name}={value}" for name, value in sorted(self.marks.items()))
        text = self.text.replace("<!--", "< !--")  # a page that quotes our markers must not move them
        ours = f"<!-- aks-egress-catalog:begin{marks} -->\n{text}\n{_END}"
        begin, end = _BEGIN.search(body), body.find(_END)
        if begin is None or end < begin.end():
            return f"{body.rstrip()}\n\n{ours}".lstrip()
        return body[: begin.start()] + ours + body[end + len(_END) :]
