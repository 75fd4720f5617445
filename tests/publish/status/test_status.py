"""How old everything is, for programs and for people: red as soon as 48 hours passed without a check."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Final

import pytest
from lxml import etree

from publish.status.status import Freshness, status_files, status_of
from tests.base import CATALOG

NOW: Final = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
SVG: Final = "{http://www.w3.org/2000/svg}"
GREEN, RED = "#1a7f37", "#b42318"


def badge(hours: float | None) -> etree._Element:
    checked = None if hours is None else NOW - dt.timedelta(hours=hours)
    return etree.fromstring(status_files(CATALOG, checked, NOW)["badge.svg"])


def shown(hours: float | None) -> str:
    return [text.text or "" for text in badge(hours).iter(f"{SVG}text")][1]


def color(drawn: etree._Element) -> str | None:
    rectangle = drawn.find(f"{SVG}rect")
    assert rectangle is not None
    return rectangle.get("fill")


def luminance(color: str) -> float:
    """Of a colour, as WCAG 2 reckons it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_status_says_both_ages_and_until_when_the_check_counts() -> None:
    checked = NOW - dt.timedelta(hours=3, minutes=59)
    assert json.loads(status_files(CATALOG, checked, NOW)["status.json"]) == {
        "version": "2026.7.2",
        "facts_date": "2026-07-02",
        "facts_age_days": 30,
        "checked": "2026-08-01T08:01:00Z",
        "checked_age_hours": 3,
        "fresh_until": "2026-08-03T08:01:00Z",
        "freshness": "fresh",
    }


@pytest.mark.parametrize(
    ("hours", "expected", "fill"),
    [
        (0, Freshness.FRESH, GREEN),
        (48, Freshness.FRESH, GREEN),
        (48.001, Freshness.STALE, RED),
        (1000, Freshness.STALE, RED),
        (None, Freshness.UNKNOWN, RED),
    ],
)
def test_the_badge_is_red_past_48_hours_and_where_no_check_is_known(
    hours: float | None, expected: Freshness, fill: str
) -> None:
    checked = None if hours is None else NOW - dt.timedelta(hours=hours)
    assert status_of(CATALOG, checked, NOW).freshness is expected
    assert color(badge(hours)) == fill


def test_old_facts_that_are_checked_are_fresh() -> None:
    """The article may stand still for years; only a pipeline that stands still is a fault."""
    assert status_of(CATALOG, NOW, NOW + dt.timedelta(hours=1)).freshness is Freshness.FRESH


@pytest.mark.parametrize("hours", [3, 100, None])
def test_the_badge_can_be_read_aloud(hours: float | None) -> None:
    drawn = badge(hours)
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == drawn.findtext(f"{SVG}title")
    shown = [str(text.text) for text in drawn.iter(f"{SVG}text")]
    assert all(text in (drawn.get("aria-label") or "") for text in shown)
    assert "2026-07-02" in (drawn.get("aria-label") or "")


def test_a_badge_that_nobody_makes_anew_says_by_itself_that_it_is_over() -> None:
    """It holds days and no ages, so that what it says stays true however old the file grows."""
    assert shown(3) == f"facts of {CATALOG.facts_date}, checked 2026-08-01, valid to 2026-08-03"
    assert "ago" not in status_files(CATALOG, NOW, NOW)["badge.svg"].decode()


def test_colour_is_not_all_that_tells() -> None:
    assert shown(100).endswith("checked 2026-07-28, expired 2026-07-30")
    assert shown(None).endswith("never checked")
    assert "(stale;" in (badge(100).get("aria-label") or "")


@pytest.mark.parametrize("hours", [3, 100])
def test_the_text_can_be_read_on_its_ground(hours: float) -> None:
    written = status_files(CATALOG, NOW - dt.timedelta(hours=hours), NOW)["badge.svg"].decode()
    for ground in set(re.findall(r"#[0-9a-f]{6}", written)):
        assert 1.05 / (luminance(ground) + 0.05) >= 4.5, ground


@pytest.mark.parametrize("hours", [0, 100_000, None])
def test_the_text_stays_within_the_badge(hours: float | None) -> None:
    drawn = badge(hours)
    for text in drawn.iter(f"{SVG}text"):
        assert float(text.get("x") or 0) + float(text.get("textLength") or 0) < float(drawn.get("width") or 0)


def test_facts_of_no_known_day_are_said_to_be_so() -> None:
    unknown = replace(CATALOG, pages=(), version="")
    files = status_files(unknown, None, NOW)
    assert json.loads(files["status.json"])["facts_age_days"] is None
    assert b"facts of an unknown day, never checked" in files["badge.svg"]


def test_the_same_moment_gives_the_same_bytes() -> None:
    assert status_files(CATALOG, NOW, NOW) == status_files(CATALOG, NOW, NOW)
