"""HTML text in, a typed Page out. Nothing here opens a file or a socket, and nothing here reads a cell.

Both forms of a Learn page are understood: as served, and as the browser shows it (tables wrapped, headings
with anchors). What surrounds the article on the page is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from bs4.filter import SoupStrainer

from aks_egress_catalog.model import Origin
from scraper.findings import Finding, PageError, Place, Reporter, Severity
from scraper.page.article import ArticleReader, Heading, Line, Row, Section, Table, is_hidden
from scraper.page.marks import CODE_EDGE, LOST_TABLE, UNREADABLE, WITHDRAWN

_STRAINER: Final = SoupStrainer(["meta", "link", "main"])
_OURS: Final = (
    re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff{CODE_EDGE}{UNREADABLE}{LOST_TABLE}{WITHDRAWN}]"),
    re.compile(r"&#(?:[xX]0*[eE]00[0-3]|0*5734[4-7])(?!\w);?"),
)
"""What would pass for the reader's own marks, in the page's text or as a character reference: two forms, for both in
one would be looked for at every letter of a page."""
__all__ = ["Heading", "Line", "Metadata", "Page", "Row", "Section", "Table", "parse_page"]
_NOT_SHOWN: Final = re.compile(r"(?is)<!--(?:(?!<!--).)*?-->|<script\b.*?</script>")
"""Comments and scripts. A comment that holds the start of another was left open, and hides what it should not."""
_TABLE_TAGS: Final = re.compile(r"<(table|tr)[\s>]")
_BETWEEN_BLOCKS: Final = re.compile(r">\s+(?=</?(?:table|thead|tbody|tr|th|td|ul|ol|li|div|p|h[1-6])\b)", re.IGNORECASE)
"""White space that stands beside a block on either side and so is never shown: half of all texts of a page."""
_FURNITURE: Final = ("ms--", "site-user-feedback", "article-metadata", "center-doc-outline")
"""How the ids begin of what Learn puts around every article."""
SNAPSHOT_GENERATOR: Final = "aks-egress-catalog snapshot"
"""The ``generator`` meta of the embedded snapshot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The metadata in the head of a page. ``updated`` is when it was last changed upstream, UTC."""

    locale: str
    url: str
    markdown_url: str
    commit: str
    updated: dt.datetime | None
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One locale of the article."""

    metadata: Metadata
    sections: tuple[Section, ...]
    lost: str = ""
    """What of the markup's tables could not be read, or nothing."""


def parse_page(html: str, *, locale: str | None = None) -> Page:
    """Read one page. ``locale`` overrides the locale in the page's own metadata.

    Raises:
        PageError: the page has not exactly one article, is cut, or names no locale.
    """
    if "<" not in html:
        _refuse_cut_page(html, 0, locale or "unknown")
    try:
        return _parse(html, locale)
    except RecursionError as error:
        finding = Finding(
            severity=Severity.ERROR,
            code="too-deep",
            at=Place(locale=locale or "unknown"),
            message="the elements of the page are nested deeper than any article's",
        )
        raise PageError([finding]) from error


def _parse(html: str, locale: str | None) -> Page:
    text = html
    for form in _OURS:
        text = form.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _BETWEEN_BLOCKS.sub(">", text)
    soup = BeautifulSoup(text, "lxml", parse_only=_STRAINER, multi_valued_attributes=None)
    top = [tag for tag in soup.children if isinstance(tag, Tag)]
    metadata = _read_metadata(top, locale)
    mains = [tag for tag in top if tag.name == "main"]
    _refuse_cut_page(html, len(mains), metadata.locale or "unknown")
    if not metadata.locale:
        report = Reporter.of("unknown")
        report.error("no-locale", "the page does not say which locale it is; say it with --locale")
        raise PageError(report.findings)
    reader = ArticleReader()
    blocks = list(_article_blocks(mains[0]))
    if not any(isinstance(block, Tag) and _is_article(block) for block, _ in blocks):
        blocks = [(mains[0], False)]
    for block, hidden in blocks:
        reader.read(block, hidden=hidden)
    sections = reader.sections()
    return Page(metadata=metadata, sections=sections, lost=_lost_rows(html, sections))


def _lost_rows(html: str, sections: tuple[Section, ...]) -> str:
    """An open comment or element swallows what follows: the markup then has more tables or rows than were read."""
    tables = [table for section in sections for table in section.tables]
    read = (len(tables), sum(len(table.rows) + bool(table.header) for table in tables))
    lowered = html.lower()
    if read[0] >= lowered.count("<table") and read[1] >= lowered.count("<tr"):
        return ""  # as on every whole page; only a doubt is worth the closer count
    named = _TABLE_TAGS.findall(_NOT_SHOWN.sub("", lowered[lowered.find("<main") :]))
    there = (named.count("table"), named.count("tr"))
    if read[0] >= there[0] and read[1] >= there[1]:
        return ""
    return f"the markup has {there[0]} tables with {there[1]} rows, of which {read[0]} and {read[1]} could be read"


def _refuse_cut_page(html: str, mains: int, locale: str) -> None:
    faults = []
    if mains != 1:
        faults.append(("no-article", f"the page has {mains} <main> elements, not one; is it an error page?"))
    missing = [end for end in ("</main>", "</html>") if end not in html]
    if missing:
        faults.append(("cut-page", f"{' and '.join(missing)} missing: the page is cut; fetch it again"))
    if faults:
        raise PageError(
            Finding(severity=Severity.ERROR, code=code, at=Place(locale=locale), message=message)
            for code, message in faults
        )


def _read_metadata(top: list[Tag], locale: str | None) -> Metadata:
    meta: dict[str, str] = {}
    for tag in top:
        if tag.name == "meta":
            meta.setdefault(str(tag.get("name") or tag.get("property") or ""), str(tag.get("content") or ""))
    links = [tag for tag in top if tag.name == "link" and tag.get("rel") == "canonical"]
    canonical = str(links[0].get("href") or "") if links else ""
    markdown_url = meta.get("markdown_url", "")
    revision = re.search(r"[0-9a-f]{40}", meta.get("git_commit_id", "") + " " + meta.get("gitcommit", ""))
    snapshot = meta.get("generator") == SNAPSHOT_GENERATOR
    return Metadata(
        locale=(locale or meta.get("locale") or "").lower(),
        url=canonical or meta.get("og:url") or markdown_url.partition("?")[0],
        markdown_url=markdown_url,
        commit=revision.group() if revision else "",
        updated=_read_time(meta.get("updated_at", "")) or _read_time(meta.get("ms.date", "")),
        origin=Origin.SNAPSHOT if snapshot else Origin.LIVE,
    )


def _read_time(text: str) -> dt.datetime | None:
    """Read ``2026-04-27T17:17:00Z`` or ``2021-09-15 11:11 AM``, the two forms seen; without a zone it is UTC."""
    for read in (dt.datetime.fromisoformat, _read_twelve_hours):
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return None


def _read_twelve_hours(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %I:%M %p")  # noqa: DTZ007  - its caller gives it the zone


def _article_blocks(parent: Tag, *, hidden: bool = False) -> Iterator[tuple[Tag | str, bool]]:
    """The ``div.content`` blocks hold the article, and a table is never the page's furniture; of all else, the text.

    Each comes with whether anything around it keeps it from being shown.
    """
    hidden = hidden or parent.name == "noscript" or is_hidden(parent)
    for child in parent.children:
        if type(child) is NavigableString and child.strip():
            yield str(child), hidden
        if not isinstance(child, Tag) or child.name in ("script", "style", "template"):
            continue
        if _is_article(child):
            yield child, hidden
        elif child.find(_is_article):
            yield from _article_blocks(child, hidden=hidden)
        elif not str(child.get("id")).startswith(_FURNITURE) and (text := child.get_text(" ", strip=True)):
            yield text, hidden


def _is_article(tag: Tag) -> bool:
    return tag.name == "table" or "content" in str(tag.get("class")).split()
