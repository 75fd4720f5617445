"""What comes of fetching: for each copy that it is there, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from aks_egress_catalog.errors import AksEgressError
from scraper.fetch.config import Copy

_RUN_AGAIN: Final = "Run again later; if it stays, see whether the address opens in a browser."
_LOOK: Final = "Open the address in a browser; if the article has moved, change scraper/pages.toml."


class Reason(StrEnum):
    """Why a copy could not be fetched, and what a person does next."""

    next_step: str

    ROBOTS = "robots", "Do not go round robots.txt: run again later, and ask the host's owner if it stays."
    UNREACHABLE = "unreachable", _RUN_AGAIN
    BROKEN_OFF = "broken-off", _RUN_AGAIN
    BUSY = "busy", "Run again later; if it stays, lower limits.concurrency in scraper/pages.toml."
    STATUS = "status", _LOOK
    OTHER_LOCALE = "other-locale", "Take the locale out of scraper/pages.toml until Learn has it."
    OTHER_HOST = "other-host", _LOOK
    REDIRECTS = "redirects", _LOOK
    CONTENT_TYPE = "content-type", _LOOK
    NO_ARTICLE = "no-article", _LOOK
    TOO_LARGE = (
        "too-large",
        "Open the address; if it is that long, raise limits.page_bytes in scraper/pages.toml.",
    )
    TOO_SLOW = "too-slow", "Run again later; if it stays, raise limits.page_seconds in scraper/pages.toml."
    NOT_WRITTEN = "not-written", "Make room or set the rights of the folder, and run again."

    def __new__(cls, value: str, next_step: str) -> Self:
        """A member is its value, and carries its next step."""
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.next_step = next_step
        return reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """The newest copy is at ``path``. ``modified`` is False where Learn had nothing newer to send."""

    copy: Copy
    path: Path
    modified: bool

    def __str__(self) -> str:
        return f"{self.copy.file_name}: {'fetched' if self.modified else 'not modified'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The copy could not be fetched; what an earlier run wrote is as it was."""

    copy: Copy
    reason: Reason
    what: str

    def __str__(self) -> str:
        return f"{self.copy.file_name}: {self.copy.url} {self.what}. {self.reason.next_step}"


Outcome = Fetched | Failed


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchResult:
    """What happened: one outcome a copy, in the order of the locales, the Markdown last."""

    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Failed, ...]:
        """The copies that this run could not get, each with its reason."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Failed))


class FetchError(AksEgressError):
    """A copy cannot be had; the message goes on after its address.

    ``again`` is whether another attempt may help, or in how many seconds the host would like it.
    """

    def __init__(self, reason: Reason, what: str, *, again: bool | float = False, status: int = 0) -> None:
        super().__init__(what)
        self.reason = reason
        self.again = again
        self.status = status
