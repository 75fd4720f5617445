"""The command that judges allow lists."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cli.fixing import Fixing, fix_options
from aks_egress_catalog.cli.options import (
    FILE,
    catalog_option,
    examples,
    fixed,
    format_option,
    names_a_cluster,
    profile_options,
)
from aks_egress_catalog.cli.output import NO, write_lines, write_notes
from aks_egress_catalog.cluster.clusters_file import read_clusters_file
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.linting.counting import baseline_of, lives_until, since_then, without_ignored
from aks_egress_catalog.linting.findings.finding import Severity
from aks_egress_catalog.linting.lint import Cluster, Lint, clusters_of, lint_readings, target_of
from aks_egress_catalog.linting.read import Lists, read_lists
from aks_egress_catalog.linting.readers.formats import FORMATS
from aks_egress_catalog.render.escaping.log_commands import inert
from aks_egress_catalog.render.lint import lint_annotations, lint_json, lint_lines, lint_markdown, summary
from aks_egress_catalog.store import load, load_state
from aks_egress_catalog.text.visible import visible

_FORMATS: Final = ("table", "json", "sarif", "github", "markdown")


@click.command(
    epilog=examples("lint hosts.txt --set region=westeurope", "lint hosts.txt --profile cluster.toml --format github")
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH|-...")
@catalog_option
@profile_options
@click.option("--clusters", "clusters_file", type=FILE, help="Clusters by name, with their subnets and profiles.")
@click.option("--as", "written_as", type=click.Choice(tuple(FORMATS)), help="The format; by default found by content.")
@click.option("--baseline", type=FILE, help="Findings that are known; only others count.")
@click.option("--write-baseline", type=FILE, help="Write what is found now as a baseline, and exit 0.")
@click.option("--since", metavar="VERSION|DATE", help="Only what was not wrong with the catalog of then.")
@click.option(
    "--fail-on",
    type=click.Choice([str(one) for one in Severity]),
    default=str(Severity.WARNING),
    show_default=True,
    help="Exit 1 where a finding is as grave as this, or graver.",
)
@fix_options
@click.option("--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Write the answer into a file as well.")
@format_option(*_FORMATS)
def lint(
    paths: tuple[str, ...],
    *,
    file: Path | None,
    form: str,
    written_as: str | None,
    clusters_file: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    since: str | None,
    fail_on: str,
    fixing: Fixing,
    outputs: tuple[str, ...],
    fix_advisories: bool,
    **options: Any,
) -> None:
    """Say whether allow lists let a cluster live, and nothing more.

    PATH is a file, a folder or "-": Terraform, Bicep, ARM, az scripts, Squid, PAN-OS, FortiGate, Cilium, plain lists
    and what this package exports. With a profile they are held against what that cluster needs; without, against a
    public cluster in the cloud and region that the lists speak of.

    Exit 1 where a finding is an error or a warning; notes never fail.
    """
    if clusters_file and names_a_cluster(options):
        raise AksEgressError("--clusters describes the clusters: leave --profile, --from-az and --set out")
    wanted = [_output(text) for text in outputs]
    if write_baseline and (fixing.is_asked or since):
        raise AksEgressError("--write-baseline takes all that is found: leave --since out, and mend first")
    judge = _Judge(
        file=file,
        since=since,
        baseline=baseline,
        clusters_file=clusters_file,
        fix_advisories=fix_advisories,
        options=options,
    )
    read = partial(read_lists, paths, form=written_as)
    is_taken = False
    if fixing.is_asked:
        from aks_egress_catalog.cli.mended import mended

        found, is_taken = mended(fixing, read, judge)
    else:
        found = judge(read())
    if write_baseline:
        _write({write_baseline: baseline_of(found, Severity(fail_on))})
        write_notes([f"{write_baseline} has what is found now; give it as --baseline"])
        return
    if wanted:
        _write({place: _text(found, kind) for kind, place in wanted})
    if is_taken:
        click.echo(visible(summary(found)), err=True)
    elif form == "table":
        write_lines(lint_lines(found))
    else:
        text = _text(found, form)
        click.echo("\n".join(map(inert, text.split("\n"))) if form == "markdown" else text, nl=False)
    write_notes(found.notes)
    sys.exit(NO if found.fails(Severity(fail_on)) else 0)


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What was asked: of lists it gives the answer."""

    file: Path | None
    since: str | None
    baseline: Path | None
    clusters_file: Path | None
    fix_advisories: bool
    options: dict[str, Any]

    def __call__(self, lists: Lists) -> Lint:
        lives = lives_beside(self.file)
        found = without_ignored(self._of(lists, self._catalog, lives), lists.texts, baseline=self.baseline)
        if not self.since:
            return found
        then = load_state(self.since, self.file)
        fixed_then = fixed(then, fix_advisories=self.fix_advisories, known_on=then.facts_date)
        return since_then(found, self._of(lists, fixed_then, lives_until(lives, then.facts_date)), then)

    @cached_property
    def _catalog(self) -> Catalog:
        return fixed(load(self.file), fix_advisories=self.fix_advisories)

    def _of(self, lists: Lists, catalog: Catalog, lives: Mapping[str, Life]) -> Lint:
        """Hold lists against the clusters that were given, and a catalog."""
        readings = lists.readings
        clusters: list[Cluster] | None = None
        if self.clusters_file:
            clusters = clusters_of(read_clusters_file(self.clusters_file), target_of(readings), catalog)
        elif names_a_cluster(self.options):
            from aks_egress_catalog.resolver import resolver

            described = resolver(target=target_of(readings), **self.options).each(catalog)
            clusters = [Cluster(name=name, resolution=resolution) for name, resolution in described]
        return lint_readings(readings, catalog, lives=lives, clusters=clusters, refused=lists.refused)


def _write(files: dict[Path, str]) -> None:
    from aks_egress_catalog.text.files import write_files

    write_files(files)


def _output(text: str) -> tuple[str, Path]:
    """Read ``FORMAT=FILE``."""
    kind, given, place = text.partition("=")
    if not given or not place or kind not in _FORMATS:
        raise AksEgressError(f"--output {text}: write it as FORMAT=FILE; FORMAT is one of {', '.join(_FORMATS)}")
    return kind, Path(place)


def _text(found: Lint, form: str) -> str:
    """The answer in a format, as text without colours."""
    if form == "table":
        return "".join(f"{visible(line.text)}\n" for line in lint_lines(found))
    if form == "github":
        return "".join(f"{line}\n" for line in lint_annotations(found))
    if form == "sarif":
        from aks_egress_catalog.render.sarif import lint_sarif

        return lint_sarif(found)
    return lint_json(found) if form == "json" else lint_markdown(found)
