"""The answer about one endpoint, as lines of text or as a JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json import JSONEncoder
from typing import Any, Final

from aks_egress_catalog.ask.answer import Answer, Unreadable, Verdict
from aks_egress_catalog.text.line import Line
from aks_egress_catalog.text.visible import visible

COLOURS: Final = dict.fromkeys(Verdict, "red") | {
    Verdict.REQUIRED: "green",
    Verdict.REQUIRED_IF: "green",
    Verdict.RECOMMENDED: "green",
    Verdict.INFORMATIONAL: "green",
    Verdict.KNOWN_GAP: "yellow",
    Verdict.UNNAMED: "yellow",
}
_LISTS: Final = ("rules", "near", "advisories", "needs")
_ENCODE: Final = JSONEncoder(ensure_ascii=False).encode


def answer_lines(answer: Answer | Unreadable) -> Iterator[Line]:
    """Say the verdict and why, then the rules that it rests on, or what comes near."""
    if isinstance(answer, Unreadable):
        yield Line(f"{answer.text}: {answer.verdict}, {answer.error}", COLOURS[answer.verdict])
        return
    yield Line(f"{answer.endpoint}: {answer.verdict}, {answer.reason}", COLOURS[answer.verdict])
    for rule in answer.rules:
        if rule.id in answer.left_out:
            yield Line(f"  {rule.id}: {answer.left_out[rule.id]}")
            continue
        conditions = "; ".join(map(str, answer.conditions[rule.id])) or "always"
        since = f", on the page since {answer.since[rule.id]}" if rule.id in answer.since else ""
        missing = f", {rule.lifecycle.status} since {rule.lifecycle.since}" if rule.lifecycle.since else ""
        yield Line(f"  {rule.id}  {rule.level}, {conditions}{since}{missing}")
    for miss in answer.near:
        yield Line(f"  near: {miss.rule.id}: {miss.why_not}")
    if not answer.rules:
        for name, day in answer.gone.items():
            yield Line(f"  gone: {name} left the page on {day}")
    for advisory in answer.advisories:
        yield Line(f"  advisory: {advisory}", "yellow")


def answers_json(answers: Iterable[Answer | Unreadable]) -> Iterator[str]:
    """Yield the pieces of a JSON list, one object a line: ``endpoint``, ``verdict``, ``reason`` and the rest.

    ``rules`` are ids; ``gone`` and ``since`` give days by ids; ``error`` is there for what cannot be read, and only
    there.
    """
    before = "[\n"
    for answer in answers:
        yield f"{before} {_ENCODE(_plain(answer))}"
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _plain(answer: Answer | Unreadable) -> dict[str, Any]:
    if isinstance(answer, Unreadable):
        text, error = visible(answer.text), visible(answer.error)  # it may hold what no text can be written with
        said = {"endpoint": text, "verdict": answer.verdict, "reason": error, "error": error}
        return {**said, **dict.fromkeys(_LISTS, ()), "gone": {}, "since": {}}
    return {
        "endpoint": str(answer.endpoint),
        "verdict": answer.verdict,
        "reason": answer.reason,
        "rules": [rule.id for rule in answer.rules],
        "near": [{"rule": miss.rule.id, "why_not": miss.why_not} for miss in answer.near],
        "gone": {name: str(day) for name, day in answer.gone.items()},
        "since": {name: str(day) for name, day in answer.since.items()},
        "advisories": [
            {
                "id": one.id,
                "kind": "gap" if one.fix else "note",
                "date": str(one.date),
                "message": one.message,
                "reading": one.reading,
                "seen": one.seen,
                "evidence": one.evidence,
            }
            for one in answer.advisories
        ],
        "needs": answer.needs,
    }
