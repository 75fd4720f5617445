"""What a target can hold, stated once beside its code: the fidelity of every rule follows from it, and so do the docs.

:func:`fit` compares one rule with a declaration. It never widens in silence: what a target takes in besides is
``widened``, what it leaves out is ``narrowed``, each with the reason, and what it has no form for is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule
from aks_egress_catalog.exports.export import Fidelity, is_host_pattern
from aks_egress_catalog.exports.placement import NotExpressibleError
from aks_egress_catalog.model import Application, DestinationForm, Protocol
from aks_egress_catalog.model.addresses import network


class Wildcard(StrEnum):
    """What a wildcard of a target takes in."""

    ANY_DEPTH = "names of any depth below"
    """As the catalog means ``*.x``."""
    ONE_LABEL = "names one label below"
    WITH_APEX = "the name itself, and names of any depth below"
    NONE = "no wildcard"


class Traffic(StrEnum):
    """What sort of traffic a target decides about."""

    HTTPS = "HTTPS"
    HTTP = "HTTP"
    TCP = "other TCP"
    UDP = "UDP"


EVERY_TRAFFIC: Final = frozenset(Traffic)
WEB: Final = frozenset((Traffic.HTTPS, Traffic.HTTP))
_WEB_PORTS: Final = {443: Traffic.HTTPS, 80: Traffic.HTTP}


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One target.

    ``ports``: a rule is for its port alone; otherwise the target lets every port through. ``partial_labels``: a star
    may be a part of a label. ``by_address``: names are looked up, and what is allowed are their addresses, whoever else
    is behind them. ``forms`` are what it takes besides names. ``most`` is how many names one file may have (0: no limit
    is known). ``needs`` is what has to be around it, ``judge`` the engine that tests try it with (empty: none can be
    had), ``why_not`` says why a rule is not one for such a target at all.
    """

    title: str
    wildcard: Wildcard
    partial_labels: bool = False
    ports: bool = True
    traffic: frozenset[Traffic] = WEB
    forms: frozenset[DestinationForm] = frozenset({DestinationForm.FQDN})
    by_address: bool = False
    most: int = 0
    needs: tuple[str, ...] = ()
    judge: str = ""
    why_not: Callable[[ConcreteRule], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A rule as a target takes it."""

    rule: ConcreteRule
    values: tuple[str, ...]
    fidelity: Fidelity
    reason: str = ""

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id


def fit(target: Declaration, rule: ConcreteRule) -> Fitted:
    """Say what becomes of a rule in a target.

    Raises:
        NotExpressibleError: the target has no form for it.
    """
    refused = target.why_not(rule) if target.why_not else ""
    if refused:
        raise NotExpressibleError(refused)
    if rule.form not in target.forms:
        raise NotExpressibleError(f"{target.title} takes no {_FORMS[rule.form]}")
    traffic = traffic_of(rule)
    if traffic is not None and traffic not in target.traffic:
        raise NotExpressibleError(f"{target.title} does not decide about {traffic} on {rule.port}; allow it elsewhere")
    values = tuple(_value(target, rule, value) for value in rule.values)
    widened = list(dict.fromkeys(_widening(target, rule)))
    narrowed = list(dict.fromkeys(_narrowing(target, rule)))
    if widened:
        return Fitted(rule=rule, values=values, fidelity=Fidelity.WIDENED, reason="; ".join((*widened, *narrowed)))
    if narrowed:
        return Fitted(rule=rule, values=values, fidelity=Fidelity.NARROWED, reason="; ".join(narrowed))
    return Fitted(rule=rule, values=values, fidelity=Fidelity.EXACT)


_FORMS: Final = {
    DestinationForm.ANY: "rule for every destination",
    DestinationForm.SERVICE_TAG: "service tag; a Service Tags file would turn it into address ranges",
    DestinationForm.NAMED_SET: "named set",
    DestinationForm.CIDR: "address range",
    DestinationForm.FQDN: "host name",
}


def traffic_of(rule: ConcreteRule) -> Traffic | None:
    """The traffic that a rule is about; ``None`` where the article states no port."""
    if rule.protocol is None or rule.port is None:
        return None
    if rule.protocol is Protocol.UDP:
        return Traffic.UDP
    if rule.application:
        return Traffic.HTTPS if rule.application is Application.HTTPS else Traffic.HTTP
    return _WEB_PORTS.get(rule.port, Traffic.TCP)


def _value(target: Declaration, rule: ConcreteRule, value: str) -> str:
    if rule.form is DestinationForm.FQDN:
        return _host(target, value)
    if rule.form is DestinationForm.CIDR:
        try:
            return network(value)
        except ValueError as error:
            raise NotExpressibleError(f"{value!a} is not an address range") from error
    return value


def _host(target: Declaration, value: str) -> str:
    if not is_host_pattern(value):
        raise NotExpressibleError(f"{value!a} is not a host pattern")
    host = value.lower()
    rest = host.removeprefix("*.")
    if rest != host and target.wildcard is Wildcard.NONE:
        raise NotExpressibleError(f"{target.title} takes no wildcard, and {host} is one")
    if not target.partial_labels and ("*" in rest or "{" in rest):
        raise NotExpressibleError(f"{target.title} takes a star at the beginning only, and {host} has one elsewhere")
    return re.sub(r"\{[^}]*\}", "*", host)


def _widening(target: Declaration, rule: ConcreteRule) -> list[str]:
    found: list[str] = []
    wild = [value for value in rule.values if rule.form is DestinationForm.FQDN and value.startswith("*.")]
    if wild and target.wildcard is Wildcard.WITH_APEX:
        found.append(f"{wild[0][2:]} itself passes as well")
    if not target.ports and rule.port is not None:
        found.append("every port passes, for the target knows none")
    if target.by_address and rule.form is DestinationForm.FQDN:
        found.append("whatever else is behind the addresses of the name passes as well")
    return found


def _narrowing(target: Declaration, rule: ConcreteRule) -> list[str]:
    wild = any(value.startswith("*.") for value in rule.values)
    found: list[str] = []
    if rule.form is DestinationForm.FQDN and wild and target.wildcard is Wildcard.ONE_LABEL:
        found.append("only names one label below pass")
    if rule.port is None and target.traffic != EVERY_TRAFFIC:
        found.append("the article states no port; only TLS and HTTP pass")
    return found
