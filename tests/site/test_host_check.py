"""The host check as people use it: what is pasted, what is answered, and what the address says of both."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import Tab, tab

SIZES: Final = {"desktop": (1280, 900), "phone": (390, 844)}
LOG: Final = """
2026-07-04T08:00:00.123Z HTTPS request from 10.0.0.4:51000 to mcr.microsoft.com:443. Action: Deny. No rule matched
UDP request from 10.0.0.4:40000 to 192.0.2.7:1194. Action: Deny
{"category": "AZFWApplicationRule", "properties": {"Fqdn": "evil.example", "DestinationPort": 8443}}
/subscriptions/1/providers/MICROSOFT.NETWORK/AZUREFIREWALLS/fw server.go:123 nothing to see
packages.aks.azure.com 443
https://packages.microsoft.com/repos/, ntp.ubuntu.com:123/udp
"""
ASKED: Final = """
async (text) => (await import("/static/hosts-in-text.js")).hostsIn(text)
"""


def ask(page: Page, text: str) -> None:
    page.get_by_label("Hosts that your firewall denied").fill(text)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#answer p").first.wait_for()


def verdicts(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-verdict]").evaluate_all("all => all.map(one => one.dataset.verdict)")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_the_check_stands_directly_under_the_title_and_has_no_answer_before_it_was_asked(
    browser: Browser, address: str, size: str
) -> None:
    width, height = SIZES[size]
    with tab(browser, address, viewport={"width": width, "height": height}) as found:
        page = found.open("index.html")
        assert page.locator("h1 + * #check").count() == 1
        box = page.get_by_role("button", name="Check", exact=True).bounding_box()
        assert box
        assert box["y"] + box["height"] < height  # seen without scrolling
        assert page.locator("[data-verdict]").count() == 0
        assert page.locator("#answer").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize(
    ("asked", "verdict", "words"),
    [
        ("MCR.microsoft.com.", "required", "mcr.microsoft.com Required Every cluster needs it."),
        ("https://mcr.microsoft.com/v2/", "required", "mcr.microsoft.com:443/TCP Required Every cluster needs it."),
        ("x.cloud.defender.microsoft.com", "required-if", "Required if you use Defender Only in AzureCloud."),
        ("security.ubuntu.com:80", "recommended", "Recommended For OS updates; a cluster runs without it."),
        ("md-a.blob.storage.azure.net", "informational", "Informational Only the prose of the article names it"),
        ("developer.download.nvidia.com", "known-gap", "Known gap The article lacks it, for GPU."),
        ("mcr.microsoft.cn", "retired", "Was required until 13 March 2025 In AzureChinaCloud; no rule"),
        ("evil.example:8443", "not-listed", "evil.example:8443/TCP Not listed No rule names it."),
        ("mcr.microsoft.com:22", "not-listed", "Not listed The host is listed, but it is for TCP 443, not for TCP 22."),
        ("192.0.2.7:1194/udp", "unnamed", "192.0.2.7:1194/UDP Unnamed An address says nothing by itself"),
        ("<b>x", "invalid", "“<b>x” is not a host name or an address; give it as HOST or HOST:PORT."),
        ("mcr.microsoft.com/icmp", "invalid", "“icmp” is neither tcp nor udp."),
        ("mcr.microsoft.com:0", "invalid", "0 is not a port from 1 to 65535."),
    ],
)
def test_each_verdict_is_said_in_words(desk: Tab, asked: str, verdict: str, words: str) -> None:
    page = desk.open("index.html")
    ask(page, asked)
    assert verdicts(page) == [verdict]
    assert words in " ".join(page.locator("#answer").inner_text().split())


def test_a_log_a_list_and_urls_give_one_answer_a_host(desk: Tab) -> None:
    page = desk.open("index.html")
    found = page.evaluate(ASKED, LOG)
    assert [one["text"] for one in found["answers"]] == [
        "mcr.microsoft.com:443/TCP",
        "192.0.2.7:1194/UDP",
        "evil.example:8443/TCP",
        "packages.aks.azure.com:443/TCP",
        "packages.microsoft.com:443/TCP",
        "ntp.ubuntu.com:123/UDP",
    ]
    assert found["silent"] == 1
    ask(page, LOG)
    assert len(verdicts(page)) == 6
    assert "1 line without a host." in page.locator(".summary").inner_text()


@pytest.mark.parametrize(
    "text",
    ["a." * 2_000_000, "a-" * 2_000_000, "x@y.example " * 300_000, "\n".join(f"h{n}.example" for n in range(100_000))],
    ids=["dots", "dashes", "mail", "hosts"],
)
def test_megabytes_are_cut_with_a_word_and_do_not_hang(desk: Tab, text: str) -> None:
    page = desk.open("index.html")
    page.evaluate("text => { document.querySelector('#host').value = text; }", text)
    page.evaluate("document.querySelector('#check').requestSubmit()")
    page.locator("#answer p").first.wait_for()
    said = page.locator("#answer").inner_text()
    assert "Only the first 100 hosts" in said or "No host is named" in said
    assert len(verdicts(page)) <= 100
    assert len(page.url) < 8_000


def test_one_rule_a_host_and_port_is_shown_and_the_rest_folded(desk: Tab) -> None:
    page = desk.open("index.html?host=mcr.microsoft.com")
    page.locator("[data-verdict]").wait_for()
    links = page.locator("#answer .sources > li > a")
    assert [link for link in links.all_inner_texts() if "TCP 443, AzureCloud, Core" in link]
    assert len([link for link in links.all() if link.is_visible()]) == 1
    page.locator("#answer summary").click()
    assert page.get_by_role("link", name="AzureUSGovernment, Core").is_visible()
    page.get_by_role("link", name="mcr.microsoft.com TCP 443, AzureCloud, Core").click()
    assert page.locator("h1").inner_text().startswith("mcr.microsoft.com")


def test_the_address_is_the_question_and_back_restores_it(desk: Tab) -> None:
    page = desk.open("index.html")
    ask(page, "mcr.microsoft.com:443")
    page.get_by_label("In region").select_option("westeurope")
    assert page.get_by_label("In cloud").input_value() == "AzureCloud"
    ask(page, "x.hcp.westeurope.azmk8s.io\nx.hcp.eastus.azmk8s.io\nmcr.azure.cn")
    expect(page.locator("[data-verdict]")).to_have_count(3)
    assert verdicts(page) == ["required-if", "not-needed", "not-needed"]
    assert page.url.endswith(
        "?host=x.hcp.westeurope.azmk8s.io&host=x.hcp.eastus.azmk8s.io&host=mcr.azure.cn&cloud=AzureCloud&region=westeurope"
    )
    said = page.locator("#answer").inner_text()
    assert "Not needed in westeurope" in said
    assert "In westeurope it is *.hcp.westeurope.azmk8s.io." in said
    assert "Only AzureChinaCloud has it, not AzureCloud." in said
    shared = page.url
    page.go_back()
    expect(page.locator("[data-verdict]")).to_have_count(1)
    assert page.get_by_label("Hosts that your firewall denied").input_value() == "mcr.microsoft.com:443/TCP"
    page.go_back()
    expect(page.locator("[data-verdict]")).to_have_count(0)
    assert page.get_by_label("In region").input_value() == ""
    page.goto(shared)
    expect(page.locator("[data-verdict]")).to_have_count(3)
    assert verdicts(page) == ["required-if", "not-needed", "not-needed"]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("cloud=AzureGermanCloud", "There is no cloud “AzureGermanCloud”."),
        ("region=<b>x", "There is no region “<b>x”."),
        ("cloud=AzureChinaCloud&region=westeurope", "westeurope is not a region of AzureChinaCloud."),
    ],
)
def test_an_address_with_a_place_that_is_none_is_not_answered_for_another(desk: Tab, query: str, fault: str) -> None:
    page = desk.open(f"index.html?host=mcr.microsoft.com&{query}")
    page.get_by_text(fault).wait_for()
    assert verdicts(page) == []


def test_the_link_and_the_answer_can_be_copied(browser: Browser, address: str) -> None:
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as found:
        page = found.open("index.html?host=evil.example&cloud=AzureCloud")
        page.get_by_role("button", name="Copy the link to this answer").click()
        page.get_by_text("Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        page.get_by_role("button", name="Copy the answer as text").click()
        page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('evil.example')")
        assert page.evaluate("navigator.clipboard.readText()") == "evil.example\tNot listed\tNo rule names it."


def test_known_gaps_and_notes_stand_beside_the_answer(desk: Tab) -> None:
    page = desk.open("index.html?host=x.vault.azure.net")
    page.locator("[data-verdict=known-gap]").wait_for()
    assert "Known gap of the article." in page.locator("#answer").inner_text()


def test_enter_asks_and_shift_enter_starts_a_line(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_label("Hosts that your firewall denied").focus()
    page.keyboard.type("mcr.microsoft.com")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("evil.example")
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict]")).to_have_count(2)
    ask(page, "   ")
    assert page.locator("#answer").inner_text() == "Type a host first."
    assert page.locator("[data-verdict]").count() == 0


def test_the_answer_is_printed_and_keeps_its_mark_in_forced_colours(browser: Browser, address: str) -> None:
    with tab(browser, address, forced_colors="active") as found:
        page = found.open("index.html?host=evil.example")
        page.locator("[data-verdict]").wait_for()
        mark = "getComputedStyle(document.querySelector('.answer .verdict'), '::before').content"
        assert "✕" in page.evaluate(mark)
        page.emulate_media(media="print")
        assert page.locator("[data-verdict]").is_visible()
        assert not page.get_by_role("button", name="Check", exact=True).is_visible()


def test_a_warm_answer_comes_within_two_seconds_on_a_slow_phone_far_away(browser: Browser, address: str) -> None:
    """At a quarter of this processor's speed and 400 ms from the server, from the press of the button on."""
    with tab(browser, address, viewport={"width": 390, "height": 844}) as found:
        page = found.open("index.html")
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        session.send("Network.enable")
        slow = {"offline": False, "latency": 400, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
        session.send("Network.emulateNetworkConditions", slow)
        page.get_by_label("Hosts that your firewall denied").fill("mcr.microsoft.com:443\nevil.example")
        took = page.evaluate("""() => new Promise((resolve) => {
          const start = performance.now();
          new MutationObserver(() => document.querySelector('[data-verdict]') && resolve(performance.now() - start))
            .observe(document.querySelector('#answer'), { childList: true });
          document.querySelector('#check button').click();
        })""")
        assert took < 2000
