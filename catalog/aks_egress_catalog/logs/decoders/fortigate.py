"""FortiGate: ``key=value`` lines and CEF, of traffic and of what inspects it.

Traffic is denied by a policy, and so is what a web, application or DNS filter blocks. ``ip-conn`` and ``dns`` failed
without being denied; what IPS, antivirus and the like block is no matter of an allow list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.values import FAULTS, host_of, port_of, protocol_of, url_host

NAME: Final = "fortigate"
_LINE: Final = re.compile(r'\bdate="?\d{4}-\d\d-\d\d"? time="?\d\d:\d\d:\d\d"?[^\n]* (?:logid|type)=')
_CEF: Final = re.compile(r"CEF:\d\|Fortinet\|")
_PAIR: Final = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
_CEF_PAIR: Final = re.compile(r"(\w+)=((?:\\.|[^\\=])*?)(?=\s+\w+=|\s*$)")
_CEF_NAMES: Final = {
    "act": "action",
    "src": "srcip",
    "dst": "dstip",
    "dpt": "dstport",
    "dhost": "hostname",
    "request": "url",
}
_CEF_PREFIX: Final = "FTNTFGT"
_DENIED: Final = ("deny", "blocked", "block", "dropped", "drop", "reject")
_FAILED: Final = ("ip-conn", "dns")
_FILTERS: Final = ("webfilter", "app-ctrl", "dns", "")
_DNS_QUERIES: Final = ("dns-query", "")
_TICKS: Final = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""What a second is divided into, by how many digits a time has."""


def recognises(head: str) -> bool:
    """Say whether a text has lines of a FortiGate."""
    return bool(_LINE.search(head) or _CEF.search(head))


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines in either form."""
    for line in lines:
        try:
            decoded = _flow(_cef(line) if "CEF:" in line else _pairs(line), context)
        except FAULTS as error:
            if line.strip():
                yield Skipped(line, unreadable=True, why=str(error)[:100])
            else:
                context.passed_over["blank"] += 1
        else:
            yield decoded if isinstance(decoded, Flow) else Skipped(line, unreadable=False, why=decoded)


def _pairs(line: str) -> dict[str, str]:
    return {name: quoted or bare for name, quoted, bare in _PAIR.findall(line)}


def _cef(line: str) -> dict[str, str]:
    """Read a CEF line as if its keys were FortiGate's own.

    >>> _cef("CEF:0|Fortinet|Fortigate|v7|13|traffic:forward deny|3|cat=traffic:forward act=deny dst=192.0.2.1")
    {'type': 'traffic', 'subtype': 'forward', 'action': 'deny', 'dstip': '192.0.2.1'}
    """
    start = _CEF.search(line)
    if not start:
        raise ValueError("a CEF line of another vendor")
    pairs: dict[str, str] = {}
    for name, value in _CEF_PAIR.findall(line.split("|", 7)[-1]):
        if name == "cat":
            pairs["type"], _, pairs["subtype"] = value.partition(":")
        else:
            pairs.setdefault(_CEF_NAMES.get(name, name.removeprefix(_CEF_PREFIX)), value)
    return pairs


def _flow(pairs: dict[str, str], context: Context) -> Flow | str:
    """Give the flow of a line, or why it is none."""
    get = pairs.get
    kind, subtype, action = pairs["type"], get("subtype", ""), get("action", "")
    if kind not in ("traffic", "utm") or (kind == "traffic" and subtype in ("local", "sniffer")):
        return f"FortiGate: {kind[:50]} {subtype[:50]}"
    outcome, reason = _outcome(kind, subtype, action, get("policyid", ""))
    if not action and subtype != "dns":
        raise ValueError("no action")
    address, time = host_of(get("dstip", "")), _time(pairs, context)
    if subtype == "dns" and kind == "utm":
        if outcome is Outcome.ALLOWED:
            if get("eventtype", "") not in _DNS_QUERIES:
                return "a DNS answer"
            outcome = Outcome.ASKED
        return Flow(outcome, host_of(get("qname", "")), 0, "", time, get("srcip", ""), 1, reason)
    named = host_of(get("hostname") or get("dstname") or "") or url_host(get("url", ""))[0]
    return Flow(
        outcome,
        named or address,
        port_of(get("dstport", "")),
        protocol_of(get("proto", "6")),
        time,
        get("srcip", ""),
        1,
        reason,
        get("policyname") or get("policyid", ""),
        address=address if named and named != address else "",
    )


@lru_cache(1024)
def _outcome(kind: str, subtype: str, action: str, policy: str) -> tuple[Outcome, str]:
    if action in _FAILED:
        return Outcome.OTHER, f"failed connection: {action}"
    if action not in _DENIED:
        return Outcome.ALLOWED, ""
    if kind == "utm" and subtype not in _FILTERS:
        return Outcome.OTHER, f"{subtype}: {action}"
    return Outcome.DENIED, f"{action}: implicit deny" if kind == "traffic" and policy == "0" else action


def _time(pairs: dict[str, str], context: Context) -> dt.datetime | None:
    """Give the time: by ``eventtime`` where there is one, else local, with the offset that ``tz`` may name."""
    ticks = pairs.get("eventtime", "")
    if len(ticks) in _TICKS and ticks.isdecimal():
        return dt.datetime.fromtimestamp(int(ticks) / _TICKS[len(ticks)], dt.UTC)
    if "date" not in pairs or "time" not in pairs:
        return None
    zone = pairs.get("tz", "")
    offset = f"{zone[:3]}:{zone[-2:]}" if len(zone.replace(":", "")) == len("+0000") else ""
    return context.utc(dt.datetime.fromisoformat(f"{pairs['date']}T{pairs['time']}{offset}"), "FortiGate")
