"""Tables of reviewed sentences for tests that are about something else than sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scraper.build import shipped_reviewed
from scraper.language.reviewed import NOTHING, Entry, Reviewed, Sentence


@dataclass(frozen=True)
class AllReviewed(Reviewed):
    """Every sentence was reviewed: ``said`` says what some mean, anywhere, and what is in no table means nothing."""

    said: Mapping[str, Entry] = field(default_factory=dict)

    def meaning(self, sentence: Sentence, place: str) -> Entry:
        return self.said.get(sentence.text) or super().meaning(sentence, place) or NOTHING


def entry(digest: str = "0" * 24, *beside: str, **meaning: Any) -> Entry:
    """An entry of the table."""
    return Entry(digest=digest, since=dt.date(2026, 7, 2), beside=beside or ("*/article",), gist="A gist.", **meaning)


def reviewed(said: Mapping[str, Entry] | None = None) -> AllReviewed:
    """The shipped table, to which every other sentence is added: as one of ``said``, or as one that means nothing."""
    return AllReviewed(shipped_reviewed().entries, said or {})


ALL_REVIEWED: Final = reviewed()
