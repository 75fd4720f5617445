"""One feed before it has a format: its addresses, its entries, and the ids that they keep for ever.

A feed is served in documents of 30 entries (RFC 5005, 4). The one at the feed's address has the newest; archives have
all others, 30 each from the oldest on, so that an archive never changes once it is there::

    entries, oldest first   1 … 30        31 … 60       61 … 90            95
    documents               archive/1     archive/2     archive/3
                                                             66 … the feed … 95
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

from aks_egress_catalog.history.changes import Change
from publish.github.markdown import UPSTREAM
from publish.notices.entries import Entry, by_place, details, headline, lines_to_add, title

AUTHOR: Final = "aks-egress-catalog"
SHOWN: Final = 30
"""So many entries has a document."""
_TAG: Final = "tag:aks-egress-catalog.github.io,2026:"
"""RFC 4151. It stays, wherever the feeds move: an id that changes makes everything new to every reader."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What one address serves, newest first. ``begun`` is the first day of the history.

    ``pages`` has the page of the site about a change, by upstream commit. ``number`` counts archives from the oldest;
    it is 0 for the feed itself. ``archives`` is how many there are.
    """

    scope: str
    title: str
    home: str
    begun: dt.date
    entries: tuple[Entry, ...]
    pages: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    archives: int = 0

    @property
    def id(self) -> str:
        """The id of the feed, which is not its address."""
        return f"{_TAG}feeds/{self.scope}"

    @property
    def updated(self) -> dt.datetime:
        """The day of its newest entry; an empty feed is as old as the history."""
        begun = dt.datetime.combine(self.begun, dt.time(), dt.UTC)
        return self.entries[0].moment if self.entries else begun

    def documents(self) -> tuple[Feed, ...]:
        """The feed as it is served: its newest entries, then its archives, the newest first."""
        count = -(-max(len(self.entries) - SHOWN, 0) // SHOWN)
        end = len(self.entries)
        archived = (
            replace(self, entries=self.entries[end - number * SHOWN : end - (number - 1) * SHOWN], number=number)
            for number in range(count, 0, -1)
        )
        served = (replace(self, entries=self.entries[:SHOWN]), *archived)
        return tuple(replace(one, archives=count) for one in served)

    @property
    def older(self) -> int:
        """The number of the archive with what was before; 0 where nothing was."""
        return self.number - 1 if self.number else self.archives

    @property
    def newer(self) -> int:
        """The number of the archive with what came next; 0 where that is the feed itself, or nothing."""
        return self.number + 1 if 0 < self.number < self.archives else 0

    def path(self, form: str, number: int | None = None) -> str:
        """Where this document lies below its home, in one format; or another one of the same feed."""
        wanted = self.number if number is None else number
        return f"feeds/archive/{self.scope}/{wanted}.{form}" if wanted else f"feeds/{self.scope}.{form}"

    def address(self, form: str, number: int | None = None) -> str:
        """Where it is read, in one format."""
        return f"{self.home}/{self.path(form, number)}"

    def entry_id(self, entry: Entry) -> str:
        """The id of an entry: its day, its commit and this feed's scope, for elsewhere it has other changes."""
        return f"{_TAG}told/{entry.date}/{commit_word(entry.commit)}/{self.scope}"

    def entry_url(self, entry: Entry) -> str:
        """Where to read more of an entry: the site's page of that change, else the upstream commit."""
        if entry.commit in self.pages:
            return f"{self.home}/{self.pages[entry.commit]}"
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
