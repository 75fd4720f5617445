"""Cilium policies: what pods may reach. Node traffic never meets them, and other kinds of policy are not read.

A star of ``matchPattern`` is characters of one label; ``**.`` at the beginning is labels, one or more. A denial wins
over everything that allows, wherever it stands. What a policy selects names it here: those for the same pods add up,
and what is for every pod of a namespace is for the selected ones as well.

Documents come from PyYAML's composer: values keep their places, and nothing is built of what a file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from aks_egress_catalog.linting.entry import (
    EVERY_SERVICE,
    Action,
    Entry,
    Form,
    ListRule,
    Place,
    Reading,
    Service,
    Unread,
)
from aks_egress_catalog.linting.readers.literals import address_of, ports_of
from aks_egress_catalog.linting.readers.syntax.yaml_documents import take_documents
from aks_egress_catalog.linting.source import Source

_KINDS: Final = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
_KIND: Final = re.compile(r"\bkind[\"']?\s*:\s*[\"']?Cilium(?:Clusterwide)?NetworkPolicy\b")
_EVERY_POD: Final = "every pod"


def recognises(source: Source) -> bool:
    """Say whether a file holds a policy of Cilium."""
    return _KIND.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read the policies of a file; they add up for the pods that they select."""
    found = Reading(path=source.path, format="cilium")
    template = source.text.find("{{")
    if template >= 0:
        message = "this is a template of Helm; what it leaves open was not read: render it first"
        found.unread.append(Unread(place=source.place(template, template + 2), message=message))
    take_documents(source, found.unread, partial(_document, source, found))
    _add_for_every_pod(found)
    return found


def _add_for_every_pod(found: Reading) -> None:
    """Let what is for every pod of a namespace, or of the cluster, be for the selected ones of it too."""
    selected = dict.fromkeys(one.rule.policy for one in found.entries if one.rule.policy.startswith("pods "))
    everywhere = [one for one in found.entries if one.rule.policy.startswith(_EVERY_POD)]
    for policy in selected:
        rules: dict[ListRule, ListRule] = {}
        for entry in everywhere:
            if policy.endswith(entry.rule.policy.removeprefix(_EVERY_POD)):
                rule = rules.setdefault(entry.rule, replace(entry.rule, policy=policy))
                found.entries.append(replace(entry, rule=rule))


def selected_by(spec: dict[str, Any], namespace: str) -> str:
    """Say in words which pods or nodes a policy is for.

    >>> selected_by({}, "shop"), selected_by({}, "")
    ('every pod in shop', 'every pod')
    """
    kind, selector = ("node", "nodeSelector") if "nodeSelector" in spec else ("pod", "endpointSelector")
    where = f" in {namespace}" if namespace and kind == "pod" else ""
    table = _table(spec.get(selector))
    labels = [f"{key}={_text(value)}" for key, value in _table(table.get("matchLabels")).items()]
    for one in map(_table, _items(table.get("matchExpressions"))):
        values = ", ".join(map(_text, _items(one.get("values"))))
        labels.append(f"{_text(one.get('key'))} {_text(one.get('operator'))} {values}".strip())
    return f"{kind}s {', '.join(sorted(labels))}{where}" if labels else f"every {kind}{where}"


def _document(source: Source, found: Reading, node: Any) -> None:
    table = _table(node)
    kind = _text(table.get("kind"))
    if kind == "List" or (not kind and "items" in table):
        for item in _items(table.get("items")):
            _document(source, item, found)
        return
    if kind not in _KINDS:
        found.skipped += 1
        return
    metadata = _table(table.get("metadata"))
    name, namespace = _text(metadata.get("name")), _text(metadata.get("namespace"))
    # What this package exports is one list in several policies, each for the pods that need its part: they add up.
    is_ours = _text(_table(metadata.get("labels")).get("app.kubernetes.io/managed-by")) == "aks-egress-catalog"
    for spec in (table.get("spec"), *_items(table.get("specs"))):
        policy = "" if is_ours else selected_by(_table(spec), namespace if kind == _KINDS[0] else "")
        for key, action in (("egress", Action.ALLOW), ("egressDeny", Action.DENY)):
            for number, rule in enumerate(_items(_table(spec).get(key))):
                made = ListRule(
                    name=f"{name} {key} {number + 1}",
                    place=_place(source, rule),
                    action=action,
                    services=tuple(_services(_table(rule))) or EVERY_SERVICE,
                    policy=policy,
                    order=(0,) if action is Action.DENY else (1,),
                )
                _rule(source, rule, made, found)


def _rule(source: Source, node: Any, made: ListRule, found: Reading) -> None:
    table = _table(node)
    values = list(_values(source, table))
    if not values:
        found.skipped += 1
    for written, form, pattern, place in values:
        found.entries.append(Entry(value=written, form=form, pattern=pattern, place=place, rule=made))


def _values(source: Source, table: dict[str, Any]) -> Iterator[tuple[str, Form, str, Place]]:
    for one in _items(table.get("toFQDNs")):
        named = _table(one)
        for key in ("matchName", "matchPattern"):
            node = named.get(key)
            text = _text(node)
            if text:
                form, pattern = (Form.ANY, "*") if text in ("*", "**") else (Form.NAME, pattern_of(text))
                yield text, form, pattern, _place(source, node)
    for node in (*_items(table.get("toCIDR")), *(_table(one).get("cidr") for one in _items(table.get("toCIDRSet")))):
        text = _text(node)
        address = address_of(text)
        if address:
            anywhere = address in ("0.0.0.0/0", "::/0")
            yield text, Form.ANY if anywhere else Form.ADDRESS, "*" if anywhere else address, _place(source, node)
    for node in _items(table.get("toEntities")):
        if _text(node) in ("world", "all", "world-ipv4"):
            yield _text(node), Form.ANY, "*", _place(source, node)


def pattern_of(text: str) -> str:
    """Write a pattern of Cilium in the language of :mod:`.reach`.

    >>> pattern_of("*.x.io"), pattern_of("**.x.io"), pattern_of("md-*.x.io")
    ('{*}.x.io', '*.x.io', 'md-{*}.x.io')
    """
    host = text.lower().removesuffix(".")
    deep = re.match(r"\*\*+\.", host)
    rest = host[deep.end() :] if deep else host
    return ("*." if deep else "") + re.sub(r"\*+", "{*}", rest)


def _services(table: dict[str, Any]) -> Iterator[Service]:
    for one in _items(table.get("toPorts")):
        for port in _items(_table(one).get("ports")):
            said = _table(port)
            known = ports_of(_text(said.get("port")))
            last = ports_of(_text(said.get("endPort")))
            protocol = _text(said.get("protocol")).upper()
            if known:
                transport = "" if protocol in ("", "ANY") else protocol
                yield Service(protocol=transport, first=known[0], last=last[0] if last else known[1])


def _table(node: Any) -> dict[str, Any]:
    """The values of a mapping by key; empty for anything else."""
    if getattr(node, "id", "") != "mapping":
        return {}
    return {str(key.value): value for key, value in node.value if getattr(key, "id", "") == "scalar"}


def _items(node: Any) -> list[Any]:
    return list(node.value) if getattr(node, "id", "") == "sequence" else []


def _text(node: Any) -> str:
    return str(node.value) if getattr(node, "id", "") == "scalar" else ""


def _place(source: Source, node: Any) -> Place:
    start, end = node.start_mark.index, node.end_mark.index
    if getattr(node, "style", None) in ("'", '"'):
        start, end = start + 1, end - 1
    return source.place(start, end)
