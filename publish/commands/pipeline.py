"""The stages of a run, in their order: judge, propose, release, upload, and say what stands in the way."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.text.codec import to_json
from publish.commands.shared import HELD, PATH, day_or_today, open_repository, stage_options, stderr, stdout
from publish.config import read_config
from publish.plan.gate import Gate


@click.command()
@stage_options
@click.option("--today", metavar="DATE", help="Day to plan for; default: today, UTC.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def plan(out: Path, root: Path, file: Path, today: str | None, form: str) -> None:
    """Judge what `python -m scraper build` left in OUT, and write what would be published.

    Writes proposal.json, changes.json and the files below proposal/. Exit 4 where the gate holds or refuses.
    """
    from publish.github.markdown import change_counts, gate_markdown  # noqa: PLC0415  - only where it is used, here and below
    from publish.plan.gate import GateVerdict  # noqa: PLC0415  - as above
    from publish.plan.proposal import propose  # noqa: PLC0415  - as above
    from publish.plan.proposal_files import read_published, read_todays_reading, write_proposal  # noqa: PLC0415  - as above

    proposal = propose(
        read_published(root), read_todays_reading(out), config=read_config(file), today=day_or_today(today)
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


@click.command(name="pull-request")
@stage_options
def pull_request(out: Path, root: Path, file: Path) -> None:
    """Open, update or close the one pull request, as the plan in OUT says.

    GITHUB_TOKEN and GITHUB_REPOSITORY say where; GITHUB_API_URL is GitHub's own by default.
    """
    from publish.github.pull_request import propose_on_github  # noqa: PLC0415  - as above
    from publish.plan.proposal_files import published_files, read_proposal  # noqa: PLC0415  - as above
    from publish.plan.report import read_report  # noqa: PLC0415  - as above

    proposal, report = read_proposal(out), read_report(out / "report.json")
    config, published = read_config(file).pull_request, published_files(root)
    done = propose_on_github(open_repository(), proposal, report, config=config, published=published)
    stdout.print(done, markup=False)


@click.command()
@stage_options
@click.option("--commit", envvar="GITHUB_SHA", help="Commit that the checkout is of; default: GITHUB_SHA.")
@click.option("--direct", is_flag=True, help="Commit the plan in OUT first, without a pull request.")
def release(out: Path, root: Path, file: Path, commit: str | None, *, direct: bool) -> None:
    """Release the data of a checkout: tag, notes and files. Can be run again after any failure.

    The files of the release lie in OUT/release afterwards, whether this run made them or an earlier one.
    """
    from publish.github.release import publish_directly, released_files  # noqa: PLC0415  - as above
    from publish.github.release import release as release_checkout  # noqa: PLC0415  - as above
    from publish.plan.proposal_files import published_files, read_proposal, read_published, write_files  # noqa: PLC0415  - as above
    from publish.release.assets import make_assets  # noqa: PLC0415  - as above

    repository = open_repository()
    if direct:
        proposal = read_proposal(out)
        published = published_files(root)
        commit = publish_directly(repository, proposal, config=read_config(file), published=published)
        write_files(proposal.files, root)
    if not commit:
        raise click.UsageError("say of which commit the checkout is: --commit, or GITHUB_SHA")
    state, hold = read_published(root), read_config(file).hold.length
    made: dict[str, bytes] = {}

    def make(changes: Changes) -> dict[str, bytes]:
        made.update(make_assets(root, state.catalog, changes))
        return made

    done = release_checkout(repository, state, hold=hold, commit=commit, make_assets=make)
    stdout.print(done, markup=False)
    folder = out / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in (made or released_files(repository, state.catalog.version)).items():
        (folder / name).write_bytes(content)


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--repository-url", required=True, help="Where the index takes uploads.")
@click.option("--index-url", required=True, help="The simple index that has them then.")
def upload(files: tuple[Path, ...], repository_url: str, index_url: str) -> None:
    """Upload packages to any index; what is there already is left alone.

    TWINE_USERNAME and TWINE_PASSWORD say who uploads.
    """
    from publish.release.upload import upload as upload_files  # noqa: PLC0415  - as above

    for line in upload_files(files, repository=repository_url, index=index_url):
        stdout.print(line, markup=False)


@click.command()
@stage_options
@click.option("--healed", is_flag=True, help="The pipeline works again: close the issue.")
@click.option("--fault", "faults", multiple=True, help="A fault that stands in no report, such as a step that failed.")
def issue(out: Path, root: Path, file: Path, faults: tuple[str, ...], *, healed: bool) -> None:  # noqa: ARG001  - shared
    """Keep the one issue that says why the pipeline stands still: opened, kept up to date, closed."""
    from publish.github.issue import report_failure, report_healed  # noqa: PLC0415  - as above
    from publish.plan.gate import GateVerdict  # noqa: PLC0415  - as above
    from publish.plan.proposal_files import read_proposal  # noqa: PLC0415  - as above
    from publish.plan.report import read_report  # noqa: PLC0415  - as above

    config = read_config(file).issue
    if healed:
        stdout.print(report_healed(open_repository(), config=config), markup=False)
        return
    told = list(faults)
    if (out / "report.json").exists():
        told += map(str, read_report(out / "report.json").of("error"))
    if (out / "proposal.json").exists():
        refused = [check for check in read_proposal(out).gate.checks if check.verdict is GateVerdict.REFUSE]
        told += [f"{check.name}: {line}" for check in refused for line in check.found or (check.figure,)]
    server, run = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_RUN_ID", "")
    where = f"{server}/{os.environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}" if run else ""
    done = report_failure(
        open_repository(), told or ["a step failed; the run's log says which"], run=where, config=config
    )
    stdout.print(done, markup=False)


def _print_gate(gate: Gate) -> None:
    table = Table("check", "verdict", "figure", "why it is checked", box=None, pad_edge=False)
    for check in gate.checks:
        table.add_row(check.name, check.verdict, Text(check.figure), check.reason)
    stdout.print(table)
    for check in gate.checks:
        for line in check.found if check.verdict != "publish" else ():
            stderr.print(f"{check.verdict}: {check.name}: {line}", markup=False)
    stdout.print(f"verdict: {gate.verdict}", markup=False)
