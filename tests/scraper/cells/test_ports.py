"""Port and protocol cells, as a specification: what stands in the page's HTML, and what is read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Application, Destination, DestinationForm, Protocol
from scraper.cells.ports import PortSpec, read_ports, read_protocols
from scraper.findings import Reporter, Severity
from tests.scraper.cells.cell_texts import ANY_TEXT, MARKS, brief, rule_with, text_of


def flat_spec(spec: PortSpec) -> str:
    return f"{spec.application or spec.protocol or '?'}:{spec.port}"


def ports(html: str) -> tuple[list[str], list[str]]:
    report = Reporter.of("en-us")
    specs = read_ports(text_of(html), report)
    assert all(spec.protocol is Protocol.TCP for spec in specs if spec.application)
    return [flat_spec(spec) for spec in specs], brief(report.findings)


def protocols(html: str) -> tuple[list[str], list[str]]:
    report = Reporter.of("en-us")
    return list(map(str, read_protocols(text_of(html), report))), brief(report.findings)


# ---------------------------------------------------------------- ports


PORTS: Final = {
    "bare": ("443", ["?:443"]),
    "HTTPS": ("HTTPS:443", ["HTTPS:443"]),
    "HTTP": ("HTTP:80", ["HTTP:80"]),
    "HTTP on 443 stays HTTP": ("HTTP:443", ["HTTP:443"]),
    "in code": ("<strong><code>HTTPS:443</code></strong>", ["HTTPS:443"]),
    "lower case": ("https:443", ["HTTPS:443"]),
    "TCP": ("TCP:1688", ["TCP:1688"]),
    "UDP": ("UDP:123", ["UDP:123"]),
    "and": ("443 and 4443", ["?:443", "?:4443"]),
    "list": ("HTTPS:443, TCP:22, UDP:1194", ["HTTPS:443", "TCP:22", "UDP:1194"]),
    "lines": ("HTTPS:443<br/>HTTP:80", ["HTTPS:443", "HTTP:80"]),
    "semicolon": ("HTTPS:443; HTTP:80", ["HTTPS:443", "HTTP:80"]),
    "ideographic comma": ("HTTPS:443、HTTP:80", ["HTTPS:443", "HTTP:80"]),
    "transport is inherited, application is not": ("HTTPS:443,22,9000", ["HTTPS:443", "TCP:22", "TCP:9000"]),
    "UDP is inherited": ("UDP:53, 123", ["UDP:53", "UDP:123"]),
    "nothing to inherit": ("53, UDP:123, 124", ["?:53", "UDP:123", "UDP:124"]),
    "highest": ("65535", ["?:65535"]),
    "lowest": ("TCP:1", ["TCP:1"]),
}


@pytest.mark.parametrize(("html", "expected"), PORTS.values(), ids=PORTS)
def test_a_port_cell_lists_ports_with_transport_and_application(html: str, expected: list[str]) -> None:
    assert ports(html) == (expected, [])


@pytest.mark.parametrize(("html", "expected"), [("HTTPS: 443", "HTTPS:443"), ("HTTP : 80", "HTTP:80")])
def test_a_blank_beside_the_colon_is_read_as_meant_with_a_note(html: str, expected: str) -> None:
    assert ports(html) == ([expected], ["note spaced-port"])


NO_PORTS: Final = {
    "nothing": ("", "error empty-cell"),
    "word": ("any", "error not-a-port"),
    "star": ("*", "error not-a-port"),
    "zero": ("0", "error not-a-port"),
    "leading zero": ("0443", "error not-a-port"),
    "one too many": ("65536", "error not-a-port"),
    "huge": ("1" * 5000, "error not-a-port"),
    "negative": ("-443", "error not-a-port"),
    "thousands separator of German": ("1.194", "error not-a-port"),
    "thousands separator of English": ("1,194", "error not-a-port"),
    "thousands separator of French": ("1 194", "error not-a-port"),
    "thousands separator after a prefix": ("UDP:1,194", "error not-a-port"),
    "range": ("30000-32767", "error port-range"),
    "range with a dash": ("30000 \u2013 32767", "error port-range"),
    "range in words": ("30000 to 32767", "error port-range"),
    "full-width colon": ("HTTPS\uff1a443", "error not-a-port"),
    "full-width digits": ("\uff14\uff14\uff13", "error not-a-port"),
    "zero-width space": ("4&#8203;43", "error not-a-port"),
    "unknown prefix": ("QUIC:443", "error unknown-protocol"),
    "prefix without a port": ("HTTPS", "error not-a-port"),
    "prefix and a blank": ("TCP 443", "error not-a-port"),
    "slash": ("443/TCP", "error not-a-port"),
    "or": ("443 or 80", "error not-a-port"),
    "note": ("443 (optional)", "error not-a-port"),
    "picture": ('<img src="443.png">', "error not-a-port"),
}


@pytest.mark.parametrize(("html", "finding"), NO_PORTS.values(), ids=NO_PORTS)
def test_what_is_no_port_is_an_error_and_yields_nothing(html: str, finding: str) -> None:
    assert ports(html) == ([], [finding])


@pytest.mark.parametrize("html", ["443,", ",443", "443 and"])
def test_a_lost_port_is_an_error(html: str) -> None:
    assert ports(html) == (["?:443"], ["error empty-cell"])


# ---------------------------------------------------------------- protocols


PROTOCOLS: Final = {
    "TCP": ("TCP", ["TCP"]),
    "UDP in code": ("<code>UDP</code>", ["UDP"]),
    "lower case": ("tcp", ["TCP"]),
    "and": ("TCP and UDP", ["TCP", "UDP"]),
}


@pytest.mark.parametrize(("html", "expected"), PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_protocol_cell_names_transports(html: str, expected: list[str]) -> None:
    assert protocols(html) == (expected, [])


@pytest.mark.parametrize(
    "html",
    [
        "",
        "Any",
        "IP",
        "ICMP",
        "HTTPS",
        "TCP UDP",
        "TCP/UDP",
        "TCP, UDP",
        "TCP<br/>UDP",
        "TCP (x)",
        "\u0422CP",
        "T&#8203;CP",
        "HTTP\u017f",
    ],
)
def test_what_is_no_protocol_is_an_error(html: str) -> None:
    assert protocols(html) == ([], ["error unknown-protocol"])


# ---------------------------------------------------------------- whatever is written

PORT: Final = st.integers(1, 65535)
PREFIXES: Final = {
    "HTTPS:": (Protocol.TCP, Application.HTTPS),
    "HTTP:": (Protocol.TCP, Application.HTTP),
    "TCP:": (Protocol.TCP, None),
    "UDP:": (Protocol.UDP, None),
    "": (None, None),
}


@settings(max_examples=100, deadline=None)
@given(
    stated=st.lists(st.tuples(st.sampled_from(list(PREFIXES)), PORT), min_size=1, max_size=4),
    joiner=st.sampled_from([", ", " and ", "<br/>", " , ", "; ", "、"]),
    mark=MARKS,
)
def test_a_port_cell_in_any_known_style_is_read_back(stated: list[tuple[str, int]], joiner: str, mark: str) -> None:
    expected: list[PortSpec] = []
    for prefix, port in stated:
        protocol, application = PREFIXES[prefix]
        inherited = expected[-1].protocol if expected else None
        expected.append(PortSpec(port, protocol or inherited, application))
    report = Reporter.of("en-us")
    html = joiner.join(mark.format(f"{prefix}{port}") for prefix, port in stated)
    assert (read_ports(text_of(html), report), report.findings) == (tuple(expected), [])


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_gives_ports_that_the_model_accepts_or_an_error(text: str) -> None:
    report = Reporter.of("en-us")
    specs = read_ports(text, report)
    anywhere = Destination(form=DestinationForm.ANY, value="*")
    for spec in specs:
        rule_with(anywhere, spec.protocol or Protocol.TCP, spec.port)
        assert spec.protocol is Protocol.TCP or not spec.application
    assert specs or any(finding.severity is Severity.ERROR for finding in report.findings)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_text_gives_protocols_or_an_error(text: str) -> None:
    report = Reporter.of("en-us")
    specs = read_protocols(text, report)
    assert specs or report.findings


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT, st.sampled_from([read_ports, read_protocols]))
def test_reading_twice_says_the_same_twice(text: str, read_cell: Callable[[str, Reporter], object]) -> None:
    one, other = Reporter.of("en-us"), Reporter.of("en-us")
    assert (read_cell(text, one), one.findings) == (read_cell(text, other), other.findings)
