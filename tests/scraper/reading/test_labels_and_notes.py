"""What stands beside and above a rule: a note or a label is read whole, or the rule is held."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, read_page
from tests.scraper.changing import (
    GLOBAL_FQDN,
    GLOBAL_NETWORK,
    GPU,
    NVIDIA,
    NVIDIA_CELL,
    ROW,
    TABLE,
    B,
    append,
    destination,
    difference,
    differs,
    everywhere,
    section,
    strictly,
    swap,
    table,
    tabs,
    within,
)
from tests.scraper.reviewing import ALL_REVIEWED

# ---------------------------------------------------------------- a note


@pytest.mark.parametrize(
    "note", ["preview", "required", "", "optional", "private clusters", "Azure Government, optional", "Bleu"]
)
def test_a_note_that_may_name_a_cloud_and_names_none_is_held(note: str) -> None:
    assert difference(destination(f"nvidia.github.io ({note})")).reported == {f"hold unknown-note {ROW}/destination"}


@pytest.mark.parametrize("note", ["asked by the drivers", "if it rains", "if using custom DNS servers"])
def test_a_note_that_nobody_has_reviewed_beside_its_destination_leaves_its_rule_as_it_was(note: str) -> None:
    html = destination(f"nvidia.github.io ({note})")
    assert strictly(html) == differs(reported=[f"hold unreviewed-sentence {ROW}/destination"])


def localized(locale: str, cell: str) -> PageReading:
    """Read the changed page as one of another locale."""
    return read_page(parse_page(swap(NVIDIA_CELL, f"<td>{cell}</td>"), locale=locale), reviewed=ALL_REVIEWED)


@pytest.mark.parametrize(
    ("locale", "note"),
    [
        ("es-es", "excepto Azure China"),
        ("de-de", "nicht in Azure China"),
        ("fr-fr", "sauf Azure Government"),
        ("ja-jp", "Azure China を除く"),
    ],
)
def test_part_of_a_translated_note_names_no_cloud(locale: str, note: str) -> None:
    found = localized(locale, f"nvidia.github.io ({note})")
    assert {rule.id for rule in found.rules} >= NVIDIA
    assert "unknown-note" in {finding.code for finding in found.findings}


@pytest.mark.parametrize(
    ("locale", "note"), [("de-de", "von 21Vianet betriebenes Azure"), ("zh-cn", "由世纪互联运营的 Azure")]
)
def test_a_whole_translated_note_names_its_cloud(locale: str, note: str) -> None:
    found = localized(locale, f"nvidia.github.io ({note})")
    clouds = {rule.cloud for rule in found.rules if rule.id.endswith("gpu/nvidia.github.io:tcp-443")}
    assert clouds == {"AzureChinaCloud"}


@pytest.mark.parametrize(
    ("cell", "code"), [("Foo - AzureMonitor", "unknown-label"), ("Regional CIDRs - AKSCIDR", "unknown-set")]
)
def test_a_label_that_nobody_knows_is_told_in_every_locale(cell: str, code: str) -> None:
    for locale in ("en-us", "de-de"):
        assert code in {finding.code for finding in localized(locale, cell).findings}


# ---------------------------------------------------------------- a label above a table


NO_CLOUD: Final = {
    "a tab with a condition": tabs(Private_cluster=TABLE),
    "a caption with a condition": TABLE.replace("<thead>", "<caption>For private clusters</caption><thead>"),
    "a fold with a condition": f"<details><summary>Private clusters</summary>{TABLE}</details>",
    "a line with a level": f"<p>Optional</p>{TABLE}",
    "a fold with a level": f"<details><summary>Optional rules</summary>{TABLE}</details>",
    "a numbered caption": TABLE.replace("<thead>", "<caption>Table 1: GPU rules</caption><thead>"),
}


@pytest.mark.parametrize("html", NO_CLOUD.values(), ids=NO_CLOUD)
def test_a_label_that_is_no_cloud_is_held(html: str) -> None:
    """No page ever had one: none gives its table a condition or a level."""
    found = difference(append(GPU, html))
    assert f"hold unknown-heading {GPU}/table[2]" in found.reported
    assert not found.removed | found.altered


def test_a_label_in_words_that_name_no_cloud_leaves_its_table_where_it_was() -> None:
    assert difference(append(GPU, f"<p>What drivers download</p>{TABLE}")) == differs(
        added=everywhere(B), reported=[f"hold unknown-heading {GPU}/table[2]"]
    )


# ---------------------------------------------------------------- a line beside a table


@pytest.mark.parametrize(
    "line",
    [
        "For Azure Germany, open these:",
        "Azure Germany:",
        "In Bleu, use these endpoints.",
        "Open these endpoints only in Delos:",
        "The rules below are not for Azure China:",
        "In Azure China, one of these must be open.",
        "For Azure US Government, open these further endpoints:",
        "Only in Azure Government:",
    ],
)
def test_a_line_above_a_table_that_speaks_of_a_cloud_is_held(line: str) -> None:
    found = difference(append(GPU, f"<p>{line}</p>{TABLE}"))
    assert {one for one in found.reported if one.startswith(f"hold cloud-in-prose {GPU}")}


@pytest.mark.parametrize(
    "line",
    [
        "Open the following endpoints:",
        "GPU drivers come from these hosts:",
        "For AKS clusters that have GPU enabled, the following are needed:",
        "See Microsoft Defender for Containers.",
    ],
)
def test_a_line_that_speaks_of_no_cloud_says_nothing(line: str) -> None:
    assert difference(append(GPU, f"<p>{line}</p>{TABLE}")) == differs(
        added=everywhere(B), reported=[f"hold unlabelled-table {GPU}/table[2]"]
    )


@pytest.mark.corpus
def test_no_real_page_speaks_of_a_cloud_beside_its_tables(corpus: Path) -> None:
    pages = (parse_page(file.read_text(encoding="utf-8")) for file in sorted(corpus.glob("en-us/outbound/*.html")))
    found = {f.code for page in pages for f in read_page(page, reviewed=ALL_REVIEWED).findings}
    assert not found & {"cloud-in-prose", "cloud-differs"}


# ---------------------------------------------------------------- alternatives and lists


def monitor_row(destination_cell: str, protocol: str, port: str) -> str:
    row = (destination_cell, protocol, port, "A use.")
    return append(GLOBAL_NETWORK, table(row, header=("Destination Endpoint", "Protocol", "Port", "Use")))


def test_several_protocols_beside_several_ports_are_refused() -> None:
    found = difference(monitor_row("ServiceTag - Storage", "TCP and UDP", "443, 53"))
    assert f"error crossed-lists {GLOBAL_NETWORK}/table[2]/row[1]" in found.reported
    assert not found.added


def test_one_destination_with_two_ports_in_one_list_of_alternatives_is_refused() -> None:
    found = difference(monitor_row("<code>*:443</code> or <code>*:8443</code>", "TCP", "443"))
    assert f"error ports-differ {GLOBAL_NETWORK}/table[2]/row[1]/destination" in found.reported


def test_sovereign_twins_of_a_network_table_are_one_rule_a_cloud() -> None:
    rows = table(
        ("a.contoso.us:443 or a.contoso.cn:443", "TCP", "443", "A use."),
        header=("Destination Endpoint", "Protocol", "Port", "Use"),
    )
    added = difference(append(GPU, rows)).added
    assert {"AzureUSGovernment/gpu/a.contoso.us:tcp-443", "AzureChinaCloud/gpu/a.contoso.cn:tcp-443"} <= added


# ---------------------------------------------------------------- what is hidden


SEVERAL: Final = "<div hidden>{}</div>", "<noscript>{}</noscript>", '<div class="visually-hidden">{}</div>'
MAIN: Final = f'<div class="content"><h2 id="gpu-enabled-aks-clusters">GPU enabled AKS clusters</h2>{TABLE}</div>'


@pytest.mark.parametrize("around", SEVERAL)
def test_what_stands_in_a_hidden_part_of_the_page_is_held(around: str) -> None:
    footer = '<section id="site-user-feedback-footer"'
    found = difference(swap(footer, around.format(MAIN) + footer))
    assert {one.split()[0] for one in found.reported} & {"hold", "error"}
    assert not found.added & everywhere(B)


@pytest.mark.parametrize(
    "html",
    [
        within(GPU, "<tbody>", "<tbody hidden>"),
        within(GPU, "<tbody>", '<tbody style="display:none">'),
        within(GPU, "<thead>", "<thead hidden>"),
        within(GPU, "<table>", '<table style="display: none !important">'),
        swap(NVIDIA_CELL, NVIDIA_CELL.replace("<code>", '<code style="text-decoration: line-through red">')),
    ],
)
def test_visibility_goes_down_from_what_is_around_a_rule(html: str) -> None:
    found = difference(html)
    assert {one.split()[0] for one in found.reported} & {"hold", "error"}
    assert not found.added & everywhere(B)


@pytest.mark.parametrize("words", ["<del>Azure Global</del>", "<span hidden>Azure Global</span>"])
def test_words_of_a_heading_that_are_struck_out_or_hidden_are_told(words: str) -> None:
    assert section(GLOBAL_FQDN).count(">Azure Global") == 1
    html = within(GLOBAL_FQDN, ">Azure Global", f">{words}")
    assert f"hold withdrawn-text {GLOBAL_FQDN}/table[1]" in difference(html).reported
