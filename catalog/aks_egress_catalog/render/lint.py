"""The answer of ``lint`` as lines, JSON, Markdown and GitHub annotations. ``sarif`` has the rest.

What is of a list reaches each only through its own escaper.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.render.escaping.code_span import code
from aks_egress_catalog.render.escaping.log_commands import inert_json
from aks_egress_catalog.render.escaping.workflow_commands import command
from aks_egress_catalog.text.line import Line
from aks_egress_catalog.text.visible import visible

SCHEMA_VERSION: Final = 1
COUNTED: Final = frozenset({Code.NOT_AKS})
"""Findings that only JSON lists; elsewhere they are counted: a list may have a thousand hosts of its owner's."""
_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: ""}
_ANNOTATIONS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_CAP: Final = 200
"""So many rows of Markdown a person still reads."""


def lint_lines(found: Lint) -> Iterator[Line]:
    """Say it to a person: by file, one finding in two or three lines, and the figures."""
    for path, findings in groupby(_shown(found), key=lambda one: one.place.path):
        yield Line(path or "the files as a whole")
        for one in findings:
            where = f"{one.place.line}:{one.place.column}"
            yield Line(f"  {where:<8} {one.level:<7} {one.code}  {one.value}".rstrip(), _COLOURS[one.level])
            yield Line(f"           {one.message}")
            if one.instead:
                yield Line(f"           instead: {one.instead}")
        yield Line("")
    yield Line(summary(found))


def summary(found: Lint) -> str:
    """What was read and found, in one line.

    >>> summary(Lint(data_version="1", profiles=(), findings=(), read=(), notes=()))
    '0 files, 0 entries: nothing to mend'
    """
    files, entries = len(found.read), sum(one.entries for one in found.read)
    skipped = sum(one.skipped for one in found.read)
    counts = {level: sum(one.level is level for one in _shown(found)) for level in Severity}
    said = ", ".join(_count(number, level) for level, number in counts.items() if number) or "nothing to mend"
    others = sum(one.code in COUNTED for one in found.findings)
    aside = f"; {others} entries are for something else than AKS" if others else ""
    aside += f"; {skipped} rules of other kinds were passed over" if skipped else ""
    aside += f"; {_count(len(found.silenced), 'finding')} silenced" if found.silenced else ""
    return f"{_count(files, 'file')}, {entries} entries: {said}{aside}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _shown(found: Lint) -> Iterator[Finding]:
    return (one for one in found.findings if one.code not in COUNTED)


def lint_json(found: Lint) -> str:
    """Write the whole answer for a program, by the contract: one finding a line."""
    profile: object = found.profiles[0] if len(found.profiles) == 1 else list(found.profiles)
    head = {"schema_version": SCHEMA_VERSION, "data_version": found.data_version, "profile": profile}
    lines = [f' "{key}": {_dumps(value)},' for key, value in head.items()]
    for key, rows in (("findings", map(_plain, found.findings)), ("read", map(_read, found.read))):
        body = ",\n  ".join(map(_dumps, rows))
        lines.append(f' "{key}": [\n  {body}\n ],' if body else f' "{key}": [],')
    silenced = [
        _plain(one.finding) | {"why": visible(one.reason), "in_source": one.in_source} for one in found.silenced
    ]
    lines.append(f' "silenced": {_dumps(silenced)},')
    lines.append(f' "notes": {_dumps([visible(note) for note in found.notes])}')
    return inert_json("\n".join(("{", *lines, "}", "")))


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(one: Finding) -> dict[str, Any]:
    place = one.place
    return {
        "code": one.code,
        "level": one.level,
        "value": visible(one.value),
        "message": visible(one.message),
        "path": visible(place.path),
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "rules": one.rules,
        "instead": visible(one.instead),
        "since": one.since or None,
        "policy": visible(one.rule.policy) if one.rule else "",
    }


def _read(one: Any) -> dict[str, Any]:
    return {"path": visible(one.path), "format": one.format, "entries": one.entries, "skipped": one.skipped}


def lint_annotations(found: Lint) -> Iterator[str]:
    """Write each finding as a command of GitHub Actions, which shows it at its line."""
    for one in _shown(found):
        place = {
            "file": one.place.path,
            "line": str(one.place.line),
            "endLine": str(one.place.end_line),
            "col": str(one.place.column),
            "title": f"AKS egress: {one.code} {one.value}".rstrip(),
        }
        yield command(_ANNOTATIONS[one.level], place, _said(one))
    yield command("notice", {"title": "AKS egress"}, summary(found))


def _said(one: Finding) -> str:
    return f"{one.message}; instead: {one.instead}" if one.instead else one.message


def lint_markdown(found: Lint) -> str:
    """Write a summary for a pull request or a job: the figures, and a table of what is wrong."""
    shown = list(_shown(found))
    lines = ["### AKS egress", "", f"{code(found.data_version)} {summary(found)}.", ""]
    if shown:
        lines += ["| | what | value | where | |", "| --- | --- | --- | --- | --- |"]
    for one in sorted(shown, key=lambda one: one.level.rank)[:_CAP]:
        cells = (
            str(one.level),
            str(one.code),
            _cell(one.value),
            _cell(f"{one.place.path}:{one.place.line}"),
            _cell(_said(one)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(shown) > _CAP:
        lines += ["", f"{len(shown) - _CAP} more are not shown here."]
    lines += ["", *(f"- {_cell(note)}" for note in found.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    """A code span within a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|") if text else ""
