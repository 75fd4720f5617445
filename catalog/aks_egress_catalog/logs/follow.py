"""A file that still grows, as ``tail -F`` reads it: what is there, what comes, and its successor when it is rotated."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.lines import Lines, Text
from aks_egress_catalog.logs.source import PIECE

EVERY: Final = 0.5
"""Seconds between two looks."""


def follow(
    path: Path,
    context: Context,
    *,
    sleep: Callable[[float], object] = time.sleep,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[str]]:
    """Give the lines of a file, and those that are written to it later, until ``stop`` says so.

    Half a line waits for its end: for the rest of it, for a rotation (the file was renamed or removed and another has
    its name, or it was cut and written anew), or for ``stop``. Nothing is lost by a rename; a file that was cut and
    has grown beyond its old length between two looks cannot be told from one that grew.
    """
    while not stop():
        try:
            stream = path.open("rb")
        except FileNotFoundError:  # between the rename and the new file
            sleep(EVERY)
            continue
        with stream:
            yield from _follow_open(stream, path, context, sleep, stop)


def follow_pipe(stream: BufferedReader, context: Context) -> Iterator[list[str]]:
    """Give the lines of a pipe as they come, until whoever writes it ends; half a line waits for its end."""
    text, lines = Text(), Lines(context.cut)
    while piece := stream.read1(PIECE):
        if whole := lines.feed(text.feed(piece)):
            yield whole
    yield lines.feed(text.feed(b"", last=True)) + lines.finish()


def _follow_open(
    stream: IO[bytes], path: Path, context: Context, sleep: Callable[[float], object], stop: Callable[[], bool]
) -> Iterator[list[str]]:
    """Give the lines of an open file until it is rotated or ``stop`` says so."""
    text, lines = Text(), Lines(context.cut)
    while True:
        stopping = stop()
        rotated = _is_rotated(stream, path)  # asked first: what was written before the rename is read below
        while piece := stream.read(PIECE):
            if whole := lines.feed(text.feed(piece)):
                yield whole
        if stopping or rotated:
            yield lines.feed(text.feed(b"", last=True)) + lines.finish()
            return
        sleep(EVERY)


def _is_rotated(stream: IO[bytes], path: Path) -> bool:
    """Say whether another file has the path, or the file is shorter than what was read of it."""
    ours = os.fstat(stream.fileno())
    if ours.st_size < stream.tell():
        return True
    with contextlib.suppress(FileNotFoundError):
        return not os.path.samestat(ours, path.stat())
    return False  # renamed, and the new file is not there yet: more may come into the old one
