"""The repository on GitHub that a command works on, as the environment names it."""

from __future__ import annotations

import os

from publish.github.client import API, Repository


def open_repository() -> Repository:
    """Open the repository GITHUB_REPOSITORY with GITHUB_TOKEN; GITHUB_API_URL is GitHub's own by default."""
    environment = os.environ.get
    return Repository(
        environment("GITHUB_REPOSITORY", ""),
        token=environment("GITHUB_TOKEN", ""),
        api=environment("GITHUB_API_URL", API),
    )
