"""Two witnesses that differ in anything that a rule is made of are held, whichever of them says it."""

from __future__ import annotations

from functools import cache
from typing import Final

import pytest

from scraper.build import SNAPSHOT
from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, read_page
from scraper.witnesses.compare import differences, differing_blocks
from scraper.witnesses.markdown import read_markdown
from tests.scraper.changing import GLOBAL_FQDN, GLOBAL_NETWORK
from tests.scraper.reviewing import ALL_REVIEWED

MARKDOWN: Final = (SNAPSHOT / "en-us.md").read_text(encoding="utf-8")


@cache
def reading() -> PageReading:
    return read_page(parse_page((SNAPSHOT / "en-us.html").read_text(encoding="utf-8")), reviewed=ALL_REVIEWED)


def compared(markdown: str) -> set[str]:
    """Where the embedded page and a Markdown differ."""
    witness = read_markdown(markdown)
    found = (
        *witness.findings,
        *differences(reading().rows, witness.rows, locale="en-us"),
        *differing_blocks(reading().page, witness.blocks),
    )
    assert all(finding.severity == "hold" for finding in found)
    return {str(finding.at).removeprefix("en-us#") for finding in found}


def test_the_embedded_pages_say_the_same() -> None:
    assert compared(MARKDOWN) == set()


DIFFERENT: Final = {
    "a sentence in a description": (
        "Network Time Protocol (NTP). This",
        "NTP. Only for new nodes. This",
        GLOBAL_NETWORK,
    ),
    "a note": ("if using Azure Firewall network rules", "if using a firewall", GLOBAL_NETWORK),
    "how destinations are joined": (
        "**`*:123`** or **`ntp.ubuntu.com:123`**",
        "**`*:123`**, **`ntp.ubuntu.com:123`**",
        GLOBAL_NETWORK,
    ),
    "the application": ("`HTTPS:443`", "`HTTP:443`", GLOBAL_FQDN),
    "the cloud": ("### Azure US Government required FQDN", "### Azure Global required FQDN", ""),
    "a paragraph": ("## Next steps", "Private clusters need none of this.\n\n## Next steps", ""),
    "a list line": ("## Next steps", "- Private clusters need none of this.\n\n## Next steps", ""),
    "a code block": ("## Next steps", "```\ncurl b.contoso.com\n```\n\n## Next steps", ""),
}


@pytest.mark.parametrize(("old", "new", "heading"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_one_witness_says_alone_is_held(old: str, new: str, heading: str) -> None:
    assert old in MARKDOWN
    found = compared(MARKDOWN.replace(old, new, 1))
    assert found
    assert not heading or {place.partition("/")[0] for place in found} == {heading}


def test_a_sentence_that_the_html_has_alone_is_held() -> None:
    line = next(line for line in MARKDOWN.splitlines() if "admission controller" in line)
    assert compared(MARKDOWN.replace(line, "")) == {"required-outbound-network-rules-and-fqdns-for-aks-clusters"}


def test_the_cloud_of_a_row_is_compared_even_where_its_host_is_the_same() -> None:
    old = "`management.usgovcloudapi.net`** (Azure Government)"
    assert old in MARKDOWN
    assert compared(MARKDOWN.replace(old, old.replace("Azure Government", "Azure China")))
