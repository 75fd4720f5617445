"""Lines in, what a decoder makes of them out: short words for the tests of decoders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.formats import load_format, recognise
from aks_egress_catalog.logs.read import read_texts


def decoded(name: str, *lines: str, context: Context | None = None, **options: Any) -> list[Flow | Skipped]:
    """What one decoder makes of lines; allowed flows are wanted."""
    return list(load_format(name).decode(lines, context or Context(**{"allowed": True} | options)))


def flow(name: str, line: str, **options: Any) -> Flow:
    """The one flow of a line, which is recognised as of that format."""
    assert recognise(line) == name
    (one,) = decoded(name, line, **options)
    assert isinstance(one, Flow), one
    return one


def flows(text: str, context: Context | None = None, **options: Any) -> list[Flow]:
    """The flows of a text whose format is found by its content."""
    found = read_texts([text], context or Context(**{"allowed": True} | options))
    return [one for one in found if isinstance(one, Flow)]


def other_kind(name: str, line: str) -> str:
    """Why a line is none of flows, although it was read."""
    (one,) = decoded(name, line)
    assert isinstance(one, Skipped)
    assert not one.unreadable
    return one.why


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
