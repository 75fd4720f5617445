"""The functions of Terraform, Bicep and ARM that lists are made with, on values: each gives None where it cannot tell.

The three languages share most of them; where one name means two things, the kinds of the arguments decide, or
:data:`TEMPLATE_FUNCTIONS` has what Bicep and ARM mean by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, repeat
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Place
from aks_egress_catalog.linting.readers.values.known import in_text, is_null
from aks_egress_catalog.linting.readers.values.operators import count
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, Unevaluated

Function = Callable[[Sequence[Node], Place, str], Node | None]
"""Arguments, the place of the call and its words in; a value out, or None: it cannot be evaluated."""

_MOST_ITEMS: Final = 50_000
_LONGEST_TEXT: Final = 4096
_BICEP_FIELD: Final = re.compile(r"\{(\d+)[^{}]*\}")
_HCL_FIELD: Final = re.compile(r"%(?:\[\d+\])?[-+ #0]*\d*(?:\.\d+)?([a-z%])")


def _text(value: str, place: Place, written: str) -> Text | None:
    return Text(value=value, place=place, written=written) if len(value) <= _LONGEST_TEXT else None


def _list(items: Sequence[Node], place: Place) -> Items | None:
    return Items(items=tuple(items), place=place, is_literal=False) if len(items) <= _MOST_ITEMS else None


def _same(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    return arguments[0]


def _concat(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    if arguments and all(isinstance(one, Text) for one in arguments):
        return _text("".join(in_text(one) for one in arguments), place, written)
    if not any(isinstance(one, Items) for one in arguments):
        return None
    return _list([item for one in arguments for item in _items(one)], place)


def _items(node: Node) -> Sequence[Node]:
    """Return the elements of a list; of what is none, itself: what is not known stays in the list as that."""
    return node.items if isinstance(node, Items) else () if is_null(node) else (node,)


def _distinct(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    items = [one for argument in arguments for one in _items(argument)]
    seen = {one.value: one for one in reversed(items) if isinstance(one, Text)}
    return _list([one for one in items if not isinstance(one, Text) or seen[one.value] is one], place)


def _merge(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    if any(isinstance(one, Items) for one in arguments):  # union in Bicep
        return _distinct(arguments, place, "")
    if not any(isinstance(one, Table) for one in arguments):
        return None
    pairs: dict[str, tuple[Text, Node]] = {}
    for one in arguments:
        if isinstance(one, Table):
            pairs |= {key.value: (key, value) for key, value in one.pairs}
        elif not is_null(one):
            pairs[f"{HOLE}{len(pairs)}"] = (Text(value=HOLE, place=one.place), one)
    return Table(pairs=tuple(pairs.values()), place=place) if len(pairs) <= _MOST_ITEMS else None


def _flatten(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    leaves = list(islice(_leaves(arguments[0], 0), _MOST_ITEMS + 1))
    return _list(leaves, place) if isinstance(arguments[0], Items) else None


def _leaves(node: Node, depth: int) -> Iterator[Node]:
    if isinstance(node, Items) and depth < 10:
        for one in node.items:
            yield from _leaves(one, depth + 1)
    else:
        yield node


def _compact(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    return _list([one for one in _items(arguments[0]) if not (isinstance(one, Text) and not one.value)], place)


def _format(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    pattern, values = arguments[0], arguments[1:]
    if not isinstance(pattern, Text) or HOLE in pattern.value:
        return None
    if _BICEP_FIELD.search(pattern.value):
        filled = _BICEP_FIELD.sub(lambda field: in_text(values[int(field[1])]), pattern.value)
        return _text(filled, place, written)
    left = chain(map(in_text, values), repeat(HOLE))
    return _text(_HCL_FIELD.sub(lambda f: "%" if f[1] == "%" else next(left), pattern.value), place, written)


def _format_list(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    lists = [one for one in arguments if isinstance(one, Items)]
    rows = range(min((len(one.items) for one in lists), default=0))
    made = [
        _format([one.items[n] if isinstance(one, Items) else one for one in arguments], place, written) for n in rows
    ]
    return _list([one for one in made if one is not None], place)


def _join(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    between, items = arguments if isinstance(arguments[0], Text) else reversed(arguments)
    if not isinstance(between, Text) or not isinstance(items, Items):
        return None
    return _text(between.value.join(in_text(one) for one in items.items), place, written)


def _split(text: Node, between: Node) -> Node | None:
    if not isinstance(text, Text) or not isinstance(between, Text) or not between.value:
        return None
    return _list([_changed(text, part) for part in text.value.split(between.value)], text.place)


def _changed(text: Text, value: str) -> Text:
    """Return another text that was made of one: it stays at its place, and what was written is kept."""
    return replace(text, value=value, written=text.written or text.value, is_region=False)


def _on_text(change: Callable[[str], str]) -> Function:
    def function(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
        text = arguments[0]
        if not isinstance(text, Text) or text.is_region:
            return text if isinstance(text, Text) else None
        return _changed(text, change(text.value))

    return function


def _replace(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    text, old, new = arguments
    if not (isinstance(text, Text) and isinstance(old, Text) and isinstance(new, Text)):
        return None
    if text.is_region:
        return text
    pattern = old.value
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):  # Terraform: a regular expression
        return None
    return _changed(text, text.value.replace(pattern, new.value))


def _trim(where: str) -> Function:
    def function(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
        text, cut = arguments[0], in_text(arguments[1]) if len(arguments) > 1 else " "
        if not isinstance(text, Text) or HOLE in cut:
            return None
        cuts = {"prefix": text.value.removeprefix, "suffix": text.value.removesuffix, "both": text.value.strip}
        return text if text.is_region else _changed(text, cuts[where](cut))

    return function


def _keys(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    return _list([key for key, _ in arguments[0].pairs], place) if isinstance(arguments[0], Table) else None


def _values(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    return _list([value for _, value in arguments[0].pairs], place) if isinstance(arguments[0], Table) else None


def _lookup(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    table, key = arguments[:2]
    if not isinstance(table, Table) or not isinstance(key, Text):
        return None
    found = [value for one, value in table.pairs if one.value == key.value]
    return next(iter([*found, *arguments[2:]]), None)


def _first_known(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    """Return the first that is set: a key that a table lacks is null here, and an error to Terraform's ``try``."""
    known = (one for one in arguments if not is_null(one))
    found = next(known, arguments[-1])
    return None if isinstance(found, Unevaluated) else found


def _length(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    size = count(arguments[0])
    return None if size is None else _text(str(size), place, written)


def _empty(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    size = 0 if is_null(arguments[0]) else count(arguments[0])
    return None if size is None else _text(str(size == 0).lower(), place, written)


def _contains(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    within, asked = arguments
    if not isinstance(asked, Text) or HOLE in asked.value or isinstance(within, Unevaluated):
        return None
    if isinstance(within, Text):
        return None if HOLE in within.value else _text(str(asked.value in within.value).lower(), place, written)
    held = [key for key, _ in within.pairs] if isinstance(within, Table) else within.items
    if not all(isinstance(one, Text) for one in held):
        return None
    return _text(str(any(in_text(one) == asked.value for one in held)).lower(), place, written)


def _element(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    items, number = arguments
    if not isinstance(items, Items) or not items.items:
        return None
    return items.items[int(in_text(number)) % len(items.items)]


def _end(number: int) -> Function:
    def function(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
        return arguments[0].items[number] if isinstance(arguments[0], Items) else None

    return function


def _listed(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    return _list(arguments, place)


def _tabled(arguments: Sequence[Node], place: Place, _written: str) -> Node | None:
    keys = [one if isinstance(one, Text) else Text(value=HOLE, place=place) for one in arguments[::2]]
    return Table(pairs=tuple(zip(keys, arguments[1::2], strict=True)), place=place)


def _structure(arguments: Sequence[Node], _place: Place, _written: str) -> Node | None:
    return arguments[0] if isinstance(arguments[0], Table | Items) else None


def _can(arguments: Sequence[Node], place: Place, written: str) -> Node | None:
    if isinstance(arguments[0], Unevaluated):
        return None
    return _text(str(not is_null(arguments[0])).lower(), place, written)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "can": _can,
    "coalesce": _first_known,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "jsondecode": _structure,
    "jsonencode": _structure,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "lower": _on_text(str.lower),
    "merge": _merge,
    "one": _end(0),
    "replace": _replace,
    "reverse": lambda arguments, place, _: _list(_items(arguments[0])[::-1], place),
    "setunion": _distinct,
    "sort": _same,
    "split": lambda arguments, _place, _written: _split(arguments[1], arguments[0]),
    "tolist": _same,
    "tomap": _same,
    "tonumber": _same,
    "toset": _same,
    "tostring": _same,
    "trim": _trim("both"),
    "trimprefix": _trim("prefix"),
    "trimspace": _on_text(str.strip),
    "trimsuffix": _trim("suffix"),
    "try": _first_known,
    "upper": _on_text(str.upper),
    "values": _values,
}
"""The functions of Terraform, by their names."""

TEMPLATE_FUNCTIONS: Final[Mapping[str, Function]] = {
    **{name: FUNCTIONS[name] for name in ("coalesce", "concat", "contains", "flatten", "format", "join", "length")},
    **{name: FUNCTIONS[name] for name in ("replace", "trim")},
    "any": _same,
    "array": lambda arguments, place, _: arguments[0] if isinstance(arguments[0], Items) else _list(arguments, place),
    "createarray": _listed,
    "createobject": _tabled,
    "empty": _empty,
    "false": lambda _, place, written: _text("false", place, written),
    "first": _end(0),
    "json": _structure,
    "last": _end(-1),
    "shallowmerge": lambda arguments, place, written: _merge(_items(arguments[0]), place, written),
    "split": lambda arguments, _place, _written: _split(arguments[0], arguments[1]),
    "string": _same,
    "tolower": FUNCTIONS["lower"],
    "true": lambda _, place, written: _text("true", place, written),
    "toupper": FUNCTIONS["upper"],
    "union": _merge,
}
"""The functions of Bicep and ARM, by their names in small letters."""
