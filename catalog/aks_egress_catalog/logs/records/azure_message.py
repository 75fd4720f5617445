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
      (until 2020: … from <ip>:<port> was denied. Reason: …)
====  ================================================================================================

Network rules, threat intelligence (``ThreatIntel: …``) and IDPS (``Signature: …``, ``IDS: …``) begin the same way;
classic firewalls name no policy. All of a sentence but the source recurs from line to line, and is read once. A host
or a source never has a blank, so that no host can forge another sentence. NAT (``was DNAT'ed to``) and the DNS proxy
(``DNS Request: …``) have sentences of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final, NamedTuple

from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes, new_flow
from aks_egress_catalog.logs.records.values import azure_outcome, dns_outcome, host_of, port_of, protocol_of

_ASKS: Final = " request from "
_ASKED: Final = len(_ASKS)
_NAT: Final = " was DNAT"
_DNS: Final = re.compile(r"\s*DNS Request: (\S+?)(?::\d+)? - \d+ \S+ \S+ (\S+) \S+ \d+ \S+ \d+ (\w+)")
"""Source, name and response code: ``DNS Request: 10.0.0.4:51234 - 7 A IN a.example. udp 45 false 512 NOERROR …``."""
_BEFORE: Final = re.compile(r"(\w+(?: Type=\d+)?) *$")
"""The protocol; whatever else stands before the sentence are other columns of its line."""
_DENIED_BY: Final = " was denied. Reason: "
_COLUMN: Final = re.compile(r"\t| {2,}(?=\S)")
"""Where another column begins, behind the sentence."""
_ACTION: Final = re.compile(r"(\w+)\.?(.*)", re.DOTALL)
_RULE: Final = re.compile(r"\bRule: (.*?)(?:\.?\s*Web ?Category: .*|\.\s*|\s*)$")
_IDPS: Final = re.compile(r"\b(?:Signature|IDS): ")
_UNRESOLVED: Final = "Failed to resolve address"


class Sentences(Prototypes):
    """The sentences of one firewall.

    >>> said = "HTTPS request from 10.240.0.7:51012 to a.example:443. Action: Deny. No rule matched. Proceeding …"
    >>> flow = Sentences("fw1").flow_of(said, None)
    >>> flow.outcome.value, flow.host, flow.port, flow.source
    ('denied', 'a.example', 443, '10.240.0.7')
    """

    def __init__(self, device: str) -> None:
        super().__init__(self._prototype)
        self._device = device

    def flow_of(self, sentence: str, time: dt.datetime | None) -> Decoded:
        """Give the flow of a sentence, or why it is none.

        Raises:
            ValueError: nobody can read it.
        """
        return self.flow_of_row({"msg": sentence}, time)

    def flow_of_row(self, row: Any, time: dt.datetime | None) -> Decoded:
        """Give the flow of a record's properties, as :meth:`flow_of` does."""
        try:
            sentence = row["msg"]
        except (KeyError, TypeError):
            raise ValueError("a record without its message") from None
        start = sentence.find(_ASKS) + _ASKED
        end = sentence.find(" ", start)
        if start < _ASKED or end < 0:
            return self._other_sentence(sentence, time)
        source, _, port = sentence[start:end].partition(":")
        if not port or ":" in port:  # of ICMP, or an IPv6 address
            source = sentence[start:end].rstrip(".:")
            source = source if "ICMP" in sentence[:start] else source.rpartition(":")[0] or source
        key = sentence[:start], sentence[end:]
        try:
            head, tail = self.parts[key]
        except KeyError:
            return self.first(key, time, source)
        return new_flow(Flow, head + (time, source) + tail)  # noqa: RUF005  - unpacking costs twice as much

    def _prototype(self, before: str, behind: str) -> Decoded:
        """Read a sentence without its source: what stands before it, and behind."""
        if behind.startswith(_DENIED_BY):
            behind = behind.replace(_DENIED_BY, " Action: Deny. Reason: ", 1)
        way, mark, decision = behind.partition(" Action: ")
        if _NAT in way:
            return "NAT rule: inbound"
        found = _ACTION.match(_COLUMN.split(decision, maxsplit=1)[0])
        destination = way.partition(" Url: ")[0].removeprefix(" to ").strip().rstrip(".")
        if not mark or not found or " " in destination:
            raise ValueError("no sentence of Azure Firewall")
        outcome, reason, rule, without_name = _decision(found[1], found[2][:1000])
        word = _BEFORE.search(before.removesuffix(_ASKS))
        layer4 = protocol_of(word[1]) if word else ""
        host, port = _split(destination) if layer4 else (destination, "")
        host = host_of(host)
        without_name = without_name or not host
        return Flow(
            outcome,
            "" if without_name else host,
            port_of(port),
            layer4,
            reason=reason,
            rule=rule,
            device=self._device,
            address=host if without_name else "",
            without_name=without_name,
            legacy=True,
        )

    def _other_sentence(self, sentence: str, time: dt.datetime | None) -> Decoded:
        if found := _DNS.match(sentence):
            outcome, reason = dns_outcome(found[3])
            host = host_of(found[2])
            if not host:
                return "a DNS query without a name"
            return Flow(outcome, host, 0, "", time, found[1], 1, reason, "", self._device, legacy=True)
        if sentence.lstrip().startswith("Error:"):
            return "an error of the DNS proxy"
        raise ValueError("no sentence of Azure Firewall")


class _Decision(NamedTuple):
    """What stands behind ``Action:``."""

    outcome: Outcome
    reason: str = ""
    rule: str = ""
    without_name: bool = False


def _decision(action: str, rest: str) -> _Decision:
    rest = rest.strip(" .")
    if azure_outcome(action, "")[0] is Outcome.ALLOWED:
        found = _RULE.search(rest)
        return _Decision(Outcome.ALLOWED, rule=found[1] if found else "")
    if rest.startswith("ThreatIntel:") or " ThreatIntel:" in rest:
        return _Decision(Outcome.OTHER, "threat intelligence")
    if _IDPS.search(rest):
        return _Decision(Outcome.OTHER, "IDPS")
    if _UNRESOLVED in rest:
        return _Decision(*azure_outcome(action, _UNRESOLVED)[:2])
    if rest.removeprefix("Reason: ").startswith("No rule matched"):
        return _Decision(azure_outcome(action, "")[0], "No rule matched")
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
