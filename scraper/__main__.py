"""The scraper's commands: ``python -m scraper fetch | build | parse | review | schema``."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from scraper.build import (
    AUTHORITY,
    MISSED,
    REVIEWED_FILE,
    SNAPSHOT,
    Build,
    build,
    parse_file,
    read_reviewed_file,
    write,
)
from scraper.fetch.config import read_config
from scraper.findings import PageError, Severity
from scraper.language.reviewed import ReviewedError, reviewed_json
from scraper.review import review as review_pages
from scraper.schema import write_schema

USAGE: Final = 2
BAD_INPUT: Final = 3
_SHOWN: Final = 20
_FEW: Final = 8
_PATH: Final = click.Path(path_type=Path)

stdout = Console(soft_wrap=True, highlight=False)
stderr = Console(stderr=True, soft_wrap=True, highlight=False)


_reviewed_option: Final = click.option(
    "--reviewed", type=_PATH, default=REVIEWED_FILE, help="What the sentences mean; default: that of this checkout."
)


@click.group(help=__doc__)
def main() -> None:
    """Group the commands; each can be run alone and twice."""


@main.command()
@click.option("--locales", default="", help="Comma-separated; default: all of scraper/pages.toml.")
@click.option("--out", type=_PATH, required=True, help="Folder for <locale>.html and en-us.md.")
@click.option("--state", type=_PATH, default=Path("state"), help="Folder of the HTTP cache.")
def fetch(locales: str, out: Path, state: Path) -> None:
    """Fetch the live pages, politely. A copy that fails keeps its last good form; exit 3 where that is en-us.html."""
    from scraper.fetch.visit import fetch_pages  # noqa: PLC0415  - the HTTP stack costs every other command half a second

    named = [name.strip() for name in locales.split(",") if name.strip()]
    result = fetch_pages(read_config(), locales=named, out=out, state=state)
    for outcome in result.outcomes:
        stdout.print(str(outcome), markup=False)
    # What could not be had is a fact for build: without its Markdown twin the article can be read, and is held.
    missed = {failed.copy.file_name: f"{failed.copy.url} {failed.what}" for failed in result.failed}
    (out / MISSED).write_text(to_json(missed), encoding="utf-8")
    if any(failed.copy.file_name == "en-us.html" for failed in result.failed):
        sys.exit(BAD_INPUT)


@main.command(name="build")
@click.option("--pages", type=_PATH, help="Folder with <locale>.html (+ en-us.md); default: the embedded snapshot.")
@click.option("--out", type=_PATH, default=Path("build"), help="Folder for catalog.json, report.json, texts/.")
@click.option("--known", type=_PATH, help="Earlier catalog, to recognize renamed sections; default: the shipped one.")
@_reviewed_option
@click.option("--keep-going", is_flag=True, help="Write a catalog of what could be read in spite of errors.")
def build_command(pages: Path | None, out: Path, known: Path | None, reviewed: Path, *, keep_going: bool) -> None:
    """Build the catalog from a folder of pages. Exit 3 if a fact could not be read."""
    expected = read_config().locales if pages else ()
    result = build(
        pages or SNAPSHOT,
        expected=expected,
        known=_known(known),
        keep_going=keep_going,
        reviewed=read_reviewed_file(reviewed),
        progress=partial(_with_bar, what="Reading locales"),
    )
    write(result, catalog=out / "catalog.json", report=out / "report.json", texts=out / "texts")
    _summarize(result, out)
    sys.exit(BAD_INPUT if result.failed else 0)


@main.command()
@click.argument("pages", nargs=-1, required=True, type=_PATH)
@click.option("--locale", help="What locale the pages are; default: the one in each page's metadata.")
@click.option("--out", type=_PATH, required=True, help="Folder for <stem>.json and <stem>.report.json.")
@click.option("--known", type=_PATH, help="Earlier catalog, to recognize renamed sections; default: the shipped one.")
@_reviewed_option
@click.option("--keep-going", is_flag=True, help="Write a catalog of what could be read in spite of errors.")
def parse(
    pages: tuple[Path, ...], locale: str | None, out: Path, known: Path | None, reviewed: Path, *, keep_going: bool
) -> None:
    """Read each page alone. Exit 3 if a fact of any could not be read; the others are still done."""
    outputs = {page: (out / f"{page.stem}.json", out / f"{page.stem}.report.json") for page in pages}
    twice = [file.name for file, count in Counter(f for page in pages for f in outputs[page]).items() if count > 1]
    if twice:
        raise click.UsageError(f"several pages would be written to {', '.join(sorted(twice))}; name them apart")
    baseline, table = _known(known), read_reviewed_file(reviewed)
    failed = False
    for page in _with_bar(pages, what="Reading pages"):
        result = parse_file(page, locale=locale, known=baseline, keep_going=keep_going, reviewed=table)
        catalog, report = outputs[page]
        write(result, catalog=catalog, report=report)
        failed |= result.failed
        for finding in [finding for finding in result.findings if finding.severity is Severity.ERROR]:
            stderr.print(f"{page.name}: {finding}", markup=False)
    sys.exit(BAD_INPUT if failed else 0)


@main.command()
@click.option("--pages", type=_PATH, help="Folder of English pages, at any depth; the embedded page is read besides.")
@click.option(
    "--known", type=_PATH, help="Earlier catalog, by which a meaning that went is seen; default: the shipped."
)
@_reviewed_option
def review(pages: Path | None, known: Path | None, reviewed: Path) -> None:
    """Find the sentences that nobody has reviewed, and write a line for each into the table: read it, then commit."""
    table = read_reviewed_file(reviewed)
    files = [*sorted(pages.rglob("*.html") if pages else ()), SNAPSHOT / f"{AUTHORITY}.html"]
    found = review_pages(_with_bar(files, what="Reading pages"), table, known=_known(known), today=_today())
    for finding in found.findings:
        near = table.entries.get(finding.unreviewed.nearest) if finding.unreviewed else None
        gist = f"; what meant something there: {near.gist}" if near else ""
        stdout.print(f"{finding.at}: {finding.message}{gist}", markup=False)
    if pages:
        for entry, age in found.unseen:
            what = f"{entry.digest} ({entry.gist or 'nothing'}), of {entry.since}, {age.days} days old"
            stderr.print(f"warning: no page has {what}", markup=False)
    if found.findings:
        reviewed.write_text(reviewed_json(found.entries), encoding="utf-8")
    undecided = sum(bool(entry.undecided) for entry in found.entries)
    stdout.print(f"{len(found.findings)} new sentences, {undecided} undecided", markup=False)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@main.command()
def schema() -> None:
    """Write the JSON Schema of the catalog from the model's types."""
    stdout.print(f"wrote {write_schema()}", markup=False)


def _known(file: Path | None) -> Catalog | None:
    """The baseline is an aid, not a source: where the package ships none yet, no renamed section is recognized."""
    if file is None and not (SHIPPED_DATA / "catalog.json").exists():
        return None
    return load(file)


def _with_bar(files: Sequence[Path], *, what: str) -> Iterable[Path]:
    """Give the files one by one, with a bar on a terminal where there is enough to wait for."""
    if len(files) < _FEW or not stderr.is_terminal:
        return files
    return track(files, description=what, console=stderr)


def _summarize(result: Build, out: Path) -> None:
    if result.catalog:
        stdout.print(_rules_table(result.catalog))
    if result.locales:
        states = ", ".join(f"{reading.locale} {reading.state}" for reading in result.locales)
        stdout.print(f"Locales: en-us gives the facts; {states}.", markup=False)
    for severity in Severity:
        found = [finding for finding in result.findings if finding.severity is severity]
        if found and severity is not Severity.NOTE:
            for finding in found[:_SHOWN]:
                stderr.print(str(finding), markup=False)
        stdout.print(f"{severity}s: {len(found)}", markup=False)
    written = "catalog.json, report.json and texts/" if result.catalog else "report.json, and no catalog,"
    stdout.print(f"Wrote {written} in {out}", markup=False)


def _rules_table(catalog: Catalog) -> Table:
    commit = catalog.authority.commit[:9] if catalog.authority else "unknown"
    table = Table(title=f"{len(catalog.rules)} rules, facts of {catalog.facts_date}, upstream {commit}")
    clouds = [*Cloud, *sorted({rule.cloud for rule in catalog.rules} - set(Cloud))]
    counts = Counter((rule.feature, rule.cloud) for rule in catalog.rules)
    table.add_column("feature")
    for cloud in clouds:
        table.add_column(cloud, justify="right")
    for feature in sorted({rule.feature for rule in catalog.rules}):
        table.add_row(feature, *(str(counts[feature, cloud] or "-") for cloud in clouds))
    return table


def run() -> None:
    """Run a command; a fault that a person can mend is one line and its exit code, never a traceback."""
    try:
        main()
    except (CatalogError, PageError, ReviewedError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(BAD_INPUT)
    except (AksEgressError, OSError) as error:
        stderr.print(f"error: {error}", markup=False)
        sys.exit(USAGE)


if __name__ == "__main__":
    run()
