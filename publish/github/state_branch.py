"""The folder that outlives a run, on a branch of its own without history: the HTTP cache, the heartbeat, deliveries.

Nothing in it is content. Losing it costs a refetch or a repeated message, never a fact; so a state that cannot be
brought is told and done without.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from publish.github.client import Repository

BRANCH: Final = "state"


def pull_state(repository: Repository, folder: Path) -> str:
    """Bring the files of the state branch into a folder."""
    sha = repository.head(BRANCH)
    if sha is None:
        return "there is no state yet"
    blobs = repository.blobs(repository.commit(sha).tree)
    for path, blob in blobs.items():
        place = (folder / path).resolve()
        if not place.is_relative_to(folder.resolve()):
            continue  # not written by us
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(repository.blob(blob))
    return f"brought {len(blobs)} files"


def push_state(repository: Repository, folder: Path) -> str:
    """Let the state branch be one commit of the files in a folder."""
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }
    if not files:
        return "there is no state to keep"
    made = repository.write_commit(files, parent=None, message="State of the pipeline\n")
    repository.move(BRANCH, made, force=True)
    return f"kept {len(files)} files"
