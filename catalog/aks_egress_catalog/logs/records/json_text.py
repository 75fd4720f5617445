"""JSON lines and JSON documents of any size, value by value.

A line is scanned by the C scanner behind :func:`json.loads`, which costs a third less than that. What is not exactly
one object a line (several, an array, ``{"records": […]}``, a comma at the end) is looked at again, with patience.
A document is one value over many lines, or one line without end: it is taken apart as it comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.records.prototypes import Decoded
from aks_egress_catalog.logs.records.values import FAULTS, LONGEST_VALUE

scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # not in typeshed
LISTS: Final = frozenset(("records", "tables", "Tables", "rows", "Rows", "value", "results"))
"""Keys whose lists are read element by element."""
_ASKED_IN_VAIN: Final = 64
_ASKED_AGAIN: Final = 1024
_GAP: Final = re.compile(r"[\s,\ufeff]*")
_PREFIX: Final = re.compile(r"[^\s{\[][^{]{0,300}[\s:](?=\{)|\[[^{\]]{1,300}\] (?=\{)")
"""What containers and syslog write before an object, with nothing behind it: a time, a stream, a pod, a host."""
_WRAPPER: Final = re.compile(r'\s*\{\s*"(?:' + "|".join(sorted(LISTS)) + r')"\s*:\s*\[')


def decode_lines(
    lines: Iterable[str], context: Context, flow_of: Callable[[Any], Decoded], passes: Callable[[str], str] | None
) -> Iterator[Flow | Skipped]:
    """Decode JSON lines. ``passes`` says by the raw text why a line needs no look at all (empty: it does).

    It is asked as long as that pays: not for a while after it was asked in vain so many times in a row.
    """
    in_vain = 0
    for line in lines:
        if passes:
            if in_vain < _ASKED_IN_VAIN and (why := passes(line)):
                context.passed_over[why] += 1
                in_vain = 0
                continue
            in_vain = in_vain + 1 if in_vain < _ASKED_AGAIN else 0
        try:
            value, end = scan(line, 0)
            if end != len(line):
                raise ValueError("more than one value")
            decoded = flow_of(value)
        except FAULTS:
            yield from _patiently(line, context, flow_of)
            continue
        if decoded.__class__ is Flow:
            yield decoded
        elif decoded is not None:
            yield from each(decoded, line)


def decode_values(
    values: Iterable[tuple[str, Any] | Skipped], flow_of: Callable[[Any], Decoded]
) -> Iterator[Flow | Skipped]:
    """Decode what :func:`.json_documents.values_of` found in a document."""
    for found in values:
        if isinstance(found, Skipped):
            yield found
        else:
            for value in flat(found[1]):
                yield from decoded_value(value, flow_of)


def _patiently(line: str, context: Context, flow_of: Callable[[Any], Decoded]) -> Iterator[Flow | Skipped]:
    """Look again at a line that is not one object of the expected form."""
    if not line.strip(" \t\r,[]"):
        context.passed_over["blank"] += 1
        return
    values: list[Any] = []
    prefix = _PREFIX.match(line)
    place = prefix.end() if prefix else 0
    try:
        while (place := _GAP.match(line, place).end()) < len(line):  # type: ignore[union-attr]  # it matches anything
            value, place = scan(line, place)
            values += flat(value)
    except FAULTS:
        yield Skipped(line, unreadable=True, why="no JSON")
        return
    for value in values:
        yield from decoded_value(value, flow_of, line)


def decoded_value(value: Any, flow_of: Callable[[Any], Decoded], line: str | None = None) -> Iterator[Flow | Skipped]:
    """Decode one value, whatever it is; where it is no flow, ``line`` is shown, or the value itself."""
    try:
        decoded = flow_of(tidy(value))
    except FAULTS as error:
        yield Skipped(_shown(value) if line is None else line, unreadable=True, why=str(error)[:100])
    else:
        yield from each(decoded, _shown(value) if line is None and decoded.__class__ is str else line or "")


def each(decoded: Decoded, line: str) -> Iterator[Flow | Skipped]:
    """Give the flows of a line, or the line as one of another kind."""
    if isinstance(decoded, str):
        yield Skipped(line, unreadable=False, why=decoded)
    elif isinstance(decoded, list):
        yield from decoded
    elif decoded is not None:
        yield decoded


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except FAULTS:
        return type(value).__name__


def flat(value: Any) -> list[Any]:
    """Take lists, ``{"records": […]}`` and the bodies of messages apart, however they are nested.

    >>> flat([{"records": [1, 2]}, 3])
    [1, 2, 3]
    """
    found, waiting = [], [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict) and isinstance(records := value.get("records"), list):
            waiting += reversed(records)
        elif isinstance(value, dict) and isinstance(body := value.get("body", value.get("Body")), dict | list):
            waiting.append(body)
        else:
            found.append(value)
    return found


def tidy(value: Any) -> Any:
    """Make the values of an object what decoders expect: no ``None`` but an empty text, and no text without end."""
    if isinstance(value, dict):
        return {name: tidy(one) for name, one in value.items()}
    if isinstance(value, list):
        return [tidy(one) for one in value]
    return "" if value is None else value[:LONGEST_VALUE] if isinstance(value, str) else value


def is_document(head: str) -> bool:
    r"""Say whether a text is one JSON value over many lines or without end, rather than a value a line.

    >>> is_document('{"a": 1}\n{"a": 2}'), is_document('{\n "a": 1'), is_document('{"records": [{"a"')
    (False, True, True)
    """
    head = head.lstrip("\ufeff \t\r\n")
    first, _, rest = head.partition("\n")
    if first[:1] not in ("{", "["):
        return False
    if first[0] == "[" or _WRAPPER.match(first):
        return True
    try:
        scan(first, 0)
    except FAULTS:
        return not rest.lstrip(" \t\r\n").startswith("{") or first.strip() == "{"
    return False
