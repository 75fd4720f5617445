"""The branch that is published from: is it what this checkout is of, and which files of ours differ from it?

Files are compared by the names that git gives to their contents, so nothing is downloaded to compare it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from aks_egress_catalog.errors import AksEgressError
from publish.github.client import Repository
from publish.github.values import Commit


class BaseBranchError(AksEgressError):
    """The base branch is absent, or publishes something else; the message says what a person has to do."""


def current_base(repository: Repository, branch: str, published: Mapping[str, str]) -> Commit:
    """The tip of the base branch, provided that it publishes what this checkout does.

    Raises:
        BaseBranchError: there is no such branch, or it has moved on.
    """
    sha = repository.head(branch)
    if sha is None:
        raise BaseBranchError(f"there is no branch {branch}: name the base in publish.toml")
    base = repository.commit(sha)
    moved = sorted(differing(repository, published, base))
    if moved:
        raise BaseBranchError(f"{branch} has another {moved[0]} than this checkout: check {branch} out and run again")
    return base


def differing(repository: Repository, files: Mapping[str, str], commit: Commit) -> dict[str, bytes]:
    """The files that are not in a commit as they are here."""
    there = repository.blobs(commit.tree)
    contents = {path: text.encode() for path, text in files.items()}
    return {path: content for path, content in contents.items() if there.get(path) != blob_name(content)}


def blob_name(content: bytes) -> str:
    """The name that git gives to a file's content.

    >>> blob_name(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
