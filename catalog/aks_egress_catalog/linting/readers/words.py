"""Words of a line with their places, and a reading in the making: what all readers of lines share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from aks_egress_catalog.linting.entry import Entry, Form, ListRule, Place, Reading, Unread
from aks_egress_catalog.linting.source import Source

T = TypeVar("T")
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\S+', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LONGEST_QUOTE: Final = 80


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a file. ``start`` and ``end`` are those of the literal without its quotes."""

    text: str
    start: int
    end: int
    source: Source
    quoted: bool = False

    @property
    def place(self) -> Place:
        """Where the word stands."""
        return self.source.place(self.start, self.end)


def words(source: Source, start: int, line: str, *, comment: str = "#") -> Iterator[Word]:
    """Yield the words of a line that begins at an offset: words in quotes are one; a comment begins with a word.

    >>> [word.text for word in words(Source("a", ""), 0, 'set name "a b" # why')]
    ['set', 'name', 'a b']
    """
    for found in _WORD.finditer(line):
        inner = found[1]
        if inner is not None:
            text = _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner
            yield Word(text, start + found.start(1), start + found.end(1), source, quoted=True)
            continue
        text = found[0]
        if comment and text.startswith(comment):
            return
        yield Word(text, start + found.start(), start + found.end(), source)


def short(text: str) -> str:
    """Quote a text as far as one reads, with what cannot be seen escaped.

    >>> short("a" * 100) == "'" + "a" * 80 + "…'"
    True
    """
    return ascii(text) if len(text) <= _LONGEST_QUOTE else f"{ascii(text[:_LONGEST_QUOTE])[:-1]}…'"


def parted(values: Iterable[T], test: Callable[[T], bool]) -> tuple[tuple[bool, list[T]], ...]:
    """Part values by a test: those that fail and those that pass, each with the answer; none that has no value.

    >>> parted([1, 2, 3], lambda one: one > 1)
    ((False, [1]), (True, [2, 3]))
    """
    found: dict[bool, list[T]] = {False: [], True: []}
    for value in values:
        found[test(value)].append(value)
    return tuple((answer, group) for answer, group in found.items() if group)


class Draft:
    """A reading in the making."""

    def __init__(self, source: Source, form: str) -> None:
        self.source = source
        self.reading = Reading(path=source.path, format=form)

    def entry(self, word: Word, form: Form, pattern: str, rule: ListRule, fault: str = "") -> None:
        """Add an entry for a word."""
        self.reading.entries.append(
            Entry(
                value=word.source.text[word.start : word.end] or word.text,
                form=form,
                pattern=pattern,
                place=word.place,
                rule=rule,
                fault=fault,
            )
        )

    def unread(self, word: Word, message: str, *, may_allow: bool = True, policy: str = "") -> None:
        """Add what could not be evaluated."""
        self.reading.unread.append(
            Unread(place=word.place, message=message, value=word.text[:200], may_allow=may_allow, policy=policy)
        )
