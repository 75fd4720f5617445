"""Today's page with one thing changed in or around a table: read right or reported, and all else as before."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.scraper.changing import (
    GLOBAL_NETWORK,
    GOV_FQDN,
    GPU,
    LAST_ROW,
    MONITOR,
    NVIDIA,
    NVIDIA_CELL,
    PORT_CELL,
    ROW,
    TABLE,
    TODAY,
    USE_CELL,
    B,
    Difference,
    append,
    difference,
    differs,
    everywhere,
    of,
    retitle,
    section,
    swap,
    table,
    tabs,
    use,
    within,
)

# ---------------------------------------------------------------- a row and a table


def gpu_table(old: str, new: str) -> str:
    """Change something in every row of the GPU table."""
    return within(GPU, old, new, times=section(GPU).count(old))


ROW_CHANGES: Final = {
    "a new row": (
        within(GPU, LAST_ROW, LAST_ROW + LAST_ROW.replace("download.docker.com", "b.contoso.com")),
        differs(added=everywhere(B)),
    ),
    "a row that goes": (within(GPU, LAST_ROW, ""), differs(removed=everywhere("gpu/download.docker.com:tcp-443"))),
    "a row listed twice": (
        within(GPU, LAST_ROW, LAST_ROW * 2),
        differs(altered=everywhere("gpu/download.docker.com:tcp-443")),
    ),
    "a row in a foot": (
        within(GPU, "</tbody>", f"</tbody><tfoot>{LAST_ROW.replace('download.docker.com', 'b.contoso.com')}</tfoot>"),
        differs(added=everywhere(B)),
    ),
    "a row without its end": (within(GPU, LAST_ROW, LAST_ROW.replace("</tr>", "")), differs()),
    "a row cut short": (
        within(GPU, f"{PORT_CELL}\n{USE_CELL}", PORT_CELL),
        differs(removed=NVIDIA, reported=[f"error row-length {ROW}"]),
    ),
    "a new column": (
        gpu_table("<th>Use", "<th>Region</th><th>Use").replace(f"{USE_CELL}\n", f"<td>all</td>{USE_CELL}\n"),
        differs(reported=[f"hold unknown-column {GPU}/table[1]"]),
    ),
    "a port column that goes": (
        TODAY.replace(section(GPU), section(GPU).replace("<th>Port</th>\n", "").replace(f"{PORT_CELL}\n", "")),
        differs(
            added={name.replace("tcp-443", "any") for name in of("gpu")},
            removed=of("gpu"),
            reported=[f"error no-port {GPU}/table[1]"],
        ),
    ),
    "a renamed use column": (
        within(GPU, "<th>Use", "<th>Remarks"),
        differs(altered=of("gpu"), reported=[f"hold unknown-column {GPU}/table[1]"]),
    ),
    "a heading of another kind than the columns": (
        retitle(GLOBAL_NETWORK, "Azure Global required FQDN / application rules"),
        differs(reported=[f"hold kind-differs {GLOBAL_NETWORK}/table[1]"]),
    ),
    "a header of plain cells": (gpu_table("th>", "td>"), differs()),
    "rows that begin with a header cell": (swap(NVIDIA_CELL, NVIDIA_CELL.replace("td>", "th>")), differs()),
}


@pytest.mark.parametrize(("html", "expected"), ROW_CHANGES.values(), ids=ROW_CHANGES)
def test_a_changed_row_or_column_touches_no_other(html: str, expected: Difference) -> None:
    assert difference(html) == expected


def test_columns_in_another_order_are_read_by_their_names() -> None:
    part = section(GPU)
    moved = re.sub(r"(<th>Destination FQDN</th>\n)(<th>Port</th>\n)", r"\2\1", part)
    moved = re.sub(r"(<td><strong><code>[^H]\S*</td>\n)(<td><strong><code>HTTPS:443\S*</td>\n)", r"\2\1", moved)
    assert difference(TODAY.replace(part, moved)) == differs()


# ---------------------------------------------------------------- where a table stands


PLACES: Final = {
    "a section without a table": TABLE,
    "a quotation": f"<blockquote>{TABLE}</blockquote>",
    "a list item": f"<ul><li>{TABLE}</li></ul>",
    "a fold without a title": f"<details><summary></summary>{TABLE}</details>",
    "an alert": f'<div class="NOTE"><p>Note</p><p>These are needed as well.</p>{TABLE}</div>',
    "a wrapper, as a browser shows it": f'<div class="has-inner-focus">{TABLE}</div>',
    "an inline tag": f"<span>{TABLE}</span>",
    "a tag that nobody knows": f"<fancy-box>{TABLE}</fancy-box>",
}  # fmt: skip


@pytest.mark.parametrize("html", PLACES.values(), ids=PLACES)
def test_a_table_is_read_wherever_it_stands(html: str) -> None:
    assert difference(append(MONITOR, html)) == differs(added=["AzureCloud/azure-monitor/b.contoso.com:tcp-443"])


def test_a_second_table_of_one_kind_is_read_and_held() -> None:
    """What tells it from the first may be words that nobody read."""
    assert difference(append(GPU, TABLE)) == differs(
        added=everywhere(B), reported=[f"hold unlabelled-table {GPU}/table[2]"]
    )


def test_a_table_that_running_text_swallows_is_an_error() -> None:
    assert difference(append(GPU, f"<p><b><i>{TABLE}</i></b></p>")) == differs(reported=[f"error lost-table {GPU}"])


LABELS: Final = {
    "a tab": (tabs(Azure_Bleu=TABLE), "azure-bleu"),
    "a hidden tab": (tabs(Azure_Global="<p>Nothing.</p>", Azure_Bleu=TABLE), "azure-bleu"),
    "a fold": (f"<details><summary>Azure Bleu</summary>{TABLE}</details>", "azure-bleu"),
    "a caption": (TABLE.replace("<thead>", "<caption>Azure Bleu</caption><thead>"), "azure-bleu"),
    "a list line": (f"<ul><li>Azure Bleu</li></ul>{TABLE}", "azure-bleu"),
    "a paragraph": (f"<p><strong>Azure Bleu</strong></p>{TABLE}", "azure-bleu"),
    "a term": (f"<dl><dt>Azure Bleu</dt><dd>{TABLE}</dd></dl>", "azure-bleu"),
    "a list line around it": (f"<ul><li><p>Azure Bleu</p>{TABLE}</li></ul>", "azure-bleu"),
    "a pivot": (f'<div data-pivot="bleu">{TABLE}</div>', "bleu"),
}  # fmt: skip


@pytest.mark.parametrize(("html", "cloud"), LABELS.values(), ids=LABELS)
def test_a_label_that_nobody_knows_is_held_as_a_cloud_of_its_own(html: str, cloud: str) -> None:
    assert difference(append(GPU, html)) == differs(
        added=[f"{cloud}/{B}"], reported=[f"hold unknown-heading {GPU}/table[2]"]
    )


@pytest.mark.parametrize(
    "html",
    [
        tabs(Azure_US_Government=TABLE),
        f"<details><summary>Azure Government</summary>{TABLE}</details>",
        TABLE.replace("<thead>", "<caption>Azure US Government</caption><thead>"),
        f"<ul><li>Azure US Government</li></ul>{TABLE}",
        f"<ol><li>Fairfax</li></ol>{TABLE}",
        f"<p><strong>Azure US Government</strong></p>{TABLE}",
    ],
)
def test_a_label_that_names_a_known_cloud_puts_its_table_there(html: str) -> None:
    """And the rest of the section, which names none, is the public cloud's from then on."""
    assert difference(append(GPU, html)) == differs(
        added=[f"AzureUSGovernment/{B}"],
        removed=of("gpu") - of("gpu", "AzureCloud"),
        altered=of("gpu", "AzureCloud"),
    )


def test_every_tab_has_its_own_cloud() -> None:
    found = difference(append(GPU, tabs(Azure_Global=TABLE, Azure_Bleu=TABLE.replace("b.contoso", "c.contoso"))))
    assert found.added == {f"AzureCloud/{B}", "azure-bleu/gpu/c.contoso.com:tcp-443"}
    assert found.reported == {f"hold unknown-heading {GPU}/table[3]"}


def test_a_tab_that_contradicts_the_heading_is_an_error() -> None:
    assert f"error two-clouds {GOV_FQDN}/table[2]" in difference(append(GOV_FQDN, tabs(Azure_Global=TABLE))).reported


def test_a_table_without_a_label_below_one_with_a_label_is_held() -> None:
    html = f"<ul><li>Azure Bleu</li></ul>{TABLE}<p>These are others.</p>{TABLE.replace('b.contoso', 'c.contoso')}"
    assert f"hold unlabelled-table {GPU}/table[3]" in difference(append(GPU, html)).reported


@pytest.mark.parametrize(
    "html",
    [
        TODAY.replace(section(GPU), section(GPU).replace("<table>", "<div hidden><table>") + "</div>"),
        within(GPU, "<table>", "<table hidden>"),
        within(GPU, "<table>", '<table style="display: none">'),
        within(GPU, "<tr>\n<td>", "<tr hidden>\n<td>"),
        swap(NVIDIA_CELL, NVIDIA_CELL.replace("<td>", "<td hidden>")),
        within(GPU, PORT_CELL, PORT_CELL.replace("<td>", "<td><del>").replace("</td>", "</del></td>")),
    ],
)
def test_a_rule_that_is_hidden_or_struck_out_is_told(html: str) -> None:
    found = difference(html)
    assert {one for one in found.reported if not one.startswith("note ")}
    assert found == differs(added=found.added, removed=found.removed & of("gpu"), reported=found.reported)


def test_a_table_within_a_description_is_an_error() -> None:
    found = difference(use(f"Drivers. {TABLE}"))
    assert f"error lost-table {ROW}/use" in found.reported
    assert not found.added | found.removed


def test_a_table_of_something_else_is_told_and_gives_no_rule() -> None:
    sizes = table(("Standard_D2", "2"), header=("Size", "Cores"))
    assert difference(append(GPU, sizes)) == differs(reported=[f"hold unknown-table {GPU}/table[2]"])
    assert difference(append("background", sizes)) == differs(reported=["note foreign-table background/table[1]"])
