"""The text of a query: how long it is, what it says of itself, and that no text from elsewhere is more than a text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.logs.kql.command import kql_command_output
from aks_egress_catalog.logs.kql.query import LONGEST_OF_A_RULE, KqlError, kql_query
from aks_egress_catalog.logs.kql.rows.answers import Answers, answers_of
from aks_egress_catalog.logs.kql.rows.row import Row, Tier
from aks_egress_catalog.logs.kql.rules_file import rules_csv
from aks_egress_catalog.logs.kql.writing.literals import array, comment, quote
from aks_egress_catalog.logs.kql.writing.tables import TABLES
from tests import base
from tests.catalog.exports.resolutions import SERVICE_TAGS
from tests.catalog.logs.kql.clusters import LIVES, profiles
from tests.catalog.logs.kql.engine import application, run

EVERYTHING: Final = Profile(
    region="westeurope",
    features=tuple(sorted({rule.feature for rule in base.CATALOG.rules})),
    gpu=True,
    windows=True,
    konnectivity=False,
    nodes_after_2021_03=False,
    pods_use_api_server_ip=True,
    custom_dns=("10.0.0.10",),
    api_server_ips=("192.0.2.7", "192.0.2.9"),
)
EVERYBODY: Final = answers_of(base.CATALOG, lives=LIVES)


def of(profile: Profile, **options: Any) -> Answers:
    return answers_of(
        base.CATALOG, lives=LIVES, resolution=base.CATALOG.resolve(profile, **options), about=str(profile.stated())
    )


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(profiles())
@example(EVERYTHING)
def test_the_rules_of_one_cluster_fit_into_an_analytics_rule(profile: Profile) -> None:
    answers = of(profile)
    for table in TABLES:
        query = kql_query(table, answers)
        assert len(query) < LONGEST_OF_A_RULE, table
        assert f"// Length: {len(query)} characters." in query


@pytest.mark.parametrize("options", [{}, {"basic": True}, {"form": "external", "address": "https://example.com/x.csv"}])
def test_every_query_says_its_length_and_leaves_the_time_to_others(options: dict[str, Any]) -> None:
    for table in TABLES:
        query = kql_query(table, EVERYBODY, **options)
        assert re.search(r"^// Length: (\d+) characters", query, re.MULTILINE)[1] == str(len(query))  # type: ignore[index]
        assert "ago(" not in query
        assert not re.search(r"where .*TimeGenerated", query)


def test_a_query_for_a_basic_table_joins_nothing() -> None:
    for table in TABLES:
        query = kql_query(table, EVERYBODY, basic=True)
        assert not re.search(r"\b(join|union|lookup|externaldata|_GetWatchlist|materialize)\b", query)


def test_ranges_stand_in_a_query_only_where_a_file_gave_them() -> None:
    tunnel = Profile(region="westeurope", konnectivity=False)
    assert "ipv4_is_in_any_range" not in kql_query("AZFWNetworkRule", of(tunnel))
    with_tags = kql_query("AZFWNetworkRule", of(tunnel, service_tags=SERVICE_TAGS))
    assert re.findall(r"ipv4_is_in_any_range\(Host, dynamic\((.*?)\)", with_tags) == [
        '["192.0.2.0/25","198.51.100.0/24"]'
    ]


def test_what_is_left_out_is_said_and_can_be_had() -> None:
    short = kql_query("AZFWApplicationRule", of(EVERYTHING))
    whole = kql_query("AZFWApplicationRule", of(EVERYTHING), longest=0)
    assert "Shortened" in short
    assert "Shortened" not in whole
    assert "it is a rule of AzureChinaCloud" in whole


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        ("AZFWNatRule", {}, "one query for each of AZFWApplicationRule"),
        ("AZFWNetworkRule", {"form": "parquet"}, "no form"),
        ("AZFWNetworkRule", {"form": "external"}, "needs the name"),
        ("AZFWNetworkRule", {"form": "watchlist", "address": "x", "basic": True}, "Basic plan"),
    ],
)
def test_what_cannot_be_written_is_refused(table: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(KqlError, match=said):
        kql_query(table, EVERYBODY, **options)


def test_the_command_prints_a_query_for_each_table_and_the_rules_for_a_watchlist() -> None:
    text = kql_command_output(base.CATALOG, lives=LIVES)
    assert [text.count(f"// Which denials of Azure Firewall ({table})") for table in TABLES] == [1, 1, 1]
    assert "_GetWatchlist" in kql_command_output(base.CATALOG, lives=LIVES, tables=["AZFWNetworkRule"], watchlist="aks")
    assert kql_command_output(base.CATALOG, lives=LIVES, rules_only=True) == rules_csv(EVERYBODY)
    with pytest.raises(KqlError, match="one place"):
        kql_command_output(base.CATALOG, lives=LIVES, external="https://example.com", watchlist="aks")


# ---------------------------------------------------------------- texts from elsewhere

HOSTILE: Final = (
    '"]; T | take 1 //',
    "a\\",
    'a"b',
    "a\nb",
    "```",
    "*/ //",
    "\N{RIGHT-TO-LEFT OVERRIDE}é😀",
    "{Rules}.test",
    "a|b",
    "' or 1",
    "a.example evil.example",
)


def hostile(*texts: str) -> Answers:
    """Answers made of such texts, in every place that one can have, and one that is none."""
    rows = [Row("good.example", "tcp-443", Tier.YES, Verdict.REQUIRED, "it is", ("c/f/good.example:tcp-443",))]
    for text in texts:
        rows.append(Row(text, "tcp-443", Tier.YES, Verdict.REQUIRED, text, (text,)))
        rows.append(Row(f"*.{text}", "tcp-443", Tier.YES, Verdict.REQUIRED, text, (f"c/f/*.{text}:tcp-443",)))
        rows.append(Row(f"x*.{text}", text, Tier.YES, Verdict.REQUIRED, text, (f"c/{text}/y",)))
    said = " ".join(texts)
    return replace(EVERYBODY, rows=tuple(sorted(rows, key=lambda row: row.saying)), about=said, data_version=said)


@pytest.mark.parametrize("options", [{}, {"basic": True}, {"form": "watchlist", "address": "w"}])
def test_a_hostile_text_reaches_a_query_only_as_a_text(options: dict[str, Any]) -> None:
    answers = hostile(*HOSTILE)
    query = kql_query("AZFWApplicationRule", answers, **options)
    assert query.isascii()
    rows = [application(host) for host in ("good.example", "other.example", *HOSTILE)]
    found = {row["Host"]: row["Verdict"] for row in run(query, {"AZFWApplicationRule": rows}, file=rules_csv(answers))}
    assert found["good.example"] == "required"
    assert found["other.example"] == "not-listed"
    assert set(found.values()) == {"required", "not-listed", "invalid"}


@given(st.text())
@example("\\")
@example("\u2028")
def test_a_quoted_text_stays_one_string_of_printable_ascii(text: str) -> None:
    for written in (quote(text), array([text]), comment(text)):
        assert written.isascii()
        assert written.isprintable()
    assert re.fullmatch(r'"(?:[^"\\]|\\[\\"nrt]|\\u[0-9a-f]{4})*"', quote(text))


def test_the_file_has_a_row_for_each_pattern_and_port_in_columns_that_stay() -> None:
    lines = rules_csv(EVERYBODY).splitlines()
    assert lines[0] == "Pattern,On,Use,Tier,Verdict,Reason,Of"
    assert len(lines) == len(EVERYBODY.rows) + 1
    (mcr,) = [line for line in lines if line.startswith("mcr.microsoft.com,tcp-443,")]
    assert ",required,every cluster needs it," in mcr
    assert "AzureCloud/core/mcr.microsoft.com:tcp-443" in mcr
