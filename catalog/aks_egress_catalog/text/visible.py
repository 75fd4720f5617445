"""Make every character of a text from elsewhere visible: no control, direction mark or blank letter passes unseen."""

from __future__ import annotations

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK: Final = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)
"""Letters and marks that Unicode draws as nothing."""


def visible(text: str) -> str:
    r"""Put a space for any white space, and a replacement character for whatever else would not be seen.

    >>> visible("a\N{RIGHT-TO-LEFT OVERRIDE}b")
    'a�b'
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(one: str) -> str:
    if one.isspace():
        return " "
    unseen = ord(one) in _BLANK or unicodedata.category(one) in _UNSEEN
    return "\N{REPLACEMENT CHARACTER}" if unseen else one
