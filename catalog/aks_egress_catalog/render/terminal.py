"""What the command line prints on a terminal. Colour only there, and never where ``NO_COLOR`` is set."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aks_egress_catalog import __version__
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.fleet import Fleet, clusters_line
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure.fqdn_tag import TagComparison, TagRule
from aks_egress_catalog.exports.export import Export
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.rule_card import RuleCard
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.render.words import describe
from aks_egress_catalog.text.visible import visible

_STEP_COLUMNS: Final = ("cloud", "destination", "protocol", "port", "application", "level", "since")
_WHOLE: Final = ("destination", "rule")
"""Columns that keep to one line as long as half of the terminal is enough: what is in them gets copied."""


class _Terminal:
    """Prints lines in which nothing from a page can steer the terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        width = None if (sys.stderr if stderr else sys.stdout).isatty() else 1000
        self.console = Console(soft_wrap=True, markup=False, highlight=False, width=width, stderr=stderr)

    def print(self, line: str, *, style: str | None = None, end: str = "\n") -> None:
        self.console.print(visible(line), style=style, end=end)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, stderr: bool = False) -> None:
    """Print rows under column names. What is too wide for the terminal goes on in the next line, and is never cut."""
    shown = [[visible(value) for value in row] for row in rows]
    console = _Terminal(stderr=stderr).console
    out = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        longest = max((len(row[place]) for row in shown), default=0)
        whole = column in _WHOLE and len(column) <= longest <= console.width // 2
        out.add_column(column, overflow="fold", width=longest if whole else None)
    for row in shown:
        out.add_row(*map(Text, row))
    console.print(out)


def print_overview(catalog: Catalog) -> None:
    """Print what the catalog holds and what to ask next."""
    console = _Terminal()
    console.print(f"aks-egress-catalog {__version__}, data {catalog.version}: {len(catalog.rules)} rules,", end=" ")
    console.print(f"facts of {catalog.facts_date}")
    counts = Counter((rule.feature, rule.cloud) for rule in catalog.rules)
    features = sorted({rule.feature for rule in catalog.rules})
    rows = [(feature, *(str(counts[feature, cloud] or "-") for cloud in Cloud)) for feature in features]
    print_table(("feature", *Cloud), rows)
    console.print("")
    console.print("Next:")
    console.print("  aks-egress-catalog resolve --set region=westeurope      the rules of one cluster")
    console.print("  aks-egress-catalog check mcr.microsoft.com              is a denied host one of ours?")
    console.print("  aks-egress-catalog export squid --set region=westeurope a firewall's configuration")
    console.print("  aks-egress-catalog diff 2024-06-01                      what must be added since a day?")


def print_resolution(resolution: Resolution) -> None:
    """Print a resolution: the rules, what is unmet, what is left out, and the caveats."""
    rows = [
        (
            rule.feature,
            value,
            rule.protocol or "",
            str(rule.port or ""),
            rule.application or "",
            rule.level,
            rule.choice,
        )
        for rule in resolution.rules
        for value in rule.values
    ]
    print_table(("feature", "destination", "protocol", "port", "application", "level", "choice"), rows)
    console = _Terminal()
    for rule in resolution.rules:
        if rule.narrower:
            console.print(f"narrower: {rule.id}: {rule.narrower}")
        for remark in (*(f"optional: {why}" for why in (rule.optional,) if why), *rule.remarks, *rule.constraints):
            console.print(f"remark: {rule.id}: {remark}")
    for unmet in resolution.unmet:
        console.print(f"NOT EXPRESSED: {unmet.id}: {unmet.reason}", style="bold red")
    for reason, count in Counter(left.reason for left in resolution.left_out).most_common():
        console.print(f"left out: {count} rules: {reason}")
    if resolution.left_out:
        console.print("Each rule that is left out, by its id: --format json")
    for caveat in resolution.caveats:
        console.print(f"note: {caveat}", style="yellow")


def print_tag_comparison(found: TagComparison) -> None:
    """Print what a firewall with the FQDN tag alone lacks, what is unproven, what it is credited with, and why."""
    console = _Terminal()
    titles = (
        (f"lacks: a firewall with the FQDN tag {found.tag} alone does not let these through", found.lacks),
        ("unproven: the tag may have these or not", found.unproven),
        ("credited: the reports agree that the tag has these", found.credited),
    )
    for title, rules in titles:
        console.print(f"{title}: {len(rules) or 'nothing'}", style="bold")
        by_reason: dict[str, list[TagRule]] = {}
        for rule in rules:
            by_reason.setdefault(rule.reason, []).append(rule)
        for reason, group in by_reason.items():
            if reason:
                console.print(f"  {reason}")
            for rule in group:
                port = f" {rule.protocol} {rule.port}" if rule.protocol else ""
                console.print(f"    {', '.join(rule.values)}{port}, {rule.level}")
        console.print("")
    console.print("evidence", style="bold")
    for evidence in found.evidence:
        console.print(f"  {evidence}")
    console.print(f"doubt: {found.doubt}", style="yellow")


def print_fleet(fleet: Fleet) -> None:
    """Print what several clusters need: how many rules each has, what all need, and what only some do."""
    console, total = _Terminal(), len(fleet.clusters)
    counts = ((one.name, str(len(one.resolution.rules)), str(len(one.resolution.unmet))) for one in fleet.clusters)
    print_table(("cluster", "rules", "not expressed"), counts)
    for title, shared in (
        (f"all {total} clusters need", [(rule, "") for rule in fleet.all_need]),
        ("only some need", [(one.rule, clusters_line(one.clusters, total)) for one in fleet.some_need]),
    ):
        console.print("")
        console.print(f"{title}: {len(shared) or 'nothing'}", style="bold")
        if shared:
            rows = [
                (rule.feature, value, rule.protocol or "", str(rule.port or ""), rule.level, who)
                for rule, who in shared
                for value in rule.values
            ]
            print_table(("feature", "destination", "protocol", "port", "level", "clusters"), rows)
    console.print("")
    for unmet in fleet.union.unmet:
        console.print(f"NOT EXPRESSED: {unmet.id}: {unmet.reason}", style="bold red")
    for caveat in fleet.union.caveats:
        console.print(f"note: {caveat}", style="yellow")
    console.print("The answer of each cluster: --format json")


def print_changes(changes: Iterable[Change]) -> None:
    """Print changes, one a line, and below it what differs."""
    rows: list[tuple[str, ...]] = []
    for change in changes:
        name = change.rule.id if change.rule else change.place
        rows.append((str(change.date), change.kind, change.severity, name, change.commit[:9]))
        rows += [("", "", "", f"  {line}", "") for line in describe(change)]
    print_table(("date", "change", "severity", "rule", "commit"), rows)


def print_plan(plan: UpgradePlan) -> None:
    """Print an upgrade plan: what to add now, what may go, and what holds under other conditions."""
    console = _Terminal()
    console.print(f"from {plan.old} to {plan.new}")
    for title, steps in (("add now", plan.add), ("may go once nothing of yours uses it", plan.may_go)):
        console.print("")
        console.print(f"{title}: {len(steps) or 'nothing'}", style="bold")
        if steps:
            print_table(
                ("cloud", "destination", "protocol", "port", "application", "level", "since"), map(_step_row, steps)
            )
    if plan.conditions:
        console.print("")
        console.print("holds under other conditions", style="bold")
        print_changes(plan.conditions)
    for name in plan.unmet:
        console.print(f"NOT EXPRESSED: {name}", style="bold red")


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
    console = _Terminal()
    console.print(card.id, style="bold")
    for line in card.lines():
        console.print(f"  {line}")
    console.print("")
    console.print("life", style="bold")
    print_changes(card.announced)


def print_fidelity(found: Export) -> None:
    """Print what became of each rule, on stderr: stdout may have the configuration itself."""
    print_table(
        ("fidelity", "rule", "reason"), ((note.fidelity, note.id, note.reason) for note in found.notes), stderr=True
    )
