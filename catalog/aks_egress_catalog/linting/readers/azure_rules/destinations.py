"""A value of an Azure Firewall rule in, what it means out: the dialect of Azure Firewall for names and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Form, Layer
from aks_egress_catalog.linting.readers.azure_rules.keys import Values

_ANYWHERE: Final = frozenset({"*", "0.0.0.0/0", "::/0", "0/0", "internet", "any"})
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BEYOND_HOST: Final = re.compile(r"[/\s:,;()\[\]'\"<>|]")
_NOTHING_BUT_HOLES: Final = re.compile(r"[\s.*/,:-]*(/\d+)?")
_WHOLE_HOST: Final = ("", "*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What one value means; ``fault`` as of an entry. ``unread`` says why it cannot be told, and empties the rest."""

    form: Form = Form.NAME
    pattern: str = ""
    fault: str = ""
    unread: str = ""


def meaning_of(values: Values, value: str, layer: Layer) -> Meaning:
    """Return what a value under a key of a rule means.

    >>> meaning_of(Values.NAMES, "a*.io", Layer.APPLICATION).fault
    'Azure Firewall takes a star at the beginning of a name only'
    >>> meaning_of(Values.ADDRESSES, "AzureCloud.{region}", Layer.NETWORK).form
    <Form.SERVICE_TAG: 'service-tag'>
    """
    value = value.strip()
    if HOLE in value and _NOTHING_BUT_HOLES.fullmatch(value.replace(HOLE, "")):
        return Meaning(unread="its value is not in these files")
    match values:
        case Values.NAMES:
            return _name(value, layer)
        case Values.URLS:
            return _url(value)
        case Values.ADDRESSES:
            return _address(value)
        case Values.FQDN_TAGS:
            return Meaning(form=Form.FQDN_TAG, pattern=value)
        case Values.WEB_CATEGORIES | Values.IP_GROUPS:
            return Meaning(form=Form.ELSEWHERE, pattern=value)


def _name(value: str, layer: Layer) -> Meaning:
    pattern = value.lower()
    if _SCHEME.match(value) or _BEYOND_HOST.search(value):
        return Meaning(pattern=pattern, fault="only a name belongs here: no scheme, port, path or second name")
    if layer is Layer.NETWORK and "*" in value:
        return Meaning(pattern=pattern, fault="a network rule of Azure Firewall takes no wildcard, only whole names")
    if value == "*":
        return Meaning(form=Form.ANY, pattern="*")
    if "*" in value[1:]:
        return Meaning(pattern=pattern, fault="Azure Firewall takes a star at the beginning of a name only")
    return Meaning(pattern=pattern)


def _url(value: str) -> Meaning:
    host, _, path = _SCHEME.sub("", value).partition("/")
    if path in _WHOLE_HOST:
        return _name(host, Layer.APPLICATION)
    return Meaning(unread="only a part of what the host serves is let through")


def _address(value: str) -> Meaning:
    if value.lower() in _ANYWHERE:
        return Meaning(form=Form.ANY, pattern="*")
    if is_address(value):
        return Meaning(form=Form.ADDRESS, pattern=value)
    if value.count(".") > 1 and HOLE not in value:
        return Meaning(pattern=value.lower(), fault="no name belongs among the addresses: write it in a list of FQDNs")
    return Meaning(form=Form.SERVICE_TAG, pattern=value)


def is_address(value: str) -> bool:
    """Say whether a value is an address, a CIDR or a range ``a-b``."""
    try:
        if "/" in value:
            ip_network(value, strict=False)
        else:
            for end in value.split("-"):
                ip_address(end.strip())
    except ValueError:
        return False
    return value.count("-") <= 1
