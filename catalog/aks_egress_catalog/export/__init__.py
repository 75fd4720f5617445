"""Exports: a resolution in, the files of one firewall out. One module a format, all registered here.

Each format says what its target can express (``TARGET``) and tells, for every rule, how faithful the outcome is.
Values reach a file only through the target's own serializer or quoting function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from aks_egress_catalog.errors import AksEgressError

if TYPE_CHECKING:
    from aks_egress_catalog.resolve import Resolution, Target


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


class Format(Protocol):
    """What a module of this package offers."""

    DESCRIPTION: str
    TARGET: Target

    @staticmethod
    def render(resolution: Resolution, header: Header) -> Export:
        """Write a resolution for this target."""


FORMATS: Final = {
    "json": "canonical_json",
    "csv": "flat_csv",
    "azure-firewall-arm": "azure_firewall_arm",
    "azure-firewall-bicep": "azure_firewall_bicep",
    "azure-firewall-terraform": "azure_firewall_terraform",
    "paloalto": "paloalto",
    "squid": "squid",
}
"""Module by format name."""


def load_format(name: str) -> Format:
    """Import the module of a format, and only that.

    Raises:
        AksEgressError: there is no such format.
    """
    if name not in FORMATS:
        raise AksEgressError(f"no format {name!r}; there is: {', '.join(FORMATS)}")
    module: Format = import_module(f"aks_egress_catalog.export.{FORMATS[name]}")  # type: ignore[assignment]  # a module
    return module


def is_host_pattern(text: str) -> bool:
    """Say whether a text is a host, with stars and placeholders if need be, and nothing else.

    >>> [is_host_pattern(text) for text in ("*.hcp.{region}.azmk8s.io", "*.", "*.com", "10.0.0.1", "x.com:80", "a b")]
    [True, False, False, False, False, False]
    """
    return _HOST.match(text.lower()) is not None


def unmet_notes(resolution: Resolution) -> tuple[FidelityNote, ...]:
    """The rules that could not be expressed at all, as dropped."""
    return tuple(FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=rule.reason) for rule in resolution.unmet)
