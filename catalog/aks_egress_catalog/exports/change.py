"""What leads from one export to the next: files that say what to add and what may go, in the target's own terms.

Two ways. Where a firewall keeps what it was given, the module of the format has a function ``change``, which writes
commands: they add first and take away last, so that nothing is cut off in between. Where the export is the whole
configuration, a patch in the unified format leads from the old files to the new ones. ``changes.txt`` says the same
rule by rule, with the days on which the article began or ceased to ask for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.text_lines import ascii_only, text_of
from aks_egress_catalog.history.revisions import Life

SUMMARY: Final = "changes.txt"
PATCH: Final = "changes.patch"


@dataclass(frozen=True, kw_only=True)
class State:
    """One of the two: the rules, their export, its header, and the options of its format that were chosen."""

    resolution: Resolution
    export: Export
    header: Header
    options: Mapping[str, bool] = field(default_factory=dict)


def summary(before: State, after: State, lives: Mapping[str, Life]) -> list[str]:
    """Say what to add and what may go: a line a rule, each with what of it, and since when if the history says so.

    Two rules for one endpoint are one thing to a firewall: what another rule still asks for is not said to go.
    """
    old, new = _endpoints(before.resolution), _endpoints(after.resolution)
    added = list(_lines(after.resolution.rules, new - old, lives, gone=False))
    gone = list(_lines(before.resolution.rules, old - new, lives, gone=True))
    return [
        f"From catalog {before.header.catalog_version} to {after.header.catalog_version}.",
        *((f"To add: {len(added)}", *added) if added else ("Nothing is to be added.",)),
        *((f"May go: {len(gone)}", *gone) if gone else ("Nothing may go.",)),
    ]


_Endpoint = tuple[str, str, int]


def _endpoints(resolution: Resolution) -> set[_Endpoint]:
    return {(value, *_port(rule)) for rule in resolution.rules for value in rule.values}


def _port(rule: ConcreteRule) -> tuple[str, int]:
    return str(rule.protocol or ""), rule.port or 0


def _lines(
    rules: Iterable[ConcreteRule], endpoints: set[_Endpoint], lives: Mapping[str, Life], *, gone: bool
) -> Iterator[str]:
    for rule in rules:
        values = [value for value in rule.values if (value, *_port(rule)) in endpoints]
        if values:
            port = f" {rule.protocol} {rule.port}" if rule.port else ""
            yield f"  {rule.id}: {', '.join(values)}{port}{_since(lives.get(rule.id), gone=gone)}"


def _since(life: Life | None, *, gone: bool) -> str:
    day: dt.date | None = (life.gone if gone else life.since) if life else None
    if day is None:
        return ", which this cluster does not need any more" if gone else ""
    return f", gone from the article since {day}" if gone else f", in the article since {day}"


def patch(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    r"""Write the way from some files to others as ``patch -p1`` and ``git apply`` take it.

    >>> print(patch({"a.txt": "x\n"}, {"a.txt": "y\n"}), end="")
    --- a/a.txt
    +++ b/a.txt
    @@ -1 +1 @@
    -x
    +y
    """
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(keepends=True), after.get(name, "").splitlines(keepends=True)
        if old != new:
            from_file = f"a/{name}" if name in before else "/dev/null"
            to_file = f"b/{name}" if name in after else "/dev/null"
            lines += unified_diff(old, new, from_file, to_file)
    return "".join(lines)


def summary_text(header: Header, lines: Iterable[str]) -> str:
    """Write the summary as a file, in printable ASCII."""
    return text_of(map(ascii_only, (*header.lines(), *lines)))
