"""A tree of keys and values in, the entries of Azure Firewall rules out, wherever in it the keys of rules stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.linting.entry import Action, Entry, Form, Layer, ListRule, Place, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.destinations import meaning_of
from aks_egress_catalog.linting.readers.azure_rules.keys import (
    SECURITY_RULE,
    TRANSLATION,
    VALUES,
    Values,
    holds_collections,
    holds_rules,
)
from aks_egress_catalog.linting.readers.azure_rules.policies import policy_of
from aks_egress_catalog.linting.readers.azure_rules.rule import layer_by_keys, lists_of, make_rule
from aks_egress_catalog.linting.readers.azure_rules.services import Services, leaves, services_of
from aks_egress_catalog.linting.readers.azure_rules.surroundings import Surroundings
from aks_egress_catalog.linting.readers.values.known import is_null, quote
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, Unevaluated, fold

_DEEPEST: Final = 120
_MOST_TABLES: Final = 200_000
_EVERY_SOURCE: Final = ("*", "0.0.0.0/0", "any")


def read_rules(tree: Node, reading: Reading, *, key: str = "", around: Surroundings | None = None) -> None:
    """Add to a reading what a tree says: entries, what is not evaluated, policies, and how many rules are skipped.

    ``key`` is the one that the tree stands under, ``around`` what is known of what is around it.
    """
    _Finder(reading).look(tree, key, around or Surroundings(), 0)


def add_definition(tree: Node, name: str, reading: Reading, *, within: Place | None = None) -> None:
    """Add what a definition says that nothing has taken up yet, so that nobody would see it otherwise.

    ``within`` is the definition; what it takes from another one, that one says itself.
    """
    span = within or tree.place
    found = Reading(path=reading.path, format=reading.format)
    read_rules(tree, found, key=name)
    if not (found.entries or found.unread or found.skipped):
        return
    taken = {_spot(one.place) for one in reading.entries} | {_spot(one.place) for one in reading.unread}
    own = [
        one
        for one in found.entries
        if one.rule.place.path == span.path and span.start <= one.rule.place.start < span.end
    ]
    fresh = [one for one in own if _spot(one.place) not in taken]
    reading.entries += fresh
    reading.unread += (one for one in found.unread if _spot(one.place) not in taken)
    reading.skipped += found.skipped if fresh or not found.entries else 0


def add_fresh(tree: Node, key: str, reading: Reading) -> None:
    """Add the entries of a tree that nothing has taken up yet: arguments of a module that could not be followed."""
    found = Reading(path=reading.path, format=reading.format)
    read_rules(tree, found, key=key)
    taken = {_spot(one.place) for one in reading.entries}
    reading.entries += (one for one in found.entries if _spot(one.place) not in taken)


def _spot(place: Place) -> tuple[str, int]:
    return place.path, place.start


@dataclass
class _Finder:
    """Walks through one tree and fills a reading."""

    reading: Reading
    tables: int = 0

    def look(self, node: Node, key: str, around: Surroundings, depth: int) -> None:
        """Look for rules in a value."""
        if depth > _DEEPEST or self.tables > _MOST_TABLES:
            self._unread(node.place, "nested too deep, or too many tables to look through", policy=around.policy)
        elif isinstance(node, Items):
            for one in node.items:
                self.look(one, key, around, depth + 1)
        elif isinstance(node, Table):
            self.tables += 1
            self._look_into(node, key, around, depth)
        elif isinstance(node, Unevaluated) and _may_hold_rules(key, around):
            self._unread(node.place, f"{key}: {node.reason}", value=node.written, policy=around.policy)

    def _look_into(self, table: Table, key: str, before: Surroundings, depth: int) -> None:
        around = before.within(key, table)
        policy = policy_of(key, table, around)
        if policy is not None:
            self.reading.policies.append(policy)
        if any(True for _ in table.get(*SECURITY_RULE)):
            self.reading.skipped += 1
            return
        lists = lists_of(table)
        if lists:
            self._rule(table, lists, around)
        for name, value in table.pairs:
            if not isinstance(value, Text) and fold(name.value) not in VALUES:
                self.look(value, name.value, around, depth + 1)

    def _rule(self, table: Table, lists: list[tuple[Text, Node]], around: Surroundings) -> None:
        layer = around.layer or layer_by_keys(table, lists)
        if layer is Layer.OTHER or any(True for _ in leaves(table, *TRANSLATION)):
            self.reading.skipped += 1
            return
        only_tags = all(VALUES[fold(name.value)] is Values.FQDN_TAGS for name, _ in lists)
        services = services_of(table, layer, only_fqdn_tags=only_tags)
        if services.is_said and not services.services and not services.unread:
            self.reading.skipped += 1  # ICMP alone
            return
        rule = make_rule(table, around, layer, services, position=len(self.reading.entries))
        if not self._say_what_is_not_known(table, rule, around, services):
            return
        for name, value in lists:
            self._values(name.value, value, rule)

    def _say_what_is_not_known(self, table: Table, rule: ListRule, around: Surroundings, services: Services) -> bool:
        """Note what is not known of a rule as a whole; return whether its values can be entries."""
        for one in services.unread:
            written = one.written or one.value if isinstance(one, Text) else getattr(one, "written", "")
            message = f"rule {rule.name or 'without a name'}: the protocol or port {quote(written)} cannot be told"
            self._unread(one.place, message, value=written, policy=rule.policy)
        if around.action is None:
            message = f"rule {rule.name or 'without a name'}: whether it allows or denies is not in these files"
            self._unread(table.place, message, policy=rule.policy)
            return False
        if not services.is_said:
            message = f"rule {rule.name or 'without a name'}: its ports are not in these files; any is assumed"
            self._unread(table.place, message, policy=rule.policy, may_allow=False)
            return True
        return bool(services.services)

    def _values(self, key: str, node: Node, rule: ListRule) -> None:
        values = VALUES[fold(key)]
        if isinstance(node, Items):
            for one in node.items:
                self._values(key, one, rule)
        elif isinstance(node, Unevaluated) and values is Values.IP_GROUPS:
            written = node.written
            self.reading.entries.append(
                Entry(value=written, form=Form.ELSEWHERE, pattern=written, place=node.place, rule=rule)
            )
        elif isinstance(node, Unevaluated):
            may_allow = rule.action is Action.ALLOW
            self._unread(
                node.place, f"{key}: {node.reason}", value=node.written, policy=rule.policy, may_allow=may_allow
            )
        elif isinstance(node, Text) and node.value.strip() and not is_null(node):
            self._value(key, node, rule)

    def _value(self, key: str, text: Text, rule: ListRule) -> None:
        written = text.written or text.value
        meaning = meaning_of(VALUES[fold(key)], text.value, rule.layer)
        if meaning.unread:
            may_allow = rule.action is Action.ALLOW
            message = f"{key}: {quote(written)}: {meaning.unread}"
            self._unread(text.place, message, value=written, policy=rule.policy, may_allow=may_allow)
            return
        self.reading.entries.append(
            Entry(
                value=written,
                form=meaning.form,
                pattern=meaning.pattern,
                place=text.place,
                rule=rule,
                fault=meaning.fault,
            )
        )

    def _unread(self, place: Place, message: str, *, policy: str, value: str = "", may_allow: bool = True) -> None:
        self.reading.unread.append(
            Unread(place=place, message=message, value=value, may_allow=may_allow, policy=policy)
        )


def _may_hold_rules(key: str, around: Surroundings) -> bool:
    if around.layer is Layer.OTHER:
        return False
    return holds_collections(key) or (holds_rules(key) and around.in_firewall)
