"""The catalog: every rule of one moment, and the questions that it answers. ``match`` and ``resolve`` call down."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from aks_egress_catalog.cluster.advisories import with_fixes
from aks_egress_catalog.cluster.profile import Profile, closest
from aks_egress_catalog.cluster.resolve import Resolution, Target, resolve
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.hosts.index import Matcher
from aks_egress_catalog.model import Cloud, Feature, Origin, Rule, Rules, Strict

SCHEMA_VERSION: Final = 1
"""Version of the JSON shape. Readers pass over keys that they do not know; it grows when a key goes or changes."""


@dataclass(frozen=True, kw_only=True)
class PageRef(Strict):
    """One page that a catalog was read from. ``updated`` is when it was last changed upstream, UTC."""

    locale: str
    url: str
    commit: str
    updated: dt.datetime | None

    def __post_init__(self) -> None:
        if self.updated and self.updated.utcoffset() != dt.timedelta(0):
            raise ValueError(f"{self.updated.isoformat()} is not a time in UTC; write it with Z at its end")


@dataclass(frozen=True, kw_only=True)
class NamedDate(Strict):
    """A day that the article itself names, such as the end of a support; what happens then stands under ``heading``.

    ``cloud`` and ``feature`` are empty where it concerns every one of them.
    """

    date: dt.date
    cloud: str
    feature: str
    heading: str

    def __post_init__(self) -> None:
        if self.cloud and self.cloud not in set(Cloud):
            raise ValueError(f"{self.cloud!r} is not a cloud")
        if self.feature and self.feature not in set(Feature):
            raise ValueError(f"{self.feature!r} is not a feature")

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same wherever on the page it stands: the day, the cloud and the feature."""
        return (self.date.isoformat(), self.cloud, self.feature)

    @property
    def order(self) -> tuple[str, ...]:
        """Sort key."""
        return (*self.key, self.heading)

    def __str__(self) -> str:
        return f"{self.date}, {self.cloud or 'every cloud'} / {self.feature or 'every cluster'}"


def calver(day: dt.date | None) -> str:
    """Write the version of the data whose facts are of a day; ``0`` where no page says of which.

    >>> calver(dt.date(2026, 7, 2))
    '2026.7.2'
    """
    return f"{day.year}.{day.month}.{day.day}" if day else "0"


@dataclass(frozen=True, kw_only=True)
class Catalog(Strict):
    """Every rule of one moment, sorted by id, with where the facts came from.

    ``version`` is the date of the facts as ``YYYY.M.D``, with ``.N`` where the same facts are released again.
    ``watched`` maps a heading id to digests of the sentences that speak of conditions, so that a new or
    reworded sentence is seen without keeping its text. ``dates`` are the days that the article names, in their order.
    """

    schema_version: int = SCHEMA_VERSION
    version: str = ""
    origin: Origin
    attribution: str
    pages: tuple[PageRef, ...]
    rules: Rules
    watched: dict[str, tuple[str, ...]]
    dates: tuple[NamedDate, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", Rules(self.rules))
        if list(self.dates) != sorted(set(self.dates), key=lambda named: named.order):
            raise ValueError("dates are unique and sorted")
        ids = [rule.id for rule in self.rules]
        if ids != sorted(set(ids)):
            raise ValueError("rules are unique and sorted by id")
        if self.schema_version != SCHEMA_VERSION:
            raise ValueError(
                f"schema {self.schema_version} is not {SCHEMA_VERSION}, the one this version reads;"
                " upgrade aks-egress-catalog"
            )
        dated = calver(self.facts_date)
        if self.version not in ("", dated) and not re.fullmatch(rf"{re.escape(dated)}\.[1-9]\d*", self.version):
            raise ValueError(f"version {self.version!r} does not follow from the date of the facts, {dated}")
        object.__setattr__(self, "version", self.version or dated)

    @property
    def authority(self) -> PageRef | None:
        """The page that gave the facts."""
        return next((page for page in self.pages if page.locale == "en-us"), None)

    @property
    def commit(self) -> str:
        """The upstream commit of the first page; empty where there is no page."""
        return self.pages[0].commit if self.pages else ""

    @property
    def facts_date(self) -> dt.date | None:
        """The day of the last upstream change of the page that gave the facts, UTC."""
        page = self.authority
        return page.updated.date() if page and page.updated else None

    def rule(self, name: str) -> Rule:
        """Return the rule of an id.

        Raises:
            AksEgressError: there is none; the message names the nearest.

        >>> import aks_egress_catalog as aec
        >>> aec.load(as_of="2026-07-02").rule("AzureCloud/core/mcr.microsoft.com:tcp-443").port
        443
        """
        found = self._by_id.get(name)
        if found is None:
            raise AksEgressError(f"no rule {name!r}{closest(name, tuple(self._by_id)) or '; list shows all'}")
        return found

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def match(self, host: str, port: int, protocol: str = "TCP") -> tuple[Rule, ...]:
        """Return the rules that cover an endpoint, sorted by id; see :mod:`aks_egress_catalog.hosts.index`.

        Raises:
            EndpointError: the host, port or protocol cannot be one.

        >>> import aks_egress_catalog as aec
        >>> [rule.id for rule in aec.load(as_of="2026-07-02").match("westeurope.data.mcr.microsoft.com", 443)][1]
        'AzureCloud/cluster-extensions/*.data.mcr.microsoft.com:tcp-443'
        """
        return self._matcher.match(host, port, protocol)

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.rules)

    def resolve(
        self,
        profile: Profile,
        *,
        target: Target | None = None,
        service_tags: ServiceTags | None = None,
        allow_any: bool = False,
        informational: bool = False,
        fix_advisories: bool = False,
        allow_unknown_region: bool = False,
        origins: Mapping[str, str] | None = None,
    ) -> Resolution:
        """Decide every rule for one cluster; see :func:`aks_egress_catalog.cluster.resolve.resolve` for the options.

        ``fix_advisories`` takes the fixes of the article's known defects for facts; without, a caveat tells of each.

        >>> import aks_egress_catalog as aec
        >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope", features=("azure-policy",)))
        >>> [rule.values[0] for rule in found.rules if "hcp" in rule.id]
        ['*.hcp.westeurope.azmk8s.io']
        """
        catalog = self.with_fixes() if fix_advisories else self
        return resolve(
            catalog.rules,
            profile,
            target=target,
            service_tags=service_tags,
            allow_any=allow_any,
            informational=informational,
            allow_unknown_region=allow_unknown_region,
            origins=origins,
            data_version=self.version,
        )

    def with_fixes(self, *, known_on: dt.date | None = None) -> Catalog:
        """Return the catalog as it would be if every advisory's fix were a fact. The catalog itself stays as it is.

        With ``known_on``, only of the advisories known by that day.
        """
        return replace(self, rules=with_fixes(self.rules, commit=self.commit, known_on=known_on))
