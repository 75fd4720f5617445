"""The gate's checks of the reading as such: is it live, whole, newer than what is published, and of the usual size?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import facts
from aks_egress_catalog.model import Cloud, Feature, Origin, Status
from publish.config import GateLimits
from publish.plan.check import Candidate, Check, GateVerdict

_LARGE_PART: Final = 1 / 3
"""So large a part of a feature's rules is rarely gone at once."""


def en_us_whole(candidate: Candidate, _: GateLimits) -> Check:
    """Refuse a page of which any fact could not be read."""
    errors = candidate.report.of("error")
    return Check(
        name="en-us parsed whole",
        verdict=GateVerdict.REFUSE if errors else GateVerdict.PUBLISH,
        figure=f"{len(errors)} errors",
        reason="a fact that could not be read would be lost",
        found=tuple(map(str, errors)),
    )


def rule_count(candidate: Candidate, limits: GateLimits) -> Check:
    """Hold a sudden drop, and refuse what is too little to be the article."""
    # What is missing within its hold is in the published catalog and not on the page, so it is not counted.
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


def no_feature_gone(candidate: Candidate, _: GateLimits) -> Check:
    """Hold what takes a whole feature from a cloud, or a third of a feature's rules."""
    active = [rule for rule in candidate.last.rules if rule.lifecycle.status is Status.ACTIVE]
    before, now = (Counter((rule.cloud, rule.feature) for rule in rules) for rules in (active, candidate.read.rules))
    whole, left = (Counter(rule.feature for rule in rules) for rules in (active, candidate.read.rules))
    gone = [f"{feature} has no rule in {cloud} any more" for cloud, feature in sorted(before.keys() - now.keys())]
    fewer = {feature: count - left[feature] for feature, count in whole.items()}
    gone += [
        f"{feature} has {left[feature]} rules, was {whole[feature]}"
        for feature in sorted(whole)
        if fewer[feature] >= whole[feature] * _LARGE_PART
    ]
    return Check(
        name="no feature gone",
        verdict=GateVerdict.HOLD if gone else GateVerdict.PUBLISH,
        figure=f"{len(gone)} gone or cut down",
        reason="a table that turned into something else looks like rules that are no longer needed",
        found=tuple(gone),
    )


def nothing_unknown(candidate: Candidate, _: GateLimits) -> Check:
    """Hold whatever the reader held, and every cloud and feature that has only a provisional name."""
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


def sentences_decided(candidate: Candidate, _: GateLimits) -> Check:
    """Hold what a sentence says anew that meant something for a rule, until somebody chooses what it means now."""
    undecided = [one for one in candidate.sentences if one.undecided]
    return Check(
        name="sentences decided",
        verdict=GateVerdict.HOLD if undecided else GateVerdict.PUBLISH,
        figure=f"{len(undecided)} undecided",
        reason="a rule that lost its condition to other words would be announced as a change that nobody made",
        found=tuple(f"{one.at}: {one.sentence}" for one in undecided),
    )


def locales_readable(candidate: Candidate, limits: GateLimits) -> Check:
    """Hold a reading in which too few translations could be read."""
    states = candidate.report.locales
    unreadable = sorted(f"{locale} is {state.state}" for locale, state in states.items() if not state.readable)
    # Without any locale in the report nothing failed: the pages may have been read in English alone.
    share = 1 - len(unreadable) / len(states) if states else 1.0
    return Check(
        name="locales readable",
        verdict=GateVerdict.HOLD if share < limits.fewest_locales else GateVerdict.PUBLISH,
        figure=f"{share:.0%} of {len(states)}",
        reason="where most translations fail at once, the page or the reader broke, not the translations",
        found=tuple(unreadable),
    )


def not_older(candidate: Candidate, _: GateLimits) -> Check:
    """Refuse a page whose last change lies before that of the published one."""
    read, last = _updated(candidate.read), _updated(candidate.last)
    # The same moment is no older page: most runs read the page that is published.
    older = read is None or (last is not None and read < last)
    return Check(
        name="not older than the last release",
        verdict=GateVerdict.REFUSE if older else GateVerdict.PUBLISH,
        figure=f"{_minute(read)}, was {_minute(last)}",
        reason="a stale copy from a cache would take back what was announced",
    )


def not_from_the_future(candidate: Candidate, _: GateLimits) -> Check:
    """A day of grace: our clock and that of upstream need not agree on when a day begins."""
    read = _updated(candidate.read)
    ahead = read is not None and read.date() > candidate.today + dt.timedelta(days=1)
    return Check(
        name="not from the future",
        verdict=GateVerdict.REFUSE if ahead else GateVerdict.PUBLISH,
        figure=f"{read:%Y-%m-%d}, today is {candidate.today}" if read else "no date",
        reason="one of the two clocks is wrong, and holds are counted in days",
    )


def live(candidate: Candidate, _: GateLimits) -> Check:
    """Refuse what was read from the embedded pages."""
    live = candidate.read.origin is Origin.LIVE
    return Check(
        name="read from live pages",
        verdict=GateVerdict.PUBLISH if live else GateVerdict.REFUSE,
        figure=str(candidate.read.origin),
        reason="the embedded pages are for trying the pipeline out, and are never published",
    )


def fits_history(candidate: Candidate, _: GateLimits) -> Check:
    """The last release, without what is held, is what the history ends with: else somebody edited one of them."""
    # Facts without sources: the history knows the commit of each rule's last change, the catalog today's.
    published = {rule.id: facts(rule) for rule in candidate.last.rules if rule.lifecycle.status is Status.ACTIVE}
    ended = {name: facts(rule) for name, rule in candidate.history.rules_at().items()}
    strays = sorted(name for name in published.keys() | ended.keys() if published.get(name) != ended.get(name))
    return Check(
        name="the last release fits the history",
        verdict=GateVerdict.REFUSE if strays or candidate.fault else GateVerdict.PUBLISH,
        figure=candidate.fault or f"{len(strays)} differ",
        reason="catalog.json and history.json are only ever written together; restore the one that was edited by hand",
        found=tuple(strays),
    )


def nothing_released_is_lost(candidate: Candidate, _: GateLimits) -> Check:
    """Hold what follows a revert on main: what was released stays released, so the proposal goes on from there."""
    return Check(
        name="nothing released is lost",
        verdict=GateVerdict.HOLD if candidate.lost else GateVerdict.PUBLISH,
        figure=f"{len(candidate.lost)} lost",
        reason="a revert takes a release out of main, and not out of the firewalls of those who installed it",
        found=tuple(f"{version} was released, and this checkout does not know it" for version in candidate.lost),
    )


def no_correction(candidate: Candidate, _: GateLimits) -> Check:
    """Hold every correction: a person says whether the old reading was wrong, or the new one is."""
    return Check(
        name="the page changed, not its reading",
        verdict=GateVerdict.HOLD if candidate.corrects else GateVerdict.PUBLISH,
        figure=candidate.corrects or "no correction",
        reason="where the same page is read in another way, the reading of before or that of now is wrong",
    )


def _updated(catalog: Catalog) -> dt.datetime | None:
    return catalog.authority.updated if catalog.authority else None


def _minute(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "unknown"
