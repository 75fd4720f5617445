"""The alert rule: its query run on denials of some days, its Bicep read by tree-sitter and the Azure SDK."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from aks_egress_catalog.logs.kql.alert import alert_bicep, alert_query
from aks_egress_catalog.logs.kql.query import LONGEST_OF_A_RULE
from tests.catalog.exports.azure.azure_firewall_readers import bicep_parser, bicep_value
from tests.catalog.logs.kql.engine import application, run
from tests.catalog.logs.kql.test_text import EVERYBODY, EVERYTHING, HOSTILE, hostile, of

pytestmark = pytest.mark.slow  # each test runs queries on DuckDB, a second or two each

NOW: Final = dt.datetime.now(dt.UTC).replace(tzinfo=None)
CLUSTERS: Final = (
    'ipv4_is_in_any_range(Source, dynamic(["10.1.0.0/16"])), tostring(dynamic(["shop"])[0]), '
    'ipv4_is_in_any_range(Source, dynamic(["10.2.0.0/16","10.3.0.0/16"])), tostring(dynamic(["bank"])[0]), '
)


def denied(host: str, source: str, **ago: float) -> dict[str, Any]:
    return application(host, SourceIp=source, TimeGenerated=NOW - dt.timedelta(**ago))


def alerts(*rows: Mapping[str, Any], clusters: str = CLUSTERS) -> set[tuple[str, str]]:
    found = run(alert_query(EVERYBODY, clusters), {"AZFWApplicationRule": rows})
    assert all(row["TimeGenerated"] > NOW - dt.timedelta(minutes=30) for row in found)
    return {(row["Cluster"], row["Host"]) for row in found}


MCR: Final = "mcr.microsoft.com"


def test_what_is_required_and_newly_denied_is_told_for_each_cluster() -> None:
    rows = (
        *(denied(MCR, source, minutes=5) for source in ("10.1.0.4", "10.1.0.5", "10.3.0.4", "10.2.0.4", "192.168.0.1")),
        *(denied("a.example", source, minutes=5) for source in ("10.1.0.4", "10.1.0.5")),
        *(denied("security.ubuntu.com", source, minutes=5) for source in ("10.1.0.4", "10.1.0.5")),
    )
    assert alerts(*rows) == {("shop", MCR), ("bank", MCR)}
    assert alerts(*rows, clusters="") == {("", MCR)}


@pytest.mark.parametrize(
    ("case", "rows", "told"),
    [
        ("one source", [("10.1.0.4", {"minutes": 5}), ("10.1.0.4", {"minutes": 6})], False),
        ("denied an hour ago", [("10.1.0.4", {"hours": 1}), *[(f"10.1.0.{n}", {"minutes": 5}) for n in (4, 5)]], False),
        ("denied six days ago", [("10.1.0.9", {"days": 6}), *[(f"10.1.0.{n}", {"minutes": 5}) for n in (4, 5)]], False),
        (
            "denied eight days ago",
            [("10.1.0.9", {"days": 8}), *[(f"10.1.0.{n}", {"minutes": 5}) for n in (4, 5)]],
            True,
        ),
        (
            "another cluster before",
            [("10.2.0.9", {"days": 1}), *[(f"10.1.0.{n}", {"minutes": 5}) for n in (4, 5)]],
            True,
        ),
        ("no longer denied", [(f"10.1.0.{n}", {"minutes": 45}) for n in (4, 5)], False),
    ],
)
def test_one_source_and_old_denials_tell_nobody(
    case: str, rows: list[tuple[str, dict[str, float]]], told: bool
) -> None:
    found = alerts(*(denied(MCR, source, **ago) for source, ago in rows))
    assert found == ({("shop", MCR)} if told else set()), case


def read(source: str, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The alert rule as Bicep says it, with the parameters that have a value, and its variables as they are written."""
    root = bicep_parser().parse(source.encode()).root_node
    assert not root.has_error
    known: dict[str, Any] = {"location": "x", "query": "(the query)", **parameters}
    variables: dict[str, Any] = {}
    (rule,) = [node for node in root.named_children if node.type == "resource_declaration"]
    for node in root.named_children:
        if node.type == "variable_declaration":
            name, value = node.named_children
            variables[name.text.decode()] = bicep_value(value, known) if value.type == "array" else value.text.decode()
    return bicep_value(rule.named_children[-1], known), variables


PARAMETERS: Final = {"alertName": "a", "workspaceId": "/w", "actionGroupId": "/g"}


def test_azures_own_model_takes_the_rule_and_its_limits_hold() -> None:
    models = pytest.importorskip("azure.mgmt.monitor.models", reason="pip install azure-mgmt-monitor")
    content, _ = read(alert_bicep(EVERYBODY), **PARAMETERS)
    rule = models.ScheduledQueryRuleResource.deserialize(content)
    assert not rule.additional_properties
    assert (rule.evaluation_frequency, rule.window_size) == (dt.timedelta(minutes=15), dt.timedelta(minutes=30))
    assert rule.mute_actions_duration == dt.timedelta(days=1)
    assert rule.auto_mitigate is False, "a muted rule cannot resolve its alerts"
    assert rule.override_query_time_range == dt.timedelta(days=2), "Azure takes no more"
    (criterion,) = rule.criteria.all_of
    assert {one.name for one in criterion.dimensions} == {"Cluster", "Host"}
    assert rule.actions.action_groups == ["/g"]
    assert keys_of(rule.serialize(keep_readonly=True)) == keys_of(content), "the model knows every key"


def keys_of(value: Any, at: str = "") -> set[str]:
    """Where each key stands: of an object that a model took, and of one that it gave back."""
    if isinstance(value, dict):
        return {f"{at}.{key}" for key in value} | {one for key in value for one in keys_of(value[key], f"{at}.{key}")}
    return {one for each in value for one in keys_of(each, at)} if isinstance(value, list) else set()


@pytest.mark.parametrize("answers", [EVERYBODY, of(EVERYTHING), hostile(*HOSTILE)], ids=["all", "one", "hostile"])
def test_the_query_stands_in_the_file_line_for_line(answers: Any) -> None:
    _, variables = read(alert_bicep(answers), **PARAMETERS)
    written = "\n".join(variables["queryLines"]).replace("/*clusters*/", CLUSTERS)
    query = alert_query(answers, CLUSTERS)
    without = [text.split("\n", 2)[2] for text in (written, query.rstrip("\n"))]  # the head says a length
    assert without[0] == without[1]
    assert len(query) < LONGEST_OF_A_RULE
    assert "string(cluster.subnets)" in variables["cases"]


def test_names_of_clusters_reach_the_query_as_json_only() -> None:
    names = ('"], x', "'", "a\\")
    cases = ""
    for place, name in enumerate(names):
        subnets = json.dumps([f"10.{place}.0.0/16"])
        cases += f"ipv4_is_in_any_range(Source, dynamic({subnets})), tostring(dynamic({json.dumps([name])})[0]), "
    rows = [denied(MCR, f"10.{place}.0.{host}", minutes=1) for place in range(len(names)) for host in (4, 5)]
    assert alerts(*rows, clusters=cases) == {(name, MCR) for name in names}
