"""The tables of Azure Firewall: which columns each needs, and the flow that a row of it is.

The same tables come as JSON lines (``azure_structured``) and as exports of Log Analytics (``log_analytics``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.records.prototypes import Decoded
from aks_egress_catalog.logs.records.values import (
    azure_outcome,
    dns_outcome,
    host_of,
    number_of,
    port_of,
    protocol_of,
    url_host,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """``make`` takes the firewall's name and the values of ``columns`` and ``optional``, and gives a prototype.

    ``late`` columns are handed over too where ``make`` raises :class:`IncompleteError` without them: they seldom recur.
    ``source`` is the column with the source. ``marks`` are columns that only this table has: an export need not name
    its table.
    """

    name: str
    make: Callable[..., Decoded]
    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    source: str = ""
    marks: frozenset[str] = frozenset()
    note: str = ""
    """What whoever reads the answer has to know of its rows."""
    is_decided: bool = False
    """Whether ``Allow`` in the column ``Action`` means that a flow was let through, whatever else a row says."""


class IncompleteError(ValueError):
    """The values of the columns do not do; those of the late ones may help."""


def _application(
    device: str,
    action: str,
    reason: str,
    fqdn: str,
    port: Any,
    protocol: str,
    rule: str,
    *late: str,
) -> Flow:
    """Give the flow of a row. One without a name looks at the late columns: the URL and the address."""
    outcome, reason, without_name = azure_outcome(action, reason)
    host, number = ("" if without_name else host_of(fqdn)), port_of(port)
    flow = Flow(outcome, host, number, protocol_of(protocol), reason=reason, rule=rule.strip(), device=device)
    if host:
        return flow
    if not late:
        raise IncompleteError("no Fqdn")
    url, address = late
    named, url_port = ("", 0) if without_name else url_host(url)
    return flow._replace(
        host=named or ("" if without_name else host_of(address)),
        port=number or url_port,
        address=host_of(address),
        without_name=without_name,
    )


def _network(device: str, action: str, reason: str, host: str, port: Any, protocol: str, rule: str) -> Flow:
    outcome, reason, _ = azure_outcome(action, reason)
    layer4 = protocol_of(protocol)
    return Flow(outcome, host_of(host), port_of(port), layer4, reason=reason, rule=rule.strip(), device=device)


def _application_count(device: str, count: Any, *values: Any) -> Flow:
    """Give the row of Policy Analytics, which tells of the same events as the single rows do."""
    return _application(device, *values)._replace(hits=max(1, number_of(count)), legacy=True)


def _network_count(device: str, count: Any, *values: Any) -> Flow:
    return _network(device, *values)._replace(hits=max(1, number_of(count)), legacy=True)


def _dns_query(device: str, name: str, code: str = "") -> Decoded:
    outcome, reason = dns_outcome(code)
    host = host_of(name)
    return Flow(outcome, host, 0, "", reason=reason, device=device) if host else "a DNS query without a name"


def _threat(device: str, _: str, port: Any, protocol: str, fqdn: str, address: str, url: str = "") -> Flow:
    host = host_of(fqdn) or url_host(url)[0] or host_of(address)
    return Flow(Outcome.OTHER, host, port_of(port), protocol_of(protocol), reason="threat intelligence", device=device)


def _signature(device: str, address: str, port: Any, protocol: str, description: str = "") -> Flow:
    reason = f"IDPS: {description.strip()}" if description.strip() else "IDPS"
    layer4 = protocol_of(protocol)
    return Flow(Outcome.OTHER, host_of(address), port_of(port), layer4, reason=reason, device=device)


def _unresolved(device: str, fqdn: str = "", address: str = "", error: str = "", port: Any = 0) -> Flow:
    reason = f"failed resolution: {error.strip()}" if error.strip() else "failed resolution"
    return Flow(Outcome.OTHER, host_of(fqdn or address), port_of(port), "", reason=reason, device=device)


def _of_another_kind(why: str) -> Callable[..., str]:
    return lambda *_: why


_APPLICATION: Final = ("Action", "ActionReason", "Fqdn", "DestinationPort", "Protocol", "Rule")
_NETWORK: Final = ("Action", "ActionReason", "DestinationIp", "DestinationPort", "Protocol", "Rule")
_LATE: Final = ("TargetUrl", "DestinationIp")

FIREWALL_TABLES: Final = (
    Table(
        name="AZFWApplicationRuleAggregation",
        make=_application_count,
        columns=("ApplicationRuleCount", *_APPLICATION),
        late=_LATE,
        source="SourceIp",
        is_decided=True,
        marks=frozenset(("ApplicationRuleCount",)),
    ),
    Table(
        name="AZFWNetworkRuleAggregation",
        make=_network_count,
        columns=("NetworkRuleCount", *_NETWORK),
        source="SourceIp",
        is_decided=True,
        marks=frozenset(("NetworkRuleCount",)),
    ),
    Table(
        name="AZFWNatRuleAggregation", make=_of_another_kind("NAT rule: inbound"), marks=frozenset(("NatRuleCount",))
    ),
    Table(
        name="AZFWThreatIntel",
        make=_threat,
        columns=("ThreatDescription", "DestinationPort", "Protocol", "Fqdn", "DestinationIp"),
        optional=("TargetUrl",),
        source="SourceIp",
        marks=frozenset(("ThreatDescription",)),
    ),
    Table(
        name="AZFWIdpsSignature",
        make=_signature,
        columns=("DestinationIp", "DestinationPort", "Protocol"),
        optional=("Description",),
        source="SourceIp",
        marks=frozenset(("SignatureId",)),
    ),
    Table(
        name="AZFWDnsQuery",
        make=_dns_query,
        columns=("QueryName",),
        optional=("ResponseCode",),
        source="SourceIp",
        marks=frozenset(("QueryName",)),
    ),
    Table(name="AZFWNatRule", make=_of_another_kind("NAT rule: inbound"), marks=frozenset(("TranslatedIp",))),
    Table(name="AZFWFlowTrace", make=_of_another_kind("flow trace: no verdict"), marks=frozenset(("Flag",))),
    Table(name="AZFWFatFlow", make=_of_another_kind("fat flow: no verdict"), marks=frozenset(("FlowRate",))),
    Table(name="AZFWDnsFlowTrace", make=_of_another_kind("DNS flow trace: no verdict")),
    Table(
        name="AZFWInternalFqdnResolutionFailure",
        make=_unresolved,
        optional=("Fqdn", "DestinationIp", "Error", "DestinationPort"),
    ),
    Table(
        name="AZFWApplicationRule",
        make=_application,
        columns=_APPLICATION,
        late=_LATE,
        source="SourceIp",
        is_decided=True,
        marks=frozenset(("Fqdn", "Action")),
    ),
    Table(
        name="AZFWNetworkRule",
        make=_network,
        columns=_NETWORK,
        source="SourceIp",
        is_decided=True,
        marks=frozenset(("DestinationIp", "Action", "SourceIp")),
    ),
)
"""In the order in which their marks are looked for."""
