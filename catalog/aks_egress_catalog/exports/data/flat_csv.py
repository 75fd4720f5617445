"""The concrete rules as CSV, one value a line: for spreadsheets, reviews and shell pipes.

- RFC 4180 quoting, LF line ends as in ``list --format csv``. Above the names of the columns stand lines that begin with
  ``#``: where the rules came from, for which cluster, and what is not among them. So a new version of the data changes
  one line and not all. ``grep -v '^#'`` takes them away; no other line begins so.
- ``destination`` is the flat form of the catalog: a host pattern, ``cidr:…``, ``tag:…`` or ``*``.
- Rules that are needed and could not be expressed are no lines: nothing that reads the destinations could use them.
- A spreadsheet runs what begins like a formula: such a cell gets a leading apostrophe. No honest destination begins
  so (``*`` and ``*.x`` are plain text); a rule whose destination does, or holds control characters, is dropped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.declaration import EVERYTHING, Declaration
from aks_egress_catalog.exports.export import Export, Fidelity, FidelityNote, Header, lacking_lines, unmet_notes
from aks_egress_catalog.model import Destination

DESCRIPTION: Final = "the concrete rules as CSV, one destination a line"
TARGET: Final = Target(fqdn_in_network_rules=True, service_tags=True)
OPTIONS: Final = ()
DECLARATION: Final = Declaration(title="CSV", ways=(EVERYTHING,), judge="the csv module, lint of this package")
COLUMNS: Final = (
    "id", "feature", "level", "kind", "destination", "protocol", "port", "application", "alternative", "constraints",
    "choice", "narrower", "remarks",
)  # fmt: skip
_LIVE: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the begin of a formula; some fold the full-width forms to the plain ones."""
_AFTER_SEPARATOR: Final = re.compile(rf"(?<=[,;|])(?=\s*[{re.escape(''.join(_LIVE))}])")
"""Where a cell of a comment would begin with a formula."""


def render(resolution: Resolution, header: Header) -> Export:
    """Write one line for each value of each rule.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> catalog = aec.load(as_of="2026-07-02")
    >>> found = catalog.resolve(aec.Profile(recommended=False, private_cluster=True), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="private"))
    >>> export.files["rules.csv"].splitlines()[4].split(",")[4:8]
    ['*.data.mcr.microsoft.com', 'TCP', '443', 'HTTPS']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    notes: list[FidelityNote] = []
    for rule in resolution.rules:
        note = _note(rule)
        notes.append(note)
        if note.fidelity is Fidelity.EXACT:
            writer.writerows(_lines(rule))
    told = (*notes, *unmet_notes(resolution))
    head = [_comment(line) for line in (*header.lines(), *lacking_lines(told))]
    return Export(files={"rules.csv": "".join((*head, ",".join(COLUMNS), "\n", text.getvalue()))}, notes=told)


def _comment(text: str) -> str:
    """Write a line above the columns, of which a spreadsheet makes cells: none is a formula, and no quote opens one."""
    shown = cell(text).replace('"', "'")
    return f"# {_AFTER_SEPARATOR.sub(chr(39), shown)}\n"


def _note(rule: ConcreteRule) -> FidelityNote:
    """Judge a rule: a destination that would have to be altered is none that anybody could use."""
    try:
        altered = [value for value in _destinations(rule) if cell(value) != value]
    except ValueError as error:
        return FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=str(error))
    if altered:
        reason = f"a spreadsheet cannot carry the destination {altered[0]!a} as it is"
        return FidelityNote(id=rule.id, fidelity=Fidelity.DROPPED, reason=reason)
    return FidelityNote(id=rule.id, fidelity=Fidelity.EXACT)


def _destinations(rule: ConcreteRule) -> Iterator[str]:
    return (str(Destination(form=rule.form, value=value)) for value in rule.values)


def _lines(rule: ConcreteRule) -> Iterator[list[str]]:
    for destination in _destinations(rule):
        fields = (
            rule.id,
            rule.feature,
            rule.level,
            rule.kind,
            destination,
            rule.protocol or "",
            str(rule.port or ""),
            rule.application or "",
            rule.alternative,
            ";".join(rule.constraints),
            rule.choice,
            rule.narrower,
            "; ".join(rule.remarks),
        )
        yield [cell(field) for field in fields]


def cell(text: str) -> str:
    r"""Make a text one that no spreadsheet runs and no reader takes for two cells or lines.

    Control characters are shown escaped: they are what a formula hides behind, and a bare CR ends a line.

    >>> cell("*.hcp.westeurope.azmk8s.io"), cell("=HYPERLINK(1)"), cell("\tx")
    ('*.hcp.westeurope.azmk8s.io', "'=HYPERLINK(1)", '\\tx')
    """
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return f"'{shown}" if shown.lstrip().startswith(_LIVE) else shown
