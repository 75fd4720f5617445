"""The verdicts of a query are those of ``check``, line for line: run on DuckDB over the same records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.logs.attribution import Attribution
from aks_egress_catalog.logs.kql.query import kql_query
from aks_egress_catalog.logs.kql.rows.answers import Answers, answers_of
from aks_egress_catalog.logs.kql.rules_file import rules_csv
from aks_egress_catalog.model import Application, Kind, Level, Lifecycle, Protocol, Status
from tests import base
from tests.catalog.exports.resolutions import SERVICE_TAGS
from tests.catalog.logs.kql.clusters import ADDRESSES, LIVES, PORTS, as_told, hosts, patterns_of, profiles
from tests.catalog.logs.kql.engine import application, diagnostics, network, run
from tests.factories import catalog as make_catalog
from tests.factories import day, rule

pytestmark = pytest.mark.slow  # each test runs queries on DuckDB, a second or two each

EXACT: Final = {str(verdict) for verdict in Verdict if verdict.is_yes or verdict is Verdict.KNOWN_GAP}
SOURCES: Final[dict[str, dict[str, Any]]] = {
    "in the text": {},
    "external": {"form": "external", "address": "https://example.com/kql-rules.csv"},
    "watchlist": {"form": "watchlist", "address": "aks"},
    "basic": {"basic": True},
}
PATTERNS: Final = patterns_of(base.CATALOG, LIVES)
few = settings(
    derandomize=True,  # the same cases each time: a change, not chance, decides whether it lands
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an example takes a second: shrinking would take minutes
)
endpoints = st.tuples(st.sampled_from(ADDRESSES) | hosts(PATTERNS), st.sampled_from(PORTS))


def assert_same(found: list[dict[str, Any]], attribution: Attribution, *, rules: bool) -> None:
    """Every row says what ``check`` says; ``rules``: its rules are those of ``check`` too."""
    for row in found:
        verdict, ids = as_told(attribution, row["Host"], row["Port"], row["Protocol"])
        assert row["Verdict"] == verdict, row
        if rules and (verdict in EXACT or row["Rules"]):
            assert row["Rules"] == ids, row


def answers(catalog: Catalog, lives: Mapping[str, Life], resolution: Resolution | None) -> tuple[Answers, Attribution]:
    known = {"": resolution} if resolution else None
    return (
        answers_of(catalog, lives=lives, resolution=resolution),
        Attribution(catalog, lives=lives, resolutions=known),
    )


@few
@given(
    profile=st.none() | profiles(),
    asked=st.lists(endpoints, min_size=1, max_size=150),
    source=st.sampled_from(list(SOURCES)),
)
def test_names_and_addresses_of_application_rules(
    profile: Profile | None, asked: list[tuple[str, int]], source: str
) -> None:
    resolution = base.CATALOG.resolve(profile) if profile else None
    made, attribution = answers(base.CATALOG, LIVES, resolution)
    rows = [application(host, port) for host, port in asked]
    query = kql_query("AZFWApplicationRule", made, **SOURCES[source])
    found = run(query, {"AZFWApplicationRule": rows}, file=rules_csv(made))
    assert {(row["Host"], row["Port"]) for row in found} == set(asked)
    assert_same(found, attribution, rules=source != "basic")


@few
@given(
    profile=st.none() | profiles(),
    asked=st.lists(
        st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(PORTS), st.sampled_from(("TCP", "UDP"))), min_size=1
    ),
    tags=st.booleans(),
    allow_any=st.booleans(),
    source=st.sampled_from(list(SOURCES)),
)
def test_addresses_of_network_rules(
    profile: Profile | None, asked: list[tuple[str, int, str]], tags: bool, allow_any: bool, source: str
) -> None:
    resolution = None
    if profile:
        service_tags = (
            SERVICE_TAGS if tags and profile.cloud == "AzureCloud" and profile.region == "westeurope" else None
        )
        resolution = base.CATALOG.resolve(profile, service_tags=service_tags, allow_any=allow_any)
    made, attribution = answers(base.CATALOG, LIVES, resolution)
    rows = [network(*one) for one in asked] + [network("20.0.0.1", None, "ICMP Type=8")]
    found = run(kql_query("AZFWNetworkRule", made, **SOURCES[source]), {"AZFWNetworkRule": rows}, file=rules_csv(made))
    named = [row for row in found if ":" not in row["Host"]]  # ranges of IPv6 are left out: the firewall filters none
    assert_same(named, attribution, rules=source != "basic")


@few
@given(st.none() | profiles(), st.lists(endpoints, min_size=1, max_size=100), st.sampled_from(list(SOURCES)))
def test_messages_of_the_legacy_table(profile: Profile | None, asked: list[tuple[str, int]], source: str) -> None:
    resolution = base.CATALOG.resolve(profile) if profile else None
    made, attribution = answers(base.CATALOG, LIVES, resolution)
    said = [
        f"HTTPS request from 10.0.0.4:50000 to {host}:{port}. Action: Deny. No rule matched" for host, port in asked
    ]
    query = kql_query("AzureDiagnostics", made, **SOURCES[source])
    found = run(query, {"AzureDiagnostics": map(diagnostics, said)}, file=rules_csv(made))
    assert_same([row for row in found if ":" not in row["Host"]], attribution, rules=source != "basic")


# No star touches a placeholder: no page ever had such a pattern, and query and check part over a retired one.
SHAPES: Final = (
    *("a.io", "b.a.io", "*.a.io", "*.b.a.io", "*.{region}.a.io", "{region}.a.io", "x*.a.io", "*a.io", "x-*.b.a.io"),
    *("*.c.{region}.a.io", "*x.a.io", "x-{guid}.{region}.a.io", "westeurope.a.io"),
)
LABELS: Final = st.sampled_from(("b", "c", "x", "x-1", "westeurope", "q"))
made_up_hosts = st.lists(LABELS, max_size=4).map(lambda labels: ".".join((*labels, "a.io")))


@st.composite
def made_up_rules(draw: st.DrawFn) -> Any:
    port = draw(st.sampled_from((443, 80, None)))
    removed = draw(st.sampled_from((False, False, False, True)))
    return rule(
        draw(st.sampled_from(SHAPES)),
        cloud=draw(st.sampled_from(("AzureCloud", "AzureChinaCloud"))),
        feature=draw(st.sampled_from(("core", "gpu", "defender"))),
        level=draw(st.sampled_from((Level.REQUIRED, Level.RECOMMENDED, Level.INFORMATIONAL))),
        port=port,
        protocol=Protocol.TCP if port else None,
        application=Application.HTTPS if port == 443 else None,
        kind=Kind.FQDN,
        lifecycle=Lifecycle(status=Status.REMOVED, since=day("2024-01-02"), commit="c") if removed else Lifecycle(),
    )


@st.composite
def past(draw: st.DrawFn) -> dict[str, Life]:
    names = st.builds(
        lambda cloud, host, port: f"{cloud}/core/{host}:{port}",
        st.sampled_from(("AzureCloud", "AzureChinaCloud")),
        st.sampled_from(SHAPES),
        st.sampled_from(("any", "tcp-443", "tcp-22")),
    )
    gone = st.dates(dt.date(2019, 1, 1), dt.date(2024, 1, 1))
    found = draw(st.dictionaries(names, gone, max_size=6))
    start = day("2018-01-01")
    return {name: Life(first_seen=start, since=start, last_changed=start, gone=left) for name, left in found.items()}


@settings(few, max_examples=12)
@given(
    rules=st.lists(made_up_rules(), max_size=8, unique_by=lambda one: one.id),
    lives=past(),
    profile=st.none() | st.builds(Profile, region=st.just("westeurope"), gpu=st.booleans()),
    asked=st.lists(st.tuples(made_up_hosts, st.sampled_from((443, 80, 22))), min_size=40, max_size=120),
    source=st.sampled_from(("external", "external", "in the text", "basic")),
)
def test_any_catalog_with_patterns_in_each_others_way(
    rules: list[Any], lives: dict[str, Life], profile: Profile | None, asked: list[tuple[str, int]], source: str
) -> None:
    catalog = make_catalog(*rules)
    resolution = catalog.resolve(profile, allow_unknown_region=True) if profile else None
    made, attribution = answers(catalog, lives, resolution)
    rows = [application(host, port) for host, port in asked]
    query = kql_query("AZFWApplicationRule", made, **SOURCES[source])
    found = run(query, {"AZFWApplicationRule": rows}, file=rules_csv(made))
    assert_same(found, attribution, rules=source == "external")


def test_a_handshake_without_a_name_is_for_the_api_server() -> None:
    for profile in (None, Profile(region="westeurope", pods_use_api_server_ip=True)):
        resolution = base.CATALOG.resolve(profile) if profile else None
        made, attribution = answers(base.CATALOG, LIVES, resolution)
        told = attribution.of_api_server("")
        reason = "SNI TLS extension was missing"
        rows = [application("", 443, ActionReason=reason), application("", 443)]
        named, nameless = run(kql_query("AZFWApplicationRule", made), {"AZFWApplicationRule": rows})
        if named["Verdict"] != "invalid":
            named, nameless = nameless, named
        assert (named["Verdict"], named["Host"]) == ("unnamed", "")
        assert (nameless["Verdict"], nameless["Rules"]) == (told.verdict, " ".join(rule.id for rule in told.rules))
        assert "set-kube-service-host-fqdn" in nameless["Reason"]
        assert "allow" in nameless["Reason"]


def test_what_a_port_alone_tells_stands_with_an_address() -> None:
    made, _ = answers(base.CATALOG, LIVES, None)
    rows = [network("20.61.4.9", 1194, "UDP"), network("20.61.4.9", 9000), network("20.61.4.9", 123, "UDP")]
    found = run(kql_query("AZFWNetworkRule", made), {"AZFWNetworkRule": rows})
    assert {(row["Port"], row["Verdict"], row["Reason"].partition("by the port: ")[2][:5]) for row in found} == {
        (1194, "unnamed", "the t"),
        (9000, "unnamed", "the t"),
        (123, "unnamed", "time "),
    }


def test_only_some_verdicts_are_enough_for_a_query_that_asks_for_them() -> None:
    made, _ = answers(base.CATALOG, LIVES, None)
    required = made.only(Verdict.REQUIRED)
    rows = [application("mcr.microsoft.com"), application("security.ubuntu.com", 80)]
    found = run(kql_query("AZFWApplicationRule", required), {"AZFWApplicationRule": rows})
    assert {row["Host"]: row["Verdict"] for row in found} == {
        "mcr.microsoft.com": "required",
        "security.ubuntu.com": "not-listed",
    }
    assert len(replace(required, about="").rows) < len(made.rows)


@pytest.mark.parametrize("table", ["AZFWApplicationRule", "AzureDiagnostics"])
def test_a_real_catalog_needs_no_second_look_at_any_of_its_patterns(table: str) -> None:
    """Each pattern as it is, one host and every port."""
    made, attribution = answers(base.CATALOG, LIVES, None)
    asked = {one.replace("*", "x").replace("{region}", "westeurope").replace("{guid}", "g") for one in PATTERNS}
    rows: list[dict[str, Any]]
    if table == "AzureDiagnostics":
        rows = [
            diagnostics(f"HTTP  request from 10.0.0.4:5 to {host}:80. Action: Deny. No rule matched") for host in asked
        ]
    else:
        rows = [application(host, port) for host in asked for port in PORTS]
    found = run(kql_query(table, made), {table: rows})
    assert len(found) == len(rows)
    assert_same(found, attribution, rules=True)
