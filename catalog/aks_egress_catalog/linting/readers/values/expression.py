"""An expression of Terraform, Bicep or ARM before anything of it is evaluated: one small language for the three.

Each has its place and, where it may turn out to be unknown, the words of the file, for the message about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.tree import Node


@dataclass(frozen=True, slots=True)
class Known:
    """A literal, or what its language cannot evaluate either."""

    node: Node


@dataclass(frozen=True, slots=True)
class Name:
    """``var.x``, ``parameters('x')``, a symbol: what a definition of the file or an iteration says it is."""

    name: str
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Member:
    """``of.key`` and ``of[key]``."""

    of: Expression
    key: Expression
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in brackets."""

    items: tuple[Expression, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Spread:
    """``...x`` in a list or in a table, ``x...`` as the last argument: all that ``of`` holds."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Record:
    """A table of keys and values: an object, or a block with its labels. A value may be :class:`Repeated`."""

    pairs: tuple[tuple[Expression, Expression], ...]
    place: Place
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """A block for each element of a collection: ``dynamic``, and ``for_each`` of a resource.

    Within ``content`` the ``name`` stands for a table of ``key`` and ``value``. ``even_if_unknown``: where the
    collection is not known, the content is read once all the same.
    """

    collection: Expression
    name: str
    content: Expression
    even_if_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A string with expressions in it; ``parts`` are the characters between and the expressions."""

    parts: tuple[str | Expression, ...]
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? then : otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Operation:
    """``!``, ``&&``, ``==`` and the like, with one or two operands."""

    operator: str
    operands: tuple[Expression, ...]
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Each:
    """A list or, with ``key``, a table made of each element of a collection.

    ``key_name`` stands for its index or key (empty: nobody asks), ``value_name`` for itself.
    """

    collection: Expression
    key_name: str
    value_name: str
    value: Expression
    place: Place
    written: str
    key: Expression | None = None
    condition: Expression | None = None
    even_if_unknown: bool = False
    """Where the collection is not known, the value is read once all the same, for one element that is not known."""


Expression = Known | Name | Member | Listing | Spread | Record | Repeated | Template | Call | Choice | Operation | Each
