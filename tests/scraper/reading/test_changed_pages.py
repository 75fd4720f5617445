"""Today's page with one thing changed: no part of an article is refused, misread or lost in silence."""

from __future__ import annotations

import re
from typing import Final

import pytest

from scraper.findings import PageError
from scraper.page.page import parse_page
from tests.scraper.changing import (
    ADD_ONS,
    GLOBAL_NETWORK,
    GPU,
    LAST_ROW,
    MONITOR_GOV,
    NVIDIA,
    POLICY_GOV,
    TABLE,
    TODAY,
    B,
    Difference,
    append,
    destination,
    difference,
    differs,
    everywhere,
    heading,
    of,
    port,
    strictly,
    swap,
    use,
    within,
)

# ---------------------------------------------------------------- the page as a whole


WHOLE_PAGES: Final = {
    "half a page": (TODAY[: len(TODAY) // 2], ["cut-page"]),
    "a page without its end": (TODAY.replace("</html>", ""), ["cut-page"]),
    "an article without its end": (TODAY.replace("</main>", ""), ["cut-page"]),
    "nothing": ("", ["no-article", "cut-page"]),
    "an error page": ("<html><body><h1>404</h1></body></html>", ["no-article", "cut-page"]),
    "two articles": (swap("</main>", "</main><main></main>"), ["no-article"]),
    "an article nested without end": (append(GPU, "<div>" * 2_000 + "</div>" * 2_000), ["too-deep"]),
    "an article in an article": (TODAY.replace("<main", "<main><p>x</p></main><main", 1), ["no-article"]),
}  # fmt: skip


@pytest.mark.parametrize(("html", "codes"), WHOLE_PAGES.values(), ids=WHOLE_PAGES)
def test_what_is_no_whole_article_is_refused(html: str, codes: list[str]) -> None:
    with pytest.raises(PageError) as refused:
        parse_page(html, locale="en-us")
    assert [(f.severity, f.code, str(f.at)) for f in refused.value.findings] == [("error", c, "en-us") for c in codes]


@pytest.mark.parametrize(
    "html",
    [
        '<html><head><meta name="locale" content="en-us"></head><body><main><div class="content"><h1>Sorry</h1></div>'
        "</main></body></html>",
        re.sub(r"(?s)<table>.*?</table>", "", TODAY),
    ],
)
def test_an_article_without_rules_is_an_error(html: str) -> None:
    assert "error no-rules en-us" in difference(html).reported


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<h2 id="ms--feedback" class="title is-3">Feedback</h2>', '<h2 id="ms--feedback">b.contoso.com</h2>'),
        ("<!-- custom meta tags -->", "<script>document.write('<table>')</script>"),
        ("This page asks for authorization.", "b.contoso.com asks for authorization."),
        ('<a href="#main">Go to the main content</a>', f"<div>{TABLE}</div>"),
    ],
)
def test_the_furniture_of_the_page_gives_no_rule(old: str, new: str) -> None:
    assert difference(swap(old, new)) == differs()


HOSTILE: Final = {
    "a script in a cell": (destination("nvidia.github.io<script>alert(1)</script>"), differs()),
    "a style in a cell": (destination("nvidia.github.io<style>td{}</style>"), differs()),
    "a script as text": (
        use("&lt;script&gt;alert(1)&lt;/script&gt;"),
        differs(altered=NVIDIA),
    ),
    "a comment with a table": (append(GPU, f"<!--{TABLE}-->"), differs()),
    "a comment that ends the article": (append(GPU, "<!-- </main></html> -->"), differs()),
    "a nul": (append(GPU, "<p>a\0b</p>"), differs()),
    "an entity that closes a cell": (destination("nvidia.github.io&lt;/td&gt;"), None),
    "a form": (destination('<input value="b.contoso.com">'), None),
    "a label as long as a page": (destination("a" * 100_000 + ".contoso.com"), None),
    "a name of very many labels": (destination("a." * 50_000 + "com"), None),
    "very many stars": (destination("*" * 50_000 + ".contoso.com"), None),
    "very many brackets": (destination("&lt;" * 50_000), None),
    "very many parentheses": (destination("(" * 50_000), None),
    "very many commas": (destination("," * 50_000), None),
    "very many labels before a value": (destination("a - " * 20_000), None),
    "a port of very many digits": (port("4" * 2_000), None),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_as_text_or_refused(html: str, expected: Difference | None) -> None:
    found = difference(html)
    if expected is None:
        assert {one for one in found.reported if one.startswith("error ")}
        expected = differs(removed=NVIDIA, reported=found.reported)
    assert found == expected


@pytest.mark.parametrize(
    "words", ["a.", "a-", "1", "TCP ports 1, ", "private clusters ", "will be replaced by ", "1.2.3.4."]
)
def test_very_long_prose_costs_no_rule_of_the_page(words: str) -> None:
    found = difference(append(GPU, f"<p>{words * 5_000}</p>"))
    assert not found.removed | found.altered


# ---------------------------------------------------------------- nothing in silence

IN_GOV: Final = differs(
    added=[f"AzureUSGovernment/{B}"], removed=of("gpu") - of("gpu", "AzureCloud"), altered=of("gpu", "AzureCloud")
)
ANY_8443: Final = differs(added=everywhere("gpu/any:tcp-8443"))
NEVER: Final = differs(removed=of("core"))
"""Stands where no reading is right: the page must be reported of."""

RISKS: Final = {
    # a wrong fact
    "a footnote mark at a port": (port("<code>HTTPS:443</code><sup>1</sup>"), differs()),
    "a footnote letter at a host": (destination("a.contoso.com<sup>a</sup>"), NEVER),
    "a named set that nobody knows behind the label of one": (
        within(GLOBAL_NETWORK, "<code>RegionCIDRs:1194", "<code>RegionalCIDRs:1194"),
        NEVER,
    ),
    "a placeholder in braces that nobody knows": (destination("{workspace}.contoso.com"), NEVER),
    "two notes with two clouds": (destination("a.contoso.com (Azure Government) (Azure China)"), NEVER),
    # a cloud that is named by something else than a heading, tab, fold, caption or short list line
    "a new cloud in a paragraph above a table": (append(GPU, f"<p><strong>Azure Bleu</strong></p>{TABLE}"), NEVER),
    "a new cloud in a sentence above a table": (append(GPU, f"<p>In Azure Bleu, open also:</p>{TABLE}"), NEVER),
    "a new cloud in a list line with a comma": (append(GPU, f"<ul><li>Azure Bleu, in preview</li></ul>{TABLE}"), NEVER),
    "a new cloud in a list line, then a sentence": (append(GPU, f"<ul><li>Azure Bleu</li></ul><p>x</p>{TABLE}"), NEVER),
    "a new cloud in a definition": (append(GPU, f"<dl><dt>Azure Bleu</dt><dd>{TABLE}</dd></dl>"), NEVER),
    "a new cloud in an alert": (append(GPU, f'<div class="NOTE"><p>Only in Azure Bleu:</p>{TABLE}</div>'), NEVER),
    "a known cloud in a paragraph above a table": (append(GPU, f"<p><b>Azure US Government</b></p>{TABLE}"), IN_GOV),
    "a known cloud in a long list line": (
        append(GPU, f"<ul><li>In Azure US Government you also have to open the following endpoints:</li></ul>{TABLE}"),
        NEVER,
    ),
    "two clouds in two list lines": (
        append(GPU, f"<ul><li>Azure US Government</li><li>Azure China</li></ul>{TABLE}"),
        NEVER,
    ),
    "a heading that became a paragraph": (
        re.sub(rf'<h4 id="{POLICY_GOV}">(.*?)</h4>', r"<p><strong>\1</strong></p>", TODAY),
        differs(altered=of("azure-policy", "AzureUSGovernment")),
    ),
    "an id that is no slug": (
        append("application-routing-add-on", heading(2, "more_rules", "Required FQDN / application rules") + TABLE),
        NEVER,
    ),
    "an endpoint as a heading": (append(GPU, heading(3, "new", "b.contoso.com") + "<p>Allow it.</p>"), NEVER),
    "a heading that is lost": (re.sub(rf'<h4 id="{MONITOR_GOV}">.*?</h4>', "", TODAY), NEVER),
    # lost
    "a table without its end": (within(GPU, "</table>", ""), NEVER),
    "an endpoint between the rows of a table": (
        within(GPU, LAST_ROW, f"{LAST_ROW}Also allow b.contoso.com."),
        differs(added=everywhere("gpu/b.contoso.com:any")),
    ),
    "a row that is struck out": (within(GPU, LAST_ROW, f"<del>{LAST_ROW}</del>"), NEVER),
    "a table that is struck out": (append(GPU, f"<del>{TABLE}</del>"), NEVER),
    "an endpoint in a description": (
        use("Drivers. Also allow b.contoso.com."),
        differs(altered=NVIDIA, added=everywhere("gpu/b.contoso.com:any")),
    ),
    "a port in a description": (
        use("Drivers. Also open TCP port 8443."),
        differs(altered=NVIDIA, added=everywhere("gpu/any:tcp-8443")),
    ),
    "a table in a part for browsers without scripts": (append(GPU, f"<noscript>{TABLE}</noscript>"), NEVER),
    "a table in a button": (append(GPU, f"<button>{TABLE}</button>"), NEVER),
    "a table in a navigation": (append(GPU, f"<nav>{TABLE}</nav>"), NEVER),
    "a table outside of the article's blocks": (
        swap('<section id="site-user-feedback-footer"', f'<div>{TABLE}</div><section id="site-user-feedback-footer"'),
        NEVER,
    ),
    # prose
    "a port that is none": (append(GPU, "<p>Open TCP port 99999.</p>"), NEVER),
    "port 0": (append(GPU, "<p>Open TCP port 0.</p>"), NEVER),
    "a range of ports": (append(GPU, "<p>Open TCP ports 15000-15010.</p>"), NEVER),
    "a range of ports in words": (append(GPU, "<p>Open TCP ports 15000 to 15010.</p>"), NEVER),
    "a port in the form of a cell": (append(GPU, "<p>Open TCP:8443.</p>"), ANY_8443),
    "a port without the word": (append(GPU, "<p>Open TCP 8443.</p>"), ANY_8443),
    "a port before its protocol": (append(GPU, "<p>Open 8443/TCP.</p>"), ANY_8443),
    "a service tag": (append(GPU, "<p>Also allow ServiceTag - Storage:443.</p>"), NEVER),
    "an address that is none": (append(GPU, "<p>Also allow 300.1.2.3 there.</p>"), NEVER),
    "an address range that is none": (append(GPU, "<p>Also allow 20.10.0.1/16 there.</p>"), NEVER),
    "an address range from to": (append(GPU, "<p>Also allow 20.1.2.3-20.1.2.9 there.</p>"), NEVER),
    "an address range of IPv6": (
        append(GPU, "<p>Also allow 2603:1030::/32 there.</p>"),
        differs(added=everywhere("gpu/cidr:2603:1030::/32:any")),
    ),
    "a soft hyphen in an endpoint": (append(GPU, "<p>Also allow b&shy;.contoso.com.</p>"), NEVER),
    "a zero-width space in an endpoint": (append(GPU, "<p>Also allow b.\N{ZERO WIDTH SPACE}contoso.com.</p>"), NEVER),
    "full-width dots in an endpoint": (append(GPU, "<p>Also allow b\uff0econtoso\uff0ecom.</p>"), NEVER),
    "a split star": (
        append(GPU, "<p>Also allow *. contoso.com there.</p>"),
        differs(added=everywhere("gpu/*.contoso.com:any")),
    ),
    "a placeholder in braces": (append(GPU, "<p>Also allow {workspace}.contoso.com there.</p>"), NEVER),
    "a placeholder in brackets": (append(GPU, "<p>Also allow [workspace].contoso.com there.</p>"), NEVER),
    "endpoints without blanks between": (
        append(GPU, "<p>Also allow a.contoso.com,b.contoso.com there.</p>"),
        differs(added=everywhere("gpu/a.contoso.com:any", "gpu/b.contoso.com:any")),
    ),
    "an endpoint with its scheme": (
        append(GPU, "<pre><code>curl https://b.contoso.com</code></pre>"),
        differs(added=everywhere("gpu/b.contoso.com:any")),
    ),
    "a port in the frame of the add-ons": (append(ADD_ONS, "<p>Open TCP port 8443 too.</p>"), NEVER),
    "an address in the frame of the add-ons": (append(ADD_ONS, "<p>Also allow 20.1.2.3 there.</p>"), NEVER),
}  # fmt: skip


@pytest.mark.parametrize(("html", "right"), RISKS.values(), ids=RISKS)
def test_what_is_not_read_right_is_reported(html: str, right: Difference) -> None:
    found = strictly(html)
    assert found == right or found.reported
