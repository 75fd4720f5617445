"""Findings: what a person may have to look at on a page, and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from aks_egress_catalog.errors import AksEgressError


class Severity(StrEnum):
    """How far a finding reaches, gravest first."""

    ERROR = "error"
    """A fact could not be read: no catalog is written for that page."""
    HOLD = "hold"
    """Readable, but a person must look before anything is published."""
    NOTE = "note"
    """Worth knowing."""


class Place(NamedTuple):
    """Where on a page: ``<locale>#<heading id>/table[n]/row[n]/<column>``, as far as it is known.

    >>> str(Place(locale="en-us", heading="azure-policy", table=1, row=2, column="port"))
    'en-us#azure-policy/table[1]/row[2]/port'
    """

    locale: str
    heading: str = ""
    table: int = 0
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        parts = [
            f"{self.locale}#{self.heading}" if self.heading else self.locale,
            f"table[{self.table}]" if self.table else "",
            f"row[{self.row}]" if self.row else "",
            self.column,
        ]
        return "/".join(part for part in parts if part)


class Unreviewed(NamedTuple):
    """A sentence that nobody has reviewed where it stands: what a person needs to review it."""

    sentence: str
    digest: str
    rules: tuple[str, ...]
    """The places beside which it stands, as ``reviewed.json`` names them: mostly ids of rules."""
    nearest: str = ""
    """The digest of the sentence that meant something at one of these places and went, if one did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a person may have to look at; ``unreviewed`` only where it is a sentence."""

    severity: Severity
    code: str
    at: Place
    message: str
    unreviewed: Unreviewed | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of one entry of ``findings`` in ``report.json``."""
        return {
            "severity": str(self.severity),
            "code": self.code,
            "at": str(self.at),
            "message": self.message,
            **(self.unreviewed._asdict() if self.unreviewed else {}),
        }

    def __str__(self) -> str:
        return f"{self.severity} {self.code} at {self.at}: {self.message}"


class PageError(AksEgressError):
    """A page could not be read whole. ``findings`` has every independent fault, not only the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class Reporter(NamedTuple):
    """Collects findings for one place, so that all independent faults are reported, not only the first."""

    place: Place
    findings: list[Finding]

    def at(
        self, *, heading: str | None = None, table: int | None = None, row: int | None = None, column: str = ""
    ) -> Reporter:
        """A reporter for a narrower place; its findings go to the same list."""
        here = self.place
        place = Place(
            here.locale,
            here.heading if heading is None else heading,
            here.table if table is None else table,
            here.row if row is None else row,
            column,
        )
        return Reporter(place, self.findings)

    @classmethod
    def of(cls, locale: str) -> Reporter:
        """Start an empty collection for one page."""
        return cls(Place(locale), [])

    def error(self, code: str, message: str) -> None:
        """Report that a fact could not be read."""
        self._add(Severity.ERROR, code, message)

    def hold(self, code: str, message: str) -> None:
        """Report what a person must look at before anything is published."""
        self._add(Severity.HOLD, code, message)

    def hold_sentence(self, unreviewed: Unreviewed, message: str) -> None:
        """Report a sentence that nobody has reviewed where it stands."""
        finding = Finding(
            severity=Severity.HOLD, code="unreviewed-sentence", at=self.place, message=message, unreviewed=unreviewed
        )
        self.findings.append(finding)

    def note(self, code: str, message: str) -> None:
        """Report what is worth knowing."""
        self._add(Severity.NOTE, code, message)

    def repeat(self, findings: Iterable[Finding]) -> None:
        """Report at this place what was found in the same text elsewhere."""
        for finding in findings:
            self._add(finding.severity, finding.code, finding.message)

    def _add(self, severity: Severity, code: str, message: str) -> None:
        self.findings.append(Finding(severity=severity, code=code, at=self.place, message=message))
