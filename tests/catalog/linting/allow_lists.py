"""Allow lists made by hand, as if a reader had read them, and what lint says of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.linting.entry import (
    Action,
    Entry,
    Form,
    Layer,
    ListRule,
    Place,
    Policy,
    Reading,
    Service,
    Unread,
)
from aks_egress_catalog.linting.findings.finding import Finding
from aks_egress_catalog.linting.lint import Cluster, Lint, lint_readings, target_of
from tests.base import CATALOG, HISTORY

HTTPS: Final = Service(protocol="TCP", first=443, last=443, application="HTTPS")
HTTP: Final = Service(protocol="TCP", first=80, last=80, application="HTTP")
WEST: Final = Profile(region="westeurope", recommended=False)
CORE: Final = (
    "*.hcp.westeurope.azmk8s.io",
    "mcr.microsoft.com",
    "*.data.mcr.microsoft.com",
    "mcr-0001.mcr-msedge.net",
    "management.azure.com",
    "login.microsoftonline.com",
    "packages.microsoft.com",
    "acs-mirror.azureedge.net",
    "packages.aks.azure.com",
)
"""What a public cluster in West Europe needs on HTTPS, as the article of July 2026 has it."""
_FORMS: Final = {"tag": Form.SERVICE_TAG, "fqdn-tag": Form.FQDN_TAG, "cidr": Form.ADDRESS, "list": Form.ELSEWHERE}


class AllowList:
    """A list that grows rule by rule. A value is a host pattern, ``*``, or ``tag:…``, ``fqdn-tag:…``, ``cidr:…``."""

    def __init__(self, path: str = "list.txt", form: str = "plain") -> None:
        self.reading = Reading(path=path, format=form)
        self._line = 0

    def rule(self, *values: str, fault: str = "", **facts: Any) -> AllowList:
        """Add a rule of HTTPS that allows some values; ``facts`` are the fields of the rule that differ."""
        self._line += 1
        facts = {"services": (HTTPS,), "name": f"rule-{self._line}", **facts}
        made = ListRule(place=self._place(), **facts)
        for value in values:
            self._line += 1
            kind, _, bare = value.partition(":")
            form = Form.ANY if value == "*" else _FORMS.get(kind, Form.NAME)
            written = bare if kind in _FORMS else value
            entry = Entry(value=written, form=form, pattern=written, place=self._place(), rule=made, fault=fault)
            self.reading.entries.append(entry)
        return self

    def deny(self, *values: str, **facts: Any) -> AllowList:
        """Add a rule that denies."""
        return self.rule(*values, action=Action.DENY, **facts)

    def network(self, *values: str, **facts: Any) -> AllowList:
        """Add a network rule."""
        return self.rule(*values, layer=Layer.NETWORK, **facts)

    def unread(self, message: str = "nobody knows", policy: str = "") -> AllowList:
        """Add a part that could not be evaluated."""
        self.reading.unread.append(Unread(place=self._place(), message=message, policy=policy))
        return self

    def policy(self, name: str, **facts: Any) -> AllowList:
        """Add what a file says of a whole policy."""
        self.reading.policies.append(Policy(name=name, place=self._place(), **facts))
        return self

    def _place(self) -> Place:
        return Place(path=self.reading.path, line=self._line, end_line=self._line)


def allow(*values: str, **facts: Any) -> AllowList:
    """A list with one rule."""
    return AllowList().rule(*values, **facts)


def lint(
    *lists: AllowList,
    profile: Profile | None = WEST,
    clusters: Iterable[tuple[str, Profile, tuple[str, ...]]] = (),
) -> Lint:
    """Hold lists against one cluster, several, or (``None``) what they speak of."""
    readings = [one.reading for one in lists]
    behind = tuple(clusters) or ((("", profile, ()),) if profile else None)
    target = target_of(readings)
    described: list[Cluster] | None = None
    if behind is not None:
        described = [
            Cluster(name=name, resolution=CATALOG.resolve(one, target=target), sources=sources)
            for name, one, sources in behind
        ]
    return lint_readings(readings, CATALOG, lives=HISTORY.rules, clusters=described)


def told(found: Lint, *codes: str) -> list[tuple[str, str, str]]:
    """Level, code and value of each finding, or of those with some codes."""
    return [(str(one.level), str(one.code), one.value) for one in found.findings if not codes or one.code in codes]


def only(found: Lint, code: str) -> Finding:
    """The one finding with a code."""
    (one,) = (each for each in found.findings if each.code == code)
    return one
