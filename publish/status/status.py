"""How old the facts are and when they were last checked: for programs, and as a badge for people.

A file cannot grow older by itself: a badge that says "checked 3 h ago" says so for ever once nothing is built any more.
So both say when the pages were checked and until when that counts; the badge says days and no ages. A reader sees by
the day that it is over; where the site is still built without a check, the badge is red as well.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.text.codec import to_json

STALE_AFTER: Final = dt.timedelta(hours=48)
_HOUR: Final = dt.timedelta(hours=1)
_LABEL: Final = "AKS egress"
_GREEN, _RED, _GREY = "#1a7f37", "#b42318", "#444c56"  # white on each: a contrast of at least 4.5 to 1
_LETTER: Final = 6.6  # width of an average letter at this size; the text is fitted to what is reckoned with it
_PAD: Final = 8
_SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">
<title>{title}</title>
<rect width="{width}" height="20" rx="3" fill="{color}"/>
<path d="M3 0h{bare}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="{grey}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">
<text x="{pad}" y="14" textLength="{label_length}">{label}</text>
<text x="{message_at}" y="14" textLength="{message_length}">{message}</text>
</g>
</svg>
"""


class Freshness(StrEnum):
    """Whether somebody looked at the pages lately."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"
    """No check is known of, which counts as stale."""


@dataclass(frozen=True, kw_only=True)
class DataStatus:
    """How old the facts and the last successful check are at one moment, and until when that check counts."""

    version: str
    facts_date: dt.date | None
    facts_age_days: int | None
    checked: dt.datetime | None
    checked_age_hours: int | None
    fresh_until: dt.datetime | None
    freshness: Freshness


def status_files(catalog: Catalog, checked: dt.datetime | None, now: dt.datetime) -> dict[str, bytes]:
    """Make ``status.json`` and ``badge.svg``; ``checked`` is when the pages were last read whole, UTC."""
    status = status_of(catalog, checked, now)
    return {"badge.svg": badge(status).encode(), "status.json": to_json(status).encode()}


def status_of(catalog: Catalog, checked: dt.datetime | None, now: dt.datetime) -> DataStatus:
    """The ages of facts and check at this moment."""
    age = max(now - checked, dt.timedelta()) if checked else None  # clocks of two machines may differ
    facts_age = (now.date() - catalog.facts_date).days if catalog.facts_date else None
    return DataStatus(
        version=catalog.version,
        facts_date=catalog.facts_date,
        facts_age_days=facts_age,
        checked=checked,
        checked_age_hours=None if age is None else age // _HOUR,
        fresh_until=checked + STALE_AFTER if checked else None,
        freshness=Freshness.UNKNOWN if age is None else Freshness.STALE if age > STALE_AFTER else Freshness.FRESH,
    )


def badge(status: DataStatus) -> str:
    """Draw the badge: green where the pages were checked within 48 hours, red otherwise, and its days in either."""
    message = f"facts of {status.facts_date or 'an unknown day'}, {_checked(status)}"
    dates = f"last checked {_moment(status.checked)}, valid to {_moment(status.fresh_until)}"
    label_length, message_length = round(len(_LABEL) * _LETTER), round(len(message) * _LETTER)
    label_width = label_length + 2 * _PAD
    return _SVG.format(
        title=escape(f"{_LABEL}: {message} ({status.freshness}; {dates})"),
        label=_LABEL,
        message=escape(message),
        width=label_width + message_length + 2 * _PAD,
        bare=label_width - 3,
        label_length=label_length,
        message_at=label_width + _PAD,
        message_length=message_length,
        color=_GREEN if status.freshness is Freshness.FRESH else _RED,
        grey=_GREY,
        pad=_PAD,
    )


def _checked(status: DataStatus) -> str:
    if status.checked is None or status.fresh_until is None:
        return "never checked"
    ends = "valid to" if status.freshness is Freshness.FRESH else "expired"
    return f"checked {status.checked:%Y-%m-%d}, {ends} {status.fresh_until:%Y-%m-%d}"


def _moment(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
