"""What the documents state in tables and figures is what the code does."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.history.announced import HOLD
from aks_egress_catalog.history.changes import ChangeKind
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.linting.reach import reach
from aks_egress_catalog.logs.formats import FORMATS
from aks_egress_catalog.model import Cloud, Effect, Feature, NamedSet, Rule
from aks_egress_catalog.render.explain import explain_json
from aks_egress_catalog.render.flat import COLUMNS
from aks_egress_catalog.text.codec import to_json
from publish.notices.notify.deliver import WAITS
from publish.notices.notify.messages import compose
from publish.notices.notify.webhook import SECONDS, signed_headers
from publish.plan.alerts import revision_alerts
from publish.status.status import STALE_AFTER
from tests.base import CATALOG, HISTORY
from tests.catalog.linting.readers.readings import reading
from tests.docs.documents import ROOT, blocks, text_of
from tests.site.builds import NOW, versions_announced

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOSTS: Final = ("a.x.io", "a.b.x.io", "x.io")
LISTS: Final = {
    "Squid": ("squid", "acl x dstdomain {}\nhttp_access allow x\n"),
    "PAN-OS": ("paloalto", "set profiles custom-url-category c list {}\n"),
    "FortiGate": (
        "fortigate",
        'config firewall address\nedit "x"\nset type wildcard-fqdn\nset wildcard-fqdn "{}"\nnext\nend\n',
    ),
    "Cilium": (
        "cilium",
        "kind: CiliumNetworkPolicy\nmetadata: {{name: x}}\nspec:\n  endpointSelector: {{}}\n  egress:\n"
        '    - toFQDNs: [{{matchPattern: "{}"}}]\n',
    ),
    "plain list": ("plain", "{}\n"),
    "Azure Firewall": (
        "arm",
        '{{"type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "name": "p/g", "properties":'
        ' {{"priority": 100, "ruleCollections": [{{"ruleCollectionType": "FirewallPolicyFilterRuleCollection",'
        ' "name": "c", "priority": 100, "action": {{"type": "Allow"}}, "rules": [{{"ruleType": "ApplicationRule",'
        ' "name": "r", "sourceAddresses": ["*"], "protocols": [{{"protocolType": "Https", "port": 443}}],'
        ' "targetFqdns": ["{}"]}}]}}]}}}}',
    ),
}
"""By the name of a target in the table: the reader of its lists, and a list with one value."""


def text(name: str) -> str:
    return text_of(ROOT / "docs" / name)


def flat(name: str) -> str:
    """A document on one line, so that a sentence is found wherever it is broken."""
    return " ".join(text(name).split())


def table(name: str, heading: str, number: int = 0) -> list[list[str]]:
    """The rows of a table under a heading, cell by cell, without code marks."""
    under = re.split(r"\n##+ ", text(name).partition(f"# {heading}\n")[2])[0]
    found = re.findall(r"^\|.*\n\|[ |-]+\n((?:^\|.*(?:\n|\Z))+)", under, re.MULTILINE)[number]
    return [[cell.strip().strip("`") for cell in row.strip("|").split(" | ")] for row in found.splitlines()]


def named(cell: str) -> list[str]:
    """What stands in code marks in a cell whose outer ones were taken."""
    return [part.strip("` ") for part in cell.split(",")]


@pytest.mark.parametrize("row", table("wildcards.md", "What a pattern takes in"), ids=lambda row: row[0])
def test_a_pattern_takes_in_what_the_table_says(row: list[str]) -> None:
    pattern, inside, outside = row
    assert all(pattern_matches(pattern, host) for host in named(inside))
    assert not any(pattern_matches(pattern, host) for host in named(outside))


@pytest.mark.parametrize("row", table("wildcards.md", "The same pattern on a firewall"), ids=lambda row: f"{row[:2]}")
def test_a_value_lets_through_what_the_table_of_targets_says(row: list[str]) -> None:
    target, value, *cells = row
    assert len(cells) == len(HOSTS)
    if target == "this catalog":
        found = [pattern_matches(value, host) for host in HOSTS]
    else:
        form, written = LISTS[target]
        (entry,) = reading(form, written.format(value)).entries
        assert not entry.fault
        found = [reach(entry.pattern).match(host) is not None for host in HOSTS]
    assert ["yes" if one else "no" for one in found] == cells


def test_every_target_that_can_be_tried_is_in_the_table() -> None:
    assert {row[0] for row in table("wildcards.md", "The same pattern on a firewall")} == {*LISTS, "this catalog"}


def test_the_words_of_the_model_are_all_there() -> None:
    effects = (Effect.ONLY_IF, Effect.NOT_IF, Effect.REQUIRED_IF)
    assert [row[0] for row in table("rules.md", "Conditions")] == list(map(str, effects))
    assert all(f"`{level}`" in text("rules.md") for level in {rule.level for rule in CATALOG.rules})
    sets = {row[0].removeprefix("set:"): row[1] for row in table("rules.md", "Destinations", 1)}
    destinations = {str(one) for rule in CATALOG.rules for one in rule.destinations}
    assert {f"set:{name}" for name in sets} == {one for one in destinations if one.startswith("set:")}
    assert set(sets) <= set(NamedSet)
    keys = {name.strip("`") for name in sets.values() if not name.startswith("none")}
    assert keys <= {field.name for field in fields(Profile)}
    assert all(f"`{kind}`" in text("changes.md") for kind in ChangeKind)


def test_the_formats_of_logs_are_those_that_are_read() -> None:
    assert {row[0] for row in table("explain.md", "Which logs")} == set(FORMATS)


def test_the_columns_and_keys_of_files_are_as_written(tmp_path: Path) -> None:
    assert {row[0] for row in table("files.md", "The flat list")} <= set(COLUMNS)
    log = tmp_path / "access.log"
    log.write_text("1795875240.812 6 10.0.0.4 TCP_DENIED/403 9 CONNECT a.example:443 - HIER_NONE/- text/html\n")
    answer: dict[str, Any] = json.loads(explain_json(aec.explain(log, catalog=CATALOG)))
    section = text("files.md").partition("\n## explain\n")[2].partition("\n## ")[0]
    head = section.partition("| key of")[0]
    assert {*re.findall(r"`(\w+)`", head)} == {*answer, "first", "last", "jsonl"}
    keys = [key for row in table("files.md", "explain") for key in named(row[0])]
    assert set(keys) == set(answer["denied"][0])
    assert {key for row in table("files.md", "check") for key in named(row[0])} >= {"endpoint", "verdict", "needs"}
    assert set(json.loads(to_json(CATALOG))) == {
        key for key in re.findall(r"`(\w+)`", text("files.md").partition("Its shape")[0]) if key != "catalog"
    }


def test_the_fields_of_a_rule_are_those_of_the_catalog() -> None:
    assert set(json.loads(to_json(CATALOG))["rules"][0]) == {field.name for field in fields(Rule)}


def test_figures_are_those_of_the_code() -> None:
    assert dt.timedelta(days=14) == HOLD
    assert "For 14 days it is held" in text("changes.md")
    assert dt.timedelta(hours=48) == STALE_AFTER
    assert "counts for 48 hours" in text("polling.md")
    assert SECONDS == 15
    assert "within 15 seconds" in text("webhooks.md")
    waits = [wait.total_seconds() for wait in WAITS]
    assert waits == [5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]
    assert "after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h" in text("webhooks.md")
    found = revision_alerts(HISTORY, since=dt.date(2023, 3, 9))
    said = f"Of the {len(found)} commits from March 2023 to July 2026, {sum(one.notify for one in found)} moved"
    assert said in flat("changes.md")


def test_every_verdict_with_which_explain_can_fail_is_named() -> None:
    assert all(f"`{one}`" in text("explain.md") for one in (Verdict.REQUIRED, Verdict.REQUIRED_IF, Verdict.KNOWN_GAP))


def test_the_message_of_a_webhook_is_the_one_that_is_sent() -> None:
    (body,) = (json.loads(block.text) for block in blocks(ROOT / "docs" / "webhooks.md") if block.language == "json")
    announced = versions_announced(HISTORY)[-1][1].changes
    sent = json.loads(
        compose([one for one in announced if one.date == dt.date(2025, 7, 3)], locale="", texts={}).payload
    )
    for one in (*body["data"]["changes"], *sent["data"]["changes"]):
        assert {"commit", "texts"} <= set(one)
        one |= {"commit": "", "texts": []}  # the document leaves them open
    assert body == sent


@pytest.mark.parametrize(
    ("age", "body", "secret", "genuine"),
    [
        (0, "{}", SECRET, True),
        (299, "{}", SECRET, True),
        (301, "{}", SECRET, False),
        (-301, "{}", SECRET, False),
        (0, "{ }", SECRET, False),
        (0, "{}", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", False),
    ],
)
def test_a_delivery_is_verified_as_the_document_says(age: int, body: str, secret: str, genuine: bool) -> None:
    (code,) = (block.text for block in blocks(ROOT / "docs" / "webhooks.md") if block.title == "receive.py")
    names: dict[str, Any] = {}
    exec(compile(code, "receive.py", "exec"), names)  # noqa: S102  - the document's own code
    headers = signed_headers(SECRET, message_id="msg_1", payload="{}", now=NOW)
    now = NOW.timestamp() + age
    assert names["is_genuine"](headers, body.encode(), secret, now=now) is genuine
    spoiled = headers | {"webhook-timestamp": "soon"}
    assert not names["is_genuine"](spoiled, body.encode(), secret, now=now)


def test_clouds_and_features_that_are_named_exist() -> None:
    ids = re.findall(r"`(Azure\w+)/([a-z-]+)/[^`]*`", "".join(text_of(file) for file in (ROOT / "docs").glob("*.md")))
    assert {cloud for cloud, _ in ids} <= set(Cloud)
    assert {feature for _, feature in ids} <= set(Feature)
