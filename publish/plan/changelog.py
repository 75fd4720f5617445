"""The changelog of the data: what was announced to users, newest day first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.render.markdown import announced_markdown

HEAD: Final = """\
# Changelog of the data

What the article asked for over time, as this project tells it. A rule that leaves the page is told as missing and
kept; it is told as removed if it stays away for the whole hold, and nothing is told if it comes back. Generated from
`history.json`: edit nothing here.

"""


def changelog(announced: Iterable[Change]) -> str:
    """Write the changelog of everything that was announced, oldest first."""
    return HEAD + announced_markdown(announced)
