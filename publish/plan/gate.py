"""The gate: named checks over what is about to be published, each with its verdict, its figure and its reason.

In comes a :class:`.Candidate`: what was read today, what is published, and what would change. Out comes a
:class:`Gate`: one row a check, and the gravest verdict of them all.

A check never mends anything and never looks at what another one found, so their order does not matter to the verdict:
it is the order in which a person reads them. What a check cannot vouch for is *held* for a person. What must never be
published, because it is wrong whoever looks at it, is *refused*.

An example: a row for ``collector.evil.example`` is new on the page. ``rule count`` passes (154, was 153);
``known destinations`` holds, for no release had a host of evil.example; so the verdict is "hold for review", and the
pull request names the host in bold.

    ================================  =====================  =====================================================
    check                             gravest verdict        guards against
    ================================  =====================  =====================================================
    the last release fits the history refuse                 data files that were edited by hand
    nothing released is lost          hold                   a revert on main of what users have
    the page changed, not its reading hold                   a reader that was mended, or broke
    read from live pages              refuse                 publishing the embedded example pages
    not older than the last release   refuse                 a stale copy from a cache
    not from the future               refuse                 a wrong clock
    en-us parsed whole                refuse                 a fact that nobody could read
    rule count                        hold, refuse if tiny   a reader that broke
    no feature gone                   hold                   a table that became a list, a picture or nothing
    nothing unknown                   hold                   sections and clouds that nobody reviewed
    known destinations                hold                   a hostile edit of the page
    nothing wider                     hold                   a name that became a wildcard
    no wildcard over a public suffix  refuse, hold if narrow rules that let anybody in
    sentences decided                 hold                   a condition that only changed its words
    locales readable                  hold                   a page or reader that broke for everybody
    ================================  =====================  =====================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from publish.config import GateLimits
from publish.plan.check import Candidate, Check, GateVerdict
from publish.plan.destination_checks import known_destinations, no_suffix_wildcard, nothing_wider
from publish.plan.reading_checks import (
    en_us_whole,
    fits_history,
    live,
    locales_readable,
    no_correction,
    no_feature_gone,
    not_from_the_future,
    not_older,
    nothing_released_is_lost,
    nothing_unknown,
    rule_count,
    sentences_decided,
)

# The order of GateVerdict is the order of gravity, and its place in this list is what max() compares.
_GRAVEST_LAST: Final = list(GateVerdict)
# The order in which a person reads them: is it ours and today's, was it read whole, what does it open.
_CHECKS: Final[tuple[Callable[[Candidate, GateLimits], Check], ...]] = (
    fits_history,
    nothing_released_is_lost,
    no_correction,
    live,
    not_older,
    not_from_the_future,
    en_us_whole,
    rule_count,
    no_feature_gone,
    nothing_unknown,
    known_destinations,
    nothing_wider,
    no_suffix_wildcard,
    sentences_decided,
    locales_readable,
)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """All checks, and the verdict: the gravest of theirs."""

    verdict: GateVerdict
    checks: tuple[Check, ...]


def judge(candidate: Candidate, limits: GateLimits) -> Gate:
    """Put a candidate through every check."""
    checks = tuple(check(candidate, limits) for check in _CHECKS)
    return Gate(verdict=max((check.verdict for check in checks), key=_GRAVEST_LAST.index), checks=checks)
