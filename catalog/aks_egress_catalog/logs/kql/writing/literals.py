"""How a text gets into a query: :func:`quote` is the only way for whatever was not written in this room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.text.visible import visible

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_OF_UTF16_UNIT: Final = 0xFFFF


def quote(text: str) -> str:
    r"""Write a text as a string of KQL; what is not printable ASCII is escaped, so that a reviewer sees it.

    >>> print(quote('a"b\\c'), quote("\N{RIGHT-TO-LEFT OVERRIDE}"))
    "a\"b\\c" "\u202e"
    """
    return '"' + "".join(_ESCAPES.get(char) or _plain(char) for char in text) + '"'


def array(texts: Iterable[str]) -> str:
    """Write texts as a ``dynamic`` array, which is read as JSON: there the same escapes hold.

    >>> array(("a", "b"))
    'dynamic(["a","b"])'
    """
    return f"dynamic([{','.join(map(quote, texts))}])"


def comment(text: str) -> str:
    r"""Write a text as one line of comment, which no text can leave.

    >>> comment("a\nb")
    '// a b'
    """
    return f"// {visible(text)}".encode("ascii", "replace").decode("ascii").rstrip()


def _plain(char: str) -> str:
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
