"""How a command ends and what it writes: exit codes, answers on stdout, notes on stderr."""

from __future__ import annotations

import os
from collections.abc import Iterable
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


def write_lines(lines: Iterable[Line]) -> None:
    """Write an answer, in colour on a terminal, unless ``NO_COLOR`` is set."""
    for line in lines:
        click.secho(visible(line.text), fg=line.colour or None, color=False if os.environ.get("NO_COLOR") else None)


def write_notes(caveats: Iterable[str]) -> None:
    """Write on stderr what the caller should know: stdout has the answer and nothing else."""
    for caveat in caveats:
        kind = "" if caveat.startswith("open question: ") else "note: "
        click.echo(visible(kind + caveat), err=True)
