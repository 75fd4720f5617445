"""How a command ends and what it writes: exit codes, answers on stdout, notes on stderr."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Final

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import LeftOut
from aks_egress_catalog.model import Level
from aks_egress_catalog.render.escaping.log_commands import inert
from aks_egress_catalog.text.line import Line
from aks_egress_catalog.text.visible import visible

NO: Final = 1
"""The answer is no."""
USAGE: Final = 2
BAD_INPUT: Final = 3
HELD: Final = 4
"""``--strict``: the result is not exact, and nothing was written."""
_AT_A_TIME: Final = 1000
_ESCAPED: Final = "aks-egress-escaped"


def write_whatever_the_encoding() -> None:
    """Let no character that a terminal or a locale cannot show end a command: it is written as JSON would escape it.

    So what is JSON stays JSON. Streams that somebody put in the place of ours are left as they are.
    """
    codecs.register_error(_ESCAPED, _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPED)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def write_lines(lines: Iterable[Line]) -> None:
    """Write an answer, in colour on a terminal, unless ``NO_COLOR`` is set; many lines at a time, which is cheaper."""
    colour = False if os.environ.get("NO_COLOR") else None
    texts = ((inert(visible(line.text)), line.colour) for line in lines)
    styled = (click.style(text, fg=shade) if shade and colour is None else text for text, shade in texts)
    while some := list(islice(styled, _AT_A_TIME)):
        click.echo("\n".join(some), color=colour)


def write_notes(caveats: Iterable[str]) -> None:
    """Write on stderr what the caller should know: stdout has the answer and nothing else."""
    for caveat in caveats:
        kind = "" if caveat.startswith("open question: ") else "note: "
        click.echo(inert(visible(kind + caveat)), err=True)


def write_dropped(unmet: Iterable[LeftOut]) -> None:
    """Name on stderr each rule that could not be expressed, in the words of an export."""
    for left in unmet:
        click.echo(visible(f"dropped: {left.id}: {left.reason}"), err=True)


def end_if_missing(catalog: Catalog, missing: Iterable[str], *, allow_missing: bool) -> None:
    """End with exit 1 where an answer lacks a rule that is required; ``missing`` are ids, each of which was told."""
    required = {rule.id for rule in catalog.rules if rule.level is Level.REQUIRED}
    count = len(required.intersection(missing))
    if count and not allow_missing:
        rules = "1 required rule is" if count == 1 else f"{count} required rules are"
        click.echo(f"error: {rules} not in the answer; --allow-missing accepts that", err=True)
        sys.exit(NO)
