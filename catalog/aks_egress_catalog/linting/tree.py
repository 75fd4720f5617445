"""A file of nested values as one tree, whatever it is written in: each value with its place, comments gone.

HCL, Bicep and JSON become such a tree; :mod:`.readers.azure_rules` finds the rules in it by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from aks_egress_catalog.linting.entry import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A scalar as text: a string without its quotes, a number, ``true``. What was not evaluated is :data:`.HOLE`."""

    value: str
    place: Place
    written: str = ""
    """The literal as it stands in the file, without quotes, where the value says something else."""
    is_region: bool = False
    """It is named like a region, and nothing more is known of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list. ``is_literal``: it stands in the file in brackets, so that one could write another value into it."""

    items: tuple[Node, ...]
    place: Place
    is_literal: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Keys with values, in their order; a key may stand more than once. ``labels`` are those of an HCL block."""

    pairs: tuple[tuple[Text, Node], ...]
    place: Place
    labels: tuple[str, ...] = ()

    def get(self, *names: str) -> Iterator[Node]:
        """Yield the values under a key, by any of its names: case and underscores do not count."""
        asked = _folded(names)
        return (value for key, value in self.pairs if fold(key.value) in asked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unevaluated:
    """What could not be evaluated, and why."""

    reason: str
    place: Place
    written: str = field(default="")


Node = Text | Items | Table | Unevaluated


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """Fold a key, so that ``destination_fqdns`` of Terraform and ``destinationFqdns`` of ARM are one.

    >>> fold("destination_fqdns") == fold("destinationFqdns")
    True
    """
    return key.replace("_", "").lower()


@lru_cache(maxsize=256)
def _folded(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, keys))
