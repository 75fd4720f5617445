"""A feed as Atom (RFC 4287), written by feedgenerator."""

from __future__ import annotations

import datetime as dt

from feedgenerator import Atom1Feed  # type: ignore[import-untyped]

from publish.notices.feeds.feed import AUTHOR, Feed, entry_html, entry_title


class _Dated(Atom1Feed):  # type: ignore[misc]  # the library has no types
    """Atom whose date comes from its content: the library's own empty feed is as old as the clock."""

    def latest_post_date(self) -> dt.datetime:
        """Return the date of the whole feed."""
        updated: dt.datetime = self.feed["updated"]
        return updated


def atom(feed: Feed) -> bytes:
    """Write a feed as Atom. Each entry has its author, dates, link, categories and content."""
    written = _Dated(
        title=feed.title,
        link=feed.home,
        description=None,
        language="en-us",
        author_name=AUTHOR,
        feed_url=feed.address("atom"),
        feed_guid=feed.id,
        updated=feed.updated,
    )
    for entry in feed.entries:
        written.add_item(
            title=entry_title(entry),
            link=feed.entry_url(entry),
            description=None,
            content=entry_html(entry),
            unique_id=feed.entry_id(entry),
            pubdate=entry.moment,
            categories=(entry.severity, *entry.clouds, *entry.features),
        )
    text: str = written.writeString("utf-8")
    return text.encode()
