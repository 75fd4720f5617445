# ruff: noqa: E501  - lines of logs are as long as they are
"""Exports of Log Analytics: CSV in several habits, JSON rows, and answers of the API."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.read import read_texts
from tests.catalog.logs.decoding import at, flows
from tests.catalog.logs.made import CSV_HEADER, FIREWALL, application, compact, made, network

ROW = "{time},HTTPS,10.240.0.5,49211,{fqdn},443,Deny,Default Action"
HEADER = "{time},Protocol,SourceIp,SourcePort,Fqdn,DestinationPort,Action,ActionReason"


def csv(*rows: str, time: str = "TimeGenerated [UTC]") -> str:
    return "\n".join((HEADER.format(time=time), *rows)) + "\n"


def row(time: str = '"11/20/2026, 8:15:02.113 AM"', fqdn: str = "a.example") -> str:
    return ROW.format(time=time, fqdn=fqdn)


def test_portal_export() -> None:
    text = "\n".join((CSV_HEADER, *made("log-analytics csv", 2, denied=1.0)))
    one, two = flows(text)
    assert (one.outcome, one.port, one.protocol, one.device) == (Outcome.DENIED, 443, "TCP", "fw1")
    assert two.time == at("2026-11-20T08:00:00.100")


@pytest.mark.parametrize(
    "time",
    [
        '"11/20/2026, 8:15:02.113 AM"',
        '"11/20/2026, 8:15:02.113\N{NARROW NO-BREAK SPACE}AM"',
        '"20/11/2026, 08:15:02.113"',
        '"20/11/2026, 8:15:02.113 am"',
        '"20.11.2026, 08:15:02,113"',
        '"2026/11/20 08:15:02.113"',
        "2026-11-20T08:15:02.113Z",
        "2026-11-20T09:15:02.113+01:00",
        "2026-11-20 08:15:02.113",
    ],
)
def test_times_of_all_habits(time: str) -> None:
    assert [one.time for one in flows(csv(row(time), row(time)))] == [at("2026-11-20T08:15:02.113")] * 2


@pytest.mark.parametrize(
    ("header", "hours"), [("TimeGenerated [UTC+02:00]", 2), ("TimeGenerated [UTC-5]", -5), ("TimeGenerated [UTC]", 0)]
)
def test_header_names_the_zone(header: str, hours: int) -> None:
    (one,) = flows(csv(row(), time=header))
    assert one.time == at("2026-11-20T08:15:02.113") - dt.timedelta(hours=hours)


def test_local_times_are_of_the_zone_that_is_given_or_noted() -> None:
    text = csv(row(), row('"7/20/2026, 8:15:02.113 AM"'), time="TimeGenerated [Local Time]")
    winter, summer = flows(text, tz=ZoneInfo("Europe/Berlin"))
    assert (winter.time, summer.time) == (at("2026-11-20T07:15:02.113"), at("2026-07-20T06:15:02.113"))
    context = Context()
    assert next(one.time for one in flows(text, context)) == at("2026-11-20T08:15:02.113")
    assert [note for note in context.notes if "--tz" in note] == list(context.notes)
    assert len(context.notes) == 1


def test_day_and_month_are_told_apart_by_what_came_before() -> None:
    context = Context()
    times = [one.time for one in flows(csv(row('"20/11/2026, 08:00:00"'), row('"05/11/2026, 08:00:00"')), context)]
    assert times == [at("2026-11-20T08:00:00"), at("2026-11-05T08:00:00")]
    assert not context.notes
    (one,) = flows(csv(row('"11/5/2026, 8:00:00 AM"')), context)
    assert one.time == at("2026-11-05T08:00:00")
    assert context.notes == ("dates such as 11/5/2026 of exports in a local format are read as month/day",)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_spreadsheets_save_with_other_delimiters(delimiter: str) -> None:
    text = csv(row("2026-11-20T08:15:02Z")).replace(",", delimiter)
    assert [one.host for one in flows(text)] == ["a.example"]


def test_columns_come_quoted_in_any_order_and_in_part() -> None:
    text = '\ufeff"Action","Fqdn","TimeGenerated [UTC]","DestinationPort","SourceIp"\r\n"Deny","A.example","","443","10.0.0.4"\r\n'
    (one,) = flows(text)
    assert (one.outcome, one.host, one.port, one.source, one.time) == (
        Outcome.DENIED,
        "a.example",
        443,
        "10.0.0.4",
        None,
    )


def test_values_may_have_quotes_delimiters_and_lines() -> None:
    odd = '"11/20/2026, 8:15:02.113 AM",HTTPS,10.240.0.5,49211,b.example,443,Deny,"said ""no"",\nand meant it"'
    one, two, three = flows(csv(row(), odd, row(fqdn="c.example")))
    assert [each.host for each in (one, two, three)] == ["a.example", "b.example", "c.example"]
    assert two.reason == 'said "no",\nand meant it'


def test_stray_quote_costs_its_own_line_only() -> None:
    rows = [row(fqdn=f"h{number}.example") for number in range(120)]
    rows[3] = row(fqdn='"x.example')
    rows[100] = row(fqdn='"y.example')
    context = Context()
    found = list(read_texts([csv(*rows)], context))
    assert [one.host for one in found if isinstance(one, Flow)] == [
        f"h{n}.example" for n in range(120) if n not in (3, 100)
    ]
    assert (context.lines, context.unreadable) == (121, 2)


def test_header_may_come_again_or_change() -> None:
    other = "TimeGenerated [UTC],QueryName,SourceIp,ResponseCode\n2026-11-20T08:15:02Z,b.example.,10.0.0.4,NOERROR\n"
    one, two, three = flows(csv(row()) + csv(row()) + other)
    assert [each.outcome for each in (one, two, three)] == [Outcome.DENIED, Outcome.DENIED, Outcome.ASKED]


def test_unions_name_the_table_of_each_row() -> None:
    header = "TimeGenerated [UTC],Type,Fqdn,DestinationIp,DestinationPort,Protocol,Action,ActionReason,SourceIp,Rule,QueryName"
    time = "2026-11-20T08:15:02Z"
    rows = (
        f"{time},AZFWApplicationRule,a.example,,443,HTTPS,Deny,,10.0.0.4,,",
        f"{time},AZFWNetworkRule,,192.0.2.9,123,UDP,Deny,,10.0.0.4,,",
        f"{time},AZFWDnsQuery,,,,,,,10.0.0.4,,b.example.",
        f"{time},AZFWOdd,,,,,,,10.0.0.4,,",
    )
    context = Context()
    assert [one.host for one in flows("\n".join((header, *rows)), context)] == ["a.example", "192.0.2.9", "b.example"]
    assert (context.other_lines, context.unreadable) == (1, 0)


def test_sentences_in_a_column() -> None:
    sentence = (
        "HTTPS request from 10.0.0.7:1 to a.example:443. Action: Deny. No rule matched. Proceeding with default action"
    )
    text = (
        "TimeGenerated [UTC],ResourceId,Category,msg_s\n"
        f'2026-11-20T08:15:02Z,{FIREWALL},AzureFirewallApplicationRule,"{sentence}"\n'
        f"2026-11-20T08:15:02Z,{FIREWALL},AzureFirewallNetworkRule,ICMP Type=8 request from 10.0.0.7 to 192.0.2.9. Action: Deny.\n"
        f"2026-11-20T08:15:02Z,{FIREWALL},kube-audit,something\n"
    )
    context = Context()
    one, two = flows(text, context)
    assert (one.host, one.legacy, one.device) == ("a.example", True, "fw1")
    assert two.host == "192.0.2.9"
    assert context.other_lines == 1


CONTAINER: dict[str, Any] = {
    "TimeGenerated": "2026-11-20T08:20:30Z",
    "Type": "ContainerNetworkLogs",
    "Verdict": "DROPPED",
    "DropReason": "POLICY_DENIED",
    "TrafficDirection": "EGRESS",
    "Layer4": {"TCP": {"destination_port": 443}},
    "SourceNamespace": "kube-system",
    "SourceWorkloads": [{"name": "ama-logs", "kind": "DaemonSet"}],
    "SourceClusterName": "shop",
    "DestinationIdentity": 2,
    "EgressFlowCount": 14,
}


@pytest.mark.parametrize("as_text", [False, True])
def test_container_network_logs_know_a_port_at_most(as_text: bool) -> None:
    dynamic = {name: json.dumps(value) for name, value in CONTAINER.items() if isinstance(value, dict | list)}
    (one,) = flows(compact(CONTAINER | (dynamic if as_text else {})))
    assert (one.outcome, one.host, one.port, one.protocol, one.hits) == (Outcome.DENIED, "", 443, "TCP", 14)
    assert (one.source, one.cluster, one.reason) == ("kube-system/ama-logs", "shop", "POLICY_DENIED")


def test_container_network_logs_of_other_kinds() -> None:
    refused = CONTAINER | {"Layer4": {"UDP": {"destination_port": 53}}, "Layer7": {"dns": {"rcode": "Query Refused"}}}
    dropped = CONTAINER | {"DropReason": "INVALID_PACKET"}
    (asked,) = flows(compact(refused))
    assert (asked.outcome, asked.port, asked.reason) == (Outcome.DENIED, 0, "DNS query refused")
    assert [one.outcome for one in flows(compact(dropped))] == [Outcome.OTHER]
    context = Context()
    assert not flows(
        "\n".join(map(compact, (CONTAINER | {"TrafficDirection": "INGRESS"}, CONTAINER | {"Reply": True}))), context
    )
    assert context.other_lines == 2
    assert "hubble observe" in context.notes[0]


TRAFFIC: dict[str, Any] = {
    "TimeGenerated": "2026-11-20T08:20:30Z",
    "Type": "NTANetAnalytics",
    "SubType": "FlowLog",
    "FlowStatus": "Denied",
    "FlowDirection": "Outbound",
    "SrcIp": "10.240.0.5",
    "DestIp": "",
    "DestPublicIps": "20.61.4.9|3|0|0|0|0|0 20.61.4.10|2|0|0|0|0|0",
    "DestPort": 9000,
    "L4Protocol": "T",
    "DeniedOutFlows": 5,
    "AclRule": "DenyAll",
}


def test_traffic_analytics_have_several_addresses_a_row() -> None:
    one, two = flows(compact(TRAFFIC))
    assert [(each.host, each.hits) for each in (one, two)] == [("20.61.4.9", 3), ("20.61.4.10", 2)]
    assert (one.outcome, one.port, one.protocol, one.source, one.rule) == (
        Outcome.DENIED,
        9000,
        "TCP",
        "10.240.0.5",
        "DenyAll",
    )
    (alone,) = flows(compact(TRAFFIC | {"DestPublicIps": "", "DestIp": "10.1.0.4"}))
    assert (alone.host, alone.hits) == ("10.1.0.4", 5)
    context = Context()
    others = ({"FlowDirection": "Inbound"}, {"SubType": "Topology"})
    assert not flows("\n".join(compact(TRAFFIC | changed) for changed in others), context)
    assert context.other_lines == 2


def test_old_traffic_analytics_have_typed_names() -> None:
    header = "TimeGenerated [UTC],SubType_s,SrcIP_s,DestIP_s,DestPort_d,L4Protocol_s,FlowStatus_s,FlowDirection_s,DestPublicIPs_s,NSGRule_s,Type"
    text = f"{header}\n2026-11-20T08:15:02Z,FlowLog,10.0.0.4,,1194,U,D,O,20.61.4.9|4|0|0|0|0|0,DenyAll,AzureNetworkAnalytics_CL\n"
    (one,) = flows(text)
    assert (one.outcome, one.host, one.port, one.protocol, one.rule) == (
        Outcome.DENIED,
        "20.61.4.9",
        1194,
        "UDP",
        "DenyAll",
    )


ROWS = [
    {"TimeGenerated": "2026-11-20T08:15:02Z", "TableName": "PrimaryResult", "Type": "AZFWApplicationRule", **application(DestinationPort="443")},
    {"TimeGenerated": "2026-11-20T08:15:03Z", "TableName": "PrimaryResult", "Type": "AZFWNetworkRule", **network(Rule=None)},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(compact, ROWS)),
        "\n".join(json.dumps(one) for one in ROWS),
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        json.dumps({"value": ROWS}),
    ],
)
def test_json_rows(text: str) -> None:
    one, two = flows(text)
    assert (one.host, one.port, one.time) == ("packages.aks.azure.com", 443, at("2026-11-20T08:15:02"))
    assert (two.host, two.port, two.rule) == ("20.61.4.9", 1194, "")


@pytest.mark.parametrize("indent", [None, 2])
def test_answers_of_the_api_have_columns_and_rows(indent: int | None) -> None:
    columns = list(ROWS[0])
    table = {
        "name": "PrimaryResult",
        "columns": [{"name": name, "type": "string"} for name in columns],
        "rows": [list(ROWS[0].values()), [None] * 3, list(ROWS[0].values())],
    }
    context = Context()
    found = list(read_texts([json.dumps({"tables": [table]}, indent=indent)], context))
    assert [one.host for one in found if isinstance(one, Flow)] == ["packages.aks.azure.com"] * 2
    assert [one.unreadable for one in found if isinstance(one, Skipped)] == [True]


def test_allowed_rows_are_counted_unless_they_are_wanted() -> None:
    text = "\n".join((CSV_HEADER, *made("log-analytics csv", 50, denied=0.5)))
    context = Context()
    found = flows(text, context)
    assert {one.outcome for one in found} == {Outcome.DENIED}
    assert len(found) + context.passed_over["allowed"] == 50 == len(flows(text))


def test_projected_columns_do() -> None:
    text = "Fqdn,Action,TimeGenerated\na.example,Deny,2026-11-20T08:15:02Z\n"
    assert [(one.host, one.outcome) for one in flows(text)] == [("a.example", Outcome.DENIED)]
    assert [
        one.host for one in flows('{"TimeGenerated":"2026-11-20T08:15:02Z","Fqdn":"a.example","Action":"Deny"}')
    ] == ["a.example"]


def test_counted_rows_need_no_time() -> None:
    (one,) = flows("Fqdn,DestinationPort,Action,count_\nA.example.,443,Deny,12\n")
    assert (one.outcome, one.host, one.port, one.hits, one.time) == (Outcome.DENIED, "a.example", 443, 12, None)
    row = {"Action": "Deny", "Fqdn": "a.example", "DestinationPort": "443", "count_": "12", "TableName": "x"}
    assert flows(json.dumps([row], indent=2)) == [one]


def test_columns_that_documented_queries_cut_out_of_sentences() -> None:
    header = "TimeGenerated [UTC],Protocol,SourceIP,SourcePort,FQDN,TargetPort,Action,Rule"
    (one,) = flows(f"{header}\n11/20/2026 8:15,HTTPS,10.0.0.4,51012,a.example,443,Deny,N/A\n")
    assert (one.host, one.port, one.source) == ("a.example", 443, "10.0.0.4")
    (two,) = flows(f"{header}\n11/20/2026 8:15,HTTPS,10.0.0.4,51012,N/A,N/A,Deny,x\n")
    assert (two.host, two.port) == ("", 0)
    (three,) = flows(
        f"{header},msg_s\n11/20/2026 8:15,,,,,,,,HTTPS request from 10.0.0.4:5 to b.example:444. Action: Deny.\n"
    )
    assert (three.host, three.port) == ("b.example", 444)


def test_columns_of_real_numbers() -> None:
    text = (
        "TimeGenerated [UTC],SubType_s,SrcIP_s,DestIP_s,DestPort_d,L4Protocol_s,FlowDirection_s,FlowStatus_s,NSGRule_s,DeniedOutFlows_d\n"
        "11/20/2026 8:15,FlowLog,10.0.0.4,192.0.2.9,443.0,T,O,D,no,3.0\n"
    )
    (one,) = flows(text)
    assert (one.host, one.port, one.hits) == ("192.0.2.9", 443, 3)
