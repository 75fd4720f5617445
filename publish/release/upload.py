"""Packages to any index. A file that is there already is left alone; one with other bytes is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from aks_egress_catalog.errors import AksEgressError
from publish.release.index import files_at
from publish.release.run_module import run_module


class UploadError(AksEgressError):
    """A package cannot be uploaded; the message says what a person has to do."""


def upload(files: Sequence[Path], *, repository: str, index: str) -> list[str]:
    """Upload what the index does not have yet; return a line for each file.

    ``repository`` takes uploads, ``index`` is its simple index; twine takes user and password from the environment
    (TWINE_USERNAME, TWINE_PASSWORD).

    Raises:
        IndexReadError: the index cannot be read.
        UploadError: it has a file of that name with other bytes, or refuses the upload.
    """
    there = files_at(index)
    missing = [file for file in files if not _is_there(file, there)]
    if missing:
        options = ["upload", "--non-interactive", "--repository-url", repository]
        done = run_module("twine", [*options, *map(str, missing)])
        if done.returncode:
            raise UploadError(f"{repository} refuses the upload:\n{done.stdout}{done.stderr}")
    return [f"{'uploaded' if file in missing else 'there already'}: {file.name}" for file in files]


def _is_there(file: Path, there: dict[str, str]) -> bool:
    if file.name not in there:
        return False
    ours, theirs = hashlib.sha256(file.read_bytes()).hexdigest(), there[file.name]
    if theirs and theirs != ours:
        raise UploadError(f"{file.name} is there with other bytes: an index never takes a name twice; release anew")
    return True
