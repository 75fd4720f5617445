"""Findings in, changes out; for each thing that is not done a sentence that says why.

    missing             the host is added to the list that it belongs to
    wrong-port          the rule gets the right port if all its hosts need that; else the host is added where it belongs
    near-miss           is replaced where that was asked for
    retired             is taken out where that was asked for
    apex-or-wildcard    what the cluster needs is missing as well, and added; the entry stays
    everything else     is for a person to decide

Notes are left alone, and so is what a comment or a baseline silences: it is no finding here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import Entry, Form, Layer, ListRule, Place
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.judging.case import Case
from aks_egress_catalog.linting.judging.coverage import is_for, satisfies
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.mending.change import PLAIN, QUOTES, Change, Deed, Left, want_of
from aks_egress_catalog.linting.mending.homes import Files, home_for
from aks_egress_catalog.linting.mending.words import CannotEditError
from aks_egress_catalog.linting.read import Lists
from aks_egress_catalog.model import Cloud, DestinationForm

_FOR_A_PERSON: Final = {
    Code.APEX_OR_WILDCARD: "it stays, for it may be a name of your own; what the cluster needs is added beside it",
    Code.WRONG_REGION: "another region may be meant: it is not changed by itself",
}
_NOBODY_KNOWS: Final = "nobody knows which rule it is about"
_EXPORTS: Final = {"terraform": "azure-firewall-terraform", "bicep": "azure-firewall-bicep"}


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is to be done besides adding what is missing and correcting ports."""

    retired: bool = False
    near_misses: bool = False


@dataclass(kw_only=True)
class Plan:
    """What is to be done, and what is not."""

    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def leave(self, finding: Finding, reason: object) -> None:
        """Say that a finding is not mended."""
        self.left.append(Left(place=finding.place, value=finding.value, reason=str(reason)))


def plan_for(found: Lint, lists: Lists, wishes: Wishes) -> Plan:
    """Say what is to be changed so that as few findings as can be are left."""
    planner = _Planner(found, Files(lists), wishes)
    for code in (Code.NEAR_MISS, Code.WRONG_PORT, Code.MISSING, Code.RETIRED):
        for finding in found.findings:
            if finding.code is code and finding.level is not Severity.NOTE:
                planner.mend(finding)
    planner.say_what_is_for_a_person()
    return planner.plan


class _Planner:
    """Makes the changes for one answer of lint."""

    def __init__(self, found: Lint, files: Files, wishes: Wishes) -> None:
        self._found = found
        self._files = files
        self._wishes = wishes
        self.plan = Plan()
        self._ways = {
            Code.NEAR_MISS: self._replace,
            Code.WRONG_PORT: self._correct,
            Code.MISSING: self._add,
            Code.RETIRED: self._take_out,
        }

    def mend(self, finding: Finding) -> None:
        """Plan what mends a finding, or say why nothing does."""
        try:
            self._ways[finding.code](finding)
        except CannotEditError as error:
            self.plan.leave(finding, error)

    def say_what_is_for_a_person(self) -> None:
        """Say which findings nobody tries to mend: two kinds by themselves, the others by their number."""
        others: Counter[str] = Counter()
        for finding in self._found.findings:
            if finding.level is Severity.NOTE or finding.code in self._ways:
                continue
            if finding.code in _FOR_A_PERSON:
                self.plan.leave(finding, _FOR_A_PERSON[finding.code])
            else:
                others[str(finding.code)] += 1
        if others:
            what = ", ".join(f"{count} {code}" for code, count in sorted(others.items()))
            self.plan.left.append(Left(place=Place(path=""), value=what, reason="these are for a person to decide"))

    def _replace(self, finding: Finding) -> None:
        """Put the host that was meant in the place of a slip."""
        if not self._wishes.near_misses:
            raise CannotEditError("it may be a name of your own; --fix-near-misses replaces it")
        entry, case = finding.entry, self._case_of(finding)
        assert entry
        regions = sorted(case.regions) if case else []
        new = finding.instead.replace("{region}", regions[0]) if len(regions) == 1 else finding.instead
        home = self._files.home_of(entry)
        if "{" in new:
            raise CannotEditError(f"the region of {new} is not known")
        if any(_same(one, new) and one.rule is entry.rule for one in home.entries):
            raise CannotEditError(f"{new} stands beside it: take this one out if it is not yours")
        self._change(Deed.REPLACE, entry, home.span, f"{entry.value} replaced by {new}", old=entry.value, new=new)

    def _correct(self, finding: Finding) -> None:
        """Correct the port of a rule whose hosts all need another; else add the host where it belongs."""
        entry, need, case = finding.entry, finding.need, self._case_of(finding)
        if entry is None or need is None or case is None:
            raise CannotEditError(_NOBODY_KNOWS)
        rule = entry.rule
        if not self._can_change_port(case, entry, need):
            self._add(finding)
            return
        span = (rule.place.start, rule.place.end)
        before = " and ".join(map(str, rule.services))
        message = f"{rule.name or entry.value} is for {need.service} now, and no longer for {before}"
        self._change(Deed.SERVICE, entry, span, message, new=need.service, need=need)

    def _can_change_port(self, case: Case, entry: Entry, need: Need) -> bool:
        """Say whether every host of a rule needs a port that it is not for, and none the one that it is for."""
        rule, form = entry.rule, self._files.form_of(self._files.path_of(entry.place))
        of_rule = [one for one in (*case.group.entries, *case.group.faulty) if one.rule.place == rule.place]
        if any(one.rule is not rule for one in of_rule) or len(rule.services) != 1:
            return False  # the rule is one of several that a loop makes
        if form in QUOTES and (need.application is None or rule.layer is not Layer.APPLICATION):
            return False
        if form not in (*QUOTES, PLAIN) or not self._files.path_of(rule.place):
            return False
        return all(self._needs_only(case, one, need) for one in of_rule)

    def _needs_only(self, case: Case, entry: Entry, need: Need) -> bool:
        needs = [one for one in case.needs if entry.form is Form.NAME and satisfies(entry, one)]
        there = [one for one in needs if (one.protocol, one.port) == (need.protocol, need.port)]
        return bool(there) and not any(is_for(entry, one) for one in needs)

    def _add(self, finding: Finding) -> None:
        """Add a host to the list that it belongs to."""
        need, case = finding.need, self._case_of(finding)
        if need is None or case is None:
            raise CannotEditError(_NOBODY_KNOWS)
        if finding.code is Code.MISSING and finding.entry:
            raise CannotEditError(f"{finding.entry.value} is one such name, and may be meant: decide which is right")
        try:
            self._raise_if_no_host(need)
            home = home_for(self._files, case, need, finding.sources, besides=self._corrected())
        except CannotEditError as error:
            raise CannotEditError(f"{error}{self._by_hand(case, finding)}") from error
        if home.form in QUOTES and "*" in need.value[1:]:
            raise CannotEditError("Azure Firewall takes a star at the beginning of a name only")
        if any(_same(entry, need.value) and entry.rule in home.rules and is_for(entry, need) for entry in home.entries):
            raise CannotEditError("it stands there already, and still does not get through")
        if self._is_replaced(need):
            return
        anchor = next((one for one in home.entries if one.form is Form.NAME), home.entries[0])
        names = " and ".join(dict.fromkeys(rule.name for rule in home.rules if rule.name))
        where = f" to {names}" if names and home.form != PLAIN else ""
        self._change(
            Deed.ADD, anchor, home.span, f"{need.value} ({need.service}) added{where}", new=need.value, need=need
        )

    def _corrected(self) -> set[ListRule]:
        """The rules that will be for another port."""
        return {
            entry.rule
            for change in self.plan.changes
            if change.deed is Deed.SERVICE
            for entry in self._files.at(change.literal)
        }

    def _is_replaced(self, need: Need) -> bool:
        """Say whether a near miss becomes the host that is needed, so that another would be one too many."""
        replaced = [one for one in self.plan.changes if one.deed is Deed.REPLACE and one.new == need.value]
        return any(is_for(entry, need) for one in replaced for entry in self._files.at(one.literal))

    def _raise_if_no_host(self, need: Need) -> None:
        if need.alternatives[0].form is not DestinationForm.FQDN:
            raise CannotEditError("it is no host, and belongs into a network rule")
        if "{" in need.value:
            raise CannotEditError("its region is not known: give --set region=…")

    def _by_hand(self, case: Case, finding: Finding) -> str:
        """Say which export writes such a rule, for a firewall that has one."""
        export = _EXPORTS.get(self._files.form_of(self._files.path_of(finding.place)))
        settings = [f" --set cloud={cloud}" for cloud in sorted(case.clouds) if cloud != Cloud.PUBLIC]
        settings += [f" --set region={region}" for region in sorted(case.regions)]
        how = "".join(settings) if len(case.clouds) == 1 and len(case.regions) <= 1 else ""
        return f"; `aks-egress-catalog export {export}{how}` writes such a rule" if export else ""

    def _take_out(self, finding: Finding) -> None:
        """Take an entry out that nobody needs any more."""
        if not self._wishes.retired:
            raise CannotEditError("--fix-retired takes it out")
        entry, case = finding.entry, self._case_of(finding)
        if entry is None or case is None:
            raise CannotEditError(_NOBODY_KNOWS)
        pattern = case.written(entry)
        book = case.book
        active = [*book.same(pattern)[0], *book.taken_in(pattern), *book.holding(pattern)]
        if active or any(satisfies(entry, need) for need in case.needs):
            raise CannotEditError("it covers a rule of today")
        home = self._files.home_of(entry)
        for rule in {one.rule for one in self._files.at(entry.place)}:
            self._raise_if_last(rule, home.form)
        message = f"{entry.value} taken out (retired on {finding.since})" if finding.since else "taken out"
        self._change(Deed.REMOVE, entry, home.span, message, old=entry.value)

    def _raise_if_last(self, of: object, form: str) -> None:
        """Refuse to empty a rule, which Azure does not take, or a plain list, whose lines are rules of their own."""
        entries = [one for reading in self._files.readings for one in reading.entries]
        ours = [one for one in entries if one.rule is of]
        if form == PLAIN:
            ours = [one for one in entries if one.place.path == ours[0].place.path]
        retired = {id(one.entry) for one in self._found.findings if one.code is Code.RETIRED}
        if all(id(one) in retired for one in ours):
            whole = "the list" if form == PLAIN else "the rule"
            raise CannotEditError(f"{whole} would be empty, which is not allowed: take {whole} out as a whole")

    def _change(
        self,
        deed: Deed,
        entry: Entry,
        span: tuple[int, int],
        message: str,
        *,
        old: str = "",
        new: str = "",
        need: Need | None = None,
    ) -> None:
        path = self._files.path_of(entry.place)
        change = Change(
            deed=deed,
            path=path,
            form=self._files.form_of(path),
            span=span,
            literal=entry.place,
            message=message,
            old=old,
            new=new,
            want=want_of(need) if need else None,
        )
        if not any(_is_same_edit(change, one) for one in self.plan.changes):
            self.plan.changes.append(change)

    def _case_of(self, finding: Finding) -> Case | None:
        """The policy that a finding is about."""
        rule = finding.rule or (finding.entry.rule if finding.entry else None)
        return next((case for case in self._found.cases if _is_of(case, finding, rule)), None)


def _is_of(case: Case, finding: Finding, rule: object) -> bool:
    if rule is None:
        return finding.place.path in case.group.paths
    return any(entry.rule is rule for entry in (*case.group.entries, *case.group.faulty))


def _is_same_edit(one: Change, other: Change) -> bool:
    """Say whether two changes write one thing at one place: a list may be used by several rules."""
    if (one.deed, one.path, one.new) != (other.deed, other.path, other.new):
        return False
    if one.deed is Deed.ADD:
        return one.span == other.span and (one.form != PLAIN or one.want == other.want)
    return one.span == other.span if one.deed is Deed.SERVICE else one.literal.start == other.literal.start


def _same(entry: Entry, host: str) -> bool:
    return entry.value.lower() == host
