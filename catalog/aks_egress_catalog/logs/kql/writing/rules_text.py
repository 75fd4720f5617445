"""The rows of answers in the text of a query, as two tables: what is said, and of which patterns and ports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from aks_egress_catalog.logs.kql.rows.row import ANY, UNTOLD, Row
from aks_egress_catalog.logs.kql.writing.joined import stored
from aks_egress_catalog.logs.kql.writing.literals import array, quote
from aks_egress_catalog.logs.kql.writing.shorter import abbreviate

_Group = tuple[str, int, str]
"""Ports, the number of the saying, and the entries that make the ids of rules."""
_LONGEST_LINE: Final = 300
_DAY: Final = re.compile(r'"\d{4}-\d\d-\d\d"$')
_UNTIL: Final = ("asked for until ", "; no rule has it today")


def datatable(rows: Sequence[Row], *, abbreviated: bool = False) -> tuple[str, str]:
    """Write rows into the text of a query: what makes ``rules``, and the expression of an id.

    Rows that say the same of rules of the same clouds and features stand together. An id that is made of these, the
    pattern and the port is told by two numbers, those of the cloud and of the feature.
    """
    told = {row.saying: row for row in rows}
    clouds: dict[str, int] = {}
    features: dict[str, int] = {}
    groups = _groups(rows, clouds, features)
    lines = list(_lines(groups, longest=0 if abbreviated else _LONGEST_LINE))
    texts: Sequence[str] = [text for _, text in lines]
    texts, patterns = abbreviate(texts) if abbreviated else (texts, "Patterns")
    written = [f"{start},{quote(text)}" for (start, _), text in zip(lines, texts, strict=True)]
    said = [
        f"{use},{int(row.tier)},{quote(row.verdict)},{quote(_bare(row.reason))}"
        for use, row in enumerate(told.values())
    ]
    return _made_of(said, written, patterns), _id_of(clouds, features)


def _groups(rows: Iterable[Row], clouds: dict[str, int], features: dict[str, int]) -> dict[_Group, list[str]]:
    """Put patterns together that have the same ports, saying and places of rules."""
    uses: dict[object, int] = {}
    ports: dict[tuple[str, int, str], list[str]] = {}
    for row in rows:
        use = uses.setdefault(row.saying, len(uses))
        as_it_is = stored(row.pattern) == row.pattern
        places = (place_of(name, row) if as_it_is else name for name in row.rules)
        entries = " ".join(_entry(place, clouds, features) for place in places)
        ports.setdefault((row.pattern, use, entries), []).append(row.port)
    groups: dict[_Group, list[str]] = {}
    for (pattern, use, entries), some in ports.items():
        if " " not in pattern:  # no host can have one
            groups.setdefault((" ".join(some), use, entries), []).append(stored(pattern))
    return groups


def _lines(groups: Mapping[_Group, Sequence[str]], *, longest: int) -> Iterator[tuple[str, str]]:
    """Give the start of each row and its patterns, as many as there is room for; 0: all."""
    for (ports, use, entries), patterns in groups.items():
        for some in _filled(patterns, longest) if longest else [" ".join(patterns)]:
            yield f"{quote(ports)},{use},{quote(entries)}", some


def _made_of(said: Sequence[str], lines: Iterable[str], patterns: str) -> str:
    days = any(_DAY.search(one) for one in said)
    until = f'strcat("{_UNTIL[0]}", Reason, "{_UNTIL[1]}")'
    whole = f'\n| extend Reason = iff(Reason matches regex @"^[0-9-]{{10}}$", {until}, Reason)' if days else ""
    return f"""let uses = datatable(Use:int, Tier:int, Verdict:string, Reason:string)[
{_rows(said)}]{whole};
let rules = datatable(Ports:string, Use:int, Of:string, Patterns:string)[
{_rows(lines)}]
| mv-expand Pattern = split({patterns}, " ") to typeof(string)
| mv-expand On = split(Ports, " ") to typeof(string)
| lookup uses on Use"""


def _id_of(clouds: Iterable[str], features: Iterable[str]) -> str:
    return f"""iff(Entry == "" or Entry contains "/", Entry, strcat(
  {array(clouds)}[toint(substring(Entry, 0, 1))], "/",
  {array(features)}[toint(substring(Entry, 1))],
  "/", Pattern, ":", iff(On == "{UNTOLD}", "{ANY}", On)))"""


def place_of(name: str, row: Row) -> str:
    """Give cloud and feature of a rule, where these, the pattern and the port make its id; else the id."""
    return name.removesuffix(f"/{row.pattern}:{ANY if row.port == UNTOLD else row.port}")


def _entry(place: str, clouds: dict[str, int], features: dict[str, int]) -> str:
    """Write a place in numbers: the first digit is the cloud's."""
    if place.count("/") > 1:
        return place
    cloud, _, feature = place.partition("/")
    return f"{clouds.setdefault(cloud, len(clouds))}{features.setdefault(feature, len(features))}"


def _bare(reason: str) -> str:
    """Leave what many reasons share to the query: of a retired rule the day is told."""
    start, end = _UNTIL
    return reason.removeprefix(start).removesuffix(end) if reason.startswith(start) and reason.endswith(end) else reason


def _filled(texts: Iterable[str], longest: int) -> list[str]:
    """Put texts into lines, as many as there is room for."""
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) + len(text) < longest:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


def _rows(lines: Iterable[str]) -> str:
    return "".join(f"{line},\n" for line in lines)
