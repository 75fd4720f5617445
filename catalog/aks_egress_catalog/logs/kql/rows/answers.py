"""All that ``check`` has to say, as rows: whoever joins a log with them says the same.

The answer for an endpoint is that of its rows by their precedence, its rules are those of all its rows of one tier.
Whatever ``check`` learns to say, the rows have without being taught: they are its answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.ask.check import Checker
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import rules_by_id
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.logs.kql.rows.named import NamedRows
from aks_egress_catalog.logs.kql.rows.row import Row
from aks_egress_catalog.logs.kql.rows.unnamed import Ranges, by_port, by_range, nameless, range_keys


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The rows, in the order in which they count. ``ranges`` are the address ranges that rows name by their keys.

    ``about`` says in a few words for which cluster they are, ``data_version`` of which catalog; ``of_one_cluster``:
    they are by a resolution.
    """

    rows: tuple[Row, ...]
    ranges: Ranges
    about: str
    data_version: str
    of_one_cluster: bool = False

    def only(self, *verdicts: Verdict) -> Answers:
        """Keep the rows of some verdicts: enough for a query that asks for nothing else."""
        return replace(self, rows=tuple(row for row in self.rows if row.verdict in verdicts))


def answers_of(
    catalog: Catalog, *, lives: Mapping[str, Life], resolution: Resolution | None = None, about: str = ""
) -> Answers:
    """Ask ``check`` about all that it knows; without a resolution, for what the article says to everybody.

    >>> import aks_egress_catalog as aec
    >>> found = answers_of(aec.load(as_of="2026-07-02"), lives={})
    >>> [str(row.verdict) for row in found.rows if (row.pattern, row.port) == ("mcr.microsoft.com", "tcp-443")]
    ['required']
    """
    checker = Checker(catalog, resolution=resolution, lives=lives)
    rules = tuple(rules_by_id(catalog.rules, commit=catalog.commit).values())
    ranges = range_keys(catalog, resolution)
    rows = [
        *NamedRows(checker, rules, lives, resolution),
        *by_port(checker, rules, ranges),
        *by_range(checker, ranges, catalog, resolution),
        nameless(catalog, lives, resolution),
    ]
    return Answers(
        rows=tuple(sorted(rows, key=lambda row: (row.saying, row.port, row.pattern))),
        ranges=ranges,
        about=about or "every cluster",
        data_version=catalog.version,
        of_one_cluster=resolution is not None,
    )
