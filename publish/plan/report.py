"""The report that the scraper wrote beside the catalog: its findings, and the state of each locale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.text.codec import from_json_as, read_with


class UnreadablePageError(AksEgressError):
    """A fact of the page could not be read, so nothing can be published. ``faults`` names each cell."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(
            f"a fact of the page could not be read: {'; '.join(faults) or 'the report does not say which'}"
        )
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class ReportedFinding:
    """One finding of the scraper; ``at`` names locale, heading, table, row and column.

    The rest is there where it is a sentence that nobody has reviewed: its text and digest, the places beside which it
    stands, and the digest of the one that meant something there and went.
    """

    severity: str
    code: str
    at: str
    message: str
    sentence: str = ""
    digest: str = ""
    rules: tuple[str, ...] = ()
    nearest: str = ""

    def __str__(self) -> str:
        return f"{self.at}: {self.message} ({self.code})"


@dataclass(frozen=True, kw_only=True)
class ReportedContradiction:
    """A cell of a locale whose facts differ from those of en-us."""

    at: str
    column: str
    rules: tuple[str, ...]
    en_us: str
    localized: str


@dataclass(frozen=True, kw_only=True)
class LocaleState:
    """The state of one locale. ``texts`` counts the rules that it describes."""

    state: str
    commit: str | None
    updated: str | None
    texts: int
    contradictions: tuple[ReportedContradiction, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def readable(self) -> bool:
        """Whether the page could be read: one that contradicts en-us somewhere, or lags behind, still was."""
        return self.state in ("current", "stale", "untranslated") or self.texts > 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """``report.json`` as it is written."""

    findings: tuple[ReportedFinding, ...]
    locales: dict[str, LocaleState]

    def of(self, severity: str) -> tuple[ReportedFinding, ...]:
        """The findings of one severity: error, hold or note."""
        return tuple(finding for finding in self.findings if finding.severity == severity)


def read_report(file: Path) -> Report:
    """Read a report.

    Raises:
        CatalogError: the file cannot be read, or is no report.
    """
    return read_with(partial(from_json_as, Report), file)
