"""What may go wrong on the way to GitHub, on purpose."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from tests.github.exchange import Answer, refusal


class Fault(StrEnum):
    """A way to fail. Slow and cut-after ones do their work first: the client only never hears of it."""

    UNAUTHORIZED = "401"
    LIMITED = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    REFUSED = "422"
    BROKEN = "500"
    UNREACHABLE = "502"
    SLOW = "slow"
    CUT_BEFORE = "cut before the work"
    CUT_AFTER = "cut after the work"


Place = int | tuple[str, str]  # the n-th call, from 1, or a method and a pattern of path templates

RETRY_AFTER: Final = 60  # seconds
_MESSAGES: Final[Mapping[Fault, str]] = {
    Fault.UNAUTHORIZED: "Bad credentials",
    Fault.NOT_FOUND: "Not Found",
    Fault.CONFLICT: "Git Repository is empty.",
    Fault.REFUSED: "Validation Failed",
}
_HTML: Final = b"<!DOCTYPE html><title>Unicorn!</title><p>We had issues producing the response to your request."


def spoken(fault: Fault) -> Answer | None:
    """What GitHub says in place of an answer; None for the faults that say nothing."""
    if fault in _MESSAGES:
        return refusal(int(fault), _MESSAGES[fault])
    if fault is Fault.LIMITED:
        headers = {"x_ratelimit_remaining": "0", "retry_after": str(RETRY_AFTER)}
        return refusal(403, "You have exceeded a secondary rate limit. Please wait a few minutes.", **headers)
    if fault in {Fault.BROKEN, Fault.UNREACHABLE}:  # from the machines in front, which speak no JSON
        return Answer(status=int(fault), headers={"content-type": "text/html"}, body=_HTML)
    return None


@dataclass(kw_only=True)
class _Planned:
    place: Place
    fault: Fault
    times: int

    def is_at(self, number: int, method: str, template: str) -> bool:
        if isinstance(self.place, int):
            return self.place == number
        return self.place[0] == method and fnmatchcase(template, self.place[1])


@dataclass(kw_only=True)
class Plan:
    """The faults to come."""

    planned: list[_Planned] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, place: Place, fault: Fault, times: int) -> None:
        with self._lock:
            self.planned.append(_Planned(place=place, fault=fault, times=times))

    def take(self, number: int, method: str, template: str) -> Fault | None:
        """The fault of this call, which is then one fewer to come."""
        with self._lock:
            for planned in self.planned:
                if planned.is_at(number, method, template):
                    planned.times -= 1
                    self.planned = [left for left in self.planned if left.times]
                    return planned.fault
        return None
