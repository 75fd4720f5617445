"""Other locales as witnesses: aligned with en-us row by row, they give text and never a fact.

Where a machine cell of a locale differs from that of en-us, both texts are reported and en-us stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.catalog import PageRef
from aks_egress_catalog.model import Source
from scraper.cells.table_words import Column
from scraper.findings import Finding, Reporter
from scraper.language.mentions import hosts_in
from scraper.page.article import OUTSIDE
from scraper.page.marks import clean
from scraper.page.page import Line, Page
from scraper.reading.page_rules import PageReading, page_ref
from scraper.witnesses.alignment import SAME_PLACE, RowPair, differing_columns, likeness_of_rows, pair_rows
from scraper.witnesses.machine_rows import MachineRow, RowPlace, machine_tables

_SHARED_TEXT: Final = 0.5
"""A page more than half of whose longer texts are those of en-us was not translated."""
_SHARED_WORDS: Final = 0.8
"""Nor was one of whose words more than these occur on the en-us page."""
_LONG_TEXT: Final = 24
"""Letters from which on a text is running text, and no name or value."""


class State(StrEnum):
    """How far a locale can be used."""

    CURRENT = "current"
    STALE = "stale"
    UNTRANSLATED = "untranslated"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """A machine cell of a locale that differs from that of en-us, with both texts."""

    at: str
    column: str
    rules: tuple[str, ...]
    en_us: str
    localized: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LocaleReading:
    """What a locale gives: texts by rule id, and where it differs from en-us."""

    locale: str
    state: State
    page: PageRef | None = None
    texts: dict[str, tuple[str, ...]]
    contradictions: tuple[Contradiction, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The shape of one entry of ``locales`` in ``report.json``."""
        return {
            "state": str(self.state),
            "commit": self.page.commit if self.page else None,
            "updated": self.page.updated if self.page else None,
            "texts": len(self.texts),
            "contradictions": [asdict(one) for one in self.contradictions],
            "missing": list(self.missing),
            "extra": list(self.extra),
        }


def align(page: Page, authority: PageReading) -> LocaleReading:
    """Attach a locale's descriptions to the rules of en-us, and report where its machine cells differ."""
    report = Reporter.of(page.metadata.locale)
    pairs = pair_rows(machine_tables(authority.page, None), machine_tables(page, authority.page))
    rules = _rules_by_row(authority)
    contradictions = tuple(
        found
        for ours, theirs in pairs
        if ours and theirs
        for found in _contradictions(ours, theirs, rules.get(ours.place, ()), report)
    )
    missing = tuple(name for ours, theirs in pairs if ours and not theirs for name in rules.get(ours.place, ()))
    extra = tuple(_report_extra(theirs, report) for ours, theirs in pairs if theirs and not ours)
    for name in missing:
        report.note("locale-row-missing", f"has no row for {name}")
    texts = _texts(pairs, page, authority)
    if page.lost:
        report.note("lost-rows", page.lost)
    damaged = bool(contradictions or page.lost)
    state = _state(page, authority.page, texts, damaged=damaged, gaps=bool(missing or extra))
    _report_other_locale(page, report)
    report.note("locale-state", f"is {state} against en-us of {_day(authority.page)}")
    return LocaleReading(
        locale=page.metadata.locale,
        state=state,
        page=page_ref(page),
        texts={} if state is State.UNTRANSLATED else texts,
        contradictions=contradictions,
        missing=missing,
        extra=extra,
        findings=tuple(report.findings),
    )


def absent(locale: str, reason: str, *, there: bool = False) -> LocaleReading:
    """The reading of a locale that gave no page, or (``there``) a page that cannot be read."""
    state = State.DAMAGED if there else State.MISSING
    report = Reporter.of(locale)
    report.note("locale-state", f"is {state}: {reason}")
    return LocaleReading(locale=locale, state=state, texts={}, findings=tuple(report.findings))


def _report_other_locale(page: Page, report: Reporter) -> None:
    named = re.search(r"//[^/]+/([a-z]{2,3}(?:-[a-z]+)+)/", page.metadata.url)
    if named and named.group(1) != page.metadata.locale:
        report.note("other-locale", f"the page's own address is that of {named.group(1)}")


def _contradictions(
    ours: MachineRow, theirs: MachineRow, rules: tuple[str, ...], report: Reporter
) -> Iterator[Contradiction]:
    for column in differing_columns(ours, theirs):
        here = report.at(heading=theirs.place.heading, table=theirs.place.table, row=theirs.place.row, column=column)
        one, other = ours.cell(column), theirs.cell(column)
        here.note("locale-contradicts", f"says {other!r} where en-us says {one!r}; en-us stands")
        yield Contradiction(at=str(here.place), column=column, rules=rules, en_us=one, localized=other)


def _report_extra(row: MachineRow, report: Reporter) -> str:
    at = report.at(heading=row.place.heading, table=row.place.table, row=row.place.row)
    at.note("locale-row-extra", f"has a row for {row.cell(Column.DESTINATION)!r} that en-us has not")
    return str(at.place)


def _rules_by_row(authority: PageReading) -> dict[RowPlace, tuple[str, ...]]:
    found: dict[RowPlace, list[str]] = {}
    for rule in authority.rules:
        for source in rule.sources:
            found.setdefault(_place_of(source), []).append(rule.id)
    return {place: tuple(names) for place, names in found.items()}


def _place_of(source: Source) -> RowPlace:
    return RowPlace(source.heading, source.table, source.row)


def _texts(pairs: list[RowPair], page: Page, authority: PageReading) -> dict[str, tuple[str, ...]]:
    """Descriptions by rule id, in the order of the rule's sources: of its rows, or of the line that names its host."""
    rows, lines = _row_texts(pairs, page, authority), _line_texts(page)
    texts: dict[str, tuple[str, ...]] = {}
    for rule in authority.rules:
        host = rule.destinations[0].value
        found = [rows.get(_place_of(source), "") if source.row else lines.get(host, "") for source in rule.sources]
        kept = tuple(dict.fromkeys(text for text in found if text))
        if kept:
            texts[rule.id] = kept
    return texts


def _row_texts(pairs: list[RowPair], page: Page, authority: PageReading) -> dict[RowPlace, str]:
    """The description of each en-us row; of a row that was paired by its place alone only on a page of the same age."""
    older = _is_older(page, authority.page)
    return {
        ours.place: theirs.text
        for ours, theirs in pairs
        if ours and theirs and theirs.text and (likeness_of_rows(ours, theirs) > SAME_PLACE or not older)
    }


def _line_texts(page: Page) -> dict[str, str]:
    """The last line of running text that names each host."""
    lines = [block for section in page.sections for block in section.blocks if isinstance(block, Line)]
    return {host: line.text for line in lines for host, _ in hosts_in(line.text)}


def _state(page: Page, authority: Page, texts: dict[str, tuple[str, ...]], *, damaged: bool, gaps: bool) -> State:
    older = _is_older(page, authority)
    if not texts:
        return State.DAMAGED
    if _shares_text(page, authority):
        return State.UNTRANSLATED
    if damaged or (gaps and not older):
        return State.DAMAGED
    return State.STALE if older else State.CURRENT


def _day(page: Page) -> str:
    return str(page.metadata.updated.date()) if page.metadata.updated else "an unknown day"


def _is_older(page: Page, authority: Page) -> bool:
    ours, theirs = authority.metadata.updated, page.metadata.updated
    return bool(ours and theirs and theirs.date() < ours.date())


def _shares_text(page: Page, authority: Page) -> bool:
    """Whether a body is en-us's own text; ``lang`` attributes describe the frame, not the body."""
    here, there = _long_texts(page), _long_texts(authority)
    if not here or len(here & there) / len(here) > _SHARED_TEXT:
        return bool(here)
    words, known = _words(here), set(_words(there))
    return len([word for word in words if word in known]) / len(words) > _SHARED_WORDS


def _words(texts: set[str]) -> list[str]:
    """The words of running text; hosts and numbers, which no translation touches, are none."""
    return [word for text in texts for word in re.findall(r"(?<![\w.])[^\W\d_]{2,}(?![\w.])", text.lower())] or [""]


def _long_texts(page: Page) -> set[str]:
    lines = [block for section in page.sections for block in section.blocks if isinstance(block, Line)]
    texts = [line.text for line in lines if OUTSIDE not in line.labels]
    tables = [table for section in page.sections for table in section.tables]
    texts += [clean(cell) for table in tables for row in table.rows for cell in row.cells[-2:]]
    return {text for text in texts if len(text) >= _LONG_TEXT and " " in text}
