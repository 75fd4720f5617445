"""The second half of a query without join, lookup, union or other tables: one ``case`` of all answers, in their order.

A ``case`` stops at the first answer, so the rules are those of the pattern that decides, where the other form has those
of all patterns that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aks_egress_catalog.hosts.patterns import literal_tail, pattern_regex
from aks_egress_catalog.logs.kql.rows.named import LISTED_ELSEWHERE
from aks_egress_catalog.logs.kql.rows.row import ANY, STANDING, UNTOLD, Row, Tier
from aks_egress_catalog.logs.kql.rows.unnamed import NAMELESS, Ranges
from aks_egress_catalog.logs.kql.writing.joined import END, NO_HOST, NO_NAME, NOTHING
from aks_egress_catalog.logs.kql.writing.literals import array, quote
from aks_egress_catalog.logs.kql.writing.rules_text import place_of
from aks_egress_catalog.logs.kql.writing.tables import IPV4, NAME

_ID: Final = "#"
"""Stands, in what a branch says of its rules, for the pattern and the port: no id has it."""


def classified(rows: Sequence[Row], ranges: Ranges) -> str:
    """Write the second half. A branch gives the numbers of its saying and its rules, then the pattern with the port."""
    words = _Words(rows)
    body = "".join(f"  {condition}, {value},\n" for condition, value in _branches(rows, words, ranges))
    return rf"""
| extend IsAddress = Host matches regex @"{IPV4}" or Host contains ":"
| extend P = tolower(Protocol)
| extend T = strcat(P, "-", Port)
| extend Found = split(case(
  Host == "", {words.of(NO_NAME)},
  not(IsAddress or Host == "{NAMELESS}" or Host matches regex @"{NAME}"), {words.of(NO_HOST)},
{body}  {words.of(NOTHING)}), "|")
| extend Said = toint(Found[0]), Of = toint(Found[1])
| extend Rules = replace_string(tostring({array(words.rules)}[Of]), "{_ID}", tostring(Found[2]))
| project Verdict = tostring({array(words.verdicts)}[Said]), Host = iff(Host == "{NAMELESS}", "", Host), Port, Protocol,
  Hits, First, Last, SourceCount, Sources, Reason = tostring({array(words.reasons)}[Said]), Rules,
  Features = replace_regex(Rules, @"[^/ ]+/([^/]+)/\S+", @"\1")
| sort by Hits desc"""


class _Words:
    """What branches say, each thing once and told by its number."""

    def __init__(self, rows: Iterable[Row]) -> None:
        said = {row.saying: (str(row.verdict), row.reason) for row in rows}
        others = ((LISTED_ELSEWHERE, "not-listed"), (NOTHING, "not-listed"), (NO_HOST, "invalid"), (NO_NAME, "unnamed"))
        self._said = {saying: place for place, saying in enumerate(said)}
        self._others = {reason: len(said) + place for place, (reason, _) in enumerate(others)}
        self.verdicts = [*(verdict for verdict, _ in said.values()), *(verdict for _, verdict in others)]
        self.reasons = [*(reason for _, reason in said.values()), *(reason for reason, _ in others)]
        self.rules: dict[str, int] = {"": 0}

    def of(self, reason: str) -> str:
        """Write what is said where no row has an answer."""
        return quote(f"{self._others[reason]}|0|")

    def start(self, row: Row) -> str:
        """Write what a row says, up to the pattern."""
        ids = (place_of(name, row) for name in row.rules)
        rules = " ".join(sorted(one if ":" in one else f"{one}/{_ID}" for one in ids))
        return f"{self._said[row.saying]}|{self.rules.setdefault(rules, len(self.rules))}|"


def _branches(rows: Sequence[Row], words: _Words, ranges: Ranges) -> Iterator[tuple[str, str]]:
    """Give conditions and what is said then, in the order in which they count."""
    before = [row for row in rows if row.tier < Tier.LISTED_ELSEWHERE]
    after = [row for row in rows if row.tier > Tier.LISTED_ELSEWHERE]
    yield from _groups(before, words, ranges)
    listed = _listed(rows, [row.pattern for row in after if row.tier is Tier.RETIRED_ON_ANY_PORT])
    if listed:
        exact = [quote(pattern) for pattern in listed if literal_tail(pattern) == pattern]
        some = [f"Host in ({', '.join(exact)})"] if exact else []
        some += [_takes_in(pattern, ranges) for pattern in listed if literal_tail(pattern) != pattern]
        yield " or ".join(some), words.of(LISTED_ELSEWHERE)
    yield from _groups(after, words, ranges)


def _groups(rows: Iterable[Row], words: _Words, ranges: Ranges) -> Iterator[tuple[str, str]]:
    """Give a branch for each row, and one for all names without a mark that say the same."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if " " in row.pattern:  # no host can have one
            continue
        plain = not row.pattern.startswith("@") and literal_tail(row.pattern) == row.pattern
        groups.setdefault((row.port, words.start(row), "" if plain else row.pattern), []).append(row.pattern)
    for (port, start, pattern), names in groups.items():
        on = ANY if port == UNTOLD else port
        if pattern:
            yield f"{_takes_in(pattern, ranges)}{_on_port(port)}", quote(f"{start}{pattern}:{on}")
        else:
            hosts = ", ".join(map(quote, names))
            yield f"Host in ({hosts}){_on_port(port)}", f"strcat({quote(start)}, Host, {quote(f':{on}')})"


def _takes_in(pattern: str, ranges: Ranges) -> str:
    """Write the condition that a pattern, or a key for flows without a name, takes a flow in."""
    for some, key in ranges.items():
        if key == pattern:
            return f"IsAddress and ipv4_is_in_any_range(Host, {array(some)})"
    if pattern == NAMELESS:
        return f"Host == {quote(pattern)}"
    if pattern.startswith("@"):
        known = "T" if "-" in pattern else "P"
        return f"IsAddress and {known} == {quote(pattern[1:])}"
    if pattern == f"*.{literal_tail(pattern)}":
        return f"Host endswith {quote(pattern[1:])}"
    return f"Host matches regex {quote(f'^{pattern_regex(pattern).pattern.removesuffix(END)}$')}"


def _on_port(port: str) -> str:
    if port == ANY:
        return ""
    if port == UNTOLD:
        return " and Port == 0"
    protocol = port.partition("-")[0]
    return f" and (T == {quote(port)} or Port == 0 and {quote(protocol)} startswith P)"


def _listed(rows: Iterable[Row], patterns: Sequence[str]) -> list[str]:
    """Give the patterns of today that may take in a host of one of some others: one domain is below the other."""
    tails = [literal_tail(pattern) for pattern in patterns]
    found = dict.fromkeys(row.pattern for row in rows if row.tier in STANDING and not row.pattern.startswith("@"))
    return [one for one in found if any(_related(literal_tail(one), tail) for tail in tails)]


def _related(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")
