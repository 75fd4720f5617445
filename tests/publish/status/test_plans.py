"""What the compare page shows: the package's own plan from every version to the newest."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Final

from click.testing import CliRunner

from aks_egress_catalog.cli.main import cli
from aks_egress_catalog.history.announced import announced_by_version
from aks_egress_catalog.model import Rules
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.visible import visible
from publish.status.plans import plan_files, plan_since
from publish.status.polls import older_catalogs
from tests.base import CATALOG, HISTORY, catalog_file
from tests.publish.facts import HOLD

ANNOUNCED: Final = tuple(announced_by_version(HISTORY, today=dt.date(2026, 11, 20), hold=HOLD))
PLANS: Final = plan_files(older_catalogs(HISTORY, CATALOG, ANNOUNCED), CATALOG, lives=HISTORY.rules)


def test_there_is_a_plan_from_every_version_and_it_is_the_one_of_the_command_line() -> None:
    assert list(PLANS) == [f"plan/since/{release.version}.json" for release in HISTORY.versions]
    for name in ("2019.4.3", "2025.5.8", "2025.5.27"):
        done = CliRunner().invoke(
            cli, ["diff", name, "latest", "--catalog", str(catalog_file()), "--format", "json"], catch_exceptions=False
        )
        expected, found = json.loads(done.stdout), json.loads(PLANS[f"plan/since/{name}.json"])
        for key in ("add", "may_go"):
            assert found[key] == [
                {field: value for field, value in step.items() if value and field != "features"}
                for step in expected[key]
            ]
        assert (found["old"], found["new"]) == (name, CATALOG.version)
        conditions = [change[2] for change in found["changes"] if change[0] == "conditions"]
        assert conditions == [change["after"]["id"] for change in expected["conditions"]]


def test_a_plan_is_the_same_whether_or_not_the_version_before_asked_for_the_same() -> None:
    for old in older_catalogs(HISTORY, CATALOG, ANNOUNCED[40:60]):
        expected = to_json(plan_since(old, CATALOG, lives=HISTORY.rules), compact=True)
        assert PLANS[f"plan/since/{old.version}.json"].decode() == visible(expected.rstrip("\n")) + "\n"


def test_a_plan_has_no_sign_that_nobody_sees() -> None:
    first, *rest = CATALOG.rules
    mean = replace(first, destinations=(replace(first.destinations[0], value="a\u202eb.example"),), id="")
    newest = replace(CATALOG, version="2026.7.2.1", rules=Rules(sorted((mean, *rest), key=lambda rule: rule.id)))
    found = plan_files([CATALOG], newest, lives={})["plan/since/2026.7.2.json"].decode()
    assert "\u202e" not in found
    assert "a\ufffdb.example" in found


def test_no_plan_is_longer_than_a_catalog_so_all_grow_in_a_straight_line() -> None:
    assert max(map(len, PLANS.values())) < len(to_json(CATALOG, compact=True))
