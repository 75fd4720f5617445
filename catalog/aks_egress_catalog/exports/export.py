"""What every export is: files with a header, and a note for each rule of how faithful they are to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution

_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)(?!\*\.[^.]*\Z)(?:\*\.)?"
    r"(?:(?!-)(?:[a-z0-9*-]|\{[a-z0-9_-]+\}){1,63}\.)+(?=[a-z0-9-]*[a-z])(?!-)[a-z0-9-]{1,63}\Z"
)
"""No label begins like an option; the last is a word, so that no address or ``*`` passes for a host."""


class Fidelity(StrEnum):
    """How an exported rule relates to the rule that it came from."""

    EXACT = "exact"
    WIDENED = "widened"
    NARROWED = "narrowed"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class FidelityNote:
    """What became of one rule; every fidelity but ``exact`` has a reason."""

    id: str
    fidelity: Fidelity
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands at the head of every exported file: where it came from, and for which cluster."""

    catalog_version: str
    facts_date: str
    profile: str
    """The profile in one line of plain ASCII, such as ``cloud=AzureCloud region=westeurope``."""

    def lines(self) -> tuple[str, ...]:
        """The header as lines of text, for formats that have comments."""
        return (
            "Made by aks-egress-catalog; edit the profile, not this file.",
            f"Catalog {self.catalog_version}, facts of {self.facts_date}.",
            f"Profile: {self.profile}",
        )


@dataclass(frozen=True, kw_only=True)
class Export:
    """The files of one export by name, the main one first, and a note for every rule of the resolution.

    Rules of ``resolution.unmet`` are needed and could not be expressed: they are noted as dropped too.
    """

    files: dict[str, str]
    notes: tuple[FidelityNote, ...]


def lacking_lines(notes: Iterable[FidelityNote]) -> tuple[str, ...]:
    """What a file lacks, as lines for its head: a title, then each dropped rule with the reason; none if none is.

    >>> lacking_lines([FidelityNote(id="AzureCloud/core/any:udp-123", fidelity=Fidelity.DROPPED, reason="no UDP")])
    ('Needed, and not in this file:', 'AzureCloud/core/any:udp-123: no UDP')
    """
    dropped = tuple(f"{note.id}: {note.reason}" for note in notes if note.fidelity is Fidelity.DROPPED)
    return ("Needed, and not in this file:", *dropped) if dropped else ()


def is_host_pattern(text: str) -> bool:
    """Say whether a text is a host, with stars and placeholders if need be, and nothing else.

    >>> [is_host_pattern(text) for text in ("*.hcp.{region}.azmk8s.io", "*.", "*.com", "10.0.0.1", "x.com:80", "a b")]
    [True, False, False, False, False, False]
    """
    return _HOST.match(text.lower()) is not None


def unmet_notes(resolution: Resolution) -> tuple[FidelityNote, ...]:
    """The rules that could not be expressed at all, as dropped."""
    return tuple(FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=rule.reason) for rule in resolution.unmet)
