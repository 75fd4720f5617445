"""FortiGate: ``config … edit … set … next … end``. Addresses and services have names, policies use them in order."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, Place, Reading, Service
from aks_egress_catalog.linting.readers.literals import NAMED_SERVICES, form_of, ports_of
from aks_egress_catalog.linting.readers.objects import Named, Objects, SecurityRule, add_rules
from aks_egress_catalog.linting.source import Source

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_CONFIG: Final = re.compile(r"^[ \t]*config[ \t]+(?:firewall|webfilter|system external-resource)", re.MULTILINE)
_SERVICES: Final = {
    "ALL": [Service()],
    "ALL_TCP": [Service(protocol="TCP")],
    "ALL_UDP": [Service(protocol="UDP")],
    "HTTPS": [NAMED_SERVICES["https"]],
    "HTTP": [NAMED_SERVICES["http"]],
    "DNS": [NAMED_SERVICES["dns"]],
    "NTP": [NAMED_SERVICES["ntp"]],
}


@dataclass(slots=True)
class _Table:
    """One ``edit``: its section, its name, and what was set, each value with its place."""

    section: str
    name: str
    place: Place
    values: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)

    def texts(self, key: str) -> list[str]:
        return [text for text, _ in self.values.get(key, ())]

    def first(self, key: str) -> str:
        return next(iter(self.texts(key)), "")


def recognises(source: Source) -> bool:
    """Say whether a file has sections of a FortiOS configuration."""
    return (
        _CONFIG.search(source.text) is not None
        and re.search(r"^[ \t]*edit[ \t]", source.text, re.MULTILINE) is not None
    )


def read(source: Source) -> Reading:
    """Read a configuration."""
    found = Reading(path=source.path, format="fortigate")
    objects = Objects(services={name: list(some) for name, some in _SERVICES.items()})
    rules: list[SecurityRule] = []
    inspecting: set[str] = set()
    for table in _tables(source):
        if table.section in ("firewall address", "firewall wildcard-fqdn custom", "firewall address6"):
            objects.values.setdefault(table.name, []).extend(_address(table))
        elif table.section in ("firewall addrgrp", "firewall service group", "firewall wildcard-fqdn group"):
            objects.groups[table.name] = table.texts("member")
        elif table.section == "firewall service custom":
            objects.services[table.name] = list(_services(table))
        elif table.section == "system external-resource":
            objects.elsewhere[table.name] = table.place
        elif table.section == "firewall ssl-ssh-profile":
            inspecting |= {table.name} if "deep-inspection" in table.texts("status") else set()
        elif table.section == "firewall policy":
            rules.append(_policy(table, inspecting))
            for name in (*table.texts("internet-service-name"), *table.texts("internet-service-id")):
                objects.elsewhere.setdefault(name, table.place)
        else:
            found.skipped += 1
    add_rules(found, objects, rules, policy=source.path)
    return found


def _address(table: _Table) -> Iterator[Named]:
    for key in ("fqdn", "wildcard-fqdn"):
        for text, place in table.values.get(key, ()):
            form, pattern = form_of(text) or (Form.NAME, text.lower())
            yield Named(text, form, pattern, place)
    subnet = table.values.get("subnet")
    if subnet:
        try:
            net = ipaddress.ip_network("/".join(text for text, _ in subnet[:2]), strict=False)
        except ValueError:
            return
        anywhere = net.prefixlen == 0
        yield Named(subnet[0][0], Form.ANY if anywhere else Form.ADDRESS, "*" if anywhere else str(net), subnet[0][1])
    first, last = table.values.get("start-ip"), table.values.get("end-ip")
    if first and last:
        yield Named(first[0][0], Form.ADDRESS, f"{first[0][0]}-{last[0][0]}", first[0][1])


def _services(table: _Table) -> Iterator[Service]:
    for protocol in ("tcp", "udp"):
        for text in table.texts(f"{protocol}-portrange"):
            known = ports_of(text.partition(":")[0])
            if known:
                yield Service(protocol=protocol.upper(), first=known[0], last=known[1])


def _policy(table: _Table, inspecting: set[str]) -> SecurityRule:
    profile = table.first("ssl-ssh-profile")
    internet = [*table.texts("internet-service-name"), *table.texts("internet-service-id")]
    return SecurityRule(
        name=table.first("name") or table.name,
        place=table.place,
        action=Action.ALLOW if table.first("action") == "accept" else Action.DENY,
        destinations=[*table.texts("dstaddr"), *table.texts("dstaddr6"), *internet],
        services=["ALL"] if internet else table.texts("service"),
        sources=table.texts("srcaddr"),
        inspects="deep-inspection" in profile or profile in inspecting,
        disabled=table.first("status") == "disable",
    )


def _tables(source: Source) -> Iterator[_Table]:
    """The edits of all sections, inner ones (``config https`` within a profile) as values of their table."""
    sections: list[str] = []
    table: _Table | None = None
    depth = 0
    for start, line in source.lines():
        words = [(one[0], start + one.start()) for one in _TOKEN.finditer(line)]
        if not words or words[0][0].startswith("#"):
            continue
        word = words[0][0]
        if word == "config":
            sections.append(" ".join(text for text, _ in words[1:]))
        elif word == "end" and sections:
            sections.pop()
            if table and len(sections) < depth:
                yield table
                table = None
        elif word == "edit" and len(words) > 1 and table is None:
            place = source.place(words[0][1], words[-1][1] + len(words[-1][0]))
            table, depth = _Table(sections[-1] if sections else "", _bare(words[1][0]), place), len(sections)
        elif word == "next" and table and len(sections) == depth:
            yield table
            table = None
        elif word in ("set", "append") and table and len(words) > 2:  # noqa: PLR2004  - set KEY VALUE
            values = [_value(source, text, at) for text, at in words[2:]]
            table.values.setdefault(words[1][0], []).extend(values)
    if table:
        yield table


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text.startswith('"') and text.endswith('"') else text


def _value(source: Source, text: str, at: int) -> tuple[str, Place]:
    inner = _bare(text)
    start = at + (inner != text)
    return inner, source.place(start, start + len(inner))
