"""The gate: named checks over what is about to be published, each with its verdict, its figure and its reason.

A check never mends anything. What it cannot vouch for is held for a person; what must never be published is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Changes, facts
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import Cloud, Destination, DestinationForm, Feature, Origin, Status, endpoint_of
from publish.config import GateLimits
from publish.plan.domains import domain_of, lets_anybody_in, lets_the_world_in
from publish.plan.report import Report


class GateVerdict(StrEnum):
    """What may be done with a result, mildest first."""

    PUBLISH = "publish"
    HOLD = "hold for review"
    REFUSE = "refuse"


_GRAVEST_LAST: Final = list(GateVerdict)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is to be judged: the catalog read from the pages and its report, against the last release."""

    last: Catalog
    history: History
    read: Catalog
    report: Report
    changes: Changes
    today: dt.date
    fault: str = ""
    """Why what was read cannot be the next event of the history, if it cannot."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. ``reason`` says why it exists, ``found`` what it found, each a line."""

    name: str
    verdict: GateVerdict
    figure: str
    reason: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """All checks, and the verdict: the gravest of theirs."""

    verdict: GateVerdict
    checks: tuple[Check, ...]


def judge(candidate: Candidate, limits: GateLimits) -> Gate:
    """Put a candidate through every check."""
    checks = tuple(check(candidate, limits) for check in _CHECKS)
    return Gate(verdict=max((check.verdict for check in checks), key=_GRAVEST_LAST.index), checks=checks)


def _en_us_whole(candidate: Candidate, _: GateLimits) -> Check:
    errors = candidate.report.of("error")
    return Check(
        name="en-us parsed whole",
        verdict=GateVerdict.REFUSE if errors else GateVerdict.PUBLISH,
        figure=f"{len(errors)} errors",
        reason="a fact that could not be read would be lost",
        found=tuple(map(str, errors)),
    )


def _rule_count(candidate: Candidate, limits: GateLimits) -> Check:
    now, before = (
        len(candidate.read.rules),
        len([rule for rule in candidate.last.rules if rule.lifecycle.status is Status.ACTIVE]),
    )
    verdict = GateVerdict.PUBLISH
    if now < before * (1 - limits.largest_drop):
        verdict = GateVerdict.HOLD
    if now < limits.fewest_rules:
        verdict = GateVerdict.REFUSE
    return Check(
        name="rule count",
        verdict=verdict,
        figure=f"{now}, was {before}",
        reason=(
            f"fewer than {limits.fewest_rules} rules is a broken reading,"
            f" and a drop of more than {limits.largest_drop:.0%} is rarely meant"
        ),
    )


def _nothing_unknown(candidate: Candidate, _: GateLimits) -> Check:
    holds = [str(finding) for finding in candidate.report.of("hold")]
    known = {*map(str, Feature), *map(str, Cloud)}
    slugs = {slug for rule in candidate.read.rules for slug in (rule.cloud, rule.feature)}
    holds += [f"{slug} is provisional" for slug in sorted(slugs - known)]
    return Check(
        name="nothing unknown",
        verdict=GateVerdict.HOLD if holds else GateVerdict.PUBLISH,
        figure=f"{len(holds)} unknown",
        reason="a section, column, cloud or placeholder that was never seen must be read by a person first",
        found=tuple(holds),
    )


def _words(candidate: Candidate, _: GateLimits) -> Check:
    places = [change.place for change in candidate.changes.changes if change.place]
    return Check(
        name="words about circumstances",
        verdict=GateVerdict.HOLD if places else GateVerdict.PUBLISH,
        figure=f"{len(places)} headings",
        reason="a reworded sentence about private clusters and the like may mean something that no reader can tell",
        found=tuple(f"#{place}" for place in places),
    )


def _known_destinations(candidate: Candidate, _: GateLimits) -> Check:
    known = {domain_of(endpoint_of(name)[0]) for name in candidate.history.rules}
    known |= {domain_of(str(destination)) for destination in _destinations(candidate.last)}
    owners = {str(destination): domain_of(str(destination)) for destination in _destinations(candidate.read)}
    strange = sorted(f"**{owner}**: {name}" for name, owner in owners.items() if owner not in known)
    return Check(
        name="known destinations",
        verdict=GateVerdict.HOLD if strange else GateVerdict.PUBLISH,
        figure=f"{len(strange)} new",
        reason="a host of a domain that no earlier release had is the likeliest form of a hostile edit",
        found=tuple(strange),
    )


def _nothing_wider(candidate: Candidate, _: GateLimits) -> Check:
    before = {rule.id: rule for rule in candidate.last.rules}
    had = {(rule.cloud, str(destination)) for rule in before.values() for destination in rule.destinations}
    wider = {
        f"{rule.cloud}: {wide} takes in {narrow}, which stood alone before"
        for rule in candidate.read.rules
        for wide in rule.destinations
        if (rule.cloud, str(wide)) not in had
        for old in before.values()
        if old.cloud == rule.cloud
        for narrow in old.destinations
        if takes_in(wide, narrow)
    }
    wider |= {f"{cloud}: {name} is a pattern that no release had" for cloud, name in _new_patterns(candidate)}
    wider |= {
        f"{rule.id} lets every address in"
        for rule in candidate.read.rules
        if rule.id not in before and rule.destinations[0].form is DestinationForm.ANY
    }
    return Check(
        name="nothing wider",
        verdict=GateVerdict.HOLD if wider else GateVerdict.PUBLISH,
        figure=f"{len(wider)} wider",
        reason="a name that became a wildcard opens more than was asked for before: it must be said and looked at",
        found=tuple(sorted(wider)),
    )


def _new_patterns(candidate: Candidate) -> set[tuple[str, str]]:
    """Stars and placeholders that are new: each may stand where one name stood, in a rule of whatever id."""
    had = {(name.partition("/")[0], endpoint_of(name)[0]) for name in candidate.history.rules}
    had |= {(rule.cloud, str(one)) for rule in candidate.last.rules for one in rule.destinations}
    patterns = {
        (rule.cloud, str(one))
        for rule in candidate.read.rules
        for one in rule.destinations
        if one.form is DestinationForm.FQDN and _is_open(one.value)
    }
    return patterns - had


def _is_open(text: str) -> bool:
    return "*" in text or "{" in text


def _no_suffix_wildcard(candidate: Candidate, _: GateLimits) -> Check:
    had = {str(destination) for destination in _destinations(candidate.last)}
    patterns = {str(one) for one in _destinations(candidate.read) if one.form is DestinationForm.FQDN}
    wild = sorted(name for name in patterns - had if _is_open(name.partition(".")[0]))
    anyone = list(filter(lets_anybody_in, wild))
    whole = list(filter(lets_the_world_in, anyone))
    return Check(
        name="no wildcard over a public suffix",
        verdict=GateVerdict.REFUSE if whole else GateVerdict.HOLD if anyone else GateVerdict.PUBLISH,
        figure=f"{len(anyone)} found",
        reason="below a public suffix anybody can have a name, so the rule would let anybody in",
        found=tuple(anyone),
    )


def _locales(candidate: Candidate, limits: GateLimits) -> Check:
    states = candidate.report.locales
    unreadable = sorted(f"{locale} is {state.state}" for locale, state in states.items() if not state.readable)
    share = 1 - len(unreadable) / len(states) if states else 1.0
    return Check(
        name="locales readable",
        verdict=GateVerdict.HOLD if share < limits.fewest_locales else GateVerdict.PUBLISH,
        figure=f"{share:.0%} of {len(states)}",
        reason="where most translations fail at once, the page or the reader broke, not the translations",
        found=tuple(unreadable),
    )


def _not_older(candidate: Candidate, _: GateLimits) -> Check:
    read, last = _updated(candidate.read), _updated(candidate.last)
    older = read is None or (last is not None and read < last)
    return Check(
        name="not older than the last release",
        verdict=GateVerdict.REFUSE if older else GateVerdict.PUBLISH,
        figure=f"{_minute(read)}, was {_minute(last)}",
        reason="a stale copy from a cache would take back what was told",
    )


def _not_from_the_future(candidate: Candidate, _: GateLimits) -> Check:
    """A day of grace: our clock and that of upstream need not agree on when a day begins."""
    read = _updated(candidate.read)
    ahead = read is not None and read.date() > candidate.today + dt.timedelta(days=1)
    return Check(
        name="not from the future",
        verdict=GateVerdict.REFUSE if ahead else GateVerdict.PUBLISH,
        figure=f"{read:%Y-%m-%d}, today is {candidate.today}" if read else "no date",
        reason="one of the two clocks is wrong, and holds are counted in days",
    )


def _live(candidate: Candidate, _: GateLimits) -> Check:
    live = candidate.read.origin is Origin.LIVE
    return Check(
        name="read from live pages",
        verdict=GateVerdict.PUBLISH if live else GateVerdict.REFUSE,
        figure=str(candidate.read.origin),
        reason="the embedded pages are for trying the pipeline out, and never news",
    )


def _fits_history(candidate: Candidate, _: GateLimits) -> Check:
    """The last release, without what is held, is what the history ends with: else somebody edited one of them."""
    told = {rule.id: facts(rule) for rule in candidate.last.rules if rule.lifecycle.status is Status.ACTIVE}
    ended = {name: facts(rule) for name, rule in candidate.history.rules_at().items()}
    strays = sorted(name for name in told.keys() | ended.keys() if told.get(name) != ended.get(name))
    return Check(
        name="the last release fits the history",
        verdict=GateVerdict.REFUSE if strays or candidate.fault else GateVerdict.PUBLISH,
        figure=candidate.fault or f"{len(strays)} differ",
        reason="catalog.json and history.json are only ever written together; restore the one that was edited by hand",
        found=tuple(strays),
    )


_CHECKS: Final[tuple[Callable[[Candidate, GateLimits], Check], ...]] = (
    _fits_history,
    _live,
    _not_older,
    _not_from_the_future,
    _en_us_whole,
    _rule_count,
    _nothing_unknown,
    _known_destinations,
    _nothing_wider,
    _no_suffix_wildcard,
    _words,
    _locales,
)


def _updated(catalog: Catalog) -> dt.datetime | None:
    return catalog.authority.updated if catalog.authority else None


def _minute(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "unknown"


def _destinations(catalog: Catalog) -> Iterator[Destination]:
    return (destination for rule in catalog.rules for destination in rule.destinations)
