"""One message in every form that a target takes: a subject, plain text, Markdown, and JSON for programs.

The frame is English; what the page says of a rule stands in the subscriber's locale where the catalog has that text,
and in en-us otherwise. In Markdown whatever came from a page stands in a code span.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.history.changes import Change, ChangeKind, Impact, summarize
from aks_egress_catalog.model import Level, Strict
from aks_egress_catalog.render.escaping.code_span import code
from aks_egress_catalog.render.markdown import CAP, change_lines
from aks_egress_catalog.store import Texts
from aks_egress_catalog.text.codec import to_json
from publish.notices.entries import Entry, by_place, details, endpoint, entries, headline, lines_to_add, shown, title
from publish.notices.feeds.feed import commit_word
from publish.notices.notify.subscribers import DEFAULT_LOCALE

TYPE: Final = "aks-egress.changed"
_LONGEST: Final = 60_000
"""GitHub takes an issue of 65 536 characters."""
_CUT: Final = "The rest does not fit here; all of it is in changes.json of the release."


@dataclass(frozen=True, kw_only=True)
class Message(Strict):
    """What is sent. ``payload`` is the very text that is signed, so that every attempt sends the same bytes."""

    subject: str
    text: str
    markdown: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class ChangePayload:
    """One change as a program reads it. What is about no single rule has none, and no cloud where it is all of them."""

    kind: ChangeKind
    severity: Impact
    date: dt.date | None
    commit: str
    rule: str
    before: str
    cloud: str
    feature: str
    level: Level | None
    endpoint: str
    details: tuple[str, ...]
    texts: tuple[str, ...]


def compose(changes: Sequence[Change], *, locale: str, texts: Texts) -> Message:
    """Write the message about changes in one locale.

    Raises:
        AksEgressError: a change has no date.
    """
    gathered = entries(changes)
    first = _capped(gathered)
    rest = len(changes) - sum(len(entry.changes) for entry in first)
    more = [f"{rest} more changes are not shown here; all are in changes.json of the release."] if rest else []
    add = lines_to_add(changes)
    return Message(
        subject=f"AKS egress requirements of {gathered[0].date}: {title(changes)}",
        text=_fitting([*_text(first, add, locale, texts), *more]),
        markdown=_fitting([*_markdown(first, add, locale, texts), *more]),
        payload=_payload(gathered, add, locale, texts),
    )


def words_of(change: Change, locale: str, texts: Texts) -> tuple[str, ...]:
    """The description of a rule, in a locale where the catalog has that, in en-us otherwise."""
    name = change.rule.id if change.rule else ""
    found = texts.get(locale, {}).get(name) or texts.get(DEFAULT_LOCALE, {}).get(name, ())
    return tuple(map(shown, found))


def _capped(gathered: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The first :data:`CAP` changes, newest entries first: nobody reads more."""
    room, kept = CAP, []
    for entry in gathered:
        kept.append(replace(entry, changes=entry.changes[:room]))
        room -= len(kept[-1].changes)
    return tuple(entry for entry in kept if entry.changes)


def _text(gathered: tuple[Entry, ...], add: tuple[str, ...], locale: str, texts: Texts) -> Iterator[str]:
    if add:
        yield "Lines to add:"
        yield from (f"  {line}" for line in add)
        yield ""
    for entry in gathered:
        yield f"Since {entry.date}, upstream commit {commit_word(entry.commit)}:"
        for place, changes in by_place(entry.changes):
            yield f"  {place}"
            for change in changes:
                yield f"    {headline(change)}"
                below = itertools.chain(details(change), words_of(change, locale, texts))
                yield from (f"      {line}" for line in below)
        yield ""


def _markdown(gathered: tuple[Entry, ...], add: tuple[str, ...], locale: str, texts: Texts) -> Iterator[str]:
    if add:
        yield "## Lines to add\n"
        yield from (f"- {code(line)}" for line in add)
        yield ""
    for entry in gathered:
        yield f"## Since {entry.date}\n"
        yield f"Upstream commit {code(commit_word(entry.commit))}.\n"
        for place, changes in by_place(entry.changes):
            yield f"### {place}\n"
            for change in changes:
                yield from change_lines(change)
                yield from (f"  - {code(line)}" for line in words_of(change, locale, texts))
            yield ""


def _payload(gathered: tuple[Entry, ...], add: tuple[str, ...], locale: str, texts: Texts) -> str:
    changes = [change for entry in gathered for change in entry.changes]
    counted = summarize(changes)
    content = {
        "type": TYPE,
        "timestamp": gathered[0].moment,
        "data": {
            "notify": counted.notify,
            "summary": counted.summary,
            "add": add,
            "changes": [_change_payload(change, words_of(change, locale, texts)) for change in changes],
        },
    }
    return to_json(content)


def _change_payload(change: Change, words: tuple[str, ...]) -> ChangePayload:
    rule, (cloud, feature) = change.rule, change.scope or ("", "")
    return ChangePayload(
        kind=change.kind,
        severity=change.severity,
        date=change.date,
        commit=commit_word(change.commit),
        rule=shown(rule.id) if rule else "",
        before=shown(change.before.id) if change.before else "",
        cloud=cloud,
        feature=feature,
        level=rule.level if rule else None,
        endpoint=endpoint(rule) if rule else "",
        details=tuple(details(change)),
        texts=words,
    )


def _fitting(lines: list[str]) -> str:
    """Whole lines, as far as they fit."""
    kept: list[str] = []
    room = _LONGEST - len(_CUT)
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*kept, _CUT]) + "\n"
        kept.append(line)
    return "\n".join(kept).rstrip() + "\n"
