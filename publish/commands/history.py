"""The commands over the history: make it from catalogs, write its changelog, judge its commits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.history.announced import announced
from aks_egress_catalog.history.history_file import history_json, read_history
from aks_egress_catalog.history.revisions import read_day
from publish.commands.shared import BAD_INPUT, HISTORY, PATH, day_or_today, stderr, stdout
from publish.plan.alerts import revision_alerts
from publish.plan.changelog import changelog as write_changelog
from publish.plan.timeline import backfill as make_history

_CHANGELOG: Final = Path(__file__).parents[2] / "catalog" / "CHANGELOG.md"


@click.command()
@click.argument("catalogs", nargs=-1, required=True, type=PATH)
@click.option("--out", type=PATH, default=HISTORY, help="File to write; default: the shipped history.")
def backfill(catalogs: tuple[Path, ...], out: Path) -> None:
    """Write the history of the pages that CATALOGS (files, or folders of them) were read from.

    Exit 3 if one could not be read; the others are still in it.
    """
    found = make_history(catalogs)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(history_json(found.history), encoding="utf-8")
    for commit in found.left_out:
        stdout.print(f"left out: {commit[:9]} never was on the page", markup=False)
    for fault in found.faults:
        stderr.print(f"error: {fault}", markup=False)
    events = found.history.events
    moved = sum(event.changes_rules for event in events)
    stdout.print(f"{len(events)} revisions, {moved} of which changed rules, in {out}", markup=False)
    sys.exit(BAD_INPUT if found.faults else 0)


@click.command()
@click.option("--history", type=PATH, default=HISTORY, help="History to read; default: the shipped one.")
@click.option("--out", type=PATH, default=_CHANGELOG, show_default=True)
@click.option("--today", metavar="DATE", help="Last day of the changelog; default: today, UTC.")
def changelog(history: Path, out: Path, today: str | None) -> None:
    """Write the changelog of the data."""
    known = announced(read_history(history), today=day_or_today(today))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(write_changelog(known.changes), encoding="utf-8")
    stdout.print(f"wrote {out}", markup=False)


@click.command()
@click.option("--history", type=PATH, default=HISTORY, help="History to read; default: the shipped one.")
@click.option("--since", metavar="DATE", help="First day to judge.")
def alerts(history: Path, since: str | None) -> None:
    """List each upstream commit with whether it changed the requirements, and the share that did."""
    found = revision_alerts(read_history(history), since=read_day(since) if since else None)
    table = Table("date", "commit", "alert", "what it did to the rules", box=None, pad_edge=False)
    for one in found:
        table.add_row(str(one.event.day), one.event.commit[:9], "yes" if one.notify else "", Text(one.reason))
    stdout.print(table)
    notified = sum(one.notify for one in found)
    if found:
        stdout.print(f"a watcher of the file alerts on {len(found)} of {len(found)} commits (100 %),", markup=False)
        stdout.print(f"this project on {notified} ({100 * notified / len(found):.0f} %)", markup=False)
