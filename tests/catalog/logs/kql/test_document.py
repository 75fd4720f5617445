"""docs/explain-kql.md: what it says of tables, verdicts and files is so. ``tests/docs`` runs its commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.logs.kql import alert, rules_file, workbook
from aks_egress_catalog.logs.kql.command import kql_command_output
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from tests import base

TEXT: Final = (Path(__file__).parents[4] / "docs" / "explain-kql.md").read_text(encoding="utf-8")


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
