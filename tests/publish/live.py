"""Live pages for tests: the embedded pages, edited, with a commit and a date of their own, read for real."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.history_file import history_from_json
from aks_egress_catalog.store import from_json
from aks_egress_catalog.text.codec import from_json_as
from publish.config import read_config
from publish.plan.proposal import DATA_FOLDER, Proposal, TodaysReading, propose
from publish.plan.proposal_files import read_published, read_todays_reading
from publish.plan.released import Published
from scraper.build import SNAPSHOT, build, write
from scraper.language.reviewed import Entry, Reviewed
from tests.scraper.reviewing import reviewed

COMMIT: Final = "a" * 40
AUGUST: Final = dt.date(2026, 8, 1)
MOMENT: Final = "2026-08-01T10:00:00Z"
_CELL: Final = "<td><strong><code>{}</code></strong></td>"
_ROW: Final = f"<tr>\n{_CELL.format('{host}')}\n{_CELL.format('HTTPS:443')}\n<td>{{use}}</td>\n</tr>\n"
_PACKAGES: Final = "<td><strong><code>packages.aks.azure.com</code></strong></td>"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What an upstream commit did to the English page."""

    commit: str = COMMIT
    updated: str = MOMENT
    change: Callable[[str], str] = str
    said: Mapping[str, Entry] = field(default_factory=dict)
    """What new sentences of it mean; any other means nothing."""


def add_row(html: str, host: str, use: str = "Needed.") -> str:
    """Add a row to the first table that has packages.aks.azure.com, that of AzureCloud's core rules."""
    start = html.index("<tr>", html.rindex("</tr>", 0, html.index(_PACKAGES)))
    return html[:start] + _ROW.format(host=host, use=use) + html[start:]


def drop_row(html: str, host: str) -> str:
    """Take the first row of a host away."""
    cell = html.index(f"<code>{host}</code>")
    start, end = html.rindex("<tr>", 0, cell), html.index("</tr>", cell) + len("</tr>\n")
    return html[:start] + html[end:]


def build_live(
    folder: Path,
    edit: Edit,
    *,
    known: Catalog | None = None,
    locales: tuple[str, ...] = ("de-de",),
    table: Reviewed | None = None,
) -> Path:
    """Write edited pages, read them as ``python -m scraper build`` does, and give the folder of what came of it.

    ``table`` says what sentences mean; by default every sentence was reviewed.
    """
    pages, out = folder / "pages", folder / "build"
    pages.mkdir(parents=True, exist_ok=True)
    for locale in ("en-us", *locales):
        html = (SNAPSHOT / f"{locale}.html").read_text(encoding="utf-8")
        html = html.replace('content="aks-egress-catalog snapshot"', 'content="Learn"')
        if locale == "en-us":
            html = re.sub(r'(name="updated_at" content=")[^"]*', rf"\g<1>{edit.updated}", html)
            html = re.sub(r'(name="git_commit_id" content=")[0-9a-f]{40}', rf"\g<1>{edit.commit}", html)
            html = edit.change(html)
        (pages / f"{locale}.html").write_text(html, encoding="utf-8")
    read = build(pages, known=known, reviewed=table or reviewed(edit.said))
    write(read, catalog=out / "catalog.json", report=out / "report.json", texts=out / "texts")
    return out


def read_live(folder: Path, edit: Edit) -> TodaysReading:
    """What was read from edited pages."""
    return read_todays_reading(build_live(folder, edit))


def check_out(folder: Path, files: Mapping[str, str]) -> Published:
    """Put the data files of a commit where a checkout has them, and read them."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return read_published(folder)


def proposed(state: Published, folder: Path, edit: Edit, *, today: dt.date = AUGUST) -> Proposal:
    """What would be published of edited pages on a day."""
    return propose(state, read_live(folder, edit), config=read_config(), today=today)


def after(proposal: Proposal) -> Published:
    """What a checkout publishes once the proposal is merged."""
    return Published(
        catalog=from_json(proposal.files[f"{DATA_FOLDER}/catalog.json"]),
        history=history_from_json(proposal.files[f"{DATA_FOLDER}/history.json"]),
        texts={"de-de": from_json_as(dict[str, tuple[str, ...]], proposal.files[f"{DATA_FOLDER}/texts/de-de.json"])},
    )
