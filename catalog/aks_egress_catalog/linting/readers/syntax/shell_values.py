"""Words of a script in, values out: what the variables are that the script itself assigns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from aks_egress_catalog.linting.entry import HOLE
from aks_egress_catalog.linting.readers.syntax.positions import Positions
from aks_egress_catalog.linting.readers.syntax.shell import Variable, Word, assignment
from aks_egress_catalog.linting.readers.values.known import REGION, is_region_name
from aks_egress_catalog.linting.tree import Text

_MOST_VALUES: Final = 2000
_LONGEST_TEXT: Final = 4096
_LIST: Final = re.compile(r"\[(.*)\]", re.DOTALL)
_LISTED: Final = re.compile(r"[^\s,'\"]+")
_WORD: Final = re.compile(r"\S+")


class ShellValues:
    """The variables of one script, as far as it was read; a loop makes a variable with several values."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._variables: dict[str, list[Text]] = {}

    def assign(self, words: list[Word]) -> bool:
        """Take an assignment or the head of a loop in; say whether it was one."""
        texts = [one.plain for one in words]
        if len(words) > 3 and texts[0] == "for" and texts[2] == "in" and texts[1]:
            self._variables[texts[1]] = [value for one in words[3:] for value in self.values(one)]
            return True
        found = assignment(words) or _in_powershell(words)
        if found is None:
            return False
        name, is_added, values = found
        made = [value for one in values for value in self._whole(one)]
        self._variables[name] = [*(self._variables.get(name, []) if is_added else []), *made]
        return True

    def values(self, word: Word) -> Iterator[Text]:
        """Yield what a word is worth as an argument: several, where it is a list, or a variable with spaces in it."""
        for text in self._whole(word):
            is_one_variable = len(word.pieces) == 1 and isinstance(word.pieces[0], Variable)
            listed = _LIST.fullmatch(text.value)
            if listed and HOLE not in text.value:
                yield from self._parts(text, _LISTED, listed.start(1), listed.end(1))
            elif is_one_variable and not word.is_quoted and " " in text.value.strip():
                yield from self._parts(text, _WORD, 0, len(text.value))
            else:
                yield text

    def _whole(self, word: Word) -> Iterator[Text]:
        start, end = (word.start + 1, word.end - 1) if word.is_quoted else (word.start, word.end)
        place, written = self._positions.place(start, end), self._positions.text[start:end]
        if len(word.pieces) == 1 and isinstance(word.pieces[0], Variable):
            known = self._variable(word.pieces[0])
            yield from known or [Text(value=self._unknown(word.pieces[0]), place=place, written=written)]
            return
        choices = [[one] if isinstance(one, str) else self._texts(one) for one in word.pieces]
        for pieces in islice(product(*choices), _MOST_VALUES):
            value = "".join(pieces)
            yield Text(
                value=value if len(value) <= _LONGEST_TEXT else HOLE,
                place=place,
                written=written if written != value else "",
            )

    def _variable(self, variable: Variable) -> list[Text]:
        """Return the values of a variable that the script assigns. What it has of a command is not known."""
        found = self._variables.get(variable.name, [])
        if is_region_name(variable.name) and all(one.value.replace(HOLE, "") == "" for one in found):
            return []
        return found

    def _texts(self, variable: Variable) -> list[str]:
        return [one.value for one in self._variable(variable)] or [self._unknown(variable)]

    def _unknown(self, variable: Variable) -> str:
        if variable.default:
            return variable.default
        return REGION if is_region_name(variable.name) else HOLE

    def _parts(self, text: Text, pattern: re.Pattern[str], start: int, end: int) -> Iterator[Text]:
        for found in pattern.finditer(text.value, start, end):
            place = text.place
            if not text.written:  # as it stands in the script, so that each part has a place of its own
                place = self._positions.place(text.place.start + found.start(), text.place.start + found.end())
            yield Text(value=found[0], place=place, written=text.written)


def _in_powershell(words: list[Word]) -> tuple[str, bool, list[Word]] | None:
    """Return ``$NAME = value`` as an assignment."""
    if len(words) > 2 and words[1].plain == "=" and len(words[0].pieces) == 1:
        variable = words[0].pieces[0]
        return (variable.name, False, words[2:]) if isinstance(variable, Variable) else None
    return None
