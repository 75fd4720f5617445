"""What the tests of cells share: a cell's text as the page reader gives it, and any text that a cell may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from aks_egress_catalog.model import Destination, Kind, Level, Protocol, Rule, Source
from scraper.findings import Finding
from scraper.page.marks import CODE_EDGE, LOST_TABLE, UNREADABLE
from scraper.page.page import parse_page

CYRILLIC_ES: Final = "\u0441"  # looks like the Latin c


def text_of(html: str) -> str:
    """Give a cell's text as the page reader gives it."""
    page = parse_page(f"<html><main><table><tr><td>{html}</td></tr></table></main></html>", locale="en-us")
    return page.sections[0].tables[0].rows[0].cells[0]


def brief(findings: Sequence[Finding]) -> list[str]:
    return [f"{finding.severity} {finding.code}" for finding in findings]


MARKS: Final = st.sampled_from(["{}", "<code>{}</code>", "<strong>{}</strong>", "<strong><code>{}</code></strong>"])
PAGE_LETTERS: Final = (
    "aZ1*.-_:,;<>{}()/` \n\t,,....**ior" + CODE_EDGE + UNREADABLE + LOST_TABLE + CYRILLIC_ES + "\u200b\xa0、，（）"
)
PIECES: Final = st.sampled_from(
    [
        "mcr.microsoft.com", "*", "*.", ".com", "com", "ServiceTag - ", "RegionCIDRs", "AzureCloud", ".<Region>",
        ":443", "<location>", " or ", " Or\n", ", ", "\n", "(note)", "10.0.0.0/8", "::1", "HTTPS:", "443", "TCP",
        "xn--", "{", "}",
    ]
)  # fmt: skip
ANY_TEXT: Final = st.one_of(
    st.text(st.characters()),
    st.text(PAGE_LETTERS),
    st.lists(PIECES | st.text(PAGE_LETTERS, max_size=2), max_size=8).map("".join),
)
SOURCE: Final = Source(locale="en-us", url="", heading="x", table=1, row=1, commit="")


def rule_with(destination: Destination, protocol: Protocol | None, port: int | None) -> Rule:
    """Put what was read into a rule, which checks every invariant of the model."""
    return Rule(
        cloud="AzureCloud",
        feature="core",
        kind=Kind.NETWORK,
        level=Level.REQUIRED,
        destinations=(destination,),
        protocol=protocol,
        port=port,
        cloud_stated=True,
        sources=(SOURCE,),
    )
