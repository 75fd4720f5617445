"""A query has to fit where it goes: what is left out of the answers, step by step, until it does. Verdicts stay.

======  =====================================================================================
step
======  =====================================================================================
0       nothing
1       why something is not needed, not listed or retired is not said
2       nor which rules that are not the cluster's stand behind it
3       what many patterns share is written once, and put back by the query
4       why anything is needed is not said either, but for a handshake without a name
======  =====================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql.rows.row import Row, Tier
from aks_egress_catalog.logs.kql.rows.unnamed import NAMELESS
from aks_egress_catalog.logs.kql.writing.literals import quote

STEPS: Final = range(5)
_SOME: Final = "Shortened: says why, and names rules, only of what is needed."
WORDS: Final = ("", _SOME, _SOME, _SOME, "Shortened: says no reasons, and names rules only of what is needed.")
"""What the head of a query says of each step."""
ABBREVIATED: Final = 3
_MARKS: Final = "!$%&+;=?^~"
"""Characters that no host and no pattern has."""
_COST: Final = len('replace_string(, "!", "")')
_SHORTEST, _LONGEST = 4, 40
_TOLD: Final = frozenset((Tier.YES, Tier.KNOWN_GAP))


def lean(rows: Iterable[Row], step: int) -> list[Row]:
    """Leave out of rows what a step leaves out."""
    return [_lean(row, step) for row in rows]


def _lean(row: Row, step: int) -> Row:
    if step == STEPS[-1] and row.pattern != NAMELESS:  # what to do about that nobody guesses
        row = row._replace(reason="")
    if row.tier in _TOLD or row.verdict is Verdict.UNNAMED or not step:
        return row
    return row._replace(reason="", rules=row.rules if step == 1 else ())


def abbreviate(texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Put a mark in the place of what recurs; also return the expression that puts it back into ``Patterns``.

    >>> texts, expression = abbreviate([f"{name}.handler.control.azure.com" for name in ("one", "two", "three")])
    >>> texts[0], expression
    ('one!', 'replace_string(Patterns, "!", ".handler.control.azure.com")')
    """
    text, expression = "\n".join(texts), "Patterns"
    marks: list[tuple[str, str]] = []
    for mark in _MARKS:
        found = _most_worth(text)
        if mark in text or not found:
            break
        text = text.replace(found, mark)
        marks.append((mark, found))
    for mark, found in reversed(marks):
        expression = f"replace_string({expression}, {quote(mark)}, {quote(found)})"
    return text.split("\n"), expression


def _most_worth(text: str) -> str:
    """Give the part of words that saves most if it is written once; empty where none saves anything."""
    found: Counter[str] = Counter()
    for word in text.split():
        found.update(
            word[start:end]
            for start in range(len(word))
            for end in range(start + _SHORTEST, min(len(word), start + _LONGEST) + 1)
        )
    worth = {part: count * (len(part) - 1) - len(part) - _COST for part, count in found.items() if count > 1}
    best = max(worth, key=lambda part: (worth[part], part), default="")
    return best if best and worth[best] > 0 else ""
