"""Side-by-side figures, taken in one run over the same pages: ``make bench``.

Every round times each way on each page in turn, so that a machine that speeds up or slows down does so for
all of them; what is printed is the median and the median of the ratios page by page.
"""

from __future__ import annotations

import io
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.html
import pandas as pd
from bs4 import BeautifulSoup

import aks_egress_catalog as aec
from aks_egress_catalog.match import Matcher, pattern_regex
from aks_egress_catalog.model import DestinationForm
from scraper.page import parse_page
from scraper.rules import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "pages" / "en-us" / "outbound"
ROUNDS = 3
AIM = 1.5
STARTS = 15
LOOK_UPS = 1_000_000


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


def bench_reading() -> None:
    """Reading a page to rules, against parsers that only make a tree or a data frame."""
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


PROGRAMS: dict[str, str] = {
    "python -c pass": "pass",
    "import, load, first match": "import aks_egress_catalog as a; a.load().match('mcr.microsoft.com', 443)",
    "import pydantic": "import pydantic; pydantic.BaseModel",
}


def bench_start() -> None:
    """A whole process from start to the first answer, against a bare interpreter and an import of pydantic."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(STARTS):
        for name, program in PROGRAMS.items():
            taken[name].append(seconds(lambda code: subprocess.run([sys.executable, "-c", code], check=True), program))
    bare = statistics.median(taken["python -c pass"])
    over = {name: (statistics.median(times) - bare) * 1000 for name, times in taken.items()}
    print(f"\n{'whole process':36}{'ms':>10}{'ms over bare':>14}")
    for name, times in taken.items():
        print(f"{name:36}{statistics.median(times) * 1000:10.1f}{over[name]:14.1f}")
    part = over["import, load, first match"] / over["import pydantic"]
    print(f"of what pydantic's import costs: {part:.2f}   aim: at most 0.33, and at most 50 ms")


def bench_matching() -> None:
    """A million look-ups, against a loop over compiled regular expressions for the same rules."""
    catalog = aec.load()
    patterns = [
        (re.compile(pattern_regex(str(destination))), rule)
        for rule in catalog.rules
        for destination in rule.destinations
        if destination.form is DestinationForm.FQDN
    ]
    hosts = [str(d).replace("*", "a1").replace("{region}", "eastus") for r in catalog.rules for d in r.destinations]
    named = [host for host in hosts if not host.startswith(("tag:", "set:")) and "." in host]
    asked = [host for name in named for host in (name, f"x.{name}", f"evil{name}")]
    names = [asked[place % len(asked)] for place in range(LOOK_UPS)]

    def slow(host: str) -> list[str]:
        matched = (rule for regex, rule in patterns if regex.match(host))
        return sorted({rule.id for rule in matched if rule.port is None or (rule.port, rule.protocol) == (443, "TCP")})

    assert all([rule.id for rule in catalog.match(host, 443)] == slow(host) for host in asked)
    start = time.perf_counter()
    for host in names:
        catalog.match(host, 443)
    fast = LOOK_UPS / (time.perf_counter() - start)
    few = names[: LOOK_UPS // 200]
    start = time.perf_counter()
    for host in few:
        slow(host)
    loop = len(few) / (time.perf_counter() - start)
    fresh = Matcher(catalog.rules)
    start = time.perf_counter()
    for place in range(LOOK_UPS // 20):
        fresh.match(f"h{place}.data.mcr.microsoft.com", 443)
    never = (LOOK_UPS // 20) / (time.perf_counter() - start)
    print(f"\nmatch: {fast:,.0f} look-ups a second over {len(asked)} hosts, {never:,.0f} of hosts never seen before;")
    print(f"a loop over {len(patterns)} regular expressions: {loop:,.0f}")
    print(f"ratio {fast / loop:.0f}, never seen {never / loop:.0f}   aim: at least 40, with identical answers")


def main() -> None:
    """Print the figures."""
    bench_reading()
    bench_start()
    bench_matching()


if __name__ == "__main__":
    main()
