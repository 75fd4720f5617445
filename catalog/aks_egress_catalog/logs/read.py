"""Logs in, flows out: finds the format of each file, also where it changes on the way, and counts every line.

A line that a decoder cannot read is shown to the other formats. A single one is decoded alone, and the reading goes on
as before, so that the header of a CSV file is not forgotten; after some in a row, or at a header, the format changes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, Final, cast

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.follow import follow, follow_pipe
from aks_egress_catalog.logs.formats import load_format, recognise, values_decoder
from aks_egress_catalog.logs.lines import LONGEST, SHOWN, Lines
from aks_egress_catalog.logs.records.json_documents import values_of
from aks_egress_catalog.logs.records.json_text import is_document
from aks_egress_catalog.logs.source import Source

HEAD: Final = 65_536
"""So many characters of a file, or of a line, are looked at to find the format."""
SWITCH_AFTER: Final = 8
"""So many lines of another format in a row are no strays any more."""
_SECRETS: Final = re.compile(r"(//)[^/@\s\"]*@|((?:://|\b)[\w-]+(?:\.[\w-]+)+(?::\d+)?)[/?#][^\s\",|<>]*")
"""What may stand before a host in a URL, and what behind it."""

_ALLOWED: Final = Outcome.ALLOWED  # an attribute of an enum costs as much as ten of this
Item = Flow | Skipped


def read(sources: Iterable[Source], context: Context, *, format_name: str = "") -> Iterator[Item]:
    """Give the flows of all sources, and each line that is none, cut and without what URLs may carry.

    With ``format_name`` every line is taken to be of that format. Allowed flows are given only where the context asks
    for them. The context has the rest: counts, notes, and the files that were not read.

    Raises:
        InputError: there is no such format.
    """
    if format_name:
        load_format(format_name)
    texts = (source.texts(context) for source in sources)
    return chain.from_iterable(read_texts(pieces, context, format_name=format_name) for pieces in texts)


def read_followed(
    path: Path, context: Context, *, format_name: str = "", **clock: Callable[..., Any]
) -> Iterator[Item]:
    """Give the flows of a file, and of what is written to it later; ``clock`` goes to :func:`.follow.follow`.

    ``-`` is standard input, line by line as it comes.
    """
    is_pipe = str(path) == "-"
    batches = (
        follow_pipe(cast(BufferedReader, sys.stdin.buffer), context) if is_pipe else follow(path, context, **clock)
    )
    return _read_lines(_counted(batches, context), context, format_name, named=bool(format_name))


def read_texts(texts: Iterable[str], context: Context, *, format_name: str = "") -> Iterator[Item]:
    """Give the flows of one text, which comes in pieces."""
    iterator = iter(texts)
    first = next(iterator, "")
    name = format_name or recognise(first[:HEAD])
    decode_values = values_decoder(load_format(name)) if name else None
    pieces = chain([first], iterator)
    if decode_values and (name == "flow-logs" or is_document(first)):
        context.formats.setdefault(name)
        values = _counted_values(values_of(pieces), context)
        items = decode_values(values, context)
        return chain.from_iterable(_counted_item(item, context) for item in items)
    batches = _batches(pieces, context) if first else ()
    return _read_lines(batches, context, name, named=bool(format_name))


def _batches(pieces: Iterable[str], context: Context) -> Iterator[list[str]]:
    lines = Lines(context.cut)
    return _counted(chain(map(lines.feed, pieces), (lines.finish() for _ in range(1))), context)


def _counted(batches: Iterable[list[str]], context: Context) -> Iterator[list[str]]:
    for batch in batches:
        context.lines += len(batch)
        yield batch


def _counted_values(values: Iterable[Any], context: Context) -> Iterator[Any]:
    for value in values:
        context.lines += 1
        yield value


def _read_lines(batches: Iterable[list[str]], context: Context, name: str, *, named: bool = False) -> Iterator[Item]:
    """Decode lines with the decoder of a format (empty: not found yet), and go over to another where they do."""
    lines = chain.from_iterable(batches)
    items, strays, wanted = _decoded(name, lines, context), 0, context.allowed
    while True:
        for item in items:
            if isinstance(item, Flow):
                strays = 0
                if item[0] is not _ALLOWED or wanted:
                    yield item
                else:
                    context.passed_over["allowed"] += 1
                continue
            other, found, is_header = ("", [item], False) if named else _elsewhere(item, context)
            strays = strays + 1 if other and other != name else 0
            if is_header or strays >= SWITCH_AFTER or (strays and not name):
                name, items = other, _decoded(other, chain([item.line], _given_back(context), lines), context)
                break
            for one in found:
                yield from _counted_item(one, context)
        else:
            break
    for start in context.cut:
        context.lines += 1
        yield from _counted_item(Skipped(start, unreadable=True, why=f"longer than {LONGEST:,} characters"), context)
    context.cut.clear()


def _decoded(name: str, lines: Iterable[str], context: Context) -> Iterator[Item]:
    if name:
        context.formats.setdefault(name)
        return load_format(name).decode(lines, context)
    return (Skipped(line, unreadable=True, why="of no known format") for line in lines)


def _given_back(context: Context) -> Iterator[str]:
    while context.back:
        yield context.back.pop()


def _elsewhere(item: Skipped, context: Context) -> tuple[str, list[Item], bool]:
    """Decode a line that its decoder could not read as one of another format, which is named; else it stays skipped.

    Also says whether the line is a header, which tells how to read those behind it.
    """
    if not item.unreadable:
        return "", [item], False
    if not item.line.strip():
        context.passed_over["blank"] += 1
        return "", [], False
    name = recognise(item.line[:HEAD])
    if not name:
        return "", [item], False
    headers = context.passed_over["header"]
    waiting, context.back[:] = context.back[:], []  # lines of the other decoder, which this one must not take
    found = list(load_format(name).decode([item.line], context))
    context.back[:] = waiting
    if any(isinstance(one, Skipped) and one.unreadable for one in found):
        return "", [item], False
    context.formats.setdefault(name)
    is_header = context.passed_over["header"] > headers
    context.passed_over["header"] = headers  # it is counted when it is read with what is behind it
    return name, found, is_header


def _counted_item(item: Item, context: Context) -> Iterator[Item]:
    if isinstance(item, Flow):
        if item.outcome is _ALLOWED and not context.allowed:
            context.passed_over["allowed"] += 1
            return
        yield item
    else:
        context.unreadable += item.unreadable
        context.other_lines += not item.unreadable
        yield item._replace(line=without_secrets(item.line), why=without_secrets(item.why))


def without_secrets(line: str) -> str:
    """Cut a line, and cut the URLs in it behind their hosts: paths and queries may carry tokens.

    >>> without_secrets("GET https://me:pw@a.example:8443/v2/?sig=1 and a.example/x?y")
    'GET https://a.example:8443/… and a.example/…'
    """
    return _SECRETS.sub(lambda found: found[1] or f"{found[2]}/…", line[:SHOWN])
