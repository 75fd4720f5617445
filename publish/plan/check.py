"""The input and the output of the gate's checks.

A check is a function from a :class:`Candidate` and the :class:`.GateLimits` of ``publish.toml`` to a :class:`Check`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.history.revisions import History
from publish.plan.report import Report
from publish.plan.sentences import NewSentence


class GateVerdict(StrEnum):
    """What may be done with a result, mildest first."""

    PUBLISH = "publish"
    HOLD = "hold for review"
    """A person may merge it: the pull request is opened, with a label that says that it is held."""
    REFUSE = "refuse"
    """Nobody may: no pull request is opened."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is to be judged: the catalog read from the pages and its report, against what is published.

    The gate judges ``read``, without the rules that are only kept by a hold: those were judged when they were read.
    """

    last: Catalog
    history: History
    read: Catalog
    report: Report
    changes: Changes
    today: dt.date
    fault: str = ""
    """Why what was read cannot be the next event of the history, if it cannot."""
    lost: tuple[str, ...] = ()
    """Versions that were released, and that the checkout does not know any more."""
    corrects: str = ""
    """What was published wrong, where the page did not change."""
    sentences: tuple[NewSentence, ...] = ()
    """What nobody has reviewed where it stands."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. ``reason`` says why it exists, ``found`` what it found, each a line."""

    name: str
    verdict: GateVerdict
    figure: str
    reason: str
    found: tuple[str, ...] = ()
