"""What ``az aks egress-endpoints list -o json`` prints: an array of categories, or the answer of the API around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.data.json_text import Strings, loads
from aks_egress_catalog.linting.readers.values import address, host_fault, services
from aks_egress_catalog.linting.readers.words import Draft, Word, short
from aks_egress_catalog.linting.source import Source

NAME: Final = "egress-endpoints"
_SIGNS: Final = ('"domainName"', '"endpoints"', '"category"')


def recognises(path: str, text: str) -> bool:  # noqa: ARG001  - what every reader offers
    """Say whether a text has the keys of the answer."""
    return text.lstrip()[:1] in ("{", "[") and all(sign in text for sign in _SIGNS)


def read(source: Source) -> Reading:
    """Read the answer.

    Raises:
        InputError: it is no JSON, or has another shape.

    >>> text = '[{"category": "c", "endpoints": [{"domainName": "a.io", "endpointDetails": [{"port": 443}]}]}]'
    >>> [str(entry.rule.services[0]) for entry in read(Source("a.json", text)).entries]
    ['TCP 443']
    """
    draft = Draft(source, NAME)
    content, strings = loads(source), Strings(source)
    categories = content.get("value") if isinstance(content, dict) else content
    if not isinstance(categories, list):
        raise InputError(f"{source.path} is not what az aks egress-endpoints list prints: there is no list of categories")
    for category in categories:
        name, endpoints = _shape(category, "category", "endpoints", source)
        for endpoint in endpoints:
            host, details = _shape(endpoint, "domainName", "endpointDetails", source)
            strings.skip_key("domainName")
            word = strings.next(host) if host else Word("", 0, 0, source)
            held = tuple(dict.fromkeys(_services(details)))
            rule = ListRule(name=name, place=word.place, services=held or EVERY_SERVICE, collection=name)
            _add(word, details, rule, draft)
    return draft.reading


def _shape(value: Any, name: str, items: str, source: Source) -> tuple[str, list[Any]]:
    """Return a name and a list of an object; either may be ``null``."""
    if not isinstance(value, dict):
        raise InputError(f"{source.path}: an object with {name!r} and {items!r} was expected, not {short(str(value))}")
    named, listed = value.get(name) or "", value.get(items) or []
    if not isinstance(named, str) or not isinstance(listed, list):
        raise InputError(f"{source.path}: {name!r} is a text and {items!r} a list, not {short(str(value))}")
    return named, listed


def _services(details: list[Any]) -> Iterator[Service]:
    for detail in details:
        if not isinstance(detail, dict):
            continue
        protocol = str(detail.get("protocol") or "TCP").upper()
        port = detail.get("port")
        span = ((port, port),) if isinstance(port, int) and 0 < port <= 65535 else ()  # noqa: PLR2004  - the last port
        known = protocol if protocol in ("TCP", "UDP", "HTTPS", "HTTP") else "TCP"
        yield from services(span, (known,))


def _add(word: Word, details: list[Any], rule: ListRule, draft: Draft) -> None:
    """Add the name of an endpoint; one without a name has the addresses of its details."""
    if word.text:
        host = word.text.lower()
        known = address(host)
        form, pattern = known or (Form.NAME, host)
        draft.entry(word, form, pattern, rule, "" if known else host_fault(host))
        return
    found = [address(str(detail.get("ipAddress") or "")) for detail in details if isinstance(detail, dict)]
    for known in found:
        if known:
            draft.entry(Word(known[1], 0, 0, draft.source), *known, rule)
    if not any(found):
        draft.unread(word, "an endpoint without a name and without an address")
