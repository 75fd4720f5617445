"""The two witnesses side by side, row by row."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.findings import Finding, Reporter
from scraper.row_facts import Fact, RowFacts


def differences(html: Sequence[RowFacts], markdown: Sequence[RowFacts], *, locale: str) -> tuple[Finding, ...]:
    """Compare the two witnesses row by row; every difference is reported with what each of them reads."""
    ours = {(row.heading, row.table, row.row): row.facts for row in html}
    theirs = {(row.heading, row.table, row.row): row.facts for row in markdown}
    report = Reporter.of(locale)
    for heading, table, row in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get((heading, table, row)), theirs.get((heading, table, row))
        if one != other:
            message = f"HTML reads {_describe(one)}, Markdown reads {_describe(other)}"
            report.at(heading=heading, table=table, row=row).hold("witnesses-differ", message)
    return tuple(report.findings)


def _describe(facts: frozenset[Fact] | None) -> str:
    if facts is None:
        return "no such row"
    texts = sorted(f"{fact.destination} {fact.protocol}:{fact.port}".replace(" :0", "") for fact in facts)
    return ", ".join(texts) or "nothing"
