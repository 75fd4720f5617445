"""docs/explain-kql.md: what it says of options, tables and files is so, and its commands run."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql import alert, rules_file, workbook
from aks_egress_catalog.logs.kql.command import kql_command_output
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from tests import base
from tests.catalog.cli.command_line import run

pytestmark = pytest.mark.shipped
TEXT: Final = (Path(__file__).parents[4] / "docs" / "explain-kql.md").read_text(encoding="utf-8")


COMMANDS: Final = re.findall(r"^\$ aks-egress-catalog (explain .*)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_writes_what_it_says(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cluster.toml").write_text('region = "westeurope"\n', encoding="utf-8")
    done = run(*shlex.split(command.partition(" > ")[0]))
    assert (done.returncode, "cluster.toml" in command or not done.stderr) == (0, True)
    if "--rules-only" in command:
        rows = list(csv.DictReader(done.stdout.splitlines()))
        assert list(rows[0]) == list(rules_file.COLUMNS)
        assert "*.hcp.westeurope.azmk8s.io" in {row["Pattern"] for row in rows}
    else:
        assert done.stdout.startswith("// Which denials")


def test_it_has_commands() -> None:
    assert len(COMMANDS) == 6


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
