# ruff: noqa: E501  - lines of logs are as long as they are
"""FortiGate: traffic and filters, as key=value and as CEF."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome
from tests.catalog.logs.decoding import at, flow, flows, other_kind
from tests.catalog.logs.made import made

TRAFFIC = next(made("fortigate", 1, denied=1.0))
WEB = (
    'date=2026-11-20 time=08:23:02 logid="0316013056" type="utm" subtype="webfilter" eventtype="ftgd_blk" level="warning" '
    'vd="root" policyid=7 srcip=10.240.0.5 srcport=44122 dstip=150.171.69.10 dstport=443 proto=6 service="HTTPS" '
    'hostname="MCR.microsoft.com" action="blocked" url="https://mcr.microsoft.com/?sig=secret" msg="URL belongs to a denied category"'
)
DNS = (
    'date=2026-11-20 time=08:23:02 logid="1501054802" type="utm" subtype="dns" eventtype="dns-query" srcip=10.240.0.5 '
    'dstip=10.0.0.10 dstport=53 proto=17 qname="a.example" qtype="A"'
)


def test_denied_traffic() -> None:
    one = flow("fortigate", TRAFFIC)
    assert (one.outcome, one.port, one.protocol, one.reason) == (Outcome.DENIED, 9000, "TCP", "deny: implicit deny")
    assert one.host.startswith("20.61.4.")
    assert one.time == at("2026-11-20T08:00:00")


def test_filter_names_the_host_and_no_path() -> None:
    assert flow("fortigate", WEB) == Flow(
        Outcome.DENIED,
        "mcr.microsoft.com",
        443,
        "TCP",
        at("2026-11-20T08:23:02"),
        "10.240.0.5",
        reason="blocked",
        rule="7",
        address="150.171.69.10",
    )


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("accept", Outcome.ALLOWED),
        ("close", Outcome.ALLOWED),
        ("server-rst", Outcome.ALLOWED),
        ("ip-conn", Outcome.OTHER),
        ("dns", Outcome.OTHER),
    ],
)
def test_actions_of_traffic(action: str, outcome: Outcome) -> None:
    assert flow("fortigate", TRAFFIC.replace('"deny"', f'"{action}"')).outcome is outcome


def test_other_inspections_are_no_matter_of_an_allow_list() -> None:
    assert flow("fortigate", WEB.replace('"webfilter"', '"ips"')).reason == "ips: blocked"
    assert flow("fortigate", WEB.replace('"webfilter"', '"app-ctrl"')).outcome is Outcome.DENIED


def test_dns_filter() -> None:
    assert flow("fortigate", DNS)[:4] == (Outcome.ASKED, "a.example", 0, "")
    assert flow("fortigate", DNS + ' action="blocked"').outcome is Outcome.DENIED
    assert other_kind("fortigate", DNS.replace("dns-query", "dns-response")) == "a DNS answer"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("eventtime=1795854181", "2026-11-28T08:23:01"),
        ("eventtime=1795854181500", "2026-11-28T08:23:01.5"),
        ("eventtime=1795854181500000000", "2026-11-28T08:23:01.5"),
        ('tz="+0200"', "2026-11-20T06:23:02"),
        ('tz="-03:30"', "2026-11-20T11:53:02"),
    ],
)
def test_times(told: str, expected: str) -> None:
    assert flow("fortigate", f"{WEB} {told}").time == at(expected)


def test_local_times_are_of_the_zone_that_is_given_or_noted() -> None:
    assert flow("fortigate", WEB, tz=ZoneInfo("Europe/Berlin")).time == at("2026-11-20T07:23:02")
    context = Context()
    flows("\n".join([WEB] * 2), context)
    assert len(context.notes) == 1


def test_values_may_have_quotes_and_what_looks_like_a_key() -> None:
    odd = WEB.replace('msg="URL', r'msg="said \"no\" action=accept dstport=1 URL')
    assert flow("fortigate", odd) == flow("fortigate", WEB)
    plain = WEB.replace('msg="URL', 'msg="action=accept dstport=1 URL')
    assert flow("fortigate", plain) == flow("fortigate", WEB)
    hostile = TRAFFIC.replace('devname="FG1"', 'devname="F action=accept type=\\"traffic\\" G"')
    assert [one.outcome for one in flows(hostile, Context())] == [Outcome.DENIED]


def test_cef() -> None:
    line = (
        "Nov 20 08:23:01 fg CEF:0|Fortinet|Fortigate|v7.2|0000000013|traffic:forward deny|3|deviceExternalId=FG1 "
        "FTNTFGTeventtime=1795854181000000000 cat=traffic:forward src=10.0.0.4 spt=44120 dst=192.0.2.9 dpt=9000 proto=6 "
        r"act=deny FTNTFGTpolicyid=0 msg=a \= b c dhost=A.example"
    )
    one = flow("fortigate", line)
    assert (one.outcome, one.host, one.port, one.source, one.address) == (
        Outcome.DENIED,
        "a.example",
        9000,
        "10.0.0.4",
        "192.0.2.9",
    )
    assert one.time == at("2026-11-28T08:23:01")


def test_lines_of_another_kind() -> None:
    assert other_kind("fortigate", TRAFFIC.replace('"forward"', '"local"')) == "FortiGate: traffic local"
    assert (
        other_kind("fortigate", WEB.replace('type="utm" subtype="webfilter"', 'type="event" subtype="system"'))
        == "FortiGate: event system"
    )


def test_allowed_lines_are_counted_by_their_text() -> None:
    context = Context()
    assert not flows("\n".join(made("fortigate", 20, denied=0.0)), context)
    assert context.passed_over["allowed"] == 20


@pytest.mark.parametrize(
    ("subtype", "action", "expected"),
    [
        ("webfilter", "exempt", Outcome.ALLOWED),
        ("app-ctrl", "pass", Outcome.ALLOWED),
        ("app-ctrl", "kickout", Outcome.DENIED),
        ("ips", "dropped", Outcome.OTHER),
        ("anomaly", "clear_session", Outcome.OTHER),
    ],
)
def test_actions_of_filters_and_inspections(subtype: str, action: str, expected: Outcome) -> None:
    line = WEB.replace('"webfilter"', f'"{subtype}"').replace('"blocked"', f'"{action}"')
    assert flow("fortigate", line).outcome is expected


def test_what_an_inspection_only_detects_is_no_flow() -> None:
    line = WEB.replace('"webfilter"', '"ips"').replace('"blocked"', '"detected"')
    assert other_kind("fortigate", line) == "FortiGate: ips that was let through"


def test_an_action_that_nobody_knows_is_told() -> None:
    context = Context()
    assert not flows(WEB.replace('"blocked"', '"pondered"'), context)
    assert context.unreadable == 1


def test_dns_that_is_redirected_is_denied_and_old_dns_logs_have_a_type_of_their_own() -> None:
    assert flow("fortigate", DNS + ' action="redirect"').outcome is Outcome.DENIED
    old = DNS.replace('type="utm" subtype="dns" eventtype="dns-query"', 'type="dns" subtype="dns-query"')
    assert flow("fortigate", old) == flow("fortigate", DNS)


def test_fields_with_commas_between() -> None:
    line = (
        "date=2026-11-20,time=08:23:02,logid=0000000013,type=traffic,subtype=forward,srcip=10.0.0.4,dstip=192.0.2.9,"
        'dstport=9000,proto=6,action=deny,policyid=0,msg="a,b"'
    )
    one = flow("fortigate", line)
    assert (one.outcome, one.host, one.port, one.time) == (Outcome.DENIED, "192.0.2.9", 9000, at("2026-11-20T08:23:02"))


@pytest.mark.parametrize("start", ["CEF:0", "CEF: 0"])
@pytest.mark.parametrize("prefix", ["FTNTFGT", "FortinetFortiGate"])
def test_cef_as_collectors_pass_it_on(start: str, prefix: str) -> None:
    line = f"{start}|Fortinet|FortiGate|7|13|traffic:forward deny|5|{prefix}eventtime=1795854181 src=10.0.0.4 dst=192.0.2.9 dpt=53 proto=udp act=deny"
    one = flow("fortigate", line)
    assert (one.outcome, one.port, one.protocol, one.time) == (Outcome.DENIED, 53, "UDP", at("2026-11-28T08:23:01"))
