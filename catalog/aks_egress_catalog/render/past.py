"""What the command line prints on a terminal of what changed: changes, upgrade plans, the life of a rule, days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.rule_card import RuleCard
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.render.tables import GroupedLine, Terminal, door, print_grouped, print_table
from aks_egress_catalog.render.words import describe, place_of


def print_changes(changes: Sequence[Change], *, wide: bool = False) -> None:
    """Print changes, one a line, and below it what differs; without ``wide`` under their day, cloud and feature."""
    if wide:
        rows: list[tuple[str, ...]] = []
        for change in changes:
            rows.append((str(change.date), change.kind, change.severity, _name(change), change.commit[:9]))
            rows += [("", "", "", f"  {line}", "") for line in describe(change)]
        print_table(("date", "change", "severity", "rule", "commit"), rows)
        return
    print_grouped(
        ("change", "severity", "rule"),
        (
            GroupedLine(
                f"{change.date}  {place_of(change)}",
                (change.kind, change.severity, _name(change).split("/", 2)[-1]),
                tuple(describe(change)),
            )
            for change in changes
        ),
    )


def _name(change: Change) -> str:
    return change.rule.id if change.rule else change.place


def print_life(changes: Iterable[Change]) -> None:
    """Print what was announced of one rule."""
    rows: list[tuple[str, ...]] = []
    for change in changes:
        first, *rest = [*describe(change)] or [""]
        rows.append((str(change.date), change.kind, change.severity, change.commit[:9], first))
        rows += [("", "", "", "", line) for line in rest]
    print_table(("date", "change", "severity", "commit", "what"), rows)


def print_plan(plan: UpgradePlan, *, wide: bool = False) -> None:
    """Print an upgrade plan: what to add now, what may go, and what holds under other conditions."""
    console = Terminal()
    console.print(f"from {plan.old} to {plan.new}")
    for title, steps in (("add now", plan.add), ("may go once nothing of yours uses it", plan.may_go)):
        console.print("")
        console.print(f"{title}: {len(steps) or 'nothing'}", style="bold")
        if steps and wide:
            print_table(
                ("cloud", "destination", "protocol", "port", "application", "level", "since"), map(_step_row, steps)
            )
        elif steps:
            print_grouped(("destination", "port", "level", "since"), map(_step_line, steps))
    if plan.conditions:
        console.print("")
        console.print("holds under other conditions", style="bold")
        print_changes(plan.conditions, wide=wide)
    for name in plan.unmet:
        console.print(f"NOT EXPRESSED: {name}", style="bold red")


def _step_line(step: UpgradeStep) -> GroupedLine:
    row = (step.destination, door(step.protocol, step.port), step.level, str(step.since or ""))
    hold = (f"may come back: keep it until {step.keep_until}",) if step.keep_until else ()
    return GroupedLine(step.cloud, row, hold)


def _step_row(step: UpgradeStep) -> tuple[str, ...]:
    hold = f", keep until {step.keep_until}" if step.keep_until else ""
    return (
        step.cloud,
        step.destination,
        step.protocol or "",
        str(step.port or ""),
        step.application or "",
        step.level,
        f"{step.since or ''}{hold}",
    )


def print_rule(card: RuleCard) -> None:
    """Print one rule with its life line."""
    console = Terminal()
    console.print(card.id, style="bold")
    for line in card.lines():
        console.print(f"  {line}")
    console.print("")
    console.print("life", style="bold")
    print_life(card.announced)


def print_dates(dates: Iterable[NamedDate], *, today: dt.date, url: str) -> None:
    """Print the days that the article names, each with how far away it is and where the article says what happens."""
    console = Terminal()
    for named in dates:
        days = (named.date - today).days
        away = "today" if not days else f"in {days} days" if days > 0 else f"{-days} days ago"
        console.print(f"{named}, {away}")
        console.print(f"  {url}#{named.heading}")
