"""JSON with the places of its strings: parsed by Python's own, then found again in the text, in their order."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.readers.words import Word
from aks_egress_catalog.linting.source import Source

_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def loads(source: Source) -> Any:
    """Parse a text.

    Raises:
        InputError: it is no JSON, or nested too deep.
    """
    try:
        return json.loads(source.text)
    except RecursionError as error:
        raise InputError(f"{source.path} cannot be read: it is nested too deep") from error
    except ValueError as error:
        raise InputError(f"{source.path} cannot be read as JSON: {error}") from error


class Strings:
    """Finds strings in a text, each behind the one before: they are asked for in the order in which they stand."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def skip_key(self, key: str) -> None:
        """Go behind the next time that a key stands there."""
        found = re.compile(rf'"{re.escape(key)}"\s*:').search(self._source.text, self._at)
        self._at = found.end() if found else self._at

    def next(self, value: str) -> Word:
        """Find the next string of a value; where it is written in another way, the place is where the search began."""
        at = self._source.text.find(f'"{value}"', self._at)
        if at >= 0:
            self._at = at + len(value) + 2
            return Word(value, at + 1, at + 1 + len(value), self._source)
        for found in _STRING.finditer(self._source.text, self._at):
            if "\\" in found[1] and json.loads(found[0], strict=False) == value:
                self._at = found.end()
                return Word(value, found.start(1), found.end(1), self._source)
        return Word(value, self._at, self._at, self._source)
