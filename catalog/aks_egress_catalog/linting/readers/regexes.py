r"""Regular expressions of other programs as host patterns, where they are ones that Python answers in short time.

POSIX engines take any expression in time that grows with the text; Python's does not. So an expression that says what
a host pattern says becomes that pattern, and of the others only those are kept in which no repeated part holds a
repetition. An example: ``^([^.]+\.)+mcr\.microsoft\.com$`` is ``*.mcr.microsoft.com``; ``^(a+)+$`` is nothing.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

_HEADS: Final = (
    ("^(.+\\.)?", "."),
    ("^(.*\\.)?", "."),
    ("^([^.]+\\.)*", "."),
    ("(^|\\.)", "."),
    ("(\\.|^)", "."),
    ("^([^.]+\\.)+", "*."),
    ("^(.+\\.)", "*."),
    ("^.+\\.", "*."),
    ("^.*\\.", "*."),
    (".*\\.", "*."),
    (".+\\.", "*."),
    ("\\.", "*."),
    ("^.*", "*"),
    (".*", "*"),
    ("^", ""),
)
"""How an expression begins, and the begin of the pattern that says the same; without one, anything may come before."""
_PIECE: Final = re.compile(r"\\([.-])|([a-z0-9_-]+)|(\[\^\.\]\+)|(\.\*)", re.IGNORECASE)
_REPEATED: Final = re.compile(r"[*+?{]")
_REPEATS: Final = 3
"""So many repetitions may an expression hold: each costs the length of a host once more."""
_FOREIGN: Final = re.compile(r"\[\[[:.=]|\\[<>1-9]|\(\?")
"""What POSIX and Python read in different ways, and references back."""
_LONGEST: Final = 1000


def regex_pattern(expression: str) -> str | None:
    r"""Write a regular expression, which may match anywhere in a name, as a host pattern.

    >>> regex_pattern(r"^([^.]+\.)+hcp\.x\.io$"), regex_pattern(r"(^|\.)x\.io$"), regex_pattern(r"a[0-9]\.io")
    ('*.hcp.x.io', '.x.io', '/a[0-9]\\.io/')
    """
    return _as_pattern(expression) or (f"/{expression}/" if _is_safe(expression) else None)


def _as_pattern(expression: str) -> str | None:
    if len(expression) > _LONGEST or not expression.endswith("$"):
        return None
    start, rest = next(
        ((start, expression[len(head) :]) for head, start in _HEADS if expression.startswith(head)), ("*", expression)
    )
    rest, pattern, at = rest.removesuffix("$"), start, 0
    while at < len(rest):
        found = _PIECE.match(rest, at)
        if not found:
            return None
        pattern += found[1] or found[2] or ("{*}" if found[3] else "*")
        at = found.end()
    return pattern.lower() if rest else None


def _is_safe(expression: str) -> bool:
    """Say whether Python reads an expression as POSIX does, and answers it in short time."""
    if len(expression) > _LONGEST or _FOREIGN.search(expression):
        return False
    plain = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", expression)
    if len(_REPEATED.findall(plain)) > _REPEATS or re.search(r"\)[*+?{]", plain):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(expression)
        except (re.error, RecursionError, OverflowError, Warning):
            return False
    return True
