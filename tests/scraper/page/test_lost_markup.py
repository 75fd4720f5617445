"""Markup that is broken by one slip: what a browser would swallow is reported, never dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from scraper.findings import Severity
from scraper.page.page import parse_page
from scraper.reading.page_rules import read_page
from tests.scraper.reviewing import ALL_REVIEWED

SNAPSHOT: Final = (Path(__file__).parents[3] / "scraper" / "snapshot" / "en-us.html").read_text(encoding="utf-8")
HEADING: Final = "Workload identity required FQDN"
HOST: Final = "<code>mcr.microsoft.com</code>"


def findings(old: str, new: str) -> set[tuple[str, str]]:
    """Change one place of the embedded page and give what is reported, notes aside."""
    assert old in SNAPSHOT
    reading = read_page(parse_page(SNAPSHOT.replace(old, new, 1)), reviewed=ALL_REVIEWED)
    return {(str(one.severity), one.code) for one in reading.findings if one.severity is not Severity.NOTE}


@pytest.mark.parametrize("slip", ["<!--", "<div hidden>", "<tr>", "<td>"])
def test_an_open_comment_or_element_in_a_heading_loses_no_table_in_silence(slip: str) -> None:
    assert ("error", "lost-rows") in findings(HEADING, f"Workload id{slip}entity required FQDN")


def test_a_comment_that_holds_a_table_is_no_loss() -> None:
    comment = "<!-- <table><tr><th>FQDN</th></tr></table> -->"
    assert findings('<h2 id="next-steps"', comment + '<h2 id="next-steps"') == set()


def test_the_rows_behind_a_broken_end_of_a_row_are_told() -> None:
    assert findings("</td>\n</tr>\n<tr>", "</td>\n<<li>/tr>\n<tr>")


@pytest.mark.parametrize("slip", ["<br>", "<p>", "<li>"])
def test_a_line_break_inside_one_code_mark_is_held(slip: str) -> None:
    assert ("hold", "broken-code") in findings(HOST, f"<code>mcr.micro{slip}soft.com</code>")


def test_words_beside_the_cells_of_a_row_are_an_error() -> None:
    assert ("error", "row-length") in findings(HOST, "<code>mcr.microsoft.co</td>m</code>")


@pytest.mark.parametrize("host", ["login.m&lt;region&gt;icrosoftonline.com", "dat*a.policy.example.com"])
def test_a_placeholder_or_star_grown_into_a_word_is_held(host: str) -> None:
    assert ("hold", "unusual-wildcard") in findings(HOST, f"<code>{host}</code>")


def test_struck_out_words_of_a_description_are_held() -> None:
    assert ("hold", "withdrawn-text") in findings("This isn't required for", "<s>This</s> isn't required for")
