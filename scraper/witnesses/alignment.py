"""Which row of a translated page is which row of the en-us page.

In: the rule tables of both pages as ``MachineRow``s. Out: pairs ``(en-us row, translated row)``; a row without a
partner stands beside ``None``.

Rows carry no name that survives translation, so they are paired by likeness. Place alone will not do: a page
translated last year lacks the rows added since, and every later row is then one off. Equal cells alone will not do
either: machine translation writes ``* . hcp.Azmk8s.io``, or Cyrillic letters into a host. So each pair of rows has a
likeness, the order of the page is kept, and among all pairings in order the one with the greatest sum is taken
(the recurrence of a longest common subsequence). Tables are paired first in the same way, then the rows inside.

| likeness of two rows  | when                                                                         |
| --------------------- | ---------------------------------------------------------------------------- |
| 1.1                   | equal tokens and equal port: one host may have a row for each port |
| 1.0                   | equal tokens                                                                 |
| 0.9                   | equal but for marks inside the tokens, such as a lost hyphen                 |
| 0.4 to 0.5            | the translated cell is visibly damaged, and four letters in five agree       |
| ``SAME_PLACE``: 0.25  | it is damaged past reading, and stands in the same place of its table        |
| 0 (never paired)      | anything else: another host in a clean cell is another rule                  |

Example: en-us has the rows ``a.com``, ``b.com``, ``c.com``, the translated page ``a.com``, ``C . com``. The pairs
are (a, a), (b, None), (c, C): the token of ``C . com`` is ``c.com``, so row 2 goes with row 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeVar

from scraper.cells.table_words import Column
from scraper.witnesses.machine_rows import MachineRow, MachineTables, plain_port

SAME_PLACE: Final = 0.25
"""Likeness of a row whose cell is past reading to the one in its place: enough to report it, not to take its text."""
_ALIKE: Final = 0.8
"""From here on two machine cells are taken for one, one of them damaged."""

RowPair = tuple[MachineRow | None, MachineRow | None]
_T = TypeVar("_T")


def pair_rows(authority: MachineTables, translated: MachineTables) -> list[RowPair]:
    """Pair the rows of two pages, en-us first; all rows of a table without a partner have none."""
    return [
        pair
        for ours, theirs in _pair_in_order(authority, translated, _likeness_of_tables)
        for pair in _pair_in_order(ours or (), theirs or (), likeness_of_rows)
    ]


def _pair_in_order(
    ours: Sequence[_T], theirs: Sequence[_T], likeness: Callable[[_T, _T], float]
) -> list[tuple[_T | None, _T | None]]:
    """Pair two sequences in order so that the sum of likeness is greatest; a likeness of 0 never pairs."""
    table = [[likeness(one, other) for other in theirs] for one in ours]
    best = _best_sums(table, len(theirs))
    pairs: list[tuple[_T | None, _T | None]] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if table[i][j] and best[i][j] == table[i][j] + best[i + 1][j + 1]:
            pairs.append((ours[i], theirs[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((ours[i], None))
            i += 1
        else:
            pairs.append((None, theirs[j]))
            j += 1
    return pairs + [(one, None) for one in ours[i:]] + [(None, other) for other in theirs[j:]]


def _best_sums(table: list[list[float]], width: int) -> list[list[float]]:
    """``best[i][j]`` is the greatest sum of likeness between ``ours[i:]`` and ``theirs[j:]``; filled from the end."""
    best = [[0.0] * (width + 1) for _ in range(len(table) + 1)]
    for i in reversed(range(len(table))):
        for j in reversed(range(width)):
            paired = table[i][j] + best[i + 1][j + 1] if table[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    return best


def _likeness_of_tables(ours: tuple[MachineRow, ...], theirs: tuple[MachineRow, ...]) -> float:
    """Count the rows that two tables share; a common heading is worth half a row."""
    same_heading = bool(ours and theirs and ours[0].parent == theirs[0].parent)
    shared = len({row.tokens for row in ours} & {row.tokens for row in theirs})
    return shared + (0.5 if same_heading else 0.0)


def likeness_of_rows(ours: MachineRow, theirs: MachineRow) -> float:
    """Rate how surely two rows are one, by the table at the head of this file."""
    if ours.tokens == theirs.tokens:
        return 1.0 + 0.1 * (plain_port(ours.cell(Column.PORT)) == plain_port(theirs.cell(Column.PORT)))
    if _letters(ours) == _letters(theirs):
        return 0.9
    if not _is_damaged(theirs):
        return 0.0
    ratio = SequenceMatcher(None, " ".join(ours.tokens), " ".join(theirs.tokens), autojunk=False).ratio()
    if ratio >= _ALIKE:
        return ratio / 2
    return SAME_PLACE if ours.place.row == theirs.place.row else 0.0


def _letters(row: MachineRow) -> list[str]:
    """The tokens without their marks: a lost hyphen is damage, another host is not."""
    return [re.sub(r"\W", "", token) for token in row.tokens]


def _is_damaged(row: MachineRow) -> bool:
    """Letters that no host can have show that translation changed the cell."""
    return not row.tokens or any(not token.isascii() or token.startswith(".") or ".." in token for token in row.tokens)


def differing_columns(ours: MachineRow, theirs: MachineRow) -> Iterator[Column]:
    """Name the machine columns in which two paired rows differ in meaning."""
    if _with_stars(ours) != _with_stars(theirs):
        yield Column.DESTINATION
    for column in (Column.PROTOCOL, Column.PORT):
        if plain_port(ours.cell(column)) != plain_port(theirs.cell(column)):
            yield column


def _with_stars(row: MachineRow) -> list[str]:
    """The tokens as the page means them: a leading ``.x`` is ``*.x``."""
    return sorted("*" + token if token.startswith(".") else token for token in row.tokens)
