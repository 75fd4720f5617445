"""The commands that look back: what changed, what to do about it, and the life of one rule."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.calls.comparing import compare
from aks_egress_catalog.cli.options import (
    catalog_option,
    examples,
    format_option,
    names_a_cluster,
    profile_options,
    wide_option,
)
from aks_egress_catalog.cli.output import NO, write_lines, write_notes
from aks_egress_catalog.cluster.advisories import Advisory, find_advisory
from aks_egress_catalog.cluster.resolve import EVERYTHING
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.announced import announced
from aks_egress_catalog.history.changes import Change, summarize
from aks_egress_catalog.history.history_file import has_history, history_beside
from aks_egress_catalog.history.revisions import History, read_day
from aks_egress_catalog.history.rule_card import rule_card
from aks_egress_catalog.render.github import plan_annotations
from aks_egress_catalog.render.markdown import advisory_markdown, announced_markdown, plan_markdown, rule_markdown
from aks_egress_catalog.render.past import print_changes, print_dates, print_plan, print_rule
from aks_egress_catalog.resolver import resolver
from aks_egress_catalog.store import load, load_state, read_texts
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.line import Line
from aks_egress_catalog.text.shipped import SHIPPED_DATA


@click.command(
    epilog=examples("changes --since 2024-01-01 --cloud AzureCloud", "changes --feature gpu --format markdown")
)
@catalog_option
@click.option("--since", metavar="DATE", help="First day, such as 2024-01-01; default: the first there is.")
@click.option("--until", metavar="DATE", help="Last day; default: today.")
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@wide_option
@format_option("table", "json", "markdown")
def changes(
    *,
    file: Path | None,
    since: str | None,
    until: str | None,
    cloud: str | None,
    feature: str | None,
    wide: bool,
    form: str,
) -> None:
    """List every change of the requirements, as it was announced then, oldest first.

    A rule that leaves the page is announced as missing, and as removed once it stayed away for the whole hold.
    """
    first = dt.date.min if since is None else read_day(since)
    last = _today() if until is None else min(read_day(until), _today())  # what is not over yet is not announced yet
    if first > last:
        raise AksEgressError(f"--since {first} is later than the last day, {last}")
    history = history_beside(file)
    _expect_known(history, cloud, feature)
    found = [
        change
        for change in announced(history, today=last).changes
        if change.date and change.date >= first and _is_of(change, cloud, feature)
    ]
    if form == "json":
        click.echo(to_json(summarize(found)), nl=False)
    elif form == "markdown":
        click.echo(announced_markdown(found), nl=False)
    elif found:
        print_changes(found, wide=wide)
    else:
        of, start = "".join(f" of {one}" for one in (cloud, feature) if one), f" from {first}" if since else ""
        click.echo(f"no requirement{of} changed{start} to {last}")


@click.command(
    epilog=examples(
        "diff 2024-06-01 latest --profile cluster.toml",
        "diff --since 2024-06-01 --exit-code --format github",
    )
)
@click.argument("states", nargs=-1, metavar="OLD [NEW]")
@click.option("--since", metavar="OLD", help="The same as OLD.")
@catalog_option
@profile_options
@wide_option
@click.option("--exit-code", is_flag=True, help="Exit 1 if something must be added.")
@format_option("table", "json", "markdown", "github")
def diff(
    states: tuple[str, ...],
    since: str | None,
    file: Path | None,
    form: str,
    *,
    exit_code: bool,
    wide: bool,
    fix_advisories: bool,
    **options: Any,
) -> None:
    """Plan the upgrade from one state to another: what to add now, and what may go later.

    OLD and NEW are days (2024-06-01), versions of the data (2024.5.21), files, or "latest", which NEW is unless it is
    given. With a profile the plan is that of one cluster. As a gate in CI: --exit-code --format github.
    """
    old, new = _old_and_new(states, since)
    resolve = resolver(target=EVERYTHING, **options) if names_a_cluster(options) else None
    compared = compare(
        load_state(old, file),
        load_state(new, file),
        resolve=resolve,
        history=history_beside(file) if has_history(file) else None,
        fix_advisories=fix_advisories,
    )
    found, newly_unmet = compared.plan, compared.newly_unmet
    write_notes(compared.caveats)
    if form == "json":
        click.echo(to_json(found), nl=False)
    elif form == "markdown":
        click.echo(plan_markdown(found), nl=False)
    elif form == "github":
        click.echo(plan_annotations(found, newly_unmet), nl=False)
    else:
        print_plan(found, wide=wide)
    if exit_code and (found.add or newly_unmet):
        sys.exit(NO)


@click.command(
    epilog=examples(
        "show AzureCloud/core/packages.aks.azure.com:tcp-443",
        "show acs-mirror-fallback",
    )
)
@click.argument("name", metavar="RULE|ADVISORY")
@catalog_option
@click.option("--locale", default="en-us", show_default=True, help="Language of the description.")
@format_option("table", "json", "markdown")
def show(name: str, file: Path | None, locale: str, form: str) -> None:
    """Show one rule, by its id: facts, where it stands on the page, and its life line.

    An advisory is shown by its own id, or by that of the rule that its fix adds.
    """
    advisory = find_advisory(name)
    if advisory:
        _show_advisory(advisory, form)
        return
    texts = read_texts((file.parent if file else SHIPPED_DATA) / "texts") or {}
    history = history_beside(file) if has_history(file) else None
    words = texts.get(locale, {}).get(name, ())
    if texts and locale not in texts:
        raise AksEgressError(f"there are no texts in {locale}; there are: {', '.join(sorted(texts))}")
    known = announced(history, today=_today()).changes if history else ()
    card = rule_card(name, load(file), history, announced=known, texts=words)
    if form == "json":
        click.echo(to_json(card), nl=False)
    elif form == "markdown":
        click.echo(rule_markdown(card), nl=False)
    else:
        print_rule(card)


def _show_advisory(advisory: Advisory, form: str) -> None:
    if form == "json":
        click.echo(to_json(advisory), nl=False)
    elif form == "markdown":
        click.echo(advisory_markdown(advisory), nl=False)
    else:
        title, *rest = advisory.lines()
        write_lines([Line(title), *(Line(f"  {line}") for line in rest)])


@click.command(epilog=examples("dates", "dates --to-come --format json"))
@catalog_option
@click.option("--to-come", is_flag=True, help="Leave out the days that are over.")
@format_option("table", "json")
def dates(file: Path | None, form: str, *, to_come: bool) -> None:
    """List the days that the article itself names, such as the end of a support, and where it says what happens."""
    catalog, today = load(file), _today()
    found = [named for named in catalog.dates if not to_come or named.date >= today]
    if form == "json":
        click.echo(to_json(found), nl=False)
    elif found:
        print_dates(found, today=today, url=catalog.authority.url if catalog.authority else "")
    else:
        click.echo(f"the article names no day{' to come' if to_come else ''}")


def _old_and_new(states: tuple[str, ...], since: str | None) -> tuple[str, str]:
    given = (since, *states) if since is not None else states
    match given:
        case (old,):
            return old, "latest"
        case (old, new):
            return old, new
        case ():
            raise AksEgressError("say since when: a day (2024-06-01), a version (2024.5.21) or a file")
        case _:
            raise AksEgressError(f"at most OLD and NEW, not {len(given)} states: {', '.join(given)}")


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _is_of(change: Change, cloud: str | None, feature: str | None) -> bool:
    rule = change.rule
    return rule is not None and cloud in (None, rule.cloud) and feature in (None, rule.feature)


def _expect_known(history: History, cloud: str | None, feature: str | None) -> None:
    """Refuse a filter that never matched anything: a typo would read as "nothing changed"."""
    for what, value, place in (("cloud", cloud, 0), ("feature", feature, 1)):
        known = sorted({name.split("/")[place] for name in history.rules})
        if value is not None and value not in known:
            raise AksEgressError(f"no rule ever had the {what} {value!r}; there were: {', '.join(known)}")
