"""Side-by-side figures, taken in one run over the same pages: ``make bench``.

Every round times each way on each page in turn, so that a machine that speeds up or slows down does so for
all of them; what is printed is the median and the median of the ratios page by page.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import lxml.html
from bs4 import BeautifulSoup
from deepdiff import DeepDiff

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.history.compare import between
from aks_egress_catalog.hosts.patterns import pattern_regex
from aks_egress_catalog.model import DestinationForm, Feature, Rules
from aks_egress_catalog.text.codec import to_json
from publish.plan.diff import diff
from publish.plan.timeline import backfill
from scraper.build import shipped_reviewed
from scraper.page.page import parse_page
from scraper.reading.page_rules import catalog_of, read_page
from tests.bench_logs import bench_logs
from tests.bench_site import bench_site
from tests.catalog.cluster.az.samples import SAMPLES

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "pages" / "en-us" / "outbound"
ROUNDS = 3
READING = 1.4
STARTS = 25
LOOK_UPS = 100_000
TURNS = 50
MATCHING = 8
REVISIONS = 156
DIFFS = 9


def pages() -> list[str]:
    """The newest revisions of the real article, or the embedded snapshot where they are absent."""
    files = sorted(CORPUS.glob("*.html")) or [ROOT / "scraper" / "snapshot" / "en-us.html"] * 80
    return [file.read_text(encoding="utf-8") for file in files]


WAYS: dict[str, Callable[[str], object]] = {
    "BeautifulSoup(html, 'lxml') alone": lambda html: BeautifulSoup(html, "lxml"),
    "page to rules": lambda html: read_page(parse_page(html), reviewed=shipped_reviewed()),
    "lxml.html alone": lxml.html.fromstring,
}


def seconds(way: Callable[[T], object], subject: T) -> float:
    """Time one page, process, backfill or pair of catalogs."""
    start = time.perf_counter()
    way(subject)
    return time.perf_counter() - start


def bench_reading() -> None:
    """Reading a page to rules, against parsers that only make a tree."""
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
        aim = f"   aim: at most {READING}" if name == "page to rules" else ""
        print(f"{name:36}{statistics.median(times) * 1000:10.2f}{ratio:8.2f}{aim}")
    print("\ntimes the newest page   ms a page")
    for count in (10, 20, 40, 80):
        start = time.perf_counter()
        for _ in range(count):
            read_page(parse_page(texts[-1]), reviewed=shipped_reviewed())
        print(f"{count:20}{(time.perf_counter() - start) / count * 1000:12.2f}")


BARE = "python -c pass"
PYDANTIC = "import pydantic"
FIRST_MATCH = "import, load, first match"
CHECK = "check"
RESOLVE = "resolve"
EXPORTS = {form: f"export {form}" for form in FORMATS}
COMMAND = str(Path(sys.executable).with_name("aks-egress-catalog"))
CLUSTER = ("--set", "region=westeurope", "--set", "features=azure-monitor,defender")
PROGRAMS: dict[str, tuple[str, ...]] = {
    BARE: ("-c", "pass"),
    PYDANTIC: ("-c", "import pydantic; pydantic.BaseModel"),
    FIRST_MATCH: ("-c", "import aks_egress_catalog as a; a.load().match('mcr.microsoft.com', 443)"),
    CHECK: (COMMAND, "check", "mcr.microsoft.com"),
    RESOLVE: (COMMAND, "resolve", *CLUSTER),
}
LINT = "lint of one file"
START_AIMS = {FIRST_MATCH: 0.7, CHECK: 1.3, RESOLVE: 1.5, LINT: 2.0, **dict.fromkeys(EXPORTS.values(), 1.5)}
"""At most so many times what an import of pydantic costs, each over a bare interpreter."""
CLUSTERS = 200
FLEET_SECONDS = 3
EXPORT_MILLISECONDS = 100
FLEET: dict[str, tuple[str, ...]] = {
    "resolve": ("resolve",),
    "resolve --format json": ("resolve", "--format", "json"),
    "export squid": ("export", "squid"),
    "check": ("check", "mcr.microsoft.com"),
    "diff": ("diff", "2024-06-01"),
}
"""What is asked of many clusters at once, as ``az aks list`` prints them."""


def bench_start() -> None:
    """A whole process from start to its answer, against a bare interpreter and an import of pydantic.

    All of them run from compiled bytecode. Where an environment forbids to write it (``PYTHONDONTWRITEBYTECODE``, as
    in many containers), every run would compile our sources anew, while those of an installed pydantic were compiled
    by pip; so each program first runs once to fill a folder of bytecode. In each round all of them run in turn, and the
    ratio is that within a round: the median of these. The minimum is what the machine can do, the median what it did
    beside its other work.
    """
    with TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        exports = {
            name: (COMMAND, "export", form, *CLUSTER, "--out", str(out / form)) for form, name in EXPORTS.items()
        }
        hosts = Path(folder) / "hosts.txt"
        hosts.write_text("mcr.microsoft.com:443\n*.data.mcr.microsoft.com:443\n", encoding="utf-8")
        programs = {**PROGRAMS, **exports, LINT: (COMMAND, "lint", str(hosts), *CLUSTER)}
        taken: dict[str, list[float]] = {name: [] for name in programs}
        run = partial(run_program, bytecode=Path(folder))
        for program in programs.values():
            run(program)
        for _ in range(STARTS):
            for name, program in programs.items():
                taken[name].append(seconds(run, program))
    bare, pydantic = taken[BARE], taken[PYDANTIC]
    print(f"\n{'whole process, of ' + str(STARTS):36}{'median ms':>10}{'least ms':>10}{'of pydantic':>13}   over bare")
    for name, times in taken.items():
        over = statistics.median((t - b) / (p - b) for t, p, b in zip(times, pydantic, bare, strict=True))
        aim = f"   aim: at most {START_AIMS[name]}" if name in START_AIMS else ""
        print(f"{name:36}{statistics.median(times) * 1000:10.1f}{min(times) * 1000:10.1f}{over:13.2f}{aim}")


def run_program(program: tuple[str, ...], *, bytecode: Path) -> object:
    """Run a program to its end; a no is an answer too."""
    allowed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    allowed |= {"PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONPATH": str(ROOT / "catalog")}
    done = subprocess.run(
        [sys.executable, *program],
        check=False,
        env=allowed,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert done.returncode in (0, 1), done.stderr
    return done


def bench_exports() -> None:
    """Every export of a cluster with every feature, resolved and written: what it costs beyond the start-up."""
    profile = aec.Profile(
        region="westeurope",
        features=tuple(feature for feature in Feature if feature not in (Feature.CORE, Feature.DEV_SPACES)),
        gpu=True,
        windows=True,
        konnectivity=False,
        nodes_after_2021_03=False,
        custom_dns=("10.0.0.10",),
    )
    catalog = aec.load()
    print(f"\n{'export of every feature':36}{'median ms':>10}{'most ms':>10}   aim: at most {EXPORT_MILLISECONDS} ms")
    for form in FORMATS:
        aec.export(form, profile, catalog=catalog)  # imports the module of the format
        taken = [seconds(lambda name: aec.export(name, profile, catalog=catalog), form) for _ in range(TURNS)]
        print(f"{form:36}{statistics.median(taken) * 1000:10.1f}{max(taken) * 1000:10.1f}")


def bench_fleet() -> None:
    """Many clusters in one call, from the start of the process to its end."""
    samples = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(SAMPLES.glob("*.json"))]
    clusters = [samples[place % len(samples)] | {"name": f"cluster-{place}"} for place in range(CLUSTERS)]
    taken: dict[str, list[float]] = {name: [] for name in FLEET}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "clusters.json"
        file.write_text(json.dumps(clusters), encoding="utf-8")
        for _ in range(ROUNDS):
            for name, asked in FLEET.items():
                program = (COMMAND, *asked, "--from-az", str(file))
                taken[name].append(seconds(partial(run_program, bytecode=Path(folder)), program))
    print(f"\n{CLUSTERS} clusters, {ROUNDS} rounds{'median s':>22}{'most s':>10}   aim: at most {FLEET_SECONDS} s")
    for name, times in taken.items():
        print(f"{name:36}{statistics.median(times):10.2f}{max(times):10.2f}")


def bench_matching() -> None:
    """Look-ups of the same hosts again and again, and of ever new ones, against a loop over regular expressions."""
    catalog = aec.load()
    patterns = [
        (re.compile(pattern_regex(str(destination))), rule)
        for rule in catalog.rules
        for destination in rule.destinations
        if destination.form is DestinationForm.FQDN
    ]
    flat = [str(destination) for rule in catalog.rules for destination in rule.destinations]
    named = [
        name.replace("{region}", "eastus") for name in flat if "." in name and not name.startswith(("tag:", "set:"))
    ]
    known = [name.replace("*", "a1") for name in named]
    asked = [host for name in known for host in (name, f"x.{name}", f"evil{name}")]
    ways = {
        "hosts that recur": [asked[place % len(asked)] for place in range(LOOK_UPS)],
        "hosts never seen before": [never_seen(named[place % len(named)], place) for place in range(LOOK_UPS)],
    }

    def loop(host: str) -> list[str]:
        matched = (rule for regex, rule in patterns if regex.match(host))
        return sorted({rule.id for rule in matched if rule.port is None or (rule.port, rule.protocol) == (443, "TCP")})

    assert all([rule.id for rule in catalog.match(host, 443)] == loop(host) for host in asked)
    print(f"\n{'match, look-ups a second':36}{'catalog':>12}{f'{len(patterns)} regexes':>14}{'ratio':>8}")
    for which, names in ways.items():
        turns = [names[turn::TURNS] for turn in range(TURNS)]
        taken = [
            (asked_a_second(lambda host: catalog.match(host, 443), turn), asked_a_second(loop, turn[::20]))
            for turn in turns
        ]
        ours, theirs = (statistics.median(figures) for figures in zip(*taken, strict=True))
        ratio = statistics.median(one / other for one, other in taken)
        print(f"{which:36}{ours:12,.0f}{theirs:14,.0f}{ratio:8.1f}   aim: at least {MATCHING}, the same answers")


def never_seen(pattern: str, number: int) -> str:
    """A host of its own for every number, which a wildcard takes in and a plain name does not."""
    return pattern.replace("*", f"a{number}") if "*" in pattern else f"h{number}.{pattern}"


def asked_a_second(ask: Callable[[str], object], hosts: list[str]) -> float:
    """How many hosts a second get their answer."""
    start = time.perf_counter()
    for host in hosts:
        ask(host)
    return len(hosts) / (time.perf_counter() - start)


def revisions() -> list[Catalog]:
    """The catalogs of the real article's revisions, oldest first, or variations of the shipped one without them."""
    files = sorted(CORPUS.parent.glob("*/*.html"), key=lambda file: file.name)
    if files:
        return [
            catalog_of(read_page(parse_page(file.read_text(encoding="utf-8")), reviewed=shipped_reviewed()))
            for file in files
        ]
    return [variation(number) for number in range(REVISIONS)]


def variation(number: int) -> Catalog:
    """The shipped catalog without one of its rules, as of one day later for each."""
    shipped = aec.load()
    page = shipped.authority
    assert page
    assert page.updated
    kept = Rules(rule for place, rule in enumerate(shipped.rules) if place != number % len(shipped.rules))
    page = replace(page, commit=f"{number:040x}", updated=page.updated + dt.timedelta(days=number))
    return replace(shipped, version="", pages=(page,), rules=kept)


def bench_history() -> None:
    """Making the history of more and more revisions, and telling what two neighbouring revisions differ in."""
    catalogs = revisions()
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:03}.json" for number in range(len(catalogs))]
        for file, catalog in zip(files, catalogs, strict=True):
            file.write_text(to_json(catalog), encoding="utf-8")
        ways = {"every fourth": files[::4], "every other": files[::2], "all": files}
        taken: dict[str, list[float]] = {name: [] for name in ways}
        backfill(files)
        for _ in range(ROUNDS):
            for name, chosen in ways.items():
                taken[name].append(seconds(backfill, chosen))
    print(f"\n{'backfill':16}{'revisions':>12}{'ms':>10}{'ms a revision':>16}   aim: about the same in each line")
    for name, times in taken.items():
        median = statistics.median(times) * 1000
        print(f"{name:16}{len(ways[name]):12}{median:10.0f}{median / len(ways[name]):16.2f}")
    pairs = list(pairwise(catalogs))
    bench_diff("the newest two", *pairs[-1])
    bench_diff("those that differ most", *max(pairs, key=lambda pair: len(between(*pair))))


def bench_diff(which: str, old: Catalog, new: Catalog) -> None:
    """What two catalogs differ in, against the plain differences of their JSON."""
    plain = (json.loads(to_json(old)), json.loads(to_json(new)))
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(DIFFS):
        ours.append(seconds(lambda pair: diff(*pair), (old, new)))
        theirs.append(seconds(lambda pair: DeepDiff(*pair), plain))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    print(
        f"diff of {which}, which tells {len(diff(old, new).changes)} changes: {statistics.median(ours) * 1000:.0f} ms"
    )
    print(f"DeepDiff of their JSON: {statistics.median(theirs) * 1000:.0f} ms; ratio {ratio:.2f}")


def main() -> None:
    """Print the figures."""
    bench_reading()
    bench_start()
    bench_exports()
    bench_fleet()
    bench_matching()
    bench_history()
    bench_site()
    bench_logs()


if __name__ == "__main__":
    main()
