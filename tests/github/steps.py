"""What people and publishers do to a repository before a test can begin."""

from __future__ import annotations

from github3.git import Commit
from github3.repos.repo import Repository


def committed(repository: Repository, text: str, *, parent: str | None = None) -> Commit:
    """A commit on ``parent``, or on main, with two files in one step."""
    parent = parent or repository.ref("heads/main").object.sha
    rows = [
        {"path": path, "mode": "100644", "type": "blob", "sha": repository.create_blob(text, "utf-8")}
        for path in ("catalog.json", "texts/en-us.json")
    ]
    tree = repository.create_tree(rows, base_tree=repository.git_commit(parent).tree.sha)
    return repository.create_commit(text, tree.sha, [parent], author={"name": "A", "email": "a@example.com"})


def branched(repository: Repository, name: str, text: str = "one") -> str:
    sha: str = committed(repository, text).sha
    repository.create_ref(f"refs/heads/{name}", sha)
    return sha
