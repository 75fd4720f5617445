r"""Which hosts a value of an allow list lets through: the host patterns of all formats, in one language.

    x.io        that name
    *.x.io      names of any depth below it, not the name itself
    .x.io       the name, and names of any depth below it
    *x.io a*b   any other star: whatever stands there, dots among it
    {*}         characters of one label
    {?}         what nobody could evaluate: one character or more, dots among them
    /…/         a regular expression, searched anywhere in the name
    *           every name

Each reader writes its format's patterns so; ``*.x.io`` of Cilium is ``{*}.x.io`` here, ``.x.io`` of Squid stays.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from aks_egress_catalog.linting.entry import HOLE

ANY_NAME: Final = "*"
_STAR_MARK: Final = "\0"
"""Stands for whatever a star of a needed pattern may be filled with: only what is open takes it."""
_OPEN: Final = re.compile(r"(\*|\{\*\}|\{\?\})")
_MEANING: Final = {"*": ".*", "{*}": "[^.]+", HOLE: ".+"}


@lru_cache(maxsize=8192)
def reach(pattern: str) -> re.Pattern[str]:
    r"""Write a pattern as an anchored regular expression.

    Raises:
        ValueError: it is a regular expression that Python cannot read.

    >>> reach("*.x.io").pattern, reach(".x.io").pattern
    ('.+\\.x\\.io\\Z', '(?:.+\\.)?x\\.io\\Z')
    """
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.compile(f"(?s:.*?)(?:{pattern[1:-1]})", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"{pattern}: {error}") from error
    head, rest = "", pattern
    if pattern.startswith("*."):
        head, rest = r".+\.", pattern[2:]
    elif pattern.startswith("."):
        head, rest = r"(?:.+\.)?", pattern[1:]
    pieces = re.split(_OPEN, rest)
    return re.compile(
        head + "".join(_MEANING[one] if n % 2 else re.escape(one) for n, one in enumerate(pieces)) + r"\Z"
    )


_BEGINNING: Final = re.compile(
    r"\((?:\?:)?(?:\[(?:\^\.|a-z0-9-|a-z0-9_-|a-zA-Z0-9-|\\w-|\\w\\-|0-9a-z-)\]\+\\\.\)(?:(?P<labels>\+)|(?P<any>\*))"
    r"|\.[*+]\\\.\)(?:(?P<may>\?)|(?P<all>(?![+*{]))))"
    r"|(?P<below>\.[*+]\\\.)"
    r"|(?P<start>\((?:\?:)?(?:\^\|\\\.|\\\.\|\^)\))"
)
"""How people write "names below" and "the name and names below" at the beginning of an expression."""
_HEADS: Final = {"labels": "*.", "all": "*.", "below": "*.", "any": ".", "may": ".", "start": "."}
_PIECE: Final = re.compile(r"\\\.|(?P<label>\[(?:\^\.|a-z0-9-|a-zA-Z0-9-|\\w-)\][+*])|(?P<all>\.[*+])|[a-z0-9_.-]")


@lru_cache(maxsize=4096)
def without_regex(pattern: str) -> str:
    r"""Write a regular expression as a pattern of the other forms, where it is one; else return it as it is.

    >>> [without_regex(one) for one in (r"/^([^.]+\.)+hcp\.x\.io$/", r"/\.x\.io$/", r"/^(.+\.)?x\.io$/", "/a|b/")]
    ['*.hcp.x.io', '*.x.io', '.x.io', '/a|b/']
    """
    if not (len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")):
        return pattern
    body = pattern[1:-1]
    anchored, ended = body.startswith("^"), body.endswith("$")
    body = body.removeprefix("^").removesuffix("$")
    begun = _BEGINNING.match(body)
    head, rest = (_HEADS[str(begun.lastgroup)], body[begun.end() :]) if begun else ("", body)
    if head == "." and not anchored and begun and begun.lastgroup != "start":
        head = "*"  # what may be absent asks for nothing in front of it
    if not anchored and not head:
        head, rest = ("*.", rest[2:]) if rest.startswith("\\.") else ("*", rest)
    pieces: list[str] = []
    place = 0
    while place < len(rest):
        found = _PIECE.match(rest.lower(), place)
        if found is None:
            return pattern
        pieces.append("{*}" if found["label"] else "*" if found["all"] else found[0].removeprefix("\\"))
        place = found.end()
    return f"{head}{''.join(pieces)}{'' if ended else '*'}"


def lets_through(pattern: str, needed: str) -> bool:
    """Say whether a value lets every host of a needed pattern through. A placeholder is one label, not known yet.

    >>> lets_through("*.azmk8s.io", "*.hcp.{region}.azmk8s.io"), lets_through("a.io", "*.a.io")
    (True, False)
    """
    if pattern in (needed, ANY_NAME):
        return True
    rest = needed.removeprefix("*.")
    below = ("",) if rest == needed else (f"{_STAR_MARK}.", f"{_STAR_MARK}.{_STAR_MARK}.")
    expression = reach(pattern)
    return all(expression.match(labels + rest.replace("*", _STAR_MARK)) for labels in below)
