"""What is said of one endpoint: the verdict, the reason, and the rules that it rests on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from aks_egress_catalog.ask.near_misses import NearMiss
from aks_egress_catalog.cluster.advisories import Advisory
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.model import Condition, Rule


class Verdict(StrEnum):
    """The one vocabulary of answers about an endpoint; of several rules the first of these that one gives counts."""

    REQUIRED = "required"
    REQUIRED_IF = "required-if"
    """A feature, condition or circumstance decides, and is named."""
    RECOMMENDED = "recommended"
    INFORMATIONAL = "informational"
    KNOWN_GAP = "known-gap"
    """Needed by what an advisory says, not by the article."""
    NOT_NEEDED = "not-needed"
    """A rule of the catalog, not of this cluster."""
    RETIRED = "retired"
    """A rule asked for it until a day."""
    NOT_LISTED = "not-listed"
    UNNAMED = "unnamed"
    """An address without a name that no input explains."""
    INVALID = "invalid"
    """What was asked cannot be read."""

    @property
    def is_yes(self) -> bool:
        """Whether the article names the endpoint, for this cluster where one was described."""
        return self in _YES


_YES = frozenset((Verdict.REQUIRED, Verdict.REQUIRED_IF, Verdict.RECOMMENDED, Verdict.INFORMATIONAL))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that the catalog has to say of one endpoint.

    ``reason`` says in one line why the verdict is this. ``rules`` are those that it rests on, sorted by id; of each,
    ``conditions`` has the circumstances under which it is for the endpoint, ``since`` the day since which it stands on
    the page, where a history tells it, and ``left_out`` why it is not this cluster's. ``gone`` has the rules that once
    were for the endpoint, with the day on which they left the page. ``needs`` has what input could change the verdict:
    keys of a profile, ``service_tags``, ``allow_any``, or ``host``, the name behind an address.
    """

    endpoint: Endpoint
    verdict: Verdict
    reason: str
    rules: tuple[Rule, ...] = ()
    near: tuple[NearMiss, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    needs: tuple[str, ...] = ()
    conditions: dict[str, tuple[Condition, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    since: dict[str, dt.date] = field(default_factory=dict)
    gone: dict[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """The answer to what cannot be read: ``text`` as it was given, ``error`` why."""

    text: str
    error: str
    verdict: Verdict = Verdict.INVALID
