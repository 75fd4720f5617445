"""``python -m publish correct``: prepare the correction of what was published wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aks_egress_catalog.errors import AksEgressError
from publish.commands.shared import HELD, day_or_today, stage_options, stderr, stdout
from publish.config import read_config
from publish.github.markdown import change_counts
from publish.plan.check import GateVerdict
from publish.plan.proposal import propose
from publish.plan.proposal_files import read_published, read_todays_reading, write_files, write_proposal
from publish.plan.released import read_released


class NothingToCorrectError(AksEgressError):
    """What was read is what is published, or another page."""


@click.command()
@stage_options
@click.option("--why", required=True, help="What was wrong, in a sentence: users read it.")
@click.option("--today", metavar="DATE", help="Day of the correction; default: today, UTC.")
def correct(out: Path, root: Path, file: Path, why: str, today: str | None) -> None:
    """Prepare a correction: the reading in OUT, of the page that is published, is right, and what is published is not.

    Writes catalog, history, texts and changelog into the checkout, under the next free version. Run before it, with
    the mended reader: python -m scraper build, and python -m publish released. Exit 4 where the gate refuses it.
    """
    proposal = propose(
        read_published(root),
        read_todays_reading(out),
        config=read_config(file),
        today=day_or_today(today),
        released=read_released(out),
        why=why,
    )
    if not proposal.corrects:
        raise NothingToCorrectError(
            "there is nothing to correct: the reading in OUT says of the published page what is published, or it is of"
            " another revision, which the next run of update proposes"
        )
    write_proposal(proposal, out)
    if proposal.gate.verdict is GateVerdict.REFUSE:
        for check in proposal.gate.checks:
            for line in check.found if check.verdict is GateVerdict.REFUSE else ():
                stderr.print(f"{check.name}: {line}", markup=False)
        stderr.print("error: the gate refuses it: nothing was written into the checkout", markup=False)
        sys.exit(HELD)
    write_files(proposal.files, root)
    stdout.print(f"{proposal.version} corrects {proposal.last}: {change_counts(proposal)}", markup=False)
    for line in (
        f"Next: 1. git switch --create correct-{proposal.version}, read git diff, commit, and open a pull request.",
        "      2. Merge it: release.yml releases it, and everybody who was told the wrong thing is told.",
        f"      3. Yank {proposal.last} on the index, so that nobody new installs it: docs/operating.md says how.",
    ):
        stdout.print(line, markup=False)
