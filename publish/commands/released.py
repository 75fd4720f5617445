"""``python -m publish released | reviewed``: what was ever released, and what a reviewer decided, to go on from."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from aks_egress_catalog.text.codec import to_json
from publish.commands.repository import open_repository
from publish.commands.shared import stage_options, stdout
from publish.config import read_config
from publish.github.client import Repository
from publish.github.pull_request import file_on_branch
from publish.github.release import CATALOG, HISTORY, newest_release, released_versions
from publish.plan.proposal_files import read_reviewed
from publish.plan.released import FOLDER
from publish.plan.sentences import REVIEWED, with_decided
from publish.release.index import versions_at

index_option = click.option(
    "--index-url",
    envvar="PACKAGE_INDEX_URL",
    help="The simple index that has the packages; default: PACKAGE_INDEX_URL. Without it the index is not asked.",
)


@click.command()
@stage_options
@index_option
def released(out: Path, root: Path, file: Path, index_url: str | None) -> None:  # noqa: ARG001  - shared options
    """Write into OUT/released what tags, releases and the index have: versions are never used twice.

    Run it before plan. GITHUB_TOKEN needs to read contents, no more.
    """
    asked = "" if index_url else "; no index was asked, PACKAGE_INDEX_URL names one"
    stdout.print(bring_released(open_repository(), out, index_url=index_url) + asked, markup=False)


@click.command()
@stage_options
def reviewed(out: Path, root: Path, file: Path) -> None:
    """Write OUT/reviewed.json: what sentences mean, with what a reviewer decided on the branch.

    Run it before python -m scraper build --reviewed OUT/reviewed.json: so the next plan follows the decision.
    GITHUB_TOKEN needs to read contents, no more.
    """
    table, repository, config = read_reviewed(root), open_repository(), read_config(file).pull_request
    # What was decided on a pull request that is closed was decided against.
    is_open = any(pull.open for pull in repository.pulls(config.branch, config.base))
    branch = file_on_branch(repository, config.branch, REVIEWED) if is_open else ""
    decided = with_decided(table, branch) if branch else table
    out.mkdir(parents=True, exist_ok=True)
    (out / Path(REVIEWED).name).write_text(decided, encoding="utf-8")
    stdout.print("a reviewer decided on the branch" if decided != table else "nothing was decided on the branch")


def bring_released(repository: Repository, out: Path, *, index_url: str | None) -> str:
    """Write what was released into a folder of the stages; return what it was, in a sentence."""
    versions = released_versions(repository) | (versions_at(index_url) if index_url else frozenset())
    newest = newest_release(repository)
    folder = out / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for asset in newest.assets if newest else ():
        if asset.name in (CATALOG, HISTORY):
            (folder / asset.name).write_bytes(repository.download(asset))
    (folder / "versions.json").write_text(to_json(sorted(versions)), encoding="utf-8")
    return f"{len(versions)} versions, the newest {newest.tag if newest else 'none'}"
