"""How fast the site is for somebody far away with a slow phone: 400 ms from the server, a quarter of a desk's speed.

It is served as GitHub Pages serves it: compressed, to be kept for ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.site.conftest import tab
from tests.site.phone import throttling_rate

PHONE: Final = {"width": 390, "height": 844}
FAR_AWAY: Final = {"offline": False, "latency": 400, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
PAINTED: Final = """() => new Promise((resolve) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName('first-contentful-paint');
  if (first) resolve(first.startTime);
}).observe({ type: 'paint', buffered: true }))"""
ARRIVED: Final = """new MutationObserver(() => {
  if (!document.querySelector('[data-verdict]')) return;
  window.answered ??= performance.now();
}).observe(document, { childList: true, subtree: true })"""
ANSWERED: Final = """() => new Promise((resolve) => {
  const start = performance.now();
  new MutationObserver(() => document.querySelector('[data-verdict]') && resolve(performance.now() - start))
    .observe(document.querySelector('#answer'), { childList: true });
  document.querySelector('#check button').click();
})"""
TRIES: Final = 6
"""A machine that does other things as well is slow now and then: one of these has to come within the limit."""


@contextmanager
def slow_phone(browser: Browser, address: str, *, warm: bool) -> Iterator[Page]:
    """A page of a slow phone; a warm one has been on the site before."""
    rate = throttling_rate(browser)
    with tab(browser, address, viewport=PHONE) as found:
        if warm:
            found.open("index.html")
            found.page.goto("about:blank")
        session = found.page.context.new_cdp_session(found.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", FAR_AWAY)
        yield found.page


def within(limit: float, measure: Callable[[], float]) -> None:
    """Measure until it is within the limit, in milliseconds."""
    times: list[float] = []
    while not times or (times[-1] > limit and len(times) < TRIES):
        times.append(measure())
    print(times)
    assert times[-1] <= limit, times


@pytest.mark.parametrize("path", ["index.html", "cluster.html", "history.html"])
def test_the_first_paint_comes_within_a_second(browser: Browser, compressed_address: str, path: str) -> None:
    def paint() -> float:
        with slow_phone(browser, compressed_address, warm=False) as page:
            page.goto(f"{compressed_address}{path}")
            return float(page.evaluate(PAINTED))

    within(1000, paint)


def test_a_warm_answer_comes_within_two_seconds(browser: Browser, compressed_address: str) -> None:
    def answer() -> float:
        with slow_phone(browser, compressed_address, warm=True) as page:
            page.goto(f"{compressed_address}index.html")
            page.get_by_label("Hosts that your firewall denied").fill("mcr.microsoft.com:443\nevil.example")
            return float(page.evaluate(ANSWERED))

    within(2000, answer)


def test_a_cold_answer_by_a_link_comes_within_four_seconds(browser: Browser, compressed_address: str) -> None:
    def answer() -> float:
        with slow_phone(browser, compressed_address, warm=False) as page:
            page.add_init_script(ARRIVED)
            page.goto(f"{compressed_address}index.html?host=mcr.microsoft.com&host=evil.example")
            page.locator("[data-verdict]").first.wait_for()
            return float(page.evaluate("window.answered"))

    within(4000, answer)
