"""What several commands share: where they print, what they take, and how they end."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from aks_egress_catalog.history.revisions import read_day
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from publish.config import PUBLISH_TOML

NO: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
PATH: Final = click.Path(path_type=Path)
HISTORY: Final = SHIPPED_DATA / "history.json"

stdout = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 1000)
stderr = Console(stderr=True, soft_wrap=True, highlight=False)


def stage_options(command: Callable[..., Any], *, needs_root: bool = True) -> Callable[..., Any]:
    """What every command of the pipeline takes; one that needs no ``--root`` takes it all the same, and ignores it."""
    options = (
        click.option("--out", type=PATH, default=Path("build"), show_default=True, help="Folder of the stages' files."),
        click.option(
            "--root",
            type=PATH,
            default=Path(),
            expose_value=needs_root,
            help="Checkout of the repository; default: here.",
        ),
        click.option("--config", "file", type=PATH, default=PUBLISH_TOML, help="Default: publish/publish.toml."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def day_or_today(text: str | None) -> dt.date:
    """Read a day of the command line; today, UTC, where none is given."""
    return read_day(text) if text else dt.datetime.now(dt.UTC).date()
