"""Files, folders, archives and standard input as sources of text; never more than a piece of one is in memory."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.lines import BinaryError, Text

MOST_UNPACKED: Final = 10 * 1024**3
"""A compressed file is read until it has become so many bytes."""
PIECE: Final = 1 << 17
"""Bytes that are read at once: as much as stays in the fast memory of a processor."""
_COUNTS: Final = "what was read until then counts"
_ZIP: Final = b"PK\x03\x04"


class _OneRead(Protocol):
    def read1(self, size: int, /) -> bytes: ...


_UNPACKERS: Final[dict[bytes, Callable[[IO[bytes]], _OneRead]]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_FAULTS: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)
"""What damaged, encrypted or vanished files raise."""


class _TooLargeError(Exception):
    """A compressed file became too large."""


@dataclass(slots=True)
class _Unpacked:
    """How many bytes a file has become; the members of an archive share one."""

    most: int
    size: int = 0

    def add(self, count: int) -> None:
        self.size += count
        if self.size > self.most:
            raise _TooLargeError


@dataclass(frozen=True, slots=True)
class Source:
    """One file, one member of an archive, or standard input (``-``)."""

    name: str
    _open: Callable[[], contextlib.AbstractContextManager[IO[bytes]]]
    _unpacked: _Unpacked
    _packed: bool = False
    """Whether what ``_open`` gives was unpacked already."""
    path: Path | None = field(default=None, kw_only=True)

    def texts(self, context: Context) -> Iterator[str]:
        """Give the text of the source in pieces, as they come; none is empty.

        What ends the reading too early stands in ``context.refused``: a file that is binary, damaged, gone, or that
        becomes more than :data:`MOST_UNPACKED` when it is unpacked.
        """
        text = Text()
        try:
            with self._open() as stream:
                for piece in self._pieces(stream):
                    if decoded := text.feed(piece):
                        yield decoded
                if decoded := text.feed(b"", last=True):
                    yield decoded
        except BinaryError as error:
            context.refused[self.name] = str(error)
        except _TooLargeError:
            context.refused[self.name] = (
                f"it becomes more than {self._unpacked.most:,} bytes when it is unpacked; {_COUNTS} "
                "(unpack it yourself and pipe it in to have all of it read)"
            )
        except _FAULTS as error:
            context.refused[self.name] = f"cannot be read to its end: {str(error) or type(error).__name__}; {_COUNTS}"
        if text.replaced:
            context.note(f"{self.name} has bytes that are no UTF-8; they were replaced")

    def _pieces(self, stream: IO[bytes]) -> Iterator[bytes]:
        buffered = stream if hasattr(stream, "peek") else io.BufferedReader(stream)  # type: ignore[type-var]  # it reads
        start: bytes = buffered.peek(8)
        unpack = next((unpack for magic, unpack in _UNPACKERS.items() if start.startswith(magic)), None)
        packed = self._packed or unpack is not None
        reader: _OneRead = unpack(buffered) if unpack and not self._packed else buffered  # type: ignore[assignment]  # all have it
        while piece := reader.read1(PIECE):
            if packed:
                self._unpacked.add(len(piece))
            yield piece


def sources(paths: Iterable[str | Path], *, most_unpacked: int = MOST_UNPACKED) -> Iterator[Source]:
    """Give the sources that paths stand for: ``-`` is standard input, a folder all files beneath it, sorted.

    Raises:
        InputError: there is no such path.
    """
    for path in paths:
        if str(path) == "-":
            yield Source("-", lambda: contextlib.nullcontext(sys.stdin.buffer), _Unpacked(most_unpacked))
        elif not Path(path).exists():
            raise InputError(f"cannot read {path}: no such file or folder")
        else:
            for file in _files(Path(path)):
                yield from _of_file(file, most_unpacked)


def _files(path: Path) -> Iterator[Path]:
    """Give the files beneath a folder, or the path itself; a folder behind a link is not entered, lest it be a loop."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        yield from (file for name in sorted(files) if (file := Path(folder, name)).is_file())


def _of_file(path: Path, most: int) -> Iterator[Source]:
    unpacked = _Unpacked(most)
    if path.is_file() and _is_zip(path):
        for member in _members(path):
            yield Source(f"{path}:{member}", _member_opener(path, member), unpacked, True, path=path)
    else:
        yield Source(str(path), lambda: path.open("rb"), unpacked, path=path)


def _is_zip(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        return stream.read(len(_ZIP)) == _ZIP
    return False


def _members(path: Path) -> list[str]:
    """Name the files in an archive, sorted; a damaged one has a single member without a name, that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(one.filename for one in archive.infolist() if not one.is_dir())
    except _FAULTS:
        return [""]


def _member_opener(path: Path, member: str) -> Callable[[], contextlib.AbstractContextManager[IO[bytes]]]:
    @contextlib.contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream

    return opened
