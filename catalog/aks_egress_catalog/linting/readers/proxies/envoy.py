"""Envoy: the server names of filter chains and the domains of virtual hosts, on the port of their listener.

``*.x`` of either is names of any depth below ``x``. Documents come from PyYAML's composer, as for Cilium; JSON is YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.syntax.yaml_documents import take_documents
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "envoy"
_SIGN: Final = re.compile(r"\bstatic_resources[\"']?\s*:|type\.googleapis\.com/envoy\.config\.listener")


def recognises(source: Source) -> bool:
    """Say whether a text is a configuration of Envoy."""
    return _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read the listeners of a configuration; a filter chain or a virtual host is a rule."""
    draft = Draft(source, NAME)
    take_documents(source, draft.reading.unread, partial(_configuration, draft))
    return draft.reading


def _configuration(draft: Draft, node: Any) -> None:
    for listener in _items(_table(_table(node).get("static_resources")).get("listeners")):
        _listener(draft, listener)


def _listener(draft: Draft, node: Any) -> None:
    address = _table(_table(_table(node).get("address")).get("socket_address"))
    port = _text(address.get("port_value"))
    number = int(port) if port.isdecimal() and port.isascii() else 0
    for chain in _items(_table(node).get("filter_chains")):
        names = _table(_table(chain).get("filter_chain_match")).get("server_names")
        _add(draft, chain, names, _service(number, "HTTPS"))
        for host in _find(chain, "virtual_hosts"):
            for one in _items(host):
                _add(draft, one, _table(one).get("domains"), _service(number, "HTTP"))


def _service(port: int, application: str) -> tuple[Service, ...]:
    return (Service(protocol="TCP", first=port, last=port, application=application),) if port else EVERY_SERVICE


def _add(draft: Draft, rule_node: Any, names: Any, services: tuple[Service, ...]) -> None:
    rule = ListRule(name=str(services[0]), place=_word(draft.source, rule_node, "").place, services=services)
    for node in _items(names):
        text = _text(node).lower()
        host = text.partition(":")[0]
        fault = "Envoy never matches a star but the leading '*.'" if "*" in host.removeprefix("*.") else ""
        form, pattern = (Form.ANY, "*") if host == "*" else (Form.NAME, host)
        draft.entry(_word(draft.source, node, text), form, pattern, rule, "" if form is Form.ANY else fault)


def _find(node: Any, key: str) -> Iterator[Any]:
    """The values of a key, however deep it stands."""
    for name, value in _table(node).items():
        if name == key:
            yield value
        else:
            yield from _find(value, key)
    for item in _items(node):
        yield from _find(item, key)


def _table(node: Any) -> dict[str, Any]:
    if getattr(node, "id", "") != "mapping":
        return {}
    return {str(key.value): value for key, value in node.value if getattr(key, "id", "") == "scalar"}


def _items(node: Any) -> list[Any]:
    return list(node.value) if getattr(node, "id", "") == "sequence" else []


def _text(node: Any) -> str:
    return str(node.value) if getattr(node, "id", "") == "scalar" else ""


def _word(source: Source, node: Any, text: str) -> Word:
    start, end = node.start_mark.index, node.end_mark.index
    quotes = 1 if getattr(node, "style", None) in ("'", '"') else 0
    return Word(text, start + quotes, end - quotes, source)
