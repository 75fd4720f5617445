"""The folder that outlives a run, on a branch of its own: the heartbeat, the deliveries, what was announced.

Before a run :func:`pull_state` brings the files of the branch ``state`` into the folder; after it :func:`push_state`
makes one commit of the files that are there then, on top of the commit that was pulled. Nothing of it comes near
``main``. Why a branch: the runner of a workflow keeps nothing, caches are dropped without notice, and a branch can be
looked at.

A push never rewinds what another run kept meanwhile. The file ``.pulled`` in the folder says which commit was pulled
and which content each file had; it travels with the folder from job to job, and is never pushed. So::

    run A: pull c1 ───────────────────── push: is the branch still at c1? no, c2 ── pull c2, merge ── push: c3 on c2
    run B:    pull c1 ── push: c2 on c1

The re-run of an old run is nothing but a slow run A.

What a file has after a merge, in this order:

    both have the same                      that
    only one side changed it since c1       what that side has, which may be no file
    one side took it away                   what the other has: a change is kept, and not a deletion
    both changed it, and ``merges`` has it  what its function makes of both
    both changed it, and nobody knows it    ours; theirs, where there is no ``.pulled`` that says that we changed it

A pull merges in the same way, so a pull over a folder that was not pushed yet loses nothing either.

"There is no branch" and "the branch could not be read" are two things: the first is the first day, the second ends the
job before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.text.codec import from_json_as, read_with, to_json
from publish.github.base_branch import blob_name
from publish.github.client import Repository
from publish.github.refusal import GitHubRefusedError

BRANCH: Final = "state"
PULLED: Final = ".pulled"
_TRIES: Final = 5
_HTTP_CACHE: Final = "http"  # was kept on the branch once; it is of no use there and would stay in its history

Merge = Callable[[bytes, bytes], bytes]
"""Makes one file of ours and theirs. Merging once more what came out changes nothing."""
Merges = Mapping[str, Merge]
_NONE: Final[Merges] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What was on the branch when it was last read or written: its commit, and git's name for each file's content.

    Without a commit there was no branch, or it was never read.
    """

    commit: str = ""
    files: dict[str, str] = field(default_factory=dict)


def pull_state(repository: Repository, folder: Path, *, merges: Merges = _NONE) -> str:
    """Bring the files of the state branch into a folder, merged with what was changed there since the last pull."""
    head = repository.head(BRANCH)
    if head is None:
        (folder / PULLED).unlink(missing_ok=True)
        return "there is no state yet"
    there = {path: blob for path, blob in repository.blobs(head).items() if _is_kept(path)}
    pulled, mine = _pulled(folder), _files(folder)
    # All is read before anything is written, and .pulled is written last: killed in between, the next pull or push
    # takes the folder for one that was changed since the older commit, and merges once more.
    theirs = {path: _content(repository, blob, mine.get(path)) for path, blob in there.items()}
    for path in sorted(mine.keys() | theirs.keys()):
        merge = merges.get(path) or (_ours if pulled.commit else _theirs)
        whole = _settled(pulled.files.get(path), mine.get(path), theirs.get(path), merge)
        if whole != mine.get(path):
            _put(folder / path, whole)
    _note(folder, Pulled(commit=head, files=there))
    return f"brought {len(there)} files"


def push_state(repository: Repository, folder: Path, *, merges: Merges = _NONE) -> str:
    """Keep the files of a folder on the state branch, merged with what was kept there since they were pulled.

    Raises:
        GitHubRefusedError: the branch moved again each time.
    """
    for _ in range(_TRIES):
        files, pulled = _files(folder), _pulled(folder)
        if not files:  # a run that never got as far as pulling the state must not empty the branch
            return "there is no state to keep"
        named = {path: blob_name(content) for path, content in files.items()}
        if named == pulled.files:
            return "there is nothing new to keep"
        parent = pulled.commit or None
        made = repository.write_snapshot(files, parent=parent, message="State of the pipeline\n")
        if repository.advance(BRANCH, made, since=parent):
            _note(folder, Pulled(commit=made, files=named))
            return f"kept {len(files)} files"
        pull_state(repository, folder, merges=merges)
    raise GitHubRefusedError(f"the branch {BRANCH} was moved by others {_TRIES} times meanwhile: run again")


def further(rank: Callable[[bytes], Any]) -> Merge:
    """The merge that takes the side with the higher rank; a side that ``rank`` cannot read is the lower one."""

    def merge(mine: bytes, theirs: bytes) -> bytes:
        ranked = []
        for content in (mine, theirs):
            with suppress(CatalogError, UnicodeDecodeError):
                ranked.append((rank(content), content))
        return max(ranked)[1] if ranked else mine

    return merge


def _settled(before: str | None, mine: bytes | None, theirs: bytes | None, merge: Merge) -> bytes | None:
    """What a file has in the end, by the table above; ``None`` is no file."""
    if mine == theirs or _name(theirs) == before:
        return mine
    if _name(mine) == before:
        return theirs
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return merge(mine, theirs)


def _ours(mine: bytes, _: bytes) -> bytes:
    return mine


def _theirs(_: bytes, theirs: bytes) -> bytes:
    return theirs


def _name(content: bytes | None) -> str | None:
    return None if content is None else blob_name(content)


def _content(repository: Repository, blob: str, here: bytes | None) -> bytes:
    return here if here is not None and blob_name(here) == blob else repository.blob(blob)


def _files(folder: Path) -> dict[str, bytes]:
    found = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    return {path: file.read_bytes() for path, file in found.items() if _is_kept(path)}


def _is_kept(path: str) -> bool:
    """Whether a file belongs on the branch: dot files are of this machine, such as one that a crash left half."""
    place = PurePosixPath(path)  # one such as ../x, which would lead out of the folder, is a dot file as well
    hidden = any(part.startswith(".") for part in place.parts)
    return not (hidden or place.is_absolute() or place.parts[0] == _HTTP_CACHE)


def _put(place: Path, content: bytes | None) -> None:
    """Write a file, whole or not at all, or take it away."""
    if content is None:
        place.unlink()
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.partial")
    half.write_bytes(content)
    half.replace(place)


def _note(folder: Path, pulled: Pulled) -> None:
    _put(folder / PULLED, to_json(pulled).encode())


def _pulled(folder: Path) -> Pulled:
    """What the folder was when it was pulled. Nothing is known where the note is absent or damaged: all is merged."""
    file = folder / PULLED
    with suppress(CatalogError):
        return read_with(partial(from_json_as, Pulled), file) if file.exists() else Pulled()
    return Pulled()
