r"""The sentence in which AzureDiagnostics tells what an Azure Firewall did.

Application rules have six shapes, by our letters (``<>`` is a value):

====  ================================================================================================
A     <HTTP> request from <ip>:<port> to <host>:<port>. Url: <url>. Action: <Allow|Deny>. Policy: <p>. Rule
      Collection Group: <g>. Rule Collection: <c>. Rule: <r>[ Web Category: <w>]
B     as A without ``Url:``
C     as A, then: Action: Deny. No rule matched. Proceeding with default action
D     as C without ``Url:``
E     … to <host>:<port>. Action: Deny. Failed to resolve address <…>
F     <HTTPS> request from <ip>:<port>. Action: Deny. Reason: SNI TLS extension was missing.
====  ================================================================================================

Network rules, threat intelligence (``ThreatIntel: …``) and IDPS (``Signature: …``, ``IDS: …``) begin the same way;
classic firewalls name no policy. All of them are one expression up to ``Action:``; what follows recurs from line to
line, and is read once. NAT (``was DNAT'ed to``) and the DNS proxy (``DNS Request: …``) have sentences of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final, NamedTuple

from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.records.values import azure_outcome, host_of, port_of, protocol_of, url_host

_REQUEST: Final = re.compile(
    r"\s*([A-Za-z]+(?: Type=\d+)?)\s+request from (\S+?)(?: to (\S+?))?\.? "
    r"(?:Url: (\S*) )?Action: (\w+)\.?(.*)",
    re.DOTALL,
)
"""Protocol (HTTP has two spaces behind it), source, destination, URL, action, and the rest."""
_NAT: Final = re.compile(r"\s*\w+\s+request from \S+ to \S+ was DNAT'?ed to ")
_DNS: Final = re.compile(r"\s*DNS Request: (\S+?)(?::\d+)? - \d+ \S+ \S+ (\S+) \S+ \d+ \S+ \d+ (\w+)")
"""Source, name and response code: ``DNS Request: 10.0.0.4:51234 - 7 A IN a.example. udp 45 false 512 NOERROR …``."""
_RULE: Final = re.compile(r"\bRule: (.*?)(?:\.?\s*Web ?Category: .*|\.\s*|\s*)$")
_CLASSIC: Final = "No rule matched"
_UNRESOLVED: Final = "Failed to resolve address"


class _Decision(NamedTuple):
    """What stands behind ``Action:``."""

    outcome: Outcome
    reason: str = ""
    rule: str = ""
    without_name: bool = False


def message_flow(message: str, time: dt.datetime | None, device: str) -> Flow | str:
    """Give the flow of a sentence, or why it is none.

    Raises:
        ValueError: nobody can read it.

    >>> said = "HTTPS request from 10.240.0.7:51012 to a.example:443. Action: Deny. No rule matched. Proceeding …"
    >>> flow = message_flow(said, None, "fw1")
    >>> flow.outcome.value, flow.host, flow.port, flow.source
    ('denied', 'a.example', 443, '10.240.0.7')
    """
    found = _REQUEST.match(message)
    if not found:
        return _other_sentence(message, time, device)
    protocol, source, destination, url, action, rest = found.groups()
    outcome, reason, rule, without_name = _decision(action, rest[:1000])
    layer4 = protocol_of(protocol)
    source = _split(source)[0] if layer4 else source
    if destination:
        host, port = _split(destination) if layer4 else (destination, "")
        host, number = host_of(host), port_of(port)
    else:
        host, number = url_host(url.rstrip(".")) if url else ("", 0)
        without_name = without_name or not host
    return Flow(
        outcome,
        "" if without_name else host,
        number,
        layer4,
        time,
        source,
        1,
        reason,
        rule,
        device,
        address=host if without_name else "",
        without_name=without_name,
        legacy=True,
    )


def _other_sentence(message: str, time: dt.datetime | None, device: str) -> Flow | str:
    if found := _DNS.match(message):
        outcome, reason = dns_outcome(found[3])
        host = host_of(found[2])
        if not host:
            return "a DNS query without a name"
        return Flow(outcome, host, 0, "", time, found[1], 1, reason, "", device, legacy=True)
    if _NAT.match(message):
        return "NAT rule: inbound"
    if message.lstrip().startswith("Error:"):
        return "an error of the DNS proxy"
    raise ValueError("no sentence of Azure Firewall")


def dns_outcome(code: str) -> tuple[Outcome, str]:
    """Say what became of a DNS query by its response code.

    >>> dns_outcome("NXDOMAIN")
    (<Outcome.OTHER: 'other'>, 'failed resolution: NXDOMAIN')
    """
    code = code.strip().upper()
    return (Outcome.ASKED, "") if code in ("NOERROR", "") else (Outcome.OTHER, f"failed resolution: {code}")


@lru_cache(1024)
def _decision(action: str, rest: str) -> _Decision:
    rest = rest.strip()
    if rest.startswith("ThreatIntel:") or " ThreatIntel:" in rest:
        return _Decision(Outcome.OTHER, "threat intelligence")
    if re.search(r"\b(?:Signature|IDS): ", rest):
        return _Decision(Outcome.OTHER, "IDPS")
    if _UNRESOLVED in rest:
        return _Decision(*azure_outcome(action, _UNRESOLVED)[:2])
    if rest.startswith(_CLASSIC):
        return _Decision(azure_outcome(action, "")[0], rest.partition(".")[0])
    if found := _RULE.search(rest):
        return _Decision(azure_outcome(action, "")[0], rule=found[1])
    outcome, reason, without_name = azure_outcome(action, rest.removeprefix("Reason: "))
    return _Decision(outcome, reason, without_name=without_name)


def _split(endpoint: str) -> tuple[str, str]:
    """Cut a port off: it stands behind the last colon, also of an IPv6 address.

    >>> _split("fd00::4:443"), _split("a.example")
    (('fd00::4', '443'), ('a.example', ''))
    """
    host, _, port = endpoint.rpartition(":")
    return (host, port) if host and port.isdecimal() else (endpoint, "")
