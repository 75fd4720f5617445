"""The handbook: the Markdown of ``docs/`` in, pages of the site under ``docs/`` out.

``docs/README.md`` is the start page. Its headings and its lists of links say which pages there are, in which order; a
document that it does not list is on GitHub only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from publish.site.content.edition import Edition, SiteError
from publish.site.handbook.chapters import Chapter, chapters_of, page_path
from publish.site.handbook.links import Links
from publish.site.handbook.prose import Prose, read_prose
from publish.site.templating import render

DOCS: Final = Path(__file__).parents[3] / "docs"
START: Final = "README.md"


class Neighbour(NamedTuple):
    """Another page: where it is from here, and its title."""

    target: str
    title: str


class Handbook(NamedTuple):
    """The chapters in their order, the start page first, and the page of each by its file."""

    chapters: tuple[Chapter, ...]
    pages: dict[str, Prose]


def read(edition: Edition, folder: Path = DOCS) -> Handbook:
    """Read every document that the start page lists.

    Raises:
        SiteError: the folder has no start page, or lacks a document that it lists.
    """
    try:
        start = (folder / START).read_text(encoding="utf-8")
        chapters = (Chapter(section="", file=START), *chapters_of(start))
        texts = {one.file: (folder / one.file).read_text(encoding="utf-8") for one in chapters}
    except OSError as error:
        raise SiteError(f"the handbook cannot be read: {error}") from error
    links = Links(files=frozenset(texts), served=edition.beside, repository=edition.repository_url)
    return Handbook(chapters=chapters, pages={one.file: read_prose(texts[one.file], links) for one in chapters})


def write(edition: Edition, handbook: Handbook) -> Iterator[tuple[str, bytes]]:
    """Write every page of a handbook, by path."""
    for place in range(len(handbook.chapters)):
        yield _page(edition, handbook, place)


def _page(edition: Edition, handbook: Handbook, place: int) -> tuple[str, bytes]:
    chapters, pages = handbook
    chapter, path = chapters[place], page_path(chapters[place].file)
    listed = [(one.section, Neighbour(_beside(one), pages[one.file].title)) for one in chapters]
    return path, render(
        "handbook.html",
        site=edition,
        path=path,
        root="../",
        chapter=chapter,
        page=pages[chapter.file],
        sections=[(name, [one for _, one in group]) for name, group in groupby(listed[1:], itemgetter(0))],
        older=listed[place - 1][1] if place else None,
        newer=listed[place + 1][1] if place + 1 < len(listed) else None,
    )


def _beside(chapter: Chapter) -> str:
    """The address of a page from any other."""
    return page_path(chapter.file).removeprefix("docs/")
