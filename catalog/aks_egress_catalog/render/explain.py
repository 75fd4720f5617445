"""The answer of ``explain`` as lines, JSON, JSON lines and Markdown.

Host names and rule names of a log are anybody's: each reaches its format only through that format's escaper.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.explain import Denied, Explained
from aks_egress_catalog.render.answer import COLOURS
from aks_egress_catalog.render.escaping.code_span import code, fenced
from aks_egress_catalog.text.line import Line
from aks_egress_catalog.text.visible import visible

SCHEMA_VERSION: Final = 1
_CAP: Final = 200
"""So many rows a person still reads; the others are counted."""


def explain_lines(found: Explained) -> Iterator[Line]:
    """Say it to a person: one denied endpoint in a few lines, what is needed first."""
    shown = by_need(found.denied)
    for one in shown[:_CAP]:
        yield from row_lines(one)
    if len(shown) > _CAP:
        yield Line(f"{len(shown) - _CAP} more endpoints are not shown here; --format json has all")
    yield from _aside(found)
    yield from _additions(found)
    yield Line(summary(found))


def row_lines(one: Denied) -> Iterator[Line]:
    """Say of one endpoint what became of it, and what to do."""
    yield Line(f"{one.verdict:<13} {endpoint_of(one)}", COLOURS[one.verdict])
    yield Line(f"  {_count(one.hits, 'time')}, {window(one)}, {sources(one)}{cluster(one)}")
    yield Line(f"  {one.answer.reason}")
    if one.add:
        yield Line(f"  allow: {one.add}{features(one)}")
    yield from (Line(f"  gone: {name} left the page on {day}") for name, day in one.answer.gone.items())
    if one.hint:
        yield Line(f"  hint: {one.hint}", "yellow")


def _aside(found: Explained) -> Iterator[Line]:
    if found.other:
        yield Line("No allow list decides these:")
        for reason, host, port, hits in found.other[:_CAP]:
            yield Line(f"  {_count(hits, 'time')}: {reason} {host}{f':{port}' if port else ''}".rstrip())
    if found.allowed:
        unexplained = [one for one in found.allowed if not one.answer.rules]
        yield Line(f"Let through, and no rule explains it: {len(unexplained)} endpoints")
        yield from (Line(f"  {_count(one.hits, 'time')}: {endpoint_of(one)}") for one in unexplained[:_CAP])
    if found.tag_only:
        yield Line(f"Let through by the FQDN tag alone: {len(found.tag_only)} endpoints")
        yield from (Line(f"  {one.verdict:<13} {endpoint_of(one)}") for one in found.tag_only[:_CAP])
    if found.unused:
        yield Line("Rules that no flow was for in this time; look at them, nothing follows from it:")
        yield from (Line(f"  {name}") for name in found.unused)


def _additions(found: Explained) -> Iterator[Line]:
    for one in found.additions:
        for name, text in one.files.items():
            yield Line(f"To add{f' for {one.cluster}' if one.cluster else ''}, as {one.format} ({name}):", "green")
            yield from (Line(line) for line in text.splitlines())
        yield from (Line(f"{note.fidelity}: {note.id}: {note.reason}", "yellow") for note in one.inexact)


def by_need(rows: tuple[Denied, ...]) -> list[Denied]:
    """Order rows for a person: what is needed first, then by hits."""
    order = list(Verdict)
    return sorted(rows, key=lambda one: (order.index(one.verdict), -one.hits))


def endpoint_of(one: Denied) -> str:
    """Name an endpoint as one writes it: ``host:port`` with the protocol."""
    host = one.host or "(no name)"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}{f':{one.port}' if one.port else ''}{f'/{one.protocol}' if one.protocol else ''}"


def window(one: Denied) -> str:
    """From when to when."""
    if one.first is None or one.last is None:
        return "at no known time"
    return f"{stamp(one.first)} to {stamp(one.last)}" if one.first != one.last else f"at {stamp(one.first)}"


def stamp(time: dt.datetime | None) -> str:
    """A time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


def sources(one: Denied) -> str:
    """From how many sources, and which where they are few."""
    few = one.sources_total <= 3
    return f"from {', '.join(one.sources)}" if few and one.sources else _count(one.sources_total, "source")


def cluster(one: Denied) -> str:
    """Of which cluster, where that is known."""
    return f", cluster {one.cluster}" if one.cluster else ""


def features(one: Denied) -> str:
    """For what, and since when."""
    named = sorted({rule.feature for rule in one.answer.rules})
    since = sorted(one.answer.since.values())
    return f" for {', '.join(named)}{f', on the page since {since[0]}' if since else ''}" if named else ""


def summary(found: Explained) -> str:
    """What was read and found, in one line."""
    counts = {verdict: sum(one.verdict is verdict for one in found.denied) for verdict in Verdict}
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number) or "nothing"
    lines = _count(found.lines, "line")
    aside = f", {found.other_lines} of another kind" if found.other_lines else ""
    aside += f", {found.unreadable} that nobody can read" if found.unreadable else ""
    return f"{lines}{aside}; denied: {said}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def explain_json(found: Explained) -> str:
    """Write the whole answer for a program, by the contract: one endpoint a line."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "data_version": found.data_version,
        "profile": found.profile,
        "window": {"first": stamp(found.first) or None, "last": stamp(found.last) or None},
    }
    tail = {
        "other": [
            {"reason": visible(reason), "host": visible(host), "port": port, "hits": hits}
            for reason, host, port, hits in found.other
        ],
        "lines": found.lines,
        "unreadable": found.unreadable,
        "other_lines": found.other_lines,
        "formats": found.formats,
        "unused": found.unused,
        "additions": [
            {
                "cluster": visible(one.cluster),
                "format": one.format,
                "files": dict(one.files),
                "inexact": [{"id": note.id, "fidelity": note.fidelity, "reason": note.reason} for note in one.inexact],
            }
            for one in found.additions
        ],
        "notes": [visible(note) for note in found.notes],
    }
    lines = [f' "{key}": {_dumps(value)},' for key, value in head.items()]
    for name, rows in (("denied", found.denied), ("allowed", found.allowed), ("tag_only", found.tag_only)):
        body = ",\n  ".join(_dumps(plain(one)) for one in rows)
        lines.append(f' "{name}": [\n  {body}\n ],' if body else f' "{name}": [],')
    lines.append(",\n".join(f' "{key}": {_dumps(value)}' for key, value in tail.items()))
    return "\n".join(("{", *lines, "}", ""))


def explain_jsonl(rows: Iterable[Denied]) -> Iterator[str]:
    """Write each denied endpoint as a line of JSON."""
    return (_dumps(plain(one)) for one in rows)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def plain(one: Denied) -> dict[str, Any]:
    """A row by the contract."""
    return {
        "host": visible(one.host),
        "port": one.port,
        "protocol": one.protocol,
        "hits": one.hits,
        "first": stamp(one.first) or None,
        "last": stamp(one.last) or None,
        "sources": [visible(source) for source in one.sources],
        "sources_total": one.sources_total,
        "cluster": visible(one.cluster),
        "verdict": one.verdict,
        "reason": visible(one.answer.reason),
        "rules": [rule.id for rule in one.answer.rules],
        "features": sorted({rule.feature for rule in one.answer.rules}),
        "since": {name: str(day) for name, day in one.answer.since.items()},
        "gone": {name: str(day) for name, day in one.answer.gone.items()},
        "near": [miss.rule.id for miss in one.answer.near],
        "add": one.add,
        "rule_name": visible(one.rule_name),
        "hint": visible(one.hint),
    }


def explain_markdown(found: Explained) -> str:
    """Write a report for a ticket: the figures, and a table of what was denied."""
    shown = by_need(found.denied)
    lines = [
        "## Denied egress",
        "",
        f"{summary(found)}. Data {code(found.data_version)}; {stamp(found.first) or 'no time'} to"
        f" {stamp(found.last) or 'no time'}.",
        "",
    ]
    if shown:
        lines += ["| verdict | endpoint | hits | when | from | why | allow |", "| --- " * 7 + "|"]
    for one in shown[:_CAP]:
        cells = (
            str(one.verdict),
            _cell(endpoint_of(one)),
            str(one.hits),
            window(one),
            _cell(sources(one)),
            _cell(f"{one.answer.reason}{f'; {one.hint}' if one.hint else ''}"),
            _cell(one.add),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(shown) > _CAP:
        lines += ["", f"{len(shown) - _CAP} more endpoints are not shown here."]
    if found.other:
        lines += ["", "No allow list decides these:", ""]
        lines += [f"- {hits} x {_cell(f'{reason} {host}')}" for reason, host, _, hits in found.other[:_CAP]]
    return "\n".join((*lines, *_markdown_additions(found))) + "\n"


def _markdown_additions(found: Explained) -> Iterator[str]:
    for one in found.additions:
        whose = f" for {code(one.cluster)}" if one.cluster else ""
        for name, text in one.files.items():
            yield from ("", f"### To add{whose}: {code(name)}", "", fenced(text))
        if one.inexact:
            yield ""
        yield from (f"- {code(f'{note.fidelity}: {note.id}: {note.reason}')}" for note in one.inexact)


def _cell(text: str) -> str:
    """A code span within a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|") if text else ""
