"""The sentences of AzureDiagnostics: JSON lines with ``properties.msg``, or the bare sentences, a line each.

As a CSV column ``msg_s`` they are rows of Log Analytics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.decoders.azure_structured import record_reader
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.records.azure_message import Sentences
from aks_egress_catalog.logs.records.json_text import decode_lines, each
from aks_egress_catalog.logs.records.json_text import decode_values as decode_found
from aks_egress_catalog.logs.records.values import FAULTS, utc

NAME: Final = "azure-legacy"
_RECORD: Final = re.compile(r'"[Cc]ategory"\s*:\s*"AzureFirewall')
_SENTENCE: Final = re.compile(
    r"^[^{}\n]{0,2000}?\b\w+(?: Type=\d+)? +request from \S+ ?.*(?:Action: |was (?:denied|DNAT))"
    r"|^[^{}\n]{0,2000}?DNS Request: ",
    re.MULTILINE,
)
_COLUMNS: Final = re.compile(r"\s*\ufeff?[^{}\n]*\b(?:TimeGenerated|msg_s)\b")
"""A header of CSV, which is for Log Analytics."""
_WORDS: Final = (" request from ", "DNS Request: ")
"""Without one of these no expression has to be tried."""
_START: Final = re.compile(r"^(.{0,2000}?)(?=\b[A-Za-z]+(?: Type=\d+)? +request from |DNS Request: |Error: )")
"""What may stand before a sentence: a time, whatever wrote the line, or other columns of a table."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")


def recognises(head: str) -> bool:
    """Say whether a text has records or sentences of AzureDiagnostics."""
    if _RECORD.search(head):
        return True
    return any(map(head.__contains__, _WORDS)) and not _COLUMNS.match(head) and _SENTENCE.search(head) is not None


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode records, or bare sentences."""
    iterator = iter(lines)
    first = next((line for line in iterator if line.strip()), "")
    if first.lstrip("\ufeff ")[:1] in ("{", "["):
        passing = None if context.allowed else passes
        return decode_lines(chain([first], iterator), context, record_reader(context), passing)
    return _decode_sentences(chain([first], iterator) if first else (), context)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], context: Context) -> Iterator[Flow | Skipped]:
    """Decode the records of a document."""
    return decode_found(values, record_reader(context))


def passes(line: str) -> str:
    """Say by its text that a line is one record of an allowed flow: there is one sentence in it, and one action."""
    if "Action: Allow" in line and line.count('"category"') == 1 == line.count("Action: ") and line[-1] == "}":
        return "allowed"
    return ""


def _decode_sentences(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    sentences = Sentences("")
    for line in lines:
        start = _START.match(line)
        try:
            before = start[1] if start else ""
            found = _TIME.search(before) if before else None
            decoded = sentences.flow_of(line[len(before) :], utc(found[0]) if found else None)
        except FAULTS as error:
            if line.strip():
                yield Skipped(line, unreadable=True, why=str(error)[:100])
            else:
                context.passed_over["blank"] += 1
        else:
            yield from each(decoded, line)
