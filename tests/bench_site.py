"""How fast the site is made, and how heavy it is: the whole history, every page."""

from __future__ import annotations

import statistics
import time
from typing import Final

from tests.site.builds import whole

ROUNDS: Final = 3
SECONDS: Final = 10
HEAVIEST: Final = 200_000


def bench_site() -> None:
    """Making every page of the shipped history, with feeds and files to poll beside them."""
    taken = []
    files: dict[str, bytes] = {}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        files = whole()
        taken.append(time.perf_counter() - start)
    pages = {path: len(content) for path, content in files.items() if path.endswith(".html")}
    data = sum(len(content) for path, content in files.items() if path.startswith(("data/", "static/")))
    beside = sum(map(len, files.values())) - sum(pages.values()) - data
    median = statistics.median(taken)
    heaviest = max(pages, key=lambda path: pages[path])
    print(f"\nsite: {len(pages)} pages in {median:.1f} s, {len(pages) / median:,.0f} pages a second", end="")
    print(f"   aim: at most {SECONDS} s")
    print(f"pages {sum(pages.values()) / 1e6:.1f} MB, scripts and their data {data / 1e3:.0f} kB,", end=" ")
    print(f"feeds, downloads and files to poll {beside / 1e6:.1f} MB;", end=" ")
    print(f"in all {sum(map(len, files.values())) / 1e6:.1f} MB in {len(files)} files")
    print(f"heaviest page: {heaviest}, {pages[heaviest] / 1e3:.0f} kB   aim: at most {HEAVIEST / 1e3:.0f} kB")


if __name__ == "__main__":
    bench_site()
