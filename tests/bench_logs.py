"""Reading logs, against parsers that only take the same lines apart: part of ``make bench``.

The yardstick reads the same file with ``json.loads`` or ``csv.reader`` and does nothing with it; formats that are
neither are held against what takes their lines apart most simply. Both ways take turns; what is printed is the median
of the ratios, and what memory the reading needed in a process of its own.
"""

from __future__ import annotations

import csv
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.read import read
from aks_egress_catalog.logs.source import sources
from tests.catalog.logs.made import CSV_HEADER, flow_log, made

COUNT: Final = int(os.environ.get("LOG_LINES", "1000000"))
MADE: Final = min(COUNT, 100_000)
ROUNDS: Final = 3
MEMORY_AIM: Final = 150
YARDSTICKS: Final = {
    "azure-structured": ("json.loads", 1.5),
    "azure-legacy": ("json.loads", 1.5),
    "log-analytics json": ("json.loads", 1.5),
    "hubble": ("json.loads", 1.5),
    "log-analytics csv": ("csv.reader", 2.0),
    "panos": ("csv.reader", 2.0),
    "squid": ("csv.reader at blanks", 0),
    "fortigate": ("re.findall of pairs", 0),
    "flow-logs": ("json.loads, split tuples", 0),
}
"""By form: what it is held against, and how many times as long as that it may take."""
SHARES: Final = {"every line denied": (1.0, False), "one of five": (0.2, False), "allowed wanted too": (0.2, True)}
PAIRS: Final = re.compile(r'(\w+)=("[^"]*"|\S+)')


def write(form: str, file: Path, denied: float) -> None:
    """Write the made lines of a form, the same again and again: making them takes longer than reading them."""
    lines = list(made(form, MADE, denied=denied))
    with file.open("w", encoding="utf-8") as stream:
        if form == "flow-logs":
            stream.writelines(flow_log(lines * (COUNT // MADE)))
            return
        if form.endswith("csv"):
            stream.write(CSV_HEADER + "\n")
        text = "".join(f"{line}\n" for line in lines)
        stream.writelines(text for _ in range(COUNT // MADE))


def yardstick(form: str, file: Path) -> None:
    """Take each line apart, and do no more."""
    with file.open(encoding="utf-8", newline="") as stream:
        match YARDSTICKS[form][0]:
            case "json.loads":
                for line in stream:
                    json.loads(line)
            case "csv.reader" | "csv.reader at blanks" as name:
                for _ in csv.reader(stream, delimiter="," if name == "csv.reader" else " "):
                    pass
            case "re.findall of pairs":
                for line in stream:
                    dict(PAIRS.findall(line))
            case _:
                for record in json.loads(stream.read())["records"]:
                    for text in record["flowRecords"]["flows"][0]["flowGroups"][0]["flowTuples"]:
                        text.split(",")


def ours(file: Path, *, allowed: bool) -> int:
    """Read a file to flows."""
    return sum(1 for _ in read(sources([file]), Context(allowed=allowed)))


def seconds(way: Callable[[], object]) -> float:
    """Time one way, by the clock of this process: what else the machine does counts less."""
    start = time.process_time()
    way()
    return time.process_time() - start


def memory(file: Path, *, allowed: bool) -> float:
    """The most memory, in MB, that a process needs to read a file."""
    program = f"from tests.bench_logs import *; ours(Path({str(file)!r}), allowed={allowed}); peak()"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(run.stdout)


def peak() -> None:
    """Print the most memory that this process had, in MB; ``ru_maxrss`` would tell that of its parent."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    print(int(found[1]) / 1024 if found else "nan")


def measured(form: str, denied: float, *, allowed: bool) -> tuple[float, float, float]:
    """Lines a second, how many times as long as the yardstick, and MB."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "made.log"
        write(form, file, denied)
        pairs = [
            (seconds(lambda: ours(file, allowed=allowed)), seconds(lambda: yardstick(form, file)))
            for _ in range(ROUNDS)
        ]
        most = memory(file, allowed=allowed)
    ratio = statistics.median(mine / other for mine, other in pairs)
    return COUNT / statistics.median(mine for mine, _ in pairs), ratio, most


def bench_logs() -> None:
    """Every form, where all lines are denied, and where most are allowed, wanted or not."""
    print(f"\n{f'{COUNT:,} lines of a log, {ROUNDS} rounds':38}{'':22}{'lines/s':>12}{'ratio':>8}{'MB':>7}")
    for form, (name, aim) in YARDSTICKS.items():
        for share, (denied, allowed) in SHARES.items():
            rate, ratio, most = measured(form, denied, allowed=allowed)
            aims = f"   aim: at most {aim}, {MEMORY_AIM} MB" if aim else ""
            print(f"{form + ' / ' + name:38}{share:22}{rate:12,.0f}{ratio:8.2f}{most:7.0f}{aims}")


if __name__ == "__main__":
    bench_logs()
