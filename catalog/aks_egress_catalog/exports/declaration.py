"""What a target can hold, stated once beside its code: the fidelity of every rule follows from it, and so do the docs.

A target has one or more ways in which it lets something through (an application rule, a network rule; a URL category,
an address object). :func:`fit` puts a rule on the first way that takes it. It never widens in silence: what a way takes
in besides is ``widened``, what it leaves out is ``narrowed``, each with the reason; what no way takes is dropped.

    rule                        way of Azure Firewall      why
    *.x.io HTTPS 443            an application rule        a name, stated as HTTPS: exact
    ntp.ubuntu.com UDP 123      a network rule by name     UDP is no HTTPS; the name has no star: exact
    *.x.io TCP 9000             none                       neither takes it: dropped, with both reasons
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule
from aks_egress_catalog.exports.export import Fidelity, is_host_pattern
from aks_egress_catalog.exports.expressions import is_pattern
from aks_egress_catalog.exports.placement import NotExpressibleError
from aks_egress_catalog.model import Application, DestinationForm, Kind, Protocol
from aks_egress_catalog.model.addresses import network


class Wildcard(StrEnum):
    """What ``*.x`` becomes in a target."""

    ANY_DEPTH = "names of any depth below"
    """As the catalog means it."""
    WITH_APEX = "the name itself, and names of any depth below"
    NONE = "no wildcard"


class InnerStar(StrEnum):
    """Where else a star may stand."""

    NOWHERE = "nowhere else"
    WHOLE_LABEL = "for a whole label"
    PART = "anywhere in a label"


class Traffic(StrEnum):
    """What sort of traffic a rule is about."""

    HTTPS = "HTTPS"
    HTTP = "HTTP"
    TCP = "other TCP"
    UDP = "UDP"


class NoPort(StrEnum):
    """What becomes of a rule for which the article states no port."""

    EXACT = "passes on every port"
    WEB_ONLY = "passes as TLS and HTTP only"
    DROPPED = "cannot be written"


EVERY_TRAFFIC: Final = frozenset(Traffic)
WEB: Final = frozenset((Traffic.HTTPS, Traffic.HTTP))
NAMES: Final = frozenset((DestinationForm.FQDN,))
RANGES: Final = frozenset((DestinationForm.CIDR,))
RANGES_OR_ANY: Final = frozenset((DestinationForm.CIDR, DestinationForm.ANY))
_WEB_PORTS: Final = {443: Traffic.HTTPS, 80: Traffic.HTTP}
_TAG: Final = re.compile(r"[A-Za-z][A-Za-z0-9.]*\Z")
_STATED_PORTS: Final = range(1, 64_001)
"""Azure Firewall takes an application rule on these ports."""
_SHOWN: Final = 3


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way in which a target lets something through.

    ``forms`` are the destinations that it takes, ``traffic`` what it decides about; ``stated``: only names that the
    article lists with HTTPS or HTTP. ``ports``: a rule is for its port alone, otherwise every port passes. ``below``: a
    name takes in all names below it. ``by_address``: names are looked up, and what passes are their addresses, whoever
    else is behind them. ``literal``: an address passes only where a request names it. ``no_ipv6`` says why IPv6 cannot
    be written (empty: it can). ``longest`` is the length of a name that still fits, ``deepest`` how many labels a
    wildcard stands for at most (0: any number). ``remark`` is what to know of a rule though it is exact.
    """

    name: str
    forms: frozenset[DestinationForm] = NAMES
    traffic: frozenset[Traffic] = WEB
    stated: bool = False
    wildcard: Wildcard = Wildcard.NONE
    inner: InnerStar = InnerStar.NOWHERE
    ports: bool = True
    no_port: NoPort = NoPort.WEB_ONLY
    below: bool = False
    by_address: bool = False
    literal: bool = False
    no_ipv6: str = ""
    longest: int = 253
    deepest: int = 0
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many of something one file may have. ``splits``: more are split, otherwise refused with the number."""

    most: int
    of: str
    splits: bool = False

    def __str__(self) -> str:
        return f"{self.most:,} {self.of}" + (", then split" if self.splits else "")


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One target: its ways in the order in which they are tried, its limits, and what has to be around it.

    ``judge`` is the engine that the tests try it with (empty: none can be had on a machine of ours), ``why_not`` says
    why a rule is not one for such a target at all.
    """

    title: str
    ways: tuple[Way, ...]
    limits: tuple[Limit, ...] = ()
    needs: tuple[str, ...] = ()
    judge: str = ""
    why_not: Callable[[ConcreteRule], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A rule as a target takes it: ``values`` are those that it can hold, hosts in small letters."""

    rule: ConcreteRule
    way: Way
    values: tuple[str, ...]
    fidelity: Fidelity
    reason: str = ""


def fit(target: Declaration, rule: ConcreteRule) -> Fitted:
    """Put a rule on the first way that takes it.

    Raises:
        NotExpressibleError: none does; the text says why.

    >>> from aks_egress_catalog.model import Level
    >>> way = Way(name="a list", wildcard=Wildcard.WITH_APEX)
    >>> rule = ConcreteRule(
    ...     id="r", feature="core", level=Level.REQUIRED, kind=Kind.FQDN, form=DestinationForm.FQDN,
    ...     values=("*.x.io",), protocol=Protocol.TCP, port=443, application=Application.HTTPS,
    ... )
    >>> found = fit(Declaration(title="T", ways=(way,)), rule)
    >>> found.values, found.fidelity.value, found.reason
    (('*.x.io',), 'widened', 'x.io itself passes as well')
    """
    refused = target.why_not(rule) if target.why_not else ""
    if refused:
        raise NotExpressibleError(refused)
    ways = [way for way in target.ways if rule.form in way.forms]
    if not ways:
        raise NotExpressibleError(f"{target.title} takes no {rule.form}{_INSTEAD.get(rule.form, '')}")
    reasons: dict[str, None] = {}
    for way in ways:
        why_not = _why_not(target, way, rule)
        kept, left = ((), why_not) if why_not else _sift(target, way, rule)
        if kept:
            return _fitted(way, rule, kept, left)
        reasons[left] = None
    raise NotExpressibleError("; ".join(reasons))


EVERYTHING: Final = Way(
    name="a line",
    forms=frozenset({DestinationForm.FQDN, DestinationForm.CIDR, DestinationForm.SERVICE_TAG, DestinationForm.ANY}),
    traffic=EVERY_TRAFFIC,
    wildcard=Wildcard.ANY_DEPTH,
    inner=InnerStar.PART,
    no_port=NoPort.EXACT,
)
"""The way of a format that is data: every rule as it is."""
_INSTEAD: Final = {DestinationForm.SERVICE_TAG: "; a Service Tags file would turn it into address ranges"}


def traffic_of(rule: ConcreteRule) -> Traffic | None:
    """The traffic that a rule is about; ``None`` where the article states no port."""
    if rule.protocol is None or rule.port is None:
        return None
    if rule.protocol is Protocol.UDP:
        return Traffic.UDP
    if rule.application:
        return Traffic.HTTPS if rule.application is Application.HTTPS else Traffic.HTTP
    return _WEB_PORTS.get(rule.port, Traffic.TCP)


def _why_not(target: Declaration, way: Way, rule: ConcreteRule) -> str:
    """Why a way cannot take a rule, whatever its values are; empty where it can."""
    traffic = traffic_of(rule)
    if traffic is None:
        return "the article states no port" if way.no_port is NoPort.DROPPED else ""
    is_stated = rule.kind is Kind.FQDN and rule.application is not None and rule.port in _STATED_PORTS
    if way.stated and not is_stated:
        return f"{way.name} is for HTTP and HTTPS only"
    if traffic not in way.traffic:
        said = {Traffic.UDP: "is UDP", Traffic.TCP: "is neither TLS nor HTTP"}.get(traffic, f"is {traffic}")
        return f"{rule.protocol} {rule.port} {said}, which does not pass {target.title}; allow it on the firewall"
    return ""


def _sift(target: Declaration, way: Way, rule: ConcreteRule) -> tuple[tuple[str, ...], str]:
    """Keep the values that a way can hold, as it writes them, and say why it does not hold the others."""
    faults = {value: _fault(target, way, rule.form, value) for value in rule.values}
    kept = tuple(_normal(rule.form, value) for value, fault in faults.items() if not fault)
    left = [value for value, fault in faults.items() if fault]
    shown = ", ".join(value if value.isprintable() else ascii(value) for value in left[:_SHOWN])
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return kept, f"{faults[left[0]]}: {shown}{more}" if left else ""


def _normal(form: DestinationForm, value: str) -> str:
    if form is DestinationForm.FQDN:
        return value.lower()
    return network(value) if form is DestinationForm.CIDR else value


def _fault(target: Declaration, way: Way, form: DestinationForm, value: str) -> str:
    if form is DestinationForm.FQDN:
        return _host_fault(target, way, value)
    if form is DestinationForm.CIDR:
        try:
            return way.no_ipv6 if ":" in network(value) else ""
        except ValueError:
            return "no address range"
    if form is DestinationForm.SERVICE_TAG:
        return "" if _TAG.match(value) else "no service tag"
    return "" if value == "*" else "no address"


def _host_fault(target: Declaration, way: Way, value: str) -> str:
    if not is_host_pattern(value):
        return "no host name"
    host = value.lower()
    rest = re.sub(r"\{[^}]*\}", "*", host.removeprefix("*."))  # a placeholder is one label: no leading star of ours
    if len(host) > way.longest:
        return f"{way.name} takes names of up to {way.longest} characters"
    if is_pattern(host) and way.wildcard is Wildcard.NONE:
        return f"{way.name} takes no star"
    if "*" in rest and way.inner is InnerStar.NOWHERE:
        return f"{target.title} has no star but the leading '*.' that is as narrow"
    if way.inner is InnerStar.WHOLE_LABEL and any("*" in label and label != "*" for label in rest.split(".")):
        return f"a star of {target.title} is a whole label, not a part of one"
    return ""


def _fitted(way: Way, rule: ConcreteRule, kept: tuple[str, ...], left: str) -> Fitted:
    widened, narrowed = list(_widening(way, rule, kept)), list(_narrowing(way, rule, kept, left))
    fidelity = Fidelity.WIDENED if widened else Fidelity.NARROWED if narrowed else Fidelity.EXACT
    reason = "; ".join((*widened, *narrowed, *((way.remark,) if way.remark else ())))
    return Fitted(rule=rule, way=way, values=kept, fidelity=fidelity, reason=reason)


def _widening(way: Way, rule: ConcreteRule, kept: tuple[str, ...]) -> Iterator[str]:
    wild = _below(rule, kept)
    if wild and way.wildcard is Wildcard.WITH_APEX:
        yield f"{wild[0]} itself passes as well"
    if way.below and rule.form is DestinationForm.FQDN and len(wild) < len(kept):
        yield "all names below it pass as well"
    if not way.ports and rule.port is not None:
        yield "it passes on every port"
    if way.by_address and rule.form is DestinationForm.FQDN and rule.kind is Kind.FQDN:
        yield "it goes by the addresses that the name resolves to, and whatever else they serve passes as well"


def _below(rule: ConcreteRule, kept: tuple[str, ...]) -> list[str]:
    """The names that have a wildcard before them."""
    return [value[2:] for value in kept if rule.form is DestinationForm.FQDN and value.startswith("*.")]


def _narrowing(way: Way, rule: ConcreteRule, kept: tuple[str, ...], left: str) -> Iterator[str]:
    if left:
        yield left
    wild = _below(rule, kept)
    if wild and way.deepest:
        yield f"of the names below {wild[0]}, those with more than {way.deepest} labels before it do not pass"
    if rule.port is None and way.no_port is NoPort.WEB_ONLY:
        yield "the article states no port: TLS and HTTP pass, other traffic does not"
    if way.literal and rule.form is DestinationForm.CIDR:
        yield "only requests that name the address itself pass; a host that resolves to it needs a rule of its own"
