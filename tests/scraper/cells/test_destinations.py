"""Destination cells, as a specification: what stands in the page's HTML, and what is read from it.

Destinations are written in their flat form, with the port that they carry and the note beside them:
``set:CustomDNSIP:53 (if so)``.
"""

from __future__ import annotations

import ipaddress
import re
from html import escape
from typing import Final, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import DestinationForm, NamedSet, Protocol
from scraper.cells.destinations import Endpoint, read_destinations
from scraper.findings import Reporter, Severity
from tests.scraper.cells.cell_texts import ANY_TEXT, CYRILLIC_ES, MARKS, brief, rule_with, text_of


class Cell(NamedTuple):
    """What a destination cell states, flat, and what was said about it."""

    destinations: list[str]
    findings: list[str]
    alternatives: bool


def flat(endpoint: Endpoint) -> str:
    port = "" if endpoint.port is None else f":{endpoint.port}"
    return " ".join([f"{endpoint.destination}{port}", *(f"({note})" for note in endpoint.notes)])


def read(html: str, *, network: bool = False, english: bool = True) -> Cell:
    report = Reporter.of("en-us")
    cell = read_destinations(text_of(html), report, network=network, english=english)
    return Cell(list(map(flat, cell.endpoints)), brief(report.findings), cell.alternatives)


# ---------------------------------------------------------------- destinations: the forms of the page


FQDN_CELLS: Final = {
    "plain": ("mcr.microsoft.com", ["mcr.microsoft.com"]),
    "code": ("<code>mcr.microsoft.com</code>", ["mcr.microsoft.com"]),
    "bold code": ("<strong><code>mcr.microsoft.com</code></strong>", ["mcr.microsoft.com"]),
    "recased": ("RAW.githubusercontent.com", ["raw.githubusercontent.com"]),
    "padded": (" \n&nbsp;gcr.io &nbsp; ", ["gcr.io"]),
    "two labels": ("gcr.io", ["gcr.io"]),
    "wildcard": ("<code>*.azk8s.cn</code>", ["*.azk8s.cn"]),
    "star inside a label": ("*auth.docker.io", ["*auth.docker.io"]),
    "star on a registered name": ("*azurecr.io", ["*azurecr.io"]),
    "star at the end of a label": ("umsa*.blob.core.windows.net", ["umsa*.blob.core.windows.net"]),
    "a code span a host": ("<code>gcr.io</code>, <code>k8s.gcr.io</code>", ["gcr.io", "k8s.gcr.io"]),
    "no blank after the comma": ("<code>gcr.io</code>,<code>k8s.gcr.io</code>", ["gcr.io", "k8s.gcr.io"]),
    "a blank before the comma": ("mp.microsoft.com ,go.microsoft.com", ["mp.microsoft.com", "go.microsoft.com"]),
    "one span around a comma list": ("<code>gcr.io, *.cdn.mscr.io</code>", ["gcr.io", "*.cdn.mscr.io"]),
    "semicolon": ("gcr.io; k8s.gcr.io", ["gcr.io", "k8s.gcr.io"]),
    "line breaks": ("gcr.io<br/>k8s.gcr.io<br>vault.azure.net", ["gcr.io", "k8s.gcr.io", "vault.azure.net"]),
    "paragraphs": ("<p>gcr.io</p><p>k8s.gcr.io</p>", ["gcr.io", "k8s.gcr.io"]),
    "bullets": ("<ul><li>gcr.io</li><li>k8s.gcr.io</li></ul>", ["gcr.io", "k8s.gcr.io"]),
    "location": ("*.hcp.&lt;location&gt;.azmk8s.io", ["*.hcp.{region}.azmk8s.io"]),
    "region": ("&lt;region&gt;.dp.example.com", ["{region}.dp.example.com"]),
    "Region": ("&lt;Region&gt;.dp.example.com", ["{region}.dp.example.com"]),
    "cluster-region-name": ("&lt;cluster-region-name&gt;.ingest.example.com", ["{region}.ingest.example.com"]),
    "two placeholders": ("azds-&lt;guid&gt;.&lt;location&gt;.azds.io", ["azds-{guid}.{region}.azds.io"]),
    "placeholders eaten as tags": ("azds-<guid>.<location>.azds.io", ["azds-{guid}.{region}.azds.io"]),
    "placeholder within a word": ("*&lt;region&gt;.azmk8s.io", ["*{region}.azmk8s.io"]),
    "empty span in a host": ("go.<span></span>microsoft.com", ["go.microsoft.com"]),
    "word break in a host": ("go.<wbr>microsoft.com", ["go.microsoft.com"]),
    "comment in a host": ("go.<!-- was: old.example.com -->microsoft.com", ["go.microsoft.com"]),
    "own port": ("ntp.ubuntu.com:123", ["ntp.ubuntu.com:123"]),
    "own ports": ("gcr.io:443, k8s.gcr.io:80", ["gcr.io:443", "k8s.gcr.io:80"]),
    "cloud in a note": ("a.azure.us (Azure Government)", ["a.azure.us (Azure Government)"]),
    "a note a line": ("a.example.us (Fairfax)<br/>gcr.io (two)", ["a.example.us (Fairfax)", "gcr.io (two)"]),
    "note in code": ("gcr.io <code>(only here)</code>", ["gcr.io (only here)"]),
    "note after the port": ("gcr.io:443 (only here)", ["gcr.io:443 (only here)"]),
    "separators within a note": ("gcr.io (one, two or three)", ["gcr.io (one, two or three)"]),
    "two notes": ("gcr.io (one) (two)", ["gcr.io (one) (two)"]),
    "service tag": ("ServiceTag - <code>AzureMonitor</code>", ["tag:AzureMonitor"]),
    "address": ("192.0.2.1", ["cidr:192.0.2.1/32"]),
    "address range": ("192.0.2.0/24, 2001:db8::/32", ["cidr:192.0.2.0/24", "cidr:2001:db8::/32"]),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), FQDN_CELLS.values(), ids=FQDN_CELLS)
def test_a_fqdn_cell_lists_destinations_each_of_which_is_needed(html: str, expected: list[str]) -> None:
    assert read(html) == Cell(expected, [], alternatives=False)


TUNNEL: Final = (
    "<strong><code>*:9</code></strong> <br/> <em>Or</em> <br/>"
    ' <a href="/tags">ServiceTag</a> - <strong><code>AzureCloud.&lt;Region&gt;:9</code></strong>'
    ' <br/> <em>Or</em> <br/> <a href="/cidrs">Regional CIDRs</a> - <strong><code>RegionCIDRs:9</code></strong>'
    " <br/> <em>Or</em> <br/> <strong><code>APIServerPublicIP:9</code></strong> <code>(if so)</code>"
)
ALTERNATIVES: Final = {
    "lines": (TUNNEL, ["*:9", "tag:AzureCloud.{region}:9", "set:RegionCIDRs:9", "set:APIServerPublicIP:9 (if so)"]),
    "running text": ("<code>*:123</code> or <code>gcr.io:123</code> (if so)", ["*:123", "gcr.io:123 (if so)"]),
    "upper case": ("*:123 OR ntp.ubuntu.com:123", ["*:123", "ntp.ubuntu.com:123"]),
    "comma and or": ("*:123, or ntp.ubuntu.com:123", ["*:123", "ntp.ubuntu.com:123"]),
    "three": ("gcr.io or k8s.gcr.io or vault.azure.net", ["gcr.io", "k8s.gcr.io", "vault.azure.net"]),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_what_or_joins_is_alternatives(html: str, expected: list[str]) -> None:
    assert read(html, network=True) == Cell(expected, [], alternatives=True)


@pytest.mark.parametrize(
    "word",
    ["Oder", "O", "または", "또는", "或", "lub", "Oraz", "Nebo"],
)
def test_or_is_known_in_the_languages_of_the_pages_seen(word: str) -> None:
    html = f"<code>*:123</code><br/><em>{word}</em><br/><code>ntp.ubuntu.com:123</code>"
    expected = Cell(["*:123", "ntp.ubuntu.com:123"], [], alternatives=True)
    assert read(html, network=True, english=False) == expected


NETWORK_CELLS: Final = {
    "any": ("<code>*</code>", "*"),
    "any with a port": ("<strong><code>*:9000</code></strong>", "*:9000"),
    "tag with a port": ("ServiceTag - <code>AzureMonitor:443</code>", "tag:AzureMonitor:443"),
    "tag without a port": ("ServiceTag - <code>AzureDevSpaces</code>", "tag:AzureDevSpaces"),
    "tag of a region": ("ServiceTag - AzureCloud.&lt;location&gt;", "tag:AzureCloud.{region}"),
    "region CIDRs": ("RegionCIDRs:22", "set:RegionCIDRs:22"),
    "custom DNS": ("CustomDNSIP:53 <code>(if so)</code>", "set:CustomDNSIP:53 (if so)"),
    "API server": ("APIServerPublicIP:443", "set:APIServerPublicIP:443"),
    "API server until 2020-10": ("<code>APIServerIP:443</code>", "set:APIServerPublicIP:443"),
    "CIDR with a port": ("198.51.100.0/24:443", "cidr:198.51.100.0/24:443"),
    "address with a port": ("198.51.100.7:443", "cidr:198.51.100.7/32:443"),
    "host": ("ntp.ubuntu.com", "ntp.ubuntu.com"),
}


@pytest.mark.parametrize(("html", "expected"), NETWORK_CELLS.values(), ids=NETWORK_CELLS)
def test_a_network_cell_names_any_a_tag_a_set_an_address_or_a_host(html: str, expected: str) -> None:
    assert read(html, network=True) == Cell([expected], [], alternatives=False)


SLIPS: Final = {
    "leading dot": (".data.mcr.microsoft.com", "*.data.mcr.microsoft.com", ["note missing-star"]),
    "blank after the star": ("*. monitoring.azure.com", "*.monitoring.azure.com", ["note split-wildcard"]),
    "blank before a placeholder": ("*. &lt;location&gt;.x.io", "*.{region}.x.io", ["note split-wildcard"]),
    "region without brackets": ("ServiceTag - AzureCloud.Region", "tag:AzureCloud.{region}", ["note bare-placeholder"]),
    "stray code mark": ("APIServer Subnet CIDR`", "set:APIServerSubnetCIDR", ["note stray-code-mark"]),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected", "findings"), SLIPS.values(), ids=SLIPS)
def test_a_slip_of_the_page_is_read_as_meant_with_a_note(html: str, expected: str, findings: list[str]) -> None:
    assert read(html, network=True) == Cell([expected], findings, alternatives=False)


HELD: Final = {
    "unknown placeholder": ("*.&lt;a ring&gt;.example.com", ["*.{a-ring}.example.com"], "hold unknown-placeholder"),
    "unknown placeholder, eaten": ("a.<ring>.example.com", ["a.{ring}.example.com"], "hold unknown-placeholder"),
    "label with a blank": ("Service Tag - AzureMonitor", ["tag:AzureMonitor"], "hold unknown-label"),
    "unknown label": ("NameTag - RegionCIDRs", ["set:RegionCIDRs"], "hold unknown-label"),
    "star past the first label": ("a.*.example.com", ["a.*.example.com"], "hold unusual-wildcard"),
    "internationalized name": ("xn--bcher-kva.example.com", ["xn--bcher-kva.example.com"], "hold international-host"),
    "nothing after the comma": ("gcr.io,", ["gcr.io"], "hold stray-separator"),
    "nothing before the comma": (", gcr.io", ["gcr.io"], "hold stray-separator"),
    "nothing between commas": ("gcr.io,, k8s.gcr.io", ["gcr.io", "k8s.gcr.io"], "hold stray-separator"),
    "nothing after the or": ("gcr.io or", ["gcr.io"], "hold stray-separator"),
    "nothing below the or": ("gcr.io<br/>Or", ["gcr.io"], "hold stray-separator"),
    "nothing before the or": ("Or gcr.io", ["gcr.io"], "hold stray-separator"),
    "comma of another script": ("gcr.io、k8s.gcr.io", ["gcr.io", "k8s.gcr.io"], "hold foreign-separator"),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected", "finding"), HELD.values(), ids=HELD)
def test_what_is_readable_but_unknown_is_held(html: str, expected: list[str], finding: str) -> None:
    assert read(html, network=True) == Cell(expected, [finding], alternatives=False)


TRANSLATED: Final = {
    "full-width comma": ("<code>gcr.io</code>，<code>k8s.gcr.io</code>", ["gcr.io", "k8s.gcr.io"]),
    "ideographic comma": ("<code>gcr.io</code>、<code>k8s.gcr.io</code>", ["gcr.io", "k8s.gcr.io"]),
    "full-width parentheses": ("<code>gcr.io</code>（如果）", ["gcr.io (如果)"]),
    "translated label of a set": ("Regionale CIDRs - RegionCIDRs:22", ["set:RegionCIDRs:22"]),
}


@pytest.mark.parametrize(("html", "expected"), TRANSLATED.values(), ids=TRANSLATED)
def test_a_translated_cell_is_read_without_a_finding(html: str, expected: list[str]) -> None:
    assert read(html, network=True, english=False) == Cell(expected, [], alternatives=False)


# ---------------------------------------------------------------- destinations: what is refused


REFUSED: Final = {
    "nothing": ("", "error empty-cell"),
    "only blanks": ("&nbsp; ", "error empty-cell"),
    "look-alike letter": (f"m{CYRILLIC_ES}r.microsoft.com", "error strange-letter"),
    "full-width letter": ("\uff4dcr.microsoft.com", "error strange-letter"),
    "full-width dot": ("mcr\uff0emicrosoft.com", "error strange-letter"),
    "full-width colon": ("gcr.io\uff1a443", "error strange-letter"),
    "full-width port": ("gcr.io:\uff14\uff14\uff13", "error strange-letter"),
    "long s": ("API\u017ferverIP", "error strange-letter"),
    "zero-width space": ("mcr.&#8203;microsoft.com", "error strange-letter"),
    "zero-width joiner": ("mcr.micro\u200dsoft.com", "error strange-letter"),
    "soft hyphen": ("mcr.micro&shy;soft.com", "error strange-letter"),
    "right-to-left mark": ("\u200fgcr.io", "error strange-letter"),
    "dash for a hyphen": ("acs\u2013mirror.azureedge.net", "error strange-letter"),
    "picture": ('<img src="x.png" alt="gcr.io">', "error strange-letter"),
    "struck-out host": ("<del>gcr.io</del>", "error strange-letter"),
    "hidden part of a host": ("gcr.io<span hidden>.example.com</span>", "error strange-letter"),
    "nested table": ("<table><tr><td>gcr.io</td></tr></table>", "error strange-letter"),
    "single label": ("localhost", "error not-a-host"),
    "empty label": ("mcr..com", "error not-a-host"),
    "trailing dot": ("gcr.io.", "error not-a-host"),
    "two leading dots": ("..data.example.com", "error not-a-host"),
    "blank within": ("mcr.micro soft.com", "error not-a-host"),
    "two hosts and a blank": ("gcr.io k8s.gcr.io", "error not-a-host"),
    "adjacent code spans": ("<code>gcr.io</code><code>k8s.gcr.io</code>", "error not-a-host"),
    "a code mark within a host": ("<code>k8s.</code>gcr.io", "error not-a-host"),
    "underscore": ("my_host.example.com", "error not-a-host"),
    "hyphen first": ("-x.example.com", "error not-a-host"),
    "hyphen last": ("x-.example.com", "error not-a-host"),
    "numeric top level": ("gcr.123", "error not-a-host"),
    "not an address": ("192.0.2.256", "error not-a-host"),
    "host bits in a range": ("192.0.2.1/24", "error not-a-host"),
    "URL": ("https://gcr.io", "error not-a-host"),
    "path": ("gcr.io/images", "error not-a-host"),
    "and for a comma": ("gcr.io and k8s.gcr.io", "error not-a-host"),
    "or in a language not seen": ("gcr.io ali k8s.gcr.io", "error not-a-host"),
    "slash for a comma": ("gcr.io / k8s.gcr.io", "error not-a-host"),
    "ampersand for a comma": ("gcr.io &amp; k8s.gcr.io", "error not-a-host"),
    "words": ("the registry", "error not-a-host"),
    "tag without its label": ("AzureMonitor", "error not-a-host"),
    "label without its tag": ("ServiceTag - ", "error not-a-host"),
    "host after the tag label": ("ServiceTag - data.mcr.microsoft.com", "error not-a-service-tag"),
    "open parenthesis": ("gcr.io (only", "error not-a-host"),
    "note alone": ("(Azure Government)", "error not-a-host"),
    "label too long": (f"{'x' * 64}.example.com", "error not-a-host"),
    "host too long": (f"{'label.' * 42}com", "error not-a-host"),
}


@pytest.mark.parametrize(("html", "finding"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_destination_is_an_error_and_yields_nothing(html: str, finding: str) -> None:
    assert read(html, network=True) == Cell([], [finding], alternatives=False)


BARE: Final = (
    *("*", "*:443", "*.com", "*.cn", "*.io:443", "**.com", "*-*.com", "*.*.com", "*.**.com", "a.*.com"),
    *("&lt;region&gt;.com", "*&lt;region&gt;.com", "*.&lt;region&gt;.com"),
)


@pytest.mark.parametrize("host", BARE)
def test_a_host_that_takes_in_a_top_level_domain_is_refused(host: str) -> None:
    assert read(host) == Cell([], ["error not-a-host"], alternatives=False)


def test_a_dot_before_a_top_level_domain_does_not_become_its_wildcard() -> None:
    assert read(".com") == Cell([], ["note missing-star", "error not-a-host"], alternatives=False)


def test_one_unreadable_host_costs_no_other_and_is_told() -> None:
    assert read("gcr.io, no host, k8s.gcr.io") == Cell(
        ["gcr.io", "k8s.gcr.io"], ["error not-a-host"], alternatives=False
    )


@pytest.mark.parametrize(
    "html", ["gcr.io or k8s.gcr.io, vault.azure.net", "gcr.io<br/>k8s.gcr.io<br/>or<br/>vault.azure.net"]
)
def test_or_mixed_with_commas_or_lines_is_an_error(html: str) -> None:
    assert read(html).findings == ["error mixed-list"]


@pytest.mark.parametrize("port", ["0", "65536", "0443", "1" * 5000], ids=lambda port: f"{port[:5]}")
def test_an_own_port_out_of_range_is_an_error(port: str) -> None:
    assert read(f"gcr.io:{port}").findings == ["error not-a-port"]


# ---------------------------------------------------------------- what once went wrong


def test_an_unknown_placeholder_in_braces_is_held() -> None:
    assert read("*.{ring}.example.com").findings == ["hold unknown-placeholder"]


# ---------------------------------------------------------------- whatever is written in a known style is read back


WORD: Final = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=6)
LABEL: Final = st.builds("-".join, st.lists(WORD, min_size=1, max_size=2)).filter(lambda label: label[2:4] != "--")
FIRST: Final = st.one_of(LABEL, st.just("*"), LABEL.map("*{}".format), LABEL.map("{}-*".format), st.just("{region}"))
INNER: Final = st.one_of(LABEL, st.just("{region}"), LABEL.map("{}-{{guid}}".format))
HOST: Final = st.builds(
    lambda first, inner, *last: ".".join([first, *inner, *last]),
    FIRST,
    st.lists(INNER, max_size=2),
    LABEL,
    st.sampled_from(["com", "io", "net", "us", "cn", "microsoft"]),
)
TAG: Final = st.builds(
    "tag:Azure{}{}".format, st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True), st.sampled_from(["", ".{region}"])
)
SET: Final = st.sampled_from([f"set:{name}" for name in NamedSet])
NETWORK: Final = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)
CIDR: Final = NETWORK.map("cidr:{}".format)
NOTE: Final = st.builds(
    " ".join,
    st.lists(st.sampled_from(["if", "or", "Azure", "DNS,", "21Vianet", "a/b", "10.2"]), min_size=1, max_size=4),
)
PORT: Final = st.integers(1, 65535)
SPELLINGS: Final = {
    "{region}": ["&lt;location&gt;", "&lt;region&gt;", "&lt;Region&gt;", "&lt;cluster-region-name&gt;", "<location>"],
    "{guid}": ["&lt;guid&gt;", "<guid>"],
}
LISTS: Final = st.sampled_from([", ", ",", " ,", "<br/>", " <br> ", "; "])
ORS: Final = st.sampled_from([" or ", " <em>or</em> ", " <br/> <em>Or</em> <br/> ", "<br>Or<br>", " OR "])
LABELS: Final = {
    "tag": ["ServiceTag - ", '<a href="#t">ServiceTag</a> - '],
    "set": ["", '<a href="#c">Regional CIDRs</a> - '],
}


def spell(draw: st.DrawFn, value: str) -> str:
    """Write a value as the page does, its placeholders in any of their spellings."""
    for placeholder, spellings in SPELLINGS.items():
        value = value.replace(placeholder, draw(st.sampled_from(spellings)))
    return value


def write(draw: st.DrawFn, destination: str, port: int | None, note: str) -> str:
    """Write one endpoint as HTML in a known style."""
    form, _, value = (
        destination.rpartition(":") if destination.startswith(("tag:", "set:", "cidr:")) else ("", "", destination)
    )
    label = draw(st.sampled_from(LABELS.get(form, [""])))
    carried = "" if port is None else f":{port}"
    beside = draw(st.sampled_from([" ({})", "({})", " <code>({})</code>"])).format(note) if note else ""
    return label + draw(MARKS).format(spell(draw, value) + carried) + beside


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, Cell]:
    """A network cell in the page's styles, and what it means."""
    value = st.one_of(HOST, TAG, SET, CIDR, st.just("*"))
    one = st.tuples(value, st.none() | PORT, st.just("") | NOTE)
    endpoints = draw(st.lists(one, min_size=1, max_size=4))
    alternatives = len(endpoints) > 1 and draw(st.booleans())
    html = draw(ORS if alternatives else LISTS).join(write(draw, *endpoint) for endpoint in endpoints)
    means = [f"{value}{'' if port is None else f':{port}'}{note and f' ({note})'}" for value, port, note in endpoints]
    return html, Cell(means, [], alternatives)


@st.composite
def one_span_cells(draw: st.DrawFn) -> tuple[str, Cell]:
    """A FQDN cell with one code span around its comma list, and what it means."""
    hosts = draw(st.lists(HOST, min_size=1, max_size=4))
    html = draw(st.sampled_from([", ", ",", " ,"])).join(spell(draw, host) for host in hosts)
    return f"<strong><code>{html}</code></strong>", Cell(hosts, [], alternatives=False)


@settings(max_examples=150, deadline=None)
@given(cells())
def test_a_network_cell_in_any_known_style_is_read_back(cell: tuple[str, Cell]) -> None:
    html, expected = cell
    assert read(html, network=True) == expected


@settings(max_examples=60, deadline=None)
@given(one_span_cells())
def test_a_comma_list_in_one_code_span_is_read_back(cell: tuple[str, Cell]) -> None:
    html, expected = cell
    assert read(html) == expected


@settings(max_examples=60, deadline=None)
@given(HOST)
def test_a_host_is_read_from_its_own_flat_form(host: str) -> None:
    assert read(escape(host)) == Cell([host], [], alternatives=False)


# ---------------------------------------------------------------- whatever is written, nothing wrong comes out


@settings(max_examples=300, deadline=None)
@given(text=ANY_TEXT, network=st.booleans(), english=st.booleans())
@example(text="*.", network=False, english=True)
@example(text="\x00(,)", network=True, english=True)
def test_any_text_gives_destinations_that_the_model_accepts_or_an_error(
    *, text: str, network: bool, english: bool
) -> None:
    report = Reporter.of("en-us")
    cell = read_destinations(text, report, network=network, english=english)
    for endpoint in cell.endpoints:
        rule_with(endpoint.destination, Protocol.TCP, endpoint.port or 443)
    assert cell.endpoints or any(finding.severity is Severity.ERROR for finding in report.findings)


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_whatever_goes_in_a_host_is_ascii_and_no_bare_wildcard(text: str) -> None:
    cell = read_destinations(text, Reporter.of("en-us"), network=False)
    for endpoint in cell.endpoints:
        value = endpoint.destination.value
        assert endpoint.destination.form is not DestinationForm.ANY
        assert value.isascii()
        assert value.isprintable()
        if endpoint.destination.form is DestinationForm.FQDN:
            assert value == value.lower()
            below_the_top = value.rpartition(".")[0]
            assert re.search("[a-z0-9]", re.sub(r"\{[^}]*\}", "", below_the_top))
