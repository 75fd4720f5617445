"""FortiGate: ``key=value`` lines and CEF, of traffic and of what inspects it.

Traffic is denied by a policy, and so is what a web, application or DNS filter blocks. ``ip-conn`` and ``dns`` failed
without being denied; what IPS, antivirus and the like block is no matter of an allow list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.json_text import each
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes
from aks_egress_catalog.logs.records.values import FAULTS, host_of, port_of, protocol_of, url_host

NAME: Final = "fortigate"
_LINE: Final = re.compile(r'\bdate="?\d{4}-\d\d-\d\d"?[ ,]time="?\d\d:\d\d:\d\d"?[^\n]*[ ,](?:logid|type)=')
_CEF: Final = re.compile(r"CEF: ?\d\|Fortinet\|")
_PAIR: Final = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
_COMMA_PAIR: Final = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))')
"""Of a FortiGate that was told to write CSV."""
_CEF_PAIR: Final = re.compile(r"(\w+)=((?:\\.|[^\\=])*?)(?=\s+\w+=|\s*$)")
_CEF_NAMES: Final = {
    "act": "action",
    "src": "srcip",
    "dst": "dstip",
    "dpt": "dstport",
    "dhost": "hostname",
    "request": "url",
}
_CEF_PREFIXES: Final = re.compile(r"FTNTFGT|FortinetFortiGate")
_CEF_TYPE: Final = re.compile(r"(\w+):([\w-]+)")
_DENIED: Final = frozenset(
    [
        "deny",
        "denied",
        "blocked",
        "block",
        "dropped",
        "drop",
        "reject",
        "redirect",
        "reset",
        "kickout",
        "encrypt-kickout",
        "violation",
    ]
)
_FAILED: Final = ("ip-conn", "dns")
_FILTERS: Final = ("webfilter", "app-ctrl", "dns", "")
_LET_THROUGH: Final = ("accept", "close", "timeout", "client-rst", "server-rst", "start", "passthrough")
_ALLOWED: Final = ("pass", "allow", "exempt", "monitor", "log", "detect", "filter", "override", "authenticat")
"""How the words of filters begin that let something through."""
_LOOKED_ON: Final = ("pass", "allow", "exempt", "monitor", "log", "detect", "info")
"""How those of inspections begin, which no allow list replaces."""
_ACTION: Final = " action="
_KEY: Final = (
    *("subtype", "action", "eventtype", "qname", "dstip", "dstport", "proto", "hostname", "dstname", "url"),
    *("policyname", "policyid"),
)
_DNS_QUERIES: Final = ("dns-query", "")
_TICKS: Final = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""What a second is divided into, by how many digits a time has."""


def recognises(head: str) -> bool:
    """Say whether a text has lines of a FortiGate."""
    return bool(("date=" in head and _LINE.search(head)) or _CEF.search(head))


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines in either form."""
    prototypes = Prototypes(_prototype)
    for line in lines:
        if not context.allowed and _is_allowed(line):
            context.passed_over["allowed"] += 1
            continue
        try:
            pairs = _cef(line) if "CEF:" in line else _pairs(line)
            get = pairs.get
            key = [get(name, "") for name in _KEY]
            decoded = prototypes.flow((pairs["type"], *key), _time(pairs, context), get("srcip", ""))
        except FAULTS as error:
            if line.strip():
                yield Skipped(line, unreadable=True, why=str(error)[:100])
            else:
                context.passed_over["blank"] += 1
            continue
        if decoded.__class__ is Flow:
            yield decoded
        else:
            yield from each(decoded, line)


def _is_allowed(line: str) -> bool:
    """Say by its text that a line is of traffic that was let through: the action stands outside of all quotes."""
    place = line.find(_ACTION)
    if place < 0 or line.count('"', 0, place) % 2 or "\\" in line or ' type="traffic"' not in line:
        return False
    return line[place + len(_ACTION) :].lstrip('"').startswith(_LET_THROUGH)


def _pairs(line: str) -> dict[str, str]:
    r"""Take a line apart. Without backslashes every other piece between quotes is a value.

    >>> _pairs('a=1 b="c d=e" f=g'), _pairs(r'a="b \"c\" d" e=f')
    ({'a': '1', 'b': 'c d=e', 'f': 'g'}, {'a': 'b \\"c\\" d', 'e': 'f'})
    """
    if "\\" in line:
        return {name: quoted or bare for name, quoted, bare in _PAIR.findall(line)}
    pieces = line.split('"')
    pairs: dict[str, str] = {}
    for place in range(0, len(pieces), 2):
        name = ""
        for one in pieces[place].split():
            name, _, pairs[name] = one.partition("=")
        if name and place + 1 < len(pieces) and not pairs[name]:
            pairs[name] = pieces[place + 1]
    if "type" not in pairs and ",time=" in line:
        return {name: quoted or bare for name, quoted, bare in _COMMA_PAIR.findall(line)}
    return pairs


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
            pairs.setdefault(_CEF_NAMES.get(name) or _CEF_PREFIXES.sub("", name, count=1), value)
    if "type" not in pairs and (named := _CEF_TYPE.match(line.split("|", 6)[5])):
        pairs["type"], pairs["subtype"] = named.groups()
    return pairs


def _prototype(kind: str, subtype: str, action: str, *others: str) -> Decoded:
    """Give the flow of a line, or why it is none."""
    eventtype, name, address, port, protocol, hostname, dstname, url, policy, policy_id = others
    if kind == "dns":  # until FortiOS 6.0
        kind, subtype, eventtype = "utm", "dns", subtype
    if kind not in ("traffic", "utm") or (kind == "traffic" and subtype in ("local", "sniffer")):
        return f"FortiGate: {kind[:50]} {subtype[:50]}"
    outcome, reason = _outcome(kind, subtype, action, policy_id)
    if not action and subtype != "dns":
        raise ValueError("no action")
    if not outcome:
        return f"FortiGate: {subtype[:50]} that was let through"
    if subtype == "dns" and kind == "utm":
        if outcome is Outcome.ALLOWED and eventtype not in _DNS_QUERIES:
            return "a DNS answer"
        return Flow(Outcome.ASKED if outcome is Outcome.ALLOWED else outcome, host_of(name), 0, "", reason=reason)
    address = host_of(address)
    named = host_of(hostname or dstname) or url_host(url)[0]
    return Flow(
        outcome,
        named or address,
        port_of(port),
        protocol_of(protocol or "6"),
        reason=reason,
        rule=policy or policy_id,
        address=address if named and named != address else "",
    )


def _outcome(kind: str, subtype: str, action: str, policy: str) -> tuple[Outcome | None, str]:
    """Say what became of a flow; ``None``: an inspection found something and let it through.

    Raises:
        ValueError: nobody knows such an action.
    """
    action = action.lower()
    if kind == "utm" and subtype not in _FILTERS:
        return (None, "") if action.startswith(_LOOKED_ON) else (Outcome.OTHER, f"{subtype}: {action}")
    if action in _FAILED and kind == "traffic":
        return Outcome.OTHER, f"failed connection: {action}"
    if not action or action.startswith(_LET_THROUGH + _ALLOWED):
        return Outcome.ALLOWED, ""
    if action not in _DENIED:
        raise ValueError(f"no action: {action[:50]}")
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
