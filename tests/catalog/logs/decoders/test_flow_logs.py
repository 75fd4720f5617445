"""Flow logs of virtual networks and of network security groups: one object an hour, read record by record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.read import read_texts
from tests.catalog.logs.decoding import at, flows
from tests.catalog.logs.made import flow_log, made

DENIED = "1795854200123,10.240.0.5,20.61.4.9,40112,1194,17,O,D,NX,0,0,0,0"
BEGUN = "1795854200456,10.240.0.5,150.171.69.10,51022,443,6,O,B,NX,0,0,0,0"


def vnet(*tuples: Any) -> dict[str, Any]:
    group = {"rule": "DenyAll", "flowTuples": list(tuples)}
    flow = {"aclID": "0", "flowGroups": [group]}
    return {"time": "x", "flowLogVersion": 4, "category": "FlowLogFlowEvent", "flowRecords": {"flows": [flow]}}


def nsg(*tuples: str) -> dict[str, Any]:
    flows_ = [{"rule": "DenyAll", "flows": [{"mac": "000D3AF8", "flowTuples": list(tuples)}]}]
    return {"time": "x", "category": "NetworkSecurityGroupFlowEvent", "properties": {"Version": 2, "flows": flows_}}


def test_vnet_flow_log() -> None:
    one, two = flows(json.dumps({"records": [vnet(DENIED, BEGUN)]}))
    assert one == Flow(
        Outcome.DENIED, "20.61.4.9", 1194, "UDP", at("2026-11-28T08:23:20.123"), "10.240.0.5", rule="DenyAll"
    )
    assert (two.outcome, two.host, two.port, two.protocol) == (Outcome.ALLOWED, "150.171.69.10", 443, "TCP")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("1795854200,10.0.0.4,192.0.2.9,40112,443,T,O,D", Outcome.DENIED),
        ("1795854200,10.0.0.4,192.0.2.9,40112,443,T,O,A", Outcome.ALLOWED),
        ("1795854200,10.0.0.4,192.0.2.9,40112,443,T,O,D,B,,,,", Outcome.DENIED),
        ("1795854200,10.0.0.4,192.0.2.9,40112,443,T,O,A,B,,,,", Outcome.ALLOWED),
    ],
)
def test_nsg_flow_log(text: str, outcome: Outcome) -> None:
    (one,) = flows(json.dumps({"records": [nsg(text)]}))
    assert (one.outcome, one.host, one.time, one.rule) == (outcome, "192.0.2.9", at("2026-11-28T08:23:20"), "DenyAll")


def test_what_comes_in_goes_on_or_ends_is_counted() -> None:
    others = (DENIED.replace(",O,", ",I,"), BEGUN.replace(",B,", ",C,"), BEGUN.replace(",B,", ",E,"))
    for allowed in (True, False):
        context = Context(allowed=allowed)
        assert not flows(json.dumps({"records": [vnet(*others)]}), context)
        assert context.passed_over == {"inbound, going on or allowed": 3}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("size", [7, 1000, 10**7])
def test_pieces_may_end_anywhere(indent: int | None, size: int) -> None:
    text = json.dumps({"records": [vnet(DENIED, BEGUN), nsg(BEGUN.replace("6,O,B", "T,O,D"))] * 3}, indent=indent)
    pieces = [text[place : place + size] for place in range(0, len(text), size)]
    pieces[0:1] = [pieces[0] + "".join(pieces[1:40])] if size < 10 else pieces[0:1]
    pieces[1:40] = [] if size < 10 else pieces[1:40]
    assert len([one for one in read_texts(pieces, Context(allowed=True)) if isinstance(one, Flow)]) == 9


def test_made_logs_are_read_in_full() -> None:
    assert len(flows("".join(flow_log(list(made("flow-logs", 2000, denied=0.5)))))) == 2000


def test_broken_parts_cost_only_themselves() -> None:
    good = json.dumps(vnet(DENIED))
    for broken in (
        '{"flowRecords": {"flows": [}}}',
        '{"flowRecords": 5}',
        '{"time": "x", "flowRecords',
        "nonsense",
        "5",
    ):
        found = list(read_texts([f'{{"records":[{good},\n{broken},\n{good}]}}'], Context()))
        assert len([one for one in found if isinstance(one, Flow)]) == 2, broken
        assert any(isinstance(one, Skipped) and one.unreadable for one in found), broken


def test_broken_tuples_cost_only_themselves() -> None:
    found = list(
        read_texts([json.dumps({"records": [vnet("x,y", DENIED, DENIED.replace("1194", "70000"), "")]})], Context())
    )
    assert [isinstance(one, Flow) for one in found] == [False, True, False, False]
    mixed = list(read_texts([json.dumps({"records": [vnet(5, DENIED)]})], Context()))
    assert [isinstance(one, Flow) for one in mixed] == [False, True]


def test_log_that_ends_too_early_gives_what_there_is() -> None:
    text = json.dumps({"records": [vnet(DENIED)] * 3})
    found = list(read_texts([text[:-30]], Context()))
    assert [isinstance(one, Flow) for one in found] == [True, True, False]
