"""The commands that list rules: all of them, or those of one cluster."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.cli.cluster import EVERYTHING, resolver
from aks_egress_catalog.cli.options import catalog_option, fixed, format_option, profile_options
from aks_egress_catalog.cli.output import write_notes
from aks_egress_catalog.render.flat import COLUMNS, flatten, to_csv, values
from aks_egress_catalog.render.terminal import print_fleet, print_overview, print_resolution, print_table
from aks_egress_catalog.store import load
from aks_egress_catalog.text.codec import to_json


@click.command(name="list")
@catalog_option
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@click.option("--level", help="required, recommended or informational.")
@format_option("table", "csv", "json")
def list_rules(file: Path | None, cloud: str | None, feature: str | None, level: str | None, form: str) -> None:
    """List the rules, one alternative a line.

    Example: aks-egress-catalog list --cloud AzureCloud --feature core --format csv
    """
    rules = load(file).rules(cloud=cloud, feature=feature, level=level)
    if form == "csv":
        click.echo(to_csv(rules), nl=False)
    elif form == "json":
        click.echo(to_json([asdict(flat) for flat in flatten(rules)]), nl=False)
    else:
        print_table(COLUMNS, map(values, flatten(rules)))


@click.command()
@catalog_option
@profile_options
@format_option("table", "json")
def resolve(file: Path | None, form: str, *, fix_advisories: bool, **options: Any) -> None:
    """Say which rules one cluster needs, which it does not, and why.

    Example: aks-egress-catalog resolve --set region=westeurope --set features=azure-policy,azure-monitor
    """
    catalog = fixed(load(file), fix_advisories=fix_advisories)
    resolve_all = resolver(target=EVERYTHING, **options)
    if len(resolve_all.clusters) > 1:
        fleet = resolve_all.fleet(catalog)
        if form == "json":
            write_notes(fleet.union.caveats)
            click.echo(to_json(fleet), nl=False)
        else:
            print_fleet(fleet)
        return
    resolution = resolve_all(catalog)
    if form == "json":
        write_notes(resolution.caveats)
        click.echo(to_json(resolution), nl=False)
    else:
        print_resolution(resolution)


@click.command(hidden=True)
def overview() -> None:
    """Say what the catalog holds, and what to ask next."""
    print_overview(load())
