"""Tables on a real terminal: whatever its width, nothing of a destination or an id is cut off."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

import aks_egress_catalog as aec
from tests import base

CATALOG = base.CATALOG


def on_terminal(width: int, command: str, *arguments: str) -> list[str]:
    """Run a command on a pseudo-terminal, and return the lines that it shows there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    asked = [command, "--catalog", str(base.catalog_file()), *arguments]
    program = [sys.executable, "-m", "aks_egress_catalog", *asked]
    with subprocess.Popen(program, stdout=theirs, stderr=theirs, env=environment | {"TERM": "xterm"}):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # what Linux says when nobody is left on the other side
        return b""


def unfolded(lines: list[str]) -> list[str]:
    """Put each column of a folded table together again; where it was folded, nothing stands between the parts."""
    empty = [all(line[place : place + 1] in ("", " ") for line in lines) for place in range(max(map(len, lines)))]
    begins = [place for place, blank in enumerate(empty) if not blank and (place == 0 or empty[place - 1])]
    ends = [*begins[1:], None]
    return ["".join(line[begin:end].strip() for line in lines) for begin, end in zip(begins, ends, strict=True)]


@pytest.mark.parametrize("width", [60, 80, 132])
def test_no_id_and_no_destination_is_cut(width: int) -> None:
    lines = on_terminal(width, "list", "--cloud", "AzureCloud", "--feature", "gpu", "--wide")
    assert max(map(len, lines)) <= width
    columns = unfolded(lines)
    for rule in CATALOG.rules(cloud="AzureCloud", feature="gpu"):
        assert rule.id in columns[0]
        assert any(str(rule.destinations[0]) in column for column in columns[1:])
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("width", [60, 80])
def test_a_destination_keeps_to_one_line_where_half_of_the_width_is_enough(width: int) -> None:
    lines = on_terminal(width, "resolve", "--set", "region=westeurope", "--set", "recommended=false")
    assert max(map(len, [line for line in lines if ": " not in line])) <= width
    for rule in CATALOG.resolve(aec.Profile(region="westeurope", recommended=False)).rules:
        assert any(f" {rule.values[0]} " in line for line in lines)


@pytest.mark.parametrize(
    "asked",
    [
        ("list",),
        ("resolve", "--set", "region=westeurope", "--set", "features=azure-monitor,cluster-extensions"),
        ("diff", "2020-01-01"),
        ("changes", "--since", "2023-01-01"),
        ("show", "AzureCloud/core/packages.aks.azure.com:tcp-443"),
    ],
    ids=lambda asked: str(asked[0]),
)
def test_in_80_columns_no_row_is_folded(asked: tuple[str, ...]) -> None:
    narrow, roomy = (on_terminal(width, *asked) for width in (80, 1000))
    rows = [line.split() for line in roomy if "TCP" in line or "UDP" in line or ":tcp-" in line.partition(": ")[0]]
    assert rows
    shown = [line.split() for line in narrow]
    folded = [row for row in rows if row not in shown and len("  ".join(row)) < 70]
    assert folded == []
    assert "…" not in "".join(narrow)


@pytest.mark.parametrize("width", [40, 60])
def test_where_even_that_is_too_wide_a_destination_goes_on_in_the_next_line(width: int) -> None:
    lines = on_terminal(width, "list", "--cloud", "AzureCloud", "--feature", "cluster-extensions")
    assert max(map(len, lines)) <= width
    column = "".join(line[2 : 2 + width].split(" ")[0] for line in lines[2:])
    for rule in CATALOG.rules(cloud="AzureCloud", feature="cluster-extensions"):
        assert str(rule.destinations[0]) in column


def test_a_report_is_not_cut_either() -> None:
    shown = "".join(on_terminal(60, "export", "json", "--out", os.devnull, "--report", "--set", "region=westeurope"))
    assert "…" not in shown


@pytest.mark.parametrize("command", [("resolve", "--set", "region=westeurope"), ("list",), ("profile", "keys")])
def test_lines_without_colour_wait_for_no_rich(command: tuple[str, ...]) -> None:
    program = (
        "import atexit, sys; from aks_egress_catalog.cli.main import main;"
        "atexit.register(lambda: print('rich' in sys.modules, file=sys.stderr)); main()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    asked = [sys.executable, "-c", program, *command]
    plain = subprocess.run(asked, capture_output=True, text=True, check=True, env=environment)
    assert plain.stderr.splitlines()[-1] == "False"
    assert "\x1b" not in plain.stdout
    coloured = subprocess.run(
        asked, capture_output=True, text=True, check=True, env=environment | {"FORCE_COLOR": "1", "TERM": "xterm"}
    )
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.stdout) == plain.stdout != coloured.stdout
