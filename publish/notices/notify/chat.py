"""Slack, Teams, mail and the rest, by apprise; this is the only room that knows it."""

from __future__ import annotations

import logging
import re
import warnings
from typing import Final
from urllib.parse import unquote

import apprise

from publish.notices.entries import shown
from publish.notices.notify.errors import SendError, UnconfiguredError
from publish.notices.notify.messages import Message

_PART: Final = re.compile(r"[^:/@?&=]{4,}")
_LONGEST_ANSWER: Final = 300  # characters of what a service answered


def send_chat(url: str, message: Message) -> None:
    """Send a message to the service that an address of apprise names.

    Markdown is what every service gets, for whatever came from a page stands in code spans there: apprise turns it
    into what the service speaks, and nothing in it calls anybody or leads anywhere.

    Raises:
        SendError: the service did not take it.
        UnconfiguredError: the address is none that apprise knows.
    """
    with apprise.LogCapture(level=logging.WARNING) as log:  # type: ignore[no-untyped-call]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it loads every plugin, and what each of them imports
            service = apprise.Apprise.instantiate(url)
        if service is None:
            raise UnconfiguredError("it holds no address that apprise knows")
        service.overflow_mode = apprise.OverflowMode.SPLIT  # most services take less than a long message
        try:
            taken = service.notify(
                body=message.markdown, title=message.subject, body_format=apprise.NotifyFormat.MARKDOWN
            )
        except Exception as error:  # a plugin may raise anything, and must not hold up the others
            raise SendError(masked(f"{type(error).__name__}: {error}", url)) from error
        if not taken:
            raise SendError(f"the service did not take it: {masked(log.getvalue(), url)[:_LONGEST_ANSWER]}")


def masked(text: str, url: str) -> str:
    """Take every part of an address out of a text: which of them is the secret, only its service knows.

    >>> masked("no such user: robot / s3cret", "mailtos://robot:s3cret@mail.example")
    'no such user: *** / ***'
    """
    parts = {part for whole in (url, unquote(url)) for part in _PART.findall(whole)}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "***")
    return shown(text)
