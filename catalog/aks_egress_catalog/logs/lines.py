"""Bytes in, text and whole lines out, whatever the encoding and however long a line is."""

from __future__ import annotations

import codecs
import re
from typing import Final

from aks_egress_catalog.errors import InputError

LONGEST: Final = 10_000_000
"""Characters of a line; what is longer is one line that nobody can read."""
SHOWN: Final = 300
"""So many characters of such a line are kept."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK: Final = 4
_BINARY: Final = {
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first, as in: zstd -dc FILE | … explain -",
    b"\x04\x22\x4d\x18": "compressed with lz4; unpack it first, as in: lz4 -dc FILE | … explain -",
    b"Obj\x01": "an Avro file (Event Hubs Capture); export it as JSON lines first",
    b"PAR1": "a Parquet file; export it as JSON lines or CSV first",
    b"\x1f\x8b": "compressed twice, or an archive in an archive; unpack it first",
    b"PK\x03\x04": "an archive in an archive, or one that comes through a pipe; unpack it first",
}
_HALF: Final = re.compile(
    r"\\u[dD][89aAbB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


class BinaryError(InputError):
    """No log: binary."""


class Text:
    r"""Bytes in, text out: UTF-8, or what a byte order mark says. Bytes that are no text are replaced.

    Half a character that JSON spells out (a lone surrogate such as ``\ud800``) is replaced too: no text could be
    written with it.
    """

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self.replaced = False

    def feed(self, data: bytes, *, last: bool = False) -> str:
        """Decode the next bytes.

        Raises:
            BinaryError: the bytes are no text.
        """
        if self._decoder is None:
            self._start += data
            if len(self._start) < _LONGEST_MARK and not last:
                return ""
            mark, encoding = _encoding(self._start)
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
            data, self._start = self._start[len(mark) :], b""
        text = self._decoder.decode(data, last)
        if "\ufffd" in text:
            self.replaced = True
        if "\\ud" in text or "\\uD" in text:
            text = _HALF.sub(lambda found: found[0] if found[1] else "\\ufffd", text)
        return text


def _encoding(start: bytes) -> tuple[bytes, str]:
    """Find the byte order mark that some bytes begin with, and the encoding that it stands for."""
    mark, encoding = next((one for one in _MARKS if start.startswith(one[0])), (b"", "utf-8"))
    if not mark:
        what = next((what for magic, what in _BINARY.items() if start.startswith(magic)), "")
        if what or b"\0" in start[:4096]:
            raise BinaryError(what or "binary (it has NUL bytes; UTF-16 is read where a byte order mark says so)")
    return mark, encoding


class Lines:
    r"""Text in, whole lines out; the half line at the end waits for the rest of it.

    ``cut`` gets the beginning of each line that is longer than :data:`LONGEST`; no more of it is ever held.

    >>> lines = Lines(cut=[])
    >>> lines.feed("a\r\nb"), lines.feed("c\n"), lines.finish()
    (['a'], ['bc'], [])
    """

    def __init__(self, cut: list[str]) -> None:
        self.cut = cut
        self._rest = ""
        self._dropping = False

    def feed(self, text: str) -> list[str]:
        """Take the next text, and give the lines that it completes, without what ends them."""
        text = self._rest + text
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        lines = text.split("\n")
        self._rest = lines.pop()
        if self._dropping and lines:
            del lines[0]
            self._dropping = False
        if self._dropping:
            self._rest = ""
        elif len(self._rest) > LONGEST:
            self.cut.append(self._rest[:SHOWN])
            self._rest, self._dropping = "", True
        return lines

    def finish(self) -> list[str]:
        """Give what is left: a last line that nothing ended."""
        rest, self._rest, self._dropping = self._rest.removesuffix("\r"), "", False
        return [rest] if rest else []
