"""One edit: a span of a text, and what is to stand there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aks_egress_catalog.linting.mending.words import CannotEditError


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in the place of the characters from ``start`` up to ``end``; where both are one, between two."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with all edits, whose spans are those of the text as it was; of two at one place, in their order.

    Raises:
        CannotEditError: two of them overlap.

    >>> edited("a c", [Edit(1, 1, " b"), Edit(2, 3, "d")])
    'a b d'
    """
    pieces: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if edit.start < done:
            raise CannotEditError("two edits are for one place")
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*pieces, text[done:]))
