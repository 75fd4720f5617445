"""The command that judges allow lists."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.calls.linting import clusters_of
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
from aks_egress_catalog.linting.findings.finding import Severity
from aks_egress_catalog.linting.lint import Cluster, Lint, lint_readings, target_of
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import FORMATS
from aks_egress_catalog.store import load


@click.command(
    epilog=examples("lint firewall/ --set region=westeurope", "lint main.tf --profile cluster.toml --format github")
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH|-...")
@catalog_option
@profile_options
@click.option("--clusters", "clusters_file", type=FILE, help="Clusters by name, with their subnets and profiles.")
@click.option("--as", "written_as", type=click.Choice(tuple(FORMATS)), help="The format; by default found by content.")
@click.option(
    "--fail-on",
    type=click.Choice(tuple(Severity)),
    default=Severity.WARNING,
    show_default=True,
    help="Exit 1 where a finding is as grave as this, or graver.",
)
@format_option("table", "json", "sarif", "github", "markdown")
def lint(
    paths: tuple[str, ...],
    *,
    file: Path | None,
    form: str,
    written_as: str | None,
    clusters_file: Path | None,
    fail_on: str,
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
    catalog = fixed(load(file), fix_advisories=fix_advisories)
    lists = read_lists(paths, form=written_as)
    clusters: list[Cluster] | None = None
    if clusters_file:
        clusters = clusters_of(read_clusters_file(clusters_file), lists, catalog)
    elif names_a_cluster(options):
        from aks_egress_catalog.resolver import resolver  # noqa: PLC0415  - only where a cluster is described

        described = resolver(target=target_of(lists.readings), **options).each(catalog)
        clusters = [Cluster(name=name, resolution=resolution) for name, resolution in described]
    found = lint_readings(lists.readings, catalog, lives=lives_beside(file), clusters=clusters, refused=lists.refused)
    _write(found, form)
    write_notes(found.notes)
    sys.exit(NO if found.fails(Severity(fail_on)) else 0)


def _write(found: Lint, form: str) -> None:
    from aks_egress_catalog.render import lint as render  # noqa: PLC0415  - Markdown's history, for some formats only

    if form == "table":
        write_lines(render.lint_lines(found))
    elif form == "github":
        click.echo("\n".join(render.lint_annotations(found)))
    elif form == "sarif":
        from aks_egress_catalog.render.sarif import lint_sarif  # noqa: PLC0415  - as above

        click.echo(lint_sarif(found), nl=False)
    else:
        click.echo((render.lint_json if form == "json" else render.lint_markdown)(found), nl=False)
