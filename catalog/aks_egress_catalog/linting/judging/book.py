"""What the catalog says of a host as it stands in an allow list: whose it is, whose it was, and what comes near."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from aks_egress_catalog.cluster.advisories import Advisory, load_advisories
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.index import PatternIndex
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.model import Cloud, Destination, DestinationForm, Rule, Status, endpoint_of

SHARED: Final = (
    "azurecr.io",
    "azurecr.us",
    "azurecr.cn",
    "blob.core.windows.net",
    "blob.core.usgovcloudapi.net",
    "blob.core.chinacloudapi.cn",
    "azureedge.net",
    "azurewebsites.net",
    "cloudapp.azure.com",
    "trafficmanager.net",
    "azurefd.net",
    "github.io",
    "amazonaws.com",
    "googleapis.com",
)
"""Domains below which any customer of a provider may have a name, reviewed by hand."""
_ALL_REGIONS: Final = {region: cloud for cloud, regions in REGIONS.items() for region in regions}
_SLIPS: Final = 2
"""In so many labels a name may differ from the one that was meant."""
_TAG: Final = "tag:"
_REGION_GROUP: Final = "(?P<region>[a-z0-9]+)"


@dataclass(frozen=True, kw_only=True)
class Former:
    """A rule that left the page: its id and the day."""

    id: str
    day: dt.date


class Book:
    """The hosts of a catalog and of its history. Every look-up is by the pattern as an allow list has it."""

    def __init__(self, rules: Iterable[Rule], lives: Mapping[str, Life]) -> None:
        self.rules = tuple(rule for rule in rules if rule.lifecycle.status is not Status.REMOVED)
        self._by_pattern: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for one in _hosts(rule):
                self._by_pattern.setdefault(one.value, []).append(rule)
        self._former: dict[str, list[Former]] = {}
        for name, life in sorted(lives.items()):
            destination, _ = endpoint_of(name)
            is_host = ":" not in destination and destination != "*"
            if life.gone and (is_host or destination.startswith(_TAG)):
                self._former.setdefault(destination, []).append(Former(id=name, day=life.gone))
        self._regional = _Regional({**dict.fromkeys(self._former), **dict.fromkeys(self._by_pattern)})

    @property
    def past(self) -> tuple[str, ...]:
        """The patterns that a rule had once."""
        return tuple(one for one in self._former if not one.startswith(_TAG))

    @lru_cache(maxsize=16_384)
    def same(self, pattern: str) -> tuple[list[Rule], str]:
        """Return the rules that have a pattern, in all clouds, and the region that it fills in (empty: none).

        A ``.x`` of a proxy, which takes the name itself in as well, is the ``*.x`` of a rule where no rule has ``x``.
        """
        for one in _spellings(pattern):
            if one in self._by_pattern:
                return self._by_pattern[one], ""
            for general, region in self._regional.of(one):
                if general in self._by_pattern:
                    return self._by_pattern[general], region
        return [], ""

    def is_wider(self, pattern: str) -> bool:
        """Say whether a pattern is ``.x``, all below it and all, where a rule has ``x`` and none has ``*.x``."""
        return pattern.startswith(".") and not self.same(f"*{pattern}")[0]

    def region_in(self, pattern: str) -> str:
        """Return the region that a pattern of the catalog or of its past names; empty where it names none.

        >>> import aks_egress_catalog as aec
        >>> Book(aec.load().rules, {}).region_in("*.hcp.westeurope.azmk8s.io")
        'westeurope'
        """
        return next((region for _, region in self._regional.of(pattern)), "")

    @lru_cache(maxsize=16_384)
    def taken_in(self, pattern: str) -> tuple[Rule, ...]:
        """Return the rules, of all clouds, whose hosts a wider pattern lets through; not those that have it."""
        if not _is_open(pattern):
            return ()
        same = {rule.id for rule in self.same(pattern)[0]}
        return tuple(
            rule
            for rule in self.rules
            if rule.id not in same and any(lets_through(pattern, one.value) for one in _hosts(rule))
        )

    @lru_cache(maxsize=16_384)
    def holding(self, pattern: str) -> tuple[Rule, ...]:
        """Return the rules whose wildcard or placeholder takes a pattern in, and that do not have it themselves."""
        same = {rule.id for rule in self.same(pattern)[0]}
        example = pattern.replace("*", "x").lstrip(".")
        found = {rule.id: rule for rules in self._names.naming(example) for rule in rules if rule.id not in same}
        return tuple(found[name] for name in sorted(found))

    @lru_cache(maxsize=16_384)
    def former(self, pattern: str) -> Former | None:
        """Return the rule that had a pattern as written until it left the page, the last of several; if one had."""
        for one in _spellings(pattern):
            general = [general for general, _ in self._regional.of(one)]
            found = [former for name in (one, *general) for former in self._former.get(name, ())]
            if found:
                return max(found, key=lambda former: (former.day, former.id.startswith(f"{Cloud.PUBLIC}/")))
        return None

    def former_tag(self, tag: str) -> Former | None:
        """Return the rule that had a service tag, in whichever region, until it left the page; if none has it today."""
        name = f"{_TAG}{tag.partition('.')[0]}".lower()
        today = (f"{one}".partition(".")[0].lower() for rule in self.rules for one in rule.destinations)
        if name in today:
            return None
        found = [one for known, gone in self._former.items() if known.partition(".")[0].lower() == name for one in gone]
        return max(found, key=lambda former: (former.day, former.id.startswith(f"{Cloud.PUBLIC}/")), default=None)

    def apex_or_wildcard(self, pattern: str) -> tuple[list[Rule], str]:
        """Return the rules that have the name itself where the pattern is what lies below, or the reverse."""
        other = pattern[2:] if pattern.startswith("*.") else f"*.{pattern}"
        if _is_open(pattern.removeprefix("*.")):
            return [], ""
        rules, _ = self.same(other)
        return rules, other

    @lru_cache(maxsize=16_384)
    def near(self, pattern: str, clouds: frozenset[str]) -> tuple[Rule, str] | None:
        """Return the rule that somebody may have meant by a name that nothing explains, and its host.

        Only where a character or two differ, or separators are swapped; a rule of one of the clouds first.
        """
        host = pattern.removeprefix("*.").lstrip(".")
        if _is_open(host) or "." not in host:
            return None
        labels, below = host.split("."), pattern.startswith(("*", "."))
        meant = {one: None for spelling in _one_less(labels[-2]) for one in self._domains.get(spelling, ())}
        known = [one for one in meant if _is_slip(labels, self._labels[one], one, below=below)]
        known += self._letters.get(_bare_letters(host), ())
        found = [(self._by_pattern[one][0], one) for one in known]
        return min(found, key=lambda each: (each[0].cloud not in clouds, each[0].id), default=None)

    def advisory(self, pattern: str) -> Advisory | None:
        """Return the advisory that is about a pattern, if one is."""
        return next((one for one in load_advisories() if pattern in one.about), None)

    def is_shared(self, pattern: str) -> bool:
        """Say whether a pattern lets every customer's name below a shared domain through.

        >>> Book((), {}).is_shared("*.azurecr.io"), Book((), {}).is_shared("*.hcp.eastus.azmk8s.io")
        (True, False)
        """
        return _is_open(pattern) and pattern.lstrip("*.") in SHARED

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        return {one: one.removeprefix("*.").split(".") for one in self._by_pattern}

    @cached_property
    def _domains(self) -> dict[str, list[str]]:
        """Patterns by what is left of their last label but one when a letter is taken out of it.

        Of two labels that are one edit apart a letter can be taken so that the same is left. A list of 200,000 names
        that nothing explains is compared with a handful of patterns each, not with all of them.
        """
        found: dict[str, list[str]] = {}
        for one, labels in self._labels.items():
            for spelling in _one_less(labels[-2]):
                found.setdefault(spelling, []).append(one)
        return found

    @cached_property
    def _letters(self) -> dict[str, list[str]]:
        """Patterns by their letters, without what separates them."""
        found: dict[str, list[str]] = {}
        for one in self._by_pattern:
            found.setdefault(_bare_letters(one.removeprefix("*.")), []).append(one)
        return found

    @cached_property
    def _names(self) -> PatternIndex[list[Rule]]:
        return PatternIndex({one: rules for one, rules in self._by_pattern.items() if _is_open(one)})


class _Regional:
    """Patterns with ``{region}``, found by what fills it in: a region that somebody knows."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_tail: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for one in patterns:
            if "{region}" in one:
                literal = (re.escape(piece) for piece in one.split("{region}"))
                tail = one.rpartition("{region}")[2].rpartition(".")[2]
                self._by_tail.setdefault(tail, []).append((one, re.compile(_REGION_GROUP.join(literal) + r"\Z")))

    def of(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Yield the patterns that a written one fills in, each with the region."""
        for general, expression in self._by_tail.get(pattern.rpartition(".")[2], ()):
            found = expression.match(pattern)
            if found and found["region"] in _ALL_REGIONS:
                yield general, found["region"]


def _hosts(rule: Rule) -> Iterator[Destination]:
    return (one for one in rule.destinations if one.form is DestinationForm.FQDN)


def _spellings(pattern: str) -> tuple[str, ...]:
    """A pattern as a rule may have it: ``.x`` is ``*.x`` or ``x``, and a star within a label is a star."""
    if pattern.startswith("."):
        return (f"*{pattern}", pattern[1:])
    return (pattern, pattern.replace("{*}", "*")) if "{*}" in pattern else (pattern,)


def _is_open(pattern: str) -> bool:
    return "*" in pattern or "{" in pattern or pattern[:1] in (".", "/")


def _is_slip(labels: list[str], other: list[str], pattern: str, *, below: bool) -> bool:
    """Say whether somebody may have meant a host pattern by a name, or by names below it.

    Label by label, one edit in each, in at most two of them; a label that a pattern leaves open is any. ``other`` are
    the labels of the pattern, ``below`` says whether the name itself stands for those below it.

    >>> _is_slip("login.microsoftonline.co".split("."), ["login", "microsoftonline", "com"], "", below=False)
    True
    >>> _is_slip("crl.microsoft.com".split("."), ["mcr", "microsoft", "com"], "", below=False)
    False
    """
    if len(labels) > len(other) and pattern.startswith("*.") and not below:
        labels = labels[-len(other) :]
    if len(labels) != len(other):
        return False
    pairs: list[tuple[str, str]] = []
    for one, two in zip(labels, other, strict=True):
        if one != two and not ("*" in two or "{" in two):
            pairs.append((one, two))
            if len(pairs) > _SLIPS:
                return False
    return bool(pairs) and all(_is_one_edit(one, two) for one, two in pairs)


def _one_less(label: str) -> set[str]:
    """Return a label, and what each letter less leaves of it.

    >>> sorted(_one_less("mcr"))
    ['cr', 'mc', 'mcr', 'mr']
    """
    return {label, *(label[:at] + label[at + 1 :] for at in range(len(label)))}


def _bare_letters(host: str) -> str:
    return re.sub("[-.]", "", host)


def _is_one_edit(one: str, other: str) -> bool:
    """Say whether one character more, less or another, or two that are swapped, make one label of the other."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if one[1:] == other[1:] or one[1:] == other or one == other[1:]:
        return True
    return len(one) == len(other) and one[:2] == other[1::-1] and one[2:] == other[2:]
