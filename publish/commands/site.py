"""``python -m publish site``: write the site, with everything that lies beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import click

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.announced import announced_by_version
from publish.commands.shared import PATH, day_or_today, stdout
from publish.config import PUBLISH_TOML, read_config
from publish.notices.feeds import feed_files
from publish.plan.proposal_files import read_published
from publish.plan.released import Published, read_released
from publish.plan.report import read_report
from publish.site import site_files
from publish.site.content.locales import locale_states
from publish.site.content.versions import pages_by_commit
from publish.status.heartbeat import last_beat
from publish.status.lists import list_files
from publish.status.plans import plan_files
from publish.status.polls import AnnouncedByVersion, older_catalogs, poll_files
from publish.status.status import status_files

_REPOSITORY: Final = "aks-egress-catalog/aks-egress-catalog"


@click.command()
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write the site into.")
@click.option("--root", type=PATH, default=Path(), help="Checkout of the repository; default: here.")
@click.option(
    "--state", "folder", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs."
)
@click.option(
    "--report", "report_file", type=PATH, help="report.json of the last reading, with the state of each locale."
)
@click.option(
    "--released",
    "stages",
    type=PATH,
    metavar="DIR",
    help="Show the newest release, as DIR/released has it, instead of a checkout that may be ahead of it.",
)
@click.option("--base-url", metavar="URL", help="Where the site will be; default: the repository's GitHub Pages.")
@click.option("--repository", envvar="GITHUB_REPOSITORY", default=_REPOSITORY, show_default=True, metavar="OWNER/NAME")
@click.option("--today", metavar="DATE", help="Day of the edition; default: now, UTC.")
@click.option("--config", "file", type=PATH, default=PUBLISH_TOML, help="Default: publish/publish.toml.")
def site(
    *,
    out: Path,
    root: Path,
    folder: Path,
    report_file: Path | None,
    stages: Path | None,
    base_url: str | None,
    repository: str,
    today: str | None,
    file: Path,
) -> None:
    """Write the site of a checkout: pages, feeds, files for those who poll, status and badge.

    Every file is written anew; what else lies in DIR is left alone.
    """
    published, beat = read_published(root), last_beat(folder)
    published = read_released(stages).newest(published) if stages else published
    address, now = base_url or _pages_address(repository), _moment(today)
    hold = read_config(file).hold.length
    checked = beat.checked if beat and not beat.is_ahead_of(dt.datetime.now(dt.UTC)) else None
    announced = tuple(announced_by_version(published.history, today=now.date(), hold=hold))
    files = site_files(
        published.catalog,
        published.history,
        published.texts,
        now=now,
        checked=checked,
        hold=hold,
        base_url=address,
        repository=repository,
        locale_states=locale_states(
            published.catalog, published.texts, read_report(report_file) if report_file else None
        ),
        announced=announced[-1][1].changes,
        beside=_beside(published, announced, now=now, checked=checked, base_url=address),
    )
    for path, content in files.items():
        place = out / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    size = sum(map(len, files.values()))
    pages = sum(path.endswith(".html") for path in files)
    stdout.print(f"{pages} pages, {len(files)} files, {size / 1e6:.1f} MB in {out}, for {address}", markup=False)


def _beside(
    published: Published,
    announced: AnnouncedByVersion,
    *,
    now: dt.datetime,
    checked: dt.datetime | None,
    base_url: str,
) -> dict[str, bytes]:
    """What other rooms of the publisher make for the same site: this is the one place where they come together."""
    catalog, history, today = published.catalog, published.history, now.date()
    olds = tuple(older_catalogs(history, catalog, announced))
    return {
        **feed_files(history, announced[-1][1], today=today, base_url=base_url, pages=pages_by_commit(history)),
        **poll_files(history, catalog, announced),
        **plan_files(olds, catalog, lives=history.lives_at(catalog.facts_date or today)),
        **list_files(olds, catalog),
        **status_files(catalog, checked, now),
    }


def _pages_address(repository: str) -> str:
    """Where GitHub Pages serves the site of a repository."""
    owner, _, name = repository.partition("/")
    if not (owner and name):
        raise AksEgressError(f"{repository!r} names no repository; give it as OWNER/NAME")
    return f"https://{owner.lower()}.github.io/{name}/"


def _moment(today: str | None) -> dt.datetime:
    """Now, to the second; with a day given, its end, so that the same day gives the same bytes."""
    if today is None:
        return dt.datetime.now(dt.UTC).replace(microsecond=0)
    return dt.datetime.combine(day_or_today(today), dt.time(23, 59, 59), dt.UTC)
