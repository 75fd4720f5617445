"""The list of export targets on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from aks_egress_catalog.exports.listing import ListedTarget
from aks_egress_catalog.render.tables import print_table


def print_targets(targets: Iterable[ListedTarget]) -> None:
    """Print one line a target."""
    print_table(("target", "what"), ((target.name, target.description) for target in targets))
