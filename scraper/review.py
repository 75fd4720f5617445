"""The review of sentences in a checkout: which of them nobody has read, and which entries no page has any more.

In: pages, the embedded ones among them, and the table. Out: the table with a line for each new sentence, as the pull
request would propose it (see ``publish/plan/sentences.py``), and the entries that none of the pages has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from aks_egress_catalog.catalog import Catalog
from scraper.build import text_of
from scraper.findings import Finding, Unreviewed
from scraper.language.reviewed import Entry, Reviewed, Sentence
from scraper.page.page import parse_page
from scraper.reading.page_rules import read_page


@dataclass(frozen=True, kw_only=True)
class Review:
    """What came of it: the new sentences, the table with them, and the entries that no page has, with their age."""

    findings: tuple[Finding, ...]
    entries: tuple[Entry, ...]
    unseen: tuple[tuple[Entry, dt.timedelta], ...]


@dataclass(frozen=True)
class _Asked(Reviewed):
    """The table, which remembers what it was asked for."""

    seen: set[str] = field(default_factory=set)

    def meaning(self, sentence: Sentence, place: str) -> Entry | None:
        self.seen.add(sentence.digest)
        return super().meaning(sentence, place)


def review(files: Iterable[Path], reviewed: Reviewed, *, known: Catalog | None, today: dt.date) -> Review:
    """Read English pages with the table that there is.

    Raises:
        PageError: a page cannot be read at all.
    """
    asked = _Asked(reviewed.entries)
    entries = dict(reviewed.entries)
    findings: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for file in files:
        page = parse_page(text_of(file))
        reading = read_page(page, reviewed=asked, known=known)
        day = page.metadata.updated.date() if page.metadata.updated else today
        for finding, one in _unreviewed(reading.findings):
            findings.setdefault((one.digest, one.rules), finding)
            entries[one.digest] = _proposed(entries.get(one.digest), one, day)
    unseen = sorted(set(reviewed.entries) - asked.seen)
    return Review(
        findings=tuple(findings.values()),
        entries=tuple(entries.values()),
        unseen=tuple((entries[digest], today - entries[digest].since) for digest in unseen),
    )


def _unreviewed(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Unreviewed]]:
    return ((finding, finding.unreviewed) for finding in findings if finding.unreviewed)


def _proposed(entry: Entry | None, one: Unreviewed, day: dt.date) -> Entry:
    """A new sentence means nothing, but where one went that meant something, or where it means something elsewhere."""
    there = {*entry.beside, *entry.ignored, *entry.undecided} if entry else set()
    new = tuple(place for place in one.rules if place not in there)
    undecided = new if one.nearest or (entry and entry.means_something) else ()
    beside = () if undecided else new
    if entry is None:
        return Entry(digest=one.digest, since=day, beside=beside, undecided=undecided)
    return replace(
        entry,
        since=min(entry.since, day),
        beside=tuple(sorted({*entry.beside, *beside})),
        undecided=tuple(sorted({*entry.undecided, *undecided})),
    )
