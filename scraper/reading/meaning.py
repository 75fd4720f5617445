"""What the sentences of one text mean for the rules beside it, and a hold for each that nobody has reviewed there.

In: the text of a description, a note or a line, and the places beside which it stands. Out: for each place what the
entries of ``reviewed.json`` say there. Nothing else on the page gives a meaning: so a rule never loses anything to a
sentence that nobody has reviewed beside that very rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from aks_egress_catalog.model import Condition, Constraint, Level
from scraper.findings import Reporter, Unreviewed
from scraper.language.reviewed import ANY_CLOUD, Entry, Reviewed, Sentence, sentences
from scraper.page.marks import UNREADABLE, WITHDRAWN, show, words_of

_ALERT_TITLES: Final = frozenset(("note", "important", "tip", "warning", "caution"))
"""Titles of boxes are no sentences."""


class Meaning(NamedTuple):
    """What one text states at one place."""

    conditions: tuple[Condition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    level: Level | None = None


NO_MEANING: Final = Meaning()


class Found(NamedTuple):
    """An entry that holds at a place of this page, and the heading under which it does."""

    place: str
    entry: Entry
    heading: str


class SentenceReader:
    """Looks the sentences of one page up, and keeps which entries it found where.

    Only English pages are held for a sentence: a page that was not translated gives its meaning, and nothing more.
    """

    def __init__(self, reviewed: Reviewed, *, english: bool) -> None:
        self.english = english
        self.found: list[Found] = []
        self._reviewed = reviewed

    def read(self, text: str, places: Iterable[str], report: Reporter) -> dict[str, Meaning]:
        """Give what a text means at each place, and hold the sentences that nobody has reviewed there."""
        _report_marks(text, report)
        if text.casefold() in _ALERT_TITLES:
            return {}
        held = sentences(text)
        meanings: dict[str, Meaning] = {}
        missing: dict[Sentence, list[str]] = {}
        for place in dict.fromkeys(places):
            entries = []
            for sentence in held:
                entry = self._reviewed.meaning(sentence, place)
                if entry is None:
                    missing.setdefault(sentence, []).append(place)
                elif entry.means_something:
                    entries.append(entry)
            if entries:
                self.found += [Found(place, entry, report.place.heading) for entry in entries]
                meanings[place] = _together(entries)
        if self.english:
            for sentence, unread in missing.items():
                self._hold(sentence, unread, report)
        return meanings

    def knows(self, text: str) -> bool:
        """Whether every sentence of a text was reviewed, wherever that was."""
        return all(sentence.digest in self._reviewed.entries for sentence in sentences(text))

    def _hold(self, sentence: Sentence, places: list[str], report: Reporter) -> None:
        elsewhere = " there, only elsewhere" if sentence.digest in self._reviewed.entries else ""
        beside = f"beside {' and '.join(places)}"
        report.hold_sentence(
            Unreviewed(sentence=words_of(sentence.text), digest=sentence.digest, rules=tuple(places)),
            f"nobody has reviewed {show(sentence.text)} {beside}" + elsewhere,
        )


def _report_marks(text: str, report: Reporter) -> None:
    """What has no words has no digest of its own either: no entry can ever stand for it."""
    if WITHDRAWN in text:
        report.hold("withdrawn-text", f"words of this text are struck out or hidden: {show(text)}")
    if UNREADABLE in text:
        report.hold("picture", f"a picture, a frame or a button stands here: {show(text)}; what does it say?")


def _together(entries: list[Entry]) -> Meaning:
    levels = [entry.level for entry in entries if entry.level]
    return Meaning(
        conditions=tuple(sorted({condition for entry in entries for condition in entry.conditions}, key=str)),
        constraints=tuple(sorted({constraint for entry in entries for constraint in entry.constraints})),
        level=min(levels, key=lambda level: level.strictness) if levels else None,
    )


def place_of_line(cloud: str, feature: str) -> str:
    """Name the place of a line, by the headings above it."""
    return f"{cloud or ANY_CLOUD}/{feature or 'article'}"


def place_of_note(cloud: str, feature: str, destination: str, port: int | None) -> str:
    """Name the place of a note beside a destination, which may carry its own port."""
    return f"{cloud or ANY_CLOUD}/{feature}/{destination}" + (f":{port}" if port else "")
