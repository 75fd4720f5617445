"""PAN-OS as XML: a saved or exported configuration. Read by defusedxml: no entity of a file is ever expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Form, Place, Reading, Unread
from aks_egress_catalog.linting.readers.literals import form_of
from aks_egress_catalog.linting.readers.objects import Named, SecurityRule, add_rules
from aks_egress_catalog.linting.readers.paloalto import Configuration, category_value, services, set_of_rule
from aks_egress_catalog.linting.source import Source

_ROOT: Final = re.compile(r"<(?:config|response|shared|devices|rulebase|address|profiles|security)[\s>]")
_KEYS: Final = ("destination", "category", "service", "source", "action", "disabled")


def recognises(source: Source) -> bool:
    """Say whether a file is XML with the elements of a PAN-OS configuration."""
    text = source.text.lstrip()
    return text.startswith("<") and bool(_ROOT.search(text)) and "<entry" in text


def read(source: Source) -> Reading:
    """Read a configuration."""
    try:
        from defusedxml import ElementTree  # noqa: PLC0415  - an extra, for XML only
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415  - as above
    except ImportError as error:
        raise InputError("reading XML needs defusedxml: pip install aks-egress-catalog[lint]") from error
    found = Reading(path=source.path, format="paloalto-xml")
    try:
        root = ElementTree.fromstring(source.text.lstrip("\ufeff \n\r\t"))
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        message = f"this XML cannot be read: {str(error) or type(error).__name__}"
        found.unread.append(Unread(place=source.place(0, 0), message=message))
        return found
    places = _Places(source)
    configuration = Configuration()
    rules = list(_rules(root, configuration, places))
    add_rules(found, configuration.objects, rules, policy=source.path)
    return found


class _Places:
    """Where a text stands in the file: the parser does not say, so the next place that has it is taken."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._from: dict[str, int] = {}

    def of(self, text: str) -> Place:
        start = self._source.text.find(text, self._from.get(text, 0))
        if start < 0:
            return self._source.place(0, 0)
        self._from[text] = start + len(text)
        return self._source.place(start, start + len(text))


def _rules(root: Any, configuration: Configuration, places: _Places) -> Iterator[SecurityRule]:
    _read_objects(root, configuration, places)
    for entry in root.iterfind(".//security/rules/entry"):
        yield _rule(entry, places)


def _read_objects(root: Any, configuration: Configuration, places: _Places) -> None:
    objects = configuration.objects
    for entry in root.iterfind(".//address/entry"):
        for kind in ("fqdn", "ip-netmask", "ip-range"):
            text = (entry.findtext(kind) or "").strip()
            if text:
                form, pattern = form_of(text) or (Form.NAME, text.lower())
                objects.values.setdefault(entry.get("name", ""), []).append(Named(text, form, pattern, places.of(text)))
    for entry in root.iterfind(".//address-group/entry"):
        objects.groups[entry.get("name", "")] = _members(entry.find("static"))
    for entry in root.iterfind(".//service/entry"):
        stated = [(each, entry.findtext(f"protocol/{each}/port")) for each in ("tcp", "udp")]
        found = [service for each, port in stated if port for service in services(each, port)]
        objects.services.setdefault(entry.get("name", ""), []).extend(found)
    for entry in root.iterfind(".//custom-url-category/entry"):
        some = [category_value(text, places.of(text)) for text in _members(entry.find("list"))]
        objects.values.setdefault(entry.get("name", ""), []).extend(some)
    for entry in root.iterfind(".//external-list/entry"):
        objects.elsewhere[entry.get("name", "")] = places.of(entry.get("name", ""))


def _rule(entry: Any, places: _Places) -> SecurityRule:
    name = entry.get("name", "")
    rule = SecurityRule(name=name, place=places.of(f'name="{name}"'))
    for key in _KEYS:
        element = entry.find(key)
        if element is not None:
            values = _members(element) or [(element.text or "").strip()]
            set_of_rule(rule, key, values)
    return rule


def _members(element: Any) -> list[str]:
    return [] if element is None else [(one.text or "").strip() for one in element.iterfind("member")]
