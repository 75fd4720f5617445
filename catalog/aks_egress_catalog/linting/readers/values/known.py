"""Small questions about values, and the few values that have a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, Place
from aks_egress_catalog.linting.tree import Items, Node, Table, Text, Unevaluated

REGION: Final = "{region}"
"""In a text: the region of the cluster, whichever it is."""
_NULL: Final = "null"
_LONGEST_QUOTE: Final = 120
_REGION_NAME: Final = re.compile(r"(^|[^a-z])loc$|(location|region)(name|code|id)?$")


def null(place: Place) -> Text:
    """Return the value of a key that is not set."""
    return Text(value=_NULL, place=place, written=_NULL)


def is_null(node: Node) -> bool:
    """Say whether a value is not set."""
    return isinstance(node, Text) and node.value == _NULL == node.written


def is_region_name(name: str) -> bool:
    """Say whether a variable or an attribute is named like a region; only the last part of the name counts.

    >>> [is_region_name(one) for one in ("var.aks_location", "primaryRegion", "LOCATION", "region_cidrs", "block")]
    [True, True, True, False, False]
    """
    return _REGION_NAME.search(name.lower()) is not None


def truth(node: Node) -> bool | None:
    """Return what a condition says, or None where that is not known."""
    if isinstance(node, Text) and node.value.lower() in ("true", "false"):
        return node.value.lower() == "true"
    return None


def elements(node: Node) -> Iterator[tuple[Node, Node]] | None:
    """Yield what a loop over a value sees, as key and value; None where the value is none that one loops over."""
    if isinstance(node, Table):
        return iter(node.pairs)
    if isinstance(node, Items):
        return ((Text(value=str(n), place=one.place), one) for n, one in enumerate(node.items))
    return None


def quote(written: str) -> str:
    """Shorten what a message quotes of a file to one line."""
    line = " ".join(written.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def unknown(written: str, place: Place, why: str = "its value is not in these files") -> Unevaluated:
    """Return the value of an expression that cannot be evaluated, or that of a region where it is named so."""
    return Unevaluated(reason=f"{quote(written)}: {why}", place=place, written=written)


def region(written: str, place: Place) -> Text:
    """Return the region of the cluster as a value."""
    return Text(value=REGION, place=place, written=written, is_region=True)


def in_text(node: Node) -> str:
    """Return what a value becomes within a string: a hole, where it is not known or no scalar."""
    return node.value if isinstance(node, Text) and not is_null(node) else HOLE
