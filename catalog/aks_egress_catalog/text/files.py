"""How files are written: whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from aks_egress_catalog.errors import AksEgressError

_ALREADY_OPEN: Final = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/")
"""What only names a stream that is open; a file behind it belongs to whoever opened it."""


def write_files(files: Mapping[Path, str | bytes]) -> None:
    """Write every text to its place, in UTF-8, or none: each goes to a name of its own first.

    A file that is there keeps its mode and its place behind a link; what is there and is no file, such as a pipe,
    is written into.

    Raises:
        AksEgressError: one of them cannot be written.
    """
    with _as_one(", ".join(map(str, files))), contextlib.ExitStack() as undo:
        staged = {place: _stage(place, text, undo) for place, text in files.items() if not _is_stream(place)}
        for place, text in files.items():
            if place not in staged:
                _write(place, text, mode="w")
        for place, fresh in staged.items():
            fresh.replace(place.resolve())


@contextlib.contextmanager
def _as_one(named: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:  # a loop of links is the latter, before Python 3.13
        raise AksEgressError(f"cannot write {named}: {error}; nothing was written") from error


def _is_stream(place: Path) -> bool:
    """Say whether a place cannot be replaced: it is there, and is a pipe, a terminal or a device."""
    return str(place).startswith(_ALREADY_OPEN) or (place.exists() and not place.is_file() and not place.is_dir())


def _stage(place: Path, text: str | bytes, undo: contextlib.ExitStack) -> Path:
    """Write a text beside its place, with the mode that it will have there."""
    if place.is_dir():
        raise IsADirectoryError(f"{place} is a folder")
    target = place.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{os.urandom(8).hex()}.tmp")
    undo.callback(fresh.unlink, missing_ok=True)
    _write(fresh, text, mode="x")  # a new file gets the mode that the umask leaves it
    if target.exists():
        fresh.chmod(target.stat().st_mode & 0o7777)
    return fresh


def _write(place: Path, text: str | bytes, *, mode: str) -> None:
    with place.open(f"{mode}b") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode("utf-8"))
