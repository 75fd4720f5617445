"""One table of probes for all engines, and what a target's declaration promises of each.

The probes follow from the rules: a name that each takes in, and its look-alikes: the name above the wildcard, one more
label, a letter before, another domain behind, another cloud, on the rule's port and on others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Declaration, Fitted, Traffic, Wildcard, fit, traffic_of
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.hosts.patterns import pattern_regex
from aks_egress_catalog.model import Application, DestinationForm
from tests import base
from tests.catalog.exports.resolutions import HEADER, https, real, resolution

OTHER_CLOUDS: Final = ("mcr.azk8s.cn", "login.microsoftonline.us", "gcs.prod.monitoring.azure.cn", "example.com")
MADE_UP: Final = resolution(
    https("exact.made-up.example", id="AzureCloud/core/exact:tcp-443"),
    https("*.wild.made-up.example", id="AzureCloud/core/wild:tcp-443"),
    https("part-*.made-up.example", id="AzureCloud/core/part:tcp-443"),
    https("*.a.*.made-up.example", id="AzureCloud/core/middle:tcp-443"),
    https("plain.made-up.example", id="AzureCloud/core/p:tcp-80", port=80, application=Application.HTTP),
    https("*.plain.made-up.example", id="AzureCloud/core/w:tcp-80", port=80, application=Application.HTTP),
    https("both.made-up.example", id="AzureCloud/core/b:tcp-443"),
    https("odd.made-up.example", id="AzureCloud/core/b:tcp-8443", port=8443),
    https("unencrypted.made-up.example", id="AzureCloud/core/u:tcp-443", application=Application.HTTP),
)
"""Every form of a pattern, ports that few rules have, and one port with both TLS and HTTP."""


@dataclass(frozen=True, kw_only=True, order=True)
class Probe:
    """One connection that somebody tries: ``speaks`` is how it says the name (``None``: it says none)."""

    host: str
    port: int
    speaks: Traffic


def resolutions(form: str) -> dict[str, Resolution]:
    """What the engines are tried with: real rules of two clouds, and the made-up ones."""
    target = load_format(form).TARGET
    return {
        "made up": MADE_UP,
        "everything": real("everything", target, base.CATALOG),
        "China": real("China", target, base.CATALOG),
    }


def exported(form: str, of: Resolution) -> dict[str, str]:
    """The files of an export."""
    return load_format(form).render(of, HEADER).files


def fitted(declaration: Declaration, of: Resolution) -> list[Fitted]:
    """What a target takes of some rules."""
    return place_rules(of, partial(fit, declaration))[0]


def sample(value: str) -> str:
    """A name that a pattern takes in."""
    deep = f"made-up.deep.{value[2:]}" if value.startswith("*.") else value
    return re.sub(r"\*|\{[^}]*\}", "made-up", deep)


def hosts(of: Resolution) -> list[str]:
    """Names that the rules take in, and their look-alikes."""
    found = set(OTHER_CLOUDS)
    for rule in of.rules:
        if rule.form is DestinationForm.FQDN:
            for value in rule.values:
                found.update(look_alikes(value))
    return sorted(host for host in found if "*" not in host)


def look_alikes(value: str) -> Iterator[str]:
    """A name that a pattern takes in, and names that a sloppy export would take in as well."""
    host = sample(value)
    yield from (host, f"evil{host}", f"{host}.evil.example", f"sub.{host}", host.replace(".", "x", 1))
    yield from (value.removeprefix("*."), f"one.{value.removeprefix('*.')}")


def probes(of: Resolution, ports: Iterable[int]) -> list[Probe]:
    """Every name on every port, by TLS and by HTTP."""
    return [
        Probe(host=host, port=port, speaks=speaks)
        for host in hosts(of)
        for port in ports
        for speaks in (Traffic.HTTPS, Traffic.HTTP)
    ]


def promises(taken: Iterable[Fitted], probe: Probe) -> bool:
    """What a declaration says of a probe: whether one of the rules that the target takes lets it through."""
    return any(_takes_name(one, probe.host) and _on_port(one, probe) for one in taken)


def promises_name(taken: Iterable[Fitted], host: str) -> bool:
    """The same for a target that knows names alone."""
    return any(_takes_name(one, host) for one in taken)


def _takes_name(one: Fitted, host: str) -> bool:
    return one.rule.form is DestinationForm.FQDN and any(_matches(one, value, host) for value in one.values)


def _matches(one: Fitted, value: str, host: str) -> bool:
    apex = value.removeprefix("*.")
    if one.way.below and (host == apex or host.endswith(f".{apex}")):
        return True
    if value.startswith("*.") and one.way.wildcard is Wildcard.WITH_APEX and host == apex:
        return True
    return re.match(pattern_regex(value), host) is not None


def _on_port(one: Fitted, probe: Probe) -> bool:
    if not one.way.ports:
        return True
    traffic = traffic_of(one.rule)
    if traffic is None:
        return probe.port == {Traffic.HTTPS: 443, Traffic.HTTP: 80}[probe.speaks]
    return one.rule.port == probe.port and (traffic is probe.speaks or one.way.by_address)
