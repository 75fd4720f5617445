"""Cilium's flows, as hubble prints them and as ACNS writes them on a node."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from tests.catalog.logs.decoding import at, decoded, flow, flows, other_kind
from tests.catalog.logs.made import compact, hubble_flow


def seen(**changed: Any) -> Flow:
    return flow("hubble", compact({"flow": hubble_flow(**changed), "node_name": "n", "time": "2026-11-20T08:21:00Z"}))


QUERY = {"type": "REQUEST", "dns": {"query": "Westeurope.handler.control.monitor.azure.com.", "qtypes": ["A"]}}


def test_denied_flow() -> None:
    assert seen() == Flow(
        Outcome.DENIED,
        "store.policy.core.windows.net",
        443,
        "TCP",
        at("2026-11-20T08:21:00.100"),
        "gatekeeper-system/gatekeeper-audit-7c9",
        reason="POLICY_DENIED",
        address="150.171.69.10",
    )


def test_flow_needs_no_wrapper() -> None:
    assert flow("hubble", compact(hubble_flow())) == seen()
    assert flows(json.dumps(hubble_flow(), indent=2)) == [seen()]


def test_address_stands_where_no_name_is_known_and_may_have_several() -> None:
    assert seen(destination_names=[]).host == "150.171.69.10"
    several = seen(destination_names=["B.example", "a.example"])
    assert (several.host, several.names, several.address) == ("b.example", ("a.example",), "150.171.69.10")


@pytest.mark.parametrize(
    ("changed", "outcome", "reason"),
    [
        ({"verdict": "FORWARDED"}, Outcome.ALLOWED, ""),
        ({"verdict": "AUDIT"}, Outcome.DENIED, "AUDIT: a policy would have denied it"),
        ({"drop_reason_desc": "POLICY_DENY"}, Outcome.DENIED, "POLICY_DENY"),
        ({"drop_reason_desc": "", "drop_reason": 181}, Outcome.DENIED, ""),
        ({"drop_reason_desc": "", "drop_reason": 132}, Outcome.OTHER, "dropped: 132"),
        ({"drop_reason_desc": "INVALID_SOURCE_IP"}, Outcome.OTHER, "dropped: INVALID_SOURCE_IP"),
        ({"verdict": "ERROR"}, Outcome.OTHER, "ERROR"),
    ],
)
def test_only_a_policy_denies(changed: dict[str, Any], outcome: Outcome, reason: str) -> None:
    one = seen(**changed)
    assert (one.outcome, one.reason) == (outcome, reason)


def test_query_is_asked_denied_or_without_such_a_name() -> None:
    asked = seen(verdict="FORWARDED", l7=QUERY)
    assert (asked.outcome, asked.host, asked.port) == (Outcome.ASKED, "westeurope.handler.control.monitor.azure.com", 0)
    assert seen(l7=QUERY).outcome is Outcome.DENIED
    answer = {"type": "RESPONSE", "dns": QUERY["dns"] | {"rcode": 3}}  # type: ignore[operator]
    assert seen(verdict="FORWARDED", is_reply=True, l7=answer).reason == "failed resolution: NXDOMAIN"


def test_http_names_its_host_and_no_path() -> None:
    one = seen(l7={"type": "REQUEST", "http": {"method": "GET", "url": "http://A.example:8080/x?sig=secret"}})
    assert one.host == "a.example"
    assert "secret" not in repr(one)


def test_hits_of_aggregated_flows_and_the_cluster_are_kept() -> None:
    source = {"namespace": "shop", "pod_name": "web-1", "cluster_name": "shop-eu"}
    one = seen(aggregate={"egress_flow_count": 4, "ingress_flow_count": 0}, source=source)
    assert (one.hits, one.cluster, one.source) == (4, "shop-eu", "shop/web-1")
    assert seen(source={}).source == "10.244.1.9"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"node_status": {"state_change": "NODE_CONNECTED"}, "node_name": "n"}, "node_status"),
        ({"lost_events": {"source": "HUBBLE_RING_BUFFER"}}, "lost_events"),
        (hubble_flow(traffic_direction="INGRESS"), "ingress"),
        (hubble_flow(is_reply=True), "reply"),
        (hubble_flow(destination={"namespace": "shop", "pod_name": "db-1"}), "to a pod of the cluster"),
        (
            hubble_flow(l7={"type": "RESPONSE", "dns": {"query": "a.example.", "rcode": 0}}, verdict="FORWARDED"),
            "a DNS answer",
        ),
    ],
)
def test_lines_of_another_kind(record: dict[str, Any], why: str) -> None:
    assert other_kind("hubble", compact(record)) == why


def test_unknown_verdict_is_unreadable() -> None:
    (one,) = decoded("hubble", compact(hubble_flow(verdict="MAYBE")))
    assert isinstance(one, Skipped)
    assert one.unreadable


def test_forwarded_flows_are_counted_but_queries_are_given() -> None:
    lines = (hubble_flow(verdict="FORWARDED"), hubble_flow(verdict="FORWARDED", l7=QUERY), hubble_flow())
    context = Context()
    assert [one.outcome for one in flows("\n".join(map(compact, lines)), context)] == [Outcome.ASKED, Outcome.DENIED]
    assert context.passed_over["allowed"] == 1
