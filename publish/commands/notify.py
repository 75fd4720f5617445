"""``python -m publish notify``: send announced changes to subscribers."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click

from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.history.announced import announced, announced_since, dates_since
from aks_egress_catalog.history.changes import Change, Changes
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.store import read_texts
from aks_egress_catalog.text.codec import from_json_as, read_with
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from publish.commands.shared import NO, PATH
from publish.config import read_config
from publish.notices.notify.begin import announced_after
from publish.notices.notify.deliver import Clock, Result, deliver, plan_deliveries
from publish.notices.notify.outbox import Delivery, Outbox, Stage, change_id
from publish.notices.notify.senders import Senders, missing_secret
from publish.notices.notify.subscribers import SUBSCRIBERS_TOML, Subscriber, read_subscribers
from publish.plan.released import FOLDER, read_released

_NOTHING: Final = History(attribution="", events=())


@click.command()
@click.option(
    "--out",
    type=PATH,
    default=Path("build"),
    show_default=True,
    metavar="DIR",
    help="Folder of the stages: DIR/released, as publish released or release writes it, says what was released.",
)
@click.option("--changes", "file", type=PATH, help="Send these changes instead of those of the releases.")
@click.option(
    "--since", metavar="VERSION", help="Send what was released after a version; default: after the last one sent."
)
@click.option("--subscribers", type=PATH, default=SUBSCRIBERS_TOML, help="Default: publish/subscribers.toml.")
@click.option("--state", type=PATH, default=Path("state"), show_default=True, help="Folder kept between runs.")
@click.option("--texts", type=PATH, default=SHIPPED_DATA / "texts", help="Default: the shipped texts.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent to whom and why; send and write nothing.")
def notify(
    *,
    out: Path,
    file: Path | None,
    since: str | None,
    subscribers: Path,
    state: Path,
    texts: Path,
    dry_run: bool,
) -> None:
    """Send every subscriber what was released, once, and try again what was not taken before.

    Secrets come from the environment, by the names that the file of subscribers gives. Exit 1 where a delivery was
    given up or a secret is missing; the others are delivered all the same.
    """
    if file and since:
        raise click.UsageError("give at most one of --changes and --since")
    listed = read_subscribers(subscribers)
    outbox, now = Outbox(state), partial(dt.datetime.now, dt.UTC)
    known, history = outbox.deliveries(), _released(out, needed=not file)
    if file:
        changes = read_with(partial(from_json_as, Changes), file).changes
    else:
        changes = _announced(history, since or announced_after(history, _last_sent(outbox, history), known))
    earlier = announced(history, today=_last_day(history), hold=_hold()).changes
    planned = plan_deliveries(changes, listed, texts=read_texts(texts) or {}, known=known, now=now(), earlier=earlier)
    if dry_run:
        pending = [one for one in known if one.stage is Stage.PENDING]
        click.echo("\n".join(_dry_run_lines(changes, listed, planned, pending)))
        return
    for delivery in planned:
        outbox.write(delivery)
    if history.versions and not file:
        outbox.mark(history.versions[-1].version)
    senders = Senders(os.environ, now=now)
    results = deliver(outbox, listed, senders, clock=Clock(now=now, sleep=time.sleep))
    outbox.tidy(now=now(), current=map(change_id, changes))
    for line in _result_lines(results, listed):
        click.echo(line)
    sys.exit(NO if any(result.failed for result in results) else 0)


def _released(out: Path, *, needed: bool) -> History:
    """The history of the newest release: what only stands on main is announced to nobody."""
    if needed and not (out / FOLDER / "versions.json").exists():
        raise AksEgressError(
            f"{out / FOLDER} is not there, and only what was released is announced: run python -m publish released"
            f" --out {out} first"
        )
    return read_released(out).history or _NOTHING


def _announced(history: History, since: str | None) -> tuple[Change, ...]:
    """Everything that the releases after a version announced, with the days that the article newly names."""
    if since is None:
        return ()
    changes = announced_since(history, since, today=_last_day(history), hold=_hold())
    return (*changes, *dates_since(history, since))


def _last_day(history: History) -> dt.date:
    """The day of the newest release: our clock has no say in what was announced."""
    return history.versions[-1].day if history.versions else dt.date.min


def _hold() -> dt.timedelta:
    return read_config().hold.length


def _last_sent(outbox: Outbox, history: History) -> str | None:
    """The version announced last. Where the file is damaged, what was delivered still stands in the outbox."""
    try:
        told = outbox.announced_up_to()
    except CatalogError as error:
        told, fault = None, str(error)
    else:
        known = {release.version for release in history.versions}
        fault = f"{told} was announced last, and is no release any more" if told and told not in known else ""
    if fault:
        click.echo(f"note: {fault}; that is made anew, from the releases and what was delivered of them", err=True)
    return told


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
