"""Files and an answer of lint in; what the files are to be, what was done, and what was not, out. Nothing is written.

Each round plans changes, writes them into texts, and has all files read anew as if they had been written. A file that
then says anything but what it said and what was planned is left as it was. The next round judges the new texts: it is
the last one where there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Entry
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.mending.change import Change, Deed, Left, lines_of
from aks_egress_catalog.linting.mending.plan import Wishes, plan_for
from aks_egress_catalog.linting.mending.reread import differs
from aks_egress_catalog.linting.mending.texts import Written, written
from aks_egress_catalog.linting.read import Lists
from aks_egress_catalog.linting.source import STANDARD_INPUT, texts_instead

_ROUNDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Mended:
    """``texts`` are the new texts of those files that change; ``found`` is what lint says of all files with them.

    ``before`` are the files as they were, and ``found_before`` what lint says of these. ``done`` and ``left`` say what
    was changed, and what was not, a line each.
    """

    before: Lists
    found_before: Lint
    found: Lint
    texts: Mapping[str, str]
    done: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(kw_only=True)
class _Round:
    """What is known between two rounds."""

    read: Callable[[], Lists]
    texts: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    done: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    refused: set[tuple[object, ...]] = field(default_factory=set)


def mend(read: Callable[[], Lists], judge: Callable[[Lists], Lint], wishes: Wishes) -> Mended:
    """Mend what ``read`` gives until ``judge`` finds nothing more that can be mended."""
    lists = first = read()
    now = _Round(read=read, encodings=lists.encodings)
    if STANDARD_INPUT in lists.texts:  # it can be read but once
        now.texts[STANDARD_INPUT] = lists.texts[STANDARD_INPUT]
    found = found_before = judge(lists)
    for _ in range(_ROUNDS):
        plan = plan_for(found, lists, wishes)
        changes = [change for change in plan.changes if change.key not in now.refused]
        made = _proven(now, lists, changes)
        if not made.texts:
            break
        now.texts |= made.texts
        now.done += (change for change, _ in made.effects)
        with texts_instead(now.texts, now.encodings):
            lists = read()
            found = judge(lists)
    left = lines_of([*now.left, *plan_for(found, lists, wishes).left])
    return Mended(
        before=first,
        found_before=found_before,
        found=found,
        texts={path: text for path, text in now.texts.items() if text != first.texts[path]},
        done=tuple(_told(now.done, lists)),
        left=tuple(left),
    )


def _proven(now: _Round, lists: Lists, changes: list[Change]) -> Written:
    """Write changes, and keep those of which a second reading shows that they do what they should, and only that."""
    entries = _by_path(lists)
    made = written(changes, lists.texts, entries)
    _keep(now, made)
    why = _why_not(now, lists, made)
    if not why:
        return made
    sound: list[Change] = []
    for path in made.texts:
        of_file = [change for change, _ in made.effects if change.path == path]
        alone = written(of_file, lists.texts, entries)
        why = _why_not(now, lists, alone)
        if why:
            alone.refuse(of_file, f"nothing was written into this file: {why}")
            _keep(now, alone)
        else:
            sound += of_file
    together = written(sound, lists.texts, entries)
    why = _why_not(now, lists, together)
    if why:
        together.refuse(sound, f"nothing was written: {why}")
        _keep(now, together)
        return Written()
    return together


def _keep(now: _Round, made: Written) -> None:
    now.left += made.left
    now.refused |= {change.key for change in made.refused}


def _why_not(now: _Round, lists: Lists, made: Written) -> str:
    """Read everything with the new texts; say why they cannot stay, if they cannot."""
    if not made.texts:
        return ""
    with texts_instead({**now.texts, **made.texts}, now.encodings):
        try:
            return differs(lists, now.read(), made.effects)
        except InputError as error:
            return str(error)


def _by_path(lists: Lists) -> dict[str, list[Entry]]:
    """The entries that stand in each file."""
    found: dict[str, list[Entry]] = {}
    for reading in lists.readings:
        for entry in reading.entries:
            found.setdefault(entry.place.path, []).append(entry)
    return found


def _told(done: Iterable[Change], lists: Lists) -> Iterable[str]:
    """Say each change with the line where its value stands now, or stood if it is gone."""
    for change in done:
        yield f"{change.path}:{_line(change, lists)}: {change.message}"


def _line(change: Change, lists: Lists) -> int:
    if change.deed in (Deed.REMOVE, Deed.SERVICE):
        return change.literal.line
    want = change.want
    for reading in lists.readings:
        for entry in reading.entries:
            if entry.value != change.new or entry.place.path != change.path:
                continue
            services = entry.rule.services
            if not want or want.port is None or any(one.takes_in(want.protocol, want.port) for one in services):
                return entry.place.line
    return change.literal.line
