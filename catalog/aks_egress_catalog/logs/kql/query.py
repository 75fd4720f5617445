"""One query for one table of a firewall: which of the denied endpoints does AKS need?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Final, Literal

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.logs.kql.rows.answers import Answers
from aks_egress_catalog.logs.kql.rows.row import Row, Tier
from aks_egress_catalog.logs.kql.rules_file import COLUMNS
from aks_egress_catalog.logs.kql.writing.basic import classified
from aks_egress_catalog.logs.kql.writing.joined import joined
from aks_egress_catalog.logs.kql.writing.literals import comment, quote
from aks_egress_catalog.logs.kql.writing.rules_text import datatable
from aks_egress_catalog.logs.kql.writing.shorter import ABBREVIATED, STEPS, WORDS, lean
from aks_egress_catalog.logs.kql.writing.tables import SETTINGS, TABLES, denied

Form = Literal["datatable", "external", "watchlist"]
_LONGEST_ABOUT: Final = 120
FORMS: Final = ("datatable", "external", "watchlist")
LONGEST_OF_A_RULE: Final = 10_000
"""So many characters may the query of an analytics rule have."""


@dataclass(frozen=True, kw_only=True)
class Asks:
    """What a workbook or an alert asks beyond the query, as KQL of this room.

    ``filtered`` are lines that see each row of the log (``Source``, ``TimeGenerated``), ``sums`` and ``by`` further
    columns of an endpoint, ``shown`` those of them that the answer has, ``then`` lines behind the whole.
    """

    filtered: str = ""
    sums: str = ""
    by: str = ""
    shown: str = ""
    then: str = ""


class KqlError(AksEgressError):
    """A query cannot be written as it was asked for."""


def kql_query(
    table: str,
    answers: Answers,
    *,
    form: Form = "datatable",
    address: str = "",
    basic: bool = False,
    longest: int = LONGEST_OF_A_RULE,
    asks: Asks | None = None,
) -> str:
    """Write the query for a table: denied endpoints, most hits first, with the verdicts of ``check``.

    ``form`` says where the answers are: in the text, in the file at ``address`` (``external``), or in the watchlist of
    that name. Those of one cluster are shortened in the text, as far as verdicts stay, until it has fewer characters
    than ``longest``; for every cluster the text says all that there is. ``basic`` is for tables of the Basic plan: one
    table, and nothing that joins it with another. ``asks`` is for those who build on it.

    Raises:
        KqlError: there is no such table or form, or it needs an address.

    >>> from aks_egress_catalog.logs.kql.rows.answers import Answers
    >>> none = Answers(rows=(), ranges={}, about="every cluster", data_version="2026.7.2")
    >>> kql_query("AZFWNetworkRule", none).splitlines()[0]
    '// Which denials of Azure Firewall (AZFWNetworkRule) does AKS need? every cluster, data 2026.7.2'
    """
    _refuse(table, form, address, basic=basic)
    asked = asks or Asks()
    chosen = replace(answers, rows=tuple(row for row in answers.rows if concerns(table, row)))
    if basic:
        half = SETTINGS.get(table, "") + denied(table, filtered=asked.filtered)
        return headed(table, answers, half + classified(chosen.rows, answers.ranges) + asked.then)
    if form != "datatable":
        return headed(table, answers, _joined(table, chosen, asked, (_stored_rules(form, address), "Entry")))
    written = (_within(table, chosen, asked, step) for step in STEPS if answers.of_one_cluster or not step)
    return next((text for text in written if len(text) < longest), "") or _within(table, chosen, asked, 0)


def _refuse(table: str, form: str, address: str, *, basic: bool) -> None:
    if table not in TABLES:
        raise KqlError(f"no table {table!r}; there is one query for each of {', '.join(TABLES)}")
    if form not in FORMS:
        raise KqlError(f"no form {form!r}; the answers come from {', '.join(FORMS)}")
    if basic and form != "datatable":
        raise KqlError("a table of the Basic plan is joined with nothing: its answers stand in the query")
    if form != "datatable" and not address:
        raise KqlError(f"{form} needs the name of its rules")


def _within(table: str, answers: Answers, asks: Asks, step: int) -> str:
    """Write the query with the rows in its text, as short as a step makes it."""
    left = lean(answers.rows, step)
    made = datatable(left, abbreviated=step >= ABBREVIATED)
    return headed(table, answers, _joined(table, replace(answers, rows=tuple(left)), asks, made), WORDS[step])


def _joined(table: str, answers: Answers, asks: Asks, made: tuple[str, str]) -> str:
    rules, ids = made
    half = denied(table, filtered=asks.filtered, sums=asks.sums, by=asks.by)
    return SETTINGS.get(table, "") + joined(answers, rules, half, ids, more=asks.shown) + asks.then


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
    about = shorten(answers.about, _LONGEST_ABOUT, placeholder=" ...")
    start = comment(f"Which denials of Azure Firewall ({table}) does AKS need? {about}, data {answers.data_version}")
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
