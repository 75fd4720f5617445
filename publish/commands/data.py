"""Commands over catalogs and histories: what differs, what was, what was told."""

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
from aks_egress_catalog.render.markdown import changes_markdown
from aks_egress_catalog.store import load, read_texts
from aks_egress_catalog.text.codec import to_json
from publish.commands.shared import BAD_INPUT, HISTORY, NO, PATH, day_or_today, stderr, stdout

_CHANGELOG: Final = Path(__file__).parents[2] / "catalog" / "CHANGELOG.md"


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="markdown", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit 1 if anything differs.")
def diff(old: Path, new: Path, form: str, *, exit_code: bool) -> None:
    """Say what a user of the catalog OLD must know of NEW.

    Texts are compared where a folder texts/ lies beside each file.
    """
    from publish.plan.diff import diff as diff_catalogs  # noqa: PLC0415  - deepdiff costs the other commands a while

    texts = [read_texts(file.parent / "texts") for file in (old, new)]
    for file, found in zip((old, new), texts, strict=True):
        if found is None:
            stderr.print(f"note: texts are not compared: there is no texts/ beside {file}", markup=False)
    changes = diff_catalogs(load(old), load(new), old_texts=texts[0], new_texts=texts[1])
    if form == "json":
        click.echo(to_json(changes), nl=False)
    else:
        click.echo(changes_markdown(changes.changes, full=f"publish diff {old} {new} --format json"), nl=False)
    sys.exit(NO if exit_code and changes.changes else 0)


@click.command()
@click.argument("catalogs", nargs=-1, required=True, type=PATH)
@click.option("--out", type=PATH, default=HISTORY, help="File to write; default: the shipped history.")
def backfill(catalogs: tuple[Path, ...], out: Path) -> None:
    """Write the history of the pages that CATALOGS (files, or folders of them) were read from.

    Exit 3 if one could not be read; the others are still in it.
    """
    from publish.plan.timeline import backfill as make_history  # noqa: PLC0415  - only this command's

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
@click.option("--today", metavar="DATE", help="Last day to tell of; default: today, UTC.")
def changelog(history: Path, out: Path, today: str | None) -> None:
    """Write the changelog of the data."""
    from publish.plan.changelog import changelog as write_changelog  # noqa: PLC0415  - only this command's

    known = announced(read_history(history), today=day_or_today(today))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(write_changelog(known.changes), encoding="utf-8")
    stdout.print(f"wrote {out}", markup=False)


@click.command()
@click.option("--history", type=PATH, default=HISTORY, help="History to read; default: the shipped one.")
@click.option("--since", metavar="DATE", help="First day to judge.")
def alerts(history: Path, since: str | None) -> None:
    """Say for each upstream commit whether it moved the requirements, and what share did."""
    from publish.plan.alerts import revision_alerts  # noqa: PLC0415  - only this command's

    found = revision_alerts(read_history(history), since=read_day(since) if since else None)
    table = Table("date", "commit", "alert", "what it did to the rules", box=None, pad_edge=False)
    for one in found:
        table.add_row(str(one.event.day), one.event.commit[:9], "yes" if one.notify else "", Text(one.reason))
    stdout.print(table)
    told = sum(one.notify for one in found)
    if found:
        stdout.print(f"a watcher of the file alerts on {len(found)} of {len(found)} commits (100 %),", markup=False)
        stdout.print(f"this project on {told} ({100 * told / len(found):.0f} %)", markup=False)
