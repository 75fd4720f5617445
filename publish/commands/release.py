"""The commands that make a release public: on GitHub, and at a package index."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from aks_egress_catalog.history.changes import Changes
from publish.commands.released import bring_released, index_option
from publish.commands.repository import open_repository
from publish.commands.shared import PATH, stage_options, stdout
from publish.config import read_config
from publish.github.release import publish_directly, released_files
from publish.github.release import release as release_checkout
from publish.plan.proposal_files import published_files, read_proposal, read_published, write_files
from publish.release.assets import make_assets
from publish.release.upload import upload as upload_files


@click.command()
@stage_options
@click.option("--commit", envvar="GITHUB_SHA", help="Commit that the checkout is of; default: GITHUB_SHA.")
@click.option("--direct", is_flag=True, help="Commit the plan in OUT first, without a pull request.")
@index_option
def release(out: Path, root: Path, file: Path, commit: str | None, index_url: str | None, *, direct: bool) -> None:
    """Release the data of a checkout: tag, notes and files. Can be run again after any failure.

    The files of the release lie in OUT/release afterwards, whether this run made them or an earlier one, and what was
    ever released in OUT/released.
    """
    repository = open_repository()
    if direct:
        proposal = read_proposal(out)
        published = published_files(root)
        commit = publish_directly(repository, proposal, config=read_config(file), published=published)
        write_files(proposal.files, root)
    if not commit:
        raise click.UsageError("the commit of the checkout is missing: give --commit, or GITHUB_SHA")
    state, hold = read_published(root), read_config(file).hold.length
    made: dict[str, bytes] = {}

    def make(changes: Changes) -> dict[str, bytes]:
        made.update(make_assets(root, state.catalog, changes))
        return made

    done = release_checkout(repository, state, hold=hold, commit=commit, make_assets=make)
    stdout.print(done, markup=False)
    bring_released(repository, out, index_url=index_url)  # now notify and site may speak of it
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

    TWINE_USERNAME and TWINE_PASSWORD are the account that uploads.
    """
    for line in upload_files(files, repository=repository_url, index=index_url):
        stdout.print(line, markup=False)
