from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.hosts.endpoint import EndpointError, normalize_host, parse_endpoint
from aks_egress_catalog.hosts.patterns import covers, pattern_regex
from aks_egress_catalog.model import DestinationForm
from tests import base

CATALOG = base.CATALOG


MCR, BLOB, MONITOR = "data.mcr.microsoft.com", "blob.storage.azure.net", "handler.control.monitor.azure.com"


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("mcr.azure.cn", ["mcr.azure.cn"], ["evilmcr.azure.cn", "mcr.azure.cn.evil.example", "azure.cn"]),
        (f"*.{MCR}", [f"a.{MCR}", f"a.b.{MCR}"], [MCR, f"x{MCR}"]),
        (f"md-*.{BLOB}", [f"md-a1.{BLOB}"], [f"md-.{BLOB}", f"md-a.b.{BLOB}", f"xmd-a.{BLOB}"]),
        ("{region}." + MONITOR, [f"eastus.{MONITOR}"], [f"a.b.{MONITOR}", MONITOR]),
        ("*.hcp.{region}.azmk8s.io", ["x.y.hcp.eastus.azmk8s.io"], ["hcp.eastus.azmk8s.io", "x.hcp.a.b.azmk8s.io"]),
        ("*auth.docker.io", ["xauth.docker.io"], ["auth.docker.io", "a.xauth.docker.io"]),
        ("azds-{guid}.{region}.azds.io", ["azds-1.eastus.azds.io"], ["azds-.eastus.azds.io", "azds-1.azds.io"]),
    ],
)
def test_wildcards_mean_what_the_module_says(pattern: str, inside: list[str], outside: list[str]) -> None:
    regex = pattern_regex(pattern)
    assert [host for host in inside if not regex.match(host)] == []
    assert [host for host in outside if regex.match(host)] == []


def test_a_host_is_matched_as_dns_would() -> None:
    assert CATALOG.match("MCR.Microsoft.com.", 443) == CATALOG.match("mcr.microsoft.com", 443)
    assert normalize_host("bücher.example") == "xn--bcher-kva.example"


def test_port_and_protocol_must_be_those_of_the_rule() -> None:
    assert CATALOG.match("mcr.microsoft.com", 443)
    assert not CATALOG.match("mcr.microsoft.com", 80)
    assert not CATALOG.match("mcr.microsoft.com", 443, "UDP")
    assert [rule.cloud for rule in CATALOG.match("ntp.ubuntu.com", 123, "UDP")] == [
        "AzureChinaCloud",
        "AzureCloud",
        "AzureUSGovernment",
    ]


def test_a_rule_without_a_port_covers_its_host_on_every_port() -> None:
    (rule,) = CATALOG.match("md-abc.blob.storage.azure.net", 8443)
    assert rule.level == "informational"


@pytest.mark.parametrize("host", ["", "a b", "*.x.com", "-a.com", "a..b", "http://x.com", "x" * 64 + ".com"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(EndpointError):
        CATALOG.match(host, 443)


@pytest.mark.parametrize(("port", "protocol"), [(0, "TCP"), (65536, "TCP"), (443, "ICMP")])
def test_what_is_no_port_or_protocol_is_refused(port: int, protocol: str) -> None:
    with pytest.raises(EndpointError):
        CATALOG.match("mcr.microsoft.com", port, protocol)


def by_regex(host: str, port: int, protocol: str) -> list[str]:
    """The slow way: every host pattern of every rule in turn."""
    return sorted(
        {
            rule.id
            for rule in CATALOG.rules
            for destination in rule.destinations
            if destination.form is DestinationForm.FQDN
            and (rule.port is None or (rule.port, rule.protocol) == (port, protocol))
            and re.match(pattern_regex(destination.value), host)
        }
    )


def hosts() -> Iterator[str]:
    for rule in CATALOG.rules:
        for destination in rule.destinations:
            if destination.form is DestinationForm.FQDN:
                yield destination.value.replace("*", "a1").replace("{region}", "westeurope")


@given(
    st.sampled_from(sorted(set(hosts()))),
    st.sampled_from(["", "x.", "evil", "x.y."]),
    st.sampled_from([443, 80, 123]),
    st.sampled_from(["TCP", "UDP"]),
)
def test_the_index_answers_as_a_loop_over_all_patterns_does(host: str, prefix: str, port: int, protocol: str) -> None:
    asked = prefix + host
    assert [rule.id for rule in CATALOG.match(asked, port, protocol)] == by_regex(asked, port, protocol)


def test_a_range_covers_its_addresses_and_a_star_everything() -> None:
    assert covers("192.0.2.0/24", "192.0.2.255")
    assert not covers("192.0.2.0/24", "192.0.3.1")
    assert not covers("192.0.2.0/24", "mcr.microsoft.com")
    assert covers("*", "192.0.2.1")
    assert covers("2001:db8::/32", "2001:db8::1")


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("mcr.microsoft.com", "mcr.microsoft.com"),
        ("ntp.ubuntu.com/udp", "ntp.ubuntu.com/UDP"),
        ("mcr.microsoft.com:80", "mcr.microsoft.com:80/TCP"),
        ("ntp.ubuntu.com:123/udp", "ntp.ubuntu.com:123/UDP"),
        ("192.0.2.1:9000", "192.0.2.1:9000/TCP"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443/TCP"),
        ("2001:db8::1", "2001:db8::1"),
        ("https://mcr.microsoft.com/v2/?a=b:1", "mcr.microsoft.com:443/TCP"),
        ("HTTP://mcr.microsoft.com#x", "mcr.microsoft.com:80/TCP"),
        ("https://mcr.microsoft.com:8443/v2/", "mcr.microsoft.com:8443/TCP"),
        ("mcr.microsoft.com:0000443", "mcr.microsoft.com:443/TCP"),
    ],
)
def test_an_endpoint_is_read_as_it_stands_in_a_log(text: str, endpoint: str) -> None:
    assert str(parse_endpoint(text)) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":443",
        "x.com:http",
        "x.com:443/icmp",
        "x.com:٤٤٣",
        "x.com:" + "4" * 5000,
        "x.com:0",
        "https://",
        "ftp://x.com",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(EndpointError):
        parse_endpoint(text)
