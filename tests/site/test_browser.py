"""The site as people meet it: in a real browser, by mouse and by keyboard, searched for barriers, without scripts."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from publish.site.browser.export_data import WRITTEN_HERE
from tests.base import CATALOG, HISTORY, TEXTS
from tests.site.builds import NOW
from tests.site.conftest import Tab, tab

SCREENSHOTS: Final = Path(__file__).parents[2] / "build" / "screenshots"
SIZES: Final = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES: Final = ("light", "dark")
MAIN: Final = {
    "overview": "index.html",
    "rule": "rules/AzureCloud/core/any_udp-1194.html",
    "former-rule": "rules/AzureChinaCloud/core/mcr.microsoft.cn_tcp-443.html",
    "cloud": "clouds/AzureCloud.html",
    "feature": "features/key-vault-csi.html",
    "history": "history.html",
    "version": "history/2024.12.6.html",
    "compare": "compare.html?from=2024.5.13",
    "cluster": "cluster.html?region=westeurope&features=gpu,defender",
    "cluster-empty": "cluster.html",
    "handbook": "docs/wildcards.html",
    "handbook-start": "docs/index.html",
    "cluster-export": "cluster.html?region=westeurope&as=azure-firewall-bicep",
    "subscribe": "subscribe.html",
    "download": "download.html",
    "glossary": "glossary.html",
    "known-gaps": "known-gaps.html",
}
REFLOWING: Final = ("overview", "history", "compare", "cluster", "subscribe")
"""Pages that are built otherwise on a phone."""
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def shown(desk: Tab) -> list[str]:
    """The pages of the rules that the table shows."""
    hrefs: list[str] = desk.page.eval_on_selector_all(
        "#rules tr[data-level]:not([hidden])",
        "rows => rows.filter(row => row.offsetParent).map(row => row.querySelector('a').getAttribute('href'))",
    )
    return hrefs


@pytest.mark.parametrize(
    ("label", "choice", "count"),
    [
        ("Cloud", "AzureUSGovernment", 46),
        ("Feature", "GPU", 9),
        ("Level", "recommended", 12),
        ("Placeholders", "with {region}", 16),
    ],
)
def test_each_filter_narrows_the_table_and_says_how_far(desk: Tab, label: str, choice: str, count: int) -> None:
    page = desk.open("index.html")
    assert len(shown(desk)) == 153
    page.get_by_label(label, exact=True).select_option(label=choice)
    assert len(shown(desk)) == count
    assert page.locator("#count").inner_text() == f"{count} of 153 rules"
    page.get_by_role("button", name="Show all").click()
    page.get_by_text("153 rules", exact=True).wait_for()
    assert len(shown(desk)) == 153


def test_filters_agree_and_can_be_linked(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_label("Search").fill("MCR tcp")
    page.get_by_label("Cloud", exact=True).select_option("AzureCloud")
    page.get_by_label("Feature", exact=True).select_option("core")
    expected = {
        rule.id
        for rule in CATALOG.rules(cloud="AzureCloud", feature="core")
        if "mcr" in str(rule.destinations[0]) and rule.protocol == "TCP"
    }
    assert len(shown(desk)) == len(expected) == 3
    address = page.url
    assert address.endswith("?q=MCR+tcp&feature=core&cloud=AzureCloud")
    page.goto("about:blank")
    page.goto(address)
    page.get_by_text("3 of 153 rules", exact=True).wait_for()
    assert page.get_by_label("Feature", exact=True).input_value() == "core"


def test_a_search_without_an_answer_says_so(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_label("Search").fill("nothing is like this")
    assert page.locator("#empty").is_visible()
    assert page.locator("#count").inner_text() == "0 of 153 rules"
    assert not page.locator("#rules thead").is_visible()


def test_a_region_is_written_into_the_hosts_of_its_cloud(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_label("Region", exact=True).select_option("norwayeast")
    assert page.get_by_label("In cloud").input_value() == "AzureCloud"  # one choice for the whole page
    table = page.locator("#rules").inner_text()
    assert "*.hcp.norwayeast.azmk8s.io" in table
    assert "tag:AzureCloud.norwaye\n" in table or "tag:AzureCloud.norwaye " in table
    page.get_by_label("Search").fill("hcp.norwayeast")
    assert shown(desk) == ["rules/AzureCloud/core/~.hcp.~region~.azmk8s.io_tcp-443.html"]
    page.get_by_role("button", name="Show all").click()
    page.get_by_text("153 rules", exact=True).wait_for()
    assert "norway" not in page.locator("#rules").inner_text()
    assert page.get_by_label("In region").input_value() == ""


def test_a_search_takes_patterns_and_addresses_at_their_word(desk: Tab) -> None:
    page = desk.open("index.html")
    for asked in ("westeurope.data.mcr.microsoft.com", "https://westeurope.data.mcr.microsoft.com/v2/"):
        page.get_by_label("Search").fill(asked)
        assert {path.rpartition("/")[2] for path in shown(desk)} == {"~.data.mcr.microsoft.com_tcp-443.html"}
    page.get_by_label("Search").fill("mcr.microsoft.cn")
    page.get_by_text("No rules match.").wait_for()
    page.get_by_role("heading", name="Former rules: ").wait_for()
    assert "left the article on 13 March 2025" in page.locator("#elsewhere").inner_text()
    page.get_by_label("Search").fill("nothing.is.like.this")
    page.get_by_role("link", name="Check nothing.is.like.this").click()
    page.locator("[data-verdict=not-listed]").wait_for()
    page.get_by_label("Search").fill("preserve alpn")
    page.get_by_role("link", name="preserve alpn").click()
    assert page.locator("#preserve-alpn").inner_text() == "preserve alpn"
    page = desk.open("index.html?q=exit+code")
    page.get_by_role("link", name="Exit codes", exact=True).click()
    assert page.url.endswith("docs/files.html#exit-codes")


def test_an_address_that_is_none_searches_for_what_it_named(browser: Browser, files: dict[str, bytes]) -> None:
    page = browser.new_page()

    def served(route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix("/aks/")
        known = files.get(path)
        kinds = {"js": "text/javascript", "json": "application/json", "css": "text/css", "svg": "image/svg+xml"}
        kind = kinds.get(path.rpartition(".")[2], "text/html")
        route.fulfill(status=200 if known else 404, body=known or files["404.html"], content_type=kind)

    page.route("https://example.org/**", served)
    page.goto("https://example.org/aks/rules/AzureCloud/old/mcr.microsoft.com_tcp-443.html")
    assert page.get_by_label("Search").input_value() == "mcr.microsoft.com"
    page.get_by_role("link", name="AzureCloud/core/mcr.microsoft.com:tcp-443").click()
    assert page.locator("h1").inner_text().startswith("mcr.microsoft.com")
    page.close()


def test_the_table_is_sorted_by_a_column_and_copied(browser: Browser, address: str) -> None:
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as found:
        page = found.open("index.html?cloud=AzureCloud&feature=core")
        grouped = shown(found)
        page.get_by_role("button", name="Port").click()
        ports = page.locator("#rules tr[data-level]:not([hidden]) td.port").all_inner_texts()
        assert ports == sorted(
            ports, key=lambda text: re.sub(r"\d+", lambda digits: digits[0].zfill(5), text).casefold()
        )
        assert page.locator("th[aria-sort=ascending]").inner_text() == "Port"
        assert sorted(shown(found)) == sorted(grouped)
        page.get_by_role("button", name="Port").click()
        page.get_by_role("button", name="Port").click()
        assert shown(found) == grouped
        page.get_by_role("button", name="Copy the rule for mcr.microsoft.com", exact=True).first.click()
        page.get_by_text("Copied.").wait_for()
        row = page.evaluate("navigator.clipboard.readText()").split("\t")
        assert row[:5] == ["mcr.microsoft.com", "TCP 443 HTTPS", "required", "AzureCloud", "core"]
        page.get_by_role("button", name="Copy these rules").click()
        page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('destination')")
        assert len(page.evaluate("navigator.clipboard.readText()").splitlines()) == len(grouped) + 1


def test_a_cell_of_the_matrix_leads_to_its_rules(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_role("link", name="GPU in AzureUSGovernment").click()
    page.get_by_text("3 of 153 rules", exact=True).wait_for()
    assert all("/AzureUSGovernment/gpu/" in path for path in shown(desk))


def test_the_picture_is_seen_once_and_has_a_line_a_cloud(browser: Browser, address: str) -> None:
    for size, kind, other in (("desktop", "wide", "narrow"), ("phone", "narrow", "wide")):
        with tab(browser, address, viewport=SIZES[size]) as found:
            page = found.open("history.html")
            picture = page.locator(f"svg.chart.{kind}")
            assert picture.is_visible()
            assert not page.locator(f"svg.chart.{other}").is_visible()
            assert picture.locator("path.line").count() == 3
            assert picture.locator(".mark").count() == 49
            lines = [picture.locator(f"path.series-{place}").bounding_box() for place in (1, 2, 3)]
            assert all(line and line["width"] > 200 for line in lines)


def test_a_version_is_compared_with_todays_and_each_change_is_shown_once(desk: Tab) -> None:
    page = desk.open("compare.html?from=2025.5.27&to=2026.7.2")
    page.get_by_role("heading", name="From 2025.5.27 to today’s 2026.7.2").wait_for()
    page.get_by_role("heading", name="Add now: 1").wait_for()
    assert "*.cloud.defender.microsoft.com" in page.locator("#difference").inner_text()
    assert page.url.endswith("?from=2025.5.27")
    page.get_by_label("Your version").select_option("2026.7.2")
    page.get_by_text("This is today’s version.").wait_for()
    assert page.url.endswith("?from=2026.7.2")
    page.get_by_label("Your version").select_option("2025.3.12")
    page.get_by_role("heading", name="May go").wait_for()
    plan = page.request.get(f"{desk.address}plan/since/2025.3.12.json").json()
    steps = {name for step in (*plan["add"], *plan["may_go"]) for name in step["rules"]}
    told = {rule for _, _, rule, *_ in plan["changes"] if rule not in steps}
    assert set(page.locator("#difference .changes a").evaluate_all("all => all.map(one => one.textContent)")) == told
    assert page.locator("#difference table a").count() == len(plan["add"]) + len(plan["may_go"])
    page.go_back()
    page.get_by_text("This is today’s version.").wait_for()


def test_a_comparison_is_narrowed_to_a_cloud_and_a_feature(desk: Tab) -> None:
    page = desk.open("compare.html?from=2024.5.13&cloud=AzureChinaCloud&feature=azure-monitor")
    page.get_by_text("Compared for AzureChinaCloud, Azure Monitor, and for every kind of cluster.").wait_for()
    links = page.locator("#difference table a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links
    assert all(link.startswith("rules/AzureChinaCloud/azure-monitor/") for link in links)
    page.get_by_label("Cloud").select_option("AzureUSGovernment")
    page.get_by_text("Compared for AzureUSGovernment").wait_for()
    assert page.url.endswith("?from=2024.5.13&cloud=AzureUSGovernment&feature=azure-monitor")


def test_every_version_is_offered_against_today(desk: Tab) -> None:
    page = desk.open("compare.html")
    offered = page.locator("#from option").evaluate_all("all => all.map(one => one.value)")
    assert offered == [one.version for one in reversed(HISTORY.versions)]


@pytest.mark.parametrize(
    ("query", "answer", "command"),
    [
        ("from=2025.5.27&to=2025.5.8", "the way from “2025.5.27” to “2025.5.8”", "diff 2025.5.27 2025.5.8"),
        ("from=2026.7.2&to=2025.5.27", "only knows the way to today’s version, 2026.7.2", "diff 2026.7.2 2025.5.27"),
        ("from=2025.5.27&to=x;rm+-rf+~", "to “x;rm -rf ~”", "diff OLD NEW"),
        ("to=2025.5.27", "the way from “” to “2025.5.27”", "diff OLD NEW"),
        ("from=2025.5.28", "There is no version “2025.5.28”.", ""),
        ("from=2025.5.27&cloud=Mars", "There is no cloud “Mars”.", ""),
        ("from=2025.5.27&feature=x", "There is no feature “x”.", ""),
        ("from=<b>x", "There is no version “<b>x”.", ""),
        ("from=", "There is no version “”.", ""),
        ("from=2025.5.27&from=2025.5.8", "names more than one version", ""),
    ],
)
def test_an_address_that_asks_for_something_else_is_told_so_and_answered_by_no_other_plan(
    desk: Tab, query: str, answer: str, command: str
) -> None:
    page = desk.open(f"compare.html?{query}")
    page.locator("#difference .fault").wait_for()
    said = page.locator("#difference").inner_text()
    assert answer in said
    assert f"aks-egress-catalog {command}" in said or not command
    assert page.locator("#difference h2, #difference .empty").count() == 0
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_label("Your version").input_value() == ""
    assert not [url for url in desk.asked if "plan/since" in url]
    page.get_by_label("Your version").select_option("2025.5.27")
    page.get_by_role("heading", name="Add now: 1").wait_for()
    assert page.url.endswith("?from=2025.5.27")


def test_descriptions_change_their_language_and_say_when_they_are_stale(desk: Tab) -> None:
    page = desk.open("index.html")
    english = page.locator("#rules td.use").first.inner_text()
    page.get_by_label("Descriptions in").select_option("de-de")
    page.get_by_text("stale: older than the English page").wait_for()
    first = page.locator("#rules td.use").first
    assert first.inner_text() != english
    assert first.get_attribute("lang") == "de-de"
    page = desk.open("features/gpu.html")
    assert page.get_by_label("Descriptions in").input_value() == "de-de"
    assert page.locator("#rules td.use").first.get_attribute("lang") == "de-de"
    page.get_by_label("Descriptions in").select_option("ja-jp")
    page.locator('#rules td.use[lang="ja-jp"]').first.wait_for()
    assert page.locator("[data-language-note]").inner_text() == ""
    page.get_by_label("Descriptions in").select_option("en-us")
    page.locator('#rules td.use[lang="en-us"]').first.wait_for()


def test_a_search_finds_words_of_the_language_that_is_shown(desk: Tab) -> None:
    page = desk.open("index.html?lang=de-de&q=Tunnel+sicherer")
    page.locator('#rules td.use[lang="de-de"]').first.wait_for(state="attached")
    said = [" ".join(found).lower() for found in TEXTS["de-de"].values()]
    expected = sum("tunnel" in one and "sicherer" in one for one in said)
    page.get_by_text(f"{expected} of 153 rules", exact=True).wait_for()
    assert expected > 0


def test_everything_can_be_reached_by_the_keyboard(desk: Tab) -> None:
    page = desk.open("index.html")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to the content"
    page.evaluate("Promise.all(document.activeElement.getAnimations().map((one) => one.finished))")  # it slides in
    box = focused.bounding_box()
    assert box
    assert box["y"] > -1  # a browser counts in parts of a pixel
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "host"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("mcr.microsoft.com")
    page.keyboard.press("Enter")
    page.locator("#answer li").first.wait_for()
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    wanted = ["text", "cloud", "feature", "level", "placeholder", "region", "language", "copy-all"]
    assert [name for name in reached if name in wanted] == wanted


def test_without_scripts_everything_but_the_extras_is_there(browser: Browser, address: str) -> None:
    with tab(browser, address, java_script_enabled=False, complaints=False) as found:
        page = found.open("index.html")
        assert page.locator("#rules tr[data-level]").count() == 153
        assert page.locator("#rules tr[data-level]").first.is_visible()
        assert not page.locator("#filters").is_visible()
        assert "aks-egress-catalog check" in page.locator("noscript").inner_text()
        page = found.open("compare.html")
        assert "aks-egress-catalog diff" in page.locator("noscript").inner_text()
        page.get_by_role("link", name="history", exact=True).click()
        page.get_by_role("link", name="6 December 2024").click()
        assert page.get_by_role("heading", name="New endpoints: 9").is_visible()


def test_pages_paint_before_any_script_and_fetch_data_only_when_asked(desk: Tab) -> None:
    desk.open("index.html")
    asked = [url.removeprefix(desk.address) for url in desk.asked]
    assert asked[0] == "index.html"
    assert not [path for path in asked if path.startswith("data/")]
    assert desk.page.locator("script:not([type=module], [type='application/ld+json'])").count() == 0


@pytest.mark.parametrize("width", [320, 390, 768, 840, 1024, 1130, 1600])
def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    with tab(browser, address, viewport={"width": width, "height": 800}) as found:
        for path in MAIN.values():
            page = found.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_site_that_nobody_makes_anew_says_so_by_itself(browser: Browser, live_address: str) -> None:
    with tab(browser, live_address) as found:
        page = found.open("index.html")
        assert "checked 4 July 2026, 06:15 UTC (1 h ago)" in page.locator(".trust").inner_text()
        page.clock.set_fixed_time(NOW + dt.timedelta(days=3))
        found.open("glossary.html")
        assert "(3 days ago)" in page.locator(".trust").inner_text()
        assert "what you read may be out of date" in page.locator(".trust").inner_text()


def test_hostile_text_runs_nothing(browser: Browser, hostile_address: str) -> None:
    with tab(browser, hostile_address) as found:
        page = found.open("index.html")
        page.get_by_label("Search").fill("script")
        page.get_by_label("Descriptions in").select_option("de-de")
        page.locator('#rules td.use[lang="de-de"]').first.wait_for()
        page.get_by_label("Hosts that your firewall denied").fill("x<script>alert(1)</script>")
        page.keyboard.press("Enter")
        page.locator("#answer p").first.wait_for()
        page = found.open("compare.html?from=2019.4.3&to=2026.7.2")
        page.get_by_role("heading", name="Add now").wait_for()
        page.locator("summary").click()
        assert page.locator("#difference :is(script, img)").count() == 0
        for form in ("", *WRITTEN_HERE):
            page = found.open(f"cluster.html?region=westeurope&features=gpu,defender&as={form}".removesuffix("&as="))
            page.locator("pre.file" if form else "#panel tr[data-id]").first.wait_for()
            assert page.locator("#outcome :is(script, img)").count() == 0
        page = found.open("history.html")
        page.locator("tbody a").first.click()
        page.locator('main a[href*="rules/"]').first.click()
        page.locator("h1").wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_main_pages_have_no_barrier_and_are_kept_as_pictures(
    browser: Browser, address: str, size: str, scheme: Literal["light", "dark"]
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with tab(browser, address, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce") as found:
        for name, path in MAIN.items():
            page = found.open(path)
            if name == "overview":
                page.get_by_label("Hosts that your firewall denied").fill("mcr.microsoft.com:443")
                page.keyboard.press("Enter")
                page.locator("#answer li").first.wait_for()
            if name == "compare":
                page.locator("summary").wait_for()
            if name.startswith("cluster"):
                page.locator("pre.file" if "export" in name else "#panel tr[data-id]").first.wait_for()
            file = SCREENSHOTS / f"{name}-{size}-{scheme}.png"
            page.screenshot(path=file, full_page=name not in ("overview", "cloud"))
            if size == "desktop" or name in REFLOWING:
                assert barriers(page) == {}, name


def barriers(page: Page) -> dict[str, list[str]]:
    """What stands against WCAG 2.2 AA, by rule of axe."""
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page, options=options).response["violations"]
    return {one["id"]: [node["html"] for node in one["nodes"]][:3] for one in found}
