"""The list that a missing host belongs to: one of a rule that lets the same traffic through, and hardly anything more.

A rule fits if it

    allows, in the application layer           plain lists have but one layer
    is the policy's own, not its parent's      other policies build upon a parent
    is for AKS: a host of the article is in it
    is for the port and protocol of the need   and for HTTP 80 and HTTPS 443 at most besides
    is for the sources that lack the host
    does not open TLS that must stay closed
    has its hosts in a list that stands in one of the files, in Terraform or Bicep

Of several the one with hosts of the same feature, then the one for that port alone, then the one with most of what is
needed. A list that several rules use is for all that any of them lets through.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.entry import Action, Entry, Form, Layer, ListRule, Place, Reading, Service
from aks_egress_catalog.linting.judging.case import Case
from aks_egress_catalog.linting.judging.coverage import is_for
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.judging.policies import comes_from
from aks_egress_catalog.linting.mending.change import PLAIN, QUOTES, WRITTEN
from aks_egress_catalog.linting.mending.words import CannotEditError, list_around
from aks_egress_catalog.linting.read import Lists
from aks_egress_catalog.model import Constraint

_WEB: Final = (("HTTPS", 443), ("HTTP", 80))


@dataclass(frozen=True, kw_only=True)
class Home:
    """A list that hosts can be written into: the brackets at ``span`` of the file at ``path``, or a plain list.

    ``entries`` are the values that stand in it, of whichever rule.
    """

    path: str
    form: str
    span: tuple[int, int]
    entries: tuple[Entry, ...]

    @property
    def rules(self) -> tuple[ListRule, ...]:
        """The rules that take their values from it."""
        return tuple(dict.fromkeys(entry.rule for entry in self.entries))

    def holds(self, entry: Entry) -> bool:
        """Say whether an entry stands in the list."""
        place = entry.place
        in_file = os.path.normpath(place.path) == os.path.normpath(self.path)
        return in_file and (self.form == PLAIN or self.span[0] <= place.start < self.span[1])


class Files:
    """The files that were read: their texts, and which entries stand where."""

    def __init__(self, lists: Lists) -> None:
        self.texts = lists.texts
        self.readings = lists.readings
        self._paths = {os.path.normpath(path): path for path in lists.texts}
        self._forms = {reading.path: reading.format for reading in lists.readings}
        self._entries: dict[str, list[Entry]] = {}
        for entry in (entry for reading in lists.readings for entry in reading.entries):
            self._entries.setdefault(os.path.normpath(entry.place.path), []).append(entry)

    def path_of(self, place: Place) -> str:
        """The file of a place as it was named; empty where it is none of those that were read."""
        return self._paths.get(os.path.normpath(place.path), "")

    def form_of(self, path: str) -> str:
        """The format of a file."""
        return self._forms.get(path, "")

    def at(self, place: Place) -> list[Entry]:
        """The entries that one literal makes: more than one where several rules use its list."""
        around = self._entries.get(os.path.normpath(place.path), ())
        return [entry for entry in around if entry.place.start == place.start]

    def home_of(self, entry: Entry) -> Home:
        """Return the list that an entry stands in.

        Raises:
            CannotEditError: it stands in none that could be edited.
        """
        path = self.path_of(entry.place)
        form = self.form_of(path)
        if not path:
            raise CannotEditError(f"it stands in {entry.place.path}, which is not among the files")
        if form not in WRITTEN:
            raise CannotEditError(f"nothing is written into files of the format {form}")
        text = self.texts[path]
        if form == PLAIN:
            return Home(path=path, form=form, span=(0, len(text)), entries=tuple(self._entries[os.path.normpath(path)]))
        span = self._span(text, QUOTES[form], entry)
        if span is None:
            raise CannotEditError("it does not stand in a list in brackets")
        inside = self._entries[os.path.normpath(path)]
        entries = tuple(one for one in inside if span[0] <= one.place.start < span[1])
        return Home(path=path, form=form, span=span, entries=entries)

    def _span(self, text: str, quote: str, entry: Entry) -> tuple[int, int] | None:
        known = entry.rule.values_at
        if known and self.path_of(known) == self.path_of(entry.place) and text.startswith("[", known.start):
            inside = known.start < entry.place.start < known.end
            return (known.start, known.end) if inside else list_around(text, quote, entry.place.start)
        return list_around(text, quote, entry.place.start)


def home_for(
    files: Files, case: Case, need: Need, sources: Iterable[str], *, besides: AbstractSet[ListRule] = frozenset()
) -> Home:
    """Return the list that a needed host belongs to; it is that of none of the rules ``besides``.

    Raises:
        CannotEditError: there is none; the message says why not.
    """
    found: list[tuple[tuple[int, ...], Home]] = []
    reasons: list[str] = []
    everyone = tuple(sources) or case.coverage.sources
    for rule, entries in _rules(case).items():
        if rule in besides or not _fits(case, need, rule, entries, everyone):
            continue
        try:
            home = _best_list(files, case, entries)
            _raise_if_wide(home, need)
        except CannotEditError as error:
            reasons.append(f"the rule {rule.name or 'at ' + str(rule.place)} would fit, but {error}")
            continue
        found.append((_rank(case, need, rule, home), home))
    if found:
        return max(found, key=lambda each: each[0])[1]
    raise CannotEditError(
        reasons[0] if reasons else f"no rule for hosts of AKS is for {need.service} and these sources"
    )


def _best_list(files: Files, case: Case, entries: list[Entry]) -> Home:
    """Return the list with most hosts of the article, of those that a rule is put together from."""
    found: dict[tuple[str, tuple[int, int]], Home] = {}
    for entry in entries:
        if not any(home.holds(entry) for home in found.values()):
            home = files.home_of(entry)
            found[home.path, home.span] = home
    homes = list(found.values())
    if len(homes) == 1:
        return homes[0]
    return max(homes, key=lambda home: sum(_is_known(case, entry) for entry in home.entries))


def _rules(case: Case) -> dict[ListRule, list[Entry]]:
    """The rules of a policy that hold names, with these; a rule whose list holds anything else is not among them."""
    found: dict[ListRule, list[Entry]] = {}
    for entry in case.group.entries:
        found.setdefault(entry.rule, []).append(entry)
    return {rule: some for rule, some in found.items() if all(entry.form is Form.NAME for entry in some)}


def _fits(case: Case, need: Need, rule: ListRule, entries: list[Entry], sources: tuple[str, ...]) -> bool:
    if rule.action is not Action.ALLOW or rule.layer is not Layer.APPLICATION:
        return False
    if rule.policy not in ("", case.group.name) or any("/" in entry.value for entry in entries):
        return False  # a parent's, or a list of URLs
    if rule.inspects and Constraint.PRESERVE_ALPN in need.constraints:
        return False
    if not any(_is_known(case, entry) for entry in entries):
        return False
    if _is_plain(case, entries[0]):
        return True  # each line is a rule of its own: the new one will be for the right port
    return is_for(entries[0], need) and all(comes_from(entries[0], source) for source in sources)


def _is_known(case: Case, entry: Entry) -> bool:
    return bool(case.book.same(case.written(entry))[0]) or bool(case.book.holding(case.written(entry)))


def _is_plain(case: Case, entry: Entry) -> bool:
    return any(one.format == PLAIN for one in _readings(case, entry.place))


def _readings(case: Case, place: Place) -> Iterator[Reading]:
    return (one for one in case.group.readings if os.path.normpath(one.path) == os.path.normpath(place.path))


def _raise_if_wide(home: Home, need: Need) -> None:
    """Refuse a list whose rules are for more than the need and the two ports of the web, or that some of them deny."""
    if home.form == PLAIN or need.port is None:
        return
    if any(rule.action is not Action.ALLOW or rule.layer is not Layer.APPLICATION for rule in home.rules):
        raise CannotEditError("a rule of another kind uses the same list")
    services = dict.fromkeys(service for rule in home.rules for service in rule.services)
    wide = [str(service) for service in services if not _is_web(service) and not _is_exact(service, need)]
    if wide:
        raise CannotEditError(f"it is for {' and '.join(wide)} as well")


def _is_web(service: Service) -> bool:
    ports = {port for application, port in _WEB if service.application in ("", application)}
    return service.protocol == "TCP" and service.first == service.last and service.first in ports


def _is_exact(service: Service, need: Need) -> bool:
    return (service.protocol, service.first, service.last) == (need.protocol, need.port, need.port)


def _rank(case: Case, need: Need, rule: ListRule, home: Home) -> tuple[int, ...]:
    counts = case.features_of.get(rule) or Counter[str]()
    services = [service for one in home.rules for service in one.services]
    return (
        int(home.form != PLAIN),
        int(counts.get(need.feature, 0) > 0),
        int(all(_is_exact(service, need) for service in services)),
        int(not rule.inspects),
        int(rule.sources_known),
        counts.get(need.feature, 0),
        sum(counts.values()),
        -len(home.rules),
        -rule.place.start,
    )
