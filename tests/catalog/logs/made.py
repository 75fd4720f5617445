"""Log lines of our own making, in each format: a few by name, or a million for the benchmark, always the same."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

HOSTS: Final = (
    "mcr.microsoft.com",
    "westeurope.data.mcr.microsoft.com",
    "management.azure.com",
    "login.microsoftonline.com",
    "packages.microsoft.com",
    "acs-mirror.azureedge.net",
    "packages.aks.azure.com",
    "dc.services.visualstudio.com",
    "registry.shop.example",
    "telemetry.shop.example",
)
START: Final = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
FIREWALL: Final = "/SUBSCRIPTIONS/0000/RESOURCEGROUPS/HUB/PROVIDERS/MICROSOFT.NETWORK/AZUREFIREWALLS/FW1"
Line = Callable[[random.Random, dt.datetime, bool], str]
"""Makes one line at a time; the last argument says whether it is of a flow that was denied."""


def record(category: str, properties: dict[str, Any], time: str = "2026-11-20T08:15:02.113Z") -> dict[str, Any]:
    """The envelope that diagnostic settings put around the columns of a table."""
    return {"time": time, "resourceId": FIREWALL, "category": category, "properties": properties}


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def application(**changed: Any) -> dict[str, Any]:
    """The columns of AZFWApplicationRule."""
    return {
        "Protocol": "HTTPS",
        "SourceIp": "10.240.0.5",
        "SourcePort": 49211,
        "Fqdn": "packages.aks.azure.com",
        "TargetUrl": "",
        "DestinationPort": 443,
        "Action": "Deny",
        "ActionReason": "Default Action",
        "Policy": "",
        "RuleCollectionGroup": "",
        "RuleCollection": "",
        "Rule": "",
        "WebCategory": "",
        "IsTlsInspected": False,
        "IsExplicitProxyRequest": False,
    } | changed


def network(**changed: Any) -> dict[str, Any]:
    """The columns of AZFWNetworkRule."""
    return {
        "Protocol": "UDP",
        "SourceIp": "10.240.0.5",
        "SourcePort": 40112,
        "DestinationIp": "20.61.4.9",
        "DestinationPort": 1194,
        "Action": "Deny",
        "ActionReason": "Default Action",
        "Policy": "",
        "RuleCollectionGroup": "",
        "RuleCollection": "",
        "Rule": "",
    } | changed


def dns_query(**changed: Any) -> dict[str, Any]:
    """The columns of AZFWDnsQuery."""
    return {
        "SourceIp": "10.240.0.5",
        "SourcePort": 51234,
        "QueryId": 7,
        "QueryType": "A",
        "QueryClass": "IN",
        "QueryName": "mcr.microsoft.com.",
        "Protocol": "udp",
        "RequestSize": 45,
        "DnssecOkBit": False,
        "EDNS0BufferSize": 512,
        "ResponseCode": "NOERROR",
        "ResponseFlags": "qr,rd,ra",
        "ResponseSize": 164,
        "RequestDurationSecs": 0.001,
        "ErrorNumber": 0,
        "ErrorMessage": "",
    } | changed


def iso(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def client(rng: random.Random) -> str:
    return f"10.240.{rng.randrange(4)}.{rng.randrange(4, 250)}"


def _structured(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    action = ("Deny", "Default Action", "") if denied else ("Allow", "", "aks")
    verdict = dict(zip(("Action", "ActionReason", "Rule"), action, strict=True))
    columns = application(
        SourceIp=client(rng), SourcePort=rng.randrange(32768, 60000), Fqdn=rng.choice(HOSTS), **verdict
    )
    return compact(record("AZFWApplicationRule", columns, iso(time)))


def sentence(rng: random.Random, denied: bool) -> str:
    """What AzureDiagnostics says of a request."""
    told = (
        "Deny. No rule matched. Proceeding with default action"
        if denied
        else ("Allow. Policy: hub. Rule Collection Group: aks. Rule Collection: egress. Rule: required")
    )
    return f"HTTPS request from {client(rng)}:{rng.randrange(32768, 60000)} to {rng.choice(HOSTS)}:443. Action: {told}"


def _legacy(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    return compact(
        {
            "category": "AzureFirewallApplicationRule",
            "time": iso(time),
            "resourceId": FIREWALL,
            "operationName": "AzureFirewallApplicationRuleLog",
            "properties": {"msg": sentence(rng, denied)},
        }
    )


CSV_COLUMNS: Final = (
    *("TenantId", "TimeGenerated [UTC]", "Protocol", "SourceIp", "SourcePort", "Fqdn", "TargetUrl", "DestinationPort"),
    *("Action", "ActionReason", "Policy", "RuleCollectionGroup", "RuleCollection", "Rule", "WebCategory"),
    *("IsTlsInspected", "IsExplicitProxyRequest", "SourceSystem", "Type", "_ResourceId"),
)
CSV_HEADER: Final = ",".join(CSV_COLUMNS)


def portal_time(time: dt.datetime) -> str:
    """A time as the portal writes it in the United States."""
    half = "AM" if time.hour < 12 else "PM"
    hour = time.hour % 12 or 12
    return f"{time.month}/{time.day}/{time.year}, {hour}:{time:%M:%S}.{time.microsecond // 1000:03} {half}"


def _csv(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    verdict = "Deny,Default Action,,,,," if denied else "Allow,,hub,aks,egress,required,"
    return (
        f'00000000-0000-0000-0000-000000000000,"{portal_time(time)}",HTTPS,{client(rng)},{rng.randrange(32768, 60000)},'
        f"{rng.choice(HOSTS)},,443,{verdict},false,false,Azure,AZFWApplicationRule,{FIREWALL.lower()}"
    )


def _rows(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    columns = json.loads(_structured(rng, time, denied))["properties"]
    return compact(
        {"TimeGenerated": iso(time), "Type": "AZFWApplicationRule", "_ResourceId": FIREWALL.lower(), **columns}
    )


def _squid(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    stamp, host = f"{time.timestamp():.3f}", rng.choice(HOSTS)
    if denied:
        return (
            f"{stamp} {rng.randrange(9):6} {client(rng)} TCP_DENIED/403 3451 CONNECT {host}:443 - HIER_NONE/- text/html"
        )
    return (
        f"{stamp} {rng.randrange(9000):6} {client(rng)} TCP_TUNNEL/200 5120 CONNECT {host}:443"
        " - HIER_DIRECT/192.0.2.9 -"
    )


def hubble_flow(**changed: Any) -> dict[str, Any]:
    """A flow as Cilium writes it."""
    return {
        "time": "2026-11-20T08:21:00.100Z",
        "verdict": "DROPPED",
        "drop_reason": 133,
        "drop_reason_desc": "POLICY_DENIED",
        "IP": {"source": "10.244.1.9", "destination": "150.171.69.10", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 40332, "destination_port": 443, "flags": {"SYN": True}}},
        "source": {
            "ID": 311,
            "identity": 4512,
            "namespace": "gatekeeper-system",
            "labels": ["k8s:app=gatekeeper"],
            "pod_name": "gatekeeper-audit-7c9",
        },
        "destination": {"identity": 2, "labels": ["reserved:world"]},
        "Type": "L3_L4",
        "node_name": "aks-np1-0",
        "destination_names": ["store.policy.core.windows.net"],
        "event_type": {"type": 1, "sub_type": 133},
        "traffic_direction": "EGRESS",
        "Summary": "TCP Flags: SYN",
    } | changed


def _hubble(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    verdict = {} if denied else {"verdict": "FORWARDED", "drop_reason": 0, "drop_reason_desc": ""}
    flow = hubble_flow(time=iso(time), destination_names=[rng.choice(HOSTS)], **verdict)
    return compact({"flow": flow, "node_name": "aks-np1-0", "time": iso(time)})


def _panos(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    day = f"{time:%Y/%m/%d %H:%M:%S}"
    subtype, rule, action, ended = (
        ("drop", "interclean-default", "deny", "policy-deny") if denied else ("end", "aks-egress", "allow", "tcp-fin")
    )
    return (
        f"1,{day},007000000001,TRAFFIC,{subtype},2562,{day},{client(rng)},150.171.69.{rng.randrange(9)},0.0.0.0,0.0.0.0,"
        f"{rule},,,not-applicable,vsys1,aks,untrust,ethernet1/2,,default,{day},0,1,"
        f"{rng.randrange(32768, 60000)},443,0,0,"
        f"0x0,tcp,{action},74,74,0,1,{day},0,any,,1,0x0,10.0.0.0-10.255.255.255,US,,1,0,{ended}"
    )


def panos_url(action: str = "block-url", url: str = "mcr.microsoft.com/v2/?sig=secret") -> str:
    """A URL log."""
    return (
        "1,2026/11/20 08:22:11,007000000001,THREAT,url,2562,2026/11/20 08:22:11,"
        "10.240.0.5,150.171.69.10,0.0.0.0,0.0.0.0,"
        "aks-egress,,,ssl,vsys1,aks,untrust,ethernet1/2,ethernet1/1,default,2026/11/20 08:22:11,33441,1,51022,443,0,0,"
        f'0xb000,tcp,{action},"{url}",(9999),computer-and-internet-info,informational,client-to-server'
    )


def _fortigate(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    action, policy = ("deny", 0) if denied else ("close", 7)
    return (
        f'date={time:%Y-%m-%d} time={time:%H:%M:%S} devname="FG1" logid="0000000013" type="traffic" subtype="forward" '
        f'level="notice" vd="root" eventtime={int(time.timestamp())}000000000 srcip={client(rng)} '
        f'srcport={rng.randrange(32768, 60000)} srcintf="aks" dstip=20.61.4.{rng.randrange(9)} dstport=9000 '
        f'dstintf="wan1" '
        f'proto=6 action="{action}" policyid={policy} service="tcp/9000" sentbyte=0 rcvdbyte=0'
    )


def _flow_tuple(rng: random.Random, time: dt.datetime, denied: bool) -> str:
    state = "D,NX,0,0,0,0" if denied else "B,NX,0,0,0,0"
    stamp = int(time.timestamp() * 1000)
    return f"{stamp},{client(rng)},20.61.4.{rng.randrange(9)},{rng.randrange(32768, 60000)},443,6,O,{state}"


LINES: Final[dict[str, Line]] = {
    "azure-structured": _structured,
    "azure-legacy": _legacy,
    "log-analytics csv": _csv,
    "log-analytics json": _rows,
    "hubble": _hubble,
    "fortigate": _fortigate,
    "panos": _panos,
    "squid": _squid,
    "flow-logs": _flow_tuple,
}
"""By format, or form of one. A line of ``flow-logs`` is a tuple, which :func:`flow_log` puts into records."""


def made(form: str, count: int, *, denied: float = 0.2, seed: int = 1) -> Iterator[str]:
    """Lines of a form, ten a second from :data:`START` on, of which a share is denied."""
    rng = random.Random(seed)
    line = LINES[form]
    for number in range(count):
        yield line(rng, START + dt.timedelta(milliseconds=100 * number), rng.random() < denied)


def flow_log(tuples: list[str], *, minute: int = 600) -> Iterator[str]:
    """The text of a flow log in pieces: one object, one record a minute."""
    yield '{"records":['
    for place in range(0, len(tuples), minute):
        group = {"rule": "DefaultRule_DenyAllOutBound", "flowTuples": tuples[place : place + minute]}
        flows = [{"aclID": "0", "flowGroups": [group]}]
        kept = {
            "time": iso(START),
            "flowLogVersion": 4,
            "category": "FlowLogFlowEvent",
            "flowRecords": {"flows": flows},
        }
        yield ("," if place else "") + compact(kept)
    yield "]}"
