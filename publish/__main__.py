"""The publisher's commands: ``python -m publish plan | pull-request | release | issue | heartbeat | diff | …``."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.history import history_json, read_day, read_history
from aks_egress_catalog.markdown import changes_markdown
from aks_egress_catalog.store import DATA, load, read_texts, to_json
from publish.config import PUBLISH_TOML, read_config
from publish.report import UnreadablePageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aks_egress_catalog.changes import Changes
    from publish.gate import Gate
    from publish.github import Repository

NO: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
_PATH: Final = click.Path(path_type=Path)
_HISTORY: Final = Path(DATA) / "history.json"
_CHANGELOG: Final = Path(__file__).parents[1] / "catalog" / "CHANGELOG.md"

stdout = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 1000)
stderr = Console(stderr=True, soft_wrap=True, highlight=False)


@click.group(help=__doc__)
def main() -> None:
    """Group the commands; each can be run alone and twice."""


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command of the pipeline takes."""
    options = (
        click.option(
            "--out", type=_PATH, default=Path("build"), show_default=True, help="Folder of the stages' files."
        ),
        click.option("--root", type=_PATH, default=Path(), help="Checkout of the repository; default: here."),
        click.option("--config", "file", type=_PATH, default=PUBLISH_TOML, help="Default: publish/publish.toml."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@_shared
@click.option("--today", metavar="DATE", help="Day to plan for; default: today, UTC.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def plan(out: Path, root: Path, file: Path, today: str | None, form: str) -> None:
    """Judge what `python -m scraper build` left in OUT, and write what would be published.

    Writes proposal.json, changes.json and the files below proposal/. Exit 4 where the gate holds or refuses.
    """
    from publish.body import gate_markdown  # noqa: PLC0415  - only where it is used, here and below
    from publish.gate import Verdict  # noqa: PLC0415  - as above
    from publish.proposal import propose, read_reading, read_state, write_proposal  # noqa: PLC0415  - as above

    proposal = propose(read_state(root), read_reading(out), config=read_config(file), today=_day(today))
    write_proposal(proposal, out)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(gate_markdown(proposal.gate))
    if form == "json":
        click.echo(to_json(proposal.gate), nl=False)
    else:
        _print_gate(proposal.gate)
        what = ", ".join(f"{count} {kind}" for kind, count in proposal.changes.summary.items() if count)
        stdout.print(f"{proposal.version}: {what or 'no change'}; {'due' if proposal.due else 'not due'}", markup=False)
    sys.exit(0 if proposal.gate.verdict is Verdict.PUBLISH else HELD)


@main.command(name="pull-request")
@_shared
def pull_request(out: Path, root: Path, file: Path) -> None:
    """Open, update or close the one pull request, as the plan in OUT says.

    GITHUB_TOKEN and GITHUB_REPOSITORY say where; GITHUB_API_URL is GitHub's own by default.
    """
    from publish.proposal import published_files, read_proposal  # noqa: PLC0415  - as above
    from publish.pull_request import propose_on_github  # noqa: PLC0415  - as above
    from publish.report import read_report  # noqa: PLC0415  - as above

    proposal, report = read_proposal(out), read_report(out / "report.json")
    config, published = read_config(file).pull_request, published_files(root)
    done = propose_on_github(_repository(), proposal, report, config=config, published=published)
    stdout.print(done, markup=False)


@main.command()
@_shared
@click.option("--commit", envvar="GITHUB_SHA", help="Commit that the checkout is of; default: GITHUB_SHA.")
@click.option("--direct", is_flag=True, help="Commit the plan in OUT first, without a pull request.")
def release(out: Path, root: Path, file: Path, commit: str | None, *, direct: bool) -> None:
    """Release the data of a checkout: tag, notes and files. Can be run again after any failure."""
    from publish.assets import make_assets  # noqa: PLC0415  - as above
    from publish.proposal import published_files, read_proposal, read_state, write_files  # noqa: PLC0415  - as above
    from publish.release import publish_directly  # noqa: PLC0415  - as above
    from publish.release import release as release_checkout  # noqa: PLC0415  - as above

    repository = _repository()
    if direct:
        proposal = read_proposal(out)
        published = published_files(root)
        commit = publish_directly(repository, proposal, config=read_config(file), published=published)
        write_files(proposal.files, root)
    if not commit:
        raise click.UsageError("say of which commit the checkout is: --commit, or GITHUB_SHA")
    catalog = read_state(root).catalog

    def make(changes: Changes) -> dict[str, bytes]:
        assets = make_assets(root, catalog, changes)
        folder = out / "release"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in assets.items():
            (folder / name).write_bytes(content)
        return assets

    stdout.print(release_checkout(repository, catalog, commit=commit, make_assets=make), markup=False)


@main.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--repository-url", required=True, help="Where the index takes uploads.")
@click.option("--index-url", required=True, help="The simple index that has them then.")
def upload(files: tuple[Path, ...], repository_url: str, index_url: str) -> None:
    """Upload packages to any index; what is there already is left alone.

    TWINE_USERNAME and TWINE_PASSWORD say who uploads.
    """
    from publish.upload import upload as upload_files  # noqa: PLC0415  - as above

    for line in upload_files(files, repository=repository_url, index=index_url):
        stdout.print(line, markup=False)


@main.command()
@_shared
@click.option("--healed", is_flag=True, help="The pipeline works again: close the issue.")
@click.option("--fault", "faults", multiple=True, help="A fault that stands in no report, such as a step that failed.")
def issue(out: Path, root: Path, file: Path, faults: tuple[str, ...], *, healed: bool) -> None:  # noqa: ARG001  - shared
    """Keep the one issue that says why the pipeline stands still: opened, kept up to date, closed."""
    from publish.gate import Verdict  # noqa: PLC0415  - as above
    from publish.issue import report_failure, report_healed  # noqa: PLC0415  - as above
    from publish.proposal import read_proposal  # noqa: PLC0415  - as above
    from publish.report import read_report  # noqa: PLC0415  - as above

    config = read_config(file).issue
    if healed:
        stdout.print(report_healed(_repository(), config=config), markup=False)
        return
    told = list(faults)
    if (out / "report.json").exists():
        told += map(str, read_report(out / "report.json").of("error"))
    if (out / "proposal.json").exists():
        refused = [check for check in read_proposal(out).gate.checks if check.verdict is Verdict.REFUSE]
        told += [f"{check.name}: {line}" for check in refused for line in check.found or (check.figure,)]
    server, run = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_RUN_ID", "")
    where = f"{server}/{os.environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}" if run else ""
    done = report_failure(_repository(), told or ["a step failed; the run's log says which"], run=where, config=config)
    stdout.print(done, markup=False)


@main.command()
@click.option("--folder", type=_PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--pull/--push", "pull", required=True, help="Bring the folder from its branch, or keep it there.")
def state(folder: Path, *, pull: bool) -> None:
    """Bring or keep the folder that outlives a run; one that cannot be brought is told, and done without."""
    from publish.github import GitHubRefusedError  # noqa: PLC0415  - as above
    from publish.state import pull_state, push_state  # noqa: PLC0415  - as above

    if not pull:
        stdout.print(push_state(_repository(), folder), markup=False)
        return
    repository = _repository()
    try:
        stdout.print(pull_state(repository, folder), markup=False)
    except GitHubRefusedError as error:
        stderr.print(f"note: going on without the state: {error}", markup=False)


@main.command()
@click.option("--state", type=_PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--check", "hours", type=int, metavar="HOURS", help="Only look: exit 1 if the last beat is older.")
@click.option("--out", type=_PATH, default=Path("build"), show_default=True, help="Folder of the stages' files.")
def heartbeat(state: Path, hours: int | None, out: Path) -> None:
    """Write down that the pages were looked at, so that a schedule that stopped is noticed."""
    from publish.heartbeat import beat, last_beat  # noqa: PLC0415  - as above

    now = dt.datetime.now(dt.UTC)
    if hours is None:
        beat(state, now=now, catalog=load(out / "catalog.json"))
        return
    found = last_beat(state)
    if found is None or now - found.checked > dt.timedelta(hours=hours):
        seen = f"last on {found.checked:%Y-%m-%d %H:%M} UTC" if found else "never, as far as the state knows"
        stderr.print(f"error: the pages were looked at {seen}: enable the schedule of update.yml again", markup=False)
        sys.exit(NO)
    stdout.print(f"the pages were looked at on {found.checked:%Y-%m-%d %H:%M} UTC", markup=False)


@main.command()
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="markdown", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit 1 if anything differs.")
def diff(old: Path, new: Path, form: str, *, exit_code: bool) -> None:
    """Say what a user of the catalog OLD must know of NEW.

    Texts are compared where a folder texts/ lies beside each file.
    """
    from publish.diff import diff as diff_catalogs  # noqa: PLC0415  - deepdiff costs the other commands a while

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


@main.command()
@click.argument("catalogs", nargs=-1, required=True, type=_PATH)
@click.option("--out", type=_PATH, default=_HISTORY, help="File to write; default: the shipped history.")
def backfill(catalogs: tuple[Path, ...], out: Path) -> None:
    """Write the history of the pages that CATALOGS (files, or folders of them) were read from.

    Exit 3 if one could not be read; the others are still in it.
    """
    from publish.backfill import backfill as make_history  # noqa: PLC0415  - only this command's

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


@main.command()
@click.option("--history", type=_PATH, default=_HISTORY, help="History to read; default: the shipped one.")
@click.option("--out", type=_PATH, default=_CHANGELOG, show_default=True)
@click.option("--today", metavar="DATE", help="Last day to tell of; default: today, UTC.")
def changelog(history: Path, out: Path, today: str | None) -> None:
    """Write the changelog of the data."""
    from publish.changelog import changelog as write_changelog  # noqa: PLC0415  - only this command's

    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(write_changelog(read_history(history), today=_day(today)), encoding="utf-8")
    stdout.print(f"wrote {out}", markup=False)


@main.command()
@click.option("--history", type=_PATH, default=_HISTORY, help="History to read; default: the shipped one.")
@click.option("--since", metavar="DATE", help="First day to judge.")
def alerts(history: Path, since: str | None) -> None:
    """Say for each upstream commit whether it moved the requirements, and what share did."""
    from publish.alerts import verdicts  # noqa: PLC0415  - only this command's

    found = verdicts(read_history(history), since=read_day(since) if since else None)
    table = Table("date", "commit", "alert", "what it did to the rules", box=None, pad_edge=False)
    for one in found:
        table.add_row(str(one.event.day), one.event.commit[:9], "yes" if one.notify else "", Text(one.reason))
    stdout.print(table)
    told = sum(one.notify for one in found)
    if found:
        stdout.print(f"a watcher of the file alerts on {len(found)} of {len(found)} commits (100 %),", markup=False)
        stdout.print(f"this project on {told} ({100 * told / len(found):.0f} %)", markup=False)


def _day(text: str | None) -> dt.date:
    return read_day(text) if text else dt.datetime.now(dt.UTC).date()


def _repository() -> Repository:
    from publish.github import API, Repository  # noqa: PLC0415  - the client costs the other commands a while

    environment = os.environ.get
    return Repository(
        environment("GITHUB_REPOSITORY", ""),
        token=environment("GITHUB_TOKEN", ""),
        api=environment("GITHUB_API_URL", API),
    )


def _print_gate(gate: Gate) -> None:
    table = Table("check", "verdict", "figure", "why it is checked", box=None, pad_edge=False)
    for check in gate.checks:
        table.add_row(check.name, check.verdict, Text(check.figure), check.reason)
    stdout.print(table)
    for check in gate.checks:
        for line in check.found if check.verdict != "publish" else ():
            stderr.print(f"{check.verdict}: {check.name}: {line}", markup=False)
    stdout.print(f"verdict: {gate.verdict}", markup=False)


def run() -> None:
    """Run a command; a fault that a person can mend is one line and its exit code, never a traceback."""
    try:
        main()
    except (CatalogError, UnreadablePageError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(BAD_INPUT)
    except (AksEgressError, OSError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(USAGE)


if __name__ == "__main__":
    run()
