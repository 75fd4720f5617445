"""``explain --kql``: the options, and the queries that they ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.cli.options import names_a_cluster
from aks_egress_catalog.cluster.resolve import EVERYTHING
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.logs.kql.command import kql_command_output
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from aks_egress_catalog.resolver import resolver
from aks_egress_catalog.store import load

_OF_QUERIES: Final = ("tables", "external", "watchlist", "basic", "rules_only")


def kql_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command write queries; what was asked for arrives as ``kql`` and the names of ``_OF_QUERIES``."""
    options = (
        click.option("--kql", is_flag=True, help="Write the query that says the same in Log Analytics; reads no log."),
        click.option(
            "--table",
            "tables",
            multiple=True,
            type=click.Choice(tuple(TABLES)),
            help="--kql: for this table only; without, one query for each.",
        ),
        click.option("--external", metavar="URL", default="", help="--kql: take the rules from this CSV file."),
        click.option(
            "--watchlist", metavar="NAME", default="", help="--kql: take the rules from Sentinel's watchlist."
        ),
        click.option("--basic", is_flag=True, help="--kql: for a table of the Basic plan: no join, no union."),
        click.option("--rules-only", is_flag=True, help="--kql: the rules as CSV, for --external or --watchlist."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def asked_of_queries(options: dict[str, Any], *, kql: bool) -> dict[str, Any]:
    """Take the options of queries out of those of the command.

    Raises:
        AksEgressError: one of them was given without ``--kql``.
    """
    asked = {name: options.pop(name) for name in _OF_QUERIES}
    idle = [name for name, value in asked.items() if value]
    if idle and not kql:
        flag = "table" if idle[0] == "tables" else idle[0].replace("_", "-")
        raise AksEgressError(f"--{flag} says how a query is to be written: give --kql with it")
    return asked


def queries(asked: Mapping[str, Any], file: Path | None, *, fix_advisories: bool, options: Mapping[str, Any]) -> str:
    """Write the queries; with a profile, by the rules of that cluster."""
    catalog = load(file)
    lives = lives_beside(file)
    if not names_a_cluster(options):
        return kql_command_output(catalog.with_fixes() if fix_advisories else catalog, lives=lives, **asked)
    found = resolver(target=EVERYTHING, **options)
    return kql_command_output(
        catalog,
        lives=lives,
        resolution=found(catalog.with_fixes() if fix_advisories else catalog),
        about=found.one_line,
        **asked,
    )
