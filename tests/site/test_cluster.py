"""My cluster as people use it: asked in the form, by an address, by what az prints, and by those who mean no good."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.exports.formats import FORMATS
from publish.site.browser.export_data import WRITTEN_HERE
from tests.base import CATALOG
from tests.catalog.cluster.az.samples import SAMPLES, sample
from tests.site.conftest import Tab, tab

ASKED: Final = "cluster.html?region=westeurope&features=gpu,azure-policy"


def listed(page: Page) -> list[str]:
    page.locator("#outcome-summary[data-state=done]").wait_for()
    found: list[str] = page.locator("#panel tr[data-id]").evaluate_all("all => all.map(one => one.dataset.id)")
    return found


def needed(**settings: object) -> set[str]:
    return {rule.id for rule in CATALOG.resolve(aec.Profile(**settings)).rules}  # type: ignore[arg-type]


def refused(page: Page) -> str:
    page.locator("#outcome-summary[data-state=fault]").wait_for()
    assert not page.locator("#outcome-parts").is_visible()
    return page.locator("#outcome-summary").inner_text()


def test_every_question_of_the_package_is_asked_in_its_words(desk: Tab) -> None:
    page = desk.open("cluster.html")
    names = page.locator("#questions [name]").evaluate_all("all => all.map(one => one.name)")
    assert set(names) - {"fix_advisories"} == set(PROFILE_KEYS)
    text = page.locator("#questions").text_content() or ""
    assert all(key.meaning in " ".join(text.split()) for key in PROFILE_KEYS.values())
    assert set(WRITTEN_HERE) == set(FORMATS)


def test_the_list_grows_with_the_answers_and_the_address_with_it(desk: Tab) -> None:
    page = desk.open("cluster.html")
    listed(page)
    page.get_by_label("The region. Many hosts").select_option("westeurope")
    assert set(listed(page)) == needed(region="westeurope")
    page.get_by_label("Azure Policy", exact=True).check()
    page.get_by_label("It has nodes with a GPU").check()
    assert page.url.endswith("cluster.html?region=westeurope&features=azure-policy&gpu=true")
    wanted = needed(region="westeurope", features=("azure-policy",), gpu=True)
    found = listed(page)
    assert set(found) - wanted == {"AzureCloud/gpu/advisory:nvidia-repository"}  # a known gap, as a row
    assert wanted <= set(found)
    gap = page.locator("tr[data-level=known-gap]")
    assert "known gap" in gap.inner_text()
    page.get_by_label("The region. Many hosts").select_option("chinaeast2")
    assert page.get_by_label("The cloud, by the name").input_value() == "AzureChinaCloud"
    assert all(name.startswith("AzureChinaCloud/") for name in listed(page))
    page.get_by_label("The cloud, by the name").select_option("AzureCloud")
    assert "it needs the region" in page.locator("#outcome-unmet").inner_text()
    page.get_by_role("button", name="Begin anew").click()
    page.wait_for_url("**/cluster.html")
    assert not page.get_by_label("Azure Policy", exact=True).is_checked()


def test_a_link_gives_the_same_cluster_and_back_the_one_before(desk: Tab) -> None:
    page = desk.open(f"{ASKED}&as=squid&fix_advisories=true")
    page.locator("pre.file").wait_for()
    profile = aec.Profile(region="westeurope", features=("azure-policy",), gpu=True)
    export = aec.export("squid", profile, catalog=CATALOG, fix_advisories=True)
    lines = [line for line in page.locator("pre.file").inner_text().splitlines() if not line.startswith("#")]
    text = export.files["aks-egress.conf"]
    assert lines == [line for line in text.splitlines() if not line.startswith("#")]
    page.get_by_role("tab", name="List").click()
    assert "as=" not in page.url
    page.get_by_role("tab", name="List").press("ArrowRight")
    page.get_by_text("azure-firewall.bicep").first.wait_for()
    assert page.get_by_role("tab", selected=True).inner_text() == "azure-firewall-bicep"
    page.go_back()
    page.go_back()
    page.get_by_text("aks-egress.conf").first.wait_for()


def test_a_file_is_copied_and_downloaded_whole(browser: Browser, address: str) -> None:
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as found:
        page = found.open(f"{ASKED}&as=csv")
        page.get_by_role("button", name="Copy rules.csv").click()
        page.get_by_text("Copied.").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        with page.expect_download() as started:
            page.get_by_role("button", name="Download rules.csv").click()
        assert started.value.suggested_filename == "rules.csv"
        assert started.value.path().read_text(encoding="utf-8") == copied
        assert copied.startswith("# Made by aks-egress-catalog")


def test_what_to_do_elsewhere_is_said_for_exactly_this_cluster(desk: Tab) -> None:
    page = desk.open(f"{ASKED}&custom_dns=192.0.2.53&as=azure-firewall-bicep&fix_advisories=true")
    command = page.locator("pre.command").inner_text().splitlines()
    assert command == [
        "pip install aks-egress-catalog",
        "aks-egress-catalog export azure-firewall-bicep --set region=westeurope --set features=azure-policy"
        " --set custom_dns=192.0.2.53 --set gpu=true --fix-advisories --out azure-firewall.bicep",
    ]
    feeds = page.locator("ul.feeds a").evaluate_all("all => all.map(one => one.href)")
    features = ("core", "os-updates", "gpu", "azure-policy")
    assert feeds == [f"{desk.address}feeds/cloud/AzureCloud/{feature}.atom" for feature in features]
    for feed in feeds:
        assert page.request.get(feed).ok


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("region=mars", "region: “mars” is not known for AzureCloud"),
        ("region=chinaeast2&cloud=AzureCloud", "chinaeast2 is a region of AzureChinaCloud"),
        ("features=gpu,teleport", "features: “teleport” is unknown"),
        ("gpu_nodes=true", "The address has “gpu_nodes”, which is no question here"),
        ("gpu=perhaps", "gpu: “perhaps” is neither true nor false"),
        ("gpu=true&gpu=false", "gpu: the address says it more than once"),
        ("as=fortigate-2019", "“fortigate-2019” is no format"),
        ("fix_advisories=1", "“1” is neither true nor false"),
        ("custom_dns=1.2.3.4,<img src=x onerror=alert(1)>", "“<img src=x onerror=alert(1)>” is not an address"),
        ("api_server_fqdn=a;rm%20-rf%20~", "“a;rm -rf ~” is not a host name"),
        ("network_isolated=true&outbound_type=loadBalancer", "have outbound type none or block"),
        ("api_server_subnet=10.0.0.0/28", "only clusters with API Server VNet Integration have one"),
        ("features=dev-spaces", "the article asks for nothing for dev-spaces today"),
    ],
)
def test_an_address_that_no_cluster_can_have_is_told_so_and_answered_by_no_list(
    desk: Tab, query: str, said: str
) -> None:
    page = desk.open(f"cluster.html?{query}")
    assert said in refused(page)
    page.get_by_label("The region. Many hosts").select_option("westus")
    assert listed(page)


def test_a_wrong_answer_is_shown_where_it_stands(desk: Tab) -> None:
    page = desk.open(ASKED)
    page.get_by_label("DNS servers of the virtual").fill("10.0.0.1/8")
    assert "custom_dns: “10.0.0.1/8” is not an address" in refused(page)
    assert page.locator("[aria-invalid=true]").get_attribute("name") == "custom_dns"
    page.get_by_label("DNS servers of the virtual").fill("10.0.0.4")
    assert "AzureCloud/core/set:CustomDNSIP:udp-53" in listed(page)
    assert page.locator("[aria-invalid=true]").count() == 0


def read_az(page: Page, text: str) -> str:
    page.get_by_text("Fill in from").click()
    page.get_by_label("Output of az aks show").fill(text)
    page.get_by_role("button", name="Read it").click()
    page.locator("#az-told p").first.wait_for()
    return page.locator("#az-told").inner_text()


def test_the_output_of_az_fills_the_form_and_leaves_the_page_for_nowhere(desk: Tab) -> None:
    page = desk.open("cluster.html")
    listed(page)
    asked = len(desk.asked)
    told = read_az(page, json.dumps(sample("windows_gpu")))
    assert told.startswith("Read: mixed")
    assert page.get_by_label("The region. Many hosts").input_value() == "eastus2"
    assert page.get_by_label("It has Windows nodes").is_checked()
    assert "azure_firewall" not in told.split("open")[0]
    assert page.locator(".question.asked").count() >= 1
    expect(page.locator(".question.asked .open").first).to_have_text(" az cannot tell")
    sent = [url for url in desk.asked[asked:] if not url.startswith(f"{desk.address}static/")]
    assert sent == []
    assert "mixed-rg-000000" in page.url  # the API server's name is part of the profile, and of its link
    with page.expect_file_chooser() as chosen:
        page.get_by_label("or a file").click()
    chosen.value.set_files(SAMPLES / "china.json")
    page.get_by_text("Read: zhongguo").wait_for()
    assert page.get_by_label("The cloud, by the name").input_value() == "AzureChinaCloud"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("ERROR: (ResourceNotFound) no", "is an error of az"),
        ("WARNING: x\n{}", "begins with a warning of az"),
        ("[]", "a list of 0"),
        (json.dumps([{"type": "a/b"}, {}]), "a list of 2"),
        ('{"apiVersion": "v1"}', "a Kubernetes object or a kubeconfig"),
        ('{"type": "Microsoft.Network/virtualNetworks"}', "a resource of type Microsoft.Network/virtualNetworks"),
        ('{"type": "<img src=x onerror=alert(1)>/x"}', "a resource of type <img src=x onerror=alert(1)>/x"),
        ("[" * 100_000, "This is not JSON"),
        ('{"__proto__": {"polluted": true}, "constructor": 1}', "an object without agentPoolProfiles"),
        ("x" * 5_000_000, "This text is 5000 kB long"),
    ],
    ids=range(11),
)
def test_another_kind_of_text_is_refused_and_changes_nothing(desk: Tab, text: str, said: str) -> None:
    page = desk.open(ASKED)
    before = listed(page)
    told = read_az(page, text)
    assert said in told
    assert len(told) < 1000
    assert listed(page) == before
    assert page.evaluate("({}).polluted") is None


def test_without_scripts_the_page_says_how_the_command_line_does_it(browser: Browser, address: str) -> None:
    with tab(browser, address, complaints=False, java_script_enabled=False) as found:
        page = found.open(ASKED)
        assert (
            "aks-egress-catalog resolve --from-az cluster.json" in page.locator("noscript pre, pre").first.inner_text()
        )


def test_print_gives_the_list_without_the_questions_and_forced_colours_keep_the_marks(desk: Tab) -> None:
    page = desk.open(f"{ASKED}&as=squid")
    page.locator("pre.file").wait_for()
    page.emulate_media(media="print")
    assert page.locator("pre.file").is_visible()
    assert page.evaluate(
        "document.querySelector('pre.file').scrollHeight <= document.querySelector('pre.file').clientHeight"
    )
    assert not page.locator("#questions").is_visible()
    page.emulate_media(media="screen", forced_colors="active")
    chosen = page.get_by_role("tab", selected=True)
    assert chosen.evaluate("one => getComputedStyle(one).borderBottomWidth") == "3px"


def test_on_a_phone_the_list_is_one_touch_away(browser: Browser, address: str) -> None:
    with tab(browser, address, viewport={"width": 390, "height": 844}) as found:
        page = found.open(ASKED)
        listed(page)
        page.get_by_role("link", name="See what it needs").click()
        expect(page.locator("#outcome-title")).to_be_in_viewport()
        page.reload()
        assert listed(page)


def test_the_keyboard_reaches_every_question_and_tab(desk: Tab) -> None:
    page = desk.open(ASKED)
    listed(page)
    page.get_by_label("The region. Many hosts").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "features"
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("workload-identity"))
    page.get_by_role("tab", name="List").focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", selected=True).inner_text() == "json"
    page.locator("pre.file").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "another"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "panel"


def test_a_format_that_has_no_tab_is_chosen_in_the_list(desk: Tab) -> None:
    page = desk.open(ASKED)
    listed(page)
    page.get_by_label("Another format").select_option("haproxy")
    expect(page.locator("pre.file").first).to_contain_text("frontend port_443")
    expect(page).to_have_url(re.compile("as=haproxy"))
    assert page.get_by_role("tab", selected=True).count() == 0
    expect(page.locator("#outcome-notes pre")).to_contain_text("export haproxy")
    page.go_back()
    expect(page.get_by_role("tab", selected=True)).to_have_text("List")
    expect(page.get_by_label("Another format")).to_have_value("")
