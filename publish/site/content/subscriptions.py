"""What can be subscribed to: the feeds that lie beside the site, in the order in which people look for theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from publish.site.content.edition import Edition
from publish.site.words.labels import feature_title

FORMS: Final = {"atom": "Atom", "json": "JSON Feed", "ics": "Calendar"}
"""The forms of a feed, by the end of its name."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One feed in its forms: the name of a form, and the path."""

    title: str
    forms: tuple[tuple[str, str], ...]


def subscriptions(edition: Edition) -> dict[str, tuple[Subscription, ...]]:
    """Every feed that is served, by what it is about; what is not served is not offered."""
    clouds = [(cloud, f"feeds/cloud/{cloud}") for cloud in edition.clouds]
    features = [(feature_title(feature), f"feeds/feature/{feature}") for feature in edition.features]
    topics = {
        "Everything": [("Every change", "feeds/all"), ("Only what breaks", "feeds/breaking")],
        "By cloud": clouds,
        "By feature": features,
    }
    found = {about: tuple(_served(edition, feeds)) for about, feeds in topics.items()}
    return {about: feeds for about, feeds in found.items() if feeds}


def _served(edition: Edition, feeds: list[tuple[str, str]]) -> Iterator[Subscription]:
    for title, stem in feeds:
        forms = tuple((name, path) for end, name in FORMS.items() if edition.has(path := f"{stem}.{end}"))
        if forms:
            yield Subscription(title=title, forms=forms)
