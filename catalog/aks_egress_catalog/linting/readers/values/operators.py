"""Operators on values: what ``!``, ``&&``, ``==``, ``??`` and the like give where their operands are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import add, ge, gt, le, lt, mul, sub
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Place
from aks_egress_catalog.linting.readers.values.known import is_null, truth
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, Unevaluated

_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
_RECKONED: Final[Mapping[str, Callable[[float, float], float]]] = {"+": add, "-": sub, "*": mul}


def operate(operator: str, operands: Sequence[Node], place: Place) -> Node | None:
    """Return what an operator makes of its operands, or None where that is not known."""
    if len(operands) == 1:
        return _unary(operator, operands[0], place)
    if operator in ("&&", "||") and len(operands) > 1:
        return _joined(operator, operands, place)
    left, right = operands
    if operator == "??":
        return right if is_null(left) else (None if isinstance(left, Unevaluated) else left)
    if operator in ("==", "!="):
        same = _same(left, right)
        return None if same is None else _boolean(same is (operator == "=="), place)
    return _reckoned(operator, left, right, place)


def _unary(operator: str, operand: Node, place: Place) -> Node | None:
    if operator == "!":
        holds = truth(operand)
        return None if holds is None else _boolean(not holds, place)
    if operator == "-" and isinstance(operand, Text):
        return Text(value=f"-{operand.value}", place=place)
    return None


def _joined(operator: str, operands: Sequence[Node], place: Place) -> Node | None:
    held = [truth(one) for one in operands]
    decides = operator == "||"  # true decides an "or", false an "and", whatever the other operands are
    if decides in held:
        return _boolean(decides, place)
    return None if None in held else _boolean(not decides, place)


def _same(left: Node, right: Node) -> bool | None:
    if isinstance(left, Unevaluated) or isinstance(right, Unevaluated):
        return None
    if isinstance(left, Text) and isinstance(right, Text):
        if left.is_region or right.is_region or HOLE in left.value + right.value:
            return None
        return left.value == right.value and is_null(left) == is_null(right)
    if isinstance(left, Text) or isinstance(right, Text):
        return False
    empty = [not (one.pairs if isinstance(one, Table) else one.items) for one in (left, right)]
    return None if empty == [False, False] else empty == [True, True]


def _reckoned(operator: str, left: Node, right: Node, place: Place) -> Node | None:
    if not (isinstance(left, Text) and isinstance(right, Text)):
        return None
    try:
        numbers = float(left.value), float(right.value)
    except ValueError:
        return None
    if operator in _COMPARED:
        return _boolean(_COMPARED[operator](*numbers), place)
    if operator in _RECKONED:
        return Text(value=f"{_RECKONED[operator](*numbers):.15g}", place=place)
    return None


def _boolean(holds: bool, place: Place) -> Text:  # noqa: FBT001  - a value, not a switch
    return Text(value=str(holds).lower(), place=place)


def count(node: Node) -> int | None:
    """Return how many elements or characters a value has."""
    if isinstance(node, Items):
        return None if any(isinstance(one, Unevaluated) for one in node.items) else len(node.items)
    if isinstance(node, Table):
        return len(node.pairs)
    return len(node.value) if isinstance(node, Text) and HOLE not in node.value and not is_null(node) else None
