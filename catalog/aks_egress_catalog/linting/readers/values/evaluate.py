"""An expression in, a value out: what can be evaluated is, what cannot says what it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Place
from aks_egress_catalog.linting.readers.values.expression import (
    Call,
    Choice,
    Each,
    Expression,
    Known,
    Listing,
    Member,
    Name,
    Operation,
    Record,
    Repeated,
    Spread,
    Template,
)
from aks_egress_catalog.linting.readers.values.functions import FUNCTIONS, Function
from aks_egress_catalog.linting.readers.values.known import (
    elements,
    in_text,
    is_null,
    is_region_name,
    null,
    region,
    truth,
    unknown,
)
from aks_egress_catalog.linting.readers.values.operators import operate
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, Unevaluated

_DEEPEST: Final = 70
_MOST_STEPS: Final = 400_000
_LONGEST_TEXT: Final = 4096
_NOTHING: Final[Mapping[str, Node]] = {}

Locals = Mapping[str, Node]
"""What the names of the loops around an expression stand for."""


class Evaluator:
    """Evaluates the expressions of one module: ``definitions`` has what its names stand for.

    A name is evaluated once. A name that leads to itself, nesting without end and lists that grow without end become
    values that say so. What nothing defines and what is named like a region is the region of the cluster.
    """

    def __init__(self, definitions: Mapping[str, Expression], functions: Mapping[str, Function] = FUNCTIONS) -> None:
        self._definitions = definitions
        self._functions = functions
        self._values: dict[str, Node] = {}
        self._open: set[str] = set()
        self._depth = 0
        self._steps = 0

    def value(self, expression: Expression, local: Locals = _NOTHING) -> Node:
        """Return what an expression is worth."""
        if isinstance(expression, Known):
            return expression.node
        self._steps += 1
        if self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            why = "nested too deep" if self._depth > _DEEPEST else "it takes too long to evaluate"
            return unknown(written_of(expression), place_of(expression), why)
        self._depth += 1
        try:
            return self._evaluate(expression, local)
        finally:
            self._depth -= 1

    def values(self, expression: Expression) -> list[Node]:
        """Return what a block is worth: several values, where it is repeated."""
        if isinstance(expression, Repeated):
            return list(self._repeated(expression, _NOTHING))
        return [self.value(expression)]

    def _evaluate(self, expression: Expression, local: Locals) -> Node:  # noqa: C901  - one line a kind of expression
        match expression:
            case Name():
                return self._name(expression, local)
            case Member():
                return self._member(expression, local)
            case Listing():
                return self._listing(expression, local)
            case Record():
                return self._record(expression, local)
            case Template():
                return self._template(expression, local)
            case Call():
                return self._call(expression, local)
            case Choice():
                return self._choice(expression, local)
            case Operation():
                return self._operation(expression, local)
            case Each():
                return self._each(expression, local)
            case Known(node):
                return node
            case Spread(of):
                return self.value(of, local)
            case Repeated(content=content):
                return self.value(content, local)

    def start_anew(self) -> None:
        """Forget how long the evaluation has taken so far: the next file begins."""
        self._steps = 0

    def _name(self, name: Name, local: Locals) -> Node:
        if name.name in local:
            return local[name.name]
        found = self._defined(name)
        known = not isinstance(found, Unevaluated) and not (
            isinstance(found, Text) and (is_null(found) or found.value in ("", HOLE))
        )
        return region(name.written, name.place) if not known and is_region_name(name.name) else found

    def _defined(self, name: Name) -> Node:
        if name.name not in self._definitions:
            return unknown(name.written, name.place)
        if name.name not in self._values:
            if name.name in self._open:
                return unknown(name.written, name.place, "it leads back to itself")
            with self._opened(name.name):
                self._values[name.name] = self.value(self._definitions[name.name])
        return self._values[name.name]

    @contextmanager
    def _opened(self, name: str) -> Iterator[None]:
        self._open.add(name)
        try:
            yield
        finally:
            self._open.remove(name)

    def _member(self, member: Member, local: Locals) -> Node:
        of, key = self.value(member.of, local), self.value(member.key, local)
        if isinstance(key, Text) and isinstance(of, Table):
            values = [value for one, value in of.pairs if one.value == key.value]
            if values:
                found = _as_written(values[0], member)
                return found if len(values) == 1 else Items(items=tuple(values), place=member.place)
            return null(member.place)
        if isinstance(key, Text) and isinstance(of, Items) and key.value.lstrip("-").isdecimal():
            place_in_list = int(key.value)
            if -len(of.items) <= place_in_list < len(of.items):
                return _as_written(of.items[place_in_list], member)
            return null(member.place)
        if isinstance(key, Text) and is_region_name(key.value):
            return region(member.written, member.place)
        return unknown(member.written, member.place)

    def _listing(self, listing: Listing, local: Locals) -> Node:
        if not any(isinstance(one, Spread) for one in listing.items):
            return Items(items=tuple(self.value(one, local) for one in listing.items), place=listing.place)
        found: list[Node] = []
        for one in listing.items:
            if isinstance(one, Spread):
                spread = self.value(one.of, local)
                found += spread.items if isinstance(spread, Items) else (spread,)
            else:
                found.append(self.value(one, local))
        return Items(items=tuple(found), place=listing.place)

    def _record(self, record: Record, local: Locals) -> Node:
        pairs: list[tuple[Text, Node]] = []
        for key, value in record.pairs:
            name = self.value(key, local)
            name = name if isinstance(name, Text) else Text(value=HOLE, place=name.place)
            if isinstance(value, Repeated):
                pairs += ((name, one) for one in self._repeated(value, local))
            elif isinstance(value, Spread):
                spread = self.value(value.of, local)
                pairs += spread.pairs if isinstance(spread, Table) else ((name, spread),)
            else:
                pairs.append((name, self.value(value, local)))
        return Table(pairs=tuple(pairs), place=record.place, labels=record.labels)

    def _repeated(self, repeated: Repeated, local: Locals) -> Iterator[Node]:
        collection = self.value(repeated.collection, local)
        each = elements(collection)
        if each is not None:
            for key, value in each:
                yield self.value(repeated.content, {**local, repeated.name: _pair(key, value, collection)})
        elif repeated.even_if_unknown and not is_null(collection):
            here = unknown(repeated.name, collection.place, "it depends on what the block is repeated for")
            yield self.value(repeated.content, {**local, repeated.name: here})
        elif not is_null(collection):
            why = collection.reason if isinstance(collection, Unevaluated) else "the block is repeated for no list"
            yield Unevaluated(reason=why, place=collection.place, written=getattr(collection, "written", ""))

    def _template(self, template: Template, local: Locals) -> Node:
        values = [one if isinstance(one, str) else self.value(one, local) for one in template.parts]
        if len(values) == 1 and not isinstance(values[0], str):
            return _as_written(values[0], template)
        text = "".join(one if isinstance(one, str) else in_text(one) for one in values)
        if len(text) > _LONGEST_TEXT:
            return unknown(template.written, template.place, "too long a text")
        return Text(value=text, place=template.place, written=template.written)

    def _call(self, call: Call, local: Locals) -> Node:
        function = self._functions.get(call.name.lower())
        if function is None:
            return unknown(call.written, call.place)
        arguments: list[Node] = []
        for one in call.arguments:
            if isinstance(one, Spread):
                spread = self.value(one.of, local)
                if not isinstance(spread, Items):
                    return unknown(call.written, call.place)
                arguments += spread.items
            else:
                arguments.append(self.value(one, local))
        try:
            found = function(arguments, call.place, call.written)
        except (ValueError, IndexError):
            found = None
        return unknown(call.written, call.place) if found is None else _as_written(found, call)

    def _choice(self, choice: Choice, local: Locals) -> Node:
        holds = truth(self.value(choice.condition, local))
        if holds is None:
            either, other = self.value(choice.then, local), self.value(choice.otherwise, local)
            if isinstance(either, Text) and isinstance(other, Text) and either.value == other.value:
                return either
            return unknown(choice.written, choice.place, "its condition cannot be evaluated")
        return self.value(choice.then if holds else choice.otherwise, local)

    def _operation(self, operation: Operation, local: Locals) -> Node:
        operands = [self.value(one, local) for one in operation.operands]
        found = operate(operation.operator, operands, operation.place)
        return unknown(operation.written, operation.place) if found is None else found

    def _each(self, each: Each, local: Locals) -> Node:
        collection = self.value(each.collection, local)
        pairs = elements(collection)
        if pairs is None and each.even_if_unknown:
            one = unknown(each.value_name, each.place, "it depends on what the block is repeated for")
            pairs = iter([(one, one)])
        if pairs is None:
            return unknown(each.written, each.place)
        made: list[tuple[Node, Node]] = []
        for key, value in pairs:
            inside = {**local, each.key_name: key, each.value_name: value}
            holds = True if each.condition is None else truth(self.value(each.condition, inside))
            if holds is None:
                made.append((key, unknown(each.written, each.place, "its condition cannot be evaluated")))
            elif holds:
                name = key if each.key is None else self.value(each.key, inside)
                made.append((name, self.value(each.value, inside)))
        if each.key is None:
            return Items(items=tuple(value for _, value in made), place=each.place, is_literal=False)
        return Table(pairs=tuple((_as_key(key), value) for key, value in made), place=each.place)


def _pair(key: Node, value: Node, collection: Node) -> Table:
    place = value.place
    # A set is known as a list here; its keys are its values, but nobody asks for the keys of a list of tables.
    key = value if isinstance(collection, Items) and isinstance(value, Text) else key
    return Table(pairs=((Text(value="key", place=place), key), (Text(value="value", place=place), value)), place=place)


def _as_written(node: Node, expression: Member | Template | Call) -> Node:
    """Give a text that an expression made of its own parts the place and the words of the whole expression.

    What it only took from elsewhere, or passed on as it is, stays where it is written.
    """
    if not isinstance(node, Text) or not node.written or is_null(node):
        return node
    here, whole = node.place, expression.place
    is_part = here.path == whole.path and whole.start <= here.start and here.end <= whole.end
    return replace(node, place=whole, written=expression.written) if is_part else node


def _as_key(key: Node) -> Text:
    return key if isinstance(key, Text) else Text(value=HOLE, place=key.place)


def place_of(expression: Expression) -> Place:
    """Return where an expression stands."""
    if isinstance(expression, Known):
        return expression.node.place
    if isinstance(expression, Spread):
        return place_of(expression.of)
    return place_of(expression.content) if isinstance(expression, Repeated) else expression.place


def written_of(expression: Expression) -> str:
    """Return the words of an expression, as far as it keeps them."""
    return str(getattr(expression, "written", ""))
