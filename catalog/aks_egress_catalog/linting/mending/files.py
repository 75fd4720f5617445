"""New texts in, the bytes of their files out: encoding, byte order mark and line endings as they were."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from aks_egress_catalog.errors import AksEgressError

_BIG_ENDIAN: Final = {
    "utf-16": (b"\xfe\xff", "utf-16-be"),
    "utf-32": (b"\x00\x00\xfe\xff", "utf-32-be"),
}


def new_bytes(path: str, old: str, new: str, encoding: str) -> bytes:
    """Return a text as the bytes of the file that has the old one.

    Raises:
        AksEgressError: the file has changed since it was read.
    """
    try:
        there = Path(path).read_bytes()
    except OSError as error:
        raise AksEgressError(f"cannot write {path}: {error}; nothing was written") from error
    if there != encoded(old, encoding, like=there):
        raise AksEgressError(f"{path} has changed since it was read; nothing was written")
    return encoded(new, encoding, like=there)


def encoded(text: str, encoding: str, *, like: bytes = b"") -> bytes:
    r"""Encode a text with the byte order of other bytes.

    >>> encoded("a", "utf-16", like=bytes([254, 255, 0, 98]))
    b'\xfe\xff\x00a'
    """
    mark, name = _BIG_ENDIAN.get(encoding, (b"", ""))
    return mark + text.encode(name) if mark and like.startswith(mark) else text.encode(encoding)


def diff_of(path: str, old: str, new: str) -> Iterator[str]:
    r"""Write what changes in a file as a unified diff, in pieces that end with a line.

    >>> print("".join(diff_of("a.txt", "a.io\n", "a.io\nb.io")), end="")
    --- a.txt
    +++ a.txt
    @@ -1 +1,2 @@
     a.io
    +b.io
    \ No newline at end of file
    """
    name = re.sub(r"[\r\n\t]", "?", path)
    for line in difflib.unified_diff(_lines(old), _lines(new), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    r"""The lines of a text with their ends; only ``\\n`` ends one, as for those who apply a diff."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def diffs(files: Iterable[tuple[str, str, str]]) -> str:
    """Write what changes in several files, each a path with the old and the new text."""
    return "".join(piece for each in sorted(files) for piece in diff_of(*each))
