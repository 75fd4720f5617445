"""The data of the search: every place of the site that has something to find, in one short list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from publish.site.content.edition import Edition
from publish.site.content.versions import Version
from publish.site.handbook import Handbook
from publish.site.handbook.chapters import page_path
from publish.site.handbook.sections import Section
from publish.site.words.glossary import glossary
from publish.site.words.labels import cloud_meaning, day_text, feature_meaning, feature_title

_PAGES: Final = {
    "cluster.html": ("My cluster", "the list of one cluster: profile, export, az aks show"),
    "history.html": ("History", "rules over time, every version"),
    "compare.html": ("Compare", "what changed since a version: upgrade"),
    "subscribe.html": ("Subscribe", "feeds, RSS, Atom, calendar, badge, poll"),
    "download.html": ("Download", "CSV, JSON, exports for firewalls, release"),
    "known-gaps.html": ("Known gaps", "what the article lacks: advisories"),
}
_NAMED: Final = 6
_TELLING: Final = range(2, 9)
"""So many sections of the handbook have a word by which one looks for them: one that is used once is seldom one,
and one that is everywhere tells none of them from the others."""


class Place(NamedTuple):
    """What it is, its title, its path and words about it; by ``unseen`` words it is found as well.

    A rule has its id as the title and no path, which follows from it.
    """

    kind: str
    title: str
    path: str = ""
    words: str = ""
    unseen: str = ""


def search_places(edition: Edition, handbook: Handbook) -> list[Place]:
    """Gather every place, those that people look for first."""
    return [
        *_rules(edition),
        *(
            Place("Features", feature_title(one), f"features/{one}.html", feature_meaning(one))
            for one in edition.features
        ),
        *(Place("Clouds", one, f"clouds/{one}.html", cloud_meaning(one)) for one in edition.clouds),
        *_words(),
        *_sections(handbook),
        *(Place("Versions", day_text(one.day), one.path, _hosts(one)) for one in reversed(edition.versions)),
        *(Place("Pages", title, path, words) for path, (title, words) in _PAGES.items()),
    ]


def _rules(edition: Edition) -> Iterator[Place]:
    former = []
    for name, page in edition.rule_pages.items():
        path = page.path if "~~" in page.path else ""
        if page.here:
            yield Place("Rules", name, path)
        else:
            day = page.life.gone if page.life else None
            former.append(Place("Former rules", name, path, f"left the article on {day_text(day)}" if day else ""))
    yield from former


def _words() -> Iterator[Place]:
    for terms in glossary().values():
        yield from (Place("Glossary", term.word, f"glossary.html#{term.anchor}", term.meaning) for term in terms)


def _sections(handbook: Handbook) -> Iterator[Place]:
    """Chapters and their sections; a section says of which chapter it is."""
    chapters = [(page_path(one.file), handbook.pages[one.file]) for one in handbook.chapters[1:]]
    counts = Counter(word for _, page in chapters for section in page.sections for word in section.words)
    for path, page in chapters:
        for section in page.sections:
            at, more = (f"{path}#{section.anchor}", page.title) if section.anchor else (path, page.description)
            yield Place("Documentation", section.title, at, more, _telling(section, f"{section.title} {more}", counts))


def _telling(section: Section, seen: str, counts: Counter[str]) -> str:
    """The words by which a section is found; one that stands within another of them, or is seen, is left out."""
    telling = section.code | {word for word in section.words if counts[word] in _TELLING}
    told = ""
    for word in sorted(telling, key=lambda one: (-len(one), one)):
        if word not in f"{seen.lower()}{told}":
            told += f" {word}"
    return told.strip()


def _hosts(version: Version) -> str:
    """The hosts that a version changed, as far as one reads on."""
    found = [f"{change.kind} {change.rule.destinations[0]}" for change in version.changes if change.rule]
    named = list(dict.fromkeys(found))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more
