"""Nothing passes unread: whatever is put into a page, reworded, moved or taken out, a person is asked first.

Each example changes one thing of a page in one place. Whatever that is, there must be a hold that names the heading,
and no rule may be lost or ask for less without an error. The embedded page is changed in CI, real ones where they are.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Effect, Level, Rule
from scraper.build import SNAPSHOT, shipped_reviewed
from scraper.language.headings import NOT_RULES, plain, read_words
from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, catalog_of, read_page

EMBEDDED: Final = SNAPSHOT / "en-us.html"
NEW: Final = (
    "Also required for Windows nodes.",
    "From June 2027 it's mandatory.",
    "This isn't required anymore.",
    "Hm.",
)


@cache
def html_of(file: Path) -> str:
    return str(BeautifulSoup(file.read_text(encoding="utf-8"), "lxml"))


@cache
def reading_of(file: Path) -> PageReading:
    return read_page(parse_page(html_of(file)), reviewed=shipped_reviewed())


def blocks(soup: BeautifulSoup) -> list[tuple[str, Tag]]:
    """The texts of a page that must be reviewed, each with the id of its heading."""
    return [(heading, tag) for heading, tag in _in_scope(soup) if tag.name in ("p", "li") or _is_description(tag)]


def tables(soup: BeautifulSoup) -> list[tuple[str, Tag]]:
    return [(heading, tag) for heading, tag in _in_scope(soup) if tag.name == "table"]


def _in_scope(soup: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    heading, skipped = "", 0
    for tag in soup.select("main div.content *"):
        if tag.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
            level = int(tag.name[1])
            skipped = 0 if level <= skipped else skipped
            skipped = skipped or (level if plain(tag.get_text()) in NOT_RULES else 0)
            heading = str(tag.get("id"))
        elif not skipped and tag.get_text(strip=True) and not tag.find(["p", "li"]):
            yield heading, tag


def _is_description(tag: Tag) -> bool:
    if tag.name != "td" or tag.find_parent("table") is None:
        return False
    head = [cell.get_text(strip=True) for cell in tag.find_parent("table").find_all("th")]  # type: ignore[union-attr]
    place = len(tag.find_previous_siblings("td"))
    return place < len(head) and head[place] in ("Use", "Purpose")


def is_sentence(tag: Tag) -> bool:
    """Whether it is no title of a box, and no list line that names the cloud of a table."""
    text = tag.get_text(" ", strip=True)
    words = read_words(text)
    return text.lower() not in ("note", "important", "tip", "warning", "caution") and not (
        words.clouds and not words.rest
    )


# ---------------------------------------------------------------- what may come of a change


def strictness(rule: Rule) -> tuple[int, frozenset[str]]:
    """The level of a rule, and what takes it away from somebody."""
    conditions = [*rule.conditions, *(one for destination in rule.destinations for one in destination.conditions)]
    taking = {str(one) for one in conditions if one.effect is not Effect.REQUIRED_IF}
    return rule.level.strictness, frozenset(taking)


def judge(file: Path, soup: BeautifulSoup, heading: str) -> None:
    """A hold names the place, and no rule is lost or asks for less without an error."""
    before = reading_of(file)
    after = read_page(parse_page(str(soup)), reviewed=shipped_reviewed(), known=catalog_of(before))
    asked = [found for found in after.findings if found.severity != "note" and found not in before.findings]
    assert heading in {found.at.heading for found in asked}, str(asked)
    if after.errors:
        return
    now = {rule.id: rule for rule in after.rules}
    # A sentence may be such a rule, and takes it along.
    stated = [rule for rule in before.rules if rule.level is not Level.INFORMATIONAL]
    assert {rule.id for rule in stated} <= now.keys()
    for rule in stated:
        level, taking = strictness(now[rule.id])
        assert level <= strictness(rule)[0], rule.id
        assert taking <= strictness(rule)[1], rule.id


# ---------------------------------------------------------------- sentences

Change = Callable[[Tag, str], None]


def put_first(tag: Tag, text: str) -> None:
    tag.insert(0, NavigableString(f"{text} "))


def put_last(tag: Tag, text: str) -> None:
    tag.append(NavigableString(f" {text}"))


def put_instead(tag: Tag, text: str) -> None:
    tag.string = text


def put_behind(tag: Tag, text: str) -> None:
    new = BeautifulSoup(f"<p>{text}</p>", "lxml").p
    assert new
    (tag.find_parent("table") or tag).insert_after(new)


def leave_out_a_word(tag: Tag, _: str) -> None:
    part = max(tag.find_all(string=True), key=lambda one: len(one.split()))
    words = part.split()
    half = len(words) // 2
    if half:
        part.replace_with(NavigableString(" ".join([*words[:half], *words[half + 1 :]]) + " "))
    else:  # without its one word nothing is left to review: the diff tells what is gone
        put_last(tag, "too")


CHANGES: Final[tuple[Change, ...]] = (put_first, put_last, put_instead, put_behind, leave_out_a_word)


def change_a_sentence(file: Path, number: int, change: Change, text: str) -> None:
    soup = BeautifulSoup(html_of(file), "lxml")
    found = [(heading, tag) for heading, tag in blocks(soup) if is_sentence(tag)]
    heading, tag = found[number % len(found)]
    change(tag, text)
    judge(file, soup, heading)


def move_a_block(file: Path, number: int, other: int) -> None:
    """Put the words of one block in place of those of another one, which stands under another heading."""
    soup = BeautifulSoup(html_of(file), "lxml")
    found = [(heading, tag) for heading, tag in blocks(soup) if is_sentence(tag)]
    (source, one), (heading, tag) = found[number % len(found)], found[other % len(found)]
    moved = one.get_text(" ", strip=True)
    if source == heading or moved in "\n".join(
        other.get_text(" ", strip=True) for there, other in found if there == heading
    ):
        return  # it stands there already, alone or with more: the diff tells what else is gone
    over_rules = {source.heading for rule in reading_of(file).rules for source in rule.sources}
    if not over_rules & {source, heading}:
        return  # where no heading is of a feature the page is one place
    if not moved.endswith("."):
        return  # a few words above a table are taken for its label, which has tests of its own
    put_instead(tag, moved)
    judge(file, soup, heading)


NUMBERS: Final = st.integers(0, 10_000)


@given(NUMBERS, st.sampled_from(CHANGES), st.sampled_from(NEW))
def test_a_sentence_that_is_new_or_reworded_is_held_where_it_stands(number: int, change: Change, text: str) -> None:
    change_a_sentence(EMBEDDED, number, change, text)


@given(NUMBERS, NUMBERS)
def test_a_sentence_that_was_reviewed_elsewhere_is_held_where_it_stands(number: int, other: int) -> None:
    move_a_block(EMBEDDED, number, other)


# ---------------------------------------------------------------- tables

INSTEAD: Final = {
    "nothing": "",
    "a list": "<ul><li>mcr.microsoft.com</li></ul>",
    "a picture": '<p><img src="rules.png" alt="rules"></p>',
    "a code block": "<pre><code>mcr.microsoft.com 443</code></pre>",
    "a frame": '<iframe src="rules.html"></iframe>',
    "an include that failed": "<p>[!INCLUDE [rules](rules.md)]</p>",
    "a button": "<button>Show the rules</button>",
    "a table of other things": "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
    "a table without rows": "<table><thead><tr><th>FQDN</th><th>Port</th><th>Use</th></tr></thead></table>",
}


def replace_a_table(file: Path, number: int, html: str) -> None:
    """What is expected of a table that goes: a hold at its heading. Its rules are gone, and the diff tells them."""
    soup = BeautifulSoup(html_of(file), "lxml")
    found = tables(soup)
    heading, tag = found[number % len(found)]
    tag.replace_with(*(BeautifulSoup(html, "lxml").body or BeautifulSoup("", "lxml")).contents)
    known = catalog_of(reading_of(file))
    after = read_page(parse_page(str(soup)), reviewed=shipped_reviewed(), known=known)
    assert heading in {found.at.heading for found in after.findings if found.severity != "note"}


@pytest.mark.slow
@settings(max_examples=50)
@given(NUMBERS, st.sampled_from(sorted(INSTEAD)))
def test_a_table_that_goes_or_becomes_something_else_is_held(number: int, name: str) -> None:
    replace_a_table(EMBEDDED, number, INSTEAD[name])


# ---------------------------------------------------------------- real pages


@pytest.mark.corpus
@pytest.mark.parametrize("number", range(0, 156, 12))
def test_nothing_of_a_real_page_passes_unread(corpus: Path, number: int) -> None:
    file = sorted((corpus / "en-us").glob("*/*.html"), key=lambda path: path.name)[number]
    drawn = random.Random(number)
    for change in CHANGES:
        change_a_sentence(file, drawn.randrange(1000), change, drawn.choice(NEW))
    for _ in range(4):
        move_a_block(file, drawn.randrange(1000), drawn.randrange(1000))
        replace_a_table(file, drawn.randrange(1000), INSTEAD[drawn.choice(sorted(INSTEAD))])
