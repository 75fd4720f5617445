"""What the sentences of the article mean: reviewed data, and no grammar of English.

In: ``reviewed.json``, one line a sentence that a person has looked at. Out: ``Reviewed``, which is asked for each
sentence of a page what it means at the place where it stands. What it does not know is held by its reader.

A sentence has no text here, only a digest (the article's words stay out of the repository). Digested is the sentence
folded (case, blanks and code marks taken away; the marks of pictures and struck words are kept) **and the one before
it in its block**, for "However, this rule isn't required" means nothing without it. A block is a description cell, a
note in a cell, a paragraph, a list item or a code block.

An entry holds at the places that it names, and nowhere else:

| place                                | what stands there                                                     |
| ------------------------------------ | --------------------------------------------------------------------- |
| ``AzureCloud/core/any:udp-1194``     | the description of a row; as the id of its rule, with ``*`` for the   |
|                                      | cloud where nothing on the page names one                             |
| ``AzureCloud/core/set:CustomDNSIP:53`` | a note beside a destination, with the port that this carries itself |
| ``*/core``                           | a line of the section; ``*/article`` where no heading names a feature |

| key           | what it says                                                                                     |
| ------------- | ------------------------------------------------------------------------------------------------ |
| ``beside``    | the places where the sentence means what the entry says; nothing at all, where it says no more   |
| ``ignored``   | places where it stands and means nothing, although it does elsewhere                             |
| ``undecided`` | places where nobody has decided yet: it means nothing there, and is held                         |
| ``since``     | the day of the page on which it first stood                                                      |
| ``gist``      | what it says, in our own words; only where it means something                                    |
| the rest      | ``conditions``, ``constraints``, a ``level``, ``replaced_by`` (rule ids, old to new), ``days``    |
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

from pydantic import PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.model import Cloud, Condition, Constraint, Effect, Feature, Level, When
from scraper.page.marks import CODE_EDGE

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_DIGEST: Final = re.compile(r"[0-9a-f]{24}")
ANY_CLOUD: Final = "*"


class ReviewedError(AksEgressError):
    """The table of reviewed sentences cannot be used."""


class Sentence(NamedTuple):
    """One sentence of a block, as it stands there, and what the table knows it by."""

    text: str
    digest: str


@lru_cache(maxsize=4096)
def sentences(block: str) -> tuple[Sentence, ...]:
    """Cut a block of text into sentences, each digested with the one before it.

    >>> [sentence.text for sentence in sentences("Needed for pods. However, not everywhere.")]
    ['Needed for pods.', 'However, not everywhere.']
    """
    found: list[Sentence] = []
    before = ""
    for text in _SENTENCE_END.split(" ".join(block.replace(CODE_EDGE, "").split())):
        folded = text.casefold()
        if text:
            found.append(Sentence(text, hashlib.sha256(f"{before}\n{folded}".encode()).hexdigest()[:24]))
        before = folded
    return tuple(found)


def _condition(text: object) -> Condition:
    effect, _, when = str(text).partition(":")
    return Condition(effect=Effect(effect), when=When(when))


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day that a sentence names; ``cloud`` and ``feature`` are empty where it concerns every one of them."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  - pydantic reads it from the class

    date: dt.date
    cloud: Cloud | None = None
    feature: Feature | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What one sentence means at the places that the entry names."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  - pydantic reads it from the class

    digest: str
    since: dt.date
    beside: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    conditions: tuple[Annotated[Condition, PlainValidator(_condition), PlainSerializer(str)], ...] = ()
    constraints: tuple[Constraint, ...] = ()
    level: Level | None = None
    replaced_by: dict[str, str] = field(default_factory=dict)
    days: tuple[Day, ...] = ()
    gist: str = ""

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"{self.digest!r} is no digest of a sentence")
        places = [*self.beside, *self.ignored, *self.undecided]
        if not places or len(set(places)) < len(places):
            raise ValueError(f"{self.digest} must name each place once, and one at least")
        if self.means_something != bool(self.gist):
            raise ValueError(f"{self.digest} must have a gist where it means something, and only there")

    @property
    def means_something(self) -> bool:
        """Whether the sentence changes a rule, or names a day."""
        return bool(self.conditions or self.constraints or self.level or self.replaced_by or self.days)


NOTHING: Final = Entry(digest="0" * 24, since=dt.date.min, beside=("*/article",))
"""What a sentence means that was reviewed and means nothing for the rules."""


@dataclass(frozen=True)
class Reviewed:
    """The table: entries by digest."""

    entries: Mapping[str, Entry]

    def meaning(self, sentence: Sentence, place: str) -> Entry | None:
        """What a sentence means at a place; ``None`` where nobody has reviewed it there."""
        entry = self.entries.get(sentence.digest)
        if entry is None:
            return None
        if place in entry.beside:
            return entry
        return NOTHING if place in entry.ignored else None


_ENTRIES: Final = TypeAdapter(tuple[Entry, ...])


def read_reviewed(text: str) -> Reviewed:
    """Read the table.

    Raises:
        ReviewedError: it is no table, has two entries of one sentence, or a key or value that is not known.
    """
    try:
        entries = _ENTRIES.validate_json(text)
    except ValidationError as error:
        raise ReviewedError("; ".join(_faults(error, text))) from error
    twice = [digest for digest, count in Counter(entry.digest for entry in entries).items() if count > 1]
    if twice:
        raise ReviewedError(f"reviewed.json has two entries of {', '.join(sorted(twice))}; keep one of each")
    return Reviewed({entry.digest: entry for entry in entries})


def _faults(error: ValidationError, text: str) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        if fault["loc"] and isinstance(fault["loc"][0], int):
            named = json.loads(text)[fault["loc"][0]]
            digest = named.get("digest", "without a digest") if isinstance(named, dict) else "that is none"
            key = ".".join(map(str, fault["loc"][1:]))
            yield f"reviewed.json, entry {fault['loc'][0] + 1} ({digest}){key and f', {key}'}: {fault['msg']}"
        else:
            yield f"reviewed.json: {fault['msg']}"


def reviewed_json(entries: Iterable[Entry]) -> str:
    """Write the table: one sorted line an entry, so that a pull request shows each that came."""
    written = _ENTRIES.dump_python(tuple(sorted(entries, key=lambda entry: entry.digest)), mode="json")
    lines = [json.dumps({key: value for key, value in one.items() if value}, ensure_ascii=False) for one in written]
    return "[\n" + ",\n".join(lines) + "\n]\n"
