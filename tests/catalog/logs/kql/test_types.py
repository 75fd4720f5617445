"""Every query is taken by Microsoft's own parser and type checker, against the columns that the tables really have."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.logs.kql.alert import alert_query
from aks_egress_catalog.logs.kql.query import kql_query
from aks_egress_catalog.logs.kql.rows.answers import answers_of
from aks_egress_catalog.logs.kql.workbook import workbook_items
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from tests import base, npm_packages
from tests.catalog.exports.resolutions import SERVICE_TAGS
from tests.catalog.logs.kql.clusters import LIVES
from tests.catalog.logs.kql.engine import COLUMNS, RULES, with_parameters
from tests.catalog.logs.kql.test_text import EVERYBODY, EVERYTHING, HOSTILE, hostile, of

PINS: Final = Path(__file__).parents[3] / "kusto"
COMMON: Final = "TenantId:string, SourceSystem:string, Type:string, _ResourceId:string, _SubscriptionId:string"
_WATCHLIST: Final = f"let _GetWatchlist = (name:string) {{ datatable({', '.join(f'{n}:string' for n in RULES)})[] }};\n"
"""Sentinel's function, as far as a query sees it: every column is a text."""


@pytest.mark.slow
def test_microsofts_own_checker_finds_nothing_wrong(request: pytest.FixtureRequest) -> None:
    if reason := npm_packages.absent():
        pytest.skip(reason)
    packages = npm_packages.install(PINS, request.config.cache.mkdir("kusto"))
    tables = {
        name: f"{COMMON}, {', '.join(f'{c}:{k}' for c, k in columns.items())}" for name, columns in COLUMNS.items()
    }
    asked = json.dumps({"tables": tables, "queries": queries() | {"wrong": "AZFWNetworkRule | where Fqdn == ''"}})
    command = [npm_packages.program("node"), str(PINS / "check.js"), str(packages)]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    assert len(found) > 60
    assert found.pop("wrong")
    assert {name: faults for name, faults in found.items() if faults} == {}


def queries() -> dict[str, str]:
    """One of each kind."""
    tagged = Profile(region="westeurope", konnectivity=False)
    clusters = {
        "everybody": EVERYBODY,
        "everything": of(EVERYTHING),
        "service tags": of(tagged, service_tags=SERVICE_TAGS),
        "no rule": answers_of(base.CATALOG, lives=LIVES).only(),
        "hostile": hostile(*HOSTILE),
    }
    found = {}
    for name, answers in clusters.items():
        for table in TABLES:
            found[f"{name}, {table}"] = kql_query(table, answers)
            found[f"{name}, {table}, basic"] = kql_query(table, answers, basic=True)
            address = "https://example.com/kql-rules.csv"
            found[f"{name}, {table}, external"] = kql_query(table, answers, form="external", address=address)
            found[f"{name}, {table}, watchlist"] = _WATCHLIST + kql_query(table, answers, form="watchlist", address="w")
    found["alert"] = alert_query(EVERYBODY)
    cases = 'ipv4_is_in_any_range(Source, dynamic(["10.1.0.0/16"])), tostring(dynamic(["shop"])[0]), '
    found["alert with clusters"] = alert_query(EVERYBODY, cases)
    for item in workbook_items(EVERYBODY):
        if "query" in item["content"]:
            found[f"workbook: {item['name']}"] = with_parameters(item["content"]["query"])
    return found
