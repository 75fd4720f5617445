"""PAN-OS: TRAFFIC and URL logs, as syslog sends them (with or without prefix) and as the web interface exports them.

A URL log names the host, a TRAFFIC log only its address. Times are local to the firewall.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.times import Times
from aks_egress_catalog.logs.records.values import FAULTS, host_of, port_of, protocol_of, url_host

NAME: Final = "panos"
_START: Final = re.compile(r"(?:^|[ :])\d,(?=\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,]*,[A-Z0-9-]+,)", re.MULTILINE)
"""Behind the prefix of syslog: a field for future use, then the time when the log was received."""
_LINE: Final = re.compile(_START.pattern + r".*?,(?:TRAFFIC|THREAT),", re.MULTILINE)
_HEADER: Final = re.compile(r'^\ufeff?(?:"?Domain"?,)?"?Receive Time"?,', re.MULTILINE)
_DENIED: Final = ("deny", "drop", "reset", "block")
_ALLOWED: Final = ("allow", "alert", "continue", "override")
_NO_ALLOW_LIST: Final = {"threat": "threat prevention", "decrypt-error": "TLS", "decrypt-cert-validation": "TLS"}
"""Why a session ended, where no rule ended it."""
_KINDS: Final = frozenset(
    ("TRAFFIC", "THREAT", "SYSTEM", "CONFIG", "DECRYPTION", "GLOBALPROTECT", "USERID", "HIPMATCH")
)
_NAMES: Final = {
    "time": ("generate time", "generated time", "time generated", "receive time"),
    "kind": ("type",),
    "subtype": ("threat/content type", "subtype", "content/threat type"),
    "source": ("source address", "source"),
    "address": ("destination address", "destination"),
    "rule": ("rule",),
    "count": ("repeat count",),
    "port": ("destination port",),
    "protocol": ("ip protocol", "protocol"),
    "action": ("action",),
    "url": ("url", "url/filename", "url filename", "miscellaneous"),
    "ended": ("session end reason",),
}
"""Columns of an export, by what they are to us."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Places:
    """Where the values of a row stand; -1 for nowhere."""

    time: int = 6
    kind: int = 3
    subtype: int = 4
    source: int = 7
    address: int = 8
    rule: int = 11
    count: int = 23
    port: int = 25
    protocol: int = 29
    action: int = 30
    url: int = 31
    ended: int = 46


_SYSLOG: Final = _Places()


def recognises(head: str) -> bool:
    """Say whether a text has lines of PAN-OS."""
    return bool(_LINE.search(head) or _HEADER.search(head))


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with or without a header."""
    times = Times(context, "PAN-OS")
    places = _SYSLOG
    for line in lines:
        try:
            row = _row(line)
            if row[3] not in _KINDS and places is _SYSLOG:
                row = _behind_prefix(line)
            decoded = _flow(row, places, times)
        except FAULTS as error:
            if not line.strip():
                context.passed_over["blank"] += 1
            elif _HEADER.match(line):
                places = _places(_row(line))
                context.passed_over["header"] += 1
            else:
                yield Skipped(line, unreadable=True, why=str(error)[:100])
            continue
        yield decoded if isinstance(decoded, Flow) else Skipped(line, unreadable=False, why=decoded)


def _row(line: str) -> list[str]:
    return line.split(",") if '"' not in line else next(csv.reader((line,)))


def _behind_prefix(line: str) -> list[str]:
    """Give the fields of a line whose prefix has commas in it.

    Raises:
        ValueError: it is no line of PAN-OS.
    """
    found = _START.search(line)
    if not found:
        raise ValueError("no line of PAN-OS")
    return _row(line[found.end() - 2 :])


def _places(header: list[str]) -> _Places:
    """Find the columns of an export by their names."""
    at = {name.strip('\ufeff" ').lower(): place for place, name in reversed(list(enumerate(header)))}
    return _Places(**{ours: next((at[name] for name in names if name in at), -1) for ours, names in _NAMES.items()})


def _flow(row: list[str], places: _Places, times: Times) -> Flow | str:
    """Give the flow of a row, or why it is none."""
    kind, subtype = _at(row, places.kind) or "TRAFFIC", _at(row, places.subtype)
    if kind not in ("TRAFFIC", "THREAT"):
        return f"PAN-OS: {kind[:50]}"
    outcome, reason = _outcome(kind, subtype, row[places.action], _at(row, places.ended))
    if not reason:
        return f"PAN-OS: {subtype} that was let through"
    address = host_of(row[places.address])
    named, url_port = url_host(_at(row, places.url)) if kind == "THREAT" and subtype == "url" else ("", 0)
    return Flow(
        outcome,
        named or address,
        port_of(row[places.port]) or url_port,
        protocol_of(_at(row, places.protocol) or "tcp"),
        times.read(_at(row, places.time)),
        row[places.source],
        max(1, int(_at(row, places.count) or 1)),
        reason,
        _at(row, places.rule),
        address=address if named else "",
    )


def _at(row: list[str], place: int) -> str:
    return row[place] if 0 <= place < len(row) else ""


@lru_cache(1024)
def _outcome(kind: str, subtype: str, action: str, ended: str) -> tuple[Outcome, str]:
    """Say what became of a session and why; no reason means that a row says nothing of it.

    Raises:
        ValueError: nobody knows such an action.
    """
    lower = action.lower()
    denied = lower.startswith(_DENIED)
    if not denied and not lower.startswith(_ALLOWED):
        raise ValueError(f"no action: {action[:50]}")
    if kind == "THREAT" and subtype != "url":
        return Outcome.OTHER, f"threat prevention: {subtype}" if denied else ""
    if kind == "TRAFFIC" and ended in _NO_ALLOW_LIST:
        return Outcome.OTHER, f"{_NO_ALLOW_LIST[ended]}: {ended}"
    return Outcome.DENIED if denied else Outcome.ALLOWED, f"{action}: {ended}" if denied and ended else action
