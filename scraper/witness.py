"""The common language of the two witnesses: what a row states, without how it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scraper.findings import Reporter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.findings import Finding


class Fact(NamedTuple):
    """One destination in its flat form with one port.

    ``destination`` is what ``str(Destination)`` gives: ``*.hcp.{region}.azmk8s.io``, ``*``,
    ``tag:AzureMonitor``, ``set:RegionCIDRs``, ``cidr:192.0.2.0/24``. ``protocol`` is ``TCP`` or ``UDP``;
    both it and ``port`` are empty and 0 where the row states none.
    """

    destination: str
    protocol: str
    port: int


class RowFacts(NamedTuple):
    """What one table row states. Tables count from 1 under their nearest heading, rows from 1."""

    heading: str
    table: int
    row: int
    facts: frozenset[Fact]


def differences(html: Sequence[RowFacts], markdown: Sequence[RowFacts], *, locale: str) -> tuple[Finding, ...]:
    """Compare the two witnesses row by row; every difference is told with what each of them reads."""
    ours = {(row.heading, row.table, row.row): row.facts for row in html}
    theirs = {(row.heading, row.table, row.row): row.facts for row in markdown}
    say = Reporter.of(locale)
    for heading, table, row in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get((heading, table, row)), theirs.get((heading, table, row))
        if one != other:
            message = f"HTML reads {_told(one)}, Markdown reads {_told(other)}"
            say.at(heading=heading, table=table, row=row).hold("witnesses-differ", message)
    return tuple(say.findings)


def _told(facts: frozenset[Fact] | None) -> str:
    if facts is None:
        return "no such row"
    told = sorted(f"{fact.destination} {fact.protocol}:{fact.port}".replace(" :0", "") for fact in facts)
    return ", ".join(told) or "nothing"
