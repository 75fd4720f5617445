"""One feed before it has a format: its address, its entries, and the ids that they keep for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from aks_egress_catalog.history.changes import Change
from publish.github.markdown import UPSTREAM
from publish.notices.entries import Entry, by_place, details, headline, lines_to_add, title

AUTHOR: Final = "aks-egress-catalog"
_TAG: Final = "tag:aks-egress-catalog.github.io,2026:"
"""RFC 4151. It stays, wherever the feeds move: an id that changes makes everything new to every reader."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What one address serves, newest first. ``begun`` is the first day of the history."""

    scope: str
    title: str
    home: str
    begun: dt.date
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """The id of the feed, which is not its address."""
        return f"{_TAG}feeds/{self.scope}"

    @property
    def updated(self) -> dt.datetime:
        """The day of its newest entry; an empty feed is as old as the history."""
        begun = dt.datetime.combine(self.begun, dt.time(), dt.UTC)
        return self.entries[0].moment if self.entries else begun

    def path(self, form: str) -> str:
        """Where the feed lies below its home, in one format."""
        return f"feeds/{self.scope}.{form}"

    def address(self, form: str) -> str:
        """Where the feed is read, in one format."""
        return f"{self.home}/{self.path(form)}"

    def entry_id(self, entry: Entry) -> str:
        """The id of an entry: its day, its commit and this feed's scope, for elsewhere it has other changes."""
        return f"{_TAG}told/{entry.date}/{commit_word(entry.commit)}/{self.scope}"

    def entry_url(self, entry: Entry) -> str:
        """Where to read more of an entry: the upstream commit."""
        return f"{UPSTREAM}/{entry.commit}" if commit_word(entry.commit) == entry.commit else self.home


def entry_title(entry: Entry) -> str:
    """Name an entry by its day, its counts and what it is about."""
    clouds = ", ".join(entry.clouds)
    return f"{entry.date}: {title(entry.changes)}{f' for {clouds}' if clouds else ''}"


def entry_html(entry: Entry) -> str:
    """Write an entry as HTML: since when, by which commit, the lines to add, and every change by cloud and feature."""
    return "\n".join(_html(entry))


def _html(entry: Entry) -> Iterator[str]:
    yield f"<p>Since {entry.date}, upstream commit <code>{escape(commit_word(entry.commit))}</code>.</p>"
    if lines := lines_to_add(entry.changes):
        yield "<h3>Lines to add</h3>"
        yield f"<pre>{escape(chr(10).join(lines))}</pre>"
    for place, changes in by_place(entry.changes):
        yield f"<h3>{escape(place)}</h3>"
        yield f"<ul>{''.join(map(_html_of, changes))}</ul>"


def _html_of(change: Change) -> str:
    below = "".join(f"<li>{escape(line)}</li>" for line in details(change))
    return f"<li>{escape(headline(change))}{f'<ul>{below}</ul>' if below else ''}</li>"


def commit_word(commit: str) -> str:
    """A commit as it may stand in an id and an address: letters and digits, as git writes it."""
    return "".join(one for one in commit if one.isascii() and one.isalnum()) or "unknown"
