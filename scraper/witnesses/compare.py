"""The two witnesses side by side: the rows of their tables, and the words under each heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from scraper.findings import Finding, Reporter
from scraper.page.article import OUTSIDE
from scraper.page.marks import show
from scraper.page.page import Line, Page
from scraper.reading.context import context_of
from scraper.row_facts import Fact, RowFacts, words_alone

_SHOWN: Final = 200
Blocks = Mapping[str, Sequence[str]]
"""The words of each paragraph, list line and code block, by heading id."""


def differences(html: Sequence[RowFacts], markdown: Sequence[RowFacts], *, locale: str) -> tuple[Finding, ...]:
    """Compare the two witnesses row by row; every difference is reported with what each of them reads."""
    ours = {(row.heading, row.table, row.row): row for row in html}
    theirs = {(row.heading, row.table, row.row): row for row in markdown}
    report = Reporter.of(locale)
    for heading, table, row in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get((heading, table, row)), theirs.get((heading, table, row))
        if one != other:
            said, heard = next((pair for pair in _described(one, other) if pair[0] != pair[1]), ("", ""))
            message = f"HTML reads {said[:_SHOWN]}, Markdown reads {heard[:_SHOWN]}"
            report.at(heading=heading, table=table, row=row).hold("witnesses-differ", message)
    return tuple(report.findings)


def differing_blocks(page: Page, markdown: Blocks) -> tuple[Finding, ...]:
    """Compare the words that stand around the tables, under each heading that may state rules.

    An include (``[!INCLUDE …]``) is words in the HTML that the Markdown only points to: there any words may stand.
    """
    report = Reporter.of(page.metadata.locale)
    for section in page.sections:
        if not section.heading.level or not context_of(section, english=True).about_rules:
            continue
        lines = [one for one in section.blocks if isinstance(one, Line) and OUTSIDE not in one.labels]
        ours = Counter(words for line in lines if (words := words_alone(line.text)))
        theirs = Counter(words for text in markdown.get(section.heading.id, ()) if (words := words_alone(text)))
        included = any(words.startswith("include") for words in theirs - ours)
        for name, alone in [("HTML", ours - theirs), ("Markdown", theirs - ours)]:
            for text in alone:
                if not (included and (name == "HTML" or text.startswith("include"))):
                    message = f"{show(text[:_SHOWN])} stands in the {name} alone"
                    report.at(heading=section.heading.id).hold("witnesses-differ", message)
    return tuple(report.findings)


def _described(one: RowFacts | None, other: RowFacts | None) -> Iterator[tuple[str, str]]:
    """The pairs of what both read: facts, which destinations are alternatives, and the words beside them."""
    yield _facts(one), _facts(other)
    yield _joined(one), _joined(other)
    yield show(one.use if one else ""), show(other.use if other else "")


def _facts(row: RowFacts | None) -> str:
    if row is None:
        return "no such row"
    return ", ".join(sorted(map(_fact, row.facts))) or "nothing"


def _fact(fact: Fact) -> str:
    port = f"{fact.protocol}:{fact.port}" if fact.port else fact.protocol
    return " ".join(part for part in (fact.destination, port, fact.application, fact.cloud) if part)


def _joined(row: RowFacts | None) -> str:
    groups = sorted(" or ".join(sorted(group)) for group in row.joined) if row else []
    return "; ".join(groups) or "no alternatives"
