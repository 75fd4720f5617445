"""docs/explain-kql.md: what it says of options, tables and files is so, and its Python runs."""

from __future__ import annotations

import csv
import inspect
import re
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql import alert, rules_file, workbook
from aks_egress_catalog.logs.kql.command import kql_command_output
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from tests import base

TEXT: Final = (Path(__file__).parents[4] / "docs" / "explain-kql.md").read_text(encoding="utf-8")
OF_EVERY_COMMAND: Final = {"profile", "service-tags", "kql"}


def test_its_python_writes_a_watchlist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    exec(compile(code, "explain-kql.md", "exec"), {})  # noqa: S102  - the document's own code
    with (tmp_path / "aks-rules.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(rules_file.COLUMNS)
    assert "*.hcp.westeurope.azmk8s.io" in {row["Pattern"] for row in rows}


def test_every_option_that_it_names_is_one_of_the_command() -> None:
    commands = re.findall(r"^    (aks-egress-catalog explain .*)$", TEXT, re.MULTILINE)
    assert len(commands) == 5
    named = {option for command in commands for option in re.findall(r"--([a-z-]+)", command)}
    known = {name.replace("_", "-") for name in inspect.signature(kql_command_output).parameters} | {"table"}
    assert named <= known | OF_EVERY_COMMAND


def test_the_queries_that_it_names_are_written() -> None:
    assert all(f"| `{table}` |" in TEXT for table in TABLES)
    assert rules_file.LATEST in TEXT
    assert f"--template-file {workbook.FILE}" in TEXT
    assert f"--template-file {alert.FILE}" in TEXT
    external = kql_command_output(base.CATALOG, lives={}, tables=["AZFWNetworkRule"], external=rules_file.LATEST)
    assert f'["{rules_file.LATEST}"]' in external
    assert kql_command_output(base.CATALOG, lives={}, tables=["AZFWNetworkRule"], basic=True)


def test_every_verdict_is_explained() -> None:
    assert [verdict for verdict in Verdict if f"`{verdict}`" not in TEXT] == []


def test_the_parameters_of_the_alert_that_it_names_exist() -> None:
    source = (Path(alert.__file__)).read_text(encoding="utf-8")
    for name in re.findall(r"\b(\w+)=(?:WORKSPACE_ID|ACTION_GROUP_ID|')", TEXT):
        assert f"param {name} " in source
