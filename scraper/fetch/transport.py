"""The transport under ``fetch``: it bounds, unpacks and checks, and lets through whole documents or nothing.

What is above it, hishel's cache first, can neither keep nor replay anything else. Besides ``fetch.py`` only
this module knows httpx.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import zlib
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx

from scraper.fetch.config import Form, Limits
from scraper.fetch.outcome import FetchError, Reason

Check = Callable[[str, bytes], None]
"""Refuses, with a FetchError, a content type and body that are not what was asked for."""


class MovedError(FetchError):
    """The host sends us on. An error, so that the cache above never keeps a redirect."""

    def __init__(self, to: httpx.URL) -> None:
        super().__init__(Reason.REDIRECTS, f"sends on to {to}")
        self.to = to


class WholeDocuments(httpx.AsyncBaseTransport):
    """Lets through a whole and plausible 200, or a 304 that was asked for; all else is a FetchError."""

    def __init__(self, limits: Limits) -> None:
        self._wire = httpx.AsyncHTTPTransport()
        self._limits = limits

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the host, once all of it is here; the request's ``check`` has passed a 200."""
        try:
            answer = await self._wire.handle_async_request(request)
            async with contextlib.aclosing(answer):
                _refuse_status(request, answer, self._limits)
                body = await _body(answer, self._limits.page_bytes)
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise _transport_fault(error) from error
        if answer.status_code == HTTPStatus.OK:
            request.extensions["check"](answer.headers.get("Content-Type", ""), body)
        headers = [header for header in answer.headers.raw if header[0].lower() not in _NOT_PASSED_ON]
        return httpx.Response(answer.status_code, headers=headers, content=body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


# What described the body as it came; and a cookie set for one locale must not steer the next.
_NOT_PASSED_ON: Final = {b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie"}
_BUSY: Final = {429, 500, 502, 503, 504}
_BROKEN_OFF: Final = (httpx.ReadError, httpx.RemoteProtocolError, zlib.error)
_PASSING: Final = (*_BROKEN_OFF, httpx.NetworkError, httpx.TimeoutException)


def _transport_fault(error: Exception) -> FetchError:
    reason = Reason.BROKEN_OFF if isinstance(error, _BROKEN_OFF) else Reason.UNREACHABLE
    what = f"could not be read ({type(error).__name__}: {error})"
    return FetchError(reason, what, again=isinstance(error, _PASSING))


def _refuse_status(request: httpx.Request, answer: httpx.Response, limits: Limits) -> None:
    status = answer.status_code
    conditional = {"if-none-match", "if-modified-since"} & set(request.headers)
    if status == HTTPStatus.OK or (status == HTTPStatus.NOT_MODIFIED and conditional):
        return
    if answer.has_redirect_location:
        raise MovedError(request.url.join(answer.headers["Location"]))
    if status not in _BUSY:
        raise FetchError(Reason.STATUS, f"answers {status}", status=status)
    asked = answer.headers.get("Retry-After", "")
    what = f"answers {status}" + (f" (Retry-After: {asked})" if asked else "")
    raise FetchError(Reason.BUSY, what, again=_wait(asked, limits), status=status)


def _wait(asked: str, limits: Limits) -> bool | float:
    seconds = retry_after(asked, now=dt.datetime.now(dt.UTC))
    if seconds is None:
        return True
    # To come back sooner than the host asks would be rude, so a long wait is left to the next run.
    return seconds if seconds <= limits.longest_retry_after_seconds else False


def retry_after(value: str, *, now: dt.datetime) -> float | None:
    """The seconds from ``now`` that a ``Retry-After`` (RFC 9110, 10.2.3) asks for; None if unreadable.

    >>> retry_after("Tue, 21 Oct 2025 07:28:30 GMT", now=dt.datetime(2025, 10, 21, 7, 28, tzinfo=dt.UTC))
    30.0
    """
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value).replace(tzinfo=dt.UTC)  # an HTTP date is always in GMT
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds())


async def _body(answer: httpx.Response, limit: int) -> bytes:
    """The decoded body, of which never more than ``limit`` bytes and one chunk are held.

    httpx decodes a chunk whole, whatever comes of it, and hishel would keep it: a gzip bomb is stopped here.
    """
    if answer.status_code == HTTPStatus.NOT_MODIFIED:
        return b""
    gzip = _gzip(answer.headers.get("Content-Encoding", ""))
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += gzip.decompress(chunk, limit + 1 - len(body)) if gzip else chunk
        if max(len(body), answer.num_bytes_downloaded) > limit:
            raise FetchError(Reason.TOO_LARGE, f"is longer than {limit} bytes")
    if gzip and (gzip.unused_data or not gzip.eof):
        raise FetchError(Reason.BROKEN_OFF, "is not a whole gzip stream", again=True)
    return bytes(body)


def _gzip(encoding: str) -> zlib._Decompress | None:
    """A bounded reader for ``encoding``, or None for a body that is not packed."""
    if encoding.lower() in {"", "identity"}:
        return None
    if encoding.lower() != "gzip":  # "gzip, gzip" would be a bomb in a bomb
        raise FetchError(Reason.CONTENT_TYPE, f"comes packed as {encoding}, and only gzip was asked for")
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


# ---------------------------------------------------------------- is it the article?


def _check_html(content_type: str, body: bytes) -> None:
    _check_type(content_type, "text/html")
    page = body.lower()
    if b"</html>" not in page:
        raise FetchError(Reason.BROKEN_OFF, "ends before </html>", again=True)
    if not (re.search(rb"<main[\s>]", page) and b"</main>" in page):
        raise FetchError(Reason.NO_ARTICLE, "is a page without <main>: it asks for consent, or tells of an error")


def _check_markdown(content_type: str, body: bytes) -> None:
    _check_type(content_type, "text/markdown", "text/plain")
    if not re.search(rb"^#{1,6} \S", body, re.MULTILINE):
        raise FetchError(Reason.NO_ARTICLE, "is Markdown without a heading")


def _check_type(content_type: str, *expected: str) -> None:
    if content_type.partition(";")[0].strip().lower() not in expected:
        raise FetchError(Reason.CONTENT_TYPE, f"is {content_type or 'of no type'}, and should be {expected[0]}")


CHECKS: Final = {Form.HTML: _check_html, Form.MARKDOWN: _check_markdown}
