"""What ``explain --kql`` prints: a query for each table that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.logs.kql.query import KqlError, kql_query
from aks_egress_catalog.logs.kql.rows.answers import answers_of
from aks_egress_catalog.logs.kql.rules_file import rules_csv
from aks_egress_catalog.logs.kql.writing.tables import TABLES


def kql_command_output(
    catalog: Catalog,
    *,
    lives: Mapping[str, Life],
    resolution: Resolution | None = None,
    about: str = "",
    tables: Sequence[str] = (),
    external: str = "",
    watchlist: str = "",
    basic: bool = False,
    rules_only: bool = False,
) -> str:
    """Write the queries for some tables, or for all; ``rules_only``: the rules for a watchlist instead, as CSV.

    ``about`` describes the cluster of ``resolution`` in one line, as :attr:`.Resolver.one_line` does.

    Raises:
        KqlError: options that exclude each other, or a table that there is no query for.

    >>> import aks_egress_catalog as aec
    >>> text = kql_command_output(aec.load(as_of="2026-07-02"), lives={}, tables=["AZFWNetworkRule"])
    >>> "ago(" in text, "AZFWNetworkRule" in text
    (False, True)
    """
    if external and watchlist:
        raise KqlError("the answers come from one place: --external or --watchlist, not both")
    answers = answers_of(catalog, lives=lives, resolution=resolution, about=about)
    if rules_only:
        return rules_csv(answers)
    form = "external" if external else "watchlist" if watchlist else "datatable"
    address = external or watchlist
    texts = (
        kql_query(table, answers, form=form, address=address, basic=basic)  # type: ignore[arg-type]  # one of three
        for table in tables or TABLES
    )
    return "\n".join(texts)
