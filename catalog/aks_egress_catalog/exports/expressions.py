"""Host patterns as regular expressions, for targets that take them."""

from __future__ import annotations

import re


def is_pattern(host: str) -> bool:
    """Say whether a host pattern is more than one name.

    >>> is_pattern("*.x.io"), is_pattern("{guid}.x.io"), is_pattern("x.io")
    (True, True, False)
    """
    return "*" in host or "{" in host


def posix_regex(pattern: str) -> str:
    r"""Write a checked host pattern as a POSIX expression of the same meaning as :func:`.pattern_regex`.

    >>> posix_regex("*.hcp.westeurope.azmk8s.io")
    '^([^.]+\\.)+hcp\\.westeurope\\.azmk8s\\.io$'
    >>> posix_regex("md-*.blob.storage.azure.net")
    '^md-[^.]+\\.blob\\.storage\\.azure\\.net$'
    """
    deep, rest = (r"([^.]+\.)+", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    pieces = re.split(r"\*|\{[^}]*\}", rest)
    return f"^{deep}{'[^.]+'.join(piece.replace('.', chr(92) + '.') for piece in pieces)}$"
