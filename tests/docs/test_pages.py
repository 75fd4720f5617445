"""Every document hangs together: links lead to a file and a heading, every page is listed, forms and options exist."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from publish.site.handbook.chapters import chapters_of
from publish.site.handbook.links import SITE
from publish.site.handbook.prose import anchors
from tests.action import BIN, run
from tests.docs.documents import DOCS, ROOT, blocks, text_of

LINKED: Final = [*DOCS, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
FORMS: Final = ROOT / ".github" / "ISSUE_TEMPLATE"
NEW_ISSUE: Final = "https://github.com/aks-egress-catalog/aks-egress-catalog/issues/new"
START: Final = chapters_of(text_of(ROOT / "docs" / "README.md"))


def name_of(document: Path) -> str:
    return os.path.relpath(document, ROOT)


def links(document: Path) -> Iterator[str]:
    for token in MarkdownIt("commonmark").enable("table").parse(text_of(document)):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrGet("href"))


@pytest.mark.parametrize("document", LINKED, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    for link in links(document):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        target = (document.parent / parts.path).resolve() if parts.path else document
        assert target.exists(), link
        assert not parts.fragment or parts.fragment in anchors(MarkdownIt().parse(text_of(target))), link


def test_every_form_that_is_linked_exists() -> None:
    asked = {link for document in LINKED for link in links(document) if link.startswith(NEW_ISSUE)}
    forms = {name for link in asked for name in parse_qs(urlsplit(link).query)["template"]}
    assert forms == {file.name for file in FORMS.glob("[0-9]*.yml")}


def test_every_document_is_listed_on_the_start_page() -> None:
    assert {one.file for one in START} == {document.name for document in DOCS} - {"README.md"}


def test_every_document_begins_with_a_title_and_a_paragraph() -> None:
    for document in DOCS:
        first, *rest = MarkdownIt().parse(text_of(document))
        assert (first.type, first.tag, rest[2].type) == ("heading_open", "h1", "paragraph_open"), document.name
        ranks = [int(token.tag[1]) for token in (first, *rest) if token.type == "heading_open"]
        assert ranks.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(ranks)), document.name


def test_the_words_of_the_glossary_are_linked_and_not_explained_anew() -> None:
    assert any(link.startswith(f"{SITE}glossary.html") for link in links(ROOT / "docs" / "rules.md"))
    assert not [document.name for document in DOCS if "## Glossary" in text_of(document)]


def workflows() -> Iterator[tuple[str, str]]:
    for document in DOCS:
        for block in blocks(document):
            if block.language == "yaml" and "\njobs:" in block.text:
                yield f"{document.name}:{block.line}", re.sub(r"uses: aks-egress-catalog/\S+", "uses: ./", block.text)


def test_every_workflow_is_one(tmp_path: Path) -> None:
    place = tmp_path / ".github" / "workflows" / "test.yml"
    place.parent.mkdir(parents=True)
    (tmp_path / "action.yml").write_bytes((ROOT / "action.yml").read_bytes())
    run("git", "init", "--quiet", cwd=tmp_path)
    found = dict(workflows())
    assert len(found) > 1
    for name, text in found.items():
        assert yaml.safe_load(text)["jobs"], name
        place.write_text(text, encoding="utf-8")
        done = run(BIN / "actionlint", cwd=tmp_path)
        assert done.returncode == 0, f"{name}\n{done.stdout}"
