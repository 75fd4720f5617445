"""A phone that is slow by the clock, whatever else this machine does.

A fixed slow-down makes a busy machine a slower phone, and Chromium's own is far from even: where processors are
virtual, "4" takes twelve times as long. So a task of a known length is timed first, as Lighthouse's calibration does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Page

TASK: Final = """() => {
  const once = () => {
    const start = performance.now();
    const rows = Array.from({ length: 2000 }, (_, at) => ({ at, name: `host-${at * 7919 % 4001}.example`, on: [at] }));
    const read = JSON.parse(JSON.stringify(rows)).sort((one, other) => (one.name < other.name ? -1 : 1));
    const list = document.createElement("ul");
    for (const { name } of read) list.append(Object.assign(document.createElement("li"), { textContent: name }));
    document.body.append(list);
    list.getBoundingClientRect();
    list.remove();
    return performance.now() - start;
  };
  return Math.min(once(), once(), once());
}"""
"""Reads, sorts, writes and lays out two thousand lines; gives the milliseconds of the fastest of three times."""
ON_THE_PHONE: Final = 200.0
"""Milliseconds that the phone takes for the task: four times those of an idle machine with two slow cores."""
RATES: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)


def slowdown(browser: Browser) -> float:
    """How much slower than this machine, as busy as it is now, the phone is; none is made faster."""
    with _scratch(browser) as page:
        return max(1.0, ON_THE_PHONE / float(page.evaluate(TASK)))


def throttling_rate(browser: Browser) -> float:
    """The rate of Chromium's throttling, 4 at most, that makes this machine as slow as the phone, busy as it is now.

    It is tried in a page of its own: one that was busy is slow to leave.
    """
    with _scratch(browser) as page:
        session = page.context.new_cdp_session(page)
        for rate in RATES:
            session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            if page.evaluate(TASK) >= ON_THE_PHONE:
                break
        return rate


@contextmanager
def _scratch(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()
