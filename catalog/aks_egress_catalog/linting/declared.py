"""What the head of a file that this package wrote says of itself: the rules that its target could not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

_MADE: Final = "Made by aks-egress-catalog"
_LACKING: Final = "Needed, and not in this file:"
_HEAD: Final = 400
"""In so many lines the head of a file ends, however much it lacks."""
_COMMENT: Final = re.compile(r"^\s*(?:#|//|;|\"|- )+\s*(?:- )?")
_TITLED: Final = re.compile(r"[a-z][a-z ]*: ")
_RULE: Final = re.compile(
    r"(?P<id>Azure[A-Za-z]+/[a-z0-9-]+/\S+:(?:(?:tcp|udp)-\d+|any))(?P<dropped> \(dropped\))?:(?: |$)(?P<why>.*)"
)


def declared_in(text: str) -> dict[str, str]:
    r"""Return by rule id why the file lacks a rule; empty for a file that somebody else wrote.

    >>> declared_in("# Needed, and not in this file:\n# AzureCloud/core/any:udp-123: no UDP\nacl x")
    {'AzureCloud/core/any:udp-123': 'no UDP'}
    """
    if _MADE not in text and _LACKING not in text and '"unmet"' not in text:
        return {}
    if text.startswith("{"):
        return _of_json(text) or dict(_of_lines(text))
    return dict(_of_lines(text))


def _of_json(text: str) -> dict[str, str]:
    """Of the export ``json``: its list of what could not be expressed."""
    try:
        content = json.loads(text)
        return {left["id"]: left["reason"] for left in content.get("unmet", ())}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    """Of comments: a rule that is called dropped, or that stands below the title of what is not there.

    A long line goes on in the next, as wide as the file is.
    """
    listed, name, why = False, "", ""
    for line in text.splitlines()[:_HEAD]:
        said = _COMMENT.sub("", line).rstrip('",')
        found = _RULE.match(said)
        if said == _LACKING:
            listed = True
        elif found or not _COMMENT.match(line) or _TITLED.match(said):
            if name:
                yield name, why
            known = found and (listed or found["dropped"])
            name, why = (found["id"], found["why"]) if found and known else ("", "")
        elif name:
            why = f"{why} {said}"
    if name:
        yield name, why
