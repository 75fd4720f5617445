"""What it means that GitHub refused something: one message that says what was being done, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from aks_egress_catalog.errors import AksEgressError

RIGHTS: Final = "contents, pull-requests and issues: write"
"""What the pipeline's own calls need."""
_SERVER_FAULT: Final = 500
_ACCEPTED: Final = "x-accepted-github-permissions"  # in which GitHub names the rights that a call needs


class GitHubRefusedError(AksEgressError):
    """GitHub did not do what was asked. ``status`` is its answer, 0 where none came."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def refusal_text(
    what: str, *, code: int, message: str, errors: Iterable[object], headers: Mapping[str, str], right: str = RIGHTS
) -> str:
    """One line: what was being done, GitHub's answer, and what to do next. ``right`` is what the token needs for it."""
    answer = f"{what}: GitHub answered {code} {message}".rstrip()
    if code >= _SERVER_FAULT:
        return f"{answer}; it is GitHub's fault: run again, and what is half done is finished"
    if headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers:
        wait = headers.get("retry-after") or headers.get("x-ratelimit-reset", "")
        return f"{answer}; the rate limit is reached (wait: {wait}): run again later"
    advice = {
        401: "the token is not accepted: set GITHUB_TOKEN to a valid one",
        403: f"the token may not do that: it needs {_rights(headers.get(_ACCEPTED, '')) or right}",
        404: "there is no such thing, or the token may not see it: check GITHUB_REPOSITORY and the token's rights",
        409: "somebody else changed it meanwhile: run again",
        422: f"GitHub refuses it: {'; '.join(map(str, errors)) or 'is the branch protected?'}",
    }.get(code, "run again")
    return f"{answer}; {advice}"


def _rights(header: str) -> str:
    """The rights of GitHub's own header in our form; a semicolon stands between sets of which one is enough.

    >>> _rights("actions=read,administration=read; metadata=read")
    'actions: read, administration: read or metadata: read'
    """
    return header.replace("=", ": ").replace("; ", " or ").replace(",", ", ")
