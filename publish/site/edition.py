"""One edition of the site: all values that its pages show, gathered once, before any page is written."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from aks_egress_catalog.catalog import Catalog, NamedDate
from aks_egress_catalog.cluster.advisories import Advisory, load_advisories
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.changes import Change, Impact
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Origin
from aks_egress_catalog.store import Texts
from publish.site.labels import cloud_order, feature_order
from publish.site.rulebook import Group, RulePage, grouped, rule_pages
from publish.site.versions import Version, versions_of
from publish.status.status import STALE_AFTER

_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+\Z", re.ASCII)
_LOCALE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})+\Z")


class SiteError(AksEgressError):
    """The site cannot be made of what was given."""


@dataclass(frozen=True, kw_only=True)
class Locale:
    """A language in which rules are described, and the state of its page."""

    name: str
    state: str
    described: int

    @property
    def is_current(self) -> bool:
        """Whether it says what the English page says today."""
        return self.state == "current"


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What was given to make the site of, and what follows from it. The names are those of :func:`.site_files`."""

    catalog: Catalog
    history: History
    announced: Sequence[Change]
    texts: Texts
    now: dt.datetime
    hold: dt.timedelta
    checked: dt.datetime | None
    base_url: str
    repository: str
    states: Mapping[str, str]
    beside: frozenset[str]

    def __post_init__(self) -> None:
        for locale in {*self.texts, *self.states}:
            if not _LOCALE.match(locale):
                raise SiteError(f"{locale!r} is not a locale; a page is named after it")
        address = urlsplit(self.base_url)
        if self.base_url and (address.scheme not in ("http", "https") or not address.netloc):
            raise SiteError(f"{self.base_url!r} is not where a site can be; give it as https://example.org/folder/")

    @property
    def today(self) -> dt.date:
        """The day of this edition, UTC."""
        return self.now.date()

    @property
    def is_late(self) -> bool:
        """Whether the article was not looked at for too long."""
        return self.checked is not None and self.now - self.checked > STALE_AFTER

    @cached_property
    def advisories(self) -> tuple[Advisory, ...]:
        """Known defects of the article."""
        return load_advisories()

    @property
    def gaps(self) -> tuple[Advisory, ...]:
        """Those of them that are endpoints which the article lacks."""
        return tuple(one for one in self.advisories if one.fix)

    @property
    def is_preview(self) -> bool:
        """Whether it was made from embedded pages: a check of the article means nothing then."""
        return self.catalog.origin is not Origin.LIVE

    @property
    def repository_url(self) -> str:
        """Where the source code is; empty where nobody said a repository that can be linked."""
        return f"https://github.com/{self.repository}" if _REPOSITORY.match(self.repository) else ""

    @cached_property
    def last_requirement(self) -> Version | None:
        """The last version at which something had to be allowed, or no longer had to be."""
        matters = (one for one in reversed(self.versions) if one.gravest is not Impact.INFORMATIONAL)
        return next(matters, None)

    @cached_property
    def rule_pages(self) -> dict[str, RulePage]:
        """Every rule that is or ever was, by id."""
        return rule_pages(self.catalog, self.history, self.texts, announced=self.announced, advisories=self.advisories)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The rules of today."""
        return grouped(page for page in self.rule_pages.values() if page.here)

    @cached_property
    def former(self) -> tuple[Group, ...]:
        """Rules that left the page for good."""
        return grouped(page for page in self.rule_pages.values() if not page.here)

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """Every version of the past, oldest first."""
        return versions_of(self.history)

    @cached_property
    def dates(self) -> tuple[NamedDate, ...]:
        """The days to come that the article names."""
        return tuple(named for named in self.catalog.dates if named.date >= self.today)

    @cached_property
    def counts(self) -> Counter[tuple[str, str]]:
        """Rules of today by feature and cloud."""
        return Counter((rule.feature, rule.cloud) for rule in self.catalog.rules)

    @cached_property
    def clouds(self) -> list[str]:
        """Every cloud that ever had a rule."""
        return cloud_order(page.rule.cloud for page in self.rule_pages.values())

    @cached_property
    def features(self) -> list[str]:
        """Every feature that ever had a rule."""
        return feature_order(page.rule.feature for page in self.rule_pages.values())

    @cached_property
    def locales(self) -> tuple[Locale, ...]:
        """The languages, English first."""
        names = sorted(self.texts.keys() | self.states.keys(), key=lambda name: (name != "en-us", name))
        return tuple(
            Locale(name=name, state=self.states.get(name, "current"), described=len(self.texts.get(name, {})))
            for name in names
        )

    def has(self, path: str) -> bool:
        """Whether the site serves a file that another room of the publisher makes."""
        return path in self.beside

    def has_plan_since(self, version: str) -> bool:
        """Whether the site serves the upgrade plan from a version to today's."""
        return self.has(f"plan/since/{version}.json")
