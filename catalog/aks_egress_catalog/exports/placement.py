"""Rule by rule into a target's own form: what the target takes, and a note of what becomes of each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.exports.export import Fidelity, FidelityNote, unmet_notes


class Placed(Protocol):
    """A rule as a target takes it; ``reason`` says why it is not exact."""

    @property
    def fidelity(self) -> Fidelity:
        """How it relates to the rule that it came from."""

    @property
    def reason(self) -> str:
        """Why it is not exact; empty where it is."""


PlacedRule = TypeVar("PlacedRule", bound=Placed)


class NotExpressibleError(Exception):
    """A rule that a target cannot express; the text says why."""


def place_rules(
    resolution: Resolution, place: Callable[[ConcreteRule], PlacedRule]
) -> tuple[list[PlacedRule], tuple[FidelityNote, ...]]:
    """Place every rule of a resolution. ``place`` raises :class:`NotExpressibleError` where the target has no form.

    There is a note for every rule: those that cannot be expressed and those that lack input are noted as dropped.
    """
    placed: list[PlacedRule] = []
    notes: list[FidelityNote] = []
    for rule in resolution.rules:
        try:
            found = place(rule)
        except NotExpressibleError as error:
            notes.append(FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=str(error)))
            continue
        placed.append(found)
        notes.append(FidelityNote(id=rule.id, fidelity=found.fidelity, reason=found.reason))
    return placed, (*notes, *unmet_notes(resolution))
