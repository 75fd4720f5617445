# ruff: noqa: E501  - lines of logs are as long as they are
"""Whatever stands in a line: it never raises, and it is never lost."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.formats import FORMATS, load_format
from aks_egress_catalog.logs.read import read_texts
from tests.catalog.logs.made import (
    CSV_COLUMNS,
    LINES,
    application,
    compact,
    dns_query,
    flow_log,
    hubble_flow,
    made,
    network,
    record,
)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -1, 65536, 2**63]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["\u202e", "\x1b[31m", "\0", "\ud800", "x" * 400, "a b", ":", ".", "[", "a:b:c", "%", "//", "-", "1" * 5000]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)
RECORDS: list[Any] = [
    record("AZFWApplicationRule", application()),
    record("AZFWNetworkRule", network()),
    record("AZFWDnsQuery", dns_query()),
    record("AZFWThreatIntel", application(ThreatDescription="x", DestinationIp="192.0.2.1")),
    record("AZFWApplicationRuleAggregation", application(ApplicationRuleCount=3)),
    record("AzureFirewallApplicationRule", {"msg": "HTTPS request from 10.0.0.7:1 to a.example:443. Action: Deny. x"}),
    {"TimeGenerated": "2026-11-20T08:15:02Z", "Type": "AZFWApplicationRule", **application()},
    {"TimeGenerated": "x", "Type": "ContainerNetworkLogs", "Verdict": "DROPPED", "TrafficDirection": "EGRESS", "Layer4": {}, "Layer7": {}, "SourceWorkloads": []},
    {"TimeGenerated": "2026-11-20", "SubType": "FlowLog", "FlowStatus": "D", "FlowDirection": "O", "SrcIp": "", "DestIp": "", "DestPort": 1, "L4Protocol": "T", "DestPublicIps": "1|2"},
    {"flow": hubble_flow(), "node_name": "n"},
    {"flow": hubble_flow(l7={"type": "REQUEST", "dns": {"query": "a.example.", "rcode": 3}}, aggregate={"egress_flow_count": 1})},
    {"records": [{"flowRecords": {"flows": [{"flowGroups": [{"rule": "x", "flowTuples": ["1,2,3,4,5,6,O,D"]}]}]}}]},
    {"records": [{"properties": {"flows": [{"rule": "x", "flows": [{"flowTuples": ["1,2,3,4,5,6,O,D"]}]}]}}]},
    {"tables": [{"columns": [{"name": "TimeGenerated"}, {"name": "Fqdn"}, {"name": "Action"}], "rows": [["", "a", "Deny"]]}]},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in inner for found in places(one, (*path, name)))]


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], odd)
    return copy


def expect_sound(found: list[Flow | Skipped]) -> None:
    """Whatever comes out can be written, sorted, counted and joined."""
    for one in found:
        if isinstance(one, Skipped):
            assert len(one.line) <= 1000
            continue
        assert isinstance(one.outcome, Outcome)
        texts = (one.host, one.protocol, one.source, one.reason, one.rule, one.device, one.cluster, one.address)
        assert {type(text) for text in (*texts, *one.names)} == {str}
        assert max(map(len, (*texts, *one.names))) < 3000
        assert type(one.port) is int
        assert 0 <= one.port <= 65535
        assert one.hits >= 1
        assert one.time is None or one.time.tzinfo is dt.UTC
        assert one.host == one.host.lower()
        assert len(one) == len(Flow._fields)


@pytest.mark.parametrize("number", range(len(RECORDS)))
@given(data=st.data())
def test_wrong_types_in_any_place_never_raise(number: int, data: st.DataObject) -> None:
    value = RECORDS[number]
    path = data.draw(st.sampled_from(places(value)))
    line = json.dumps(changed(value, path, data.draw(ODD)))
    for name in FORMATS:
        found = list(load_format(name).decode([line], Context(allowed=data.draw(st.booleans()))))
        expect_sound([one._replace(line=one.line[:9]) if isinstance(one, Skipped) else one for one in found])
    expect_sound(list(read_texts([line + "\n"], Context(allowed=True))))


def spoilt(rng: random.Random, line: str) -> str:
    """A line with something done to it that happens to lines, or that somebody does."""
    place = rng.randrange(len(line) + 1)
    ways: list[Callable[[], str]] = [
        lambda: line[:place],
        lambda: line[place:],
        lambda: line[:place] + rng.choice(["\0", '"', "\\", "\u202e", "\x1b[2J", ",", "{", "}", "\ud83d", "é", "\x85", "\u2028", "=", "|", "\r"]) + line[place:],
        lambda: line + line,
        line.upper,
        lambda: "".join(rng.sample(line, len(line))),
        lambda: line.replace("443", rng.choice(["70000", "-1", "9" * 5000, "4e2", "٤٤٣", ""])),
        lambda: line.replace(".", rng.choice(["", "..", "\t", "." * 3000])),
        lambda: line.replace("2026", rng.choice(["0000", "99999", "-1", ""])),
        lambda: line.replace('"', ""),
    ]  # fmt: skip
    return rng.choice(ways)()


@pytest.mark.parametrize("form", LINES)
def test_spoilt_lines_are_neither_raised_nor_lost(form: str) -> None:
    rng = random.Random(form)
    lines = [spoilt(rng, line).replace("\n", "") for line in made(form, 1500, denied=0.5, seed=7)]
    if form == "flow-logs":
        lines = ["".join(flow_log(lines[:50]))]
    name = form.split(maxsplit=1)[0]
    header = [",".join(CSV_COLUMNS)] if form.endswith("csv") else []
    context = Context()
    found = list(load_format(name).decode([*header, *lines], context))
    expect_sound([one._replace(line=one.line[:9]) if isinstance(one, Skipped) else one for one in found])
    if form not in ("flow-logs", "log-analytics csv"):  # one line is many rows there, or one row many lines
        doubled = sum(isinstance(one, Flow) for one in found) + len(found)  # a line that was doubled may be two flows
        assert len(lines) <= len(found) + sum(context.passed_over.values()) <= len(lines) + doubled


@pytest.mark.parametrize("form", LINES)
def test_spoilt_logs_are_neither_raised_nor_lost(form: str) -> None:
    rng = random.Random(form)
    lines = [spoilt(rng, line) if rng.random() < 0.3 else line for line in made(form, 1500, seed=7)]
    text = "".join(flow_log(lines)) if form == "flow-logs" else "\n".join(lines)
    context = Context()
    expect_sound(list(read_texts([text.encode("utf-8", "replace").decode()], context)))
    assert context.lines


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=60), max_size=20))
def test_any_lines_at_all(lines: list[str]) -> None:
    context = Context(allowed=True)
    text = "\n".join(lines)
    found = list(read_texts([text], context))
    expect_sound(found)
    assert len(found) + sum(context.passed_over.values()) >= context.lines
    for name in FORMATS:
        list(load_format(name).decode(lines, Context()))


@pytest.mark.parametrize(
    "deep", ["[" * 100_000, '{"a":' * 100_000, '{"records":[' * 5_000, '[{"category":"AZFW":' + "[" * 5000]
)
@pytest.mark.parametrize("behind", ["", "\n" + next(made("azure-structured", 1, denied=1.0))])
def test_deep_nesting(deep: str, behind: str) -> None:
    for name in ("", *FORMATS):
        expect_sound(list(read_texts([deep + behind], Context(), format_name=name)))


def test_hosts_with_marks_pass_as_they_are_for_whoever_shows_them_to_escape() -> None:
    odd = "a\u202eb\x1b[31m<script>.example"
    line = compact(record("AZFWApplicationRule", application(Fqdn=odd)))
    (one,) = read_texts([line.replace("\\u001b", "\x1b")], Context())
    assert isinstance(one, Skipped)  # an escape character is no JSON unless it is spelt out
    (one,) = read_texts([line], Context())
    assert isinstance(one, Flow)
    assert one.host == odd.lower()


def test_values_that_never_recur_cost_no_memory_without_end() -> None:
    tables = [record("AZFWApplicationRule", application(Fqdn=f"h{number}.example")) for number in range(25_000)]
    assert sum(1 for _ in read_texts(["\n".join(map(compact, tables))], Context())) == 25_000
