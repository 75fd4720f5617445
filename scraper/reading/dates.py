"""Days that English running text names: an end of support, a retirement. A month alone is reported, not guessed.

A date of digits alone is no such day: running text has those as versions of an API, and in an order that nobody states.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.model import Cloud, Feature
from scraper.findings import Reporter
from scraper.language.headings import read_words
from scraper.page.article import HIDDEN, Line, Section
from scraper.page.marks import show, words_of
from scraper.reading.context import Context

_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})"
_YEAR: Final = r"(?P<year>20\d\d)\b"
_HAS_YEAR: Final = re.compile(_YEAR)
_DAYS: Final = (
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})\s*,?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<![\w.])(?P<day>\d{{1,2}})\s+{_MONTH}\s*,?\s+{_YEAR}", re.IGNORECASE),
)
_NO_DAY: Final = re.compile(
    rf"(?P<past>\bafter\s+)?\b(?:{'|'.join(name[:3] for name in _MONTHS)})[a-z]*\.?(?:\s+\d\w*)?\s*,?\s+20\d\d\b",
    re.IGNORECASE,
)
"""A month with its year, and no day that is read: ``September 2025``, ``Aug 18th, 2026``. After "after" it is a
circumstance (``nodes provisioned after March 2021``), and no day to wait for."""
_EXCEPT: Final = re.compile(r"\b(?:except|excluding|outside|other than|unlike|apart from)\b", re.IGNORECASE)
"""With one of these, a cloud that the text names is the one that it does not speak of."""


class Dates(NamedTuple):
    """What a text names: days in calendar order, and what looks like one and is none."""

    days: tuple[dt.date, ...]
    vague: tuple[str, ...]


def read_dates(section: Section, context: Context, report: Reporter) -> Iterator[NamedDate]:
    """Read the days that the heading, the lines and the cells of a section name, each with whom it concerns."""
    feature = context.feature if context.about_rules and context.feature in set(Feature) else ""
    for text in [words_of(text) for text in _texts(section) if "20" in text and _HAS_YEAR.search(text)]:
        found = dates_in(text)
        for words in found.vague:
            report.note("vague-date", f"{show(words)} names no day, so no calendar has it: {show(text)}")
        cloud = context.cloud or (_cloud(text) if found.days else "")
        for day in found.days:
            yield NamedDate(
                date=day, cloud=cloud if cloud in set(Cloud) else "", feature=feature, heading=section.heading.id
            )


def _texts(section: Section) -> Iterator[str]:
    yield section.heading.text
    for block in section.blocks:
        if HIDDEN in block.labels:
            continue
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (cell for row in block.rows for cell in row.cells)


def _cloud(text: str) -> str:
    """The one cloud that a text speaks of; empty where it names none, several, or one that it leaves out."""
    clouds = read_words(text).clouds
    return str(*clouds) if len(clouds) == 1 and not _EXCEPT.search(text) else ""


@lru_cache(maxsize=2048)
def dates_in(text: str) -> Dates:
    """Find the days that a text names.

    >>> dates_in("Support ends on August 18, 2026; images go away in September 2026.")
    Dates(days=(datetime.date(2026, 8, 18),), vague=('September 2026',))
    """
    days: set[dt.date] = set()
    vague: list[str] = []
    for form in _DAYS:
        for found in form.finditer(text):
            day = _day(found)
            if day:
                days.add(day)
            else:
                vague.append(found.group())
        text = form.sub(" ", text)
    return Dates(days=tuple(sorted(days)), vague=(*vague, *_months(text)))


def _day(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(found["year"]), _MONTHS[found["month"].lower()], int(found["day"]))
    except ValueError:  # February 30
        return None


def _months(text: str) -> Iterator[str]:
    return (found.group() for found in _NO_DAY.finditer(text) if not found["past"])
