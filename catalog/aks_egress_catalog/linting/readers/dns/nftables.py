"""nftables: what rules accept by address. Names stand in the configuration of the resolver that fills its sets.

Read are rules on one line that accept: ``[ip daddr @set | ip daddr { … }] [tcp dport 443] accept``, with the elements
of sets as they are declared or added. A set without elements is one that something else fills.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.literals import address_form, ports_of
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "nftables"
_SIGN: Final = re.compile(r"^[ \t]*(?:add[ \t]+)?table[ \t]+(?:inet|ip6?)[ \t]+\S+", re.MULTILINE)
_SET: Final = re.compile(r"\bset[ \t]+(?P<name>\S+)[ \t]*\{(?:[^{}]|\{(?P<elements>[^{}]*)\})*\}")
_ADDED: Final = re.compile(r"\badd[ \t]+element[ \t]+\S+[ \t]+\S+[ \t]+(?P<name>\S+)[ \t]*\{(?P<elements>[^{}]*)\}")
_RULE: Final = re.compile(r"^(?P<match>[^#\n]*)\baccept[ \t;]*$", re.MULTILINE)
_TO: Final = re.compile(r"\bip6?[ \t]+daddr[ \t]+(?:@(?P<set>\S+)|\{(?P<many>[^{}]*)\}|(?P<one>\S+))")
_PORT: Final = re.compile(r"\b(?P<protocol>tcp|udp)[ \t]+dport[ \t]+(?:\{(?P<many>[^{}]*)\}|(?P<one>\S+))")
_MATCHED: Final = re.compile(r"\b(?:ct[ \t]+state|iifname|iif|saddr|type|policy)\b")
"""What makes a rule or a line one about something else than where a new connection goes."""


def recognises(source: Source) -> bool:
    r"""Say whether a text is a ruleset.

    >>> recognises(Source("x.nft", "table inet t {\n}\n"))
    True
    """
    return _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read the rules that accept."""
    draft = Draft(source, NAME)
    sets: dict[str, list[Word]] = {}
    for pattern in (_SET, _ADDED):
        for found in pattern.finditer(source.text):
            sets.setdefault(found["name"], []).extend(_elements(source, found, "elements"))
    for line in _RULE.finditer(source.text):
        if _MATCHED.search(line["match"]):
            draft.reading.skipped += 1
            continue
        rule = ListRule(
            name=line[0].strip()[:80],
            place=source.place(*line.span()),
            services=tuple(_services(line)) or EVERY_SERVICE,
        )
        target = _TO.search(source.text, line.start("match"), line.end("match"))
        if target is None:
            draft.entry(Word("accept", line.end() - 6, line.end(), source), Form.ANY, "*", rule)
            continue
        words = sets.get(target["set"], []) if target["set"] else [*_elements(source, target, "many", "one")]
        draft.reading.skipped += not words
        for word in words:
            form = address_form(word.text)
            if form:
                draft.entry(word, *form, rule)
    return draft.reading


def _elements(source: Source, found: re.Match[str], *groups: str) -> Iterator[Word]:
    for group in groups:
        for one in re.finditer(r"[^\s,{}]+", found[group] or ""):
            start = found.start(group)
            yield Word(one[0], start + one.start(), start + one.end(), source)


def _services(line: re.Match[str]) -> Iterator[Service]:
    for found in _PORT.finditer(line["match"]):
        for text in (found["many"] or found["one"]).split(","):
            ports = ports_of(text)
            if ports:
                yield Service(protocol=found["protocol"].upper(), first=ports[0], last=ports[1])
