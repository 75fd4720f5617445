"""Squid's access.log: its native format, and the common and combined ones with Squid's result at the end.

A URL is cut behind its host: paths carry tokens. ``TCP_DENIED/407`` asks a client to log in, which no allow list does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes
from aks_egress_catalog.logs.records.values import FAULTS, UTC, url_host

NAME: Final = "squid"
_NATIVE: Final = re.compile(
    r"(?:^|\s)(\d{9,11}\.\d{3})\s+(-?\d+) (\S+) ([A-Z_]+)/(\d{3}) (-?\d+) (\S+) (\S+) (\S+) (\S+)/(\S+)", re.MULTILINE
)
_COMMON: Final = re.compile(
    r'(?:^|\s)(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z_-]+) (\S+)[^"]*" (\d{3}) \S+ '
    r'(?:"[^"]*" "(?:[^"\\]|\\.)*" )?([A-Z_]+)[:/](\w+)\s*$',
    re.MULTILINE,
)
_CUSTOM: Final = re.compile(
    r"(?:^|\s)(\S+)(?: +\d+)? +((?:TCP|UDP|NONE|TAG)[A-Z_]*)/(\d{3}) [^\"]*?\b"
    r"(CONNECT|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|PROPFIND) (\S+)",
    re.MULTILINE,
)
"""The fields of the native format, with others between them and the time in any form: ``logformat`` of one's own."""
_EPOCH: Final = re.compile(r"(?:^|\s)(\d{9,10}(?:\.\d{1,6})?)\s")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_DAY: Final = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_RESULTS: Final = ("TCP_", "UDP_", "NONE")
"""Every line has one of these; without, no expression has to be tried."""
_FIELDS: Final = 10
fromtimestamp = dt.datetime.fromtimestamp
_LOG_IN: Final = ("407", "401")
_NO_REQUEST: Final = ("error:", "cache_object:", "urn:", "internal:", "/", "-")
_TUNNEL_PORT: Final = 443
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


def recognises(head: str) -> bool:
    """Say whether a text has lines of an access.log."""
    return any(map(head.__contains__, _RESULTS)) and any(form.search(head) for form in (_NATIVE, _COMMON, _CUSTOM))


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines of any of the formats."""
    prototypes = Prototypes(_prototype)
    for line in lines:
        try:
            fields = line.split()
            status = fields[3]
            if status[-4] != "/" or len(fields) < _FIELDS:
                raise ValueError("not the native format")
            url = fields[6] if fields[5] == "CONNECT" else _without_path(fields[6])
            decoded = prototypes.flow((status, fields[5], url), fromtimestamp(float(fields[0]), UTC), fields[2])
        except FAULTS:
            decoded = _otherwise(line, prototypes)
        if decoded.__class__ is Flow:
            yield decoded
        elif not line.strip():
            context.passed_over["blank"] += 1
        else:
            yield Skipped(line, unreadable=not decoded, why=str(decoded) or "no line of Squid")


def _without_path(url: str) -> str:
    """Cut a URL behind its host and port, for what is behind seldom recurs.

    >>> _without_path("http://a.example:80/b/c?d")
    'http://a.example:80'
    """
    return "/".join(url.split("/", 3)[:3])


def _prototype(told: str, method: str, url: str) -> Decoded:
    """Give the flow of a request, or why it is none; ``told`` is Squid's result and status: ``TCP_DENIED/403``."""
    host, port = url_host(url)
    if not host or url.startswith(_NO_REQUEST):
        return "no request to a host"
    result, _, status = told.partition("/")
    port = port or (_TUNNEL_PORT if method == "CONNECT" else 0)
    if not status.isdecimal():
        raise ValueError("no status")
    if status in _LOG_IN and "DENIED" in result:
        return Flow(Outcome.OTHER, host, port, reason=f"proxy authentication ({status})")
    if "DENIED" in result or (status == "403" and result.startswith(("NONE", "TAG_NONE"))):
        return Flow(Outcome.DENIED, host, port, reason=told)
    return Flow(Outcome.ALLOWED, host, port)


def _otherwise(line: str, prototypes: Prototypes) -> Decoded:
    """Give the flow of a line that does not begin as the native format does; empty: nobody can read it."""
    time: dt.datetime | None
    try:
        if found := _NATIVE.search(line):
            time, source = fromtimestamp(float(found[1]), UTC), found[3]
            told, method, url = f"{found[4]}/{found[5]}", found[7], found[8]
        elif found := _COMMON.search(line):
            time, source = _time(found[2]), found[1]
            told, method, url = f"{found[6]}/{found[5]}", found[3], found[4]
        elif found := _CUSTOM.search(line):
            time, source = _any_time(line[: found.start(2)]), found[1]
            told, method, url = f"{found[2]}/{found[3]}", found[4], found[5]
        else:
            return ""
        return prototypes.flow((told, method, url if method == "CONNECT" else _without_path(url)), time, source)
    except FAULTS:
        return ""


def _any_time(text: str) -> dt.datetime | None:
    """Read the time in front of a line in a format of one's own; ``None`` where it has none that names its zone.

    >>> _any_time("20/Nov/2026:09:14:00 +0100 6 10.0.0.4 ") == _any_time("2026-11-20T08:14:00Z 6 10.0.0.4 ")
    True
    """
    if found := _EPOCH.search(text):
        return fromtimestamp(float(found[1]), UTC)
    if found := _DAY.search(text):
        return _time(found[0])
    found = _ISO.search(text)
    return dt.datetime.fromisoformat(found[0]).astimezone(UTC) if found else None


def _time(text: str) -> dt.datetime:
    """Read a time of the common format.

    >>> _time("20/Nov/2026:09:14:00 +0100").isoformat()
    '2026-11-20T08:14:00+00:00'
    """
    return _minute(text[:17], text[21:26]) + dt.timedelta(seconds=int(text[18:20]))


@lru_cache(4096)
def _minute(minute: str, zone: str) -> dt.datetime:
    day, month, year, hour, minutes = re.split("[/:]", minute)
    offset = dt.timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:5]))
    local = dt.datetime(int(year), _MONTHS[month], int(day), int(hour), int(minutes), tzinfo=dt.timezone(offset))
    return local.astimezone(dt.UTC)
