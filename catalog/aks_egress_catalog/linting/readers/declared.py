"""What the head of a file of ours says that its target lacks: by rule id the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

_OURS: Final = "Made by aks-egress-catalog"
_LACKING: Final = "Needed, and not in this file:"
_RULE: Final = re.compile(r"(Azure[A-Za-z]+/[a-z0-9-]+/\S+): (.*)")
_OTHER: Final = re.compile(
    r"(?:[a-z-]+|HTTP proxy|region '[^']*'|outbound type [a-z]+|union of [0-9]+ clusters): \S|Include it after "
)
"""How lines that follow the list begin: caveats, and advice."""


def declared(lines: Iterable[str], *, ours: bool = False) -> dict[str, str]:
    """Read the lines of a head, without their comment marks. A long line may have been cut into several.

    ``ours``: it is known that this package wrote the file, though its head does not say so.

    >>> declared(["Made by aks-egress-catalog; …", "Needed, and not in this file:", "AzureCloud/core/x:udp-1: no", "UDP"])
    {'AzureCloud/core/x:udp-1': 'no UDP'}
    """
    head = list(lines)
    if not (ours or any(line.startswith(_OURS) for line in head)) or _LACKING not in head:
        return {}
    found: dict[str, str] = {}
    last = ""
    for line in takewhile(lambda line: line and not _OTHER.match(line), head[head.index(_LACKING) + 1 :]):
        rule = _RULE.match(line)
        if rule:
            last = rule[1]
            found[last] = rule[2]
        elif last:
            found[last] += f" {line}"
    return found
