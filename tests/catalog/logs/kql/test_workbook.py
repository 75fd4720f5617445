"""The workbook: its queries run with its parameters filled in, its template read by the Azure SDK."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import pytest

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql.rules_file import LATEST, rules_csv
from aks_egress_catalog.logs.kql.workbook import API_VERSION, workbook_items, workbook_json
from tests.catalog.logs.kql.engine import NOON, application, network, run, with_parameters
from tests.catalog.logs.kql.test_text import EVERYBODY

pytestmark = pytest.mark.slow  # each test runs queries on DuckDB, a second or two each

ITEMS: Final = workbook_items(EVERYBODY)
TILES: Final = {item["name"]: item["content"] for item in ITEMS if item["type"] == 3}
LOG: Final = {
    "AZFWApplicationRule": [
        application("mcr.microsoft.com", SourceIp="10.1.0.4"),
        application("mcr.microsoft.com", SourceIp="10.9.0.4", TimeGenerated=NOON + dt.timedelta(hours=1)),
        application("security.ubuntu.com", 80, SourceIp="10.2.0.4"),
        application("a.example", SourceIp="10.1.0.4"),
    ],
    "AZFWNetworkRule": [
        network("20.0.0.1", 1194, "UDP", SourceIp="10.1.0.4"),
        network("20.0.0.2", 1194, "UDP", SourceIp="10.1.0.4"),
        network("20.0.0.3", 9999, SourceIp="10.1.0.4"),
    ],
}


def shown(tile: str, **parameters: str) -> list[dict[str, Any]]:
    return run(with_parameters(TILES[tile]["query"], **parameters), LOG, file=rules_csv(EVERYBODY))


def test_every_tile_says_what_its_title_says() -> None:
    everything = {"subnets": ""}
    assert [(row["Host"], row["Hits"]) for row in shown("Required, and denied", **everything)] == [
        ("mcr.microsoft.com", 2)
    ]
    names = shown("Denied names by verdict", **everything)
    assert {(row["Host"], row["Verdict"]) for row in names} == {
        ("mcr.microsoft.com", "required"),
        ("security.ubuntu.com", "recommended"),
        ("a.example", "not-listed"),
    }
    times = shown("Denied names over time", **everything)
    assert {(row["Time"], row["Verdict"], row["Hits"]) for row in times} == {
        (NOON, "required", 1),
        (NOON + dt.timedelta(hours=1), "required", 1),
        (NOON, "recommended", 1),
        (NOON, "not-listed", 1),
    }
    assert {row["Verdict"] for row in shown("Denied addresses by verdict", **everything)} == {"unnamed", "not-listed"}
    (tunnel,) = shown("Addresses without a name, by port", **everything)
    assert (tunnel["Protocol"], tunnel["Port"], tunnel["Hits"], tunnel["Addresses"]) == ("UDP", 1194, 2, 2)
    assert "tunnel" in tunnel["Reason"]


def test_subnets_choose_a_cluster() -> None:
    found = shown("Denied names by verdict", subnets="10.1.0.0/16,10.2.0.0/16")
    assert {(row["Host"], row["Hits"]) for row in found} == {
        ("mcr.microsoft.com", 1),
        ("security.ubuntu.com", 1),
        ("a.example", 1),
    }


def test_the_rules_come_from_the_newest_release_so_that_nobody_edits_the_workbook() -> None:
    parameters = {one["name"]: one for one in ITEMS[0]["content"]["parameters"]}
    assert parameters["Rules"]["value"] == LATEST
    assert LATEST.endswith("/releases/latest/download/kql-rules.csv")
    assert set(parameters) == {"Workspace", "TimeRange", "Subnets", "Rules"}
    for tile in TILES.values():
        assert '["{Rules}"]' in tile["query"]
        assert "mcr.microsoft.com" not in tile["query"]
        assert tile["crossComponentResources"] == ["{Workspace}"]
        assert tile["timeContextFromParameter"] == "TimeRange"


def test_a_verdict_has_its_color_and_what_is_required_is_red() -> None:
    (formatter,) = TILES["Required, and denied"]["gridSettings"]["formatters"]
    colors = {one["thresholdValue"]: one["representation"] for one in formatter["formatOptions"]["thresholdsGrid"]}
    assert colors[Verdict.REQUIRED] == "redBright"
    assert set(Verdict) - {Verdict.INVALID} <= set(colors)


def test_azures_own_model_takes_the_template() -> None:
    models = pytest.importorskip(
        "azure.mgmt.applicationinsights.v2022_04_01.models", reason="pip install azure-mgmt-applicationinsights"
    )
    template = json.loads(workbook_json(EVERYBODY))
    (resource,) = template["resources"]
    assert (resource["type"], resource["apiVersion"]) == ("Microsoft.Insights/workbooks", API_VERSION)
    body = {key: value for key, value in resource.items() if key not in ("type", "apiVersion", "name")}
    workbook = models.Workbook.deserialize(body)
    kept = workbook.serialize()
    assert {key: value for key, value in body.items() if key != "kind"} == {
        k: v for k, v in kept.items() if k != "kind"
    }
    notebook = json.loads(workbook.serialized_data)
    assert notebook["version"] == "Notebook/1.0"
    assert notebook["items"] == ITEMS
    assert set(template["parameters"]) == {"displayName", "workbookId", "location"}
    assert not workbook.serialized_data.startswith("[")


def test_the_same_answers_give_the_same_bytes() -> None:
    assert workbook_json(EVERYBODY) == workbook_json(EVERYBODY)
    assert workbook_json(EVERYBODY).isascii()
