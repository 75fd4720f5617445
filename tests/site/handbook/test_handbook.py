"""The handbook: which pages it has, what Markdown becomes, and what it can never become."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import pytest

from aks_egress_catalog.history.announced import HOLD
from aks_egress_catalog.history.revisions import History
from publish.site.content.edition import Edition, SiteError
from publish.site.handbook import DOCS, read, write
from publish.site.handbook.chapters import chapters_of
from publish.site.handbook.links import SITE, Links
from publish.site.handbook.prose import read_prose
from tests.base import CATALOG
from tests.site.builds import HOSTILE, NOW, small
from tests.site.test_site import ALLOWED, Reader, words

EDITION: Final = Edition(
    catalog=CATALOG,
    history=History(attribution="", events=(), rules={}),
    announced=(),
    texts={},
    now=NOW,
    hold=HOLD,
    checked=None,
    base_url="",
    repository="owner/name",
    states={},
    beside=frozenset({"version.json"}),
)
LINKS: Final = Links(files=frozenset({"a.md", "README.md"}), served=frozenset({"version.json"}), repository="")
REPOSITORY: Final = "https://github.com/owner/name"


@pytest.fixture(scope="module")
def pages() -> dict[str, Reader]:
    return {path: Reader(content) for path, content in write(EDITION, read(EDITION))}


def body(markdown: str, links: Links = LINKS) -> str:
    """The markup of a document behind its title and first paragraph."""
    return str(read_prose(f"# Title\n\nFirst.\n\n## Section\n\n{markdown}", links).body).partition("</h2>\n")[2]


def test_every_listed_document_is_a_page_in_its_order_and_the_start_page_is_first(pages: dict[str, Reader]) -> None:
    listed = [one.file for one in chapters_of((DOCS / "README.md").read_text(encoding="utf-8"))]
    assert list(pages) == ["docs/index.html", *(f"docs/{PurePosixPath(name).stem}.html" for name in listed)]
    assert len(listed) > 14


def test_pages_lead_to_the_one_before_and_the_one_after(pages: dict[str, Reader]) -> None:
    names = [path.removeprefix("docs/") for path in pages]
    for place, page in enumerate(pages.values()):
        turns = {one["rel"]: one["href"] for one in page.all("a") if one.get("rel") in ("prev", "next")}
        assert turns.get("prev") == (names[place - 1] if place else None)
        assert turns.get("next") == (names[place + 1] if place + 1 < len(names) else None)


def test_a_page_is_marked_among_the_others_and_in_the_header(pages: dict[str, Reader]) -> None:
    for path, page in pages.items():
        current = {one["href"]: one["aria-current"] for one in page.all("a") if "aria-current" in one}
        name = path.removeprefix("docs/")
        here = {} if name == "index.html" else {name: "page"}
        assert current == here | {"../docs/index.html": "true" if here else "page"}, path


def test_every_anchor_that_a_page_links_exists(pages: dict[str, Reader]) -> None:
    everything = {path: Reader(content) for path, content in small().items() if path == "glossary.html"} | pages
    ids = {path: {one["id"] for _, one in page.elements if "id" in one} for path, page in everything.items()}
    for path, page in pages.items():
        for link in (one.get("href") or "" for one in page.all("a")):
            parts = urlsplit(link)
            if parts.fragment and not parts.scheme:
                target = f"docs/{parts.path}" if parts.path else path
                target = target.removeprefix("docs/../")
                assert parts.fragment in ids.get(target, {parts.fragment} if "index" in target else ()), (path, link)


def test_a_long_page_has_its_contents_and_every_section_a_link_to_itself(pages: dict[str, Reader]) -> None:
    page = pages["docs/explain.html"]
    sections = [one["id"] for one in page.all("h2")]
    links = [one["href"] for one in page.all("a")]
    assert all(links.count(f"#{name}") == 2 for name in sections)  # in the contents, and beside the heading
    assert "On this page Try it Which logs" in words(page)


def test_titles_and_descriptions_are_those_of_the_documents(pages: dict[str, Reader]) -> None:
    found = {path: page.all("meta")[-1] for path, page in pages.items()}
    assert all(30 < len(one["content"] or "") <= 202 for one in found.values())
    assert "Read a rule · AKS egress catalog" in pages["docs/rules.html"].text


def test_links_lead_to_pages_the_site_and_the_repository(pages: dict[str, Reader]) -> None:
    links = {one.get("href") for page in pages.values() for one in page.all("a")}
    assert {"linting.html", "../glossary.html", "../glossary.html#only-if", "../version.json"} <= links
    assert f"{REPOSITORY}/blob/main/publish/subscribers.toml" in links
    assert f"{SITE}status.json" in links  # not beside this edition, so it stays where it is
    assert not [link for link in links if link and link.endswith(".md") and not link.startswith("https://")]


def test_without_a_repository_what_is_only_there_is_text() -> None:
    assert body("[a](../action.yml)") == "<p><span>a</span></p>\n"
    known = replace(LINKS, repository=REPOSITORY)
    assert body("[a](b.md#c)", known) == f'<p><a href="{REPOSITORY}/blob/main/docs/b.md#c">a</a></p>\n'


@pytest.mark.parametrize("target", [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example/", "http://a.io/",
    "https://user@evil.example/", "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "\\\\evil", "mailto:a@b.io",
])  # fmt: skip
def test_a_link_that_leads_astray_is_none(target: str) -> None:
    found = body(f"[text]({target})", replace(LINKS, repository=REPOSITORY))
    assert "<a " not in found or 'href="https://github.com/owner/name/blob/main/docs/' in found
    assert "text" in found


def test_html_images_and_hostile_text_stay_text(tmp_path: Path) -> None:
    lines = [
        *HOSTILE,
        "![x](https://evil.example/x.png)",
        "<b onclick=x>",
        "&lt;script&gt;",
        "[a]: javascript:x",
        "[a]",
    ]
    everywhere = "\n\n".join((*lines, *(f"`{one}`" for one in lines), *(f"    {one}" for one in lines)))
    fenced = "".join(f"```{one.replace('`', '')} title={one}\n$ {one}\n{one}\n```\n\n" for one in lines)
    table = "| " + " | ".join(one.replace("|", "") for one in lines) + " |\n| " + "--- | " * len(lines) + "\n"
    heading = "".join(f"## {one}\n\n" for one in lines)
    (tmp_path / "README.md").write_text(f"# {HOSTILE[0]}\n\n{HOSTILE[1]}\n\n- [a](a.md)\n", encoding="utf-8")
    (tmp_path / "a.md").write_text(f"# {HOSTILE[4]}\n\n{everywhere}\n\n{fenced}{table}{heading}", encoding="utf-8")
    for path, content in write(EDITION, read(EDITION, tmp_path)):
        page = Reader(content)
        assert {tag for tag, _ in page.elements} <= ALLOWED - {"img"} | {"h3"}, path
        assert len(page.all("script")) == 1
        for tag, attributes in page.elements:
            assert not any(name.startswith("on") or name in ("style", "autofocus") for name in attributes), (path, tag)
            assert urlsplit(attributes.get("href") or "").scheme in ("", "https")
        assert not set("\u202e\u2066\u0000\u001b") & set(content.decode()), path
        assert "evil.example/x.png" not in str(page.all("img"))


def test_a_console_marks_what_is_typed_and_copies_it_alone() -> None:
    found = body("```console\n$ a --b \\\n  --c\n<out>\n$ d\n```")
    assert re.findall(r'<span class="command">([^<]*)</span>', found) == ["a --b \\\n  --c", "d"]
    assert "\n&lt;out&gt;\n" in found
    assert body("    $ a\n    out") == body("```console\n$ a\nout\n```")


def test_a_python_console_hides_what_is_for_the_test() -> None:
    found = body("```pycon\n>>> a = 1  # doctest: +SKIP\n>>> a\n1\n```")
    assert re.findall(r'<span class="command">([^<]*)</span>', found) == ["a = 1", "a"]
    assert "doctest" not in found


def test_a_file_has_its_name_above_it() -> None:
    assert "<figcaption>cluster.toml</figcaption>" in body("```toml title=cluster.toml\na = 1\n```")
    assert "figcaption" not in body("```toml\na = 1\n```")


def test_a_cell_says_of_which_column_it_is_and_only_short_tables_stay_tables() -> None:
    found = body("| a `b` | c |\n| --- | :-: |\n| 1 | 2 |")
    assert '<table class="short">' in found
    assert '<td data-label="a b">1</td>' in found
    assert "style" not in found
    assert '<table class="long">' in body(f"| a |\n| --- |\n| {'x' * 25} |")


def test_a_start_page_that_lists_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="the handbook cannot be read"):
        list(write(EDITION, read(EDITION, tmp_path)))
    (tmp_path / "README.md").write_text("# A\n\n- [gone](gone.md)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"gone\.md"):
        list(write(EDITION, read(EDITION, tmp_path)))
