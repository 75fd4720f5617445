"""The handbook as people meet it: no barrier, no page wider than the screen, and code that can be copied."""

from __future__ import annotations

from typing import Final, Literal

import pytest
from playwright.sync_api import Browser

from publish.site.handbook import DOCS
from publish.site.handbook.chapters import chapters_of, page_path
from tests.site.conftest import Tab, tab
from tests.site.test_browser import SCREENSHOTS, SIZES, barriers

PAGES: Final = [
    "docs/index.html",
    *(page_path(one.file) for one in chapters_of((DOCS / "README.md").read_text(encoding="utf-8"))),
]
EVERY_KIND: Final = ("docs/index.html", "docs/explain.html", "docs/wildcards.html")
"""Pages that have every kind of element between them: colours are those of all."""


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1130, 1600])
def test_no_page_is_wider_than_the_screen_and_code_scrolls_within_itself(
    browser: Browser, address: str, width: int
) -> None:
    with tab(browser, address, viewport={"width": width, "height": 800}) as found:
        for path in PAGES:
            page = found.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        block = found.open("docs/explain.html").locator("pre").first
        assert block.evaluate("one => one.scrollWidth > one.clientWidth")
        block.focus()
        found.page.keyboard.press("ArrowRight")
        found.page.wait_for_function("() => document.activeElement.scrollLeft > 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_barrier_and_pictures_are_kept(
    browser: Browser, address: str, size: str, scheme: Literal["light", "dark"]
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with tab(browser, address, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce") as found:
        for path in PAGES if (size, scheme) == ("desktop", "light") else EVERY_KIND:
            page = found.open(path)
            name = path.replace("/", "-").removesuffix(".html")
            page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{scheme}.png", full_page=True)
            assert barriers(page) == {}, path


def test_commands_are_copied_without_prompts_and_without_what_they_print(browser: Browser, address: str) -> None:
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as found:
        page = found.open("docs/start.html")
        block = page.locator("figure.code").first
        block.hover()
        block.get_by_role("button", name="Copy commands").click()
        block.get_by_text("Copied.").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "pip install aks-egress-catalog\naks-egress-catalog --version\n"
        file = page.locator("figure.code", has=page.get_by_text("hosts.txt", exact=True))
        file.hover()
        file.get_by_role("button", name="Copy", exact=True).click()
        file.get_by_text("Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").startswith("mcr.microsoft.com:443\n")


def test_one_goes_from_page_to_page_and_from_section_to_section(desk: Tab) -> None:
    page = desk.open("index.html")
    page.get_by_role("link", name="Documentation").click()
    page.get_by_role("heading", name="Documentation", level=1).wait_for()
    page.get_by_role("link", name="Start in five minutes").first.click()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="A gate in CI").click()
    assert page.url.endswith("docs/start.html#a-gate-in-ci")
    page.get_by_role("navigation", name="Next and previous page").get_by_role("link", name="Targets of export").click()
    assert page.url.endswith("docs/targets.html")
    page.get_by_role("navigation", name="Documentation").get_by_role("link", name="Wildcards").click()
    page.get_by_role("heading", name="Wildcards", level=1).wait_for()


def test_a_button_is_seen_by_who_reaches_it_with_the_keyboard(desk: Tab) -> None:
    page = desk.open("docs/rules.html")
    button = page.get_by_role("button", name="Copy commands").first
    button.focus()
    assert button.evaluate("one => getComputedStyle(one.parentElement).opacity") == "1"


def test_without_scripts_everything_is_there_but_the_buttons(browser: Browser, address: str) -> None:
    with tab(browser, address, java_script_enabled=False, complaints=False) as found:
        page = found.open("docs/start.html")
        assert page.get_by_text("aks-egress-catalog resolve").first.is_visible()
        assert page.get_by_role("navigation", name="Documentation").is_visible()
        assert page.get_by_role("button").count() == 0
