"""The command that explains logs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.calls.explaining import Question, resolutions_for
from aks_egress_catalog.cli.explaining.queries import asked_of_queries, kql_options, queries
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
from aks_egress_catalog.cluster.resolve import EVERYTHING, Resolution, Target
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.logs.additions import additions_of
from aks_egress_catalog.logs.attribution import cluster_map
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.explain import Denied, Explained
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.formats import FORMATS
from aks_egress_catalog.logs.read import read, read_followed
from aks_egress_catalog.logs.source import sources
from aks_egress_catalog.render.explain import explain_json, explain_jsonl, explain_lines, explain_markdown, row_lines
from aks_egress_catalog.resolver import resolver
from aks_egress_catalog.store import load

_FAILING: Final = {
    "required": (Verdict.REQUIRED,),
    "required-if": (Verdict.REQUIRED, Verdict.REQUIRED_IF, Verdict.KNOWN_GAP),
    "recommended": (Verdict.REQUIRED, Verdict.REQUIRED_IF, Verdict.KNOWN_GAP, Verdict.RECOMMENDED),
}
"""What a person minds: the verdicts with which the command ends with 1."""


@click.command(
    epilog=examples(
        "explain access.log --set region=westeurope",
        "explain --kql --table AZFWApplicationRule",
    )
)
@click.argument("logs", nargs=-1, metavar="[LOG|-]...")
@catalog_option
@profile_options
@click.option("--clusters", "clusters_file", type=FILE, help="Clusters by name, with their subnets and profiles.")
@click.option("--as", "written_as", type=click.Choice(tuple(FORMATS)), help="The format; by default found by content.")
@click.option("--tz", help="The time zone of logs that write local times, such as Europe/Berlin.")
@click.option("--allowed", is_flag=True, help="Also what was let through: rules without use, hosts without a rule.")
@click.option(
    "--tag-rule",
    "tag_rules",
    multiple=True,
    metavar="NAME",
    help="--allowed: the firewall's rule that has the FQDN tag, by its name in the log; logs do not tell.",
)
@click.option(
    "--format-for", metavar="FORMAT", default="", help="Also what to add, in the words of an export such as squid."
)
@click.option("--follow", is_flag=True, help="Go on reading a file, or -, as it grows; each new endpoint is told once.")
@click.option(
    "--fail-on",
    type=click.Choice(tuple(_FAILING)),
    default="required",
    show_default=True,
    help="Exit 1 where something of this sort, or graver, was denied.",
)
@kql_options
@format_option("table", "json", "jsonl", "markdown", "html")
def explain(
    logs: tuple[str, ...],
    *,
    file: Path | None,
    form: str,
    clusters_file: Path | None,
    written_as: str | None,
    tz: str | None,
    allowed: bool,
    tag_rules: tuple[str, ...],
    format_for: str,
    follow: bool,
    fail_on: str,
    kql: bool,
    fix_advisories: bool,
    **options: Any,
) -> None:
    """Say of what a firewall denied whether AKS needs it.

    LOG is a file, a folder or "-": Azure Firewall (structured and legacy, from storage, Event Hub or Log Analytics),
    Squid, Hubble, PAN-OS, FortiGate, flow logs of networks; packed files as well. With a profile the rules of that
    cluster decide, without one all of the article.

    Exit 1 where something required was denied.
    """
    asked = asked_of_queries(options, kql=kql)
    if kql == bool(logs):
        raise AksEgressError("name a log to explain, or give --kql for the query that reads it where it is; not both")
    if kql:
        click.echo(queries(asked, file, fix_advisories=fix_advisories, options=options), nl=False)
        return
    if clusters_file and names_a_cluster(options):
        raise AksEgressError("--clusters describes the clusters: leave --profile, --from-az and --set out")
    catalog = load(file)
    known = fixed(catalog, fix_advisories=fix_advisories)
    named = read_clusters_file(clusters_file) if clusters_file else ()

    def resolved(target: Target) -> dict[str, Resolution]:
        alone = {"": resolver(target=target, **options)(known)} if names_a_cluster(options) else {}
        return alone | {one.name: known.resolve(one.profile, target=target) for one in named}

    for_format = resolutions_for(format_for, resolved)
    question = Question(
        catalog=catalog,
        lives=lives_beside(file),
        resolutions=resolved(EVERYTHING),
        ranges=cluster_map(named),
        context=Context(tz=_zone(tz), allowed=allowed or bool(tag_rules)),
        tag_rules=frozenset(tag_rules),
    )
    if follow:
        _follow(question, logs, written_as or "", form)
        sys.exit(NO if question.answer().fails(_FAILING[fail_on]) else 0)
    items: Iterable[Flow | Skipped] = read(sources(logs), question.context, format_name=written_as or "")
    if sys.stderr.isatty():
        from aks_egress_catalog.render.progress import watched

        items = watched(items, question.context)
    found = question.answer(items)
    if not found.formats:
        why = "; ".join(found.notes[:3]) or "there is no line in them"
        raise AksEgressError(f"none of these logs is in a known format; --as says which one it is. {why}")
    if format_for:
        found = replace(found, additions=additions_of(found.denied, for_format, catalog, format_for))
    _write(found, form)
    write_notes(found.notes)
    sys.exit(NO if found.fails(_FAILING[fail_on]) else 0)


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AksEgressError(f"--tz {name}: there is no such time zone; Europe/Berlin is one") from error


def _follow(question: Question, logs: tuple[str, ...], written_as: str, form: str) -> None:
    """Tell each endpoint when it is denied for the first time, until the pipe ends or somebody stops it."""
    if len(logs) != 1:
        raise AksEgressError("--follow reads one file")
    if form not in ("table", "jsonl"):
        raise AksEgressError("--follow tells one endpoint after the other: --format table or jsonl")
    told = 0
    with contextlib.suppress(KeyboardInterrupt):
        for item in read_followed(Path(logs[0]), question.context, format_name=written_as):
            question.add([item])
            if len(question.gathering.denied) > told:
                told = len(question.gathering.denied)
                _write_newest(question.newest(), form)


def _write_newest(rows: tuple[Denied, ...], form: str) -> None:
    if form == "table":
        write_lines(line for one in rows for line in row_lines(one))
    else:
        click.echo("".join(f"{line}\n" for line in explain_jsonl(rows)), nl=False)


def _write(found: Explained, form: str) -> None:
    if form == "table":
        write_lines(explain_lines(found))
    elif form == "jsonl":
        click.echo("".join(f"{line}\n" for line in explain_jsonl(found.denied)), nl=False)
    elif form == "html":
        from aks_egress_catalog.render.explain_html import explain_html

        click.echo(explain_html(found), nl=False)
    else:
        click.echo((explain_json if form == "json" else explain_markdown)(found), nl=False)
