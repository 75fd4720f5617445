"""``python -m publish reviewed``: what the sentences of the article mean, as a reviewer has decided it so far."""

from __future__ import annotations

from pathlib import Path

import click

from publish.commands.repository import open_repository
from publish.commands.shared import stage_options, stdout
from publish.config import read_config
from publish.github.pull_request import file_on_branch
from publish.plan.proposal_files import read_reviewed
from publish.plan.sentences import REVIEWED, with_decided


@click.command()
@stage_options
def reviewed(out: Path, root: Path, file: Path) -> None:
    """Write OUT/reviewed.json: the table of this checkout, with what a reviewer decided on the branch.

    Run it before python -m scraper build --reviewed OUT/reviewed.json: so the next plan follows the decision.
    GITHUB_TOKEN needs to read contents, no more.
    """
    table = read_reviewed(root)
    branch = file_on_branch(open_repository(), read_config(file).pull_request.branch, REVIEWED)
    decided = with_decided(table, branch) if branch else table
    out.mkdir(parents=True, exist_ok=True)
    (out / Path(REVIEWED).name).write_text(decided, encoding="utf-8")
    stdout.print("a reviewer decided on the branch" if decided != table else "nothing was decided on the branch")
