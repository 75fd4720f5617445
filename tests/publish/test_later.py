"""What the site will be after another year: a reminder to make room, long before there is none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from aks_egress_catalog.history.history_file import history_json
from publish.commands.site import site
from publish.plan.proposal import DATA_FOLDER
from publish.plan.proposal_files import write_files
from tests.base import HISTORY, files
from tests.publish.later import A_YEAR, later

pytestmark = pytest.mark.slow  # writes whole sites
ROOM: Final = 25_000_000


def size_after(years: int, folder: Path) -> int:
    """Have the command write the site of a checkout as it will be, and weigh it."""
    catalog, history = later(years)
    assert len(history.versions) == len(HISTORY.versions) + years * A_YEAR
    write_files(files(catalog) | {f"{DATA_FOLDER}/history.json": history_json(history)}, folder)
    today = history.versions[-1].day + dt.timedelta(days=1)
    where = ["--out", f"{folder}/site", "--root", str(folder), "--state", f"{folder}/state"]
    done = CliRunner().invoke(site, [*where, "--today", str(today)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return sum(file.stat().st_size for file in (folder / "site").rglob("*") if file.is_file())


def test_the_site_has_room_for_another_year_of_versions(tmp_path: Path) -> None:
    assert size_after(1, tmp_path) < ROOM
