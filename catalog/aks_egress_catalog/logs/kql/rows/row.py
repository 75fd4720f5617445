"""One row of the answers that queries carry, and which of several rows counts."""

from __future__ import annotations

import datetime as dt
import re
from enum import IntEnum
from typing import Final, NamedTuple

from aks_egress_catalog.ask.answer import Answer, Verdict
from aks_egress_catalog.ask.decisions import RANKS
from aks_egress_catalog.model import Rule

ANY: Final = "any"
"""In the place of a port: the row is for every port."""
UNTOLD: Final = "-"
"""In the place of a port: the row is for flows of which nobody told the port."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Tier(IntEnum):
    """Which rows count where several are for one endpoint: those of the lowest tier, as in ``check``."""

    YES = 0
    """Required, required-if, recommended, informational."""
    KNOWN_GAP = 1
    NOT_NEEDED = 2
    REMOVED = 3
    """A rule of the catalog asks for it that has left the article."""
    NOT_NEEDED_ELSEWHERE = 4
    """As the two before, by rules of another cloud than the cluster's."""
    REMOVED_ELSEWHERE = 5
    RETIRED = 6
    """The history has a rule for this very port."""
    LISTED_ELSEWHERE = 7
    """The host is listed for another port: a rule of the past without a port does not count then."""
    RETIRED_ON_ANY_PORT = 8
    BY_PORT = 9
    """An address, of which the port alone tells something."""
    NOTHING = 10


STANDING: Final = (Tier.YES, Tier.KNOWN_GAP, Tier.NOT_NEEDED, Tier.NOT_NEEDED_ELSEWHERE)
"""Rows of rules that stand in the article: their hosts are listed, whatever the port."""


class Row(NamedTuple):
    """The answer for what ``pattern`` takes in, on a port: ``tcp-443`` as in rule ids, or one of the two words above.

    ``rules`` are the ids of the rules for this very pattern. In the place of a pattern, what begins with ``@`` is for
    flows without a name: ``@tcp-443`` for addresses on a port, ``@tcp`` on any other one, ``@r0`` for those of a range,
    ``@sni`` for a client that named no host.
    """

    pattern: str
    port: str
    tier: Tier
    verdict: Verdict
    reason: str
    rules: tuple[str, ...] = ()

    @property
    def saying(self) -> tuple[int, int, int, int, str]:
        """The same for all rows that say the same, and in the order in which they count.

        By the tier, the verdict, the latest day, and the reason that names most: the answer for a narrow pattern knows
        of the wide ones as well.
        """
        day = _DAY.search(self.reason) if self.verdict is Verdict.RETIRED else None
        latest = -dt.date.fromisoformat(day[0]).toordinal() if day else 0
        return (self.tier, RANKS[self.verdict], latest, -len(self.reason), self.reason)


def tier_of(answer: Answer, port: str, cloud: str) -> Tier:
    """Say in which tier an answer for a name is; ``cloud`` is the cluster's, empty where all clouds are one's own."""
    if answer.verdict.is_yes:
        return Tier.YES
    if answer.verdict is Verdict.KNOWN_GAP:
        return Tier.KNOWN_GAP
    if not answer.rules:
        return Tier.RETIRED_ON_ANY_PORT if port == ANY else Tier.RETIRED
    own = not cloud or any(rule.cloud == cloud for rule in answer.rules)
    if answer.verdict is Verdict.NOT_NEEDED:
        return Tier.NOT_NEEDED if own else Tier.NOT_NEEDED_ELSEWHERE
    return Tier.REMOVED if own else Tier.REMOVED_ELSEWHERE


def port_of(rule: Rule) -> str:
    """Write the port of a rule as its id does."""
    return f"{rule.protocol}-{rule.port}".lower() if rule.port else ANY


def short(reason: str) -> str:
    """Leave the id out of a reason that says until when a rule asked for something.

    >>> short("asked for until 2019-06-11, as AzureCloud/core/a.io:any; no rule has it today")
    'asked for until 2019-06-11; no rule has it today'
    """
    return re.sub(r"(asked for until \S+), as .+; no rule", r"\1; no rule", reason)
