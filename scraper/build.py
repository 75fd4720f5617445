"""A folder of pages in, a catalog and a report out: the main job, and the only place that opens these files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from scraper.findings import Finding, PageError, Reporter, Severity
from scraper.language.reviewed import Reviewed, ReviewedError, read_reviewed
from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, catalog_of, read_page
from scraper.witnesses.compare import differences, differing_blocks
from scraper.witnesses.locales import LocaleReading, absent, align
from scraper.witnesses.markdown import read_markdown

SNAPSHOT: Final = Path(__file__).parent / "snapshot"
"""The embedded pages: the facts of a real revision in our own words."""
REVIEWED_FILE: Final = Path(__file__).parent / "reviewed.json"
"""What the sentences of the article mean, from 2019 on, and those of the embedded pages."""
AUTHORITY: Final = "en-us"
MISSED: Final = "missed.json"
"""Beside the pages: which files ``fetch`` could not get, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """What came of a set of pages. ``catalog`` is ``None`` where a fact of the authority could not be read."""

    catalog: Catalog | None
    findings: tuple[Finding, ...]
    locales: tuple[LocaleReading, ...] = ()
    texts: dict[str, dict[str, tuple[str, ...]]]

    @property
    def failed(self) -> bool:
        """Whether a fact could not be read."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@cache
def shipped_reviewed() -> Reviewed:
    """The reviewed sentences of this checkout."""
    return read_reviewed_file(REVIEWED_FILE)


def read_reviewed_file(file: Path) -> Reviewed:
    """Read a table of reviewed sentences.

    Raises:
        ReviewedError: the file cannot be read, or is no table of sentences.
    """
    try:
        return read_reviewed(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewedError(f"{file} cannot be read: {error}") from error


def parse_file(
    file: Path, *, locale: str | None, known: Catalog | None, keep_going: bool, reviewed: Reviewed | None = None
) -> Build:
    """Read one page alone; what it states, by the same rules, whatever its locale."""
    try:
        page = parse_page(text_of(file), locale=locale)
        reading = read_page(page, reviewed=reviewed or shipped_reviewed(), known=known)
    except PageError as error:
        return Build(catalog=None, findings=error.findings, texts={})
    usable = keep_going or not reading.errors
    return Build(
        catalog=catalog_of(reading) if usable else None,
        findings=reading.findings,
        texts={reading.page.metadata.locale: reading.texts},
    )


def build(
    pages: Path,
    *,
    expected: Iterable[str] = (),
    known: Catalog | None = None,
    keep_going: bool = False,
    reviewed: Reviewed | None = None,
    progress: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> Build:
    """Build the catalog from ``pages``: ``<locale>.html`` for each locale, and ``en-us.md`` where it is there.

    ``expected`` names the locales whose absence is reported; ``reviewed`` is by default the table of this checkout.
    Where :data:`MISSED` says that a file could not be fetched, its reason is reported, and without ``en-us.md`` the
    result is held.
    """
    try:
        authority = _read_authority(pages, known, reviewed or shipped_reviewed())
    except PageError as error:
        return Build(catalog=None, findings=error.findings, texts={})
    files = sorted(file for file in pages.glob("*.html") if file.stem != AUTHORITY)
    readings = [_read_locale(file, authority) for file in progress(files)]
    there = {reading.locale for reading in readings} | {AUTHORITY}
    missed = _missed(pages)
    why = {name: missed.get(f"{name}.html", "no page was fetched") for name in sorted(set(expected) - there)}
    absentees = [absent(name, reason) for name, reason in why.items()]
    locales = sorted([*readings, *absentees], key=lambda locale: locale.locale)
    facts = [*authority.findings, *_second_witness(pages, authority, missed)]
    findings = [*facts, *(finding for locale in locales for finding in locale.findings)]
    usable = keep_going or not any(finding.severity is Severity.ERROR for finding in facts)
    refs = [locale.page for locale in readings if locale.page]
    return Build(
        catalog=catalog_of(authority, pages=refs) if usable else None,
        findings=tuple(findings),
        locales=tuple(locales),
        texts={AUTHORITY: authority.texts} | {locale.locale: locale.texts for locale in readings if locale.texts},
    )


def text_of(file: Path) -> str:
    """The text of a page's file.

    Raises:
        PageError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        report = Reporter.of(file.stem)
        report.error("unreadable-file", f"{file} cannot be read: {error}")
        raise PageError(report.findings) from error


def _read_authority(pages: Path, known: Catalog | None, reviewed: Reviewed) -> PageReading:
    page = parse_page(text_of(pages / f"{AUTHORITY}.html"))
    if page.metadata.locale != AUTHORITY:
        report = Reporter.of(AUTHORITY)
        report.error("wrong-locale", f"the page says that it is {page.metadata.locale}; only {AUTHORITY} gives facts")
        raise PageError(report.findings)
    return read_page(page, reviewed=reviewed, known=known)


def _read_locale(file: Path, authority: PageReading) -> LocaleReading:
    """A locale fails alone: a page that cannot be read costs its text, never a fact."""
    try:
        page = parse_page(text_of(file), locale=file.stem)
    except PageError as error:
        return absent(file.stem, "; ".join(finding.message for finding in error.findings), there=True)
    return align(page, authority)


def _missed(pages: Path) -> dict[str, str]:
    """What ``fetch`` could not get, by file, and why; nothing where the pages came in another way."""
    file = pages / MISSED
    return read_with(partial(from_json_as, dict[str, str]), file) if file.exists() else {}


def _second_witness(pages: Path, authority: PageReading, missed: Mapping[str, str]) -> tuple[Finding, ...]:
    file = pages / f"{AUTHORITY}.md"
    if not file.exists():
        report = Reporter.of(AUTHORITY)
        if reason := missed.get(file.name):
            report.hold("one-witness", f"the facts have one witness only: {reason}")
        else:
            report.note("one-witness", f"{file.name} is not there: the facts have one witness only")
        return tuple(report.findings)
    try:
        witness = read_markdown(text_of(file), locale=AUTHORITY)
    except PageError as error:
        return error.findings
    return (
        *witness.findings,
        *differences(authority.rows, witness.rows, locale=AUTHORITY),
        *differing_blocks(authority.page, witness.blocks),
    )


def write(result: Build, *, catalog: Path, report: Path, texts: Path | None = None) -> None:
    """Write what came of it. A catalog or texts of an earlier run never stand beside a report of this one."""
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(to_json(report_of(result)), encoding="utf-8")
    for old in (catalog, *(texts.glob("*.json") if texts else ())):
        old.unlink(missing_ok=True)
    if result.catalog is None:
        return
    catalog.write_text(to_json(result.catalog), encoding="utf-8")
    if texts is None:
        return
    texts.mkdir(exist_ok=True)
    for locale, found in sorted(result.texts.items()):
        (texts / f"{locale}.json").write_text(to_json(found), encoding="utf-8")


def report_of(result: Build) -> dict[str, object]:
    """The shape of ``report.json``: findings, and what each locale is worth."""
    return {
        "findings": [finding.as_json() for finding in result.findings],
        "locales": {reading.locale: reading.as_json() for reading in result.locales},
    }
