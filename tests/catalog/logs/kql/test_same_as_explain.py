"""The same records, read by ``explain`` and by a query in their table: the same endpoints, hits, times and verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.logs.attribution import Attribution
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.explain import rows_of
from aks_egress_catalog.logs.flow import Flow
from aks_egress_catalog.logs.gather import Gathering
from aks_egress_catalog.logs.kql.query import kql_query
from aks_egress_catalog.logs.kql.rows.answers import answers_of
from aks_egress_catalog.logs.read import read_texts
from tests import base
from tests.catalog.logs import made
from tests.catalog.logs.kql.clusters import ADDRESSES, LIVES, PORTS, hosts, patterns_of, profiles
from tests.catalog.logs.kql.engine import NOON, application, diagnostics, network, run
from tests.catalog.logs.kql.test_verdicts import few

pytestmark = pytest.mark.slow  # each test runs queries on DuckDB, a second or two each

PATTERNS: Final = patterns_of(base.CATALOG, LIVES)
MINUTES: Final = st.integers(0, 600).map(lambda minutes: NOON + dt.timedelta(minutes=minutes))
SOURCES: Final = st.integers(1, 40).map(lambda number: f"10.240.0.{number}")
REASONS: Final = st.sampled_from((
    *("Default Action", "Default Action", "Default Action", "", "Policy rule", "SNI TLS extension was missing."),
    *("Failed to resolve address", "Threat Intel", "TLS handshake failed", "IDPS signature match", "id 7", "idle"),
))  # fmt: skip
ACTIONS: Final = st.sampled_from(("Deny", "Deny", "Deny", "deny", "Allow", "Alert"))
WRITTEN: Final = st.sampled_from(("{}", "{}", "{}.", "{}:443", " {} "))
NAMES: Final = hosts(PATTERNS) | st.sampled_from(
    (*ADDRESSES[:6], "-bad.example", "a..example", "under_score.example", "x y")
)
FQDNS: Final = st.builds(lambda form, host: form.format(host), WRITTEN, NAMES | NAMES.map(str.upper)) | st.just("")

applications: Final = st.builds(
    application,
    FQDNS,
    st.sampled_from(PORTS),
    ActionReason=REASONS,
    Action=ACTIONS,
    SourceIp=SOURCES,
    TimeGenerated=MINUTES,
    TargetUrl=st.sampled_from(("", "", "http://mcr.microsoft.com/x", "u@a.example:8080/y", "https://u:p@b.example")),
)
networks: Final = st.builds(
    lambda address, port, protocol, **other: network(address, None if "ICMP" in protocol else port, protocol, **other),
    st.sampled_from(ADDRESSES[:6]),
    st.sampled_from(PORTS),
    st.sampled_from(("TCP", "UDP", "udp", "ICMP Type=8")),
    ActionReason=REASONS.filter(lambda reason: "SNI" not in reason),
    Action=ACTIONS,
    SourceIp=SOURCES,
    TimeGenerated=MINUTES,
)
RESTS: Final = st.sampled_from((
    "No rule matched. Proceeding with default action",
    "Policy: p. Rule Collection Group: g. Rule Collection: c. Rule: r",
    "Rule Collection: c. Rule: dns-tls Web Category: x",
    "Reason: SNI TLS extension was missing.",
    "Reason: TLS handshake failed.",
    "Failed to resolve address x",
    "ThreatIntel: Bot Networks",
    "Signature: 2024897. IDS: x. Priority: 1. Classification: y",
    "",
))  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """Sentences as the firewall writes them: pings are of addresses, and only TLS can be without a destination."""
    protocol = draw(st.sampled_from(("HTTPS", "HTTP ", "TCP", "UDP", "MSSQL", "ICMP Type=8")))
    ping = protocol.startswith("ICMP")
    host = draw(st.sampled_from(ADDRESSES[:6]) if ping else NAMES.filter(lambda one: " " not in one and ":" not in one))
    port = "" if ping else f":{draw(st.sampled_from(PORTS))}"
    source = draw(SOURCES) + ("" if ping else ":50123")
    url = draw(st.sampled_from(("", "", "Url: a.example/x. ", "Url: https://mcr.microsoft.com. ")))
    to = f" to {host}{port}. {url}"
    if protocol == "HTTPS" and draw(st.booleans()):
        to = ". "
    return diagnostics(
        f"{protocol} request from {source}{to}Action: {draw(ACTIONS)}. {draw(RESTS)}", TimeGenerated=draw(MINUTES)
    )


def explained(attribution: Attribution, lines: Iterable[str]) -> dict[Any, Any]:
    gathering = Gathering(attribution.answer)
    for item in read_texts(["\n".join(lines) + "\n"], Context()):
        assert isinstance(item, Flow), item
        gathering.add(item)
    rows = rows_of(gathering, gathering.denied, attribution)
    sums = {(row.host, row.port, row.protocol, str(row.verdict)): (row.hits, row.first, row.last) for row in rows}
    return {key: (hits, plain(first), plain(last)) for key, (hits, first, last) in sums.items()}


def plain(time: dt.datetime | None) -> dt.datetime | None:
    return time.replace(tzinfo=None) if time else None


def queried(query: str, table: str, rows: list[dict[str, Any]]) -> dict[Any, Any]:
    found = run(query, {table: rows})
    return {
        (row["Host"], row["Port"], row["Protocol"], row["Verdict"]): (row["Hits"], row["First"], row["Last"])
        for row in found
    }


def line(category: str, row: dict[str, Any]) -> str:
    """A row as diagnostic settings write it."""
    columns = {name: value for name, value in row.items() if name not in ("TimeGenerated", "Category", "ResourceType")}
    columns = {"msg": row["msg_s"]} if "msg_s" in row else {"Rule": "", **columns}
    return made.compact(made.record(category, columns, f"{row['TimeGenerated'].isoformat()}Z"))


@settings(few, max_examples=4)
@given(
    st.none() | profiles(),
    st.lists(applications, min_size=1, max_size=80),
    st.lists(networks, min_size=1, max_size=40),
    st.lists(messages(), min_size=1, max_size=80),
    st.booleans(),
)
def test_a_log_is_explained_alike_by_a_file_and_by_its_table(
    profile: Profile | None,
    names: list[dict[str, Any]],
    addresses: list[dict[str, Any]],
    said: list[dict[str, Any]],
    basic: bool,
) -> None:
    resolution = base.CATALOG.resolve(profile) if profile else None
    answers = answers_of(base.CATALOG, lives=LIVES, resolution=resolution)
    known = {"": resolution} if resolution else None
    attribution = Attribution(base.CATALOG, lives=LIVES, resolutions=known)
    for table, category, rows in (
        ("AZFWApplicationRule", "AZFWApplicationRule", names),
        ("AZFWNetworkRule", "AZFWNetworkRule", addresses),
        ("AzureDiagnostics", "AzureFirewallApplicationRule", said),
    ):
        lines = [line(category, row) for row in rows]
        query = kql_query(table, answers, basic=basic)
        assert queried(query, table, rows) == explained(attribution, lines), table
