"""What the command line prints of rules on a terminal. Colour only there, and never where ``NO_COLOR`` is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aks_egress_catalog import __version__
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.fleet import Fleet, clusters_line
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.azure.fqdn_tag import TagComparison, TagRule
from aks_egress_catalog.exports.export import Export
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.render.flat import COLUMNS, FlatRule, values
from aks_egress_catalog.render.tables import GroupedLine, Terminal, door, print_grouped, print_table


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
                (rule.destination, door(rule.protocol, rule.port), rule.level, rule.alternative),
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
        lines = (GroupedLine(rule.feature, (value, door(rule.protocol, rule.port), rule.level)) for rule, value in each)
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


def print_fidelity(found: Export) -> None:
    """Print what became of each rule, on stderr: stdout may have the configuration itself."""
    rows: list[tuple[str, str]] = []
    for note in found.notes:
        rows.append((note.fidelity, note.id))
        rows += [("", f"  {note.reason}")] if note.reason else []
    print_table(("fidelity", "rule"), rows, stderr=True)
