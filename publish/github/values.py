"""What GitHub has, as far as the publisher looks at it: typed values, made by :mod:`.client` alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit, as far as it is compared."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull request; ``head`` is the last commit of its branch, as it was when it was closed."""

    number: int
    open: bool
    merged: bool
    title: str
    body: str
    labels: tuple[str, ...]
    url: str
    head: str


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file of a release; ``complete`` is false while or after an upload broke."""

    id: int
    name: str
    size: int
    complete: bool


@dataclass(frozen=True, kw_only=True)
class GitHubRelease:
    """A release, published or still a draft."""

    id: int
    tag: str
    draft: bool
    body: str
    assets: tuple[Asset, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An issue."""

    number: int
    title: str
    body: str
    url: str
