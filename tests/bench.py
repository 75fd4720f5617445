"""Side-by-side figures, taken in one run over the same pages: ``make bench``.

Every round times each way on each page in turn, so that a machine that speeds up or slows down does so for
all of them; what is printed is the median and the median of the ratios page by page.
"""

from __future__ import annotations

import io
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.html
import pandas as pd
from bs4 import BeautifulSoup

from scraper.page import parse_page
from scraper.rules import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "pages" / "en-us" / "outbound"
ROUNDS = 3
AIM = 1.5


def pages() -> list[str]:
    """The newest revisions of the real article, or the embedded snapshot where they are absent."""
    files = sorted(CORPUS.glob("*.html")) or [ROOT / "scraper" / "snapshot" / "en-us.html"] * 80
    return [file.read_text(encoding="utf-8") for file in files]


WAYS: dict[str, Callable[[str], object]] = {
    "BeautifulSoup(html, 'lxml') alone": lambda html: BeautifulSoup(html, "lxml"),
    "page to rules": lambda html: read_page(parse_page(html)),
    "pandas.read_html": lambda html: pd.read_html(io.StringIO(html), flavor="lxml"),
    "lxml.html alone": lxml.html.fromstring,
}


def seconds(way: Callable[[str], object], html: str) -> float:
    """Time one page."""
    start = time.perf_counter()
    way(html)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    texts = pages()
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for html in texts:
            for name, way in WAYS.items():
                taken[name].append(seconds(way, html))
    yardstick = taken["BeautifulSoup(html, 'lxml') alone"]
    print(f"{len(texts)} pages of {statistics.mean(map(len, texts)) / 1000:.0f} kB on average, {ROUNDS} rounds")
    print(f"{'way':36}{'ms a page':>10}{'ratio':>8}")
    for name, times in taken.items():
        ratio = statistics.median(one / other for one, other in zip(times, yardstick, strict=True))
        aim = f"   aim: at most {AIM}" if name == "page to rules" else ""
        print(f"{name:36}{statistics.median(times) * 1000:10.2f}{ratio:8.2f}{aim}")
    print("\ntimes the newest page   ms a page")
    for count in (10, 20, 40, 80):
        start = time.perf_counter()
        for _ in range(count):
            read_page(parse_page(texts[-1]))
        print(f"{count:20}{(time.perf_counter() - start) / count * 1000:12.2f}")


if __name__ == "__main__":
    main()
