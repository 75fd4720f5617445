"""What the tables around a rule say of it: policy, collection, priorities, action and layer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Action, Layer
from aks_egress_catalog.linting.readers.azure_rules.keys import holds_collections, holds_rules, layer_of
from aks_egress_catalog.linting.readers.azure_rules.services import leaves
from aks_egress_catalog.linting.tree import Node, Table, Text, Unevaluated, fold

_POLICY_KINDS: Final = ("azurermfirewallpolicy", "microsoft.network/firewallpolicies")
_FIREWALL_KINDS: Final = ("azurermfirewall", "microsoft.network/azurefirewalls")
_OF_FIREWALL: Final = ("firewallpolic", "azurermfirewall", "azurefirewall")
_GROUP_PRIORITY: Final = "rulecollectiongrouppriority"
_POLICY_IDS: Final = re.compile(r"(firewallpolicyid|azurefirewallname|firewallname|firewallpolicyname|policyname)$")
_IN_ARM_ID: Final = re.compile(r"/(?:firewallpolicies|azurefirewalls)/([^/]+)", re.IGNORECASE)
_TAIL: Final = re.compile(r"(\[[^\]]*\])?(\.(id|name|resource_id|resource|output|outputs|properties)\b.*)?$")
_IN_CALL: Final = re.compile(r"(?:parameters|variables)\('[^']+'\)")
_MODULE: Final = re.compile(r"module\.[\w-]+")
_STRUCTURE: Final = ("properties", "resource", "resources", "module", "params", "parameters", "body", "value", "values")
_ACTIONS: Final = {"allow": Action.ALLOW, "deny": Action.DENY}


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What is known of a rule before one reads it. ``action`` is None where it could not be evaluated."""

    owner: str = ""
    """The address of the resource or module around."""
    policy: str = ""
    name: str = ""
    collection: str = ""
    priorities: tuple[int, ...] = ()
    action: Action | None = Action.ALLOW
    layer: Layer | None = None
    in_firewall: bool = False
    """Something around is of Azure Firewall, so that ``rules`` are firewall rules."""

    @property
    def order(self) -> tuple[int, int]:
        """The priorities of the group and of the collection."""
        group, collection = (0, 0, *self.priorities)[-2:]
        return group, collection

    def within(self, key: str, table: Table) -> Surroundings:
        """Return what is known within a table that stands under a key."""
        kind = kind_of(key, table)
        layers = [layer_of(one) for one in (kind, key, *_words(table, "ruletype", "rulecollectiontype"))]
        layer = next((one for one in reversed(layers) if one is not None), self.layer)
        return replace(
            self,
            owner=address_of(key, table) or self.owner,
            policy=self._policy(key, kind, table),
            name=_own_name(key, table) or self.name,
            collection=self._collection(key, table),
            priorities=(*self.priorities, *_priorities(table)),
            action=self._action(table),
            layer=Layer.OTHER if "dnat" in _words(table, "action") else layer,
            in_firewall=self.in_firewall
            or any(one in fold(kind) + fold(key) for one in _OF_FIREWALL)
            or layer is not None,
        )

    def _policy(self, key: str, kind: str, table: Table) -> str:
        if is_policy(kind) or is_firewall(kind):
            return address_of(key, table) or _first_segment(table) or self.policy
        for name, value in table.pairs:
            if _POLICY_IDS.search(fold(name.value)) and not isinstance(value, Table) and reference(value):
                return reference(value)
        ids = (one.value for one in leaves(table, "id") if isinstance(one, Text))
        identity = [_IN_ARM_ID.search(one) for one in ids]
        if identity and identity[0]:
            return identity[0][1]
        if kind and "firewallpolic" in fold(kind):
            parents = list(leaves(table, "parent", "parentid"))
            return reference(parents[0]) if parents else self.policy or _first_segment(table)
        if any(fold(name.value).endswith("rulecollectiongroups") for name, _ in table.pairs):
            return self.policy or address_of(key, table) or self.owner
        return self.policy

    def _collection(self, key: str, table: Table) -> str:
        if any(holds_rules(name.value) or holds_collections(name.value) for name, _ in table.pairs):
            return _own_name(key, table) or self.name
        return self.collection

    def _action(self, table: Table) -> Action | None:
        for one in leaves(table, "action"):
            return action_of(next(leaves(one, "type"), one) if isinstance(one, Table) else one, self.action)
        return self.action


def action_of(node: Node, before: Action | None) -> Action | None:
    """Return the action that a value says, or the one before where it says none; None, where it is not known."""
    if isinstance(node, Text):
        return None if HOLE in node.value else _ACTIONS.get(node.value.strip().lower(), before)
    return None if isinstance(node, Unevaluated) else before


def _words(table: Table, *names: str) -> list[str]:
    """Return the texts under keys, in small letters, and those under ``type`` of a table that stands there."""
    found: list[str] = []
    for one in leaves(table, *names):
        texts: Iterable[Node] = leaves(one, "type") if isinstance(one, Table) else (one,)
        found += (text.value.lower() for text in texts if isinstance(text, Text))
    return found


def _priorities(table: Table) -> list[int]:
    found = [value for name, value in table.pairs if fold(name.value) == "priority"]
    found += [value for name, value in table.pairs if fold(name.value).endswith(_GROUP_PRIORITY)]
    numbers = (one.value.strip() for one in found if isinstance(one, Text))
    return [int(one) for one in numbers if one.isascii() and one.isdecimal()][:1] or [0] * len(found[:1])


def _own_name(key: str, table: Table) -> str:
    names = [one.value for one in leaves(table, "name") if isinstance(one, Text)]
    if names:
        return names[0]
    is_structure = fold(key) in _STRUCTURE or holds_collections(key) or holds_rules(key)
    return "" if is_structure else key


def kind_of(key: str, table: Table) -> str:
    """Return the type of the resource that a table is, without its version; empty, where it is none."""
    typed = [
        one for one in leaves(table, "type") if isinstance(one, Text) and one.value.lower().startswith("microsoft.")
    ]
    if typed:
        return typed[0].value.partition("@")[0].lower()
    return table.labels[0].partition("@")[0] if key == "resource" and table.labels else ""


def is_policy(kind: str) -> bool:
    """Say whether a type of resource is that of a firewall policy."""
    return fold(kind) in _POLICY_KINDS


def is_firewall(kind: str) -> bool:
    """Say whether a type of resource is that of a firewall, with classic rules or a policy."""
    return fold(kind) in _FIREWALL_KINDS


def address_of(key: str, table: Table) -> str:
    """Return what other resources of a file call a resource or a module by; empty, where they cannot."""
    if key not in ("resource", "module") or not table.labels:
        return ""
    if key == "module" and len(table.labels) == 1:
        return f"module.{table.labels[0]}"
    in_terraform = key == "resource" and "/" not in table.labels[0]
    if in_terraform and table.labels[0] in table.labels[-1]:  # a plan has the whole address
        return table.labels[-1]
    return ".".join(table.labels) if in_terraform else table.labels[-1]


def _first_segment(table: Table) -> str:
    """Return the policy in the name of an ARM resource: ``policy`` of ``policy/group``."""
    for name in leaves(table, "name"):
        if isinstance(name, Text):
            first = name.value.partition("/")[0]
            return first if HOLE not in first else reference(name)
        return reference(name)
    return ""


def reference(node: Node) -> str:
    """Return what a value refers to: a name, the name in an id of ARM, or the address that a file writes.

    >>> from aks_egress_catalog.linting.entry import Place
    >>> reference(Unevaluated(reason="", place=Place(path=""), written="azurerm_firewall_policy.a[0].id"))
    'azurerm_firewall_policy.a'
    """
    if isinstance(node, Text) and HOLE not in node.value:
        found = _IN_ARM_ID.search(node.value)
        return found[1] if found else node.value.strip()
    written = node.written if isinstance(node, Text | Unevaluated) else ""
    whole = _IN_CALL.search(written) or _MODULE.match(written)
    if whole:
        return whole[0]
    inner = re.match(r"\$\{([^}]+)\}", written)
    return _TAIL.sub("", inner[1] if inner else written, count=1).removeprefix("$")
