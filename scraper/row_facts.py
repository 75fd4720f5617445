"""The common language of the two witnesses: what a row states, and which words stand under which heading."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_PICTURE: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
_WORD: Final = re.compile(rf"[^\W_]+|[\ue001-\ue003{_PICTURE}]")
"""A word, or a mark for what no text can hold."""
_ALERT_TITLES: Final = frozenset(("note", "important", "tip", "warning", "caution"))


class Fact(NamedTuple):
    """One destination in its flat form with one port, in the cloud that the row names.

    ``destination`` is what ``str(Destination)`` gives: ``*.hcp.{region}.azmk8s.io``, ``*``,
    ``tag:AzureMonitor``, ``set:RegionCIDRs``, ``cidr:192.0.2.0/24``. ``protocol`` is ``TCP`` or ``UDP``;
    both it and ``port`` are empty and 0 where the row states none.
    """

    destination: str
    protocol: str
    port: int
    application: str = ""
    cloud: str = ""


class RowFacts(NamedTuple):
    """What one table row states. Tables count from 1 under their nearest heading, rows from 1.

    ``joined`` is the destinations of which any one will do, where a rule has several; ``use`` is the words of the
    description and of the notes beside the destinations, from which the conditions follow.
    """

    heading: str
    table: int
    row: int
    facts: frozenset[Fact]
    joined: frozenset[frozenset[str]] = frozenset()
    use: str = ""


@lru_cache(maxsize=2048)
def words_alone(text: str) -> str:
    """The words of a text, without what dresses or separates them; nothing for the title of a box.

    >>> words_alone("Needed for **`konnectivity-agent`**."), words_alone("Note")
    ('needed for konnectivity agent', '')
    """
    words = " ".join(_WORD.findall(text.casefold().replace("\ue001", _PICTURE)))
    return "" if words in _ALERT_TITLES else words
