"""The tables of Azure Firewall: which columns each needs, and the flow that a row of it is.

The same tables come as JSON lines (``azure_structured``) and as exports of Log Analytics (``log_analytics``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.records.azure_message import dns_outcome, message_flow
from aks_egress_catalog.logs.records.values import azure_outcome, host_of, port_of, protocol_of, url_host

Decoded = Flow | str | list[Flow]
"""What a row is: a flow, several, or none (then why: it is of another kind)."""
Time = dt.datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """``flow`` takes the time, the firewall's name and the values of ``columns``, then of ``optional`` ones.

    ``marks`` are columns that only this table has: an export need not name its table.
    """

    name: str
    flow: Callable[..., Decoded]
    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()

    @property
    def pick(self) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        """Take the values of ``columns`` from a row that has all of them."""
        return itemgetter(*self.columns) if len(self.columns) > 1 else lambda row: tuple(row[c] for c in self.columns)


def _application(  # noqa: PLR0917  - the columns, in order
    time: Time,
    device: str,
    action: str,
    reason: str,
    fqdn: str,
    url: str,
    port: Any,
    protocol: str,
    source: str,
    rule: str,
    address: str | None = None,
) -> Flow:
    """Give the flow of a row. One without a name needs to know ``address``, an optional column (``None``: unknown)."""
    outcome, reason, without_name = azure_outcome(action, reason)
    if fqdn and not without_name:
        host, number, port = host_of(fqdn), port_of(port), protocol_of(protocol)
        return Flow(outcome, host, number, port, time, source.strip(), 1, reason, rule.strip(), device)
    if address is None:
        raise ValueError("no Fqdn")
    host, url_port = (host_of(fqdn), 0) if fqdn else url_host(url)
    return Flow(
        outcome,
        "" if without_name else host or address.strip().lower(),
        port_of(port) or url_port,
        protocol_of(protocol),
        time,
        source.strip(),
        reason=reason,
        rule=rule.strip(),
        device=device,
        address=address.strip().lower(),
        without_name=without_name,
    )


def _network(  # noqa: PLR0917  - the columns, in order
    time: Time,
    device: str,
    action: str,
    reason: str,
    host: str,
    port: Any,
    protocol: str,
    source: str,
    rule: str,
) -> Flow:
    outcome, reason, _ = azure_outcome(action, reason)
    host, number, layer4 = host_of(host), port_of(port), protocol_of(protocol)
    return Flow(outcome, host, number, layer4, time, source.strip(), 1, reason, rule.strip(), device)


def _application_count(time: Time, device: str, count: Any, *values: Any) -> Flow:
    """Give the row of Policy Analytics, which tells of the same events as the single rows do."""
    return _application(time, device, *values)._replace(hits=max(1, int(count or 1)), legacy=True)


def _network_count(time: Time, device: str, count: Any, *values: Any) -> Flow:
    return _network(time, device, *values)._replace(hits=max(1, int(count or 1)), legacy=True)


def _dns_query(time: Time, device: str, name: str, source: str, code: str = "") -> Decoded:
    host = host_of(name)
    if not host:
        return "a DNS query without a name"
    outcome, reason = dns_outcome(code)
    return Flow(outcome, host, 0, "", time, source.strip(), 1, reason, "", device)


def _threat(  # noqa: PLR0917  - the columns, in order
    time: Time, device: str, _: str, source: str, port: Any, protocol: str, fqdn: str, url: str, address: str
) -> Flow:
    host = host_of(fqdn) or url_host(url)[0] or host_of(address)
    reason = "threat intelligence"
    return Flow(Outcome.OTHER, host, port_of(port), protocol_of(protocol), time, source.strip(), 1, reason, "", device)


def _signature(  # noqa: PLR0917  - the columns, in order
    time: Time, device: str, address: str, source: str, port: Any, protocol: str, description: str = ""
) -> Flow:
    reason = f"IDPS: {description.strip()}" if description.strip() else "IDPS"
    host, number, layer4 = host_of(address), port_of(port), protocol_of(protocol)
    return Flow(Outcome.OTHER, host, number, layer4, time, source.strip(), 1, reason, "", device)


def _unresolved(time: Time, device: str, fqdn: str = "", address: str = "", error: str = "", port: Any = 0) -> Flow:  # noqa: PLR0917  - the columns, in order
    reason = f"failed resolution: {error.strip()}" if error.strip() else "failed resolution"
    return Flow(Outcome.OTHER, host_of(fqdn or address), port_of(port), "", time, "", 1, reason, "", device)


def _message(time: Time, device: str, message: str, category: str = "AzureFirewall") -> Decoded:
    """Give the flow of an AzureDiagnostics row; what the firewall did stands in one sentence."""
    if not category.startswith("AzureFirewall"):
        return f"category {category or '(none)'}"
    return message_flow(message, time, device)


def _of_another_kind(why: str) -> Callable[..., str]:
    return lambda *_: why


_APPLICATION: Final = (
    "Action", "ActionReason", "Fqdn", "TargetUrl", "DestinationPort", "Protocol", "SourceIp", "Rule",
)  # fmt: skip
_NETWORK: Final = ("Action", "ActionReason", "DestinationIp", "DestinationPort", "Protocol", "SourceIp", "Rule")
_LEGACY: Final = ("AzureFirewallApplicationRule", "AzureFirewallNetworkRule", "AzureFirewallDnsProxy")

FIREWALL_TABLES: Final = (
    Table(
        name="AZFWApplicationRuleAggregation",
        flow=_application_count,
        columns=("ApplicationRuleCount", *_APPLICATION),
        optional=("DestinationIp",),
        marks=frozenset(("ApplicationRuleCount",)),
    ),
    Table(
        name="AZFWNetworkRuleAggregation",
        flow=_network_count,
        columns=("NetworkRuleCount", *_NETWORK),
        marks=frozenset(("NetworkRuleCount",)),
    ),
    Table(
        name="AZFWNatRuleAggregation",
        flow=_of_another_kind("NAT rule: inbound"),
        marks=frozenset(("NatRuleCount",)),
    ),
    Table(
        name="AZFWThreatIntel",
        flow=_threat,
        columns=("ThreatDescription", "SourceIp", "DestinationPort", "Protocol", "Fqdn", "TargetUrl", "DestinationIp"),
        marks=frozenset(("ThreatDescription",)),
    ),
    Table(
        name="AZFWIdpsSignature",
        flow=_signature,
        columns=("DestinationIp", "SourceIp", "DestinationPort", "Protocol"),
        optional=("Description",),
        marks=frozenset(("SignatureId",)),
    ),
    Table(
        name="AZFWDnsQuery",
        flow=_dns_query,
        columns=("QueryName", "SourceIp"),
        optional=("ResponseCode",),
        marks=frozenset(("QueryName",)),
    ),
    Table(name="AZFWNatRule", flow=_of_another_kind("NAT rule: inbound"), marks=frozenset(("TranslatedIp",))),
    Table(name="AZFWFlowTrace", flow=_of_another_kind("flow trace: no verdict"), marks=frozenset(("Flag",))),
    Table(name="AZFWFatFlow", flow=_of_another_kind("fat flow: no verdict"), marks=frozenset(("FlowRate",))),
    Table(name="AZFWDnsFlowTrace", flow=_of_another_kind("DNS flow trace: no verdict")),
    Table(
        name="AZFWInternalFqdnResolutionFailure",
        flow=_unresolved,
        optional=("Fqdn", "DestinationIp", "Error", "DestinationPort"),
    ),
    Table(
        name="AZFWApplicationRule",
        flow=_application,
        columns=_APPLICATION,
        optional=("DestinationIp",),
        marks=frozenset(("Fqdn", "Action")),
    ),
    Table(
        name="AZFWNetworkRule",
        flow=_network,
        columns=_NETWORK,
        marks=frozenset(("DestinationIp", "Action", "SourceIp")),
    ),
)
"""In the order in which their marks are looked for."""
DIAGNOSTICS: Final = Table(
    name="AzureDiagnostics",
    flow=_message,
    columns=("msg_s",),
    optional=("Category",),
    marks=frozenset(("msg_s",)),
)
LEGACY_TABLES: Final = tuple(Table(name=name, flow=_message, columns=("msg",)) for name in _LEGACY)
"""As diagnostic settings write AzureDiagnostics to storage and Event Hubs: by category, with ``properties.msg``."""
