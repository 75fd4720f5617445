"""A template of ARM as a tree in, the values of its resources out, with those of the templates within it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from aks_egress_catalog.linting.readers.syntax.arm_expression import arm_expression
from aks_egress_catalog.linting.readers.values.azure_environment import environment
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Expression, Known, Listing, Record
from aks_egress_catalog.linting.readers.values.functions import TEMPLATE_FUNCTIONS
from aks_egress_catalog.linting.readers.values.known import unknown
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

_DEPLOYMENT: Final = "microsoft.resources/deployments"
_FUNCTIONS: Final = {**TEMPLATE_FUNCTIONS, "environment": environment}


class Template:
    """One file with a template, and what its parameters are ``given``, by names in small letters.

    Names of parameters and variables do not tell capitals apart.
    """

    def __init__(self, tree: Table, given: Mapping[str, Expression] | None = None) -> None:
        self._definitions: dict[str, Expression] = {}
        self._templates = 0
        self._resources = self._template(tree, "", given or {})
        self.evaluator = Evaluator(self._definitions, _FUNCTIONS)

    def values(self) -> Iterator[Node]:
        """Yield the lists of resources."""
        for one in self._resources:
            yield self.evaluator.value(one)

    def definitions(self) -> Iterator[tuple[str, Node]]:
        """Yield what parameters have as defaults, and variables as values: name and value."""
        for name in self._definitions:
            yield name.rpartition(".")[2], self.evaluator.value(self._definitions[name])

    def _template(self, tree: Table, scope: str, given: Mapping[str, Expression]) -> list[Expression]:
        for name, parameter in _pairs_under(tree, "parameters"):
            defaults = list(parameter.get("defaultValue")) if isinstance(parameter, Table) else []
            value = given.get(name.lower()) or (self._expression(defaults[0], scope) if defaults else None)
            if value is not None:
                self._definitions[f"{scope}parameters.{name.lower()}"] = value
        for name, variable in _pairs_under(tree, "variables"):
            self._definitions[f"{scope}variables.{name.lower()}"] = self._expression(variable, scope)
        return [self._expression(one, scope) for one in tree.get("resources")]

    def _expression(self, node: Node, scope: str) -> Expression:
        """Return a value as an expression. The tree is at most as deep as :mod:`.json_tree` allows."""
        if isinstance(node, Text):
            return arm_expression(node, scope)
        if isinstance(node, Items):
            return Listing(tuple(self._expression(one, scope) for one in node.items), node.place)
        if not isinstance(node, Table):
            return Known(node)
        if any(isinstance(one, Text) and one.value.lower() == _DEPLOYMENT for one in node.get("type")):
            return self._deployment(node, scope)
        pairs: list[tuple[Expression, Expression]] = []
        for key, value in node.pairs:
            if key.value == "copy" and isinstance(value, Items):
                pairs += _copied(value)
            else:
                pairs.append((arm_expression(key, scope), self._expression(value, scope)))
        return Record(tuple(pairs), node.place)

    def _deployment(self, node: Table, scope: str) -> Expression:
        """Return the resources of a template within the template. Its names are its own where it says ``inner``."""
        resources: list[Expression] = []
        for properties in (one for one in node.get("properties") if isinstance(one, Table)):
            given = {
                name.lower(): self._expression(value, scope)
                for name, parameter in _pairs_under(properties, "parameters")
                if isinstance(parameter, Table)
                for value in parameter.get("value")
            }
            scopes = [
                value for name, value in _pairs_under(properties, "expressionEvaluationOptions") if name == "scope"
            ]
            is_inner = any(isinstance(one, Text) and one.value.lower() == "inner" for one in scopes)
            for template in (one for one in properties.get("template") if isinstance(one, Table)):
                self._templates += 1
                inner = f"{self._templates}." if is_inner else scope
                resources += self._template(template, inner, given if is_inner else {})
        return Listing(tuple(resources), node.place)


def _copied(copies: Items) -> Iterator[tuple[Expression, Expression]]:
    """Yield the lists that a ``copy`` makes, each as what is not known."""
    for one in copies.items:
        names = [name for name in one.get("name") if isinstance(name, Text)] if isinstance(one, Table) else []
        for name in names:
            yield Known(name), Known(unknown("copy", one.place, "a list that a loop makes is not evaluated"))


def _pairs_under(table: Table, key: str) -> Iterator[tuple[str, Node]]:
    for one in table.get(key):
        if isinstance(one, Table):
            yield from ((name.value, value) for name, value in one.pairs)
