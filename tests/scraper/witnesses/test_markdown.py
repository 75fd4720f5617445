"""The Markdown form is read to facts, and what cannot be read is reported, never guessed."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.findings import Severity
from scraper.row_facts import Fact
from scraper.witnesses.markdown import Witness, read_markdown

CORPUS = Path(__file__).parents[4] / "shared" / "pages" / "en-us"
SOURCES = sorted(CORPUS.glob("*/*.md"))
ANY_TEXT = st.text(st.characters())  # surrogates included


def read_row(header: str, *cells: str) -> Witness:
    """Read a page with one table of one row, under the heading "Rules"."""
    columns = header.split(" | ")
    return read_markdown(
        f"# Rules\n\n| {header} |\n|{'---|' * len(columns)}\n| {' | '.join(cells)} |\n", locale="xx-xx"
    )


def flat(witness: Witness) -> set[str]:
    """Write the facts of all rows as ``destination TCP/443``."""
    assert witness.findings == ()
    return {f"{fact.destination} {fact.protocol}/{fact.port}" for row in witness.rows for fact in row.facts}


def places(text: str) -> list[str]:
    """Say where every row of a page stands."""
    return [f"{row.heading}/{row.table}/{row.row}" for row in read_markdown(dedent(text)).rows]


def reported(witness: Witness) -> list[str]:
    """Say where the findings are, once it is sure that no row states facts all the same."""
    assert all(row.facts == frozenset() for row in witness.rows)
    assert {(finding.severity, finding.code) for finding in witness.findings} <= {(Severity.HOLD, "witness-unreadable")}
    return [str(finding.at) for finding in witness.findings]


@pytest.mark.parametrize(
    ("cell", "destinations"),
    [
        ("mcr.microsoft.com", ["mcr.microsoft.com"]),
        ("**`MCR.Microsoft.com`**", ["mcr.microsoft.com"]),
        ("`*.hcp.<location>.azmk8s.io`", ["*.hcp.{region}.azmk8s.io"]),
        (r"*.hcp.\<location\>.azmk8s.io", ["*.hcp.{region}.azmk8s.io"]),
        ("*.hcp.&lt;Region&gt;.azmk8s.io", ["*.hcp.{region}.azmk8s.io"]),
        ("*<region>.azmk8s.io", ["*{region}.azmk8s.io"]),
        ("`<cluster-region-name>.example.com`", ["{region}.example.com"]),
        ("azds-<guid>.<location>.azds.io", ["azds-{guid}.{region}.azds.io"]),
        ("`<Workspace-ID>.example.com`", ["{workspace-id}.example.com"]),
        ("www<span></span>.msftconnecttest.com", ["www.msftconnecttest.com"]),
        ("[gcr.io](https://example.com/why)", ["gcr.io"]),
        ("`.data.mcr.microsoft.com`", ["*.data.mcr.microsoft.com"]),
        ("*. example.com", ["*.example.com"]),
        ("*auth.docker.io", ["*auth.docker.io"]),
        ("umsa*.blob.core.windows.net", ["umsa*.blob.core.windows.net"]),
        ("**`a.example.com, *.b.example.com`**", ["a.example.com", "*.b.example.com"]),
        ("**`a.example.com`,`.b.example.com`**", ["a.example.com", "*.b.example.com"]),
        ("a.example.com ,b.example.com , c.example.com", ["a.example.com", "b.example.com", "c.example.com"]),
        ("**`a.example.com`** or **`a.example.cn`**", ["a.example.com", "a.example.cn"]),
        ("`a.example.com` <br/> `a.example.us` (Azure Government)", ["a.example.com", "a.example.us"]),
        ("`a.example.com`<br>*Or*<br>`a.example.us`<br>(sovereign)", ["a.example.com", "a.example.us"]),
        ("`*` `(if it must be)`", ["*"]),
        ("[ServiceTag](tags.md) - **`AzureDevSpaces`**", ["tag:AzureDevSpaces"]),
        ("[Service tag][tags] - `AzureCloud.<Region>`", ["tag:AzureCloud.{region}"]),
        ("ServiceTag - `AzureCloud.Region`", ["tag:AzureCloud.{region}"]),
        ("ServiceTag - `AzureCloud.location`", ["tag:AzureCloud.{region}"]),
        ("ServiceTag - `Storage.WestEurope`", ["tag:Storage.WestEurope"]),
        ("[Regional CIDRs](x.md) - **`RegionCIDRs`**", ["set:RegionCIDRs"]),
        ("`APIServerIP`", ["set:APIServerPublicIP"]),
        ("**`APIServerPublicIP`**", ["set:APIServerPublicIP"]),
        ("**`CustomDNSIP`** `(if the DNS servers are yours)`", ["set:CustomDNSIP"]),
        ("**APIServer Subnet CIDR`**", ["set:APIServerSubnetCIDR"]),
        ("192.0.2.0/24, 198.51.100.7", ["cidr:192.0.2.0/24", "cidr:198.51.100.7/32"]),
        ("2001:DB8::/32 or 2001:db8::7", ["cidr:2001:db8::/32", "cidr:2001:db8::7/128"]),
    ],
)
def test_reads_every_form_of_destination(cell: str, destinations: list[str]) -> None:
    witness = read_row("Destination Endpoint | Protocol | Port | Use", cell, "UDP", "53", "`left.alone.com`")
    tagged = read_markdown(f"[tags]: tags.md\n\n# Rules\n\n| FQDN | Port |\n|--|--|\n| {cell} | UDP:53 |\n")
    assert flat(tagged) == {f"{destination} UDP/53" for destination in destinations}
    assert "[tags]" in cell or flat(witness) == flat(tagged)


@pytest.mark.parametrize(
    ("cell", "ports"),
    [
        ("**`HTTPS:443`**", ["TCP/443"]),
        ("HTTPS: 443", ["TCP/443"]),
        ("HTTP:443", ["TCP/443"]),
        ("443", ["TCP/443"]),
        ("80", ["TCP/80"]),
        ("TCP:1688", ["TCP/1688"]),
        ("HTTPS:443,22,9000", ["TCP/443", "TCP/22", "TCP/9000"]),
        ("HTTPS:443, TCP:22, UDP:1194", ["TCP/443", "TCP/22", "UDP/1194"]),
        ("HTTPS:443<br/>UDP:1194", ["TCP/443", "UDP/1194"]),
        ("HTTP:80,443", ["TCP/80", "TCP/443"]),
        ("443 and 4443", ["TCP/443", "TCP/4443"]),
    ],
)
def test_reads_every_form_of_port(cell: str, ports: list[str]) -> None:
    assert flat(read_row("Endpoint | Purpose | Port", "gcr.io", "Why not", cell)) == {
        f"gcr.io {port}" for port in ports
    }


def test_several_destinations_with_several_ports_give_the_product() -> None:
    assert flat(read_row("FQDN | Port", "a.io, b.io", "HTTPS:443, UDP:53")) == {
        "a.io TCP/443",
        "a.io UDP/53",
        "b.io TCP/443",
        "b.io UDP/53",
    }


def test_alternatives_with_ports_of_their_own_keep_them() -> None:
    cell = "**`*:123`** or **`ntp.ubuntu.com:123`** (where rules are by name), `[2001:db8::1]:123`"
    expected = {"* UDP/123", "ntp.ubuntu.com UDP/123", "cidr:2001:db8::1/128 UDP/123"}
    assert flat(read_row("Destination Endpoint | Protocol | Port", cell, "UDP", "123")) == expected
    assert flat(read_row("Destination Endpoint | Protocol", cell, "UDP")) == expected
    assert flat(read_row("FQDN | Port", "a.io:22, b.io", "HTTPS:443,22")) == {
        "a.io TCP/22",
        "b.io TCP/443",
        "b.io TCP/22",
    }


def test_a_table_without_ports_states_none() -> None:
    (row,) = read_row("FQDN | Use", "*azurecr.io", "Images").rows
    assert row.facts == {Fact(destination="*azurecr.io", protocol="", port=0)}


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "any host",
        "*.com",
        "localhost",
        "a..b.com",
        "**.b.com",
        "-a.b.com",
        "a.b.com/path",
        "https://a.b.com",
        "a.b.com:",
        "a.b.com:70000",
        "a.b.com b.b.com",
        "a.b.com,",
        "a.b.com,, b.b.com",
        "a.b.com and b.b.com",
        "a.b.com、b.b.com",
        "a.b.com (see (this))",
        "a.b.com (formerly b.b.com)",
        "~~a.b.com~~",
        "<s>a.b.com</s>",
        "![a.b.com](a.png)",
        "a.b\u200b.com",
        "a.b.com\u00a0or b.b.com",
        "\u0430.b.com",
        "a.b.<tld>",
        "`<the region>.b.com`",
        "AzureMonitor",
        "AzureCloud.Region",
        "Storage.WestUS",
        "ServiceTag - a.b.com",
        "ServiceTag - `RegionCIDRs`",
        "Regional CIDRs - `AzureCloud`",
        "[Service tag][nowhere] - `AzureCloud`",
        "192.0.2.1/24",
        "192.0.2.999",
        "a.b.com | surplus",
    ],
)
def test_a_destination_that_is_not_understood_is_told(cell: str) -> None:
    witness = read_row("FQDN | Port | Use", cell, "HTTPS:443", "Why")
    expected = "xx-xx#rules/table[1]/row[1]" + ("" if "|" in cell else "/destination")
    assert expected in reported(witness)


@pytest.mark.parametrize(
    ("header", "protocol", "port", "column"),
    [
        ("Protocol | Port", "TCP/UDP", "443", "protocol"),
        ("Protocol | Port", "", "443", "protocol"),
        ("Protocol | Port", "UDP", "HTTPS:443", "port"),
        ("Use | Port", "", "", "port"),
        ("Use | Port", "", "1194", "port"),
        ("Use | Port", "", "QUIC:443", "port"),
        ("Use | Port", "", "8080-8090", "port"),
        ("Use | Port", "", "TCP:1,194", "port"),
        ("Use | Port", "", "TCP:1.194", "port"),
        ("Use | Port", "", "TCP:0", "port"),
        ("Use | Port", "", "TCP:65536", "port"),
        ("Use | Port", "", "443 or 80", "port"),
        ("Use | Port", "", "HTTPS：443", "port"),
        ("Use | Port", "", "any", "port"),
        ("Protocol | Use", "TCP", "", "port"),
    ],
)
def test_a_port_that_is_not_understood_is_told(header: str, protocol: str, port: str, column: str) -> None:
    witness = read_row(f"FQDN | {header}", "gcr.io", protocol, port)
    assert reported(witness) == [f"xx-xx#rules/table[1]/row[1]/{column}"]


def test_a_port_column_that_contradicts_the_destination_is_told() -> None:
    witness = read_row("Endpoint | Protocol | Port", "`gcr.io:443`, `a.io`", "TCP", "9000")
    assert reported(witness) == ["xx-xx#rules/table[1]/row[1]/port"]
    assert "gcr.io carries port 443, its row 9000" in witness.findings[0].message


def test_every_fault_of_a_row_is_told_at_once() -> None:
    witness = read_row("FQDN | Protocol | Port", "nothing much", "SCTP", "all")
    assert [place.rsplit("/", 1)[1] for place in reported(witness)] == ["destination", "protocol", "port"]


def test_columns_that_are_unknown_or_repeated_are_told() -> None:
    witness = read_row("FQDN | Port | Direction", "gcr.io", "443", "out")
    assert [str(finding.at) for finding in witness.findings] == ["xx-xx#rules/table[1]"]
    assert [len(row.facts) for row in witness.rows] == [1]
    assert reported(read_row("FQDN | Port | Port", "gcr.io", "443", "80")) == ["xx-xx#rules/table[1]/row[1]"]


def test_a_table_of_other_things_is_skipped_unless_it_names_destinations() -> None:
    assert read_row("Setting | Meaning", "`outboundType`", "How traffic leaves, e.g. by a route") == Witness(
        rows=(), findings=(), blocks={}
    )
    for cell in ("**`gcr.io`**", "[ServiceTag](x.md) - `AzureMonitor:443`", "the host `*.b.com:443`"):
        assert reported(read_row("Target | Meaning", cell, "Images")) == ["xx-xx#rules/table[1]"]


def test_tables_that_are_no_markdown_tables_are_told_and_counted() -> None:
    page = """
        ## Rules

        <!-- <table><tr><td>old.example.com</td></tr></table> -->

        <table><tr><td>gcr.io</td></tr></table>

        | FQDN |
        |------|
        | `gcr.io` |

        ### Broken

        | FQDN | Port |
        |------|
        | `gcr.io` | 443 |
    """
    assert places(page) == ["rules/2/1"]
    findings = read_markdown(dedent(page)).findings
    assert [str(finding.at) for finding in findings] == ["en-us#rules/table[1]", "en-us#broken"]


def test_headings_get_the_ids_that_learn_gives() -> None:
    table = "\n\n| FQDN |\n|--|\n| gcr.io |\n\n"
    headings = [
        "# Required FQDN / application rules",
        "## **Required** [FQDN](x.md) / `application` rules",
        "Required FQDN / application rules\n---",
        "## Azure Monitor - Prometheus, `kube_state` (v2)",
        '## <a name="custom-id"></a>Some title',
        '<a name="above"></a>\n## Größe 2',
        "> ## Quoted #",
        "## !",
    ]
    assert places(table.join(["", *headings, ""])) == [
        "/1/1",
        "required-fqdn--application-rules/1/1",
        "required-fqdn--application-rules-1/1/1",
        "required-fqdn--application-rules-2/1/1",
        "azure-monitor---prometheus-kube_state-v2/1/1",
        "custom-id/1/1",
        "größe-2/1/1",
        "quoted/1/1",
        "section/1/1",
    ]


def test_tables_are_found_wherever_they_stand() -> None:
    page = """
        ---
        title: Rules
        # Customer intent: not a heading
        ---

        # Rules

        [!INCLUDE [notice](./includes/notice.md)]

        > [!NOTE]
        >
        > | FQDN | Port |
        > |------|------|
        > | a.io | 443  |

        - Azure Global

          | FQDN | Port |
          |------|------|
          | b.io | 443  |
          | c.io | 443  |

        # [Azure CLI](#tab/cli)

        | FQDN | Port |
        |------|------|
        | d.io | 443  |

        ---

        ```markdown
        | FQDN | Port |
        |------|------|
        | no.example.com | 443 |
        ```
    """
    assert places(page) == ["rules/1/1", "rules/2/1", "rules/2/2", "rules/3/1"]
    assert flat(read_markdown(dedent(page))) == {f"{host}.io TCP/443" for host in "abcd"}
    other = read_markdown("\ufeff" + dedent(page).lstrip().replace("\n", "\r\n"))
    assert other.rows == read_markdown(dedent(page)).rows


@given(ANY_TEXT)
def test_no_text_raises(text: str) -> None:
    read_markdown(text)


@given(st.lists(st.sampled_from(["|", "-", "\n", "`", "*", "<", ">", "(", "#", "FQDN", "a.io", ":1", " "])))
def test_no_markup_raises(parts: list[str]) -> None:
    read_markdown("".join(parts))


@given(st.text(st.characters(exclude_characters="|\\\r\n")), st.text(st.characters(exclude_characters="|\\\r\n")))
def test_a_row_states_facts_or_has_a_finding_never_both_or_neither(destination: str, port: str) -> None:
    witness = read_row("FQDN | Port | Use", destination, port, "")
    (row,) = witness.rows
    assert bool(row.facts) != bool(witness.findings)


@pytest.mark.corpus
@pytest.mark.skipif(not SOURCES, reason=f"the corpus of real pages is not at {CORPUS}")
def test_every_real_page_reads_whole_to_the_rows_and_ids_of_its_html_twin() -> None:
    for source in SOURCES:
        witness = read_markdown(source.read_text(encoding="utf-8"))
        assert witness.findings == (), source
        assert all(row.facts for row in witness.rows), source
        html = source.with_suffix(".html").read_text(encoding="utf-8")
        rows = re.findall(r'<h[1-6] id="(?!ms--)([^"]+)"|(<table>)|(<tr>\s*<td)', html)
        heading, table, row, expected = "", 0, 0, []
        for new_heading, new_table, new_row in rows:
            heading, table = (new_heading, 0) if new_heading else (heading, table + bool(new_table))
            row = row + 1 if new_row else 0
            expected += [(heading, table, row)] if new_row else []
        assert [(row.heading, row.table, row.row) for row in witness.rows] == expected, source
