"""The answer of ``explain`` as one HTML file for a ticket: figures, a timeline of denials, a table. No script.

Everything of a log passes through :func:`html.escape` on its way in, and there is one way in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html import escape
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.explain import Denied, Explained
from aks_egress_catalog.logs.gather import Timeline
from aks_egress_catalog.render.explain import by_need, endpoint_of, sources, stamp, summary, window
from aks_egress_catalog.text.visible import visible

_CAP: Final = 1_000
_WIDE, _HIGH, _FOOT = 960, 160, 24
"""Size of the timeline, and of the line below it with the times."""
_MARKS: Final = {
    Verdict.REQUIRED: "#b3261e",
    Verdict.REQUIRED_IF: "#c2570c",
    Verdict.RECOMMENDED: "#8a6d00",
    Verdict.KNOWN_GAP: "#7b3fa0",
}
_OTHER: Final = "#767680"
_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; font-weight: bold; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8888 }
td { overflow-wrap: anywhere }
.verdict { font-weight: bold; white-space: nowrap }
.number { text-align: right }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8888 }
svg { width: 100%; height: auto }
svg text { fill: currentColor; font-size: 12px }
"""


def explain_html(found: Explained) -> str:
    """Write the page."""
    shown = by_need(found.denied)
    rest = f"<p>{len(shown) - _CAP} more endpoints are not shown here.</p>" if len(shown) > _CAP else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Denied egress of AKS</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>Denied egress of AKS</h1>\n<p>{_text(summary(found))}.</p>\n"
        f"<p>{_text(stamp(found.first) or 'no time')} to {_text(stamp(found.last) or 'no time')};"
        f" data {_text(found.data_version)}.</p>\n"
        f"{''.join(_timeline(found.timeline))}{_table(shown[:_CAP])}{rest}{_aside(found)}{''.join(_additions(found))}</main>\n</body>\n</html>\n"
    )


def _text(value: object) -> str:
    return escape(visible(str(value)))


def _table(rows: list[Denied]) -> str:
    if not rows:
        return "<p>Nothing was denied.</p>\n"
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Verdict", "Endpoint", "Hits", "When", "From", "Why"))
    return (
        f"<table>\n<caption>Denied endpoints</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        f"{''.join(map(_row, rows))}</tbody>\n</table>\n"
    )


def _row(one: Denied) -> str:
    allow = f"<br>allow: <code>{_text(one.add)}</code>" if one.add else ""
    hint = f"<br>{_text(one.hint)}" if one.hint else ""
    colour = _MARKS.get(one.verdict, _OTHER)
    return (
        f'<tr><td class="verdict"><span style="color:{colour}" aria-hidden="true">&#9632;</span> {_text(one.verdict)}'
        f'</td><td><code>{_text(endpoint_of(one))}</code></td><td class="number">{one.hits}</td>'
        f"<td>{_text(window(one))}</td><td>{_text(sources(one))}</td>"
        f"<td>{_text(one.answer.reason)}{allow}{hint}</td></tr>\n"
    )


def _aside(found: Explained) -> str:
    rows = "".join(
        f"<li>{hits} &#215; {_text(reason)} <code>{_text(host)}</code></li>\n"
        for reason, host, _, hits in found.other[:_CAP]
    )
    return f"<h2>No allow list decides these</h2>\n<ul>\n{rows}</ul>\n" if rows else ""


def _additions(found: Explained) -> Iterator[str]:
    for one in found.additions:
        for name, text in one.files.items():
            whose = f" for {_text(one.cluster)}" if one.cluster else ""
            yield f"<h2>To add{whose}: {_text(name)}</h2>\n<pre>{escape(text)}</pre>\n"
        notes = (f"<li>{_text(note.fidelity)}: {_text(note.id)}: {_text(note.reason)}</li>\n" for note in one.inexact)
        yield f"<ul>\n{''.join(notes)}</ul>\n" if one.inexact else ""


def _timeline(timeline: Timeline) -> Iterator[str]:
    """Draw the denials over time as stacked bars, each verdict in its colour, and say the most in words."""
    steps = sorted({step for counts in timeline.steps.values() for step in counts})
    if not steps:
        return
    first, last = steps[0], steps[-1]
    totals = {step: sum(counts[step] for counts in timeline.steps.values()) for step in steps}
    highest = max(totals.values())
    width = _WIDE / (last - first + 1)
    peak = max(totals, key=lambda step: totals[step])
    told = f"most, {highest}, in the {_length(timeline.width)} from {_at(peak, timeline.width)}"
    yield f'<figure>\n<svg viewBox="0 0 {_WIDE} {_HIGH + _FOOT}" role="img"'
    yield f' aria-label="Denials over time: {_text(told)}">\n'
    for step in steps:
        base = float(_HIGH)
        for verdict in Verdict:
            count = timeline.steps[verdict][step] if verdict in timeline.steps else 0
            if count:
                height = _HIGH * count / highest
                base -= height
                colour = _MARKS.get(verdict, _OTHER)
                yield (
                    f'<rect x="{(step - first) * width:.1f}" y="{base:.1f}" width="{max(width - 1, 1):.1f}"'
                    f' height="{height:.1f}" fill="{colour}"><title>{_text(verdict)}: {count}</title></rect>\n'
                )
    yield f'<text x="0" y="{_HIGH + 16}">{_text(_at(first, timeline.width))}</text>\n'
    yield f'<text x="{_WIDE}" y="{_HIGH + 16}" text-anchor="end">{_text(_at(last + 1, timeline.width))}</text>\n'
    yield "</svg>\n"
    yield f"<figcaption>Denials over time; {_text(told)}.</figcaption>\n</figure>\n"


def _at(step: int, width: int) -> str:
    return stamp(dt.datetime.fromtimestamp(step * width, dt.UTC))


def _length(seconds: int) -> str:
    return f"{seconds // 3600} hours" if seconds % 3600 == 0 else f"{seconds // 60} minutes"
