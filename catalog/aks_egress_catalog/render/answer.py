"""The answer about one endpoint as lines of text, each with how it looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aks_egress_catalog.ask.check import Answer, Verdict


class Line(NamedTuple):
    """A line, and the name of its colour; empty for none."""

    text: str
    colour: str = ""


_COLOURS = {Verdict.COVERED: "green", Verdict.POSSIBLE: "yellow", Verdict.NOT_COVERED: "red"}


def answer_lines(answer: Answer) -> Iterator[Line]:
    """Say what covers an endpoint, or what comes near it."""
    yield Line(f"{answer.endpoint}: {answer.verdict}", _COLOURS[answer.verdict])
    for rule in answer.rules:
        conditions = "; ".join(map(str, answer.conditions[rule.id])) or "always"
        since = f", on the page since {answer.since[rule.id]}" if rule.id in answer.since else ""
        missing = f", {rule.lifecycle.status} since {rule.lifecycle.since}" if rule.lifecycle.since else ""
        yield Line(f"  {rule.id}  {rule.level}, {conditions}{since}{missing}")
    for rule in answer.possible:
        yield Line(f"  possible: {rule.id} {answer.depends[rule.id]}")
    for miss in answer.near:
        yield Line(f"  near: {miss.rule.id}: {miss.why_not}")
    if not answer.rules:
        for name, day in answer.gone.items():
            yield Line(f"  gone: {name} left the page on {day}")
    for advisory in answer.advisories:
        yield Line(f"  advisory: {advisory}", "yellow")
