"""Lists of hosts in the resources of other providers: the names count, whatever rule takes them up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Action, Entry, Form, ListRule, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.services import leaves
from aks_egress_catalog.linting.readers.values.known import in_text
from aks_egress_catalog.linting.tree import Node, Table, Text, Unevaluated

_KEYS: Final = {
    "aws_networkfirewall_rule_group": "targets",
    "fortios_firewall_address": "fqdn",
    "fortios_firewall_wildcardfqdn_custom": "wildcard_fqdn",
    "fortios_firewallwildcardfqdn_custom": "wildcard_fqdn",
    "panos_address": "fqdn",
    "panos_custom_url_category": "list",
    "zia_url_categories": "urls",
}
"""By type of resource the key that its hosts stand under, at any depth."""


def is_of_others(table: Table) -> bool:
    """Say whether a resource is of a provider that has nothing to do with Azure Firewall."""
    kind = table.labels[0] if table.labels else ""
    return bool(kind) and not kind.startswith(("azurerm_", "azapi_"))


def read_others(table: Table, reading: Reading) -> None:
    """Add to a reading the hosts of a resource of another provider."""
    key = _KEYS.get(table.labels[0])
    for holder in _holders(table, key) if key else ():
        denies = [in_text(one) for one in leaves(holder, "generated_rules_type")] == ["DENYLIST"]
        action = Action.DENY if denies else Action.ALLOW
        rule = ListRule(name=table.labels[-1], place=table.place, action=action, collection=table.labels[0])
        for one in leaves(holder, key or ""):
            if isinstance(one, Text):
                pattern = one.value.strip().lower().removesuffix("/")
                form = Form.ANY if pattern == "*" else Form.NAME
                written = one.written or one.value
                reading.entries.append(Entry(value=written, form=form, pattern=pattern, place=one.place, rule=rule))
            elif isinstance(one, Unevaluated):
                reading.unread.append(Unread(place=one.place, message=f"{key}: {one.reason}", value=one.written))


def _holders(table: Table, key: str) -> Iterator[Table]:
    if any(True for _ in table.get(key)):
        yield table
    for _, value in table.pairs:
        yield from (inner for one in _tables(value) for inner in _holders(one, key))


def _tables(node: Node) -> Iterator[Table]:
    if isinstance(node, Table):
        yield node
    elif not isinstance(node, Text | Unevaluated):
        yield from (one for one in node.items if isinstance(one, Table))
