"""The host patterns that a firewall may be given: one check, shared by the exports that write for one."""

from __future__ import annotations

import re
from typing import Final

_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)(?!\*\.[^.]*\Z)(?:\*\.)?"
    r"(?:(?!-)(?:[a-z0-9*-]|\{[a-z0-9_-]+\}){1,63}\.)+(?=[a-z0-9-]*[a-z])(?!-)[a-z0-9-]{1,63}\Z"
)
"""No label begins like an option; the last is a word, so that no address or ``*`` passes for a host."""


def is_host_pattern(text: str) -> bool:
    """Say whether a text is a host, with stars and placeholders if need be, and nothing else.

    >>> [is_host_pattern(text) for text in ("*.hcp.{region}.azmk8s.io", "*.", "*.com", "10.0.0.1", "x.com:80", "a b")]
    [True, False, False, False, False, False]
    """
    return _HOST.match(text.lower()) is not None
