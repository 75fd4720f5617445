"""The commands that look back: what changed, what to do about it, and the life of one rule."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aks_egress_catalog.cli_options import (
    catalog_option,
    fixed,
    format_option,
    has_history,
    names_a_cluster,
    profile_options,
    resolver,
    tell,
)
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.hold import account
from aks_egress_catalog.store import DATA, load, read_texts, to_json

if TYPE_CHECKING:
    from aks_egress_catalog.changes import Change
    from aks_egress_catalog.history import History
    from aks_egress_catalog.model import Catalog


@click.command()
@catalog_option
@click.option("--since", metavar="DATE", help="First day to tell of, such as 2024-01-01; default: the first there is.")
@click.option("--until", metavar="DATE", help="Last day to tell of; default: today.")
@click.option("--cloud", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
@click.option("--feature", help="For example core, gpu, azure-monitor.")
@format_option("table", "json", "markdown")
def changes(
    *, file: Path | None, since: str | None, until: str | None, cloud: str | None, feature: str | None, form: str
) -> None:
    """Tell every change of the requirements, as it was told then, oldest first.

    A rule that leaves the page is told as missing, and as removed once it stayed away for the whole hold.

    Example: aks-egress-catalog changes --since 2024-01-01 --cloud AzureCloud
    """
    from aks_egress_catalog.changes import summarize  # noqa: PLC0415  - only where it is used, here and below
    from aks_egress_catalog.history import history_beside, read_day  # noqa: PLC0415  - as above

    first = dt.date.min if since is None else read_day(since)
    last = _today() if until is None else min(read_day(until), _today())  # what is not over yet is not told yet
    if first > last:
        raise AksEgressError(f"--since {first} is later than the last day to tell of, {last}")
    history = history_beside(file)
    _expect_known(history, cloud, feature)
    told = [
        change
        for change in account(history, today=last).told
        if change.date and change.date >= first and _is_of(change, cloud, feature)
    ]
    if form == "json":
        click.echo(to_json(summarize(told)), nl=False)
    elif form == "markdown":
        from aks_egress_catalog.markdown import told_markdown  # noqa: PLC0415  - as above

        click.echo(told_markdown(told), nl=False)
    else:
        from aks_egress_catalog.printer import print_changes  # noqa: PLC0415  - rich only where something is printed

        print_changes(told)


@click.command()
@click.argument("old")
@click.argument("new", default="latest")
@catalog_option
@profile_options
@format_option("table", "json", "markdown")
def diff(old: str, new: str, file: Path | None, form: str, *, fix_advisories: bool, **options: Any) -> None:  # noqa: ANN401  - profile_options
    """Plan the upgrade from one state to another: what to add now, and what may go later.

    OLD and NEW are days (2024-06-01), versions of the data (2024.5.21), files, or "latest". With a profile the plan
    is that of one cluster.

    Example: aks-egress-catalog diff 2024-06-01 latest --profile cluster.toml
    """
    from aks_egress_catalog.history import history_beside  # noqa: PLC0415  - only where days are told
    from aks_egress_catalog.resolve import Target  # noqa: PLC0415  - only where something is resolved
    from aks_egress_catalog.upgrade import plan  # noqa: PLC0415  - only this command's

    one, other = _state(old, file), fixed(_state(new, file), fix_advisories=fix_advisories)
    one = fixed(one, fix_advisories=fix_advisories, known_on=one.facts_date)  # nobody had what was not known yet
    everything = Target(fqdn_in_network_rules=True, service_tags=True)

    resolve = resolver(target=everything, **options) if names_a_cluster(options) else None
    history = history_beside(file) if has_history(file) else None
    lives = history.lives_at(other.facts_date or _today()) if history else {}
    found = plan(one, other, lives=lives, resolve=resolve)
    tell(resolve(other).caveats if resolve else ())
    if form == "json":
        click.echo(to_json(found), nl=False)
    elif form == "markdown":
        from aks_egress_catalog.markdown import plan_markdown  # noqa: PLC0415  - only this format's

        click.echo(plan_markdown(found), nl=False)
    else:
        from aks_egress_catalog.printer import print_plan  # noqa: PLC0415  - rich only where something is printed

        print_plan(found)


@click.command()
@click.argument("name", metavar="RULE")
@catalog_option
@click.option("--locale", default="en-us", show_default=True, help="Language of the description.")
@format_option("table", "json", "markdown")
def show(name: str, file: Path | None, locale: str, form: str) -> None:
    """Show one rule, by its id: facts, where it stands on the page, and its life line.

    Example: aks-egress-catalog show AzureCloud/core/packages.aks.azure.com:tcp-443
    """
    from aks_egress_catalog.history import history_beside  # noqa: PLC0415  - only where days are told
    from aks_egress_catalog.portrait import portray  # noqa: PLC0415  - only this command's

    texts = read_texts((file.parent if file else Path(DATA)) / "texts") or {}
    history = history_beside(file) if has_history(file) else None
    told = account(history, today=_today()).told if history else ()
    words = texts.get(locale, {}).get(name, ())
    if texts and locale not in texts:
        raise AksEgressError(f"there are no texts in {locale}; there are: {', '.join(sorted(texts))}")
    portrait = portray(name, load(file), history, told=told, texts=words)
    if form == "json":
        click.echo(to_json(portrait), nl=False)
    elif form == "markdown":
        from aks_egress_catalog.markdown import rule_markdown  # noqa: PLC0415  - only this format's

        click.echo(rule_markdown(portrait), nl=False)
    else:
        from aks_egress_catalog.printer import print_rule  # noqa: PLC0415  - rich only where something is printed

        print_rule(portrait)


def _state(text: str, file: Path | None) -> Catalog:
    """Load the state that a word of the command line names."""
    if text == "latest":
        return load(file)
    if re.fullmatch(r"\d{4}\.\d{1,2}\.\d{1,2}(?:\.\d+)?", text):
        return _published(text, file)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return load(file, as_of=text)
    if Path(text).is_file():
        return load(text)
    raise AksEgressError(f"{text!r} is not a day (2024-06-01), a version (2024.5.21), 'latest' or a file")


def _published(version: str, file: Path | None) -> Catalog:
    """What a version of the data was, with what was held then."""
    from aks_egress_catalog.history import history_beside  # noqa: PLC0415  - only where versions are told
    from aks_egress_catalog.hold import accounts, published  # noqa: PLC0415  - as above

    latest = load(file)
    if version == latest.version:
        return latest
    history = history_beside(file)
    release = history.release(version)
    return published(history, release, dict(accounts(history, today=release.day))[release])


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
