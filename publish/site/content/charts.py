"""The charts: rules over time, and the life of one rule. Geometry only; templates draw it, style sheets colour it.

All lengths are in units of the picture's own view box. A chart shows nothing that the text beside it does not say too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.history.changes import Change
from publish.site.content.rulebook import Stretch
from publish.site.content.versions import Version
from publish.site.words.labels import cloud_order

_LEFT: Final = 34
_TOP: Final = 14
_AXIS: Final = 22
_LANE: Final = 30
_LABEL: Final = 17
_STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_FEWEST_LINES: Final = 5
_YEAR_SPACE: Final = 44


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class ChartLine:
    """The rules of one cloud over time: a path of steps, and where its label stands."""

    cloud: str
    place: int
    path: str
    last: int
    label_at: float


@dataclass(frozen=True, kw_only=True)
class ChartMark:
    """One version: where it stands, how grave it is, and its label."""

    at: float
    severity: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Rules over time, one line a cloud, and below it a lane with a mark for each version."""

    width: int
    height: int
    left: int
    right: float
    bottom: float
    lane: float
    years: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    lines: tuple[ChartLine, ...]
    marks: tuple[ChartMark, ...]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch of a rule's life."""

    at: float
    width: float


@dataclass(frozen=True, kw_only=True)
class LifeLine:
    """The life of one rule against the years."""

    width: int
    years: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    marks: tuple[ChartMark, ...]


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Days across a width."""

    first: dt.date
    last: dt.date
    left: float
    right: float

    def at(self, day: dt.date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(self.left + min(max(share, 0), 1) * (self.right - self.left), 1)

    def years(self) -> tuple[Tick, ...]:
        """ChartMark so many years as there is room for."""
        years = range(self.first.year + 1, self.last.year + 1)
        room = max(int((self.right - self.left) // _YEAR_SPACE), 1)
        step = -(-len(years) // room) or 1
        return tuple(Tick(at=self.at(dt.date(year, 1, 1)), label=str(year)) for year in years[::step])


def chart(
    versions: Sequence[Version], *, today: dt.date, width: int = 960, height: int = 340, labels: int = 175
) -> Chart:
    """Draw rules over time; ``labels`` is the room for the names of the clouds at the right."""
    scale = _Scale(first=versions[0].day, last=max(today, versions[-1].day), left=_LEFT, right=width - labels)
    bottom = height - _AXIS - _LANE
    most = max(max(version.counts.values(), default=0) for version in versions)
    step = next((step for step in _STEPS if most / step <= _FEWEST_LINES), _STEPS[-1])
    top = max(-(-most // step), 1) * step

    def up(count: int) -> float:
        return round(bottom - count / top * (bottom - _TOP), 1)

    clouds = cloud_order(cloud for version in versions for cloud in version.counts)
    last = {cloud: versions[-1].counts[cloud] for cloud in clouds}
    labelled = _spread({cloud: up(last[cloud]) for cloud in clouds}, lowest=bottom)
    return Chart(
        width=width,
        height=height,
        left=_LEFT,
        right=scale.right,
        bottom=bottom,
        lane=bottom + _AXIS + _LANE / 2,
        years=scale.years(),
        rows=tuple(Tick(at=up(count), label=str(count)) for count in range(0, top + 1, step)),
        lines=tuple(
            ChartLine(
                cloud=cloud,
                place=place,
                path=_steps([(scale.at(one.day), up(one.counts[cloud])) for one in versions], end=scale.right),
                last=last[cloud],
                label_at=labelled[cloud],
            )
            for place, cloud in enumerate(clouds, start=1)
        ),
        marks=tuple(
            ChartMark(at=scale.at(one.day), severity=one.gravest, label=f"{one.day}: {_counted(one)}")
            for one in versions
        ),
    )


def life_line(
    stretches: Iterable[Stretch], announced: Iterable[Change], *, first: dt.date, today: dt.date, width: int = 640
) -> LifeLine:
    """Draw the life of one rule from the first day of the history to the last."""
    scale = _Scale(first=first, last=today, left=0, right=width)
    bars = [(scale.at(stretch.since), scale.at(stretch.until or today)) for stretch in stretches]
    return LifeLine(
        width=width,
        years=scale.years(),
        bars=tuple(Bar(at=since, width=max(round(until - since, 1), 2)) for since, until in bars),
        marks=tuple(
            ChartMark(at=scale.at(change.date), severity=change.severity, label=f"{change.date}: {change.kind}")
            for change in announced
            if change.date
        ),
    )


def _counted(version: Version) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in version.kinds.items())


def _steps(points: Sequence[tuple[float, float]], *, end: float) -> str:
    """Write points as a line that goes along and up, never aslant: between two versions nothing changed."""
    (first, height), *others = points
    moves = [f"M{first} {height}", *(f"H{along}V{up}" for along, up in others), f"H{end}"]
    return "".join(moves)


def _spread(places: dict[str, float], *, lowest: float) -> dict[str, float]:
    """Keep labels apart, from the lowest up."""
    found: dict[str, float] = {}
    for name, place in sorted(places.items(), key=lambda one: -one[1]):
        found[name] = lowest = min(place, lowest)
        lowest -= _LABEL
    return found
