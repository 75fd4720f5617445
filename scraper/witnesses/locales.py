"""Other locales as witnesses: aligned with en-us row by row, they give text and never a fact.

Rows are matched by what their machine cells say after the damage that translation does without changing a
meaning (blanks around dots, case, translated placeholders and separators) is taken off. What still differs is
told with both strings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

from aks_egress_catalog.catalog import PageRef
from scraper.cells.table_words import HEADERS, Column
from scraper.findings import Finding, Reporter
from scraper.language.mentions import hosts_in
from scraper.page.marks import CODE_EDGE, clean, words_of
from scraper.page.page import Line, Page, Row, Section, Table
from scraper.reading.page_rules import PageReading, page_ref

_ALIKE: Final = 0.8
"""From here on two machine cells are taken for one, one of them damaged."""
_SAME_PLACE: Final = 0.25
"""Likeness of a row whose cell is past reading to the one in its place: enough to tell, not to take its text."""
_SHARED_TEXT: Final = 0.5
_SHARED_WORDS: Final = 0.8
_LONG_TEXT: Final = 24
_TOKEN: Final = re.compile(r"[*\w{}-]*(?:\.[*\w{}-]*)+(?::[\d.]+)?|(?<!\w)\*:\d+|\b[a-z]+:\d+|\b[a-z]+$")


class State(StrEnum):
    """How far a locale can be used."""

    CURRENT = "current"
    STALE = "stale"
    UNTRANSLATED = "untranslated"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """A machine cell of a locale that says something else than en-us, with both strings."""

    at: str
    column: str
    rules: tuple[str, ...]
    en_us: str
    localized: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LocaleReading:
    """What a locale says of the rules: texts by rule id, and where it departs from en-us."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class _MachineRow:
    """One row of a rule table, reduced to what can be compared across languages."""

    heading: str
    parent: str
    """The heading's id without the suffix of repeated headings, which moves when sections are added."""
    table: int
    row: int
    cells: tuple[tuple[Column, str], ...]
    tokens: tuple[str, ...]
    text: str

    def cell(self, column: Column) -> str:
        return dict(self.cells).get(column, "")


def align(page: Page, authority: PageReading) -> LocaleReading:
    """Attach a locale's descriptions to the rules of en-us, and tell where its machine cells differ."""
    say = Reporter.of(page.metadata.locale)
    here, there = _tables(authority.page, None), _tables(page, authority.page)
    pairs = [
        pair
        for ours, theirs in _match(here, there, _tables_alike)
        for pair in (
            _match(ours, theirs, _rows_alike)
            if ours and theirs
            else [(row, None) for row in ours or ()] + [(None, row) for row in theirs or ()]
        )
    ]
    rules = _rules_by_row(authority)
    contradictions = tuple(
        found
        for ours, theirs in pairs
        if ours and theirs
        for found in _compare(ours, theirs, rules.get(_place(ours), ()), say)
    )
    missing = tuple(name for ours, theirs in pairs if ours and not theirs for name in rules.get(_place(ours), ()))
    extra = tuple(_tell_extra(theirs, say) for ours, theirs in pairs if theirs and not ours)
    for name in missing:
        say.note("locale-row-missing", f"has no row for {name}")
    texts = _texts(pairs, page, authority)
    if page.lost:
        say.note("lost-rows", page.lost)
    damaged = bool(contradictions or page.lost)
    state = _state(page, authority.page, texts, damaged=damaged, gaps=bool(missing or extra))
    _compare_frame(page, say)
    say.note("locale-state", f"is {state} against en-us of {_day(authority.page)}")
    return LocaleReading(
        locale=page.metadata.locale,
        state=state,
        page=page_ref(page),
        texts={} if state is State.UNTRANSLATED else texts,
        contradictions=contradictions,
        missing=missing,
        extra=extra,
        findings=tuple(say.findings),
    )


def absent(locale: str, reason: str, *, there: bool = False) -> LocaleReading:
    """Tell of a locale that gave no page, or (``there``) one that cannot be read."""
    state = State.DAMAGED if there else State.MISSING
    say = Reporter.of(locale)
    say.note("locale-state", f"is {state}: {reason}")
    return LocaleReading(locale=locale, state=state, texts={}, findings=tuple(say.findings))


def _compare_frame(page: Page, say: Reporter) -> None:
    named = re.search(r"//[^/]+/([a-z]{2,3}(?:-[a-z]+)+)/", page.metadata.url)
    if named and named.group(1) != page.metadata.locale:
        say.note("other-locale", f"the page's own address is that of {named.group(1)}")


_Tables = list[tuple[_MachineRow, ...]]


def _tables(page: Page, pattern: Page | None) -> _Tables:
    """The rule tables of a page. Headers in an unknown language take the columns of an en-us table as wide."""
    known = [(_parent(part), table) for part, table in _all_tables(pattern)] if pattern else []
    found: _Tables = []
    for section, table in _all_tables(page):
        columns = _columns(table)
        if Column.DESTINATION not in columns:
            columns = _columns_like(table, _parent(section), known)
        if Column.DESTINATION in columns:
            rows = [_machine_row(section, table, place, row, columns) for place, row in enumerate(table.rows, 1)]
            found.append(tuple(rows))
    return found


def _parent(section: Section) -> str:
    return "/".join(re.sub(r"-\d+\Z", "", part.id) for part in (*section.trail[1:], section.heading))


def _columns_like(table: Table, parent: str, known: list[tuple[str, Table]]) -> tuple[Column | None, ...]:
    """Headers in an unknown language: the columns of the en-us table in the same place, or of one that fits."""
    wide = [(place, other) for place, other in known if len(other.header) == len(table.header)]
    same = [_columns(other) for place, other in wide if place == parent and other.index == table.index]
    fitting = [_columns(other) for _, other in wide if _ports_fit(table, _columns(other))]
    return next(iter(same + fitting), ())


def _ports_fit(table: Table, columns: tuple[Column | None, ...]) -> bool:
    ports = [row.cells[columns.index(Column.PORT)] for row in table.rows if Column.PORT in columns[: len(row.cells)]]
    return bool(ports) and all(re.search(r"\d", cell) and len(cell) < _LONG_TEXT for cell in ports)


def _all_tables(page: Page) -> Iterator[tuple[Section, Table]]:
    return ((section, table) for section in page.sections for table in section.tables)


def _columns(table: Table) -> tuple[Column | None, ...]:
    return tuple(HEADERS.get(text.casefold()) for text in table.header)


def _machine_row(
    section: Section, table: Table, place: int, row: Row, columns: tuple[Column | None, ...]
) -> _MachineRow:
    cells = {column: cell for column, cell in zip(columns, row.cells, strict=False) if column}
    return _MachineRow(
        heading=section.heading.id,
        parent=_parent(section),
        table=table.index,
        row=place,
        cells=tuple((column, clean(cell)) for column, cell in cells.items() if column is not Column.USE),
        tokens=_tokens(cells.get(Column.DESTINATION, "")),
        text=words_of(cells.get(Column.USE, "")),
    )


@lru_cache(maxsize=4096)
def _tokens(cell: str) -> tuple[str, ...]:
    """Reduce a destination cell to its values: one spelling for what translation may do without harm."""
    text = unicodedata.normalize("NFKC", cell.replace(CODE_EDGE, " ")).casefold()
    text = re.sub(r"<[^<>]*>|(?<=azurecloud\.)region\b", "{}", re.sub(r"\([^()]*\)", " ", text))
    text = re.sub(r"\s*\.\s*", ".", text)
    return tuple(sorted(token.strip() for token in _TOKEN.findall(text.strip())))


def _with_stars(row: _MachineRow) -> list[str]:
    """The tokens as the page means them: a leading ``.x`` is ``*.x``."""
    return sorted("*" + token if token.startswith(".") else token for token in row.tokens)


def _plain_port(cell: str) -> str:
    """One spelling of a port or protocol cell: ``HTTPS： 443、TCP:22`` is ``https:443,tcp:22``."""
    text = unicodedata.normalize("NFKC", cell).casefold().replace("、", ",")
    return re.sub(r"https:(?=443\b)|http:(?=80\b)", "", re.sub(r"\s+", "", text))


_T = TypeVar("_T")


def _match(
    ours: Sequence[_T], theirs: Sequence[_T], alike: Callable[[_T, _T], float]
) -> list[tuple[_T | None, _T | None]]:
    """Pair two sequences in order so that the sum of likeness is greatest; 0 never pairs."""
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    likeness = [[alike(one, other) for other in theirs] for one in ours]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[_T | None, _T | None]] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((ours[i], theirs[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((ours[i], None))
            i += 1
        else:
            pairs.append((None, theirs[j]))
            j += 1
    return pairs + [(one, None) for one in ours[i:]] + [(None, other) for other in theirs[j:]]


def _tables_alike(ours: tuple[_MachineRow, ...], theirs: tuple[_MachineRow, ...]) -> float:
    """Tables are one where they share rows, or stand under one heading."""
    same_heading = bool(ours and theirs and ours[0].parent == theirs[0].parent)
    shared = len({row.tokens for row in ours} & {row.tokens for row in theirs})
    return shared + (0.5 if same_heading else 0.0)


def _rows_alike(ours: _MachineRow, theirs: _MachineRow) -> float:
    """1 for rows that say the same, less for one that damage may have changed, 0 for others."""
    if ours.tokens == theirs.tokens:
        return 1.0 + 0.1 * (_plain_port(ours.cell(Column.PORT)) == _plain_port(theirs.cell(Column.PORT)))
    if _letters(ours) == _letters(theirs):
        return 0.9
    if not _is_damaged(theirs):
        return 0.0
    ratio = SequenceMatcher(None, " ".join(ours.tokens), " ".join(theirs.tokens), autojunk=False).ratio()
    if ratio >= _ALIKE:
        return ratio / 2
    return _SAME_PLACE if ours.row == theirs.row else 0.0


def _letters(row: _MachineRow) -> list[str]:
    """The tokens without their marks: a lost hyphen is damage, another host is not."""
    return [re.sub(r"\W", "", token) for token in row.tokens]


def _is_damaged(row: _MachineRow) -> bool:
    """Letters that no host can have say that translation changed the cell."""
    return not row.tokens or any(not token.isascii() or token.startswith(".") or ".." in token for token in row.tokens)


def _compare(ours: _MachineRow, theirs: _MachineRow, rules: tuple[str, ...], say: Reporter) -> Iterator[Contradiction]:
    say = say.at(heading=theirs.heading, table=theirs.table, row=theirs.row)
    for column in (Column.DESTINATION, Column.PROTOCOL, Column.PORT):
        one, other = ours.cell(column), theirs.cell(column)
        if column is Column.DESTINATION:
            same = _with_stars(ours) == _with_stars(theirs)
        else:
            same = _plain_port(one) == _plain_port(other)
        here = say.at(column=column)
        if same:
            continue
        here.note("locale-contradicts", f"says {other!r} where en-us says {one!r}; en-us stands")
        yield Contradiction(at=str(here.place), column=column, rules=rules, en_us=one, localized=other)


def _tell_extra(row: _MachineRow, say: Reporter) -> str:
    at = say.at(heading=row.heading, table=row.table, row=row.row)
    at.note("locale-row-extra", f"has a row for {row.cell(Column.DESTINATION)!r} that en-us has not")
    return str(at.place)


def _place(row: _MachineRow) -> tuple[str, int, int]:
    return (row.heading, row.table, row.row)


def _rules_by_row(authority: PageReading) -> dict[tuple[str, int, int], tuple[str, ...]]:
    found: dict[tuple[str, int, int], list[str]] = {}
    for rule in authority.rules:
        for source in rule.sources:
            found.setdefault((source.heading, source.table, source.row), []).append(rule.id)
    return {place: tuple(names) for place, names in found.items()}


def _texts(
    pairs: list[tuple[_MachineRow | None, _MachineRow | None]], page: Page, authority: PageReading
) -> dict[str, tuple[str, ...]]:
    """Descriptions by rule id, in the order of the rule's sources."""
    rows = {
        _place(ours): theirs.text
        for ours, theirs in pairs
        if ours
        and theirs
        and theirs.text
        and (_rows_alike(ours, theirs) > _SAME_PLACE or not _is_older(page, authority.page))
    }
    lines = {
        host: block.text
        for section in page.sections
        for block in section.blocks
        if isinstance(block, Line)
        for host, _ in hosts_in(block.text)
    }
    texts: dict[str, tuple[str, ...]] = {}
    for rule in authority.rules:
        found = [
            rows.get((source.heading, source.table, source.row), "")
            if source.row
            else lines.get(rule.destinations[0].value, "")
            for source in rule.sources
        ]
        kept = tuple(dict.fromkeys(text for text in found if text))
        if kept:
            texts[rule.id] = kept
    return texts


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
    """Say whether a body is en-us's own text; ``lang`` attributes say what the frame is, not the body."""
    here, there = _long_texts(page), _long_texts(authority)
    if not here or len(here & there) / len(here) > _SHARED_TEXT:
        return bool(here)
    words, known = _words(here), set(_words(there))
    return len([word for word in words if word in known]) / len(words) > _SHARED_WORDS


def _words(texts: set[str]) -> list[str]:
    """The words of running text; hosts and numbers, which no translation touches, are none."""
    return [word for text in texts for word in re.findall(r"(?<![\w.])[^\W\d_]{2,}(?![\w.])", text.lower())] or [""]


def _long_texts(page: Page) -> set[str]:
    texts = [block.text for section in page.sections for block in section.blocks if isinstance(block, Line)]
    for _, table in _all_tables(page):
        texts += [clean(cell) for row in table.rows for cell in row.cells[-2:]]
    return {text for text in texts if len(text) >= _LONG_TEXT and " " in text}
