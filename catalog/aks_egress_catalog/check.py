"""A denied endpoint in, a verdict out: which rules cover it, which may, and which come near."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.advisories import Advisory, load_advisories
from aks_egress_catalog.match import EndpointError, covers, literal_tail, normalize_host, pattern_regex
from aks_egress_catalog.model import Destination, DestinationForm, Protocol, Rule, Status, endpoint_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from aks_egress_catalog.history import Life
    from aks_egress_catalog.model import Catalog
    from aks_egress_catalog.resolve import Resolution

_NEAR: Final = 5
_ALIKE: Final = 0.6
_OPEN_FORMS: Final = {DestinationForm.ANY, DestinationForm.SERVICE_TAG, DestinationForm.NAMED_SET}


class Verdict(StrEnum):
    """Whether an endpoint is one that the article asks for."""

    COVERED = "covered"
    POSSIBLE = "possible"
    """Only an alternative such as a service tag may take it in: that depends on the one you implement."""
    NOT_COVERED = "not covered"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What was asked for."""

    host: str
    port: int
    protocol: Protocol

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.protocol}"


@dataclass(frozen=True, kw_only=True)
class NearRule:
    """A rule that does not cover the endpoint, and why not."""

    rule: Rule
    why_not: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that the catalog has to say of one endpoint.

    ``since`` has the day since which each rule of ``rules`` stands on the page, where a history tells it; ``gone`` has
    the rules that once covered the endpoint, with the day on which they left the page.
    """

    endpoint: Endpoint
    verdict: Verdict
    rules: tuple[Rule, ...]
    possible: tuple[Rule, ...]
    near: tuple[NearRule, ...]
    advisories: tuple[Advisory, ...]
    since: dict[str, dt.date]
    gone: dict[str, dt.date]


def parse_endpoint(text: str, *, port: int = 443, protocol: str = "TCP") -> Endpoint:
    """Read ``HOST``, ``HOST:PORT`` or ``HOST:PORT/PROTOCOL``; IPv6 addresses stand in brackets.

    Raises:
        EndpointError: the text is none of these.

    >>> str(parse_endpoint("ntp.ubuntu.com:123/udp"))
    'ntp.ubuntu.com:123/UDP'
    """
    rest, _, transport = text.strip().partition("/")
    if rest.startswith("["):
        host, _, after = rest[1:].partition("]")
        digits = after.removeprefix(":")
    elif rest.count(":") > 1:
        host, digits = rest, ""
    else:
        host, _, digits = rest.partition(":")
    name = (transport or protocol).upper()
    if name not in set(Protocol):
        raise EndpointError(f"{text!r}: {transport or protocol!r} is neither tcp nor udp")
    if digits and not (digits.isascii() and digits.isdigit()):
        raise EndpointError(f"{text!r}: {digits!r} is not a port")
    return Endpoint(host=normalize_host(host), port=int(digits) if digits else port, protocol=Protocol(name))


def check(
    catalog: Catalog,
    endpoint: Endpoint,
    *,
    resolution: Resolution | None = None,
    lives: Mapping[str, Life] | None = None,
) -> Answer:
    """Say which rules cover an endpoint. With a resolution, the alternatives are those that it chose.

    ``lives`` (:attr:`.History.rules`) tells since when.

    >>> import aks_egress_catalog as aec
    >>> check(aec.load(), parse_endpoint("mcr.microsoft.com")).verdict
    <Verdict.COVERED: 'covered'>
    >>> check(aec.load(), parse_endpoint("evilmcr.microsoft.com:8443")).verdict
    <Verdict.NOT_COVERED: 'not covered'>
    """
    chosen = {rule.id for rule in resolution.rules} if resolution else None
    rules = tuple(
        rule
        for rule in catalog.match(endpoint.host, endpoint.port, endpoint.protocol)
        if rule.lifecycle.status is not Status.REMOVED and (chosen is None or rule.id in chosen)
    )
    possible: tuple[Rule, ...] = ()
    if resolution:
        rules = tuple({rule.id: rule for rule in (*rules, *_by_range(catalog, endpoint, resolution))}.values())
    elif not rules:
        possible = tuple(rule for rule in catalog.rules if _is_open(rule, endpoint))
    verdict = Verdict.COVERED if rules else Verdict.POSSIBLE if possible else Verdict.NOT_COVERED
    return Answer(
        endpoint=endpoint,
        verdict=verdict,
        rules=rules,
        possible=possible,
        near=() if rules else tuple(_near(catalog, endpoint)),
        advisories=tuple(advisory for advisory in load_advisories() if _concerns(advisory, endpoint)),
        since={rule.id: lives[rule.id].since for rule in rules if lives and rule.id in lives},
        gone=dict(_gone(lives or {}, endpoint)),
    )


def _gone(lives: Mapping[str, Life], endpoint: Endpoint) -> Iterator[tuple[str, dt.date]]:
    """Rules that left the page and would cover the endpoint: their ids say all that this takes."""
    for name, life in lives.items():
        destination, transport = endpoint_of(name)
        same = transport in ("any", f"{endpoint.protocol.lower()}-{endpoint.port}")
        is_host = destination != "*" and ":" not in destination
        if life.gone and same and is_host and pattern_regex(destination).match(endpoint.host):
            yield name, life.gone


def _is_open(rule: Rule, endpoint: Endpoint) -> bool:
    same = (rule.port, rule.protocol) == (endpoint.port, endpoint.protocol)
    return same and any(destination.form in _OPEN_FORMS for destination in rule.destinations)


def _by_range(catalog: Catalog, endpoint: Endpoint, resolution: Resolution) -> Iterator[Rule]:
    """Rules whose chosen alternative of a resolution takes the endpoint in, though no pattern of theirs does."""
    rules = {rule.id: rule for rule in catalog.rules}
    for chosen in resolution.rules:
        same = (chosen.port, chosen.protocol) == (endpoint.port, endpoint.protocol) and chosen.id in rules
        if same and any(covers(value, endpoint.host) for value in chosen.values):
            yield rules[chosen.id]


def _near(catalog: Catalog, endpoint: Endpoint) -> Iterator[NearRule]:
    """The rules that come nearest: same host on another port first, then hosts that look alike."""
    scored: list[tuple[float, str, NearRule]] = []
    for rule in catalog.rules:
        for destination in rule.destinations:
            why = _why_not(rule, destination, endpoint) if destination.form is DestinationForm.FQDN else None
            if why:
                score = difflib.SequenceMatcher(None, destination.value, endpoint.host, autojunk=False).ratio()
                covered = bool(pattern_regex(destination.value).match(endpoint.host))
                if covered or score >= _ALIKE or literal_tail(destination.value) == endpoint.host:
                    scored.append((-score - 2 * covered, rule.id, NearRule(rule=rule, why_not=why)))
    yield from (near for _, _, near in sorted(scored, key=lambda one: one[:2])[:_NEAR])


def _why_not(rule: Rule, destination: Destination, endpoint: Endpoint) -> str:
    if pattern_regex(destination.value).match(endpoint.host):
        return f"it is for {rule.protocol} {rule.port}, not for {endpoint.protocol} {endpoint.port}"
    if destination.value == f"*.{endpoint.host}":
        return f"{destination} covers names below {endpoint.host}, not {endpoint.host} itself"
    return f"{destination} does not cover {endpoint.host}"


def _concerns(advisory: Advisory, endpoint: Endpoint) -> bool:
    return bool(pattern_regex(advisory.fix).match(endpoint.host)) or endpoint.host == advisory.instead_of
