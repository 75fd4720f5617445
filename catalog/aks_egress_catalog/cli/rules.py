"""The commands that list rules: all of them, or those of one cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.cli.options import (
    catalog_option,
    examples,
    fixed,
    format_option,
    missing_option,
    profile_options,
    wide_option,
)
from aks_egress_catalog.cli.output import end_if_missing, write_dropped, write_notes
from aks_egress_catalog.cluster.resolve import EVERYTHING, Resolution
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.azure.fqdn_tag import compare_fqdn_tag as compare
from aks_egress_catalog.render.flat import flatten, to_csv, to_records
from aks_egress_catalog.render.terminal import (
    print_fleet,
    print_overview,
    print_resolution,
    print_rules,
    print_tag_comparison,
)
from aks_egress_catalog.resolver import resolver
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json


@click.command(
    name="list",
    epilog=examples("list --cloud AzureCloud --feature core", "list --level required --format csv"),
)
@catalog_option
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@click.option("--level", help="required, recommended or informational.")
@wide_option
@format_option("table", "csv", "json")
def list_rules(
    file: Path | None, cloud: str | None, feature: str | None, level: str | None, form: str, *, wide: bool
) -> None:
    """List the rules, one alternative a line. Their ids stand in the tables with --wide, and in CSV and JSON."""
    rules = load(file).rules(cloud=cloud, feature=feature, level=level)
    if form == "csv":
        click.echo(to_csv(rules), nl=False)
    elif form == "json":
        click.echo(to_json(to_records(rules)), nl=False)
    else:
        print_rules(flatten(rules), wide=wide)


@click.command(
    epilog=examples(
        "resolve --set region=uksouth --set features=gpu",
        "resolve --profile cluster.toml --format json",
    )
)
@catalog_option
@profile_options
@missing_option
@wide_option
@click.option("--compare-fqdn-tag", is_flag=True, help="Say what a firewall with the tag AzureKubernetesService lacks.")
@format_option("table", "json")
def resolve(
    file: Path | None,
    form: str,
    *,
    fix_advisories: bool,
    allow_missing: bool,
    compare_fqdn_tag: bool,
    wide: bool,
    **options: Any,
) -> None:
    """Say which rules one cluster needs, which it does not, and why.

    Exit 1 where a required rule cannot be expressed.
    """
    catalog = fixed(load(file), fix_advisories=fix_advisories)
    resolve_all = resolver(target=EVERYTHING, **options)
    fleet = resolve_all.fleet(catalog) if len(resolve_all.clusters) > 1 else None
    if fleet and compare_fqdn_tag:
        raise AksEgressError(f"--compare-fqdn-tag is about one cluster, and these are {len(fleet.clusters)}")
    resolution = fleet.union if fleet else resolve_all(catalog)
    if compare_fqdn_tag:
        _write_comparison(resolution, form)
    elif form == "json":
        write_dropped(resolution.unmet)
        write_notes(resolution.caveats)
        click.echo(to_json(fleet or resolution), nl=False)
    elif fleet:
        print_fleet(fleet)
    else:
        print_resolution(resolution, wide=wide)
    missing = {left.id for left in resolution.unmet} - resolution.optional
    end_if_missing(catalog, missing, allow_missing=allow_missing)


def _write_comparison(resolution: Resolution, form: str) -> None:
    """Answer with what the FQDN tag alone would let through, in place of the rules."""
    found = compare(resolution)
    write_dropped(resolution.unmet)
    if form == "json":
        click.echo(to_json(found), nl=False)
    else:
        print_tag_comparison(found)


@click.command(hidden=True)
def overview() -> None:
    """Say what the catalog holds, and what to ask next."""
    print_overview(load())
