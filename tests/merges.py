"""A copy of this checkout after merged pull requests of live readings: ``python -m tests.merges FOLDER [HOW_MANY]``.

Upstream commits follow one another: what one did to the page is still there after the next. Where the checkout ships
live data itself, their days come after those of that data.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
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
    ".git", ".venv", "build", "dist", "state", "*.pyc.*", ".*_cache", ".hypothesis", "*.egg-info"
)
"""What is compiled goes along, but for what is being written: it holds for the copy, whose files are as old."""
_CIRCUMSTANCE: Final = ", or for clusters with <em>konnectivity-agent</em> enabled."
_FOREWORD: Final = "Maintenance can, on rare occasions, change the API server's IP."


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One pull request: what an upstream commit did to the page, and how many days after the one before it was read.

    ``change`` gets a word that no host has yet, and the page. Without a new commit the same page is read once more.
    """

    change: Callable[[str, str], str]
    days: int
    new_commit: bool = True


def _new_host(word: str, html: str) -> str:
    return add_row(html, f"{word}.mcr.microsoft.com")


def _reworded(_: str, html: str) -> str:
    return html.replace(_CIRCUMSTANCE, ".", 1)


def _gone_and_renamed(word: str, html: str) -> str:
    return drop_row(html, "management.azure.com").replace("acs-mirror.azureedge.net", f"{word}.azureedge.net")


def _nothing(_: str, html: str) -> str:
    return html


def _renamed_and_another_day(word: str, html: str) -> str:
    renamed = html.replace("dc.services.visualstudio.com", f"{word}.services.visualstudio.com")
    return renamed.replace(_FOREWORD, f"{_FOREWORD} Older agents go away on May 1, 2031.")


MERGES: Final = (
    Merge(change=_new_host, days=1),
    Merge(change=_reworded, days=3),
    Merge(change=_gone_and_renamed, days=3),
    Merge(change=_nothing, days=20, new_commit=False),  # the hold of what is gone ends
    Merge(change=_new_host, days=1, new_commit=False),  # a correction: the reader was mended
    Merge(change=_renamed_and_another_day, days=40),
)


def copy_checkout(folder: Path) -> None:
    """Copy what a clone would have, and lend it the environment that runs now."""
    shutil.copytree(ROOT, folder, ignore=_NOT_COPIED)
    (folder / ".venv").symlink_to(sys.prefix)


def merge_readings(root: Path, how_many: int) -> list[Proposal]:
    """Write into a checkout what would be published of one reading after the other, as merges do."""
    merged: list[Proposal] = []
    changes: list[Callable[[str], str]] = []
    today = read_published(root).history.events[-1].day
    for merge in MERGES[:how_many]:
        published = read_published(root)
        last, count = published.history.events[-1], len(published.history.events)
        today += dt.timedelta(days=merge.days)
        changes.append(partial(merge.change, f"new{count}"))
        edit = Edit(
            commit=f"{count:040x}" if merge.new_commit else last.commit,
            updated=f"{today}T10:00:00Z" if merge.new_commit else f"{last.date:%Y-%m-%dT%H:%M:%SZ}",
            change=lambda html: reduce(lambda page, change: change(page), changes, html),
        )
        merged.append(_propose(published, edit, today=today))
        write_files(merged[-1].files, root)
    return merged


def _propose(published: Published, edit: Edit, *, today: dt.date) -> Proposal:
    with tempfile.TemporaryDirectory() as folder:
        out = build_live(Path(folder), edit, known=published.catalog, locales=LOCALES)
        return propose(published, read_todays_reading(out), config=read_config(), today=today)


if __name__ == "__main__":
    copy_checkout(Path(sys.argv[1]))
    for one in merge_readings(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else len(MERGES)):
        counts = {kind: count for kind, count in one.changes.summary.items() if count}
        print(one.version, one.gate.verdict, f"due={one.due}", f"corrects={one.corrects!r}", counts)
