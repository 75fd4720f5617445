"""``python -m publish heartbeat``: when the pages were last looked at."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from aks_egress_catalog.store import load
from publish.commands.shared import NO, PATH, stderr, stdout
from publish.status.heartbeat import beat, last_beat


@click.command()
@click.option("--state", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--check", "hours", type=int, metavar="HOURS", help="Only look: exit 1 if the last beat is older.")
@click.option("--out", type=PATH, default=Path("build"), show_default=True, help="Folder of the stages' files.")
def heartbeat(state: Path, hours: int | None, out: Path) -> None:
    """Note that the pages were looked at, so that a schedule that stopped is noticed."""
    now = dt.datetime.now(dt.UTC)
    if hours is None:
        beat(state, now=now, catalog=load(out / "catalog.json"))
        return
    found = last_beat(state)
    if found and found.is_ahead_of(now):
        ahead = f"{found.checked:%Y-%m-%d %H:%M} UTC"
        stderr.print(
            f"error: the heartbeat is of {ahead}, which is still to come: one of two clocks is wrong; the next"
            " reading writes it anew",
            markup=False,
        )
        sys.exit(NO)
    if found is None or now - found.checked > dt.timedelta(hours=hours):
        seen = f"last on {found.checked:%Y-%m-%d %H:%M} UTC" if found else "never, as far as the state knows"
        stderr.print(f"error: the pages were looked at {seen}: enable the schedule of update.yml again", markup=False)
        sys.exit(NO)
    stdout.print(f"the pages were looked at on {found.checked:%Y-%m-%d %H:%M} UTC", markup=False)
