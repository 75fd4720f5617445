"""Flow logs of virtual networks (version 4) and of network security groups (1 and 2): addresses and ports, no names.

``PT1H.json`` is one JSON object for an hour, with a record a minute, so it is read record by record. Where all egress
goes through a firewall, these logs say "allowed" of the way there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Outcome, Skipped
from aks_egress_catalog.logs.records.json_documents import values_of
from aks_egress_catalog.logs.records.json_text import flat
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes
from aks_egress_catalog.logs.records.tables_network import ADDRESSES_ONLY
from aks_egress_catalog.logs.records.values import FAULTS, LONGEST_VALUE, UTC, host_of, port_of, protocol_of

fromtimestamp = dt.datetime.fromtimestamp
NAME: Final = "flow-logs"
_RECORD: Final = re.compile(
    r'"(?:flowTuples|flowLogVersion|flowRecords)"\s*:|"NetworkSecurityGroupFlowEvent"|"FlowLogFlowEvent"'
)
_MILLISECONDS: Final = 11
"""A time with more digits is in milliseconds."""
_STATES: Final = {"D": Outcome.DENIED, "B": Outcome.ALLOWED, "A": Outcome.ALLOWED}
_DENIED: Final = ",O,D"
_STATE: Final = 7
_MOST_RULES: Final = 1000


def recognises(head: str) -> bool:
    """Say whether a text has records of a flow log."""
    return _RECORD.search(head) is not None


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode a flow log, however it is cut into lines or pieces."""
    yield from decode_values(values_of(lines), context)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], context: Context) -> Iterator[Flow | Skipped]:
    """Decode the records of a flow log."""
    known: dict[str, Prototypes] = {}
    context.note(ADDRESSES_ONLY)
    for found in values:
        if isinstance(found, Skipped):
            yield found
            continue
        for record in flat(found[1]):
            try:
                groups = list(_groups(record))
            except FAULTS:
                yield Skipped(str(record)[:300], unreadable=True, why="no record of a flow log")
            else:
                for rule, tuples in groups:
                    if rule not in known:
                        if len(known) >= _MOST_RULES:
                            known.clear()
                        known[rule] = Prototypes(_maker(rule))
                    yield from _flows(tuples, known[rule], context)


def _groups(record: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Give the tuples of a record by the rule that decided."""
    if "flowRecords" in record:
        for flow in record["flowRecords"]["flows"]:
            for group in flow["flowGroups"]:
                yield str(group["rule"])[:LONGEST_VALUE], list(group["flowTuples"])
    else:
        for flow in record["properties"]["flows"]:
            for group in flow["flows"]:
                yield str(flow["rule"])[:LONGEST_VALUE], list(group["flowTuples"])


def _flows(tuples: list[str], prototypes: Prototypes, context: Context) -> Iterator[Flow | Skipped]:
    """Give the flows of some tuples. Those that are not wanted are told by their text alone, which cannot err."""
    wanted = tuples
    if not context.allowed and all(text.__class__ is str for text in tuples):
        wanted = [text for text in tuples if _DENIED in text or text.count(",") < _STATE]
    others = len(tuples) - len(wanted)
    for text in wanted:
        try:
            time, source, address, _, key = text.split(",", 4)
            at = int(time) / 1000 if len(time) > _MILLISECONDS else int(time)
            decoded = prototypes.flow((address, key), fromtimestamp(at, UTC), source)
        except FAULTS:
            yield Skipped(str(text), unreadable=True, why="no flow tuple")
            continue
        if decoded.__class__ is Flow:
            yield decoded
        else:
            others += 1
    if others:
        context.passed_over["inbound, going on or allowed"] += others


def _maker(rule: str) -> Callable[[str, str], Decoded]:
    """Give the function that makes prototypes of a rule's tuples: of the address, and of what is behind both ports.

    >>> _maker("DenyAll")("20.61.4.9", "1194,17,O,D,NX,0,0,0,0")[:4]
    (<Outcome.DENIED: 'denied'>, '20.61.4.9', 1194, 'UDP')
    """

    def make(address: str, behind: str) -> Decoded:
        port, protocol, direction, state, *more = behind.split(",")
        if direction != "O" or state in ("C", "E") or (state == "A" and more and more[0] in ("C", "E")):
            return "comes in, goes on or ends"
        return Flow(_STATES[state], host_of(address), port_of(port), protocol_of(protocol), rule=rule)

    return make
