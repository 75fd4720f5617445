# ruff: noqa: E501  - lines of logs are as long as they are
"""PAN-OS: TRAFFIC and URL logs by syslog and as exports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome
from tests.catalog.logs.decoding import at, flow, flows, other_kind
from tests.catalog.logs.made import made, panos_url

DROP = next(made("panos", 1, denied=1.0, seed=3))


def test_traffic_names_an_address() -> None:
    one = flow("panos", DROP)
    assert (one.outcome, one.port, one.protocol, one.rule) == (Outcome.DENIED, 443, "TCP", "interclean-default")
    assert one.host.startswith("150.171.69.")
    assert (one.reason, one.time) == ("deny: policy-deny", at("2026-11-20T08:00:00"))


def test_url_log_names_the_host_and_no_path() -> None:
    assert flow("panos", panos_url()) == Flow(
        Outcome.DENIED,
        "mcr.microsoft.com",
        443,
        "TCP",
        at("2026-11-20T08:22:11"),
        "10.240.0.5",
        reason="block-url",
        rule="aks-egress",
        address="150.171.69.10",
    )


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("alert", Outcome.ALLOWED),
        ("continue", Outcome.ALLOWED),
        ("block-continue", Outcome.DENIED),
        ("reset-both", Outcome.DENIED),
        ("block-override", Outcome.DENIED),
        ("override-lockout", Outcome.DENIED),
        ("override", Outcome.ALLOWED),
    ],
)
def test_actions_of_url_logs(action: str, outcome: Outcome) -> None:
    assert flow("panos", panos_url(action, "a.example/x,y")).outcome is outcome


@pytest.mark.parametrize(
    "prefix", ["<14>Nov 20 08:22:10 fw ", "2026-11-20T08:22:10+00:00 fw - - - - ", "<14>1 2026 fw [a, b] "]
)
def test_syslog_prefix(prefix: str) -> None:
    assert flow("panos", prefix + DROP) == flow("panos", DROP)


def test_export_with_header_in_any_order() -> None:
    text = (
        '"Receive Time","Type","Threat/Content Type","Source address","Destination address","Rule","Destination Port","IP Protocol","Action","URL","Repeat Count"\n'
        "2026/11/20 08:22:11,TRAFFIC,drop,10.0.0.4,192.0.2.9,deny-all,9000,tcp,deny,,3\n"
        '2026/11/20 08:22:11,THREAT,url,10.0.0.4,192.0.2.9,deny-all,443,tcp,block-url,"a.example/x,y",1\n'
    )
    one, two = flows(text)
    assert (one.host, one.port, one.hits, one.source) == ("192.0.2.9", 9000, 3, "10.0.0.4")
    assert (two.host, two.address) == ("a.example", "192.0.2.9")


def test_times_are_local() -> None:
    assert flow("panos", DROP, tz=ZoneInfo("America/New_York")).time == at("2026-11-20T13:00:00")
    context = Context()
    flows("\n".join([DROP] * 3), context)
    assert len(context.notes) == 1
    assert "--tz" in context.notes[0]


def test_threats_and_broken_tls_are_no_matter_of_an_allow_list() -> None:
    assert flow("panos", DROP.replace("policy-deny", "threat")).outcome is Outcome.OTHER
    assert flow("panos", DROP.replace("policy-deny", "decrypt-error")).reason == "TLS: decrypt-error"
    assert flow("panos", panos_url("reset-both").replace(",url,", ",vulnerability,", 1)).outcome is Outcome.OTHER


def test_lines_of_another_kind() -> None:
    assert (
        other_kind("panos", panos_url("alert").replace(",url,", ",spyware,", 1))
        == "PAN-OS: spyware that was let through"
    )
    assert (
        other_kind("panos", "1,2026/11/20 08:22:10,007,SYSTEM,general,0,2026/11/20 08:22:10,,x" + "," * 40)
        == "PAN-OS: SYSTEM"
    )


def test_exports_that_show_some_columns_have_the_subtype_as_the_type() -> None:
    traffic = (
        "Receive Time,Type,Source,Destination,To Port,Action,Rule,session_end_reason\n"
        "2026/11/20 08:22:11,drop,10.0.0.4,192.0.2.9,9000,drop,deny-all,policy-deny\n"
        "2026/11/20 08:22:12,end,10.0.0.4,192.0.2.8,443,allow,web,decrypt-error\n"
    )
    assert [(one.outcome, one.host, one.port) for one in flows(traffic)] == [
        (Outcome.DENIED, "192.0.2.9", 9000),
        (Outcome.OTHER, "192.0.2.8", 443),
    ]
    urls = (
        "Receive Time,URL,Source,Destination,Action,Destination Port\n"
        "2026/11/20 08:22:11,a.example/x,10.0.0.4,192.0.2.9,block-url,443\n"
    )
    assert [(one.host, one.address) for one in flows(urls)] == [("a.example", "192.0.2.9")]


def test_a_url_without_a_host_leaves_the_address() -> None:
    assert flow("panos", panos_url("alert", "-/")).host == "150.171.69.10"


def test_sinkholes_are_threat_prevention() -> None:
    line = panos_url("sinkhole", "a.example").replace(",url,", ",spyware,", 1)
    assert flow("panos", line).reason == "threat prevention: spyware"
