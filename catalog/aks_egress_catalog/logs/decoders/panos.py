"""PAN-OS: TRAFFIC and URL logs, as syslog sends them (with or without prefix) and as the web interface exports them.

A URL log names the host, a TRAFFIC log only its address. Times are local to the firewall.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.json_text import each
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes
from aks_egress_catalog.logs.records.times import Times
from aks_egress_catalog.logs.records.values import FAULTS, host_of, port_of, protocol_of, url_host

NAME: Final = "panos"
_START: Final = re.compile(r"(?:^|[ :,])\d,(?=\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,]*,[A-Z0-9-]+,)", re.MULTILINE)
"""Behind the prefix of syslog: a field for future use, then the time when the log was received."""
_LINE: Final = re.compile(_START.pattern + r".*?,(?:TRAFFIC|THREAT),", re.MULTILINE)
_HEADER: Final = re.compile(r'^\ufeff?(?:"?Domain"?,)?"?Receive Time"?,', re.MULTILINE)
_DENIED: Final = ("deny", "drop", "reset", "block", "override-lockout", "random-drop", "sinkhole")
_ALLOWED: Final = ("allow", "alert", "continue", "override", "syncookie-sent")
_NO_ALLOW_LIST: Final = {"threat": "threat prevention", "decrypt-error": "TLS", "decrypt-cert-validation": "TLS"}
"""Why a session ended, where no rule ended it."""
_KINDS: Final = frozenset(
    ("TRAFFIC", "THREAT", "SYSTEM", "CONFIG", "DECRYPTION", "GLOBALPROTECT", "USERID", "HIPMATCH")
)
_WRITTEN: Final = ("TRAFFIC", "THREAT")
_NAMES: Final = {
    "time": ("generate time", "generated time", "time generated", "receive time"),
    "source": ("source address", "source"),
    "kind": ("type",),
    "subtype": ("threat/content type", "subtype", "content/threat type"),
    "address": ("destination address", "destination"),
    "rule": ("rule",),
    "count": ("repeat count",),
    "port": ("destination port", "to port", "dest port"),
    "protocol": ("ip protocol", "protocol"),
    "action": ("action",),
    "url": ("url", "url/filename", "url filename", "miscellaneous"),
    "ended": ("session end reason",),
}
"""Columns of an export, by what they are to us."""
_TRAFFIC: Final = frozenset(("start", "end", "drop", "deny"))
_THREATS: Final = frozenset(
    [
        "url",
        "virus",
        "ml-virus",
        "spyware",
        "vulnerability",
        "wildfire",
        "wildfire-virus",
        "file",
        "data",
        "scan",
        "flood",
        "packet",
    ]
)
"""Subtypes of both logs: exports may have them as the type."""
_PLACES: Final = (6, 7, 3, 4, 8, 11, 23, 25, 29, 30, 31, 46)
"""Where the same stand in a line of syslog."""


class _Reader:
    """Takes the values of a row from their places, in the order of :data:`_NAMES`; -1 is an empty one at its end."""

    def __init__(self, places: Sequence[int]) -> None:
        self.time, self.source, *others = places
        self.pick = itemgetter(*others)
        self.width = max(places) + 2


_SYSLOG: Final = _Reader(_PLACES)


def recognises(head: str) -> bool:
    """Say whether a text has lines of PAN-OS."""
    if "Receive Time" in head and _HEADER.search(head):
        return True
    return (",TRAFFIC," in head or ",THREAT," in head) and _LINE.search(head) is not None


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with or without a header."""
    times, prototypes, reader = Times(context, "PAN-OS"), Prototypes(_prototype), _SYSLOG
    for line in lines:
        try:
            row = line.split(",") if '"' not in line else next(csv.reader((line,)))
            if reader is _SYSLOG and row[3] not in _KINDS:
                row = _behind_prefix(line)
            row += [""] * max(1, reader.width - len(row))
            decoded = prototypes.flow(reader.pick(row), times.read(row[reader.time]), row[reader.source])
        except (*FAULTS, csv.Error) as error:
            if not line.strip():
                context.passed_over["blank"] += 1
            elif _HEADER.match(line):
                reader = _reader(next(csv.reader((line,))))
                context.passed_over["header"] += 1
            else:
                yield Skipped(line, unreadable=True, why=str(error)[:100])
            continue
        if decoded.__class__ is Flow:
            yield decoded
        else:
            yield from each(decoded, line)


def _behind_prefix(line: str) -> list[str]:
    """Give the fields of a line whose prefix has commas in it.

    Raises:
        ValueError: it is no line of PAN-OS.
    """
    found = _START.search(line)
    if not found:
        raise ValueError("no line of PAN-OS")
    return next(csv.reader((line[found.end() - 2 :],)))


def _reader(header: list[str]) -> _Reader:
    """Find the columns of an export by their names."""
    at = {name.strip('\ufeff" ').lower().replace("_", " "): place for place, name in reversed(list(enumerate(header)))}
    return _Reader([next((at[name] for name in names if name in at), -1) for names in _NAMES.values()])


def _prototype(
    kind: str,
    subtype: str,
    address: str,
    rule: str,
    count: str,
    port: str,
    protocol: str,
    action: str,
    url: str,
    ended: str,
) -> Decoded:
    """Give the flow of a row, or why it is none."""
    if kind not in _WRITTEN:
        kind, subtype = _type(kind, subtype, url)
    if kind not in ("TRAFFIC", "THREAT", ""):
        return f"PAN-OS: {kind[:50]}"
    is_url = kind == "THREAT" and subtype == "url"
    outcome, reason = _outcome(kind or "TRAFFIC", subtype, action, "" if kind == "THREAT" else ended)
    if not reason:
        return f"PAN-OS: {subtype[:50]} that was let through"
    address = host_of(address)
    named, url_port = url_host(url) if is_url else ("", 0)
    return Flow(
        outcome,
        named or address,
        port_of(port) or url_port,
        protocol_of(protocol or "tcp"),
        hits=max(1, int(count or 1)),
        reason=reason,
        rule=rule,
        address=address if named else "",
    )


def _type(kind: str, subtype: str, url: str) -> tuple[str, str]:
    """Say of which log a row of an export is that has a subtype as its type, or none.

    >>> _type("drop", "", ""), _type("url", "", "a.example/"), _type("", "", "a.example/"), _type("SYSTEM", "x", "")
    (('TRAFFIC', 'drop'), ('THREAT', 'url'), ('THREAT', 'url'), ('SYSTEM', 'x'))
    """
    if kind in _TRAFFIC:
        return "TRAFFIC", kind
    if kind in _THREATS:
        return "THREAT", kind
    if not kind and url:
        return "THREAT", subtype or "url"
    return kind, subtype


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
