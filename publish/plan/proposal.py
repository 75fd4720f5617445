"""From what was read today to what would be published: the one place where history, hold, changes and gate meet."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog, NamedDate, calver
from aks_egress_catalog.history.announced import Announcements, announced, with_missing
from aks_egress_catalog.history.changes import Change, ChangeKind, Changes, facts, summarize
from aks_egress_catalog.history.history_file import history_beside, history_json
from aks_egress_catalog.history.revisions import History, Release
from aks_egress_catalog.store import Texts, load, read_texts
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from publish.config import Config
from publish.plan.changelog import changelog
from publish.plan.diff import words
from publish.plan.gate import Candidate, Gate, judge
from publish.plan.report import Report, UnreadablePageError, read_report
from publish.plan.timeline import HistoryError, append

DATA_FOLDER: Final = "catalog/aks_egress_catalog/data"
"""Where the package keeps its data, from the root of the repository."""
CHANGELOG: Final = "catalog/CHANGELOG.md"


@dataclass(frozen=True, kw_only=True)
class State:
    """What is published now: the data in a checkout."""

    catalog: Catalog
    history: History
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read today."""

    catalog: Catalog
    report: Report
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What would be published. ``due`` says whether it is worth it; ``files`` are whole, by path in the repository.

    ``facts`` is a digest of what is asked for, and of nothing else: two proposals that ask for the same have the same.
    ``dates`` and ``dates_gone`` are the days that the article newly names, and those that it names no longer.
    """

    version: str
    commit: str
    due: bool
    facts: str
    gate: Gate
    changes: Changes
    files: dict[str, str]
    dates: tuple[NamedDate, ...] = ()
    dates_gone: tuple[NamedDate, ...] = ()


def read_state(root: Path) -> State:
    """Read what a checkout publishes.

    Raises:
        CatalogError: a file cannot be read, or is not what it should be.
    """
    file = root / DATA_FOLDER / "catalog.json"
    return State(catalog=load(file), history=history_beside(file), texts=read_texts(root / DATA_FOLDER / "texts") or {})


def read_reading(folder: Path) -> Reading:
    """Read what the reader of the pages wrote into a folder.

    Raises:
        UnreadablePageError: a fact of the page could not be read, so there is no catalog.
        CatalogError: a file cannot be read, or is not what it should be.
    """
    file = folder / "catalog.json"
    report = read_report(folder / "report.json")
    if not file.exists():
        raise UnreadablePageError(tuple(map(str, report.of("error"))))
    return Reading(
        catalog=load(file),
        report=report,
        texts=read_texts(folder / "texts") or {},
    )


def propose(state: State, reading: Reading, *, config: Config, today: dt.date) -> Proposal:
    """Put together what would be published today, and judge it."""
    read = reading.catalog
    fault, history = "", state.history
    try:
        history = append(history, read)
    except HistoryError as error:
        fault = str(error)
    version = next_version(state.catalog.version, read.facts_date)
    history, told = with_release(history, "" if fault else version, today=today, hold=config.hold.length)
    catalog = replace(with_missing(read, told.missing), version=version)
    texts = _texts(state, reading, catalog)
    news = told.changes[len(_told(state.history, config.hold.length)) :]
    changes = summarize([*news, *words(state.catalog, catalog, old_texts=state.texts, new_texts=texts)])
    dates, dates_gone = _other_dates(catalog, state.catalog), _other_dates(state.catalog, catalog)
    moved = any(change.kind not in _quiet(text_only=config.release.text_only) for change in changes.changes)
    candidate = Candidate(
        last=state.catalog,
        history=state.history,
        read=read,
        report=reading.report,
        changes=changes,
        today=today,
        fault=fault,
    )
    files = {
        f"{DATA_FOLDER}/catalog.json": to_json(catalog),
        f"{DATA_FOLDER}/history.json": history_json(history),
        CHANGELOG: changelog(history, today=told.settled, hold=config.hold.length),
    }
    files |= {f"{DATA_FOLDER}/texts/{locale}.json": to_json(found) for locale, found in texts.items()}
    return Proposal(
        version=catalog.version,
        commit=catalog.authority.commit if catalog.authority else "",
        due=moved or bool(dates or dates_gone) or _ids(catalog) != _ids(state.catalog),
        facts=digest(catalog),
        gate=judge(candidate, config.gate),
        changes=changes,
        files=files,
        dates=dates,
        dates_gone=dates_gone,
    )


def with_release(
    history: History, version: str, *, today: dt.date, hold: dt.timedelta
) -> tuple[History, Announcements]:
    """Add a release to a history, with whatever ended or happened up to a day, and say what had been told by then.

    The release is of the day of the last thing in it, so a proposal that waits for its reviewer stays as it is. Without
    a version there is none: what was read does not follow from the history.
    """
    # A clock that is behind must not lose what is known, nor a release come before the one before it.
    earlier = [release.day for release in history.versions]
    if not version:
        return history, announced(history, today=max([today, *earlier]), hold=hold)

    def of(day: dt.date) -> History:
        release = Release(version=version, day=max([day, *earlier]), events=len(history.events))
        return replace(history, releases=(*history.releases, release))

    whole = of(today)
    told = announced(whole, today=whole.releases[-1].day, hold=hold)
    return of(told.settled), told


def _told(history: History, hold: dt.timedelta) -> tuple[Change, ...]:
    """What users were told by the last version that was published."""
    days = [release.day for release in history.versions]
    return announced(history, today=max(days, default=dt.date.min), hold=hold).changes


def _ids(catalog: Catalog) -> list[str]:
    return [rule.id for rule in catalog.rules]


def next_version(last: str, day: dt.date | None) -> str:
    """Name the release of the facts of a day, after another release.

    >>> import datetime as dt
    >>> next_version("2026.7.2", dt.date(2026, 9, 1)), next_version("2026.7.2", dt.date(2026, 7, 2))
    ('2026.9.1', '2026.7.2.1')
    """
    dated = calver(day)
    if last != dated and not last.startswith(f"{dated}."):
        return dated
    return f"{dated}.{int(last[len(dated) + 1 :] or 0) + 1}"


def digest(catalog: Catalog) -> str:
    """Fingerprint what a catalog asks for, the days that it names, and the words that its circumstances came from."""
    asked = {rule.id: facts(rule) for rule in catalog.rules}
    days = sorted({named.key for named in catalog.dates})
    return hashlib.sha256(to_json([asked, catalog.watched, days]).encode()).hexdigest()[:16]


def _other_dates(catalog: Catalog, other: Catalog) -> tuple[NamedDate, ...]:
    """The days that only the first of two catalogs has; under which heading they stand is no news."""
    known = {named.key for named in other.dates}
    return tuple(named for named in catalog.dates if named.key not in known)


def _quiet(*, text_only: bool) -> set[ChangeKind]:
    return {ChangeKind.MOVED} if text_only else {ChangeKind.MOVED, ChangeKind.TEXT}


def _texts(state: State, reading: Reading, catalog: Catalog) -> Texts:
    """Today's texts; where a locale could not be read, or a rule is missing from the page, the last ones."""
    there = {rule.id for rule in catalog.rules}
    held = there - {rule.id for rule in reading.catalog.rules}
    texts: Texts = {}
    for locale in sorted(state.texts.keys() | reading.texts.keys()):
        old, new = state.texts.get(locale, {}), reading.texts.get(locale)
        kept = {name: words for name, words in old.items() if name in (held if new is not None else there)}
        texts[locale] = kept | (new or {})
    return texts


def published_files(root: Path) -> dict[str, str]:
    """The data files of a checkout, as they are published, by path in the repository."""
    files = [root / DATA_FOLDER / "catalog.json", root / DATA_FOLDER / "history.json"]
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files}


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write whole files below a folder, by path."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def write_proposal(proposal: Proposal, out: Path) -> None:
    """Write a proposal for the next stage: ``proposal.json``, ``changes.json``, and the files below ``proposal/``."""
    shutil.rmtree(out / "proposal", ignore_errors=True)
    write_files(proposal.files, out / "proposal")
    (out / "changes.json").write_text(to_json(proposal.changes), encoding="utf-8")
    (out / "proposal.json").write_text(to_json(replace(proposal, files={})), encoding="utf-8")


def read_proposal(out: Path) -> Proposal:
    """Read what :func:`write_proposal` wrote.

    Raises:
        CatalogError: a file cannot be read, or is not what it should be.
    """
    proposal = read_with(partial(from_json_as, Proposal), out / "proposal.json")
    folder = out / "proposal"
    files = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return replace(proposal, files=files)
