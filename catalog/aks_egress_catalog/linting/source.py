"""The files that a person names: found, decoded, and each with a word where it cannot be read.

A folder gives the files in it that may be allow lists, by their ending; whether one is, its content says
(:func:`.recognise`). What is decoded is UTF-8, UTF-16 and UTF-32 with a byte order mark, and text of the old Windows
encoding. A NUL or another control character makes a file binary: none of the formats can hold one.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from aks_egress_catalog.linting.entry import Place

STANDARD_INPUT: Final = "-"
LARGEST: Final = 50_000_000
"""So many bytes may a file have; the longest real list, a whole firewall configuration, has a fifth."""
ENDINGS: Final = frozenset(
    (
        *(".tf", ".tfvars", ".hcl", ".bicep", ".bicepparam", ".json", ".jsonc"),
        *(".sh", ".bash", ".zsh", ".azcli", ".ps1", ".psm1", ".cmd", ".bat"),
        *(".conf", ".cfg", ".cnf", ".config", ".acl", ".set", ".rules", ".rule", ".inc", ".include"),
        *(".txt", ".text", ".list", ".lst", ".csv", ".tsv", ".edl", ".urls", ".url", ".domains", ".hosts", ".fqdn"),
        *(".allow", ".allowlist", ".whitelist", ".xml", ".yaml", ".yml", ".nft", ".rpz", ".zone", ""),
    )
)
"""What the name of a list may end in, where nobody named the file itself."""
_PASSED_OVER: Final = frozenset(("node_modules", "__pycache__", "__macosx"))
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BYTE_ORDER_MARKS: Final = (  # the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT: Final = "this is a binary file, not the text of an allow list"
_SMALL: Final = 64_000
"""Of files up to this size the text is kept: each file of a folder may ask for all that lie beside it."""

_Identity = str | tuple[int, int]


@dataclass(frozen=True)
class _Instead:
    """Texts that stand for those of files, by the file; ``edition`` is another for each such set of texts."""

    edition: int = 0
    sources: Mapping[_Identity, Source] = field(default_factory=dict)


_instead: ContextVar[_Instead] = ContextVar("_instead", default=_Instead())  # noqa: B039  - frozen
_editions: Final = count(1)


@contextmanager
def texts_instead(texts: Mapping[str, str], encodings: Mapping[str, str]) -> Iterator[None]:
    """Let files have other texts, by path, as if they had been written, for as long as the block runs."""
    sources = {
        _identity(path): Source(path, text, encoding=encodings.get(path, "utf-8")) for path, text in texts.items()
    }
    token = _instead.set(_Instead(next(_editions), {**_instead.get().sources, **sources}))
    try:
        yield
    finally:
        _instead.reset(token)


def edition() -> int:
    """Return which texts files have: 0 for those that are written in them, else another number for each set of others.

    Who keeps what was made of a file that has not changed since keeps it for one edition.
    """
    return _instead.get().edition


@dataclass(frozen=True)
class Source:
    """The text of one file.

    ``path`` is as the user gave it, or follows from the folder that they gave. ``named``: they named this very file.
    ``text.encode(encoding)`` gives the bytes of the file, save the byte order of UTF-16.
    """

    path: str
    text: str = field(repr=False)
    named: bool = True
    encoding: str = "utf-8"

    def beside(self, *patterns: str) -> Iterator[Source]:
        """Yield the other files of the folder whose names match a glob pattern, sorted; none that cannot be read.

        A text that stands in no file, such as standard input, has none beside it.
        """
        here = Path(self.path)
        if self.path == STANDARD_INPUT or not here.is_file():
            return
        for name in _names(here.parent):
            if name != here.name and any(fnmatchcase(name, pattern) for pattern in patterns):
                found = _read(str(here.parent / name), named=False)
                if isinstance(found, Source):
                    yield found

    def at(self, path: str) -> Source | None:
        """Return the file that a path names from the folder of this one; None where none is there that can be read."""
        here = Path(self.path)
        if self.path == STANDARD_INPUT or not here.is_file():
            return None
        found = os.path.normpath(here.parent / path)
        read = _read(found, named=False) if os.path.isfile(found) else None
        return read if isinstance(read, Source) else None

    def near(self, path: str) -> list[Source]:
        """Return the files that another path names, of which only the end may be right here: ``/etc/squid/x.txt``.

        They lie in the folder of this one or below; those that cannot be read are none. The last part may have stars:
        then the folder that it names has to be there, or to be this one.
        """
        here = Path(self.path)
        parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if self.path == STANDARD_INPUT or not here.is_file():
            return []
        for number in range(len(parts)):
            found = here.parent.joinpath(*parts[number:])
            above = parts[number - 1 : number] if number == len(parts) - 1 else []
            if set("*?[") & set(found.name) and (not above or above == [here.resolve().parent.name]):
                names = _names(found.parent) if os.path.isdir(found.parent) else []
                files = [found.parent / name for name in names if fnmatchcase(name, found.name)]
            else:
                files = [found] if os.path.isfile(found) else []
            read = [_read(str(file), named=False) for file in files if not _is_same(file, here)]
            if files:
                return [one for one in read if isinstance(one, Source)]
        return []

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    def place(self, start: int, end: int) -> Place:
        r"""Return the place of ``text[start:end]``.

        >>> str(Source("a.txt", "x\nmcr.microsoft.com\n").place(2, 19))
        'a.txt:2:1'
        """
        first, last = (bisect_right(self._line_starts, offset) for offset in (start, end))
        return Place(
            path=self.path,
            line=first,
            column=start - self._line_starts[first - 1] + 1,
            end_line=last,
            end_column=end - self._line_starts[last - 1] + 1,
            start=start,
            end=end,
        )

    def lines(self) -> Iterator[tuple[int, str]]:
        r"""Yield the lines without their ends, each with its offset; a lone CR ends one too.

        >>> list(Source("a.txt", "x\r\ny").lines())
        [(0, 'x'), (3, 'y')]
        """
        start = 0
        for ending in re.finditer("\r\n?|\n", self.text):
            yield start, self.text[start : ending.start()]
            start = ending.end()
        if start < len(self.text):
            yield start, self.text[start:]


@dataclass(frozen=True)
class Refused:
    """A file that could not be read, and why.

    ``passed_over`` is not zero where it is no fault: so many files of this folder are no text.
    """

    path: str
    message: str
    passed_over: int = 0


def sources_in(paths: Iterable[str | Path]) -> Iterator[Source | Refused]:
    """Read files, folders with all below them, and ``-``, the standard input; each file once.

    Within a folder, hidden files and folders and those of other people's packages are passed over, as are files whose
    ending no list has.
    """
    asked = list(dict.fromkeys(str(path) for path in paths))
    named = {_identity(path) for path in asked if path != STANDARD_INPUT and not os.path.isdir(path)}
    seen: set[_Identity] = set()
    for path in asked:
        if path != STANDARD_INPUT and os.path.isdir(path):
            yield from _folder(path, named, seen)
        elif path == STANDARD_INPUT or _identity(path) not in seen:
            seen.add(_identity(path))
            yield _read(path, named=True)


def _folder(path: str, named: set[_Identity], seen: set[_Identity]) -> Iterator[Source | Refused]:
    """Read what lies in a folder; at the end say how many files are no text."""
    no_text = 0
    for found in _walk(path):
        if isinstance(found, Refused):
            yield found
            continue
        identity = _identity(found)
        if identity in seen or not (Path(found).suffix.lower() in ENDINGS or identity in named):
            continue
        seen.add(identity)
        read = _read(found, named=identity in named)
        if isinstance(read, Refused) and read.passed_over:
            no_text += 1
        else:
            yield read
    if no_text:
        yield Refused(path, f"{no_text} file{'s are' if no_text > 1 else ' is'} no text and passed over", no_text)


def _walk(top: str) -> Iterator[str | Refused]:
    """Yield the files of a folder, sorted. Each folder is entered once, and none that lies above: links may lead up."""
    entered = {_identity(str(above)) for above in Path(top).resolve().parents}
    waiting = [top]
    while waiting:
        found = waiting.pop()
        if not os.path.isdir(found):
            yield found
            continue
        real = _identity(found)
        if real in entered:
            continue
        entered.add(real)
        try:
            names = _names(Path(found))
        except OSError as error:
            yield Refused(found, f"this folder cannot be read: {error.strerror or error}")
            continue
        lists = [name for name in names if not name.startswith(".") and name.lower() not in _PASSED_OVER]
        waiting.extend(str(Path(found, name)) for name in reversed(lists))


def _is_same(file: Path, other: Path) -> bool:
    return _identity(str(file)) == _identity(str(other))


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def _identity(path: str) -> _Identity:
    """What is one for all the names that a file or folder has; the path where nothing is there."""
    if path == STANDARD_INPUT:
        return path
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return path
    return (state.st_dev, state.st_ino)


def _read(path: str, *, named: bool) -> Source | Refused:
    """Read a file, and keep its text where it is small and has not changed since."""
    others = _instead.get().sources
    other = others.get(_identity(path)) if others else None
    if other:
        return replace(other, path=path, named=named)
    try:
        if path == STANDARD_INPUT:
            return _decoded(path, sys.stdin.buffer, named=named)
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            with open(path, "rb") as stream:
                return _decoded(path, stream, named=named)
        if state.st_size > LARGEST:
            return _too_large(path, f"{state.st_size:,}")
        if state.st_size <= _SMALL:
            return _small(path, state.st_mtime_ns, state.st_size, named=named)
        with open(path, "rb") as stream:
            return _decoded(path, stream, named=named)
    except FileNotFoundError:
        return Refused(path, "there is no such file or folder")
    except OSError as error:
        return Refused(path, f"it cannot be read: {error.strerror or error}")
    except ValueError as error:  # a NUL within the name
        return Refused(path, f"this is no name of a file: {error}")


@lru_cache(maxsize=2048)
def _small(path: str, _changed: int, _size: int, *, named: bool) -> Source | Refused:
    with open(path, "rb") as stream:
        return _decoded(path, stream, named=named)


def _decoded(path: str, stream: BinaryIO, *, named: bool) -> Source | Refused:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return _too_large(path, f"more than {LARGEST:,}")
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "")
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        control = _BINARY.search(text)
        if control:
            return Refused(path, f"{_NO_TEXT}: it has the character {control[0]!a}", 0 if named else 1)
        return Source(path, text, named, name)
    return Refused(path, f"{_NO_TEXT}: it is not in {(encoding or 'UTF-8').upper()}", 0 if named else 1)


def _too_large(path: str, size: str) -> Refused:
    return Refused(path, f"it has {size} bytes; a list of up to {LARGEST:,} bytes is read")
