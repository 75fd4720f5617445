"""Cilium's flows: ``hubble observe -o json`` with or without wrapper, and the file that ACNS writes on each node.

A name stands in ``destination_names`` where Cilium's DNS proxy had seen it; of several that one address has, the first
is the host and the others are ``names``. A DNS query that a policy refused is a denied name without a port.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.json_text import decode_lines
from aks_egress_catalog.logs.records.json_text import decode_values as decode_found
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes
from aks_egress_catalog.logs.records.values import LONGEST_VALUE, host_of, port_of, url_host, utc

NAME: Final = "hubble"
_FLOW: Final = re.compile(r'"(?:verdict|node_status|lost_events)"\s*:')
_VERDICTS: Final = {
    "FORWARDED": Outcome.ALLOWED,
    "REDIRECTED": Outcome.ALLOWED,
    "TRACED": Outcome.ALLOWED,
    "TRANSLATED": Outcome.ALLOWED,
    "DROPPED": Outcome.DENIED,
    "AUDIT": Outcome.DENIED,
    "ERROR": Outcome.OTHER,
}
_OTHER_LINES: Final = ("node_status", "lost_events", "agent_event", "debug_event")
_POLICY_REASONS: Final = frozenset((0, 133, 181, 189))
"""``drop_reason``, where there is no name of it: none, POLICY_DENIED, POLICY_DENY, AUTH_REQUIRED."""
_NO_SUCH_NAME: Final = 3
_REFUSED: Final = 5
_EMPTY: Final[dict[str, Any]] = {}
_NO_LAYER4: Final[dict[str, Any]] = {"": {}}


def recognises(head: str) -> bool:
    """Say whether a text has flows of Hubble."""
    return _FLOW.search(head) is not None and '"flowRecords"' not in head


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with one flow each."""
    return decode_lines(lines, context, _flow_reader(), None if context.allowed else passes)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], _: Context) -> Iterator[Flow | Skipped]:
    """Decode the flows of a document."""
    return decode_found(values, _flow_reader())


def passes(line: str) -> str:
    """Say by its text that a line is a flow that was let through and no DNS query."""
    if '"verdict":"FORWARDED"' in line and '"dns"' not in line and line.count('"verdict"') == 1 and line[-1] == "}":
        return "allowed"
    return ""


def _flow_reader() -> Callable[[Any], Decoded]:
    """Give the function that turns a line into a flow; it raises for what is none, nor anything else of Hubble."""
    prototypes = Prototypes(_prototype)

    def flow_of(record: dict[str, Any]) -> Decoded:
        flow = record.get("flow") or record
        get = flow.get
        layer7 = get("l7") or _EMPTY
        if not get("verdict"):
            return _without_verdict(record)
        if "dns" in layer7:
            return _query(flow, layer7, layer7["dns"])
        if get("traffic_direction") == "INGRESS":
            return "ingress"
        if get("is_reply"):
            return "reply"
        if (get("destination") or _EMPTY).get("pod_name"):
            return "to a pod of the cluster"
        protocol, ports = next(iter((get("l4") or _NO_LAYER4).items()))
        key = (
            *(get("verdict"), get("drop_reason_desc"), get("drop_reason"), protocol, ports.get("destination_port")),
            *((get("IP") or _EMPTY).get("destination", ""), _cluster(flow), _count(flow)),
            _url(layer7),
            *(get("destination_names") or ()),
        )
        return prototypes.flow(key, utc(get("time") or ""), _source(flow))

    return flow_of


def _prototype(
    verdict: str,
    reason: str | None,
    number: Any,
    protocol: str,
    port: Any,
    address: str,
    cluster: str,
    hits: int,
    url: str,
    *names: str,
) -> Flow:
    """Make a prototype. What an HTTP request asks for is its host, whatever names the address has."""
    outcome, reason = _decision(verdict, reason or "", int(number or 0))
    address = host_of(address)
    hosts = [url_host(url)[0] or address] if url else [host_of(name) for name in names]
    return Flow(
        outcome,
        hosts[0] if hosts else address,
        port_of(port),
        protocol if protocol in ("TCP", "UDP") else "",
        hits=hits,
        reason=reason,
        cluster=cluster,
        names=tuple(hosts[1:]),
        address=address,
    )


def _url(layer7: dict[str, Any]) -> str:
    """Give the URL of an HTTP request without what is behind its host."""
    url = (layer7.get("http") or _EMPTY).get("url") or ""
    return "/".join(url.split("/", 3)[:3])


def _without_verdict(record: dict[str, Any]) -> str:
    kind = next((name for name in _OTHER_LINES if name in record), "")
    if not kind:
        raise ValueError("no flow")
    return kind


def _decision(verdict: str, reason: str, number: int) -> tuple[Outcome, str]:
    """Say what became of a flow: only a policy's drop is one of an allow list."""
    outcome = _VERDICTS[verdict]
    by_policy = "POLICY" in reason or reason == "AUTH_REQUIRED" if reason else number in _POLICY_REASONS
    if verdict == "DROPPED" and not by_policy:
        return Outcome.OTHER, f"dropped: {reason or number}"
    if verdict == "AUDIT":
        return outcome, "AUDIT: a policy would have denied it"
    return outcome, reason if outcome is Outcome.DENIED else verdict if outcome is Outcome.OTHER else ""


def _query(flow: dict[str, Any], layer7: dict[str, Any], query: dict[str, Any]) -> Decoded:
    """Give a DNS query: asked, denied, or answered with "no such name"; its other answers add nothing."""
    host = host_of(query.get("query") or "")
    code = int(query.get("rcode") or 0)
    if not host:
        return "a DNS query without a name"
    if flow["verdict"] in ("DROPPED", "AUDIT"):
        outcome, reason = Outcome.DENIED, "DNS query denied"
    elif layer7.get("type") == "RESPONSE":
        if code not in (_NO_SUCH_NAME, _REFUSED):
            return "a DNS answer"
        outcome, reason = Outcome.OTHER, "failed resolution: " + ("NXDOMAIN" if code == _NO_SUCH_NAME else "REFUSED")
    else:
        outcome, reason = Outcome.ASKED, ""
    time = utc(flow.get("time") or "")
    return Flow(outcome, host, 0, "", time, _source(flow), _count(flow), reason, cluster=_cluster(flow))


def _cluster(flow: dict[str, Any]) -> str:
    name = (flow.get("source") or _EMPTY).get("cluster_name", "")
    return name[:LONGEST_VALUE] if isinstance(name, str) else ""


def _source(flow: dict[str, Any]) -> str:
    """Name who sent it: the pod, else the address."""
    source = flow.get("source") or _EMPTY
    if name := source.get("pod_name"):
        return f"{source.get('namespace') or ''}/{name}"[:LONGEST_VALUE]
    return str((flow.get("IP") or _EMPTY).get("source", ""))[:LONGEST_VALUE]


def _count(flow: dict[str, Any]) -> int:
    """Say how many flows an aggregated one stands for."""
    counts = flow.get("aggregate") or _EMPTY
    return max(1, sum(int(count) for name, count in counts.items() if name.endswith("flow_count"))) if counts else 1
