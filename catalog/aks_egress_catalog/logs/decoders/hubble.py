"""Cilium's flows: ``hubble observe -o json`` with or without wrapper, and the file that ACNS writes on each node.

A name stands in ``destination_names`` where Cilium's DNS proxy had seen it; of several that one address has, the first
is the host and the others are ``names``. A DNS query that a policy refused is a denied name without a port.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.json_text import decode_lines
from aks_egress_catalog.logs.records.json_text import decode_values as decode_found
from aks_egress_catalog.logs.records.tables import Decoded
from aks_egress_catalog.logs.records.values import host_of, port_of, url_host, utc

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


def recognises(head: str) -> bool:
    """Say whether a text has flows of Hubble."""
    return _FLOW.search(head) is not None and '"flowRecords"' not in head


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with one flow each."""
    yield from decode_lines(lines, context, flow_of, None if context.allowed else passes)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], _: Context) -> Iterator[Flow | Skipped]:
    """Decode the flows of a document."""
    yield from decode_found(values, flow_of)


def passes(line: str) -> str:
    """Say by its text that a line is a flow that was let through and no DNS query."""
    if '"verdict":"FORWARDED"' in line and '"dns"' not in line and line.count('"verdict"') == 1 and line[-1] == "}":
        return "allowed"
    return ""


def flow_of(record: dict[str, Any]) -> Decoded:
    """Give the flow of a line.

    Raises:
        ValueError: it is none, nor anything else that Hubble writes.
    """
    flow = record.get("flow") or record
    verdict = flow.get("verdict")
    if not verdict:
        return _without_verdict(record)
    layer7 = flow.get("l7") or _EMPTY
    if query := layer7.get("dns"):
        return _query(flow, layer7, query)
    if flow.get("traffic_direction") == "INGRESS":
        return "ingress"
    if flow.get("is_reply"):
        return "reply"
    destination = flow.get("destination") or _EMPTY
    if destination.get("pod_name"):
        return "to a pod of the cluster"
    outcome, reason = _decision(verdict, flow)
    protocol, ports = next(iter((flow.get("l4") or _EMPTY).items()), ("", _EMPTY))
    address = host_of((flow.get("IP") or _EMPTY).get("destination", ""))
    names = [host_of(name) for name in flow.get("destination_names") or ()]
    if url := (layer7.get("http") or _EMPTY).get("url"):
        names = [url_host(url)[0] or address]
    return Flow(
        outcome,
        names[0] if names else address,
        port_of(ports.get("destination_port")),
        protocol if protocol in ("TCP", "UDP") else "",
        utc(flow.get("time", "")),
        _source(flow),
        _count(flow),
        reason,
        cluster=(flow.get("source") or _EMPTY).get("cluster_name", ""),
        names=tuple(names[1:]),
        address=address,
    )


def _without_verdict(record: dict[str, Any]) -> str:
    kind = next((name for name in _OTHER_LINES if name in record), "")
    if not kind:
        raise ValueError("no flow")
    return kind


def _decision(verdict: str, flow: dict[str, Any]) -> tuple[Outcome, str]:
    """Say what became of a flow: only a policy's drop is one of an allow list."""
    outcome = _VERDICTS[verdict]
    reason = flow.get("drop_reason_desc") or ""
    if verdict == "DROPPED" and (
        "POLICY" not in reason and reason != "AUTH_REQUIRED" if reason else _number(flow) not in _POLICY_REASONS
    ):
        return Outcome.OTHER, f"dropped: {reason or _number(flow)}"
    if verdict == "AUDIT":
        return outcome, "AUDIT: a policy would have denied it"
    return outcome, reason if outcome is Outcome.DENIED else verdict if outcome is Outcome.OTHER else ""


def _number(flow: dict[str, Any]) -> int:
    return int(flow.get("drop_reason") or 0)


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
    cluster = (flow.get("source") or _EMPTY).get("cluster_name", "")
    return Flow(
        outcome, host, 0, "", utc(flow.get("time", "")), _source(flow), _count(flow), reason, "", "", str(cluster)
    )


def _source(flow: dict[str, Any]) -> str:
    """Name who sent it: the pod, else the address."""
    source = flow.get("source") or _EMPTY
    if name := source.get("pod_name"):
        return f"{source.get('namespace') or ''}/{name}"
    return str((flow.get("IP") or _EMPTY).get("source", ""))


def _count(flow: dict[str, Any]) -> int:
    """Say how many flows an aggregated one stands for."""
    counts = flow.get("aggregate") or _EMPTY
    return max(1, sum(int(count) for name, count in counts.items() if name.endswith("flow_count"))) if counts else 1
