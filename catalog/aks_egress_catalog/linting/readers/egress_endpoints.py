"""What ``az aks egress-endpoints list -o json`` prints: Microsoft's own list for one cluster, by category."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Entry, ListRule, Place, Reading, Service, Unread
from aks_egress_catalog.linting.readers.literals import NAMED_SERVICES, form_of
from aks_egress_catalog.linting.source import Source


def recognises(source: Source) -> bool:
    """Say whether a file is JSON with endpoints by category."""
    return source.text.lstrip()[:1] in "[{" and '"domainName"' in source.text and '"endpoint' in source.text


def read(source: Source) -> Reading:
    """Read the list."""
    found = Reading(path=source.path, format="egress-endpoints")
    try:
        content = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        found.unread.append(Unread(place=source.place(0, 0), message=f"this JSON cannot be read: {error}"))
        return found
    places = _Places(source)
    for category, endpoint in _endpoints(content):
        host = endpoint.get("domainName")
        if not isinstance(host, str) or not host:
            found.skipped += 1
            continue
        place = places.of(host)
        known = form_of(host)
        if known is None:
            found.unread.append(Unread(place=place, message="this is no host", value=host))
            continue
        services = tuple(_services(endpoint.get("endpointDetails"))) or EVERY_SERVICE
        rule = ListRule(name=category, place=place, services=services)
        found.entries.append(Entry(value=host, form=known[0], pattern=known[1], place=place, rule=rule))
    return found


class _Places:
    """Where each host stands: as often as it occurs, in its order."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._from: dict[str, int] = {}

    def of(self, host: str) -> Place:
        written = json.dumps(host)
        found = re.compile(r'"domainName"\s*:\s*' + re.escape(written)).search(
            self._source.text, self._from.get(host, 0)
        )
        if not found:
            return self._source.place(0, 0)
        self._from[host] = found.end()
        return self._source.place(found.end() - len(written) + 1, found.end() - 1)


def _endpoints(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = content.get("value", [content]) if isinstance(content, dict) else content
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            inner = row.get("properties", row)
            category = str(row.get("category", inner.get("category", "") if isinstance(inner, dict) else ""))
            endpoints = inner.get("endpoints", ()) if isinstance(inner, dict) else ()
            yield from ((category, one) for one in endpoints if isinstance(one, dict))


def _services(details: Any) -> Iterator[Service]:
    for one in details if isinstance(details, list) else ():
        port = one.get("port") if isinstance(one, dict) else None
        if isinstance(port, int) and 0 < port < 65536:
            protocol = str(one.get("protocol", "")).lower()
            named = NAMED_SERVICES.get(protocol)
            transport = named.protocol if named and named.protocol else protocol.upper()
            transport = transport if transport in ("TCP", "UDP") else "TCP"
            yield Service(protocol=transport, first=port, last=port, application=named.application if named else "")
