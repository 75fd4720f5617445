"""From changes to deliveries to what became of them. At least once, the same id each time, nobody held up by another.

Every due delivery is tried once before any is tried again, so a dead target costs the others one time-out at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.store import Texts
from publish.notices.notify.errors import SendError, UnconfiguredError
from publish.notices.notify.messages import compose
from publish.notices.notify.outbox import Delivery, Outbox, Stage, delivery_id, identity
from publish.notices.notify.subscribers import Subscriber

WAITS: Final = tuple(dt.timedelta(hours=hours) for hours in (5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24))
"""How long to wait after each failure, as Standard Webhooks recommends; after one more the delivery is dead."""
PATIENCE: Final = dt.timedelta(seconds=30)
"""So long a run waits for a delivery to become due again; the next run does the rest."""
NOBODY: Final = "no subscriber has this name any more"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time, as far as deliveries need it."""

    now: Callable[[], dt.datetime]
    sleep: Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one delivery in one run; ``blocked`` means that it could not even be tried."""

    delivery: Delivery
    blocked: bool = False

    @property
    def failed(self) -> bool:
        """Whether a person has to look."""
        return self.blocked or self.delivery.stage is Stage.DEAD


def plan_deliveries(
    changes: Sequence[Change],
    subscribers: Iterable[Subscriber],
    *,
    texts: Texts,
    known: Iterable[Delivery],
    now: dt.datetime,
) -> tuple[Delivery, ...]:
    """Make one delivery for each subscriber of what passes their filters and is in no delivery to them yet."""
    told: dict[str, set[str]] = {}
    for delivery in known:
        told.setdefault(delivery.subscriber, set()).update(delivery.changes)
    named = {identity(change): change for change in changes}
    planned = []
    for subscriber in subscribers:
        there = told.get(subscriber.name, set())
        wanted = {name: change for name, change in named.items() if name not in there and subscriber.wants(change)}
        if wanted:
            planned.append(_delivery(subscriber, wanted, texts, now))
    return tuple(planned)


def _delivery(subscriber: Subscriber, wanted: Mapping[str, Change], texts: Texts, now: dt.datetime) -> Delivery:
    return Delivery(
        id=delivery_id(subscriber.name, wanted),
        subscriber=subscriber.name,
        changes=tuple(sorted(wanted)),
        planned=now,
        due=now,
        message=compose(tuple(wanted.values()), locale=subscriber.locale, texts=texts),
    )


def deliver(
    outbox: Outbox,
    subscribers: Iterable[Subscriber],
    send: Callable[[Subscriber, Delivery], None],
    *,
    clock: Clock,
    patience: dt.timedelta = PATIENCE,
) -> tuple[Result, ...]:
    """Try everything that is due, again as it becomes due, as long as the patience lasts; say what became of each.

    ``send`` raises :class:`SendError` where the target did not take the message.
    """
    run = _Run(outbox, {one.name: one for one in subscribers}, send, clock)
    end = clock.now() + patience
    while waiting := run.waiting():
        due = min(delivery.due for delivery in waiting)
        if due > end:
            break
        if due > clock.now():
            clock.sleep((due - clock.now()).total_seconds())
        for delivery in waiting:
            if delivery.due <= clock.now():
                run.attempt(delivery)
    return tuple(run.results())


class _Run:
    """One run over the outbox. What happened to a delivery is on the disk before the next one is tried."""

    def __init__(
        self,
        outbox: Outbox,
        subscribers: Mapping[str, Subscriber],
        send: Callable[[Subscriber, Delivery], None],
        clock: Clock,
    ) -> None:
        self._outbox, self._subscribers, self._send, self._clock = outbox, subscribers, send, clock
        self._deliveries = {one.id: one for one in outbox.deliveries() if one.stage is Stage.PENDING}
        self._blocked: dict[str, str] = {}

    def waiting(self) -> list[Delivery]:
        """What is pending and can be tried."""
        pending = (one for one in self._deliveries.values() if one.stage is Stage.PENDING)
        return [one for one in pending if one.id not in self._blocked]

    def results(self) -> Iterator[Result]:
        """What became of everything that was pending at the beginning."""
        for name, delivery in self._deliveries.items():
            fault = self._blocked.get(name)
            yield Result(delivery=replace(delivery, fault=fault) if fault else delivery, blocked=fault is not None)

    def attempt(self, delivery: Delivery) -> None:
        """Send a delivery, and write down what became of it."""
        subscriber = self._subscribers.get(delivery.subscriber)
        if subscriber is None:
            self._mark(replace(delivery, stage=Stage.DEAD, message=None, fault=NOBODY))
            return
        try:
            self._send(subscriber, delivery)
        except UnconfiguredError as error:
            self._blocked[delivery.id] = str(error)
        except SendError as error:
            self._mark(self._after_failure(delivery, error))
        except Exception as error:  # noqa: BLE001  - a surprise at one target must not keep the others from theirs
            # What it says may have a secret in it; its kind has none.
            self._mark(self._after_failure(delivery, SendError(f"an unexpected {type(error).__name__}")))
        else:
            sent = replace(delivery, stage=Stage.SENT, attempts=delivery.attempts + 1, fault="", message=None)
            self._mark(sent)

    def _after_failure(self, delivery: Delivery, error: SendError) -> Delivery:
        failed = replace(delivery, attempts=delivery.attempts + 1, fault=str(error))
        if error.final or failed.attempts > len(WAITS):
            return replace(failed, stage=Stage.DEAD, message=None)
        return replace(failed, due=self._clock.now() + WAITS[failed.attempts - 1])

    def _mark(self, delivery: Delivery) -> None:
        self._outbox.write(delivery)
        self._deliveries[delivery.id] = delivery
