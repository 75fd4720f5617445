"""Changes in, texts out: each change by the way in which its format writes a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aks_egress_catalog.linting.entry import Entry, Service
from aks_egress_catalog.linting.mending import plain_lists
from aks_egress_catalog.linting.mending.change import PLAIN, QUOTES, Change, Deed, Left
from aks_egress_catalog.linting.mending.edits import Edit, edited
from aks_egress_catalog.linting.mending.literal_lists import read_list, with_other, with_value, without
from aks_egress_catalog.linting.mending.protocols import with_service
from aks_egress_catalog.linting.mending.words import CannotEditError

Effect = tuple[Change, tuple[Service, ...]]
"""A change, and what it lets through where it says so itself: a line of a plain list, a rule with another port."""


@dataclass(kw_only=True)
class Written:
    """The new texts by path, the changes that are in them, and those that no text could take."""

    texts: dict[str, str] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    refused: list[Change] = field(default_factory=list)

    def refuse(self, changes: Iterable[Change], reason: object) -> None:
        """Note that some changes are not made."""
        for one in changes:
            self.refused.append(one)
            self.left.append(Left(place=one.literal, value=one.new or one.old, reason=str(reason)))


def written(changes: Iterable[Change], texts: Mapping[str, str], entries: Mapping[str, list[Entry]]) -> Written:
    """Write changes into the texts of files; ``entries`` are those of each file, by its path."""
    found = Written()
    by_path: dict[str, list[Change]] = {}
    for change in changes:
        by_path.setdefault(change.path, []).append(change)
    for path, some in by_path.items():
        text = texts[path]
        effects: list[Effect] = []
        edits = (_plain if some[0].form == PLAIN else _in_brackets)(text, some, entries.get(path, []), effects, found)
        try:
            new = edited(text, edits)
        except CannotEditError as error:
            found.refuse([change for change, _ in effects], error)
            continue
        if new != text:
            found.texts[path] = new
            found.effects += effects
    return found


def _plain(text: str, changes: list[Change], entries: list[Entry], effects: list[Effect], found: Written) -> list[Edit]:
    spans = sorted((entry.place.start, entry.place.end) for entry in entries)
    edits: list[Edit] = []
    for change in sorted(changes, key=lambda one: one.new):
        start, end = change.literal.start, change.literal.end
        services: tuple[Service, ...] = ()
        try:
            if change.deed is Deed.REMOVE:
                edits.append(plain_lists.without_host(text, start, end))
            elif change.deed is Deed.REPLACE:
                edits.append(plain_lists.with_other(text, start, end, change.old, change.new))
            else:
                assert change.want
                if change.deed is Deed.ADD:
                    edit, services = plain_lists.with_host(text, spans, change.want)
                else:
                    edit, services = plain_lists.with_port(text, start, end, change.want)
                edits.append(edit)
        except CannotEditError as error:
            found.refuse([change], error)
            continue
        effects.append((change, services))
    return _once(edits)


def _once(edits: list[Edit]) -> list[Edit]:
    """Each edit once: a host that is needed on two ports is one line where the lines name no port."""
    return list(dict.fromkeys(edits))


def _in_brackets(text: str, changes: list[Change], _: list[Entry], effects: list[Effect], found: Written) -> list[Edit]:
    edits: list[Edit] = []
    by_span: dict[tuple[int, int], list[Change]] = {}
    for change in changes:
        if change.deed is not Deed.SERVICE:
            by_span.setdefault(change.span, []).append(change)
            continue
        try:
            edits += _of_service(text, change)
            assert change.want
            port, application = change.want.port or 0, change.want.application
            effects.append((change, (Service(protocol="TCP", first=port, last=port, application=application),)))
        except CannotEditError as error:
            found.refuse([change], error)
    for span, some in by_span.items():
        edits.append(Edit(*span, _list(text, span, some, effects, found)))
    return edits


def _of_service(text: str, change: Change) -> list[Edit]:
    if change.want is None or change.want.port is None:
        raise CannotEditError("nobody knows which port is needed")
    start, end = change.span
    edits = with_service(text[start:end], QUOTES[change.form], change.want.application, change.want.port)
    return [Edit(one.start + start, one.end + start, one.text) for one in edits]


def _list(text: str, span: tuple[int, int], changes: list[Change], effects: list[Effect], found: Written) -> str:
    """Return the text of one list with its changes.

    What changes a value that is there goes first, from the back to the front, so that the places before it hold.
    """
    now = text[span[0] : span[1]]
    there = [one for one in changes if one.deed is not Deed.ADD]
    there.sort(key=lambda one: one.literal.start, reverse=True)
    added = sorted((one for one in changes if one.deed is Deed.ADD), key=lambda one: one.new)
    for change in (*there, *added):
        at = change.literal.start - span[0]
        try:
            known = read_list(now, QUOTES[change.form])
            if change.deed is Deed.ADD:
                now = with_value(known, change.new)
            elif change.deed is Deed.REMOVE:
                now = without(known, at)
            else:
                now = with_other(known, at, change.old, change.new)
        except CannotEditError as error:
            found.refuse([change], error)
            continue
        effects.append((change, ()))
    return now
