"""The client of GitHub, as far as the publisher needs it: typed values in and out. Only here github3 is called.

Every call is one request, or a few that only read; what must be done in one step is one commit. A refusal becomes a
:class:`GitHubRefusedError` that says what was being done, what GitHub answered, and what to do next.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import requests
from github3 import GitHub
from github3.exceptions import GitHubError, GitHubException, error_for
from github3.session import GitHubSession

from publish.github.refusal import RIGHTS, GitHubRefusedError, refusal_text
from publish.github.values import Asset, Commit, GitHubRelease, Issue, Pull

API: Final = "https://api.github.com"
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60
_NOT_FOUND: Final = 404
_RACES: Final = frozenset({409, 422})
_FILE_MODE: Final = "100644"
_LABEL_COLOR: Final = "0e8a16"


class Repository:
    """One repository on GitHub. ``patience`` is how many seconds an answer may take."""

    def __init__(self, name: str, *, token: str, api: str = API, patience: float = _READ_SECONDS) -> None:
        if not token:
            raise GitHubRefusedError(
                "there is no token: set GITHUB_TOKEN to one that may write contents and pull requests"
            )
        if token != token.strip() or not (token.isascii() and token.isprintable()):
            raise GitHubRefusedError("the token has a blank at an end or a sign that no token has: copy it again")
        owner, slash, short = name.partition("/")
        if not (owner and slash and short) or "/" in short:
            raise GitHubRefusedError(f"{name!r} names no repository; set GITHUB_REPOSITORY to owner/name")
        session = GitHubSession(default_connect_timeout=_CONNECT_SECONDS, default_read_timeout=patience)
        session.base_url = api.rstrip("/")
        session.token_auth(token)
        self.name, self.owner = name, owner
        self._token = token
        with self._doing(f"reading {name}"):
            self._repo: Any = GitHub(session=session).repository(owner, short)
        if self._repo.archived:
            raise GitHubRefusedError(f"{name} is archived: nothing can be written to it; unarchive it, or name another")

    @contextmanager
    def _doing(self, what: str, right: str = RIGHTS) -> Iterator[None]:
        """Turn whatever goes wrong into one message without the token in it."""
        try:
            yield
        except GitHubError as error:
            headers = error.response.headers if error.response is not None else {}
            text = refusal_text(
                what, code=error.code, message=error.msg or "", errors=error.errors, headers=headers, right=right
            )
            raise GitHubRefusedError(self._mask(text), status=error.code) from error
        except (GitHubException, requests.RequestException) as error:
            message = f"{what}: no answer from GitHub ({type(error).__name__}: {error}); run again"
            raise GitHubRefusedError(self._mask(message)) from error

    def _mask(self, text: str) -> str:
        return text.replace(self._token, "***")

    # ------------------------------------------------------------ settings, which are only read

    def read(self, path: str, *, right: str) -> Any:
        """Read what stands at a path below the repository; ``right`` is what the token needs for it."""
        with self._doing(f"reading {path}", right):
            return self._get(f"{self._repo.url}/{path}").json()

    def read_list(self, path: str, *, key: str = "", right: str) -> list[Any]:
        """Read every page of a list; ``key`` names it where it stands in an object."""
        found: list[Any] = []
        following = f"{self._repo.url}/{path}"
        with self._doing(f"reading {path}", right):
            while following:
                answer = self._get(following)
                found += answer.json()[key] if key else answer.json()
                following = answer.links.get("next", {}).get("url", "")
        return found

    def _get(self, url: str) -> Any:
        answer = self._repo.session.get(url)
        if not answer.ok:
            raise error_for(answer)
        return answer

    # ------------------------------------------------------------ git data

    def head(self, branch: str) -> str | None:
        """The commit at the tip of a branch, or ``None`` where there is no such branch."""
        # All branches whose name begins so: a list, and an empty one where there is none. Asked for the one branch,
        # GitHub answers 404 for "there is none" as well as for "this token may not see it".
        with self._doing(f"reading the branch {branch}"):
            found = self._get(f"{self._repo.url}/git/matching-refs/heads/{branch}").json()
        return next((str(ref["object"]["sha"]) for ref in found if ref["ref"] == f"refs/heads/{branch}"), None)

    def commit(self, sha: str) -> Commit:
        """Read a commit."""
        with self._doing(f"reading the commit {sha[:9]}"):
            found = self._repo.git_commit(sha)
            parents = tuple(parent["sha"] for parent in found.parents)
            return Commit(sha=found.sha, tree=found.tree.sha, parents=parents, message=found.message)

    def blobs(self, tree: str) -> dict[str, str]:
        """The git object names of all files of a tree, or of the tree of a commit, by path."""
        with self._doing(f"reading the tree {tree[:9]}"):
            found = self._repo.tree(tree, recursive=True)
            return {leaf.path: leaf.sha for leaf in found.tree if leaf.type == "blob"}

    def blob(self, name: str) -> bytes:
        """Read the content of a file by its git object name."""
        with self._doing(f"reading the file {name[:9]}"):
            return base64.b64decode(self._repo.blob(name).content)

    def write_commit(self, files: Mapping[str, bytes], *, parent: Commit, message: str) -> str:
        """Make one commit of whole files on top of another, without moving any branch."""
        leaves = [_leaf(path, sha=self._store(path, content)) for path, content in files.items()]
        return self._commit(leaves, message, base_tree=parent.tree, parents=[parent.sha])

    def write_snapshot(self, files: Mapping[str, bytes], *, parent: str | None, message: str) -> str:
        """Make one commit of these files and no others; text needs no call of its own, however many files there are."""
        leaves = [
            _leaf(path, content=content.decode()) if _is_text(content) else _leaf(path, sha=self._store(path, content))
            for path, content in files.items()
        ]
        return self._commit(leaves, message, base_tree=None, parents=[parent] if parent else [])

    def _store(self, path: str, content: bytes) -> str:
        with self._doing(f"storing {path}"):
            return str(self._repo.create_blob(base64.b64encode(content).decode(), "base64"))

    def _commit(self, leaves: list[dict[str, str]], message: str, *, base_tree: str | None, parents: list[str]) -> str:
        with self._doing("storing the tree"):
            tree = self._repo.create_tree(leaves, base_tree=base_tree)
        with self._doing("storing the commit"):
            return str(self._repo.create_commit(message, tree.sha, parents).sha)

    def move(self, branch: str, sha: str, *, force: bool = False) -> None:
        """Let a branch point to a commit; make it where it is not there."""
        with self._doing(f"moving the branch {branch}"):
            if self.head(branch) is None:
                self._repo.create_ref(f"refs/heads/{branch}", sha)
            else:
                self._repo.ref(f"heads/{branch}").update(sha, force=force)

    def advance(self, branch: str, sha: str, *, since: str | None) -> bool:
        """Let a branch that is at the commit ``since`` point to one on top of it; say no where it has moved meanwhile.

        ``None`` stands for no branch, which is then made.
        """
        try:
            with self._doing(f"moving the branch {branch}"):
                if since is None:
                    self._repo.create_ref(f"refs/heads/{branch}", sha)
                    return True
                url = f"{self._repo.url}/git/refs/heads/{branch}"  # github3 would read the branch first
                answer = self._repo.session.patch(url, json={"sha": sha, "force": False})
                if not answer.ok:
                    raise error_for(answer)
                return True
        except GitHubRefusedError as error:
            # "not a fast forward", "already exists", "does not exist" or a lock that somebody else holds: whatever the
            # words are, it is a race if the branch is elsewhere now, and else a refusal, as of a protected branch.
            if error.status in _RACES and self.head(branch) != since:
                return False
            raise

    # ------------------------------------------------------------ pull requests and issues

    def pulls(self, branch: str, base: str) -> list[Pull]:
        """All pull requests from one branch into another, newest first, open or not."""
        with self._doing("reading the pull requests"):
            found = list(self._repo.pull_requests(state="all", head=f"{self.owner}:{branch}", base=base))
        return sorted(map(_pull, found), key=lambda pull: -pull.number)

    def open_pull(self, *, title: str, body: str, branch: str, base: str) -> Pull:
        """Open a pull request."""
        with self._doing("opening the pull request"):
            return _pull(self._repo.create_pull(title, base, branch, body=body))

    def update_pull(self, number: int, *, title: str, body: str, close: bool = False) -> None:
        """Write the title and the body of a pull request, and close it where that is asked for."""
        with self._doing(f"updating the pull request #{number}"):
            self._repo.pull_request(number).update(title=title, body=body, state="closed" if close else None)

    def set_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Give a pull request exactly these labels; those that are not there yet are made."""
        self._ensure(labels)
        with self._doing(f"labelling #{number}"):
            self._repo.issue(number).replace_labels(list(labels))

    def open_issues(self, label: str) -> list[Issue]:
        """The open issues with a label, oldest first; pull requests are none."""
        with self._doing("reading the issues"):
            found = [one for one in self._repo.issues(state="open", labels=label) if not one.pull_request_urls]
        issues = [Issue(number=one.number, title=one.title, body=one.body or "", url=one.html_url) for one in found]
        return sorted(issues, key=lambda issue: issue.number)

    def open_issue(self, *, title: str, body: str, label: str) -> Issue:
        """Open an issue, labelled from its first moment."""
        self._ensure((label,))
        with self._doing("opening the issue"):
            found = self._repo.create_issue(title, body=body, labels=[label])
        return Issue(number=found.number, title=found.title, body=found.body or "", url=found.html_url)

    def update_issue(self, number: int, *, title: str, body: str, close: bool = False) -> None:
        """Write the title and the body of an issue, and close it where that is asked for."""
        with self._doing(f"updating the issue #{number}"):
            self._repo.issue(number).edit(title=title, body=body, state="closed" if close else "open")

    def dispatch(self, event: str, payload: Mapping[str, object]) -> None:
        """Run the workflows that listen to a ``repository_dispatch`` of this type."""
        with self._doing(f"dispatching {event}"):
            body = {"event_type": event, "client_payload": payload}
            response = self._repo.session.post(f"{self._repo.url}/dispatches", json=body)
            if not response.ok:
                raise error_for(response)

    def _ensure(self, labels: tuple[str, ...]) -> None:
        with self._doing("reading the labels"):
            there = {label.name for label in self._repo.labels()}
        for label in sorted(set(labels) - there):
            with self._doing(f"making the label {label}"):
                self._repo.create_label(label, _LABEL_COLOR)

    # ------------------------------------------------------------ releases

    def releases(self) -> list[GitHubRelease]:
        """All releases, drafts included, newest first."""
        with self._doing("reading the releases"):
            return [self._release(found) for found in self._repo.releases()]

    def draft_release(self, *, tag: str, commit: str, body: str) -> GitHubRelease:
        """Make a draft; its tag is made when it is published."""
        with self._doing(f"drafting the release {tag}"):
            return self._release(self._repo.create_release(tag, commit, name=tag, body=body, draft=True))

    def upload(self, release: GitHubRelease, name: str, content: bytes) -> None:
        """Add a file to a release."""
        with self._doing(f"uploading {name}"):
            self._repo.release(release.id).upload_asset("application/octet-stream", name, content)

    def download(self, asset: Asset) -> bytes:
        """Read a file of a release."""
        content = io.BytesIO()
        with self._doing(f"downloading {asset.name}"):
            self._repo.asset(asset.id).download(content)
        return content.getvalue()

    def remove_asset(self, asset: Asset) -> None:
        """Take a broken upload away."""
        with self._doing(f"removing the broken {asset.name}"):
            self._repo.asset(asset.id).delete()  # one that is gone already is fine

    def remove_release(self, release: GitHubRelease) -> None:
        """Take a draft away."""
        with self._doing(f"removing a second draft of {release.tag}"):
            self._repo.release(release.id).delete()

    def publish(self, release: GitHubRelease) -> None:
        """Make a draft public."""
        with self._doing(f"publishing the release {release.tag}"):
            if not self._repo.release(release.id).edit(draft=False):
                raise GitHubRefusedError(f"the draft of {release.tag} is gone: run again", status=_NOT_FOUND)

    def tags(self) -> list[str]:
        """The names of all tags."""
        with self._doing("reading the tags"):
            return [str(one.name) for one in self._repo.tags()]

    def tag(self, name: str) -> str | None:
        """The commit of a tag, or ``None`` where there is none."""
        try:
            with self._doing(f"reading the tag {name}"):
                return str(self._repo.ref(f"tags/{name}").object.sha)
        except GitHubRefusedError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def _release(self, found: Any) -> GitHubRelease:
        assets = tuple(
            Asset(id=one.id, name=one.name, size=one.size, complete=one.state == "uploaded")
            for one in found.original_assets
        )
        return GitHubRelease(
            id=found.id,
            tag=found.tag_name,
            draft=found.draft,
            body=found.body or "",
            assets=assets,
            url=found.html_url,
        )


def _leaf(path: str, **what: str) -> dict[str, str]:
    return {"path": path, "mode": _FILE_MODE, "type": "blob", **what}


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _pull(found: Any) -> Pull:
    return Pull(
        number=found.number,
        open=found.state == "open",
        merged=found.merged_at is not None,
        title=found.title,
        body=found.body or "",
        labels=tuple(label["name"] for label in found.labels),
        url=found.html_url,
        head=found.head.sha,
    )
