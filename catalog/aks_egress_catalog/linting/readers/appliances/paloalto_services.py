"""On which ports a rule of PAN-OS holds: its services, and what its applications use where it leaves that to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Service
from aks_egress_catalog.linting.readers.appliances.paloalto_objects import Config, PanRule, members
from aks_egress_catalog.linting.readers.literals import NAMED_SERVICES, ports_of
from aks_egress_catalog.linting.readers.words import Draft, Word, short

_BUILT_IN: Final = {
    "service-http": tuple(Service(protocol="TCP", first=port, last=port) for port in (80, 8080)),
    "service-https": (Service(protocol="TCP", first=443, last=443),),
}
_DEFAULTS: Final = {
    "ssl": (NAMED_SERVICES["https"],),
    "web-browsing": (NAMED_SERVICES["http"],),
    **dict.fromkeys(("ntp", "ntp-base"), (NAMED_SERVICES["ntp"],)),
    **dict.fromkeys(("dns", "dns-base"), (NAMED_SERVICES["dns"],)),
}
_WEB: Final = (NAMED_SERVICES["https"], NAMED_SERVICES["http"])
"""What every other application uses, as far as a cluster has to do with it."""
_DEEPEST: Final = 20


def services_of(rule: PanRule, config: Config, draft: Draft) -> tuple[Service, ...] | None:
    """Return the services of a rule; ``None`` where none of those that it names is known here."""
    found: list[Service] = []
    named = rule.of("service")
    for word in named:
        if word.text == "any":
            return EVERY_SERVICE
        if word.text == "application-default":
            found.extend(_defaults(rule, config))
            continue
        services = list(_services(word, rule.location, config))
        if not services:
            message = f"nothing among the files says what the service {short(word.text)} is"
            draft.unread(word, message, may_allow=False)
        found.extend(services)
    if named and not found:
        return None
    return tuple(dict.fromkeys(found)) or EVERY_SERVICE


def _defaults(rule: PanRule, config: Config) -> Iterator[Service]:
    applications = [name for word in rule.of("application") for name in _applications(word, rule.location, config)]
    for name in applications or ["any"]:
        yield from _DEFAULTS.get(name, _WEB)


def _applications(word: Word, location: str, config: Config, depth: int = 0) -> Iterator[str]:
    group = config.find("application-group", word.text, location)
    if group is None or depth == _DEEPEST:
        yield word.text
        return
    for name, settings in group.items():
        for values in settings:
            for member in members(values):
                if name == "members":
                    yield from _applications(member, location, config, depth + 1)


def _services(word: Word, location: str, config: Config, depth: int = 0) -> Iterator[Service]:
    """Yield what a service or a group of them is."""
    found = config.find("service", word.text, location)
    group = config.find("service-group", word.text, location)
    if found is not None:
        for values in found.get("protocol", ()):
            texts = [value.text for value in members(values)]
            yield from _ports(texts)
    elif group is not None and depth < _DEEPEST:
        for values in group.get("members", ()):
            for member in members(values):
                yield from _services(member, location, config, depth + 1)
    else:
        yield from _BUILT_IN.get(word.text, ())


def _ports(texts: list[str]) -> Iterator[Service]:
    """Read ``tcp port 80,443``."""
    if len(texts) < 3 or texts[0] not in ("tcp", "udp") or texts[1] != "port":
        return
    for span in map(ports_of, ",".join(texts[2:]).split(",")):
        if span:
            yield Service(protocol=texts[0].upper(), first=span[0], last=span[1])
