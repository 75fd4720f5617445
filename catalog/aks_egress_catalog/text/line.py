"""A line of an answer, before it is coloured."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """A line, and the name of its colour; empty for none."""

    text: str
    colour: str = ""
