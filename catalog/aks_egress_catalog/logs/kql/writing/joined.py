r"""The second half of most queries: denied endpoints joined with the rows of their answers.

An endpoint has keys: for a name the name itself and ``*.`` with each domain above it, for an address its port, and
each range that has it. Each is looked up among the rows by equality, so that the size of either side does not matter.
A pattern with a mark inside, such as ``*.hcp.{region}.azmk8s.io``, has the key ``*.azmk8s.io``: there the last labels
of the host, as many as the pattern has behind ``*.``, must begin and end as it does, ``hcp.*.azmk8s.io``.

Of what is left the lowest tier counts, and in it the lowest use: ``rows.row`` says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.hosts.patterns import literal_tail, pattern_regex
from aks_egress_catalog.logs.kql.rows.answers import Answers
from aks_egress_catalog.logs.kql.rows.named import LISTED_ELSEWHERE
from aks_egress_catalog.logs.kql.rows.row import ANY, STANDING, UNTOLD, Row, Tier
from aks_egress_catalog.logs.kql.writing.literals import array, quote
from aks_egress_catalog.logs.kql.writing.tables import IPV4, NAME

END: Final = r"\Z"
"""How Python ends what RE2 ends with a dollar."""
NOTHING: Final = "no rule names it"
NO_HOST: Final = "no host name and no address"
NO_NAME: Final = "the log says no name and no address"
_UNKNOWN: Final = 999_999
"""The use of what is listed elsewhere only."""
_STANDING: Final = ", ".join(str(int(tier)) for tier in STANDING)

_KEYS: Final = r"""
| extend Labels = replace_regex(replace_regex(Pattern, @"^\*[.]", ""), @"\{[^}]*\}", "*"),
  Below = Pattern startswith "*."
| extend Head = extract(@"^(.*\*[^.]*[.])?", 0, Labels)
| extend Key = iff(Below or Head != "", strcat("*.", substring(Labels, strlen(Head))), Pattern)"""


def joined(answers: Answers, rules: str, first_half: str, ids: str, *, more: str = "") -> str:
    """Write a query; ``rules`` makes the table of that name, ``ids`` gives an id by a row and an entry of ``Of``.

    ``more`` are further columns of the first half that are shown, each with a comma before it.
    """
    ranges = "".join(
        f', iff(ipv4_is_in_any_range(Host, {array(some)}), {quote(key)}, "")' for some, key in answers.ranges.items()
    )
    expressions = by_expression(answers.rows)
    stands_for = "".join(f"Host matches regex {quote(regex)}, {quote(name)}, " for name, regex in expressions)
    as_stored = ' or Pattern contains "<"' if expressions else ""
    return rf"""{rules}{_KEYS};
let denied = materialize({first_half});
let answers = denied
| extend IsAddress = Host matches regex @"{IPV4}" or Host contains ":"
| extend Parts = iff(IsAddress, pack_array(strcat("@", Protocol, "-", Port), strcat("@", Protocol){ranges}),
  split(Host, "."))
| mv-expand with_itemindex=I Part = Parts to typeof(string)
| extend Key = case(IsAddress, tolower(Part), I > 0, strcat("*.", strcat_array(array_slice(Parts, I, -1), ".")),
  {stands_for}Host)
| lookup kind = inner rules on Key
| extend Count = array_length(Parts), Want = array_length(split(Labels, "."))
| extend End = strcat_array(array_slice(Parts, Count - Want, -1), ".")
| where IsAddress{as_stored} or iff(Below, Count > Want, Count == Want) and strlen(End) >= strlen(Labels)
  and End startswith extract(@"^[^*]*", 0, Labels) and End endswith extract(@"[^*]*$", 0, Labels)
| extend OnPort = On == "{ANY}" or On =~ strcat(Protocol, "-", Port)
  or Port == 0 and (On == "{UNTOLD}" or On startswith Protocol)
| where OnPort or not(IsAddress) and Tier in ({_STANDING})
| extend Tier = iff(OnPort, Tier, {Tier.LISTED_ELSEWHERE:d}), Use = iff(OnPort, Use, {_UNKNOWN}),
  Of = iff(OnPort, Of, ""),
  Verdict = iff(OnPort, Verdict, "not-listed"), Reason = iff(OnPort, Reason, {quote(LISTED_ELSEWHERE)})
| mv-expand Entry = split(Of, " ") to typeof(string)
| extend Id = {ids}
| summarize arg_min(Use, Verdict, Reason), Rules = make_set(Id), Features = make_set(tostring(split(Id, "/")[1]))
  by Host, Port, Protocol, Tier
| summarize arg_min(Tier, Verdict, Reason, Rules, Features) by Host, Port, Protocol;
denied
| lookup kind = leftouter answers on Host, Port, Protocol
| extend IsHost = Host matches regex @"{NAME}" or Host contains ":" or Host == "@sni"
| project Verdict = case(Host == "", "unnamed", not(IsHost), "invalid", isempty(Verdict), "not-listed", Verdict),
  Host = iff(Host == "@sni", "", Host), Port, Protocol, Hits, First, Last, SourceCount, Sources{more},
  Reason = case(Host == "", {quote(NO_NAME)}, not(IsHost), {quote(NO_HOST)}, isempty(Verdict), {quote(NOTHING)},
  Reason),
  Rules = iff(IsHost, strcat_array(array_sort_asc(Rules), " "), ""),
  Features = strcat_array(array_sort_asc(Features), " ")
| sort by Hits desc"""


def by_expression(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Give the patterns that are not compared by their ends, each as it is stored, with its expression."""
    patterns = dict.fromkeys(row.pattern for row in rows if stored(row.pattern) != row.pattern)
    return [(stored(one), f"^{pattern_regex(one).pattern.removesuffix(END)}$") for one in patterns]


def stored(pattern: str) -> str:
    """Write a pattern as it stands among the rows: one with marks in two places as a name that no host can have.

    >>> stored("*.hcp.{region}.azmk8s.io"), stored("a-{guid}.{region}.b.io")
    ('*.hcp.{region}.azmk8s.io', 'a-<guid>.<region>.b.io')
    """
    head = re.sub(r"\{[^}]*\}", "*", pattern.removesuffix(literal_tail(pattern)).removeprefix("*."))
    if pattern.startswith("@") or re.fullmatch(r"[^*]*\**[^*]*", head):
        return pattern
    return pattern.replace("{", "<").replace("}", ">").replace("*", "<>")
