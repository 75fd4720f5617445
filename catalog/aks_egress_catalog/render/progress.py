"""A bar on the terminal while a log is read: how many lines, and how many a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aks_egress_catalog.logs.context import Context

Item = TypeVar("Item")
_EVERY: Final = 5000
"""So many flows from one look at the figures to the next."""


def watched(items: Iterable[Item], context: Context) -> Iterator[Item]:
    """Pass items on, and show on stderr how far the reading has come. A log may be a pipe, so nobody knows the end."""
    columns = (
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,.0f} lines"),
        TextColumn("{task.fields[rate]:,.0f} a second"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, rate=0.0)
        for number, item in enumerate(items):
            yield item
            if number % _EVERY == 0:
                elapsed = progress.tasks[task].elapsed or 0
                progress.update(task, completed=context.lines, rate=context.lines / elapsed if elapsed else 0)
