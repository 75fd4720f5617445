"""A feed as JSON Feed 1.1, with the facts of each entry for programs under ``_aks_egress``."""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.history.changes import summarize
from aks_egress_catalog.text.codec import to_json
from publish.notices.entries import Entry, lines_to_add
from publish.notices.feeds.feed import AUTHOR, Feed, commit_word, entry_html, entry_title

VERSION: Final = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """Write a feed as JSON Feed."""
    return to_json(
        {
            "version": VERSION,
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.address("json"),
            **({"next_url": feed.address("json", feed.older)} if feed.older else {}),
            "language": "en-us",
            "authors": [{"name": AUTHOR}],
            "items": [_item(feed, entry) for entry in feed.entries],
        },
        compact=True,
    ).encode()


def _item(feed: Feed, entry: Entry) -> dict[str, object]:
    return {
        "id": feed.entry_id(entry),
        "url": feed.entry_url(entry),
        "title": entry_title(entry),
        "content_html": entry_html(entry),
        "date_published": entry.moment.isoformat().replace("+00:00", "Z"),
        "tags": [entry.severity, *entry.clouds, *entry.features],
        "_aks_egress": {
            "commit": commit_word(entry.commit),
            "severity": entry.severity,
            "summary": summarize(entry.changes).summary,
            "clouds": entry.clouds,
            "features": entry.features,
            "add": lines_to_add(entry.changes),
        },
    }
