"""Why a message could not be sent."""

from __future__ import annotations

from publish.notices.entries import shown


class SendError(Exception):
    """A target did not take a message. ``final`` means that it never will; the text has no secret in it."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(shown(reason))  # a target may answer with anything
        self.final = final


class UnconfiguredError(SendError):
    """A secret is missing or unusable: a person must set it, and until then nothing is tried or counted."""
