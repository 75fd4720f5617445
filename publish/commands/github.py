"""The commands that only talk to GitHub: the one pull request, the one issue, and the state branch."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Final

import click

from publish.commands.repository import open_repository
from publish.commands.shared import PATH, stage_options, stdout
from publish.config import read_config
from publish.github.issue import report_failure, report_healed
from publish.github.pull_request import propose_on_github
from publish.github.state_branch import Merges, further, pull_state, push_state
from publish.notices.notify.outbox import ANNOUNCED, JOURNAL, merge_journals, read_announced
from publish.plan.check import GateVerdict
from publish.plan.proposal_files import published_files, read_proposal
from publish.plan.report import read_report
from publish.status.heartbeat import FILE, read_beat

MERGES: Final[Merges] = {
    JOURNAL: merge_journals,
    ANNOUNCED: further(lambda content: read_announced(content).numbers),
    FILE: further(lambda content: read_beat(content).checked),
}
"""What becomes of a file of the state that two runs changed: of each thing, what is further."""


@click.command(name="pull-request")
@stage_options
def pull_request(out: Path, root: Path, file: Path) -> None:
    """Open, update or close the one pull request, as the plan in OUT says.

    GITHUB_TOKEN and GITHUB_REPOSITORY name the repository; GITHUB_API_URL is GitHub's own by default.
    """
    proposal, report = read_proposal(out), read_report(out / "report.json")
    config, published = read_config(file).pull_request, published_files(root)
    done = propose_on_github(open_repository(), proposal, report, config=config, published=published)
    stdout.print(done, markup=False)


@click.command()
@partial(stage_options, needs_root=False)
@click.option("--part", default="update", show_default=True, help="The workflow that speaks; each has its own part.")
@click.option("--healed", is_flag=True, help="It works again: close the issue, if no other workflow fails.")
@click.option("--fault", "faults", multiple=True, help="A fault that is in no report, such as a step that failed.")
def issue(out: Path, file: Path, part: str, faults: tuple[str, ...], *, healed: bool) -> None:
    """Open, update or close the one issue that lists why the pipeline cannot publish, or tell."""
    config = read_config(file).issue
    if healed:
        stdout.print(report_healed(open_repository(), part=part, config=config), markup=False)
        return
    messages = list(faults)
    if (out / "report.json").exists():
        messages += map(str, read_report(out / "report.json").of("error"))
    if (out / "proposal.json").exists():
        refused = [check for check in read_proposal(out).gate.checks if check.verdict is GateVerdict.REFUSE]
        messages += [f"{check.name}: {line}" for check in refused for line in check.found or (check.figure,)]
    server, run = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_RUN_ID", "")
    where = f"{server}/{os.environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}" if run else ""
    done = report_failure(
        open_repository(), messages or ["a step failed; the run's log says which"], part=part, run=where, config=config
    )
    stdout.print(done, markup=False)


@click.command()
@click.option("--folder", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--pull/--push", "pull", required=True, help="Bring the folder from its branch, or keep it there.")
def state(folder: Path, *, pull: bool) -> None:
    """Bring the folder that outlives a run from its branch, or keep it there.

    Where there is no branch yet, there is nothing to bring. A branch that cannot be read ends the job: a run that does
    not know what was delivered would deliver it again. What other runs kept meanwhile is merged, and never rewound.
    """
    act = pull_state if pull else push_state
    stdout.print(act(open_repository(), folder, merges=MERGES), markup=False)
