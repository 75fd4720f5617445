r"""Blocks of a console: lines behind ``$ `` are commands, what follows them is what they print.

A command goes on in the next line where its own ends with a backslash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PROMPT: Final = "$ "


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command, as it is typed (without the prompt), and the lines that it is shown to print."""

    command: str
    shown: tuple[str, ...]


def steps(text: str) -> Iterator[Step]:
    r"""Give the commands of a block; what stands before the first one belongs to none.

    >>> list(steps("$ a \\\n  --b\nout\n$ c\n"))
    [Step(command='a \\\n  --b', shown=('out',)), Step(command='c', shown=())]
    """
    command: list[str] = []
    shown: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if command and not shown and command[-1].endswith("\\"):
            command.append(line)
        elif line.startswith(PROMPT):
            if command:
                yield Step(command="\n".join(command), shown=tuple(shown))
            command, shown = [line.removeprefix(PROMPT)], []
        elif command:
            shown.append(line)
    if command:
        yield Step(command="\n".join(command), shown=tuple(shown))
