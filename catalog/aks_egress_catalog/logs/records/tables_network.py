"""Tables of Log Analytics beside the firewall's: container network logs and traffic analytics. None names a host."""

from __future__ import annotations

import json
from typing import Any, Final

from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.records.prototypes import Decoded
from aks_egress_catalog.logs.records.tables import Table
from aks_egress_catalog.logs.records.values import LONGEST_VALUE, host_of, number_of, port_of, protocol_of

_VERDICTS: Final = {
    "FORWARDED": Outcome.ALLOWED,
    "REDIRECTED": Outcome.ALLOWED,
    "DROPPED": Outcome.DENIED,
    "AUDIT": Outcome.DENIED,
    "ERROR": Outcome.OTHER,
}
_STATUS: Final = {
    "denied": Outcome.DENIED,
    "deny": Outcome.DENIED,
    "d": Outcome.DENIED,
    "allowed": Outcome.ALLOWED,
    "allow": Outcome.ALLOWED,
    "a": Outcome.ALLOWED,
}
ADDRESSES_ONLY: Final = (
    "flow logs and traffic analytics have addresses only; where egress goes through a firewall, "
    "they show the way there and not what it decided"
)
_NONE: Final[dict[str, Any]] = {}
_OUTBOUND: Final = ("outbound", "o", "")
_REFUSED: Final = ("query refused", "refused", "5")


def _container(
    _: str,
    verdict: str,
    direction: str,
    layer4: Any,
    reason: str = "",
    reply: Any = "",
    layer7: Any = "",
    namespace: str = "",
    pod: str = "",
    workloads: Any = "",
    cluster: str = "",
    *counts: Any,
) -> Decoded:
    """Give the flow of a row of ContainerNetworkLogs: a port at most; ``counts`` are of flows by direction."""
    refused = str(_object(layer7).get("dns", {}).get("rcode", "")).strip().lower() in _REFUSED
    if direction.upper() == "INGRESS" and not refused:
        return "ingress"
    if str(reply).lower() == "true" and not refused:
        return "reply"
    outcome = Outcome.DENIED if refused else _VERDICTS[verdict.upper()]
    if outcome is Outcome.DENIED and reason and "POLICY" not in reason.upper():
        outcome = Outcome.OTHER
    protocol, ports = next(iter(_object(layer4).items()), ("", _NONE))
    name = pod or next((one.get("name", "") for one in _list(workloads)), "")
    hits = max(1, sum(map(number_of, counts)))
    return Flow(
        outcome,
        "",
        0 if refused else port_of(ports.get("destination_port")),
        "" if refused else protocol_of(protocol),
        source=(f"{namespace}/{name}" if namespace else name)[:LONGEST_VALUE],
        hits=hits,
        reason="DNS query refused" if refused else reason or verdict,
        cluster=cluster[:LONGEST_VALUE],
    )


def _traffic(
    _: str,
    kind: str,
    status: str,
    direction: str,
    host: str,
    port: Any,
    protocol: str,
    public: str = "",
    denied: Any = "",
    allowed: Any = "",
    rule: str = "",
    action: str = "",
) -> Decoded:
    """Give the flows of a row of traffic analytics: public addresses stand in one column, each with its counts."""
    if kind not in ("FlowLog", ""):
        return f"traffic analytics: {kind}"
    if direction.strip().lower() not in _OUTBOUND:
        return "inbound"
    stated = (status or action).strip().lower()
    outcome = _STATUS[stated] if stated else Outcome.DENIED if number_of(denied) else Outcome.ALLOWED
    total = number_of(denied if outcome is Outcome.DENIED else allowed)
    flow = Flow(outcome, host_of(host), port_of(port), protocol_of(protocol), hits=max(1, total))
    flow = flow._replace(rule=rule, reason="denied by a network security group" if outcome is Outcome.DENIED else "")
    addresses = [entry.split("|") for entry in public.split()]
    if len(addresses) == 1:
        return flow._replace(host=host_of(addresses[0][0]))
    if not addresses:
        return flow
    return [
        flow._replace(host=host_of(address), hits=max(1, int(counts[0])) if counts and counts[0].isdecimal() else 1)
        for address, *counts in addresses
    ]


def _object(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[dict[str, Any]]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


_CONTAINER: Final = Table(
    name="ContainerNetworkLogs",
    make=_container,
    columns=("Verdict", "TrafficDirection", "Layer4"),
    optional=(
        *("DropReason", "Reply", "Layer7", "SourceNamespace", "SourcePodName", "SourceWorkloads", "SourceClusterName"),
        *("EgressFlowCount", "IngressFlowCount", "UnknownDirectionFlowCount"),
    ),
    marks=frozenset(("Verdict", "TrafficDirection")),
    note="ContainerNetworkLogs has no names and no addresses of hosts; hubble observe on the cluster has them",
)
_TRAFFIC_COLUMNS: Final = ("SubType", "FlowStatus", "FlowDirection", "DestIp", "DestPort", "L4Protocol")
_TRAFFIC: Final = Table(
    name="NTANetAnalytics",
    make=_traffic,
    columns=_TRAFFIC_COLUMNS,
    optional=("DestPublicIps", "DeniedOutFlows", "AllowedOutFlows", "AclRule", "Action"),
    source="SrcIp",
    marks=frozenset(("FlowDirection", "DestPort")),
    note=ADDRESSES_ONLY,
)
_OLD_TRAFFIC: Final = Table(
    name="AzureNetworkAnalytics_CL",
    make=_traffic,
    columns=_TRAFFIC_COLUMNS,
    optional=("DestPublicIps", "DeniedOutFlows", "AllowedOutFlows", "NSGRule"),
    source="SrcIp",
    marks=frozenset(("NSGRule", "FlowDirection")),
    note=ADDRESSES_ONLY,
)
NETWORK_TABLES: Final = (_CONTAINER, _OLD_TRAFFIC, _TRAFFIC)
