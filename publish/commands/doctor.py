"""``python -m publish doctor``: is the repository set up as the pipeline needs it?"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Final

import click
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.text.codec import to_json
from publish.commands.repository import open_repository
from publish.commands.shared import NO, PATH, stdout
from publish.config import PUBLISH_TOML, Config, read_config
from publish.github.checkup import Diagnosis, Expected, Found, check_up
from publish.github.settings import Settings
from publish.notices.notify.subscribers import SUBSCRIBERS_TOML, Subscriber, read_subscribers
from publish.notices.notify.targets import secret_name
from publish.release.index import PROJECT
from publish.release.package_name import IndexUnseenError, versions_on_index

_INDEX: Final = "on the index: Your projects -> Publishing"


@click.command()
@click.option("--config", "file", type=PATH, default=PUBLISH_TOML, help="Default: publish/publish.toml.")
@click.option("--subscribers", type=PATH, default=SUBSCRIBERS_TOML, help="Default: publish/subscribers.toml.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def doctor(file: Path, subscribers: Path, form: str) -> None:
    """Say what of the repository's settings is missing, and where to set it. Nothing is changed.

    GITHUB_TOKEN and GITHUB_REPOSITORY say where to look; a token with administration: read sees the most. Exit 1
    unless everything was seen and is well.
    """
    expected = _expected(read_config(file), read_subscribers(subscribers), dt.datetime.now(dt.UTC))
    diagnoses = (*check_up(Settings(open_repository()), expected), *_on_the_index())
    if form == "json":
        click.echo(to_json(diagnoses), nl=False)
    else:
        _print(diagnoses)
    sys.exit(0 if all(one.found is Found.OK for one in diagnoses) else NO)


def _expected(config: Config, subscribers: tuple[Subscriber, ...], now: dt.datetime) -> Expected:
    pulls = config.pull_request
    return Expected(
        base=pulls.base,
        branch=pulls.branch,
        labels=frozenset({*pulls.labels, pulls.hold_label, config.issue.label}),
        secrets=frozenset(secret_name(one.target) for one in subscribers),
        now=now,
    )


def _on_the_index() -> tuple[Diagnosis, ...]:
    """The package and who may publish it: an index shows a publisher to its owner only, but a version proves one."""
    try:
        versions = versions_on_index(PROJECT)
    except IndexUnseenError as error:
        lines = (str(error),)
        return tuple(
            Diagnosis(name=name, found=Found.UNSEEN, lines=lines, where=_INDEX) for name in ("package", "publisher")
        )
    if versions:
        return tuple(Diagnosis(name=name, found=Found.OK, lines=(), where=_INDEX) for name in ("package", "publisher"))
    return (
        Diagnosis(
            name="package",
            found=Found.MISSING,
            lines=(f"the index has no {PROJECT}: the first release makes it, and a pending publisher holds the name",),
            where=_INDEX,
        ),
        Diagnosis(
            name="publisher",
            found=Found.UNSEEN,
            lines=("the index shows a pending publisher to its owner only: look there",),
            where=_INDEX,
        ),
    )


def _print(diagnoses: tuple[Diagnosis, ...]) -> None:
    table = Table("setting", "found", "what is missing", "where to set it", box=None, pad_edge=False)
    for one in diagnoses:
        table.add_row(one.name, one.found, Text("\n".join(one.lines)), "" if one.found is Found.OK else Text(one.where))
    stdout.print(table)
    counted = (f"{sum(one.found is found for one in diagnoses)} {found}" for found in Found)
    stdout.print(", ".join(counted), markup=False)
