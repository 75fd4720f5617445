"""Parts that several text formats share: comments, and what a file lacks at its head."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from aks_egress_catalog.exports.declaration import Fitted
from aks_egress_catalog.exports.export import FidelityNote, Header, lacking_lines


def ascii_only(text: str) -> str:
    r"""Write any text with printable ASCII alone: no line end and no control sequence is left in it.

    >>> ascii_only("a\nb")
    'a\\nb'
    """
    return "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in text)


def comment(text: str, mark: str = "#") -> list[str]:
    """Write any text as comment lines of one kind."""
    lines = textwrap.wrap(ascii_only(text), width=116, break_on_hyphens=False)
    return [f"{mark} {line}" for line in lines] or [mark]


def head(header: Header, notes: Iterable[FidelityNote], told: Sequence[str], mark: str = "#") -> list[str]:
    """What stands at the top of a file: where it came from, what it lacks, and what the reader should know."""
    return [line for text in (*header.lines(), *lacking_lines(notes), *told) for line in comment(text, mark)]


def hosts_of(fitted: Iterable[Fitted]) -> list[str]:
    """The values of some rules, each once, sorted."""
    return sorted({value for one in fitted for value in one.values})


def by_port(fitted: Iterable[Fitted]) -> dict[tuple[str, int], list[Fitted]]:
    """Rules by protocol and port, sorted; ``("", 0)`` has those without."""
    found: dict[tuple[str, int], list[Fitted]] = {}
    for one in fitted:
        found.setdefault((str(one.rule.protocol or ""), one.rule.port or 0), []).append(one)
    return dict(sorted(found.items()))
