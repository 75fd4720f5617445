"""The data of the search: every place of the site that has something to find, in one short list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from publish.site.edition import Edition
from publish.site.glossary import glossary
from publish.site.labels import cloud_meaning, day_text, feature_meaning, feature_title
from publish.site.versions import Version

_PAGES: Final = {
    "history.html": ("History", "rules over time, every version"),
    "compare.html": ("Compare", "what changed since a version: upgrade"),
    "subscribe.html": ("Subscribe", "feeds, RSS, Atom, calendar, badge, poll"),
    "download.html": ("Download", "CSV, JSON, exports for firewalls, release"),
    "known-gaps.html": ("Known gaps", "what the article lacks: advisories"),
}
_NAMED: Final = 6

Place = tuple[str, str, str, str]
"""What it is, its title, its path and words about it. A rule has its id as the title and no path, which follows."""


def search_places(edition: Edition) -> list[Place]:
    """Gather every place, those that people look for first."""
    return [
        *_rules(edition),
        *(("Features", feature_title(one), f"features/{one}.html", feature_meaning(one)) for one in edition.features),
        *(("Clouds", one, f"clouds/{one}.html", cloud_meaning(one)) for one in edition.clouds),
        *_words(),
        *(("Versions", day_text(one.day), one.path, _hosts(one)) for one in reversed(edition.versions)),
        *(("Pages", title, path, words) for path, (title, words) in _PAGES.items()),
    ]


def _rules(edition: Edition) -> Iterator[Place]:
    former = []
    for name, page in edition.rule_pages.items():
        path = page.path if "~~" in page.path else ""
        if page.here:
            yield ("Rules", name, path, "")
        else:
            day = page.life.gone if page.life else None
            former.append(("Former rules", name, path, f"left the article on {day_text(day)}" if day else ""))
    yield from former


def _words() -> Iterator[Place]:
    for terms in glossary().values():
        yield from (("Glossary", term.word, f"glossary.html#{term.anchor}", term.meaning) for term in terms)


def _hosts(version: Version) -> str:
    """The hosts that a version changed, as far as one reads on."""
    found = [f"{change.kind} {change.rule.destinations[0]}" for change in version.changes if change.rule]
    named = list(dict.fromkeys(found))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more
