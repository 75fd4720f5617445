"""Golden cases: a folder a case under tests/golden, named after what it shows.

``page.html`` is the page, in our own words; ``page.md``, where it is there, its second witness, and ``known.html``
an earlier page, by whose catalog a renamed section is recognized. ``reviewed.json`` says what the sentences of a case
that is about sentences mean. ``expected.json`` is what comes of it: the flat
list, the findings, and of a rule what the flat list has no column for. ``pytest --update-golden`` rewrites it;
read what it wrote before you commit it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.render.flat import flatten
from scraper.cells.table_words import HEADERS, Column
from scraper.findings import Finding, PageError
from scraper.language.reviewed import Reviewed, read_reviewed
from scraper.page.page import Line, Page, parse_page
from scraper.reading.page_rules import PageReading, catalog_of, read_page
from scraper.witnesses.compare import differences, differing_blocks
from scraper.witnesses.markdown import read_markdown
from tests.scraper.reviewing import AllReviewed

GOLDEN: Final = Path(__file__).parents[1] / "golden"
CASES: Final = sorted(page.parent.name for page in GOLDEN.glob("*/page.html"))
FILES: Final = {"page.html", "page.md", "known.html", "reviewed.json", "expected.json"}
COPIED_WORDS: Final = 8


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def outcome(case: Path) -> dict[str, object]:
    """Read a case as ``scraper build`` does: the page, then its second witness."""
    try:
        reading = read_page(parse_page(text_of(case / "page.html")), reviewed=reviewed_of(case), known=known_of(case))
    except PageError as error:
        return {"rules": [], "findings": reported(error.findings)}
    read: dict[str, object] = {
        "rules": [asdict(flat) for flat in flatten(reading.rules)],
        "findings": reported([*reading.findings, *second_witness(case, reading)]),
    }
    beyond = beyond_the_flat_list(reading)
    return read | ({"beyond": beyond} if beyond else {})


def known_of(case: Path) -> Catalog | None:
    file = case / "known.html"
    return catalog_of(read_page(parse_page(text_of(file)), reviewed=AllReviewed({}))) if file.exists() else None


def reviewed_of(case: Path) -> Reviewed:
    """The sentences of a case that is about them; in any other every sentence was reviewed and means nothing."""
    file = case / "reviewed.json"
    return read_reviewed(text_of(file)) if file.exists() else AllReviewed({})


def second_witness(case: Path, reading: PageReading) -> tuple[Finding, ...]:
    file = case / "page.md"
    if not file.exists():
        return ()
    witness = read_markdown(text_of(file))
    return (
        *witness.findings,
        *differences(reading.rows, witness.rows, locale="en-us"),
        *differing_blocks(reading.page, witness.blocks),
    )


def reported(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Write findings without their messages, which may be reworded."""
    return [{"severity": found.severity, "code": found.code, "at": str(found.at)} for found in findings]


def beyond_the_flat_list(reading: PageReading) -> list[dict[str, object]]:
    """Write what a rule carries that the flat list has no column for."""
    rows: list[dict[str, object]] = []
    for rule in reading.rules:
        facts: dict[str, object] = {
            "constraints": rule.constraints,
            "replaced_by": rule.lifecycle.replaced_by,
            "sources": list(map(str, rule.sources)) if len(rule.sources) > 1 else None,
            "texts": reading.texts.get(rule.id) if len(rule.sources) > 1 else None,
        }
        stated = {name: value for name, value in facts.items() if value}
        rows += [{"id": rule.id} | stated] if stated else []
    return rows


def render(read: dict[str, object]) -> str:
    """Write one row a line, so that a person can read it and its diff."""
    return "{\n" + ",\n".join(f' "{name}": {render_rows(rows)}' for name, rows in read.items()) + "\n}\n"


def render_rows(rows: object) -> str:
    assert isinstance(rows, list)
    lines = [f"  {json.dumps(row, ensure_ascii=False)}" for row in rows]
    return "[\n" + ",\n".join(lines) + "\n ]" if lines else "[]"


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_read_to_the_rules_and_findings_expected(name: str, request: pytest.FixtureRequest) -> None:
    case = GOLDEN / name
    read, expected = render(outcome(case)), case / "expected.json"
    if request.config.getoption("--update-golden"):
        expected.write_text(read, encoding="utf-8")
    assert read == text_of(expected)


def test_a_case_holds_nothing_but_its_pages_and_what_is_expected() -> None:
    strays = [file for file in GOLDEN.rglob("*") if file.is_file() and file.name not in FILES]
    assert strays == []
    assert [folder.name for folder in sorted(GOLDEN.iterdir())] == CASES


def words(text: str) -> list[str]:
    return re.findall(r"[\w*.'-]+", text.lower())


def prose(page: Page) -> Iterator[str]:
    """Give the text of a page that is no fact: its lines and what its tables say of the use of a row."""
    for block in (block for part in page.sections for block in part.blocks):
        if isinstance(block, Line):
            yield block.text
        else:
            uses = [index for index, name in enumerate(block.header) if HEADERS.get(name.casefold()) is Column.USE]
            yield from (row.cells[index] for row in block.rows for index in uses if index < len(row.cells))


def runs(text: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(text[start : start + COPIED_WORDS]) for start in range(len(text) - COPIED_WORDS + 1)}


@pytest.mark.corpus
def test_no_case_copies_a_sentence_of_the_corpus(corpus: Path) -> None:
    theirs: set[tuple[str, ...]] = set()
    for file in corpus.glob("en-us/*/*.html"):
        theirs |= runs(words(re.sub(r"<[^>]*>", " ", text_of(file))))
    files = [*GOLDEN.glob("*/page.html"), *GOLDEN.glob("*/known.html")]
    pages = [parse_page(text_of(file)) for file in files if "</main>" in text_of(file)]
    ours = {run for page in pages for text in prose(page) for run in runs(words(text))}
    assert ours & theirs == set()
