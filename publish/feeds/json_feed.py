"""A feed as JSON Feed 1.1, with what a program wants to know of each entry under ``_aks_egress``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aks_egress_catalog.changes import summarize
from aks_egress_catalog.store import to_json
from publish.feeds.feed import AUTHOR, commit_word, entry_html, entry_title
from publish.told import lines_to_add

if TYPE_CHECKING:
    from publish.feeds.feed import Feed
    from publish.told import Entry

VERSION: Final = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """Write a feed as JSON Feed."""
    return to_json(
        {
            "version": VERSION,
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.address("json"),
            "language": "en-us",
            "authors": [{"name": AUTHOR}],
            "items": [_item(feed, entry) for entry in feed.entries],
        }
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
