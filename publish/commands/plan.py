"""``python -m publish plan``: judge what was read, and write what would be published."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.text.codec import to_json
from publish.commands.shared import HELD, day_or_today, stage_options, stderr, stdout
from publish.config import read_config
from publish.github.markdown import change_counts, gate_markdown
from publish.plan.check import GateVerdict
from publish.plan.gate import Gate
from publish.plan.proposal import propose
from publish.plan.proposal_files import read_published, read_todays_reading, write_proposal
from publish.plan.released import read_released


@click.command()
@stage_options
@click.option("--today", metavar="DATE", help="Day to plan for; default: today, UTC.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def plan(out: Path, root: Path, file: Path, today: str | None, form: str) -> None:
    """Judge what `python -m scraper build` left in OUT, and write what would be published.

    Writes proposal.json, changes.json and the files below proposal/. Exit 4 where the gate holds or refuses.
    """
    proposal = propose(
        read_published(root),
        read_todays_reading(out),
        config=read_config(file),
        today=day_or_today(today),
        released=read_released(out),
    )
    write_proposal(proposal, out)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(gate_markdown(proposal.gate))
    if form == "json":
        click.echo(to_json(proposal.gate), nl=False)
    else:
        _print_gate(proposal.gate)
        due = "due" if proposal.due else "not due"
        stdout.print(f"{proposal.version}: {change_counts(proposal)}; {due}", markup=False)
    sys.exit(0 if proposal.gate.verdict is GateVerdict.PUBLISH else HELD)


def _print_gate(gate: Gate) -> None:
    table = Table("check", "verdict", "figure", "why it is checked", box=None, pad_edge=False)
    for check in gate.checks:
        table.add_row(check.name, check.verdict, Text(check.figure), check.reason)
    stdout.print(table)
    for check in gate.checks:
        for line in check.found if check.verdict != "publish" else ():
            stderr.print(f"{check.verdict}: {check.name}: {line}", markup=False)
    stdout.print(f"verdict: {gate.verdict}", markup=False)
