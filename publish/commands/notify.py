"""``python -m publish notify``: tell subscribers what changed."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aks_egress_catalog.changes import Changes
from aks_egress_catalog.history import load_history
from aks_egress_catalog.hold import account
from aks_egress_catalog.store import DATA, from_json_as, read_texts, read_with
from publish.commands.shared import NO, PATH, day_or_today
from publish.config import read_config
from publish.notify import Clock, deliver, plan_deliveries
from publish.notify.outbox import Outbox, Stage, identity
from publish.notify.senders import Senders, missing_secret
from publish.notify.subscribers import SUBSCRIBERS_TOML, read_subscribers
from publish.polls import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aks_egress_catalog.changes import Change
    from publish.notify import Result
    from publish.notify.outbox import Delivery
    from publish.notify.subscribers import Subscriber


@click.command()
@click.option(
    "--changes", "file", type=PATH, default=Path("build/changes.json"), show_default=True, help="Changes to tell."
)
@click.option("--since", metavar="VERSION", help="Tell what the shipped history tells since a version instead.")
@click.option("--subscribers", type=PATH, default=SUBSCRIBERS_TOML, help="Default: publish/subscribers.toml.")
@click.option("--state", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--texts", type=PATH, default=Path(DATA) / "texts", help="Default: the shipped texts.")
@click.option("--today", metavar="DATE", help="Last day to tell of with --since; default: today, UTC.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent to whom and why; send and write nothing.")
def notify(
    *, file: Path, since: str | None, subscribers: Path, state: Path, texts: Path, today: str | None, dry_run: bool
) -> None:
    """Tell every subscriber what changed, once, and try again what was not taken before.

    Secrets come from the environment, by the names that the file of subscribers gives. Exit 1 where a delivery was
    given up or a secret is missing; the others are delivered all the same.
    """
    listed = read_subscribers(subscribers)
    changes = _told_since(since, today) if since else read_with(partial(from_json_as, Changes), file).changes
    outbox, now = Outbox(state), partial(dt.datetime.now, dt.UTC)
    known = outbox.deliveries()
    planned = plan_deliveries(changes, listed, texts=read_texts(texts) or {}, known=known, now=now())
    if dry_run:
        pending = [one for one in known if one.stage is Stage.PENDING]
        click.echo("\n".join(_would_send(changes, listed, planned, pending)))
        return
    for delivery in planned:
        outbox.write(delivery)
    senders = Senders(os.environ, now=now)
    results = deliver(outbox, listed, senders, clock=Clock(now=now, sleep=time.sleep))
    outbox.tidy(now=now(), current=map(identity, changes))
    for line in _told(results, listed):
        click.echo(line)
    sys.exit(NO if any(result.failed for result in results) else 0)


def _told_since(version: str, today: str | None) -> tuple[Change, ...]:
    last, first = day_or_today(today), day_of(version)
    told = account(load_history(), today=last, hold=read_config().hold.length).told
    return tuple(change for change in told if change.date and change.date > first)


def _told(results: Sequence[Result], listed: Sequence[Subscriber]) -> Iterator[str]:
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


def _would_send(
    changes: Sequence[Change], listed: Sequence[Subscriber], planned: Sequence[Delivery], pending: Sequence[Delivery]
) -> Iterator[str]:
    """What would be sent, to whom and why."""
    new = {delivery.subscriber: delivery for delivery in planned}
    for one in listed:
        matching = sum(map(one.wants, changes))
        yield f"{one.name} ({one.target}), in {one.locale}: {matching} of {len(changes)} changes pass {one.why()}"
        if variable := missing_secret(one.target, os.environ):
            yield f"  could not be sent: {variable} is not set in the environment"
        if one.name in new:
            yield from _shown("would be sent", new[one.name])
        elif matching:
            yield "  was told already"
    for delivery in pending:
        yield f"{delivery.subscriber}: tried {delivery.attempts} times before, due {delivery.due:%Y-%m-%d %H:%M} UTC"
        yield from _shown("would be sent again", delivery)
    if not listed:
        yield "there are no subscribers"


def _shown(what: str, delivery: Delivery) -> Iterator[str]:
    yield f"  {what} as delivery {delivery.id}:"
    if delivery.message:
        yield f"  | {delivery.message.subject}"
        yield from (f"  | {line}" for line in delivery.message.text.splitlines())
