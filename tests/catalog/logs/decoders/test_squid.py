# ruff: noqa: E501  - lines of logs are as long as they are
"""Squid's access.log in its native format, and in the two of web servers."""

from __future__ import annotations

import pytest

from aks_egress_catalog.logs.flow import Flow, Outcome
from tests.catalog.logs.decoding import at, flow, other_kind

STAMP = "1795875240.812"


def native(result: str, request: str) -> Flow:
    return flow("squid", f"{STAMP}      6 10.0.0.4 {result} 3451 {request} - HIER_NONE/- text/html")


def test_denied_tunnel() -> None:
    assert native("TCP_DENIED/403", "CONNECT MCR.microsoft.com:443") == Flow(
        Outcome.DENIED,
        "mcr.microsoft.com",
        443,
        "TCP",
        at("2026-11-28T14:14:00.812"),
        "10.0.0.4",
        reason="TCP_DENIED/403",
    )


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("TCP_DENIED/403", Outcome.DENIED),
        ("TCP_DENIED_REPLY/403", Outcome.DENIED),
        ("TCP_DENIED_ABORTED/403", Outcome.DENIED),
        ("TCP_DENIED/302", Outcome.DENIED),
        ("NONE_NONE/403", Outcome.DENIED),
        ("TCP_DENIED/407", Outcome.OTHER),
        ("TCP_DENIED/401", Outcome.OTHER),
        ("TCP_TUNNEL/200", Outcome.ALLOWED),
        ("TCP_MISS/403", Outcome.ALLOWED),
        ("NONE_NONE/500", Outcome.ALLOWED),
        ("TCP_MISS_ABORTED/000", Outcome.ALLOWED),
    ],
)
def test_results(result: str, outcome: Outcome) -> None:
    assert native(result, "CONNECT a.example:443").outcome is outcome


@pytest.mark.parametrize(
    ("request_", "host", "port"),
    [
        ("GET http://A.example/x?sig=secret", "a.example", 80),
        ("GET http://me:secret@a.example:8080/", "a.example", 8080),
        ("GET https://a.example?sig=secret", "a.example", 443),
        ("CONNECT [2001:db8::1]:8443", "2001:db8::1", 8443),
        ("CONNECT a.example", "a.example", 443),
        ("CONNECT 192.0.2.9:443", "192.0.2.9", 443),
    ],
)
def test_urls_are_cut_at_the_host(request_: str, host: str, port: int) -> None:
    one = native("TCP_DENIED/403", request_)
    assert (one.host, one.port) == (host, port)
    assert "secret" not in repr(one)


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.4 - - [28/Nov/2026:15:14:00 +0100] "CONNECT a.example:443 HTTP/1.1" 403 3451 TCP_DENIED:HIER_NONE',
        '10.0.0.4 - me [28/Nov/2026:14:14:00 +0000] "CONNECT a.example:443 HTTP/1.1" 403 3451 "-" "curl/8 \\"x\\"" TCP_DENIED:HIER_NONE',
        "Nov 28 14:14:00 proxy squid[7]: 1795875240.000 6 10.0.0.4 TCP_DENIED/403 3451 CONNECT a.example:443 - HIER_NONE/- -",
    ],
)
def test_common_combined_and_syslog(line: str) -> None:
    one = flow("squid", line)
    assert (one.outcome, one.host, one.port, one.source) == (Outcome.DENIED, "a.example", 443, "10.0.0.4")
    assert one.time == at("2026-11-28T14:14:00")


@pytest.mark.parametrize("url", ["error:invalid-request", "cache_object://localhost/info", "/squid-internal-mgr/info"])
def test_lines_without_a_host_are_of_another_kind(url: str) -> None:
    line = f"{STAMP} 6 10.0.0.4 NONE_NONE/400 3451 GET {url} - HIER_NONE/- text/html"
    assert other_kind("squid", line) == "no request to a host"


@pytest.mark.parametrize(
    "line",
    [
        "1795162440.000    104 10.0.0.4 58938 TCP_DENIED/403 904 123 364 CONNECT a.example:443 1.1 - HIER_NONE/- -",
        "2026-11-20T08:14:00Z 6 10.0.0.4 TCP_DENIED/403 3451 CONNECT a.example:443 - HIER_NONE/- text/html",
        "20/Nov/2026:09:14:00 +0100 6 10.0.0.4 TCP_DENIED/403 3451 CONNECT a.example:443 - HIER_NONE/- text/html",
        '10.0.0.4 - - [20/Nov/2026:09:14:00 +0100] "CONNECT a.example:443 HTTP/1.1" 403 9 "-" "c" TCP_DENIED/HIER_NONE',
    ],
)
def test_formats_of_ones_own(line: str) -> None:
    one = flow("squid", line)
    assert (one.outcome, one.host, one.port, one.source) == (Outcome.DENIED, "a.example", 443, "10.0.0.4")
    assert one.time == at("2026-11-20T08:14:00")


@pytest.mark.parametrize("host", ["[2001:db8::1]:443", "2001:db8::1:443"])
def test_addresses_of_ipv6_keep_their_port(host: str) -> None:
    one = flow("squid", f"1795875240.812 6 10.0.0.4 TCP_DENIED/403 9 CONNECT {host} - HIER_NONE/- -")
    assert (one.host, one.port) == ("2001:db8::1", 443)
