# ruff: noqa: E501  - lines of logs are as long as they are
"""Azure Firewall: the structured tables and the sentences of AzureDiagnostics, as records and bare."""

from __future__ import annotations

from typing import Any

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from tests.catalog.logs.decoding import at, decoded, flow, flows, other_kind
from tests.catalog.logs.made import FIREWALL, application, compact, dns_query, network, record


def structured(category: str, **columns: Any) -> Flow:
    return flow("azure-structured", compact(record(category, columns)))


def said(sentence: str) -> Flow:
    category = "AzureFirewallApplicationRule"
    as_record = flow("azure-legacy", compact(record(category, {"msg": sentence})))
    bare = flow("azure-legacy", sentence)
    assert bare == as_record._replace(time=None, device="")
    assert as_record.legacy
    return as_record


def test_application_rule() -> None:
    one = structured("AZFWApplicationRule", **application(Rule="egress"))
    assert one == Flow(
        Outcome.DENIED,
        "packages.aks.azure.com",
        443,
        "TCP",
        at("2026-11-20T08:15:02.113"),
        "10.240.0.5",
        reason="Default Action",
        rule="egress",
        device="fw1",
    )


@pytest.mark.parametrize(
    ("fqdn", "host"),
    [
        ("MCR.Microsoft.com.", "mcr.microsoft.com"),
        ("mcr.microsoft.com:443", "mcr.microsoft.com"),
        ("mcr.microsoft.com.:8443", "mcr.microsoft.com"),
        ("203.0.113.7", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
    ],
)
def test_hosts_are_of_one_spelling(fqdn: str, host: str) -> None:
    assert structured("AZFWApplicationRule", **application(Fqdn=fqdn)).host == host


@pytest.mark.parametrize(
    ("action", "reason", "outcome"),
    [
        ("Allow", "", Outcome.ALLOWED),
        ("Deny", "Default Action", Outcome.DENIED),
        ("deny", "Rule", Outcome.DENIED),
        ("Deny", "Failed to resolve address", Outcome.OTHER),
        ("Deny", "Threat Intelligence", Outcome.OTHER),
        ("Deny", "IDPS signature", Outcome.OTHER),
        ("Deny", "TLS handshake failed", Outcome.OTHER),
    ],
)
def test_what_no_allow_list_decided_is_told_apart(action: str, reason: str, outcome: Outcome) -> None:
    assert structured("AZFWApplicationRule", **application(Action=action, ActionReason=reason)).outcome is outcome


def test_client_without_sni_has_no_name() -> None:
    reason = "SNI TLS extension was missing"
    one = structured("AZFWApplicationRule", **application(Fqdn="", ActionReason=reason))
    assert (one.outcome, one.host, one.port, one.without_name, one.address) == (Outcome.DENIED, "", 443, True, "")
    there = structured("AZFWApplicationRule", **application(Fqdn="", ActionReason=reason, DestinationIp="20.61.4.9"))
    assert (there.host, there.without_name, there.address) == ("", True, "20.61.4.9")


def test_url_is_cut_at_its_host_where_there_is_no_name() -> None:
    one = structured(
        "AZFWApplicationRule", **application(Fqdn="", TargetUrl="http://A.example:8080/x?sig=s", DestinationPort=0)
    )
    assert (one.host, one.port) == ("a.example", 8080)
    assert "sig" not in repr(one)


def test_network_rule() -> None:
    one = structured("AZFWNetworkRule", **network())
    assert (one.outcome, one.host, one.port, one.protocol) == (Outcome.DENIED, "20.61.4.9", 1194, "UDP")
    ping = structured("AZFWNetworkRule", **network(Protocol="ICMP Type=8", DestinationPort=0))
    assert (ping.port, ping.protocol) == (0, "")


def test_dns_query_is_asked_for_or_does_not_exist() -> None:
    asked = structured("AZFWDnsQuery", **dns_query())
    assert (asked.outcome, asked.host, asked.port, asked.protocol) == (Outcome.ASKED, "mcr.microsoft.com", 0, "")
    none = structured("AZFWDnsQuery", **dns_query(ResponseCode="NXDOMAIN"))
    assert (none.outcome, none.reason) == (Outcome.OTHER, "failed resolution: NXDOMAIN")
    assert other_kind("azure-structured", compact(record("AZFWDnsQuery", dns_query(QueryName=".")))) == (
        "a DNS query without a name"
    )


def test_threats_and_signatures_are_no_matter_of_an_allow_list() -> None:
    threat = structured("AZFWThreatIntel", **application(ThreatDescription="Bot", DestinationIp="203.0.113.7"))
    assert (threat.outcome, threat.reason, threat.host) == (
        Outcome.OTHER,
        "threat intelligence",
        "packages.aks.azure.com",
    )
    signature = structured("AZFWIdpsSignature", **network(SignatureId="2024897", Description="Odd agent"))
    assert (signature.outcome, signature.reason, signature.host) == (Outcome.OTHER, "IDPS: Odd agent", "20.61.4.9")
    failure = structured("AZFWInternalFqdnResolutionFailure", Fqdn="a.example", Error="timeout")
    assert (failure.outcome, failure.reason) == (Outcome.OTHER, "failed resolution: timeout")


def test_aggregated_rows_have_their_counts_and_tell_of_the_same_events() -> None:
    one = structured("AZFWApplicationRuleAggregation", **application(ApplicationRuleCount=17))
    two = structured("AZFWNetworkRuleAggregation", **network(NetworkRuleCount=3))
    assert [(each.hits, each.legacy) for each in (one, two)] == [(17, True), (3, True)]


@pytest.mark.parametrize(
    ("category", "why"),
    [
        ("AZFWNatRule", "NAT rule: inbound"),
        ("AZFWNatRuleAggregation", "NAT rule: inbound"),
        ("AZFWFlowTrace", "flow trace: no verdict"),
        ("AZFWFatFlow", "fat flow: no verdict"),
        ("AZFWDnsFlowTrace", "DNS flow trace: no verdict"),
        ("AZFWSomethingNew", "category AZFWSomethingNew"),
    ],
)
def test_tables_without_a_verdict_are_of_another_kind(category: str, why: str) -> None:
    assert other_kind("azure-structured", compact(record(category, network(TranslatedIp="10.0.0.4")))) == why


def test_envelopes_differ_in_spelling_order_and_time() -> None:
    properties = application()
    line = compact({"properties": properties, "Category": "AZFWApplicationRule", "ResourceId": FIREWALL, "time": ""})
    assert flow("azure-structured", line).time is None
    for time in ("2026-11-20T10:15:02.1131234+02:00", "2026-11-20T08:15:02.113123456Z", "2026-11-20T08:15:02.113123"):
        one = flow("azure-structured", compact(record("AZFWApplicationRule", properties, time)))
        assert one.time == at("2026-11-20T08:15:02.113123")


def test_rows_without_envelope_are_read_too() -> None:
    row = {
        "TimeGenerated": "2026-11-20T08:15:02Z",
        "Type": "AZFWApplicationRule",
        "_ResourceId": FIREWALL,
        **application(),
    }
    mixed = "\n".join((compact(record("AZFWNetworkRule", network())), compact(row)))
    assert [(one.host, one.device) for one in flows(mixed)] == [("20.61.4.9", "fw1"), ("packages.aks.azure.com", "fw1")]


@pytest.mark.parametrize(
    "text",
    [
        '{"records":[%s,%s]}',
        '{"records": [\n  %s,\n  %s\n]}\n',
        "[%s,%s]",
        "[\n%s,\n%s\n]",
        '[{"records":[%s]},{"records":[%s]}]',
        "%s%s",
        "%s\r\n%s\r\n",
        "\n\n%s\n\n%s",
        '{"records":[%s]}\n{"records":[%s]}\n',
    ],
)
def test_records_come_in_arrays_and_batches(text: str) -> None:
    lines = compact(record("AZFWApplicationRule", application())), compact(record("AZFWNetworkRule", network()))
    assert [one.host for one in flows(text % lines)] == ["packages.aks.azure.com", "20.61.4.9"]


def test_allowed_rows_are_counted_unless_they_are_wanted() -> None:
    lines = [
        compact(record("AZFWApplicationRule", application(Action=action))) for action in ("Allow", "Deny", "Allow")
    ]
    context = Context()
    assert [one.outcome for one in flows("\n".join(lines), context)] == [Outcome.DENIED]
    assert context.passed_over == {"allowed": 2}
    assert len(flows("\n".join(lines))) == 3


def test_allowed_record_hides_no_other_on_its_line() -> None:
    allowed, denied = (compact(record("AZFWApplicationRule", application(Action=one))) for one in ("Allow", "Deny"))
    query = compact(record("AZFWDnsQuery", dns_query()))
    for line in (f'{{"records":[{allowed},{query}]}}', f"{allowed}{denied}", f"[{allowed},{denied}]"):
        assert len(flows(line + "\n" + line, Context())) == 2, line


def test_word_in_a_value_passes_no_line_over() -> None:
    line = compact(record("AZFWApplicationRule", application(Rule='x","Action":"Allow"')))
    assert [one.outcome for one in flows(line, Context())] == [Outcome.DENIED]


A = "HTTP  request from 10.240.0.7:51012 to a.example:80. Url: a.example:80/v2?sig=s. Action: Allow. Policy: hub. Rule Collection Group: g. Rule Collection: c. Rule: r"
B = "HTTPS request from 10.240.0.7:51012 to a.example:443. Action: Deny. Policy: hub. Rule Collection Group: g. Rule Collection: c. Rule: r Web Category: Games"
C = "HTTP  request from 10.240.0.7:51012 to a.example:80. Url: a.example:80/v2. Action: Deny. No rule matched. Proceeding with default action"
D = "HTTPS request from 10.240.0.7:51012 to A.example:443. Action: Deny. No rule matched. Proceeding with default action"
E = "HTTPS request from 10.240.0.7:51012 to a.example:443. Action: Deny. Failed to resolve address <a.example>"
F = "HTTPS request from 10.240.0.7:51012. Action: Deny. Reason: SNI TLS extension was missing."


@pytest.mark.parametrize(
    ("sentence", "outcome", "port", "reason", "rule"),
    [
        (A, Outcome.ALLOWED, 80, "", "r"),
        (B, Outcome.DENIED, 443, "", "r"),
        (C, Outcome.DENIED, 80, "No rule matched", ""),
        (D, Outcome.DENIED, 443, "No rule matched", ""),
        (E, Outcome.OTHER, 443, "failed resolution: Failed to resolve address", ""),
        (D.partition(" No")[0] + " Rule Collection: c. Rule: r", Outcome.DENIED, 443, "", "r"),
        (D.partition(" No")[0] + " ThreatIntel: Bot Networks", Outcome.OTHER, 443, "threat intelligence", ""),
    ],
)
def test_sentences_of_application_rules(sentence: str, outcome: Outcome, port: int, reason: str, rule: str) -> None:
    one = said(sentence)
    assert (one.outcome, one.host, one.port, one.protocol) == (outcome, "a.example", port, "TCP")
    assert (one.source, one.reason, one.rule) == ("10.240.0.7", reason, rule)
    assert "sig" not in repr(one)


def test_sentence_without_sni() -> None:
    one = said(F)
    assert (one.outcome, one.host, one.without_name, one.source) == (Outcome.DENIED, "", True, "10.240.0.7")
    assert one.reason == "SNI TLS extension was missing"


@pytest.mark.parametrize(
    ("sentence", "host", "port", "protocol", "outcome"),
    [
        ("UDP request from 10.0.0.7:38211 to 192.0.2.9:123. Action: Deny.", "192.0.2.9", 123, "UDP", Outcome.DENIED),
        ("TCP request from 10.0.0.7:38211 to 192.0.2.9:9000. Action: Allow. Policy: p. Rule: r", "192.0.2.9", 9000, "TCP", Outcome.ALLOWED),
        ("ICMP Type=8 request from 10.0.0.7 to 192.0.2.9. Action: Deny.", "192.0.2.9", 0, "", Outcome.DENIED),
        ("TCP request from fd00::7:38211 to 2001:db8::9:443. Action: Deny.", "2001:db8::9", 443, "TCP", Outcome.DENIED),
        ("TCP request from 10.0.0.7:1 to 192.0.2.9:443. Action: alert. Signature: 2024897. IDS: USER AGENT. Priority: 2", "192.0.2.9", 443, "TCP", Outcome.OTHER),
    ],
)  # fmt: skip
def test_sentences_of_network_rules(sentence: str, host: str, port: int, protocol: str, outcome: Outcome) -> None:
    one = said(sentence)
    assert (one.host, one.port, one.protocol, one.outcome) == (host, port, protocol, outcome)
    assert one.source in ("10.0.0.7", "fd00::7")


def test_sentences_of_the_dns_proxy() -> None:
    asked = said("DNS Request: 10.0.0.7:51234 - 7 A IN mcr.microsoft.com. udp 45 false 512 NOERROR qr,rd,ra 164 0.001s")
    assert (asked.outcome, asked.host, asked.source) == (Outcome.ASKED, "mcr.microsoft.com", "10.0.0.7")


def test_nat_is_inbound() -> None:
    sentence = "TCP request from 198.51.100.7:1234 to 203.0.113.4:443 was DNAT'ed to 10.0.0.4:443. Policy: p. Rule: r"
    assert other_kind("azure-legacy", sentence) == "NAT rule: inbound"


def test_bare_sentence_may_have_a_time_before_it() -> None:
    one = flow("azure-legacy", f"2026-11-20T08:15:02.113Z fw1 {D}")
    assert (one.time, one.host) == (at("2026-11-20T08:15:02.113"), "a.example")


@pytest.mark.parametrize(
    "sentence",
    [
        "HTTPS request from 10.0.0.7:1 to a.example:443. Action: Allow. x:443. Action: Bogus. No rule matched",
        "HTTPS request from 10.0.0.7:1 to a b:443. Action: Deny. No rule matched",
        "HTTPS request from 10.0.0.7:1 to a.example:70000. Action: Deny.",
        "HTTPS request from 10.0.0.7:1 to a.example:443. Action: Forget.",
        "HTTPS request from 10.0.0.7:1 to a.example:443.",
        "HTTPS request from",
    ],
)
def test_sentence_that_nobody_wrote_is_unreadable_or_read_to_its_first_action(sentence: str) -> None:
    (one,) = decoded("azure-legacy", compact(record("AzureFirewallApplicationRule", {"msg": sentence})))
    assert isinstance(one, Skipped) == ("Allow" not in sentence)


def test_both_tables_come_in_one_file() -> None:
    both = (record("AZFWApplicationRule", application()), record("AzureFirewallApplicationRule", {"msg": D}))
    assert [one.legacy for one in flows("\n".join(map(compact, both)))] == [False, True]
    assert [one.device for one in flows("\n".join(map(compact, both)))] == ["fw1", "fw1"]


OLD_SENTENCE = "HTTPS request from 10.0.0.4:51012 was denied. Reason: SNI TLS extension was missing."
SENTENCE = "HTTPS request from 10.0.0.4:51012 to a.example:443. Action: Deny. Reason: No rule matched. Proceeding"


def test_sentence_of_old_firewalls_without_sni() -> None:
    one = flow("azure-legacy", OLD_SENTENCE)
    assert (one.outcome, one.without_name, one.source) == (Outcome.DENIED, True, "10.0.0.4")


@pytest.mark.parametrize(
    "line",
    [
        "\t".join(("AzureFirewallApplicationRule", "x" * 200, "PrimaryResult", "2026-11-20T08:15:02Z", SENTENCE)),
        f"PrimaryResult  2026-11-20T08:15:02Z  {SENTENCE}   AzureDiagnostics",
    ],
)
def test_sentences_in_tables_of_the_command_line(line: str) -> None:
    one = flow("azure-legacy", line)
    assert (one.host, one.port, one.protocol, one.reason) == ("a.example", 443, "TCP", "No rule matched")
    assert one.time == at("2026-11-20T08:15:02")


def test_ports_of_icmp_are_empty() -> None:
    one = flow("azure-legacy", "ICMP request from 10.0.0.4: to 192.0.2.9:. Action: Deny.")
    assert (one.host, one.port, one.protocol, one.source) == ("192.0.2.9", 0, "", "10.0.0.4")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("11/9/2026 09:41:00", "2026-11-09T09:41:00"),
        ("11/9/2026 10:41:30 PM +01:00", "2026-11-09T21:41:30"),
        ("2026-11-09T11:41:00+02:00", "2026-11-09T09:41:00"),
    ],
)
def test_times_of_records_in_other_forms(time: str, expected: str) -> None:
    assert flow("azure-structured", compact(record("AZFWNetworkRule", network(), time))).time == at(expected)


def test_rows_of_the_command_line_are_told_from_records() -> None:
    row = {"Category": "AzureFirewallApplicationRule", "TimeGenerated": "2026-11-20T08:15:02Z", "msg_s": SENTENCE}
    (one,) = flows(compact([row]))
    assert (one.host, one.time) == ("a.example", at("2026-11-20T08:15:02"))
    (one,) = flows(compact([{"msg_s": SENTENCE}]))
    assert (one.host, one.time) == ("a.example", None)


def test_record_without_its_message_is_told() -> None:
    (one,) = decoded("azure-legacy", compact({"time": "2026-11-20T08:15:02Z", "category": "AzureFirewallNetworkRule"}))
    assert isinstance(one, Skipped)
    assert (one.unreadable, one.why) == (True, "a record without its message")


@pytest.mark.parametrize(
    "prefix", ["2026-09-15T16:20:01.1Z stdout F ", "[pod/a-1/b] ", "<134>Nov 20 08:22:10 host azfw: "]
)
def test_records_behind_what_containers_and_syslog_write(prefix: str) -> None:
    line = compact(record("AZFWApplicationRule", application()))
    assert flow("azure-structured", prefix + line) == flow("azure-structured", line)


def test_records_in_the_bodies_of_messages() -> None:
    one = record("AZFWApplicationRule", application())
    assert len(flows(compact({"body": {"records": [one, one]}, "sequenceNumber": 1}))) == 2
