"""``python -m publish notify``: send announced changes to subscribers."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.history.announced import announced, announced_since
from aks_egress_catalog.history.changes import Change, Changes
from aks_egress_catalog.history.history_file import load_history
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.store import read_texts
from aks_egress_catalog.text.codec import from_json_as, read_with
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from publish.commands.shared import NO, PATH, day_or_today
from publish.config import read_config
from publish.notices.notify.deliver import Clock, Result, deliver, plan_deliveries
from publish.notices.notify.outbox import Delivery, Outbox, Stage, change_id
from publish.notices.notify.senders import Senders, missing_secret
from publish.notices.notify.subscribers import SUBSCRIBERS_TOML, Subscriber, read_subscribers


@click.command()
@click.option("--changes", "file", type=PATH, help="Send these changes instead of those of the shipped history.")
@click.option("--out", type=PATH, metavar="DIR", help="Send the changes.json of this folder of the stages instead.")
@click.option(
    "--since", metavar="VERSION", help="Send what was announced after a version; default: after the last one sent."
)
@click.option("--subscribers", type=PATH, default=SUBSCRIBERS_TOML, help="Default: publish/subscribers.toml.")
@click.option("--state", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--texts", type=PATH, default=SHIPPED_DATA / "texts", help="Default: the shipped texts.")
@click.option("--today", metavar="DATE", help="Last day of the changes; default: today, UTC.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent to whom and why; send and write nothing.")
def notify(
    *,
    file: Path | None,
    out: Path | None,
    since: str | None,
    subscribers: Path,
    state: Path,
    texts: Path,
    today: str | None,
    dry_run: bool,
) -> None:
    """Send every subscriber what changed, once, and try again what was not taken before.

    Secrets come from the environment, by the names that the file of subscribers gives. Exit 1 where a delivery was
    given up or a secret is missing; the others are delivered all the same.
    """
    if len([one for one in (file, out, since) if one]) > 1:
        raise click.UsageError("give at most one of --changes, --out and --since")
    file = out / "changes.json" if out else file
    listed = read_subscribers(subscribers)
    outbox, now, history = Outbox(state), partial(dt.datetime.now, dt.UTC), load_history()
    if file:
        changes = read_with(partial(from_json_as, Changes), file).changes
    else:
        since = since or _last_sent(outbox) or _last_but_one(history)
        hold = read_config().hold.length
        changes = announced_since(history, since, today=day_or_today(today), hold=hold) if since else ()
    known, earlier = outbox.deliveries(), announced(history, today=day_or_today(today)).changes
    planned = plan_deliveries(changes, listed, texts=read_texts(texts) or {}, known=known, now=now(), earlier=earlier)
    if dry_run:
        pending = [one for one in known if one.stage is Stage.PENDING]
        click.echo("\n".join(_dry_run_lines(changes, listed, planned, pending)))
        return
    for delivery in planned:
        outbox.write(delivery)
    if not file:
        outbox.mark(history.versions[-1].version)
    senders = Senders(os.environ, now=now)
    results = deliver(outbox, listed, senders, clock=Clock(now=now, sleep=time.sleep))
    outbox.tidy(now=now(), current=map(change_id, changes))
    for line in _result_lines(results, listed):
        click.echo(line)
    sys.exit(NO if any(result.failed for result in results) else 0)


def _last_sent(outbox: Outbox) -> str | None:
    """The version announced last. Where the file is damaged, what was delivered still stands in the outbox."""
    try:
        return outbox.announced_up_to()
    except CatalogError as error:
        click.echo(f"note: {error}; it is made anew: the newest version is announced, to whoever has it not", err=True)
        return None


def _last_but_one(history: History) -> str | None:
    """The version before the newest: where the state was lost, the newest version is announced, perhaps again."""
    *_, before, _ = (None, None, *(release.version for release in history.versions))
    return before


def _result_lines(results: Sequence[Result], listed: Sequence[Subscriber]) -> Iterator[str]:
    """A line for each delivery, and what a person has to do."""
    targets = {one.name: str(one.target) for one in listed}
    for result in results:
        one = result.delivery
        who = f"{one.subscriber} ({targets.get(one.subscriber, 'unknown')}), delivery {one.id}"
        if result.blocked:
            yield f"error: {who}: not tried: {one.fault}; set it, and run again"
        elif one.stage is Stage.DEAD:
            yield f"error: {who}: given up after {one.attempts} attempts: {one.fault}"
        elif one.stage is Stage.PENDING:
            yield f"{who}: attempt {one.attempts} failed: {one.fault}; again from {one.due:%Y-%m-%d %H:%M} UTC on"
        else:
            yield f"{who}: sent"
    if not results:
        yield "there is nothing to deliver"


def _dry_run_lines(
    changes: Sequence[Change], listed: Sequence[Subscriber], planned: Sequence[Delivery], pending: Sequence[Delivery]
) -> Iterator[str]:
    """What would be sent, to whom and why."""
    new = {delivery.subscriber: delivery for delivery in planned}
    for one in listed:
        matching = sum(map(one.accepts, changes))
        yield f"{one.name} ({one.target}), in {one.locale}: {matching} of {len(changes)} changes pass {one.filters()}"
        if variable := missing_secret(one.target, os.environ):
            yield f"  could not be sent: {variable} is not set in the environment"
        if one.name in new:
            yield from _message_lines("would be sent", new[one.name])
        elif matching:
            yield "  was sent or planned already"
    for delivery in pending:
        yield f"{delivery.subscriber}: tried {delivery.attempts} times before, due {delivery.due:%Y-%m-%d %H:%M} UTC"
        yield from _message_lines("would be sent again", delivery)
    if not listed:
        yield "there are no subscribers"


def _message_lines(what: str, delivery: Delivery) -> Iterator[str]:
    yield f"  {what} as delivery {delivery.id}:"
    if delivery.message:
        yield f"  | {delivery.message.subject}"
        yield from (f"  | {line}" for line in delivery.message.text.splitlines())
