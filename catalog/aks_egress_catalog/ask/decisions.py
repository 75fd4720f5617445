"""One rule and one endpoint in, a decision out. Who decides is in ``by_article`` and ``by_cluster``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple, Protocol

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.model import Condition, Destination, Level, Rule

RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Decision(NamedTuple):
    """What one rule means for an endpoint; ``why`` and ``needs`` are empty where nothing has to be said."""

    verdict: Verdict
    rule: Rule
    conditions: tuple[Condition, ...] = ()
    why: str = ""
    needs: tuple[str, ...] = ()


class Judge(Protocol):
    """Who decides: :class:`.ByArticle` or :class:`.ByCluster`."""

    def name(self, rule: Rule, destination: Destination, host: str) -> Decision:
        """Decide for a host name that a destination of a rule takes in, on a port of that rule."""

    def address(self, host: str, rules: Sequence[Rule]) -> list[Decision]:
        """Decide for an address, by those of the rules on its port that take it in: only ranges do."""

    def reason(self, decisions: Sequence[Decision]) -> str:
        """Say in one line why the verdict that these decisions share is what it is."""


def asks_for(rule: Rule, endpoint: Endpoint) -> bool:
    """Say whether a rule is for the port of an endpoint.

    A rule that states no port is for every one, but for an informational one: the prose that names a host without a
    port says nothing of any.
    """
    if rule.port is None:
        return rule.level is not Level.INFORMATIONAL or endpoint.port is None
    return endpoint.is_on(rule.port, rule.protocol)


@cache
def range_set(values: tuple[str, ...]) -> RangeSet:
    """Return the set of some ranges; the same ranges are asked of many addresses."""
    return RangeSet(values)
