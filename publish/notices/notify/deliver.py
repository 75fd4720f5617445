"""From changes to deliveries, and from deliveries to what became of them.

Two steps. :func:`plan_deliveries` takes announced changes and subscribers, and makes at most one new delivery for each
subscriber: the changes that pass their filters and are in no delivery to them yet. :func:`deliver` takes everything in
the outbox that is pending, tries to send it, and returns a :class:`Result` for each.

Why the outbox decides what is new, and not a date: a filter may change, a subscriber may be added, a run may have died
half-way. Whatever happened, a change is new for a subscriber exactly if no delivery of theirs has it.

Three rules keep one subscriber from holding up another:

- Every due delivery is tried once before any is tried again, so a dead target costs the others one time-out at most.
- A failure sets a later ``due`` (:data:`WAITS`). A run waits :data:`PATIENCE` for it, and the next run does the rest.
- An unexpected error of one target is a failure like any other.

An example, with a target that is down: attempt 1 at 10:00:00 fails, attempt 2 at 10:00:05 fails as well and is due
again at 10:05:05. That is beyond the patience, so the run ends; the run of 16:00 makes attempt 3. After ten failures,
or after one that is final (410 Gone), the delivery is dead and the command exits with 1. A secret that is not set is no
attempt: the delivery is *blocked*, nothing is counted, and it goes out once a person has set it. What is due later than
any wait allows was planned by a wrong clock, and is due now.
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
from publish.notices.notify.outbox import Delivery, Outbox, Stage, change_id, delivery_id
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
    earlier: Sequence[Change] = (),
) -> tuple[Delivery, ...]:
    """Make one delivery for each subscriber of what passes their filters and is in no delivery to them yet.

    ``earlier`` is what was announced before: a correction goes to whoever was told anything of its rule, also where
    it would not pass their filter itself. Who asks for breaking changes alone and was told to allow a wrong host must
    hear that nobody needs it, though that is relaxing.
    """
    # A delivery that is dead counts as well: who did not take ten attempts gets no eleventh under another id.
    delivered: dict[str, set[str]] = {}
    for delivery in known:
        delivered.setdefault(delivery.subscriber, set()).update(delivery.changes)
    named = {change_id(change): change for change in changes}
    planned = []
    for subscriber in subscribers:
        there = delivered.get(subscriber.name, set())
        new = {
            name: change
            for name, change in named.items()
            if name not in there and _concerns(subscriber, change, earlier)
        }
        if new:
            planned.append(_delivery(subscriber, new, texts, now))
    return tuple(planned)


def _concerns(subscriber: Subscriber, change: Change, earlier: Sequence[Change]) -> bool:
    return subscriber.accepts(change) or (
        bool(change.corrects) and any(_rule_ids(one) & _rule_ids(change) and subscriber.accepts(one) for one in earlier)
    )


def _rule_ids(change: Change) -> set[str]:
    return {rule.id for rule in (change.before, change.after) if rule}


def _delivery(subscriber: Subscriber, changes: Mapping[str, Change], texts: Texts, now: dt.datetime) -> Delivery:
    return Delivery(
        id=delivery_id(subscriber.name, changes),
        subscriber=subscriber.name,
        changes=tuple(sorted(changes)),
        planned=now,
        due=now,
        message=compose(tuple(changes.values()), locale=subscriber.locale, texts=texts),
    )


def deliver(
    outbox: Outbox,
    subscribers: Iterable[Subscriber],
    send: Callable[[Subscriber, Delivery], None],
    *,
    clock: Clock,
    patience: dt.timedelta = PATIENCE,
) -> tuple[Result, ...]:
    """Try everything that is due, again as it becomes due, as long as the patience lasts.

    ``send`` raises :class:`SendError` where the target did not take the message.
    """
    # Each round takes what is due now, once. What failed in it has a later due, and so waits for another round.
    # So of three targets, the second of which hangs: 1, 2 (time-out), 3, and only then 2 again.
    run = _Run(outbox, {one.name: one for one in subscribers}, send, clock)
    end = clock.now() + patience
    while waiting := run.waiting():
        due = min(delivery.due for delivery in waiting)
        if due > end:
            break  # the next run goes on: what is pending is in the outbox
        if due > clock.now():
            clock.sleep((due - clock.now()).total_seconds())
        for delivery in waiting:
            if delivery.due <= clock.now():  # asked anew each time, for sending takes a while
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
        now = clock.now()
        pending = [one for one in outbox.deliveries() if one.stage is Stage.PENDING]
        # Nothing waits longer than the last wait: a later due was set by a clock that was wrong.
        self._deliveries = {one.id: replace(one, due=now) if one.due - now > WAITS[-1] else one for one in pending}
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
        if subscriber is None:  # taken out of subscribers.toml, or renamed, since the delivery was planned
            self._mark(replace(delivery, stage=Stage.DEAD, message=None, fault=NOBODY))
            return
        try:
            self._send(subscriber, delivery)
        except UnconfiguredError as error:
            # Nothing was sent, so nothing is written: the attempts that a target has are not used up by our own fault.
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
        # The first failure waits WAITS[0], the ninth WAITS[8]; the tenth is the last.
        failed = replace(delivery, attempts=delivery.attempts + 1, fault=str(error))
        if error.final or failed.attempts > len(WAITS):
            return replace(failed, stage=Stage.DEAD, message=None)
        return replace(failed, due=self._clock.now() + WAITS[failed.attempts - 1])

    def _mark(self, delivery: Delivery) -> None:
        self._outbox.write(delivery)
        self._deliveries[delivery.id] = delivery
