"""One table with lists of destinations in, what its values have in common out."""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, HOLE, Action, Layer, ListRule, Place
from aks_egress_catalog.linting.readers.azure_rules.keys import INSPECTION, PORTS, SOURCES, VALUES, Values
from aks_egress_catalog.linting.readers.azure_rules.services import Services, leaves
from aks_egress_catalog.linting.readers.azure_rules.surroundings import Surroundings
from aks_egress_catalog.linting.readers.values.known import is_null, truth
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, fold

_EVERY_SOURCE: Final = ("*", "0.0.0.0/0", "any")
_OF_NETWORK: Final = frozenset({Values.ADDRESSES, Values.IP_GROUPS})


def lists_of(table: Table) -> list[tuple[Text, Node]]:
    """Return the lists that make a table a rule, with their keys; none, where it is no rule."""
    return [
        (name, value)
        for name, value in table.pairs
        if fold(name.value) in VALUES and not isinstance(value, Table) and not is_null(value)
    ]


def layer_by_keys(table: Table, lists: list[tuple[Text, Node]]) -> Layer:
    """Tell the layer of a rule by its keys, where nothing around says it; lists that are empty say the least."""
    filled = [name for name, value in lists if not (isinstance(value, Items) and not value.items)]
    kinds = {VALUES[fold(name.value)] for name in filled or [name for name, _ in lists]}
    has_ports = any(True for _ in leaves(table, *PORTS))
    return Layer.NETWORK if has_ports or kinds <= _OF_NETWORK else Layer.APPLICATION


def make_rule(table: Table, around: Surroundings, layer: Layer, services: Services, *, position: int) -> ListRule:
    """Make the rule of a table. ``position`` tells rules of one priority apart: the earlier one goes first."""
    sources, sources_known = _sources(table)
    return ListRule(
        name=around.name,
        place=table.place,
        action=around.action or Action.ALLOW,
        layer=layer,
        services=services.services if services.is_said else EVERY_SERVICE,
        sources=sources,
        sources_known=sources_known,
        sources_named=not sources_known and all(sources),
        policy=around.policy,
        collection=around.collection,
        order=(int(layer is Layer.APPLICATION), *around.order, position),
        inspects=any(truth(one) for one in leaves(table, *INSPECTION)),
        values_at=_values_at(table),
    )


def _values_at(table: Table) -> Place | None:
    """Return the list that another value could be written into: that of names, else that of addresses."""
    lists = {VALUES[fold(name.value)]: value for name, value in lists_of(table)}
    filled = [lists[one] for one in (Values.NAMES, Values.ADDRESSES, Values.URLS) if one in lists]
    literal = (one for one in filled if isinstance(one, Items) and one.is_literal and one.items)
    return next((one.place for one in literal), None)


def _sources(table: Table) -> tuple[tuple[str, ...], bool]:
    """Return the sources of a rule as written, none for every source, and whether all of them are known."""
    found: list[str] = []
    known = True
    for name in (key.value for key, _ in table.pairs if fold(key.value) in SOURCES):
        for one in leaves(table, name):
            value = one.value if isinstance(one, Text) else HOLE
            if value in _EVERY_SOURCE:
                return (), True
            known = known and HOLE not in value and "group" not in fold(name)  # what an IP group holds, nobody knows
            found.append(value if HOLE not in value else " ".join(getattr(one, "written", "").split()))
    return tuple(found), known
