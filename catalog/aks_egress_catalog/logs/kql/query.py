"""One query for one table of a firewall: which of the denied endpoints does AKS need?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.logs.kql.answers import Answers
from aks_egress_catalog.logs.kql.basic import classified
from aks_egress_catalog.logs.kql.joined import joined
from aks_egress_catalog.logs.kql.literals import comment, quote
from aks_egress_catalog.logs.kql.row import Row, Tier
from aks_egress_catalog.logs.kql.rules_file import COLUMNS
from aks_egress_catalog.logs.kql.rules_text import datatable
from aks_egress_catalog.logs.kql.shorter import STEPS, WORDS, lean
from aks_egress_catalog.logs.kql.tables import SETTINGS, TABLES, denied

Form = Literal["datatable", "external", "watchlist"]
FORMS: Final = ("datatable", "external", "watchlist")
LONGEST_OF_A_RULE: Final = 10_000
"""So many characters may the query of an analytics rule have."""


class KqlError(AksEgressError):
    """A query cannot be written as it was asked for."""


def kql_query(
    table: str,
    answers: Answers,
    *,
    form: Form = "datatable",
    address: str = "",
    basic: bool = False,
) -> str:
    """Write the query for a table: denied endpoints, most hits first, with the verdicts of ``check``.

    ``form`` says where the answers are: in the text, in the file at ``address`` (``external``), or in the watchlist of
    that name. ``basic`` is for tables of the Basic plan: one table, and nothing that joins it with another.

    Raises:
        KqlError: there is no such table or form, or it needs an address.

    >>> from aks_egress_catalog.logs.kql.answers import Answers
    >>> none = Answers(rows=(), ranges={}, about="every cluster", data_version="2026.7.2")
    >>> kql_query("AZFWNetworkRule", none).splitlines()[0]
    '// Which denials of Azure Firewall (AZFWNetworkRule) does AKS need? every cluster, data 2026.7.2'
    """
    if table not in TABLES:
        raise KqlError(f"no table {table!r}; there is one query for each of {', '.join(TABLES)}")
    if form not in FORMS:
        raise KqlError(f"no form {form!r}; the answers come from {', '.join(FORMS)}")
    if form != "datatable" and (basic or not address):
        raise KqlError("a Basic table is joined with nothing" if basic else f"{form} needs the name of its rules")
    rows = [row for row in answers.rows if concerns(table, row)]
    if basic:
        return headed(table, answers, SETTINGS.get(table, "") + denied(table) + classified(rows, answers.ranges))
    if form != "datatable":
        return headed(table, answers, _joined(table, answers, rows, (_stored_rules(form, address), "Entry")))
    written = (_within(table, answers, rows, step) for step in STEPS)
    return next((text for text in written if len(text) < LONGEST_OF_A_RULE), "") or _within(table, answers, rows, 0)


def _within(table: str, answers: Answers, rows: Sequence[Row], step: int) -> str:
    """Write the query with the rows in its text, as short as a step makes it."""
    left = lean(rows, step)
    text = _joined(table, answers, left, datatable(left, abbreviated=step == STEPS[-1]))
    return headed(table, answers, text, WORDS[step > 0])


def _joined(table: str, answers: Answers, rows: Sequence[Row], made: tuple[str, str]) -> str:
    rules, ids = made
    return SETTINGS.get(table, "") + joined(replace(answers, rows=tuple(rows)), rules, denied(table), ids)


def concerns(table: str, row: Row) -> bool:
    """Say whether a table can have what a row is for: network rules know addresses, application rules are over TCP."""
    if table == "AZFWNetworkRule":
        return row.pattern.startswith("@") and row.pattern != "@sni"
    if table == "AZFWApplicationRule":
        udp = row.port.startswith("udp") or row.pattern.startswith("@udp")
        return not (udp and row.tier >= Tier.RETIRED)
    return True


def headed(table: str, answers: Answers, text: str, words: str = "") -> str:
    """Put the head before a query: for whom it is, and how long, the head included."""
    start = comment(
        f"Which denials of Azure Firewall ({table}) does AKS need? {answers.about}, data {answers.data_version}"
    )
    length = 0
    while True:  # the length has digits itself
        end = comment(f"Length: {length} characters. {words}")
        whole = f"{start}\n{end}\n{text}\n"
        if len(whole) == length:
            return whole
        length = len(whole)


def _stored_rules(form: Form, address: str) -> str:
    if form == "external":
        columns = ", ".join(f"{name}:{kind}" for name, kind in COLUMNS.items())
        options = 'format = "csv", ignoreFirstRecord = true'
        return f"let rules = externaldata({columns})\n  [{quote(address)}] with ({options})"
    columns = ", ".join(f"{name} = to{kind}({name})" for name, kind in COLUMNS.items())
    return f"let rules = _GetWatchlist({quote(address)})\n| project {columns}"
