"""Other locales give text and never a fact: a description lands on its own rule or on none."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.model import Rule
from scraper.page.article import Row, Section, Table
from scraper.page.page import Page, parse_page
from scraper.reading.page_rules import PageReading, read_page
from scraper.witnesses.locales import LocaleReading, State, absent, align
from tests.scraper.reviewing import ALL_REVIEWED

NETWORK: Final = ("Destination Endpoint", "Protocol", "Port", "Use")
FQDN: Final = ("Destination FQDN", "Port", "Use")
MONITOR: Final = ("Endpoint", "Purpose", "Port")
ZIELE: Final = ("Ziel-FQDN", "Port", "Zweck")
NETZ: Final = ("Zielendpunkt", "Protokoll", "Port", "Zweck")
NEWEST: Final = "2026-01-01"
OLDER: Final = "2025-01-01"


# ---------------------------------------------------------------- small pages


def section(level: int, name: str, title: str, header: Sequence[str] = (), rows: Sequence[Sequence[str]] = ()) -> str:
    """A heading, and the table under it where there is one."""
    head = f'<h{level} id="{name}">{title}</h{level}>'
    if not header:
        return head
    columns = "".join(f"<th>{column}</th>" for column in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"{head}<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def page(body: str, *, locale: str, updated: str) -> Page:
    return parse_page(
        f"""<html><head><meta name="locale" content="{locale}"><meta name="updated_at" content="{updated}T00:00:00Z">
        <link rel="canonical" href="https://learn.microsoft.com/{locale}/azure/aks/outbound-rules-control-egress">
        </head><body><main><div class="content"><h1 id="title">Title</h1>{body}</div></main></body></html>"""
    )


def english(body: str, *, updated: str = NEWEST) -> PageReading:
    reading = read_page(page(body, locale="en-us", updated=updated), reviewed=ALL_REVIEWED)
    assert not reading.errors
    return reading


def aligned(body: str, authority: PageReading, *, updated: str = NEWEST) -> LocaleReading:
    return align(page(body, locale="de-de", updated=updated), authority)


def texts(reading: LocaleReading) -> dict[str, tuple[str, ...]]:
    """The descriptions that landed in the public cloud, without the cloud's name and the port."""
    found = {}
    for name, said in reading.texts.items():
        cloud, _, rule = name.partition("/")
        if cloud == "AzureCloud":
            found[rule.rpartition(":")[0]] = said
    return found


def gpu(*rows: tuple[str, str, str], header: Sequence[str] = ZIELE, name: str = "gpu") -> str:
    return section(2, name, "GPU", header, rows)


A, B, C = (
    ("a.contoso.com", "HTTPS:443", "Use of A."),
    ("b.contoso.com", "HTTPS:443", "Use of B."),
    ("c.contoso.com", "HTTPS:443", "Use of C."),
)
ZU_A, ZU_B, ZU_C = (
    ("a.contoso.com", "HTTPS:443", "Wozu A."),
    ("b.contoso.com", "HTTPS:443", "Wozu B."),
    ("c.contoso.com", "HTTPS:443", "Wozu C."),
)
ENGLISH: Final = english(gpu(A, B, C, header=FQDN))


# ---------------------------------------------------------------- rows


def test_a_current_translation_gives_every_rule_its_text() -> None:
    reading = aligned(gpu(ZU_A, ZU_B, ZU_C), ENGLISH)
    assert reading.state is State.CURRENT
    assert texts(reading) == {
        "gpu/a.contoso.com": ("Wozu A.",),
        "gpu/b.contoso.com": ("Wozu B.",),
        "gpu/c.contoso.com": ("Wozu C.",),
    }
    assert reading.texts.keys() == {rule.id for rule in ENGLISH.rules}
    assert (reading.contradictions, reading.missing, reading.extra) == ((), (), ())


def test_an_older_translation_lacks_what_came_later_and_is_stale() -> None:
    reading = aligned(gpu(ZU_A, ZU_C), ENGLISH, updated=OLDER)
    assert reading.state is State.STALE
    assert texts(reading) == {"gpu/a.contoso.com": ("Wozu A.",), "gpu/c.contoso.com": ("Wozu C.",)}
    assert set(reading.missing) == {rule.id for rule in ENGLISH.rules if "b.contoso.com" in rule.id}


def test_a_row_that_a_translation_of_the_same_day_lacks_is_damage() -> None:
    reading = aligned(gpu(ZU_A, ZU_C), ENGLISH)
    assert reading.state is State.DAMAGED
    assert Counter(finding.code for finding in reading.findings) == {"locale-row-missing": 3, "locale-state": 1}


def test_a_row_that_english_has_no_more_is_told_and_gives_no_text() -> None:
    old = ("old.fabrikam.org", "HTTPS:443", "Wozu alt.")
    reading = aligned(gpu(ZU_A, old, ZU_B, ZU_C), ENGLISH, updated=OLDER)
    assert reading.state is State.STALE
    assert reading.extra == ("de-de#gpu/table[1]/row[2]",)
    assert "Wozu alt." not in {text for said in reading.texts.values() for text in said}
    assert len(texts(reading)) == 3


def test_rows_in_another_order_give_no_text_to_a_wrong_rule() -> None:
    rows = [("nvidia.github.io", "HTTPS:443", "Use 1."), ("a.contoso.com", "HTTPS:443", "Use 2.")]
    other = [("a.contoso.com", "HTTPS:443", "Wozu 2."), ("nvidia.github.io", "HTTPS:443", "Wozu 1.")]
    reading = aligned(gpu(*other), english(gpu(*rows, header=FQDN)))
    right = {"gpu/nvidia.github.io": ("Wozu 1.",), "gpu/a.contoso.com": ("Wozu 2.",)}
    assert texts(reading).items() < right.items()
    assert (len(reading.missing), len(reading.extra)) == (3, 1)


def test_rows_of_similar_hosts_in_another_order_give_no_text_to_a_wrong_rule() -> None:
    reading = aligned(gpu(ZU_C, ZU_B, ZU_A), ENGLISH)
    right = {f"gpu/{row[0]}": (row[2],) for row in (ZU_A, ZU_B, ZU_C)}
    assert texts(reading).items() <= right.items()


def test_the_text_of_a_row_that_english_has_no_more_does_not_land_on_its_similar_successor() -> None:
    def row(region: str, text: str) -> tuple[str, str, str]:
        return (f"arcmktplaceprod.{region}.data.azurecr.io", "HTTPS:443", text)

    new = english(gpu(row("eastus", "In East US."), row("westus2", "In West US 2."), header=FQDN))
    reading = aligned(gpu(row("eastus", "In Ost-USA."), row("westindia", "In Westindien.")), new, updated=OLDER)
    assert texts(reading) == {"gpu/arcmktplaceprod.eastus.data.azurecr.io": ("In Ost-USA.",)}


def test_a_rule_in_two_places_has_both_texts_in_their_order() -> None:
    extensions = section(2, "cluster-extensions", "Cluster extensions", FQDN, [A])
    more = section(2, "cluster-extensions-1", "Cluster extensions", FQDN, [(*A[:2], "Further use of A.")])
    reading = aligned(
        section(2, "cluster-extensions", "Erweiterungen", ZIELE, [ZU_A])
        + section(2, "cluster-extensions-1", "Erweiterungen", ZIELE, [(*ZU_A[:2], "Wozu A noch.")]),
        english(extensions + more),
    )
    assert texts(reading) == {"cluster-extensions/a.contoso.com": ("Wozu A.", "Wozu A noch.")}


def test_an_endpoint_of_the_prose_has_the_text_of_its_line() -> None:
    reading = aligned(
        gpu(ZU_A) + "<ul><li>Auch md-*.contoso.com wird angesprochen.</li></ul>",
        english(gpu(A, header=FQDN) + "<ul><li>Nodes may call md-*.contoso.com as well.</li></ul>"),
    )
    assert texts(reading)["gpu/md-*.contoso.com"] == ("Auch md-*.contoso.com wird angesprochen.",)


# ---------------------------------------------------------------- sections


def test_heading_suffixes_that_moved_do_not_move_a_text() -> None:
    """A section that is added above counts the suffixes of all repeated headings below it up by one."""
    title = "Required FQDN / application rules"
    new = english(
        section(3, "workload-identity", "Workload identity")
        + section(4, "rules", title, FQDN, [A])
        + section(3, "azure-policy", "Azure Policy")
        + section(4, "rules-1", title, FQDN, [B])
        + section(3, "cost-analysis", "AKS cost analysis add-on")
        + section(4, "rules-2", title, FQDN, [C])
    )
    old = (
        section(3, "azure-policy", "Azure Policy")
        + section(4, "rules", "Regeln", ZIELE, [ZU_B])
        + section(3, "cost-analysis", "Kostenanalyse")
        + section(4, "rules-1", "Regeln", ZIELE, [ZU_C])
    )
    reading = aligned(old, new, updated=OLDER)
    assert texts(reading) == {"azure-policy/b.contoso.com": ("Wozu B.",), "cost-analysis/c.contoso.com": ("Wozu C.",)}
    assert reading.state is State.STALE


def test_one_host_under_several_features_has_the_text_of_each() -> None:
    title = "Required FQDN / application rules"
    features = (("workload-identity", "Workload identity"), ("azure-policy", "Azure Policy"), ("gpu", "GPU"))
    new = english(
        "".join(
            section(3, name, words) + section(4, f"rules-{n}", title, FQDN, [(*A[:2], f"Use for {name}.")])
            for n, (name, words) in enumerate(features)
        )
    )
    old = "".join(
        section(3, name, "?") + section(4, f"rules-{n + 3}", "Regeln", ZIELE, [(*A[:2], f"Wozu in {name}.")])
        for n, (name, _) in enumerate(features)
    )
    assert texts(aligned(old, new)) == {f"{name}/a.contoso.com": (f"Wozu in {name}.",) for name, _ in features}


def test_ids_that_are_not_english_are_matched_by_order_and_cells() -> None:
    new = english(gpu(A, B, header=FQDN) + section(2, "windows-server", "Windows Server", FQDN, [A, C]))
    old = gpu(ZU_A, ZU_B, name="gráfica") + section(
        2, "ventanas", "Fenster", ZIELE, [(*ZU_A[:2], "Für Fenster."), ZU_C]
    )
    reading = aligned(old, new)
    assert reading.state is State.CURRENT
    assert texts(reading) == {
        "gpu/a.contoso.com": ("Wozu A.",),
        "gpu/b.contoso.com": ("Wozu B.",),
        "windows/a.contoso.com": ("Für Fenster.",),
        "windows/c.contoso.com": ("Wozu C.",),
    }


def test_a_whole_section_that_is_new_in_english_is_missing_and_harms_no_other() -> None:
    new = english(section(2, "windows-server", "Windows Server", FQDN, [C]) + gpu(A, B, header=FQDN))
    reading = aligned(gpu(ZU_A, ZU_B), new, updated=OLDER)
    assert texts(reading) == {"gpu/a.contoso.com": ("Wozu A.",), "gpu/b.contoso.com": ("Wozu B.",)}
    assert set(reading.missing) == {rule.id for rule in new.rules if rule.feature == "windows"}


def test_headers_in_an_unknown_language_are_read_by_their_order() -> None:
    reading = aligned(gpu(ZU_A, ZU_B, ZU_C, header=("Хост", "Врата", "Навіщо")), ENGLISH)
    assert reading.state is State.CURRENT
    assert texts(reading)["gpu/b.contoso.com"] == ("Wozu B.",)


def test_headers_in_an_unknown_language_are_read_as_those_of_the_same_table() -> None:
    new = english(
        section(3, "azure-monitor", "Azure Monitor", MONITOR, [("a.contoso.com", "Takes in data", "443")])
        + gpu(B, header=FQDN)
    )
    old = section(3, "azure-monitor", "?", ("Кінець", "Навіщо", "Врата"), [("a.contoso.com", "Nimmt Daten an", "443")])
    reading = aligned(old + gpu(ZU_B, header=("Хост", "Врата", "Навіщо")), new)
    assert texts(reading) == {"azure-monitor/a.contoso.com": ("Nimmt Daten an",), "gpu/b.contoso.com": ("Wozu B.",)}


# ---------------------------------------------------------------- cells


TUNNEL: Final = (
    "<b><code>*:1194</code></b> <br> <i>Or</i> <br> <a>ServiceTag</a> - <code>AzureCloud.&lt;Region&gt;:1194</code>"
    " <br> <i>Or</i> <br> <a>Regional CIDRs</a> - <code>RegionCIDRs:1194</code> <br> <i>Or</i> <br>"
    " <code>APIServerPublicIP:1194</code> <code>(only known after cluster creation)</code>"
)


@pytest.mark.parametrize(
    "word",
    [
        *("Oder", "O", "Ou", "Oppure", "または", "또는", "或", "或者", "или", "Lub", "Oraz", "Nebo", "Of", "Eller"),
        *("Vagy", "Veya", "Или", "alternativt"),
    ],
)
def test_a_translated_or_with_translated_labels_and_notes_contradicts_nothing(word: str) -> None:
    new = english(section(2, "gpu", "GPU", NETWORK, [(TUNNEL, "UDP", "1194", "Tunnel.")]))
    cell = (
        TUNNEL.replace("Or", word)
        .replace("ServiceTag", "сервицетаг")
        .replace("Regional CIDRs", "リージョンの CIDR")
        .replace("(only known after cluster creation)", "（erst danach bekannt）")
    )
    reading = aligned(section(2, "gpu", "?", NETZ, [(cell, "UDP", "1194", "Der Tunnel.")]), new)
    assert reading.contradictions == ()
    assert texts(reading) == {"gpu/any": ("Der Tunnel.",)}


HARMLESS: Final = {
    "a space after the star": ("*.data.contoso.com", "*. data.contoso.com"),
    "a host cut into pieces": ("*.hcp.&lt;location&gt;.azmk8s.io", "*. HCP.&lt;location&gt;. azmk8s.io"),
    "capitals": ("raw.contoso.com", "RAW.Contoso.com"),
    "a translated placeholder": ("*.tun.&lt;location&gt;.azmk8s.io", "*.tun.&lt;umístění&gt;.azmk8s.io"),
    "an emptied placeholder": ("&lt;region&gt;.contoso.com", "&lt; &gt;.contoso.com"),
    "a full-width comma": ("a.contoso.com, b.contoso.com", "a.contoso.com，b.contoso.com"),
    "an enumeration comma": ("a.contoso.com, b.contoso.com", "a.contoso.com、b.contoso.com"),
    "another order": ("a.contoso.com, b.contoso.com", "b.contoso.com, a.contoso.com"),
    "doubled blanks": ("a.contoso.com, b.contoso.com", "a.contoso.com,   b.contoso.com"),
    "a lost code mark": ("<code>a.contoso.com</code>", "a.contoso.com"),
    "a lost line break": ("<code>a.contoso.com</code><br><code>b.contoso.com</code>", "a.contoso.com b.contoso.com"),
    "a translated note": ("a.contoso.com (Azure Government)", "a.contoso.com (Azure für Behörden)"),
    "full-width parentheses": ("a.contoso.com (Azure Government)", "a.contoso.com（世纪互联）"),
}


@pytest.mark.parametrize(("ours", "theirs"), HARMLESS.values(), ids=HARMLESS)
def test_what_translation_may_do_to_a_host_without_harm(ours: str, theirs: str) -> None:
    new = english(gpu((ours, "HTTPS:443", "Use."), C, header=FQDN))
    reading = aligned(gpu((theirs, "HTTPS:443", "Wozu."), ZU_C), new)
    assert reading.contradictions == ()
    assert reading.state is State.CURRENT
    assert {said for name, said in reading.texts.items() if "c.contoso.com" not in name} == {("Wozu.",)}


@pytest.mark.parametrize(
    "cell", ["HTTPS：443、TCP：22", "HTTPS: 443, TCP: 22", "https:443，tcp:22", "HTTPS:443,TCP:22"]
)
def test_what_translation_may_do_to_a_port_without_harm(cell: str) -> None:
    new = english(gpu(("a.contoso.com", "HTTPS:443, TCP:22", "Use of A."), header=FQDN))
    assert aligned(gpu(("a.contoso.com", cell, "Wozu A.")), new).contradictions == ()


DAMAGE: Final = {
    "lost letters": ("login.chinacloudapi.cn", ".chinacloudapi.cn"),
    "a lost hyphen": ("azds-&lt;guid&gt;.azds.io", "azds&lt;guid&gt;.azds.io"),
    "a translated label": ("*.run.contoso.com", "*. 실행.contoso.com"),
    "a look-alike letter": ("b.contoso.com", "b.c\N{CYRILLIC SMALL LETTER O}ntoso.com"),
    "another port beside it": ("b.contoso.com:443", "b.contoso.com:80"),
    "one host of two": ("b.contoso.com, b.fabrikam.com", "b.contoso.com"),
    "an emptied cell": ("b.contoso.com", ""),
}


@pytest.mark.parametrize(("ours", "theirs"), DAMAGE.values(), ids=DAMAGE)
def test_what_changes_a_host_is_told_with_both_strings_or_as_missing(ours: str, theirs: str) -> None:
    new = english(gpu(A, (ours, "HTTPS:443", "Use."), C, header=FQDN))
    reading = aligned(gpu(ZU_A, (theirs, "HTTPS:443", "Wozu."), ZU_C), new)
    assert reading.state is State.DAMAGED
    plain = [re.sub(r"&lt;", "<", re.sub(r"&gt;", ">", cell)) for cell in (ours, theirs)]
    for one in reading.contradictions:
        assert [one.at, one.column, one.en_us, one.localized] == [
            "de-de#gpu/table[1]/row[2]/destination",
            "destination",
            *plain,
        ]
        assert set(one.rules) == {rule.id for rule in new.rules if rule.sources[0].row == 2}
    assert reading.contradictions or (reading.missing and reading.extra)
    assert texts(reading)["gpu/a.contoso.com"] == ("Wozu A.",)
    assert texts(reading)["gpu/c.contoso.com"] == ("Wozu C.",)


@pytest.mark.parametrize("cell", ["1.194", "1 194", "1194.", "1,194", "", "UDP:1194"])
def test_what_changes_a_port_is_told_with_both_strings_and_costs_no_text(cell: str) -> None:
    new = english(section(2, "gpu", "GPU", NETWORK, [("*:1194", "UDP", "1194", "Tunnel.")]))
    reading = aligned(section(2, "gpu", "?", NETZ, [("*:1194", "UDP", cell, "Der Tunnel.")]), new)
    if cell == "1 194":  # a blank is no difference: translation doubles and drops them
        assert reading.contradictions == ()
    else:
        assert [(one.column, one.en_us, one.localized) for one in reading.contradictions] == [("port", "1194", cell)]
        assert reading.state is State.DAMAGED
    assert texts(reading) == {"gpu/any": ("Der Tunnel.",)}


def test_a_contradiction_is_a_note_with_its_place() -> None:
    reading = aligned(gpu(ZU_A, ("b.contoso.com", "HTTPS:80", "Wozu B."), ZU_C), ENGLISH)
    found = [finding for finding in reading.findings if finding.code == "locale-contradicts"]
    assert [(one.severity, str(one.at)) for one in found] == [("note", "de-de#gpu/table[1]/row[2]/port")]
    assert "'HTTPS:80'" in found[0].message
    assert "'HTTPS:443'" in found[0].message


def test_a_cell_that_translation_emptied_keeps_its_text_on_a_page_of_the_same_day() -> None:
    reading = aligned(gpu(ZU_A, ("", "HTTPS:443", "Wozu B."), ZU_C), ENGLISH)
    assert texts(reading)["gpu/b.contoso.com"] == ("Wozu B.",)


@pytest.mark.parametrize("cell", ["", "\N{CYRILLIC SMALL LETTER BE}.contoso.com"])
def test_a_damaged_cell_of_an_older_page_gives_no_text_to_a_row_that_took_its_place(cell: str) -> None:
    """English has replaced the row that the translation speaks of."""
    new = english(gpu(A, ("new.fabrikam.org", "HTTPS:443", "New."), C, header=FQDN))
    reading = aligned(gpu(ZU_A, (cell, "HTTPS:443", "Wozu B."), ZU_C), new, updated=OLDER)
    assert "Wozu B." not in {text for said in reading.texts.values() for text in said}


# ---------------------------------------------------------------- the page as a whole


LONG: Final = [
    (f"{name}.contoso.com", "HTTPS:443", f"Nodes of {name} fetch what they need to run from here.") for name in "abcdef"
]


def test_an_english_body_in_a_foreign_frame_is_untranslated_and_gives_no_text() -> None:
    reading = aligned(gpu(*LONG, header=FQDN), english(gpu(*LONG, header=FQDN)))
    assert reading.state is State.UNTRANSLATED
    assert reading.texts == {}


def test_an_english_body_that_is_a_bit_older_is_still_untranslated() -> None:
    now = english(gpu(*LONG, ("g.contoso.com", "HTTPS:443", "New in this revision, and nowhere else."), header=FQDN))
    assert aligned(gpu(*LONG[:-1], header=FQDN), now, updated=OLDER).state is State.UNTRANSLATED


def test_a_page_without_rule_tables_is_damaged_and_gives_no_text() -> None:
    reading = aligned("<p>Bald mehr.</p>", ENGLISH)
    assert reading.state is State.DAMAGED
    assert reading.texts == {}
    assert set(reading.missing) == {rule.id for rule in ENGLISH.rules}


def test_a_locale_without_a_page_is_missing_and_one_that_cannot_be_read_is_damaged() -> None:
    assert absent("fr-fr", "no page was fetched").state is State.MISSING
    assert absent("fr-fr", "the page is cut", there=True).state is State.DAMAGED
    assert absent("fr-fr", "the page is cut", there=True).as_json() == {
        "state": "damaged",
        "commit": None,
        "updated": None,
        "texts": 0,
        "contradictions": [],
        "missing": [],
        "extra": [],
    }


def test_a_page_that_gives_another_locale_as_its_address_is_told() -> None:
    other = replace(
        page(gpu(ZU_A, ZU_B, ZU_C), locale="de-de", updated=NEWEST).metadata,
        url="https://learn.microsoft.com/fr-fr/azure/aks/x",
    )
    reading = align(replace(page(gpu(ZU_A, ZU_B, ZU_C), locale="de-de", updated=NEWEST), metadata=other), ENGLISH)
    assert "other-locale" in {finding.code for finding in reading.findings}


def test_a_locale_never_speaks_in_errors_or_holds() -> None:
    broken = gpu(("*", "?", ""), ("", "", ""), ("a b", "HTTPS", "Wozu?"), header=("?", "?", "?"))
    reading = aligned(broken, ENGLISH)
    assert {finding.severity for finding in reading.findings} == {"note"}


# ---------------------------------------------------------------- real pages


REAL: Final = {
    "de-de": [("port", ("core/any:udp-1194",))] * 3,
    "es-es": [],
    "it-it": [],
    "pl-pl": [],
    "cs-cz": [],
    "ja-jp": [],
    "zh-cn": [],
    "ko-kr": [],
    "cs-cz_2020-03": [("destination", ("dev-spaces/azds-{guid}.{region}.azds.io:tcp-443",))],
    "fr-fr": [("destination", ("core/login.chinacloudapi.cn:tcp-443",))],
    "ja-jp_2019-07": [],
}
"""Every translated page that is stored, and where its machine cells really differ from its English source."""
LOST: Final = {"cs-cz_2020-03": "azds", "fr-fr": "login.chinacloudapi.cn"}
"""Hosts that translation left no trace of in their cell."""
KO_KR_ROWS: Final = 49
"""How many rows the Korean page has before it is cut."""


@cache
def parsed(path: Path) -> Page:
    return parse_page(path.read_text(encoding="utf-8"))


@cache
def reading(path: Path) -> PageReading:
    return read_page(parsed(path), reviewed=ALL_REVIEWED)


def source(corpus: Path, name: str) -> PageReading:
    """The English revision that a localized page was translated from."""
    with (corpus / "locales.tsv").open(encoding="utf-8") as rows:
        row = next(row for row in csv.DictReader(rows, delimiter="\t") if row["file"] == f"{name}.md")
    return reading((corpus / row["english_source"]).with_suffix(".html"))


def newest(corpus: Path) -> PageReading:
    return reading(max((corpus / "en-us" / "outbound").glob("*.html")))


def marked(page: Page) -> Page:
    """The same page, every description followed by the place of its row, so that a text tells where it is from."""
    return replace(page, sections=tuple(_mark_section(section) for section in page.sections))


def _mark_section(section: Section) -> Section:
    blocks = [_mark_table(block, section) if isinstance(block, Table) else block for block in section.blocks]
    return replace(section, blocks=tuple(blocks))


def _mark_table(table: Table, section: Section) -> Table:
    place = f"{section.heading.id}/{table.index}"
    rows = [
        row._replace(cells=(*row.cells[:-1], f"{row.cells[-1]} @{place}/{n}")) for n, row in enumerate(table.rows, 1)
    ]
    return replace(table, rows=tuple(rows))


def rows_of(page: Page) -> dict[str, Row]:
    return {
        f"{section.heading.id}/{table.index}/{n}": row
        for section in page.sections
        for table in section.tables
        for n, row in enumerate(table.rows, 1)
    }


def says(cell: str, rule: Rule) -> bool:
    """Say whether a localized cell names a rule's destination, whatever translation did to it without harm."""
    text = unicodedata.normalize("NFKC", "".join(letter for letter in cell if letter < "\ue000" or letter > "\uf8ff"))
    text = re.sub(r"<[^<>]*>|(?<=azurecloud\.)region\b", "{}", text.casefold())
    text = re.sub(r"\s*\.\s*", ".", text).replace("apiserverip", "apiserverpublicip")
    value = re.sub(r"\{[^}]*\}", "{}", rule.destinations[0].value.casefold())
    if value == "*":
        return "*:" in text
    return (
        re.search(rf"(?<![\w.{{}}-]){re.escape(value.removeprefix('*'))}(?![\w-]|\.\w)", text.replace("*", ""))
        is not None
    )


def strays(page: Page, authority: PageReading) -> list[str]:
    """Every description of a table that landed on a rule whose destination its own row does not name."""
    rules = {rule.id: rule for rule in authority.rules}
    rows = rows_of(page)
    found = []
    for name, said in align(marked(page), authority).texts.items():
        for text in said:
            _, at, place = text.rpartition(" @")
            if at and not says(rows[place].cells[0], rules[name]):
                found.append(f"{name}: {place} {rows[place].cells[0]!r}")
    return found


def in_tables(authority: PageReading) -> set[str]:
    return {rule.id for rule in authority.rules if any(source.row for source in rule.sources)}


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
def test_every_text_of_a_real_page_lands_on_its_own_rule(corpus: Path, name: str) -> None:
    page = parsed(corpus / "locales" / f"{name}.html")
    found = strays(page, source(corpus, name))
    assert [one for one in found if LOST.get(name, "?") not in one] == []


@pytest.mark.corpus
@pytest.mark.parametrize("name", sorted(REAL.keys() - {"ko-kr"}))
def test_a_real_page_gives_a_text_to_every_rule_of_its_source(corpus: Path, name: str) -> None:
    found = align(parsed(corpus / "locales" / f"{name}.html"), source(corpus, name))
    assert in_tables(source(corpus, name)) <= found.texts.keys()
    assert (found.missing, found.extra) == ((), ())


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
def test_the_contradictions_of_a_real_page_are_exactly_the_real_ones(corpus: Path, name: str) -> None:
    found = align(parsed(corpus / "locales" / f"{name}.html"), source(corpus, name))
    reported = [
        (one.column, tuple(sorted({rule.partition("/")[2] for rule in one.rules}))) for one in found.contradictions
    ]
    assert reported == REAL[name]


@pytest.mark.corpus
def test_the_german_page_groups_the_digits_of_a_port(corpus: Path) -> None:
    found = align(parsed(corpus / "locales" / "de-de.html"), source(corpus, "de-de"))
    assert {(one.en_us, one.localized) for one in found.contradictions} == {("1194", "1.194")}
    assert found.state is State.DAMAGED


@pytest.mark.corpus
def test_the_korean_page_is_cut_and_lacks_the_rows_behind_the_cut(corpus: Path) -> None:
    authority = source(corpus, "ko-kr")
    found = align(parsed(corpus / "locales" / "ko-kr.html"), authority)
    before = {(row.heading, row.table, row.row) for row in authority.rows[:KO_KR_ROWS]}
    there = {rule.id for rule in authority.rules if before & {(s.heading, s.table, s.row) for s in rule.sources}}
    assert found.texts.keys() == there
    assert set(found.missing) == in_tables(authority) - there
    assert found.state is State.DAMAGED


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["pl-pl_2019-11", "bg-bg"])
def test_an_english_body_in_a_real_foreign_frame_is_untranslated(corpus: Path, name: str) -> None:
    page = parsed(corpus / "locales" / f"{name}.html")
    own = {"bg-bg": corpus / "en-us" / "outbound" / "2024-10-10T180009Z_f9be3faa3.html"}
    authority = reading(own[name]) if name in own else source(corpus, name)
    found = align(page, authority)
    assert found.state is State.UNTRANSLATED
    assert found.texts == {}
    assert found.contradictions == ()


@pytest.mark.corpus
@pytest.mark.parametrize("name", [*REAL, "pl-pl_2019-11"])
def test_a_page_of_years_ago_puts_no_text_on_a_wrong_rule_of_today(corpus: Path, name: str) -> None:
    page = parsed(corpus / "locales" / f"{name}.html")
    found = strays(page, newest(corpus))
    assert [one for one in found if LOST.get(name, "?") not in one] == []


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
def test_a_page_of_years_ago_still_tells_what_it_lacks(corpus: Path, name: str) -> None:
    authority = newest(corpus)
    found = align(parsed(corpus / "locales" / f"{name}.html"), authority)
    assert found.texts
    assert found.texts.keys() | set(found.missing) >= in_tables(authority) - {
        rule for one in found.contradictions for rule in one.rules
    }
