"""How a command ends and what it writes: exit codes, answers on stdout, notes on stderr."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import Final

import click

from aks_egress_catalog.render.answer import Line
from aks_egress_catalog.text.visible import visible

NO: Final = 1
"""The answer is no."""
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
"""``--strict``: the result is not exact, and nothing was written."""
_AT_A_TIME: Final = 1000


def write_lines(lines: Iterable[Line]) -> None:
    """Write an answer, in colour on a terminal, unless ``NO_COLOR`` is set; many lines at a time, which is cheaper."""
    colour = False if os.environ.get("NO_COLOR") else None
    styled = (
        click.style(visible(line.text), fg=line.colour) if line.colour and colour is None else visible(line.text)
        for line in lines
    )
    while some := list(islice(styled, _AT_A_TIME)):
        click.echo("\n".join(some), color=colour)


def write_notes(caveats: Iterable[str]) -> None:
    """Write on stderr what the caller should know: stdout has the answer and nothing else."""
    for caveat in caveats:
        click.echo(visible(f"note: {caveat}"), err=True)
