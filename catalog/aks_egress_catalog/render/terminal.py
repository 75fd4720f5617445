"""What the command line prints on a terminal. Colour only there, and never where ``NO_COLOR`` is set."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

from aks_egress_catalog import __version__
from aks_egress_catalog.catalog import Catalog, NamedDate
from aks_egress_catalog.cluster.fleet import Fleet, clusters_line
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure.fqdn_tag import TagComparison, TagRule
from aks_egress_catalog.exports.export import Export
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.rule_card import RuleCard
from aks_egress_catalog.history.upgrade import UpgradePlan, UpgradeStep
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.render.flat import COLUMNS, FlatRule, values
from aks_egress_catalog.render.tables import GroupedLine, Terminal, print_grouped, print_table
from aks_egress_catalog.render.words import describe, place_of


def _door(protocol: str | None, port: str | int | None) -> str:
    return f"{protocol} {port}" if protocol else ""


def print_overview(catalog: Catalog) -> None:
    """Print what the catalog holds and what to ask next."""
    console = Terminal()
    console.print(f"aks-egress-catalog {__version__}, data {catalog.version}: {len(catalog.rules)} rules,", end=" ")
    console.print(f"facts of {catalog.facts_date}")
    counts = Counter((rule.feature, rule.cloud) for rule in catalog.rules)
    features = sorted({rule.feature for rule in catalog.rules})
    rows = [(feature, *(str(counts[feature, cloud] or "-") for cloud in Cloud)) for feature in features]
    print_table(("feature", *Cloud), rows)
    console.print("")
    console.print("Next:")
    console.print("  aks-egress-catalog resolve --set region=uksouth       the rules of one cluster")
    console.print("  aks-egress-catalog check mcr.microsoft.com            is a denied host one of ours?")
    console.print("  aks-egress-catalog export squid --set region=uksouth  a firewall's configuration")
    console.print("  aks-egress-catalog diff 2024-06-01                    what is to be added since?")


def print_rules(rules: Iterable[FlatRule], *, wide: bool) -> None:
    """Print rules, one alternative a line, under their cloud and feature; or every column of each, with ``wide``."""
    if wide:
        print_table(COLUMNS, map(values, rules))
        return
    print_grouped(
        ("destination", "port", "level", "alt"),
        (
            GroupedLine(
                f"{rule.cloud} / {rule.feature}",
                (rule.destination, _door(rule.protocol, rule.port), rule.level, rule.alternative),
            )
            for rule in rules
        ),
    )


def print_resolution(resolution: Resolution, *, wide: bool = False) -> None:
    """Print a resolution: the rules, what is unmet, what is left out, and the caveats."""
    each = [(rule, value) for rule in resolution.rules for value in rule.values]
    if wide:
        rows = (
            (
                rule.feature,
                value,
                rule.protocol or "",
                str(rule.port or ""),
                rule.application or "",
                rule.level,
                rule.choice,
            )
            for rule, value in each
        )
        print_table(("feature", "destination", "protocol", "port", "application", "level", "choice"), rows)
    else:
        lines = (
            GroupedLine(rule.feature, (value, _door(rule.protocol, rule.port), rule.level)) for rule, value in each
        )
        print_grouped(("destination", "port", "level"), lines)
    console = Terminal()
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
    console = Terminal()
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
    console, total = Terminal(), len(fleet.clusters)
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
    row = (step.destination, _door(step.protocol, step.port), step.level, str(step.since or ""))
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


def print_fidelity(found: Export) -> None:
    """Print what became of each rule, on stderr: stdout may have the configuration itself."""
    rows: list[tuple[str, str]] = []
    for note in found.notes:
        rows.append((note.fidelity, note.id))
        rows += [("", f"  {note.reason}")] if note.reason else []
    print_table(("fidelity", "rule"), rows, stderr=True)
