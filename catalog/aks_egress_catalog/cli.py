"""The command line. Only this module knows click and rich."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from aks_egress_catalog import __version__
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.flat import COLUMNS, flatten, to_csv, values
from aks_egress_catalog.store import load, to_json

USAGE: Final = 2
BAD_INPUT: Final = 3

_catalog_option = click.option(
    "--catalog",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Catalog to read; default: the shipped one.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aks-egress-catalog")
def cli() -> None:
    """Say what an Azure Kubernetes Service cluster must be allowed to reach."""


@cli.command(name="list")
@_catalog_option
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@click.option("--level", help="required, recommended or informational.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
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
        table = Table(*COLUMNS, box=None, pad_edge=False)
        for flat in flatten(rules):
            table.add_row(*values(flat))
        Console(soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 1000).print(table)


def main() -> None:
    """Run the command line; a fault that a person can mend is one line, never a traceback."""
    try:
        cli()
    except CatalogError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BAD_INPUT)
    except AksEgressError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
