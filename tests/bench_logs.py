"""Reading logs, against parsers that only take the same lines apart: part of ``make bench``.

The yardstick reads the same file with ``json.loads`` or ``csv.reader`` and does nothing with it. Both ways take turns;
what is printed is the median of the ratios, and what memory the reading needed in a process of its own.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.read import read
from aks_egress_catalog.logs.source import sources
from tests.catalog.logs.made import CSV_HEADER, LINES, flow_log, made

COUNT: Final = int(os.environ.get("LOG_LINES", "1000000"))
ROUNDS: Final = 3
JSON_AIM: Final = 1.5
CSV_AIM: Final = 2.0
MEMORY_AIM: Final = 150
CSV_FORMS: Final = ("log-analytics csv", "panos", "squid", "fortigate")
"""Forms that are no JSON; those without commas are held against a ``csv.reader`` that splits at blanks."""
SHARES: Final = {"every line denied": (1.0, False), "one of five": (0.2, False), "allowed wanted too": (0.2, True)}


def write(form: str, file: Path, denied: float) -> None:
    """Write the made lines of a form."""
    lines = made(form, COUNT, denied=denied)
    with file.open("w", encoding="utf-8") as stream:
        if form == "flow-logs":
            stream.writelines(flow_log(list(lines)))
            return
        if form.endswith("csv"):
            stream.write(CSV_HEADER + "\n")
        stream.writelines(f"{line}\n" for line in lines)


def yardstick(form: str, file: Path) -> None:
    """Take each line apart, and do no more."""
    with file.open(encoding="utf-8", newline="") as stream:
        if form in CSV_FORMS:
            for _ in csv.reader(stream, delimiter="," if form in CSV_FORMS[:2] else " "):
                pass
        elif form == "flow-logs":
            json.loads(stream.read())
        else:
            for line in stream:
                json.loads(line)


def ours(file: Path, *, allowed: bool) -> int:
    """Read a file to flows."""
    return sum(1 for _ in read(sources([file]), Context(allowed=allowed)))


def seconds(way: Callable[[], object]) -> float:
    """Time one way."""
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def memory(file: Path, *, allowed: bool) -> float:
    """The most memory, in MB, that a process needs to read a file."""
    names = "from pathlib import Path; from tests.bench_logs import *"
    program = f"{names}; ours(Path({str(file)!r}), allowed={allowed}); peak()"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(run.stdout)


def peak() -> None:
    """Print the most memory that this process had, in MB."""
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def bench_logs() -> None:
    """Every form, where all lines are denied, and where most are allowed, wanted or not."""
    print(f"\n{COUNT:,} lines, {ROUNDS} rounds{'':14}{'share':22}{'lines/s':>12}{'ratio':>8}{'MB':>7}   aim")
    for form in LINES:
        aim = CSV_AIM if form in CSV_FORMS else JSON_AIM
        for share, (denied, allowed) in SHARES.items():
            with TemporaryDirectory() as folder:
                file = Path(folder) / "made.log"
                write(form, file, denied)
                pairs = [
                    (seconds(partial(ours, file, allowed=allowed)), seconds(partial(yardstick, form, file)))
                    for _ in range(ROUNDS)
                ]
                most = memory(file, allowed=allowed)
            ratio = statistics.median(mine / other for mine, other in pairs)
            rate = COUNT / statistics.median(mine for mine, _ in pairs)
            print(f"{form:38}{share:22}{rate:12,.0f}{ratio:8.2f}{most:7.0f}   {aim}, {MEMORY_AIM} MB")


if __name__ == "__main__":
    bench_logs()
