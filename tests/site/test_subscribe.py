"""The feed of exactly one's filters in one step, and that such a feed is there."""

from __future__ import annotations

import feedparser  # type: ignore[import-untyped]
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser

from tests.site.conftest import Tab, tab


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "feeds/all.atom"),
        ("cloud=AzureCloud", "feeds/cloud/AzureCloud.atom"),
        ("feature=gpu", "feeds/feature/gpu.atom"),
        ("cloud=AzureUSGovernment&feature=core", "feeds/cloud/AzureUSGovernment/core.atom"),
        ("about=breaking", "feeds/breaking.atom"),
        ("cloud=AzureCloud&feature=core&about=breaking", "feeds/breaking/cloud/AzureCloud/core.atom"),
        ("cloud=AzureChinaCloud&feature=defender&about=days", "feeds/cloud/AzureChinaCloud/defender.ics"),
    ],
)
def test_the_address_of_the_feed_follows_from_the_filters(desk: Tab, query: str, path: str) -> None:
    page = desk.open(f"subscribe.html?{query}")
    found = page.get_by_label("Address of this feed").input_value()
    assert found == f"{desk.address}{path}"
    content = page.request.get(found).body()
    if path.endswith(".ics"):
        assert Calendar.from_ical(content).walk("VEVENT")
    else:
        feed = feedparser.parse(content)
        assert not feed.bozo
        assert 0 < len(feed.entries) <= 30
        link = str(feed.entries[0].link).replace("https://example.org/aks/", desk.address)
        assert page.request.get(link).ok  # it leads to the page of the change
        assert "/history/" in link


def test_every_choice_has_a_feed(desk: Tab) -> None:
    page = desk.open("subscribe.html")
    for about in ("", "breaking", "days"):
        page.get_by_label("Tells of").select_option(about)
        for cloud in page.locator("#cloud option").evaluate_all("all => all.map(one => one.value)"):
            page.get_by_label("Cloud", exact=True).select_option(cloud)
            for feature in page.locator("#feature option").evaluate_all("all => all.map(one => one.value)"):
                page.get_by_label("Feature", exact=True).select_option(feature)
                assert page.request.head(page.get_by_label("Address of this feed").input_value()).ok


def test_the_address_is_copied_and_stands_in_the_steps(browser: Browser, address: str) -> None:
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as found:
        page = found.open("subscribe.html")
        page.get_by_label("Cloud", exact=True).select_option("AzureCloud")
        page.get_by_role("button", name="Copy").click()
        page.get_by_text("Copied.").wait_for()
        feed = f"{address}feeds/cloud/AzureCloud.atom"
        assert page.evaluate("navigator.clipboard.readText()") == feed
        page.get_by_text("Slack", exact=True).click()
        assert page.get_by_text("/feed subscribe").inner_text() == f"/feed subscribe {feed}"
        assert page.url.endswith("?cloud=AzureCloud")
        page.go_back()
        assert page.get_by_label("Address of this feed").input_value() == f"{address}feeds/all.atom"


def test_an_old_link_to_what_is_not_there_says_so(desk: Tab) -> None:
    page = desk.open("subscribe.html?cloud=Mars<b>")
    page.get_by_text("There is no cloud “Mars<b>”").wait_for()
    assert page.get_by_label("Address of this feed").input_value().endswith("feeds/all.atom")
