"""What this package prints and exports as data: ``list`` and ``export`` as JSON and CSV.

``destination`` is the flat form of the catalog: a host pattern, ``cidr:…``, ``tag:…``, ``set:…`` or ``*``. A
placeholder such as ``{region}`` is one label. Of a rule with alternatives each is an entry.
"""

from __future__ import annotations

import re
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.data.json_text import Strings, loads
from aks_egress_catalog.linting.readers.data.tables import Head, head_of, rows
from aks_egress_catalog.linting.readers.declared import declared
from aks_egress_catalog.linting.readers.values import address, host_fault, services
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "aks-egress-catalog"
_COLUMNS: Final = frozenset(("id", "feature", "level", "kind", "destination", "protocol", "port", "application"))
_LIST: Final = ('"cloud_stated"', '"destination"', '"lifecycle"')
_EXPORT: Final = ('"catalog_version"', '"left_out"', '"unmet"', '"rules"', '"values"')
_PLACEHOLDER: Final = re.compile(r"\{[^}]*\}")
_FORMS: Final = {"tag": Form.SERVICE_TAG, "set": Form.ELSEWHERE, "service-tag": Form.SERVICE_TAG}
_GONE: Final = "removed"


def recognises(path: str, text: str) -> bool:
    """Say whether a text is one of ours."""
    if text.lstrip()[:1] in ("[", "{"):
        return any(all(sign in text for sign in signs) for signs in (_LIST, _EXPORT))
    return "destination" in text and _head(Source(path, text)) is not None


def _head(source: Source) -> Head | None:
    head = head_of(source)
    return head if head and set(head.names) >= _COLUMNS else None


def read(source: Source) -> Reading:
    r"""Read one of ours.

    Raises:
        InputError: it is no JSON, or has another shape.

    >>> text = "id,feature,level,kind,destination,protocol,port,application\na,core,,fqdn,a.io,TCP,443,HTTPS\n"
    >>> [entry.pattern for entry in read(Source("rules.csv", text)).entries]
    ['a.io']
    """
    draft = Draft(source, NAME)
    head = _head(source)
    if head:
        _read_rows(source, head, draft)
        return draft.reading
    content = loads(source)
    try:
        _read_json(content, draft)
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{source.path} is not what list or export print: {type(error).__name__} {error}") from error
    return draft.reading


def _read_rows(source: Source, head: Head, draft: Draft) -> None:
    comments = (line[1:].strip() for _, line in source.lines() if line.startswith("#"))
    draft.reading.declared = declared(comments)
    for row in rows(source, head):
        of = dict(zip(head.names, row, strict=False))
        cell = of.get("destination")
        if cell is None or not cell.text or ("lifecycle" in of and of["lifecycle"].text == _GONE):
            draft.reading.skipped += 1
            continue
        texts = {name: word.text for name, word in of.items()}
        rule = ListRule(name=texts.get("id", ""), place=cell.place, services=_services(texts))
        _add(cell, *_flat(cell.text), rule, draft)


def _read_json(content: Any, draft: Draft) -> None:
    strings = Strings(draft.source)
    if isinstance(content, list):
        for each in content:
            strings.skip_key("destination")
            word = strings.next(each["destination"])
            if each.get("lifecycle") == _GONE:
                draft.reading.skipped += 1
                continue
            rule = ListRule(name=each["id"], place=word.place, services=_services(each))
            _add(word, *_flat(word.text), rule, draft)
        return
    strings.skip_key("rules")
    for each in content["rules"]:
        strings.skip_key("values")
        found = [strings.next(value) for value in each["values"]]
        for word in found:
            rule = ListRule(name=each["id"], place=word.place, services=_services(each))
            _add(word, *_by_form(each["form"], word.text), rule, draft)
    draft.reading.declared = {each["id"]: each["reason"] for each in content["unmet"]}


def _services(texts: dict[str, Any]) -> tuple[Service, ...]:
    """Read the columns of protocol, port and application; a rule without them is on every port."""
    protocol, port = texts.get("application") or texts.get("protocol"), texts.get("port")
    if not protocol and not port:
        return EVERY_SERVICE
    span = ((int(port), int(port)),) if port and str(port).isdigit() else ()
    return services(span, (str(protocol),) if protocol else ())


def _flat(text: str) -> tuple[Form, str]:
    """Read the flat form of a destination.

    >>> _flat("tag:AzureMonitor"), _flat("*.hcp.{region}.azmk8s.io")
    ((<Form.SERVICE_TAG: 'service-tag'>, 'AzureMonitor'), (<Form.NAME: 'name'>, '*.hcp.{*}.azmk8s.io'))
    """
    form, _, value = text.partition(":")
    if form in ("tag", "set", "cidr"):
        return _by_form(form, value)
    return _by_form("any" if text == "*" else "fqdn", text)


def _by_form(form: str, value: str) -> tuple[Form, str]:
    if form == "any":
        return Form.ANY, "*"
    if form == "cidr":
        return address(value) or (Form.ADDRESS, value)
    if form in _FORMS:
        return _FORMS[form], value
    return Form.NAME, _PLACEHOLDER.sub("{*}", value.lower())


def _add(word: Word, form: Form, pattern: str, rule: ListRule, draft: Draft) -> None:
    fault = host_fault(_PLACEHOLDER.sub("x", pattern)) if form is Form.NAME else ""
    draft.entry(word, form, pattern, rule, fault)
