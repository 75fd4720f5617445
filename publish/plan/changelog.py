"""The changelog of the data, generated from the history: what users were told, newest day first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from aks_egress_catalog.history.announced import HOLD, announced
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.render.markdown import announced_markdown

HEAD: Final = """\
# Changelog of the data

What the article asked for over time, as this project tells it. A rule that leaves the page is told as missing and
kept; it is told as removed if it stays away for the whole hold, and nothing is told if it comes back. Generated from
`history.json`: edit nothing here.

"""


def changelog(history: History, *, today: dt.date, hold: dt.timedelta = HOLD) -> str:
    """Write what was told up to the end of a day."""
    return HEAD + announced_markdown(announced(history, today=today, hold=hold).changes)
