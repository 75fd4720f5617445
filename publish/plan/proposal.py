"""From what was read today to what would be published: the one place where history, hold, changes and gate meet.

In come the published data of a checkout and today's reading of the pages; out comes a :class:`Proposal`: the new data
files as whole texts, the changes that they make, and the gate's verdict. Nothing is read or written here (see
:mod:`.proposal_files`), so the same input always gives the same proposal.

An example. Published is 2026.7.2; today's page, of 1 August, has lost a row and gained one:

1. :func:`.next_event` compares the page with the end of the history: one rule removed, one added.
2. :func:`next_release` replays the history once and enters that event: the lost rule is now *missing*, the new one
   *added*. Both announcements are new since 2026.7.2.
3. The catalog of 2026.8.1 is the page plus what is missing: users keep the lost rule for the 14 days of the hold.
4. The gate judges what was *read* against what was *published*, and the proposal carries its verdict.

If nothing upstream changes, the next run that sees the hold end proposes 2026.8.1.1, in which the lost rule is gone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.catalog import Catalog, calver
from aks_egress_catalog.history.announced import Announcements, announced_next, with_missing
from aks_egress_catalog.history.changes import Change, ChangeKind, Changes, facts, summarize
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import Event, History, Release
from aks_egress_catalog.model import Lifecycle, Origin, Status
from aks_egress_catalog.store import Texts
from aks_egress_catalog.text.codec import to_json
from publish.config import Config
from publish.plan.changelog import changelog
from publish.plan.check import Candidate
from publish.plan.diff import text_changes
from publish.plan.gate import Gate, judge
from publish.plan.released import Published, Released
from publish.plan.report import Report
from publish.plan.sentences import REVIEWED, NewSentence, propose_sentences
from publish.plan.timeline import WRONGLY_READ, HistoryError, next_event

DATA_FOLDER: Final = "catalog/aks_egress_catalog/data"
"""Where the package keeps its data, from the root of the repository."""
CHANGELOG: Final = "catalog/CHANGELOG.md"


@dataclass(frozen=True, kw_only=True)
class TodaysReading:
    """What the scraper read from today's pages."""

    catalog: Catalog
    report: Report
    texts: Texts
    reviewed: str = ""
    """The table that the sentences were read with, where it is not the one that is published."""


@dataclass(frozen=True, kw_only=True)
class NextRelease:
    """A history with the release that would be made today; what was announced before it, and what is with it."""

    history: History
    before: Announcements
    after: Announcements

    @property
    def new_changes(self) -> tuple[Change, ...]:
        """What this release announces. An announcement is never taken back, so it is what comes after the others."""
        return self.after.changes[len(self.before.changes) :]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What would be published. ``due`` says whether it is worth it; ``files`` are whole, by path in the repository.

    ``facts`` is a digest of what is asked for, and of nothing else: two proposals that ask for the same have the same.
    ``sentences`` are those that nobody has reviewed. Alone they are worth a pull request, and never a release: then
    ``files`` has their table and no data.
    ``corrects`` says what was published wrong, where the page did not change; ``last`` is the version before.
    """

    version: str
    commit: str
    due: bool
    facts: str
    gate: Gate
    changes: Changes
    files: dict[str, str]
    corrects: str = ""
    last: str = ""
    sentences: tuple[NewSentence, ...] = ()


def propose(
    published: Published,
    reading: TodaysReading,
    *,
    config: Config,
    today: dt.date,
    released: Released | None = None,
    why: str = WRONGLY_READ,
) -> Proposal:
    """Put together what would be published today, and judge it.

    ``released`` is what was ever released, whatever the checkout says; ``why`` is the reason of a correction.
    """
    released = released or Released()
    lost = released.lost_by(published.history)
    published = released.instead_of(published)
    read = reading.catalog
    event, fault = None, ""
    try:
        event = next_event(published.history, read, today=today, why=why)
    except HistoryError as error:
        fault = str(error)  # the gate refuses it; the rest is computed all the same, so that a person sees the whole
    version = next_version(read.facts_date, taken=_taken(published, released, new=event is not None))
    release = next_release(
        published.history,
        event,
        "" if fault else version,
        attribution=read.attribution if event else "",
        today=today,
        hold=config.hold.length,
    )
    # The catalog that users get is the page and what is missing from it within its hold.
    catalog = replace(with_missing(read, release.after.missing), version=version)
    texts = _texts(published, reading, catalog)
    beside_rules = text_changes(published.catalog, catalog, old_texts=published.texts, new_texts=texts)
    changes = summarize([*release.new_changes, *beside_rules])
    # A rule that moved on the page, or a new text (release.text_only), waits for the next change that matters.
    worth_a_release = any(
        change.kind not in _quiet_kinds(text_only=config.release.text_only) for change in changes.changes
    )
    # The gate sees what was read, not what is proposed: rules that a hold keeps would hide a page that lost them.
    day = str(read.facts_date or today)
    table, sentences = propose_sentences(reading.reviewed or published.reviewed, reading.report.findings, since=day)
    candidate = Candidate(
        last=published.catalog,
        history=published.history,
        read=read,
        report=reading.report,
        changes=changes,
        today=today,
        fault=fault,
        lost=lost,
        corrects=event.why if event else "",
        sentences=sentences,
    )
    files = {
        f"{DATA_FOLDER}/catalog.json": to_json(catalog),
        f"{DATA_FOLDER}/history.json": history_json(release.history),
        CHANGELOG: changelog(release.after.changes),
    }
    files |= {f"{DATA_FOLDER}/texts/{locale}.json": to_json(found) for locale, found in texts.items()}
    other_data = (
        worth_a_release
        # A rule that is back before its hold ended is news to nobody, and yet nobody may read that it will go.
        or _stages(catalog) != _stages(published.catalog)
        # The first reading of live pages is released even where its facts are those of the embedded pages.
        or read.origin is not published.catalog.origin
    )
    reviewed = {REVIEWED: table} if table != published.reviewed else {}
    return Proposal(
        version=catalog.version,
        commit=catalog.authority.commit if catalog.authority else "",
        due=other_data or bool(reviewed),
        facts=digest(catalog, sentences),
        gate=judge(candidate, config.gate),
        changes=changes,
        files=reviewed if reviewed and not other_data else files | reviewed,
        corrects=event.why if event else "",
        last=published.catalog.version,
        sentences=sentences,
    )


def next_release(
    history: History,
    event: Event | None,
    version: str,
    *,
    attribution: str = "",
    today: dt.date,
    hold: dt.timedelta,
) -> NextRelease:
    """Add the revision that was read, if it is a new one, and a release of it.

    The release is of the day of the last thing in it (the revision, or the end of a hold), not of today: so a proposal
    that waits for its reviewer has the same bytes every day, until a hold ends. Without a version the history stays as
    it is: what was read does not follow from it.
    """
    # A clock that is behind must not lose what is known, nor a release come before the one before it.
    earlier = [release.day for release in history.versions]
    known = [*earlier, *([event.day] if event else [])]
    before, after = announced_next(history, event, today=max([today, *known]), hold=hold)
    if not version:
        return NextRelease(history=history, before=before, after=after)
    events = (*history.events, *([event] if event else []))
    release = Release(version=version, day=max([after.settled, *earlier]), events=len(events))
    longer = replace(
        history,
        attribution=attribution or history.attribution,
        events=events,
        releases=(*history.releases, release),
        rules={},
    )
    return NextRelease(history=longer, before=before, after=after)


def next_version(day: dt.date | None, *, taken: Collection[str]) -> str:
    """Name the release of the facts of a day: the day, or with the next ``.N`` where the day was used before.

    >>> import datetime as dt
    >>> next_version(dt.date(2026, 9, 1), taken={"2026.7.2"}), next_version(dt.date(2026, 7, 2), taken={"2026.7.2"})
    ('2026.9.1', '2026.7.2.1')
    """
    dated = calver(day)
    used = re.compile(rf"{re.escape(dated)}(?:\.(\d+))?")
    numbers = [int(found[1] or 0) for name in taken if (found := used.fullmatch(name))]
    return f"{dated}.{max(numbers) + 1}" if numbers else dated


def _taken(published: Published, released: Released, *, new: bool) -> set[str]:
    """The versions that were used before, in any place. ``new``: what is published now has other facts than before.

    What was read in hindsight was never released, but its days name files on the site: new facts of such a day get
    another name. The embedded pages are no release.
    """
    versions = published.history.versions if new else published.history.releases
    named = {*released.versions, *(release.version for release in versions)}
    return named | ({published.catalog.version} if published.catalog.origin is Origin.LIVE else set())


def digest(catalog: Catalog, sentences: Iterable[NewSentence] = ()) -> str:
    """Fingerprint what a catalog asks for, the days that it names, and the sentences that are to be reviewed."""
    # Not the version, the commit, a source, or since which of several commits a rule is missing: a pull request that a
    # person declined stays declined until facts change.
    asked = {rule.id: [facts(replace(rule, lifecycle=Lifecycle())), *_stage(rule.lifecycle)] for rule in catalog.rules}
    days = sorted({named.key for named in catalog.dates})
    new = sorted({(one.digest, place) for one in sentences for place in one.rules})
    return hashlib.sha256(to_json([asked, days, *([new] if new else [])]).encode()).hexdigest()[:16]


def _stage(lifecycle: Lifecycle) -> tuple[Status, str | None]:
    """Where a rule stands, without the days."""
    return lifecycle.status, lifecycle.replaced_by


def _stages(catalog: Catalog) -> list[tuple[str, Status]]:
    return [(rule.id, rule.lifecycle.status) for rule in catalog.rules]


def _quiet_kinds(*, text_only: bool) -> set[ChangeKind]:
    """The kinds of change that make no release by themselves."""
    return {ChangeKind.MOVED} if text_only else {ChangeKind.MOVED, ChangeKind.TEXT}


def _texts(published: Published, reading: TodaysReading, catalog: Catalog) -> Texts:
    """Today's texts. Where a locale could not be read, or a rule is missing from the page, the published ones stay."""
    there = {rule.id for rule in catalog.rules}
    held = there - {rule.id for rule in reading.catalog.rules}
    texts: Texts = {}
    for locale in sorted(published.texts.keys() | reading.texts.keys()):
        old, new = published.texts.get(locale, {}), reading.texts.get(locale)
        # A locale that was read gives all texts but those of held rules; one that was not keeps all that still apply.
        kept = {name: words for name, words in old.items() if name in (held if new is not None else there)}
        texts[locale] = kept | (new or {})
    return texts
