"""Rules, catalogs and histories made up for tests: what a test does not name is as in the simplest case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from aks_egress_catalog.catalog import Catalog, PageRef
from aks_egress_catalog.history.compare import compare_rules
from aks_egress_catalog.history.revisions import Changed, Event, History
from aks_egress_catalog.model import (
    Condition,
    Destination,
    DestinationForm,
    Kind,
    Level,
    Origin,
    Protocol,
    Rule,
    Rules,
    Source,
)

URL: Final = "https://example.com/article"
SOURCE: Final = Source(locale="en-us", url=URL, heading="h", table=1, row=1, commit="c")
_FORMS: Final = {
    "tag": DestinationForm.SERVICE_TAG,
    "set": DestinationForm.NAMED_SET,
    "cidr": DestinationForm.CIDR,
}


def destination(flat: str, *conditions: Condition) -> Destination:
    """Read the flat form of a destination: ``*``, ``tag:…``, ``set:…``, ``cidr:…``, or a host."""
    if flat == "*":
        return Destination(form=DestinationForm.ANY, value="*", conditions=conditions)
    prefix, _, value = flat.partition(":")
    if prefix in _FORMS:
        return Destination(form=_FORMS[prefix], value=value, conditions=conditions)
    return Destination(form=DestinationForm.FQDN, value=flat, conditions=conditions)


def rule(*destinations: str | Destination, **facts: Any) -> Rule:
    """A required rule of AzureCloud's core over TCP 443; ``facts`` are the fields of a rule that differ from that."""
    named = destinations or ("a.example",)
    simplest: dict[str, Any] = {
        "cloud": "AzureCloud",
        "feature": "core",
        "kind": Kind.FQDN,
        "level": Level.REQUIRED,
        "destinations": tuple(destination(one) if isinstance(one, str) else one for one in named),
        "protocol": Protocol.TCP,
        "port": 443,
        "cloud_stated": True,
        "sources": (SOURCE,),
    }
    return Rule(**(simplest | facts))


def day(text: str) -> dt.date:
    """Read ``2024-06-01``."""
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    """Noon of ``2024-06-01``, UTC, or the minute of ``2024-06-01T08:30:00Z``."""
    return dt.datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00Z")


def catalog(*rules: Rule, day: str = "2024-07-01", commit: str = "c", **fields: Any) -> Catalog:
    """A catalog of these rules, in whatever order, read from one English page that was changed on a day."""
    page = PageRef(locale="en-us", url=URL, commit=commit, updated=moment(day))
    simplest: dict[str, Any] = {
        "origin": Origin.LIVE,
        "attribution": "",
        "pages": (page,),
        "rules": Rules(sorted(rules, key=lambda one: one.id)),
        "watched": {},
    }
    return Catalog(**(simplest | fields))


def event(number: int, day: str | dt.date, **what: Any) -> Event:
    """The revision ``c<number>`` of the page; ``what`` it did are the fields ``added``, ``removed`` and ``changed``."""
    previous = f"c{number - 1}" if number > 1 else None
    return Event(commit=f"c{number}", previous=previous, date=moment(str(day)), url=URL, **what)


def became(before: Rule, after: Rule) -> tuple[Changed]:
    """What an event says of one rule that took the place of another."""
    return (Changed(before=before.id, after=after),)


def history(*events: Event) -> History:
    """The history of these events, each after the one before it."""
    return History(attribution="CC BY 4.0", events=events)


def history_of_pages(*revisions: tuple[str, Iterable[Rule]]) -> History:
    """The history of what the page said on some days: the events lead from each to the next."""
    pages = [(), *(tuple(rules) for _, rules in revisions)]
    events = []
    for number, (before, after) in enumerate(pairwise(pages), start=1):
        changes = compare_rules(before, after)
        events.append(
            event(
                number,
                revisions[number - 1][0],
                added=tuple(one.after for one in changes if one.after and not one.before),
                removed=tuple(one.before.id for one in changes if one.before and not one.after),
                changed=tuple(
                    Changed(before=one.before.id, after=one.after) for one in changes if one.before and one.after
                ),
            )
        )
    return history(*events)
