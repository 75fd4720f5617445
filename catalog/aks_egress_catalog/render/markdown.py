"""Changes, plans and rules as Markdown.

Whatever came from a page stands in a code span, where nothing in it is live: no mention, no reference to an issue, no
link, no image and no HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from aks_egress_catalog.cluster.advisories import Advisory
from aks_egress_catalog.history.changes import Change, ChangeKind
from aks_egress_catalog.history.rule_card import RuleCard
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.model import Rule
from aks_egress_catalog.render.escaping.code_span import code
from aks_egress_catalog.render.words import describe, place_of

CAP: Final = 100
"""So many changes a reader still reads; the others are counted, and stand in the full file."""


def endpoint(rule: Rule) -> str:
    """Name the endpoint of a rule: its alternatives, the port and what is spoken on it."""
    names = " or ".join(code(str(destination)) for destination in rule.destinations)
    port = f" {rule.protocol} {rule.port}" if rule.protocol else ""
    spoken = f" ({rule.application})" if rule.application else ""
    return f"{names}{port}{spoken}"


def changes_markdown(changes: Sequence[Change], *, full: str = "", cap: int = CAP, level: int = 2) -> str:
    """Render changes as a reviewer reads them: by cloud and feature, at most ``cap``, then a pointer to ``full``."""
    if not changes:
        return "Nothing that the rules ask for changed.\n"
    lines: list[str] = []
    shown = sorted(changes, key=place_of)[:cap]
    for place, group in groupby(shown, key=place_of):
        lines += [f"{'#' * level} {place}", ""]
        for change in group:
            lines += change_lines(change)
        lines.append("")
    if len(changes) > cap:
        lines += [f"{len(changes) - cap} more changes are not shown here{f'; all are in {full}' if full else ''}.", ""]
    return "\n".join(lines)


def change_lines(change: Change) -> Iterator[str]:
    """One bullet a change, and below it what differs."""
    kind = f"**{change.kind}** ({change.severity})"
    if change.rule:
        where = f" [{code(change.locale)}]" if change.locale else ""
        yield f"- {kind}{where} {endpoint(change.rule)}, {change.rule.level}"
    else:
        yield f"- {kind}"
    yield from (f"  - {code(line)}" for line in describe(change))
    if change.kind is ChangeKind.TEXT:
        yield f"  - was: {', '.join(map(code, change.texts_before)) or 'nothing'}"
        yield f"  - is: {', '.join(map(code, change.texts_after)) or 'nothing'}"


def announced_markdown(changes: Iterable[Change], *, level: int = 2) -> str:
    """Render what was told over time, newest day first."""
    days = groupby(sorted(changes, key=lambda change: str(change.date), reverse=True), key=lambda change: change.date)
    lines: list[str] = []
    for day, group in days:
        lines += [f"{'#' * level} {day}", ""]
        for place, found in groupby(sorted(group, key=place_of), key=place_of):
            lines.append(f"{place}:")
            lines.append("")
            for change in found:
                lines += change_lines(change)
            lines.append("")
    return "\n".join(lines) if lines else "Nothing was told.\n"


def plan_markdown(plan: UpgradePlan) -> str:
    """Render an upgrade plan."""
    lines = [f"# From {code(plan.old)} to {code(plan.new)}", "", "## Add now", ""]
    lines += [_step(step) for step in plan.add] or ["Nothing."]
    lines += ["", "## No longer asked for: may go once nothing of yours uses it", ""]
    lines += [_step(step) for step in plan.may_go] or ["Nothing."]
    if plan.conditions:
        lines += ["", "## Holds under other conditions", ""]
        lines += [line for change in plan.conditions for line in change_lines(change)]
    if plan.unmet:
        lines += ["", "## Cannot be expressed without further input", "", *(f"- {code(name)}" for name in plan.unmet)]
    return "\n".join([*lines, ""])


def rule_markdown(card: RuleCard) -> str:
    """Render one rule with its life line."""
    lines = [f"# {code(card.id)}", "", *(f"- {code(line)}" for line in card.lines()), "", "## Life", ""]
    for change in card.announced:
        lines.append(f"- {change.date}: {change.kind} ({change.severity})")
        lines += [f"  - {code(line)}" for line in describe(change)]
    return "\n".join([*lines, ""])


def advisory_markdown(advisory: Advisory) -> str:
    """Render one advisory."""
    title, *rest = advisory.lines()
    return "\n".join([f"# {code(title)}", "", *(f"- {code(line)}" for line in rest), ""])


def _step(step: UpgradeStep) -> str:
    port = f" {step.protocol} {step.port}" if step.protocol else ""
    spoken = f" ({step.application})" if step.application else ""
    since = f", since {step.since}" if step.since else ""
    hold = f", may come back until {step.keep_until}: keep it till then" if step.keep_until else ""
    return (
        f"- {step.cloud}: {code(step.destination)}{port}{spoken}, {', '.join(step.features)}, {step.level}{since}{hold}"
    )
