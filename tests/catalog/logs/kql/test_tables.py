"""What a query takes from each table: hosts as ``explain`` reads them, and the denials that an allow list decided."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, Final

import pytest

from aks_egress_catalog.logs.kql.query import kql_query
from aks_egress_catalog.logs.kql.rows.answers import answers_of
from tests import base
from tests.catalog.logs.kql.clusters import LIVES
from tests.catalog.logs.kql.engine import NOON, application, diagnostics, network, run

pytestmark = pytest.mark.slow  # each test runs queries on DuckDB, a second or two each

EVERYBODY: Final = answers_of(base.CATALOG, lives=LIVES)


def found(table: str, *rows: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    rows_found = run(kql_query(table, EVERYBODY, **options), {table: rows})
    return sorted((row["Host"], row["Port"], row["Protocol"], row["Hits"], row["Verdict"]) for row in rows_found)


MCR: Final = ("mcr.microsoft.com", 443, "TCP", 1, "required")


def test_a_name_is_read_whatever_its_form() -> None:
    forms = (
        "mcr.microsoft.com",
        "MCR.Microsoft.COM",
        "mcr.microsoft.com.",
        "mcr.microsoft.com:443",
        " mcr.microsoft.com.:443",
    )
    assert found("AZFWApplicationRule", *map(application, forms)) == [(*MCR[:3], len(forms), MCR[4])]


def test_rows_of_one_endpoint_are_one_with_its_sums() -> None:
    minutes = (0, 7, 3)
    rows = [
        application("mcr.microsoft.com", SourceIp=f"10.0.0.{minute}", TimeGenerated=NOON + dt.timedelta(minutes=minute))
        for minute in minutes
    ]
    (row,) = run(kql_query("AZFWApplicationRule", EVERYBODY), {"AZFWApplicationRule": [*rows, rows[0]]})
    assert (row["Hits"], row["First"], row["Last"]) == (4, NOON, NOON + dt.timedelta(minutes=7))
    assert row["SourceCount"] == 3
    assert all(f"10.0.0.{minute}" in str(row["Sources"]) for minute in minutes)
    assert row["Features"] == "cluster-extensions core"


def test_most_hits_come_first() -> None:
    rows = [application("a.example"), application("b.example"), application("b.example")]
    assert [row["Host"] for row in run(kql_query("AZFWApplicationRule", EVERYBODY), {"AZFWApplicationRule": rows})] == [
        "b.example",
        "a.example",
    ]


@pytest.mark.parametrize("basic", [False, True])
def test_only_what_an_allow_list_denied_counts(basic: bool) -> None:
    others: tuple[dict[str, Any], ...] = (
        {"Action": "Allow"},
        {"Action": "Alert"},
        *({"ActionReason": reason} for reason in ("Failed to resolve address", "Threat Intel", "TLS handshake failed")),
        {"ActionReason": "IDPS signature"},
    )
    rows = [application("mcr.microsoft.com", **other) for other in others]
    assert found("AZFWApplicationRule", *rows, application("mcr.microsoft.com", Action="DENY"), basic=basic) == [MCR]
    refused = [network("20.0.0.1", 443, **other) for other in others]
    assert found("AZFWNetworkRule", *refused, basic=basic) == []


def test_a_web_request_without_a_host_is_named_by_its_address() -> None:
    row = application("", 80, TargetUrl="http://user@security.ubuntu.com/ubuntu?x=1", Protocol="HTTP")
    assert found("AZFWApplicationRule", row) == [("security.ubuntu.com", 80, "TCP", 1, "recommended")]


def test_a_protocol_without_ports_is_an_address_all_the_same() -> None:
    rows = [network("20.0.0.1", None, "ICMP Type=8"), network("20.0.0.1", 123, "udp")]
    assert [row[:4] for row in found("AZFWNetworkRule", *rows)] == [("20.0.0.1", 0, "", 1), ("20.0.0.1", 123, "UDP", 1)]


FROM: Final = "request from 10.240.0.7:51012"
TO_MCR: Final = f"{FROM} to mcr.microsoft.com:443"
RULE: Final = "Policy: p. Rule Collection Group: g. Rule Collection: c. Rule: r"


SHAPES: Final = (
    (f"HTTPS {TO_MCR}. Action: Deny. {RULE}", MCR),
    (f"HTTPS {TO_MCR}. Action: Deny. Rule Collection: c. Rule: dns-tls", MCR),
    (f"HTTPS {TO_MCR}. Action: Deny. No rule matched. Proceeding with default action", MCR),
    (f"HTTPS {TO_MCR}. Url: mcr.microsoft.com/v2/. Action: Deny. {RULE} Web Category: x", MCR),
    (f"HTTPS {TO_MCR}. Url: a.b/c. Action: Deny. No rule matched. Proceeding with default action", MCR),
    (
        f"HTTP  {FROM} to security.ubuntu.com:80. Action: Deny. No rule matched.",
        ("security.ubuntu.com", 80, "TCP", 1, "recommended"),
    ),
    (f"HTTPS {FROM}. Action: Deny. Reason: SNI TLS extension was missing.", ("", 0, "TCP", 1, "required-if")),
    (f"UDP {FROM} to 91.189.91.157:123. Action: Deny. ", ("91.189.91.157", 123, "UDP", 1, "unnamed")),
    (f"TCP {FROM} to 20.0.0.1:77. Action: Deny. {RULE}", ("20.0.0.1", 77, "TCP", 1, "not-listed")),
    ("ICMP Type=8 request from 10.0.0.4 to 20.0.0.1. Action: Deny. ", ("20.0.0.1", 0, "", 1, "unnamed")),
    (f"HTTPS {TO_MCR}. Action: Allow. {RULE}", None),
    (f"HTTPS {TO_MCR}. Action: Deny. Failed to resolve address", None),
    (f"HTTPS {TO_MCR}. Action: Deny. ThreatIntel: Bot Networks", None),
    (f"TCP {FROM} to 20.0.0.1:443. Action: Deny. Signature: 2024897. IDS: x. Priority: 1", None),
    (f"HTTPS {TO_MCR}. Action: Deny. Reason: TLS handshake failed.", None),
    (f"TCP {FROM} to 20.0.0.1:443 was DNAT'ed to 10.0.0.4:443", None),
    ("DNS Request: 10.0.0.4:5 - 7 A IN mcr.microsoft.com. udp 45 false 512 NOERROR qr 100 0.01s", None),
)
"""What the firewall said, and what comes of it: ``None`` where no allow list denied anything."""


@pytest.mark.parametrize("basic", [False, True])
def test_every_shape_of_the_legacy_message(basic: bool) -> None:
    expected = Counter[tuple[Any, ...]]()
    for _, row in SHAPES:
        if row:
            expected[row[:3]] += 1
    verdicts = {row[:3]: row[4] for _, row in SHAPES if row}
    rows = [diagnostics(message) for message, _ in SHAPES]
    assert found("AzureDiagnostics", *rows, basic=basic) == sorted(
        (*key, hits, verdicts[key]) for key, hits in expected.items()
    )


def test_sources_of_the_legacy_message_have_no_port() -> None:
    said = f"HTTPS {TO_MCR}. Action: Deny. No rule matched."
    (row,) = run(kql_query("AzureDiagnostics", EVERYBODY), {"AzureDiagnostics": [diagnostics(said)]})
    assert "10.240.0.7" in str(row["Sources"])
    assert "51012" not in str(row["Sources"])
