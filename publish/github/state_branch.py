"""The folder that outlives a run, on a branch of its own: the HTTP cache, the heartbeat, the deliveries.

Before a run :func:`pull_state` writes the files of the branch ``state`` into the folder; after it :func:`push_state`
makes the branch one commit of the files that are there then.

Why a branch: the runner of a workflow keeps nothing, caches are dropped without notice, and a branch can be looked at.
Why one commit without a parent, moved by force: the state of yesterday is of no use, and an HTTP cache in the history
would make every clone slower for ever. Nothing of it comes near ``main``.

Nothing in it is content. Losing it costs a refetch or a repeated message, never a fact. But "there is no branch" and
"the branch could not be read" are two things: the first is the first day, the second ends the job before anything is
sent. Two runs at once do not happen (the workflow's ``concurrency``); if they did,
the last one to push would win, and the other one's deliveries would be sent again under their ids.
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
            continue  # a path such as ../x: not written by us, and it must not lead out of the folder
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(repository.blob(blob))
    return f"brought {len(blobs)} files"


def push_state(repository: Repository, folder: Path) -> str:
    """Let the state branch be one commit of the files in a folder."""
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }
    if not files:  # an empty commit would wipe the branch after a run that never got as far as pulling it
        return "there is no state to keep"
    # parent=None: a commit with no history. force: it never follows from the one that the branch had before.
    made = repository.write_commit(files, parent=None, message="State of the pipeline\n")
    repository.move(BRANCH, made, force=True)
    return f"kept {len(files)} files"
