"""A Learn page in, headings, lines and tables out: both forms of the page, and what HTML does to text."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Cloud, Origin
from scraper.findings import PageError
from scraper.language.mentions import hosts_in
from scraper.page.marks import CODE_EDGE, LOST_TABLE, UNREADABLE, WITHDRAWN
from scraper.page.page import Heading, Line, Metadata, Page, Row, Section, Table, parse_page
from scraper.reading.page_rules import PageReading, read_page
from tests.scraper.reviewing import ALL_REVIEWED

HEAD: Final = '<meta name="locale" content="en-us" />'
CORE: Final = '<h2 id="core">Required outbound network rules and FQDNs for AKS clusters</h2>'
TABLE: Final = "<table><tr><th>FQDN</th><th>Port</th></tr><tr><td>{}</td><td>443</td></tr></table>"


def learn(body: str, *, head: str = HEAD, title: str = '<h1 id="t">Rules</h1>') -> str:
    """Put article blocks into the frame that Learn serves them in."""
    return dedent(f"""\
        <!DOCTYPE html>
        <html><head>{head}</head><body>
        <header><p>frame.example.com</p></header>
        <main id="main">
        <div hidden><p class="title">Sign in at frame.example.com</p></div>
        <div class="content">{title}</div>
        <nav aria-label="In this article"><h2 id="ms--in-this-article">In this article</h2></nav>
        <div><div class="content">{body}</div></div>
        <div id="ms--feedback"><h2 id="feedback">Feedback</h2><p>Write to frame.example.com</p></div>
        </main>
        <footer><p>frame.example.com</p></footer>
        </body></html>""")


def parse(body: str) -> Page:
    return parse_page(learn(body, title=""))


def section(body: str) -> Section:
    """Read the only section of an article."""
    (found,) = parse(f"<h2 id='s'>Section</h2>{body}").sections
    return found


def lines(body: str) -> list[str]:
    """Write the lines of a section as ``kind: text``."""
    return [f"{block.kind}: {block.text}" for block in section(body).blocks if isinstance(block, Line)]


def table(html: str) -> Table:
    (found,) = section(html).tables
    return found


def cell(html: str) -> str:
    """Read a cell; code marks are shown as backticks."""
    return table(TABLE.format(html)).rows[0].cells[0].replace(CODE_EDGE, "`")


def faults(html: str) -> list[str]:
    with pytest.raises(PageError) as caught:
        parse_page(html)
    return [f"{finding.severity} {finding.code} {finding.at}" for finding in caught.value.findings]


def rules_of(body: str) -> PageReading:
    return read_page(parse_page(learn(CORE + body)), reviewed=ALL_REVIEWED)


# ---------------------------------------------------------------- the frame and its two forms


def test_what_surrounds_the_article_is_left_out() -> None:
    page = parse_page(learn("<h2 id='a'>A</h2><p>Text.</p>"))
    assert [part.heading.id for part in page.sections] == ["t", "a"]
    assert "frame" not in repr(page.sections)


SERVED: Final = """
    <h2 id="a">A</h2>
    <p>Text.</p>
    <table><thead><tr><th>FQDN</th></tr></thead><tbody><tr><td><code>gcr.io</code></td></tr></tbody></table>
"""
CLIENT: Final = """
    <h2 id="a" class="heading-anchor"><a class="anchor-link docon" href="#a" aria-labelledby="a"></a>A</h2>
    <p>Text.</p>
    <div class="has-inner-focus"><table aria-label="Table 1" class="table"><thead><tr><th>FQDN</th></tr></thead>
    <tbody><tr><td><code>gcr.io</code></td></tr></tbody></table></div>
"""


def test_the_form_served_and_the_form_in_the_browser_are_the_same_page() -> None:
    assert parse(SERVED) == parse(CLIENT)
    assert len(parse(SERVED).sections[0].blocks) == 2


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("client", "served"),
    [
        ("2026-07-02T224722Z_ccbb339ba.html", "en-us/outbound/2026-07-02T224722Z_ccbb339ba.html"),
        ("de-de.html", "locales/de-de.html"),
        ("ja-jp.html", "locales/ja-jp.html"),
    ],
)
def test_real_pages_have_the_same_headings_and_tables_in_both_forms(corpus: Path, client: str, served: str) -> None:
    pages = [parse_page((corpus / name).read_text(encoding="utf-8")) for name in (f"client/{client}", served)]
    one, other = ([(part.heading, part.trail, part.tables) for part in page.sections] for page in pages)
    assert one == other


def test_a_page_without_content_blocks_is_read_whole() -> None:
    page = parse_page("<html><main><h2 id='a'>A</h2><nav>gcr.io</nav><p>Text.</p></main></html>", locale="en-us")
    line = Line(kind="p", text="Text.", marked="Text.")
    assert page.sections == (
        Section(heading=Heading(level=2, id="a", text="A"), trail=(), blocks=(Line(kind="p", text=UNREADABLE), line)),
    )


CUT: Final = learn("<p>Text.</p>")


def test_a_page_as_deep_as_a_well_is_refused() -> None:
    assert faults(learn("<div>" * 2000 + "</div>" * 2000)) == ["error too-deep unknown"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (CUT.replace("</html>", ""), ["error cut-page en-us"]),
        (CUT.partition("</main>")[0], ["error cut-page en-us"]),
        (CUT.partition("<div")[0], ["error cut-page en-us"]),
        (CUT.partition("<main")[0], ["error no-article en-us", "error cut-page en-us"]),
        (CUT.replace("main", "div"), ["error no-article en-us", "error cut-page en-us"]),
        (CUT.replace("</main>", "</main><main></main>"), ["error no-article en-us"]),
        ("", ["error no-article unknown", "error cut-page unknown"]),
        ("https://learn.example/rules", ["error no-article unknown", "error cut-page unknown"]),
        ("en-us.html", ["error no-article unknown", "error cut-page unknown"]),
    ],
    ids=[
        "no html end",
        "no main end",
        "only main",
        "only head",
        "no main",
        "two mains",
        "nothing",
        "an address",
        "a file name",
    ],
)
def test_a_page_that_is_cut_or_has_not_one_article_is_refused_with_every_fault(html: str, expected: list[str]) -> None:
    assert faults(html) == expected


# ---------------------------------------------------------------- metadata


COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def metadata(head: str, *, locale: str | None = None) -> Metadata:
    return parse_page(learn("", head=head if 'name="locale"' in head else HEAD + head), locale=locale).metadata


def test_a_page_says_what_it_is() -> None:
    head = f"""
        <meta name="locale" content="de-DE">
        <link rel="canonical" href="https://learn.example/de-de/rules">
        <meta name="markdown_url" content="https://learn.example/de-de/rules?accept=text/markdown">
        <meta name="git_commit_id" content="{COMMIT}">
        <meta name="updated_at" content="2026-04-27T17:17:00Z">
        <meta name="ms.date" content="2026-01-01T00:00:00Z">
    """
    assert metadata(head) == Metadata(
        locale="de-de",
        url="https://learn.example/de-de/rules",
        markdown_url="https://learn.example/de-de/rules?accept=text/markdown",
        commit=COMMIT,
        updated=utc("2026-04-27T17:17"),
        origin=Origin.LIVE,
    )


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ('<meta name="updated_at" content="2026-04-27T17:17:00Z">', utc("2026-04-27T17:17")),
        ('<meta name="updated_at" content="2021-09-15 11:11 AM">', utc("2021-09-15T11:11")),
        ('<meta name="ms.date" content="2020-06-29">', utc("2020-06-29")),
        ('<meta name="updated_at" content="soon"><meta name="ms.date" content="2020-06-29">', utc("2020-06-29")),
        ('<meta name="updated_at" content="2021-02-30T00:00:00Z">', None),
        ('<meta name="ms.date" content="06/29/2020">', None),
        ("", None),
    ],
)
def test_the_time_is_read_in_both_forms_or_not_at_all(head: str, moment: dt.datetime | None) -> None:
    assert metadata(head).updated == moment


def test_of_repeated_names_the_first_counts() -> None:
    head = '<meta name="locale" content="en-us"><meta name="locale" content="fr-fr">'
    assert metadata(head).locale == "en-us"


def test_the_caller_knows_the_locale_better() -> None:
    assert metadata(HEAD, locale="bg-BG").locale == "bg-bg"


def test_a_page_without_locale_is_refused_where_nobody_says_which_it_is() -> None:
    with pytest.raises(PageError) as refused:
        parse_page(learn("", head=""))
    assert [finding.code for finding in refused.value.findings] == ["no-locale"]
    assert parse_page(learn("", head=""), locale="de-DE").metadata.locale == "de-de"


def test_the_commit_can_stand_in_the_source_address() -> None:
    head = f'<meta name="gitcommit" content="https://github.example/blob/{COMMIT}/rules.md">'
    assert metadata(head).commit == COMMIT


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<meta property="og:url" content="https://learn.example/og">', "https://learn.example/og"),
        (
            '<meta name="markdown_url" content="https://learn.example/m?accept=text/markdown">',
            "https://learn.example/m",
        ),
        ("", ""),
    ],
)
def test_the_address_has_fallbacks(head: str, url: str) -> None:
    assert metadata(head).url == url


def test_the_embedded_snapshot_names_itself() -> None:
    assert metadata('<meta name="generator" content="aks-egress-catalog snapshot">').origin is Origin.SNAPSHOT


# ---------------------------------------------------------------- headings and lines


def test_a_section_knows_the_headings_above_it() -> None:
    page = parse("<h2 id='a'>A</h2><h3 id='b'>B</h3><h4 id='c'>C</h4><h3 id='d'>D</h3><h2 id='e'>E</h2>")
    assert {part.heading.id: [above.id for above in part.trail] for part in page.sections} == {
        "a": [],
        "b": ["a"],
        "c": ["a", "b"],
        "d": ["a"],
        "e": [],
    }


def test_a_heading_may_skip_a_level_or_lack_an_id() -> None:
    page = parse("<h2 id='a'>A</h2><h5>Deep</h5><h3 id='b'>B</h3>")
    assert [(part.heading.id, len(part.trail)) for part in page.sections] == [("a", 0), ("", 1), ("b", 1)]


def test_marks_and_blanks_in_a_heading_are_folded() -> None:
    page = parse("<h2 id='a'>  FQDN&nbsp;/\n <code>application</code> <em>rules</em> </h2>")
    assert page.sections[0].heading == Heading(level=2, id="a", text="FQDN / application rules")


def test_what_stands_above_the_first_heading_has_one_of_level_0() -> None:
    (top,) = parse("<p>Text.</p>").sections
    assert top.heading == Heading(level=0, id="", text="")


LINES: Final = {
    "paragraph": ("<p>One <b>two</b>\n <code>three</code>.</p>", ["p: One two three."]),
    "line break": ("<p>One<br>two</p>", ["p: One two"]),
    "running text": ("One <p>two</p> three", ["p: One", "p: two", "p: three"]),
    "list": ("<ul><li>One</li><li><p>two</p></li></ul>", ["li: One", "li: two"]),
    "nested list": ("<ol><li>One<ul><li>two</li></ul>three</li></ol>", ["li: One", "li: two", "li: three"]),
    "code block": ("<pre><code>one\n  two</code></pre>", ["pre: one two"]),
    "alert": ('<div class="WARNING"><p>Warning</p><p>Text.</p></div>', ["p: Warning", "p: Text."]),
    "quote": ("<blockquote><p>Text.</p></blockquote>", ["p: Text."]),
    "definition list": ("<dl><dt>One</dt><dd>two</dd></dl>", ["p: One", "p: two"]),
    "comment": ("<p>One<!-- two --> three</p>", ["p: One three"]),
    "script": ("<p>One <script>two</script></p>", ["p: One"]),
    "placeholder eaten as a tag": ("<p>Put <location>.azmk8s.io there</p>", ["p: Put <location>.azmk8s.io there"]),
    "our own marks": (f"<p>a{CODE_EDGE}b{UNREADABLE}c{LOST_TABLE}d&#xE000;</p>", ["p: a\ufffdb\ufffdc\ufffdd\ufffd"]),
    "half a character": ("<p>a\ud800b</p>", ["p: a\ufffdb"]),
    "nothing": ("<p> &nbsp; </p><ul></ul><hr>", []),
}


@pytest.mark.parametrize(("html", "expected"), LINES.values(), ids=LINES)
def test_text_is_read_line_by_line(html: str, expected: list[str]) -> None:
    assert lines(html) == expected


def test_a_line_names_the_headings_that_it_links_to() -> None:
    (line,) = section('<p>See <a href="#a">A</a>, <b><a href="#b">B</a></b>, <a href="/c#d">C</a>.</p>').blocks
    assert line == Line(kind="p", text="See A, B, C.", anchors=("a", "b"), marked="See A, B, C.")


# ---------------------------------------------------------------- tables


def test_a_table_has_its_header_and_the_cells_of_every_row() -> None:
    html = """
        <table><thead><tr><th>FQDN</th><th> <b>Port</b> </th></tr></thead>
        <tbody><tr><td>gcr.io</td><td>443</td></tr></tbody>
        <tfoot><tr><th>k8s.gcr.io</th><td>80</td></tr></tfoot></table>
    """
    rows = (Row(cells=("gcr.io", "443")), Row(cells=("k8s.gcr.io", "80")))
    assert table(html) == Table(index=1, header=("FQDN", "Port"), rows=rows)


def test_tables_count_from_1_under_their_nearest_heading() -> None:
    one = TABLE.format("gcr.io")
    page = parse(f"<h2 id='a'>A</h2>{one}<p>Text.</p>{one}<h3 id='b'>B</h3>{one}")
    assert [[found.index for found in part.tables] for part in page.sections] == [[1, 2], [1]]


def test_a_row_that_is_cut_short_keeps_the_cells_it_has() -> None:
    html = "<table><tr><th>FQDN</th><th>Port</th></tr><tr><td>gcr.io</td></tr><tr></tr></table>"
    assert [row.cells for row in table(html).rows] == [("gcr.io",), ()]


@pytest.mark.parametrize("attribute", ['rowspan="2"', 'colspan="2"', 'rowspan="0"'])
def test_a_cell_that_reaches_over_others_marks_its_row(attribute: str) -> None:
    html = f'<table><tr><td {attribute}>gcr.io</td></tr><tr><td rowspan="1" colspan=" 1 ">k8s.gcr.io</td></tr></table>'
    assert [row.spanned for row in table(html).rows] == [True, False]


CELLS: Final = {
    "code": ("<code>gcr.io</code>", "`gcr.io`"),
    "bold code": ("<strong><code>*:123</code></strong> or", "`*:123` or"),
    "adjacent code": ("<code>a.io</code><code>b.io</code>", "`a.io``b.io`"),
    "line break": ("a.io<br/> <em>Or</em> <br>b.io", "a.io\nOr\nb.io"),
    "empty lines": ("a.io<br/><br/>b.io<br/>", "a.io\nb.io"),
    "paragraphs": ("<p>a.io</p>\n<p>b.io</p>", "a.io\nb.io"),
    "list": ("<ul><li>a.io</li><li>b.io</li></ul>", "a.io\nb.io"),
    "link": ('<a href="/x">ServiceTag</a> - X', "ServiceTag - X"),
    "source lines": ("a.io,\n    b.io", "a.io, b.io"),
    "no-break space stays": ("a.io&nbsp;b.io", "a.io\xa0b.io"),
    "entities": ("*.hcp.&lt;location&gt;.azmk8s.io &amp; x", "*.hcp.<location>.azmk8s.io & x"),
    "placeholder eaten as a tag": ("<code>*.hcp.<location>.azmk8s.io</code>", "`*.hcp.<location>.azmk8s.io`"),
    "placeholders eaten as tags": ("azds-<guid>.<location>.azds.io", "azds-<guid>.<location>.azds.io"),
    "empty span": ("go.<span></span>microsoft.com", "go.microsoft.com"),
    "comment": ("gcr.io<!-- k8s.gcr.io -->", "gcr.io"),
    "picture": ('gcr.io <img src="x" alt="not">', f"gcr.io {UNREADABLE}"),
    "struck out": ("<del>gcr.io</del>", WITHDRAWN),
    "hidden": ("gcr.io<span hidden>k8s.gcr.io</span>", f"gcr.io{WITHDRAWN}"),
    "hidden by style": ('gcr.io<i style="DISPLAY: none">x</i>', f"gcr.io{WITHDRAWN}"),
    "nested table": ("<table><tr><td>gcr.io</td></tr></table>", LOST_TABLE),
}


@pytest.mark.parametrize(("html", "expected"), CELLS.values(), ids=CELLS)
def test_a_cell_keeps_its_lines_its_code_marks_and_what_it_cannot_say(html: str, expected: str) -> None:
    assert cell(html) == expected


def test_a_table_knows_the_tabs_that_it_stands_in() -> None:
    html = f"""
        <div class="tabGroup"><ul role="tablist">
        <li role="presentation"><a href="#panel-1" role="tab" aria-controls="panel-1">Azure Global</a></li>
        <li role="presentation"><a href="#panel-2" role="tab">Azure China</a></li></ul>
        <section id="panel-1" role="tabpanel">{TABLE.format("gcr.io")}</section>
        <section id="panel-2" role="tabpanel">{TABLE.format("gcr.io")}</section>
        <section id="panel-3" role="tabpanel">{TABLE.format("gcr.io")}</section></div>
    """
    assert [found.labels for found in section(html).tables] == [("Azure Global",), ("Azure China",), ("panel-3",)]
    assert lines(html) == []


def test_a_caption_is_a_label_of_its_table() -> None:
    html = "<table><caption>Azure Government</caption><tr><th>FQDN</th></tr><tr><td>gcr.io</td></tr></table>"
    assert table(html).labels == ("Azure Government",)


def test_a_table_knows_the_fold_and_the_pivot_that_it_stands_in() -> None:
    fold = f"<details><summary>Azure <b>China</b></summary>{TABLE.format('gcr.io')}</details>"
    pivot = f'<div data-pivot="azure-china">{TABLE.format("gcr.io")}</div>'
    assert [table(html).labels for html in (fold, pivot)] == [("Azure China",), ("azure-china",)]


# ---------------------------------------------------------------- hosts in running text


PROSE: Final = {
    "You may see md-*.blob.storage.azure.net at work.": ["md-*.blob.storage.azure.net"],
    'Traffic to "umsa*.blob.core.windows.net".': ["umsa*.blob.core.windows.net"],
    "Open *.hcp.<location>.azmk8s.io, gcr.io; (MCR.microsoft.com)": [
        "*.hcp.<location>.azmk8s.io",
        "gcr.io",
        "mcr.microsoft.com",
    ],
    "It ends with gcr.io.": ["gcr.io"],
    "curl gcr.io:443 or k8s.gcr.io:80": ["gcr.io:443", "k8s.gcr.io:80"],
    "See https://gcr.io/images and http://k8s.gcr.io for more.": ["k8s.gcr.io"],
    "Set kubernetes.azure.com/set-kube-service-host-fqdn on it.": [],
    "Write to admin@example.com.": [],
    "Open values.yaml, README.md or main.go in version 1.27.3.": [],
    "It listens on 10.0.0.1, e.g. here, i.e. there, etc.": [],
    "Ask for *.": [],
}


@pytest.mark.parametrize(("text", "expected"), PROSE.items())
def test_hosts_are_found_in_running_text_and_addresses_of_pages_are_not(text: str, expected: list[str]) -> None:
    assert [f"{host}:{port}" if port else host for host, port in hosts_in(text)] == expected


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()) | st.text("aB1*.-_:/<>@ c,com.io"))
def test_hosts_found_in_any_text_stand_in_it(text: str) -> None:
    for host, port in hosts_in(text):
        assert host in text.lower()
        assert not port or port in text


# ---------------------------------------------------------------- nothing disappears


TABS: Final = """
    <ul role="tablist"><li><a href="#1" role="tab">Azure Global</a></li>
    <li><a href="#2" role="tab">21Vianet</a></li></ul>
    <section id="1" role="tabpanel">{}</section><section id="2" role="tabpanel" aria-hidden="true" hidden>{}</section>
"""


def test_a_tab_that_is_not_shown_first_is_read_like_the_first() -> None:
    reading = rules_of(TABS.format(TABLE.format("gcr.io"), TABLE.format("gcr.io")))
    assert [rule.cloud for rule in reading.rules] == ["AzureChinaCloud", "AzureCloud"]
    assert reading.findings == ()


HIDDEN: Final = {
    "block": "<div hidden>{}</div>",
    "block by style": '<div style="display: none">{}</div>',
    "block in a block": "<div hidden><div><div>{}</div></div></div>",
}


@pytest.mark.parametrize("block", HIDDEN.values(), ids=HIDDEN)
def test_a_table_in_a_hidden_block_is_told(block: str) -> None:
    reading = rules_of(TABLE.format("gcr.io") + block.format(TABLE.format("k8s.gcr.io")))
    assert [str(finding.severity) for finding in reading.findings] == ["hold"]
    assert [rule.destinations[0].value for rule in reading.rules if rule.cloud in set(Cloud)] == ["gcr.io"] * 3


def test_a_hidden_row_and_a_hidden_table_are_told() -> None:
    row = TABLE.format("gcr.io").replace("<tr><td>", "<tr hidden><td>")
    whole = TABLE.format("gcr.io").replace("<table>", "<table hidden>")
    assert rules_of(row).findings
    assert rules_of(whole).findings


@pytest.mark.parametrize("line", ["<p hidden>Open k8s.gcr.io.</p>", "<p>Open <i hidden>k8s.gcr.io</i>.</p>"])
def test_a_host_in_a_hidden_line_is_told(line: str) -> None:
    reading = rules_of(TABLE.format("gcr.io") + line)
    assert [str(finding.severity) for finding in reading.findings] == ["hold"]
    assert {rule.destinations[0].value for rule in reading.rules} == {"gcr.io"}


def test_a_table_within_the_use_column_is_an_error() -> None:
    inner = "<table><tr><td>k8s.gcr.io</td></tr></table>"
    html = (
        TABLE.format("gcr.io")
        .replace("<th>Port", "<th>Use</th><th>Port")
        .replace("<td>443", f"<td>{inner}</td><td>443")
    )
    assert "error lost-table" in [f"{finding.severity} {finding.code}" for finding in rules_of(html).findings]


# ---------------------------------------------------------------- what once went wrong


def clouds_or_findings(body: str) -> set[str]:
    reading = rules_of(body)
    return {rule.cloud for rule in reading.rules} | {str(finding.severity) for finding in reading.findings}


@pytest.mark.parametrize("label", ["Azure U.S. Government", "For everybody who is in the cloud Azure Government"])
def test_a_list_line_that_names_a_cloud_is_never_passed_over(label: str) -> None:
    found = clouds_or_findings(f"<ul><li>{label}</li></ul>" + TABLE.format("gcr.io"))
    assert found == {"AzureUSGovernment"} or "hold" in found


@pytest.mark.parametrize(
    "above",
    ["<p><strong>Azure China 21Vianet</strong></p>", "<ul><li>Azure China 21Vianet</li></ul><p>Open these:</p>"],
)
def test_a_line_above_a_table_that_names_a_cloud_is_never_passed_over(above: str) -> None:
    found = clouds_or_findings(above + TABLE.format("gcr.io"))
    assert found == {"AzureChinaCloud"} or "hold" in found


def test_bare_ports_of_a_fqdn_table_share_their_transport() -> None:
    reading = rules_of(TABLE.format("gcr.io").replace("443", "443 and 4443"))
    assert [rule.id for rule in reading.rules if rule.cloud == Cloud.PUBLIC] == [
        "AzureCloud/core/gcr.io:tcp-443",
        "AzureCloud/core/gcr.io:tcp-4443",
    ]
    assert reading.findings == ()


@pytest.mark.parametrize("block", ["<div>{}</div></main>", '<div class="content" hidden>{}</div></main>'])
def test_a_table_of_rules_outside_the_article_is_told(block: str) -> None:
    stray = block.format(TABLE.format("k8s.gcr.io"))
    page = parse_page(learn(CORE + TABLE.format("gcr.io")).replace("</main>", stray))
    assert read_page(page, reviewed=ALL_REVIEWED).findings


@pytest.mark.parametrize("tag", ["noscript", "button", "template"])
def test_a_host_in_a_skipped_element_of_a_cell_is_told(tag: str) -> None:
    assert rules_of(TABLE.format(f"gcr.io<{tag}>, k8s.gcr.io</{tag}>")).findings


@pytest.mark.parametrize("text", ["\u4f7f\u7528gcr.io\u3002", "gcr.io\u3092\u958b\u304f"])
def test_a_host_is_found_between_letters_of_another_script(text: str) -> None:
    assert [host for host, _ in hosts_in(text)] == ["gcr.io"]


def test_a_heading_of_both_kinds_suits_either() -> None:
    heading = "<h3 id='b'>Required network and FQDN rules</h3>"
    table = "<table><tr><th>Destination Endpoint</th><th>Protocol</th><th>Port</th></tr>"
    assert rules_of(f"{heading}{table}<tr><td>*</td><td>UDP</td><td>1194</td></tr></table>").findings == ()


# ---------------------------------------------------------------- whatever is sent


TAGS: Final = st.sampled_from(
    [
        "main", "div", "p", "ul", "li", "table", "thead", "tr", "th", "td", "code", "strong", "br", "h2", "h3", "a",
        "pre", "span", "details", "summary", "location", "guid", "section", "svg", "template", "select", "html",
        "body", "meta",
    ]
)  # fmt: skip
ATTRIBUTES: Final = st.sampled_from(
    [
        "", " hidden", ' class="content"', ' role="tabpanel"', ' role="tablist"', " rowspan=x", ' id="a"', ' href="#a"',
        " data-pivot", ' style="display:none"', " name=locale content=x", " name=updated_at content=2021-99-99",
    ]
)  # fmt: skip
TEXTS: Final = st.text(max_size=5) | st.sampled_from(
    ["FQDN", "Port", "gcr.io", "443", "<", "&", "&#0;", "&#xE000;", "<!--", "-->", "<![CDATA[", "<?x", "\x00"]
)
MARKUP: Final = st.builds("<{}{}>".format, TAGS, ATTRIBUTES) | st.builds("</{}>".format, TAGS) | TEXTS
SOUP: Final = st.lists(MARKUP, max_size=40).map("".join)


@settings(max_examples=250, deadline=None)
@given(st.text(st.characters()) | SOUP | SOUP.map("<html><main>{}</main></html>".format))
@example("<html><main><table><tr><th></main></html>")
@example("<html><main></main><main></html>")
def test_any_text_is_a_page_or_a_page_error(html: str) -> None:
    with contextlib.suppress(PageError):
        assert parse_page(html) == parse_page(html)


@settings(max_examples=150, deadline=None)
@given(SOUP)
def test_any_article_is_read_to_rules_and_findings(soup: str) -> None:
    with contextlib.suppress(PageError):
        reading = rules_of(TABLE.format("gcr.io") + soup)
        assert reading.rules or reading.findings
