"""What ``terraform show -json`` prints of a plan or a state, in; entries out: every value is known there.

Only the id of a policy that does not exist yet is not; then the configuration in the plan says which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.find import read_rules
from aks_egress_catalog.linting.readers.hcl.other_providers import is_of_others, read_others
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.known import is_null
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

NAME: Final = "terraform-plan"

_PLAN: Final = re.compile(r'"(?:planned_values|terraform_version)"\s*:')
_POLICY_KEYS: Final = ("firewall_policy_id", "base_policy_id", "azure_firewall_name", "parent_id")
"""The arguments that name another resource."""


def recognises(source: Source) -> bool:
    """Say whether a text is a plan or a state as JSON.

    >>> recognises(Source("-", '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}}'))
    True
    """
    text = source.text.lstrip("\ufeff \t\r\n")
    return text.startswith("{") and '"format_version"' in text and _PLAN.search(text) is not None


def read(source: Source) -> Reading:
    """Read one plan."""
    reading = Reading(path=source.path, format=NAME)
    try:
        tree = read_json(source.path, source.text)
    except JsonError as error:
        reading.unread.append(Unread(place=error.place, message=error.reason))
        return reading
    references = dict(_references(tree))
    for root in _tables(tree, ("planned_values", "root_module"), ("values", "root_module")):
        for resource in _resources(root):
            _read_resource(resource, references, reading)
    return reading


def _read_resource(resource: Table, references: dict[tuple[str, str], str], reading: Reading) -> None:
    kind, address = _text(resource, "type"), _text(resource, "address")
    for values in _tables(resource, ("values",)):
        pairs = [(key, value) for key, value in values.pairs if not is_null(value)]
        for key in _POLICY_KEYS:
            referred = references.get((_without_indexes(address), key))
            if referred:
                pairs = [pair for pair in pairs if pair[0].value != key]
                pairs.append((Text(value=key, place=values.place), Text(value=referred, place=values.place)))
        table = Table(pairs=tuple(pairs), place=resource.place, labels=(kind, address))
        if is_of_others(table):
            read_others(table, reading)
        else:
            read_rules(table, reading, key="resource")


def _resources(module: Table) -> Iterator[Table]:
    """Yield the resources of a module and of those that it calls; data sources are none."""
    for one in _all(module, "resources"):
        if _text(one, "mode") != "data":
            yield one
    for child in _all(module, "child_modules"):
        yield from _resources(child)


def _references(tree: Node) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield to which resource an argument of another refers: address and argument, address."""
    for root in _tables(tree, ("configuration", "root_module")):
        yield from _references_in(root, "", [])


def _references_in(module: Table, prefix: str, calls: list[tuple[str, Table]]) -> Iterator[tuple[tuple[str, str], str]]:
    for resource in _all(module, "resources"):
        address = prefix + _text(resource, "address")
        for expressions in _tables(resource, ("expressions",)):
            for key in _POLICY_KEYS:
                referred = _referred(expressions, key, prefix, calls)
                if referred:
                    yield (address, key), referred
    for modules in _tables(module, ("module_calls",)):
        for name, call in modules.pairs:
            for inner in _tables(call, ("module",)):
                around = [*calls, (prefix, call)] if isinstance(call, Table) else calls
                yield from _references_in(inner, f"{prefix}module.{name.value}.", around)


def _referred(expressions: Table, key: str, prefix: str, calls: list[tuple[str, Table]]) -> str:
    """Return the address that an argument refers to; a variable of a module is followed to where it is called."""
    for one in _tables(expressions, (key,)):
        names = [name.value for name in _items(one, "references") if isinstance(name, Text)]
        for name in names[-1:]:  # the last is the shortest: azurerm_firewall_policy.hub.id, azurerm_firewall_policy.hub
            if name.startswith("var.") and calls:
                outer, call = calls[-1]
                given = next(_tables(call, ("expressions",)), None)
                return _referred(given, name.removeprefix("var."), outer, calls[:-1]) if given else ""
            return "" if name.startswith(("var.", "local.", "each.")) else prefix + _without_indexes(name)
    return ""


def _without_indexes(address: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", address)


def _tables(node: Node | None, *paths: tuple[str, ...]) -> Iterator[Table]:
    for path in paths:
        found = [node]
        for key in path:
            found = [value for one in found if isinstance(one, Table) for value in one.get(key)]
        yield from (one for one in found if isinstance(one, Table))


def _items(table: Table, key: str) -> Iterator[Node]:
    for one in table.get(key):
        yield from one.items if isinstance(one, Items) else ()


def _all(table: Table, key: str) -> Iterator[Table]:
    return (one for one in _items(table, key) if isinstance(one, Table))


def _text(table: Table, key: str) -> str:
    return next((one.value for one in table.get(key) if isinstance(one, Text)), "")
