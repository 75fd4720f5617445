"""What is to be changed in the files, and what is not: a change with its place, or a sentence with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.mending.plain_lists import Want

PLAIN: Final = "plain"
QUOTES: Final = {"terraform": '"', "bicep": "'"}
"""By format, what its strings stand in."""
WRITTEN: Final = (*QUOTES, PLAIN)
"""The formats that are edited."""


class Deed(StrEnum):
    """What is done with a value."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"
    SERVICE = "service"
    """The rule of the value is changed: its protocol and port."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of the file at ``path``, which is written in the format ``form``.

    ``span`` is the list in brackets around the value, of a service the whole rule; a plain list has none. ``literal``
    is where the value stands, without quotes; for one that is added, a value of the same list. ``old`` and ``new`` are
    the values; ``want`` is the service of what is added or changed. ``message`` tells a person.
    """

    deed: Deed
    path: str
    form: str
    span: tuple[int, int]
    literal: Place
    message: str
    old: str = ""
    new: str = ""
    want: Want | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two changes the same, in whichever place it stands by now."""
        return (self.deed, self.path, self.old, self.new, self.want)


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What is not done, and why; ``value`` is what it is about."""

    place: Place
    value: str
    reason: str


def want_of(need: Need) -> Want:
    """Return a need as what one writes into a list."""
    return Want(need.value, str(need.protocol or ""), need.port, str(need.application or ""))


def lines_of(left: Iterable[Left]) -> Iterator[str]:
    """Say what was not done, a line for each reason at each place."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in left:
        where = f"{one.place.path}:{one.place.line}: " if one.place.path else ""
        found.setdefault((where, one.reason), []).append(one.value)
    for (where, reason), values in found.items():
        yield f"{where}{', '.join(dict.fromkeys(values))}: {reason}"
