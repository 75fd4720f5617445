"""A copy of this checkout after merged pull requests of live readings: ``python -m tests.merges FOLDER [HOW_MANY]``.

Each reading is of the page as upstream left it: what earlier commits did to it is still there. Where the checkout
ships live data itself, commits and days come after those.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publish.config import read_config
from publish.plan.proposal import Proposal, propose
from publish.plan.proposal_files import read_published, read_todays_reading, write_files
from publish.plan.released import Published
from tests.publish.live import Edit, add_row, build_live, drop_row

ROOT: Final = Path(__file__).parents[1]
LOCALES: Final = ("bg-bg", "de-de", "ja-jp", "zh-cn")
_NOT_COPIED: Final = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "state", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info"
)
_CIRCUMSTANCE: Final = ", or for clusters with <em>konnectivity-agent</em> enabled."
_FOREWORD: Final = "Maintenance can, on rare occasions, change the API server's IP."


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One pull request: what an upstream commit did to the page, and how many days after the one before it."""

    change: Callable[[str, str], str]
    days: int
    same_commit: bool = False


def _new_host(html: str, unique: str) -> str:
    return add_row(html, f"{unique}.mcr.microsoft.com")


def _reworded(html: str, _: str) -> str:
    return html.replace(_CIRCUMSTANCE, ".", 1)


def _gone_and_renamed(html: str, unique: str) -> str:
    return drop_row(html, "management.azure.com").replace("acs-mirror.azureedge.net", f"{unique}.azureedge.net")


def _other_section_and_day(html: str, unique: str) -> str:
    return html.replace(_FOREWORD, f"{_FOREWORD} Older agents go away on May 1, 2031.").replace(
        "dc.services.visualstudio.com", f"{unique}.services.visualstudio.com"
    )


def _nothing(html: str, _: str) -> str:
    return html


MERGES: Final = (
    Merge(change=_new_host, days=1),
    Merge(change=_reworded, days=3),
    Merge(change=_gone_and_renamed, days=3),
    Merge(change=_nothing, days=20, same_commit=True),  # the hold of what is gone ends
    Merge(change=_new_host, days=1, same_commit=True),  # a correction: the same page, read otherwise
    Merge(change=_other_section_and_day, days=40),
)


def copy_checkout(folder: Path) -> None:
    """Copy what a clone would have, and lend it the environment that runs now."""
    shutil.copytree(ROOT, folder, ignore=_NOT_COPIED)
    (folder / ".venv").symlink_to(Path(sys.prefix))


def merge_readings(root: Path, how_many: int) -> list[Proposal]:
    """Read edited pages and write what would be published into a checkout, as a merge does; one after the other."""
    merged: list[Proposal] = []
    html_of: Callable[[str], str] = str
    day = read_published(root).history.events[-1].day
    read_on = day
    commit = ""
    for number, merge in enumerate(MERGES[:how_many], start=1):
        published = read_published(root)
        unique = f"new{len(published.history.events)}"
        read_on += dt.timedelta(days=merge.days)
        day = day if merge.same_commit else read_on
        commit = commit if merge.same_commit else f"{len(published.history.events):x}{number:x}".rjust(40, "e")
        html_of = _then(html_of, merge.change, unique)
        edit = Edit(commit=commit, updated=f"{day}T10:00:00Z", change=html_of)
        proposal = _propose(published, edit, today=read_on)
        write_files(proposal.files, root)
        merged.append(proposal)
    return merged


def _propose(published: Published, edit: Edit, *, today: dt.date) -> Proposal:
    with tempfile.TemporaryDirectory() as folder:
        out = build_live(Path(folder), edit, known=published.catalog, locales=LOCALES)
        return propose(published, read_todays_reading(out), config=read_config(), today=today)


def _then(first: Callable[[str], str], second: Callable[[str, str], str], unique: str) -> Callable[[str], str]:
    return lambda html: second(first(html), unique)


if __name__ == "__main__":
    copy_checkout(Path(sys.argv[1]))
    for one in merge_readings(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else len(MERGES)):
        counts = {kind: count for kind, count in one.changes.summary.items() if count}
        print(one.version, one.gate.verdict, f"due={one.due}", f"corrects={one.corrects!r}", counts)
