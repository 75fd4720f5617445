"""Where a message can go, as ``subscribers.toml`` says it, and what is refused there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")
_EVENT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}\Z")
_LABEL: Final = re.compile(r"[^\x00-\x1f,]{1,50}\Z")
_PRINTABLE: Final = re.compile(r"[!-~]+\Z")


class WrongKeyError(ValueError):
    """The value of one key is wrong; without a key, the table as a whole."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """An address that takes Standard Webhooks. What is dangerous is refused unless it is allowed by name."""

    url: str
    secret_env: str
    allow_http: bool = False
    allow_redirects: bool = False
    allow_private: bool = False

    def __post_init__(self) -> None:
        _check_variable("secret_env", self.secret_env)
        check_url(self, self.url)

    def __str__(self) -> str:
        return f"webhook {urlsplit(self.url).netloc}"


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """A repository whose workflows listen to ``repository_dispatch``."""

    repository: str
    token_env: str
    event_type: str = "aks-egress-changed"

    def __post_init__(self) -> None:
        _check_variable("token_env", self.token_env)
        check("repository", self.repository, _REPOSITORY, "owner/name")
        check("event_type", self.event_type, _EVENT, "a word of at most 100 characters")

    def __str__(self) -> str:
        return f"repository_dispatch to {self.repository}"


@dataclass(frozen=True, kw_only=True)
class IssueTarget:
    """A repository in which an issue is opened for each message."""

    repository: str
    token_env: str
    label: str = "aks-egress"

    def __post_init__(self) -> None:
        _check_variable("token_env", self.token_env)
        check("repository", self.repository, _REPOSITORY, "owner/name")
        check("label", self.label, _LABEL, "at most 50 characters, no comma")

    def __str__(self) -> str:
        return f"issue in {self.repository}"


@dataclass(frozen=True, kw_only=True)
class AppriseTarget:
    """Whatever apprise knows. Its address is a secret as a whole, so the file names the variable that holds it."""

    url_env: str

    def __post_init__(self) -> None:
        _check_variable("url_env", self.url_env)

    def __str__(self) -> str:
        return f"apprise, by {self.url_env}"


Target = Webhook | Dispatch | IssueTarget | AppriseTarget


def secret_name(target: Target) -> str:
    """The environment variable that holds the secret of a target."""
    match target:
        case Webhook():
            return target.secret_env
        case Dispatch() | IssueTarget():
            return target.token_env
        case AppriseTarget():
            return target.url_env


def check_url(allowed: Webhook, url: str) -> None:
    """Refuse an address that is none, that shows a password, or that is plain http where that is not allowed.

    Raises:
        WrongKeyError: it is refused; the message says why.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise WrongKeyError("url", f"is no address: {error}") from error
    if not host or parts.scheme not in ("http", "https") or not _PRINTABLE.match(url):
        raise WrongKeyError("url", "is no address of the form https://host/path")
    if parts.username or parts.password:
        raise WrongKeyError("url", "has a user or a password in it: only the secret may say who we are")
    if parts.scheme == "http" and not allowed.allow_http:
        raise WrongKeyError("url", "is plain http: use https, or allow it by allow_http = true")


def check(key: str, value: str, form: re.Pattern[str], expected: str) -> None:
    """Refuse a value that has not the form that is expected.

    Raises:
        WrongKeyError: it has not.
    """
    if not form.match(value):
        raise WrongKeyError(key, f"{value!r} is not {expected}")


def _check_variable(key: str, value: str) -> None:
    """The value is not shown: somebody may have put the secret itself there."""
    if not _VARIABLE.match(value):
        raise WrongKeyError(
            key, "names the environment variable that holds the secret, as PLATFORM_SECRET; never itself"
        )


def check_known(key: str, values: Iterable[str], known: type[StrEnum]) -> None:
    """Refuse a value that a filter does not know.

    Raises:
        WrongKeyError: the first of them, with those that there are.
    """
    for value in values:
        if value not in set(known):
            raise WrongKeyError(key, f"{value!r} is unknown; there is: {', '.join(known)}")
