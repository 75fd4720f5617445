"""The FQDN tag AzureKubernetesService: what of a cluster's rules a firewall that has it alone would let through.

Azure Firewall takes the tag in an application rule instead of hosts. Microsoft maintains its hosts and does not publish
them, so what it covers is known from reports only (``EVIDENCE``). They contradict each other. Credited is what all of
them agree on: the HTTP and HTTPS hosts of ``core`` in the public cloud.

=============  ====================================================================================================
``credited``   a host of core, HTTP on 80 or HTTPS on 443, that the article still states
``unproven``   another host, of another feature: one page says that the tag has it, several reports say that it did not
``lacks``      what no FQDN tag can say: network rules, other ports; and what the article does not state
=============  ====================================================================================================
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.model import Application, Cloud, DestinationForm, Feature, Kind, Level, Protocol

TAG: Final = "AzureKubernetesService"
DOUBT: Final = "Microsoft does not publish the hosts of the tag: nobody can check what it covers, and it may change"
_WEB: Final = ((Application.HTTP, 80), (Application.HTTPS, 443))


class Says(StrEnum):
    """What a witness says that the tag covers."""

    ALL = "all"
    MOST = "most"
    CORE = "core"
    NOT_ALL = "not-all"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One witness of what the tag covers; ``gist`` is in our own words."""

    year: int
    url: str
    says: Says
    gist: str

    def __str__(self) -> str:
        return f"{self.year}, {self.says}: {self.gist} ({self.url})"


EVIDENCE: Final = (
    Evidence(
        year=2020,
        url="https://learn.microsoft.com/azure/aks/limit-egress-traffic",
        says=Says.ALL,
        gist="the article on limiting egress counts every host of the outbound rules as part of the tag",
    ),
    Evidence(
        year=2021,
        url="https://github.com/Azure/AKS/issues/2215",
        says=Says.NOT_ALL,
        gist="data.policy.core.windows.net was denied with the tag alone",
    ),
    Evidence(
        year=2021,
        url="https://github.com/mspnp/aks-baseline/pull/200",
        says=Says.MOST,
        gist="every listed host but one of monitoring was found in the tag",
    ),
    Evidence(
        year=2022,
        url="https://github.com/mspnp/aks-baseline/issues/289",
        says=Says.CORE,
        gist="a maintainer: its hosts are not published, it is for the core, not for add-ons",
    ),
    Evidence(
        year=2023,
        url="https://github.com/MicrosoftDocs/azure-docs/issues/110914",
        says=Says.NOT_ALL,
        gist="hosts of monitoring were denied with the tag alone",
    ),
    Evidence(
        year=2024,
        url="https://github.com/MicrosoftDocs/azure-docs/issues/121740",
        says=Says.MOST,
        gist="an answer of the staff lists some of its hosts, the API server's first",
    ),
)
"""Oldest first."""


class Credit(StrEnum):
    """Whether the tag covers a rule."""

    CREDITED = "credited"
    UNPROVEN = "unproven"
    LACKS = "lacks"


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """One rule as the tag covers it or not; ``reason`` is empty where it is credited."""

    id: str
    level: Level
    values: tuple[str, ...]
    protocol: Protocol | None
    port: int | None
    credit: Credit
    reason: str


@dataclass(frozen=True, kw_only=True)
class TagComparison:
    """The rules of a resolution by what the tag alone would do for them, with the evidence and the doubt."""

    tag: str
    lacks: tuple[TagRule, ...]
    unproven: tuple[TagRule, ...]
    credited: tuple[TagRule, ...]
    doubt: str
    evidence: tuple[Evidence, ...]


def compare_fqdn_tag(resolution: Resolution) -> TagComparison:
    """Say what a firewall with the tag alone would let through of what a cluster needs, each rule once.

    >>> import aks_egress_catalog as aec
    >>> profile = aec.Profile(region="westeurope", features=("azure-policy",))
    >>> found = compare_fqdn_tag(aec.load(as_of="2026-07-02").resolve(profile))
    >>> "data.policy.core.windows.net" in {host for rule in found.unproven for host in rule.values}
    True
    """
    by_core = {(rule.port, value) for rule in resolution.rules if is_credited(rule) for value in rule.values}
    judged = [_judge(rule, by_core) for rule in resolution.rules]
    lacks, unproven, credited = (
        tuple(rule for rule in judged if rule.credit is credit)
        for credit in (Credit.LACKS, Credit.UNPROVEN, Credit.CREDITED)
    )
    return TagComparison(tag=TAG, lacks=lacks, unproven=unproven, credited=credited, doubt=DOUBT, evidence=EVIDENCE)


def is_credited(rule: ConcreteRule) -> bool:
    """Say whether the tag may stand for a rule."""
    return not _why_lacking(rule) and not _why_unproven(rule)


def _judge(rule: ConcreteRule, by_core: AbstractSet[tuple[int | None, str]]) -> TagRule:
    """Judge one rule; what core has is let through for every feature."""
    lacking = _why_lacking(rule)
    unproven = "" if all((rule.port, value) in by_core for value in rule.values) else _why_unproven(rule)
    credit = Credit.LACKS if lacking else Credit.UNPROVEN if unproven else Credit.CREDITED
    return TagRule(
        id=rule.id,
        level=rule.level,
        values=rule.values,
        protocol=rule.protocol,
        port=rule.port,
        credit=credit,
        reason=lacking or unproven,
    )


def _why_lacking(rule: ConcreteRule) -> str:
    if rule.kind is not Kind.FQDN or rule.form is not DestinationForm.FQDN:
        return "a network rule: an FQDN tag stands in application rules only"
    if rule.port is None:
        return "the article states no port"
    if (rule.application, rule.port) not in _WEB:
        return f"{rule.application or rule.protocol} on {rule.port}: the tag is for HTTP on 80 and HTTPS on 443"
    if rule.level is Level.KNOWN_GAP:
        return "an advisory names it, not the article"
    if any(remark.startswith("missing from the article") for remark in rule.remarks):
        return "it is missing from the article, so the tag may have lost it too"
    return ""


def _why_unproven(rule: ConcreteRule) -> str:
    cloud = rule.id.partition("/")[0]
    if cloud != Cloud.PUBLIC:
        return f"no report says what the tag covers in {cloud}"
    if rule.feature != Feature.CORE:
        return f"{rule.feature} is not of the core: reports say that the tag lacks such hosts"
    return ""
