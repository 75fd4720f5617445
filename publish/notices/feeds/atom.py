"""A feed as Atom (RFC 4287), paged by archives (RFC 5005), written by feedgenerator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from feedgenerator import Atom1Feed  # type: ignore[import-untyped]

from publish.notices.feeds.feed import AUTHOR, Feed, entry_html, entry_title

_HISTORY: Final = "http://purl.org/syndication/history/1.0"
"""The namespace of RFC 5005."""


class _Paged(Atom1Feed):  # type: ignore[misc]  # the library has no types
    """Atom with links to its archives, and the date of its content: the library's own is that of the clock."""

    def latest_post_date(self) -> dt.datetime:
        """Return the date of the whole feed."""
        updated: dt.datetime = self.feed["updated"]
        return updated

    def root_attributes(self) -> dict[str, str]:
        """Name the namespace of archives where one is written."""
        attributes: dict[str, str] = super().root_attributes()
        return attributes | ({"xmlns:fh": _HISTORY} if self.feed["archive"] else {})

    def add_root_elements(self, handler: Any) -> None:
        """Say which document this is, and where the others are."""
        super().add_root_elements(handler)
        if self.feed["archive"]:
            handler.addQuickElement("fh:archive", "", {})
        for rel, address in self.feed["documents"]:
            handler.addQuickElement("link", "", {"rel": rel, "href": address})


def atom(feed: Feed) -> bytes:
    """Write a feed as Atom. Each entry has its author, dates, link, categories and content."""
    written = _Paged(
        title=feed.title,
        link=feed.home,
        description=None,
        language="en-us",
        author_name=AUTHOR,
        feed_url=feed.address("atom"),
        feed_guid=feed.id,
        updated=feed.updated,
        archive=feed.number,
        documents=tuple(_documents(feed)),
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


def _documents(feed: Feed) -> Iterator[tuple[str, str]]:
    if feed.number:
        yield "current", feed.address("atom", 0)
    if feed.older:
        yield "prev-archive", feed.address("atom", feed.older)
    if feed.newer:
        yield "next-archive", feed.address("atom", feed.newer)
