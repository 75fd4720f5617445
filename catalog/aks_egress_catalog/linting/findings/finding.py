"""One finding: a code that stays for ever, how grave it is, what is meant, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aks_egress_catalog.linting.entry import Entry, ListRule, Place
from aks_egress_catalog.linting.judging.needs import Need


class Severity(StrEnum):
    """How grave a finding is; only errors and warnings make a list wrong."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Code(StrEnum):
    """What is wrong. The words stay for ever: people suppress findings by them."""

    MISSING = "missing"
    BLOCKED = "blocked"
    RETIRED = "retired"
    RETIRING = "retiring"
    TOO_BROAD = "too-broad"
    ANY_DESTINATION = "any-destination"
    SHADOWED = "shadowed"
    WRONG_PORT = "wrong-port"
    NEAR_MISS = "near-miss"
    APEX_OR_WILDCARD = "apex-or-wildcard"
    INVALID_PATTERN = "invalid-pattern"
    WRONG_CLOUD = "wrong-cloud"
    WRONG_REGION = "wrong-region"
    SOME_SOURCES = "some-sources"
    INSPECTED = "inspected"
    NEEDS_DNS_PROXY = "needs-dns-proxy"
    REDUNDANT = "redundant"
    SINGLE_INSTANCE = "single-instance"
    NOT_AKS = "not-aks"
    NOT_NEEDED = "not-needed"
    TAG_UNPROVEN = "tag-unproven"
    UNREAD = "unread"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding. ``value`` is the literal as written; for what is missing, the destination.

    ``instead`` says what to write, ``since`` is the day since when it is so (empty where none is known). ``entry``,
    ``rule`` and ``need`` are what it is about, for who mends it; of what is missing ``entry`` is the one name that may
    do, and ``sources`` are those that lack it.
    """

    code: Code
    level: Severity
    value: str
    message: str
    place: Place
    rules: tuple[str, ...] = ()
    instead: str = ""
    since: str = ""
    entry: Entry | None = None
    rule: ListRule | None = None
    need: Need | None = None
    sources: tuple[str, ...] = ()
