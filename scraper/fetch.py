"""Fetch the live article, politely: one file a copy, and for each copy what happened.

Three layers, from the wire up. A transport lets through nothing but whole documents of bounded size; hishel's
cache sits above it, so that it can neither keep nor replay anything else; a visitor asks robots.txt, retries
and follows redirects. On top, every copy fails alone. Only this module knows httpx.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

import httpx
import stamina
from hishel import AsyncSqliteStorage
from hishel.httpx import AsyncCacheTransport
from protego import Protego

from aks_egress_catalog.errors import AksEgressError
from scraper.config import Copy, FetchConfig, Form, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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


def fetch_pages(config: FetchConfig, *, locales: Sequence[str] = (), out: Path, state: Path) -> FetchResult:
    """Fetch the article into ``out``, in the given locales or in all; the fault of one never raises.

    ``out`` gets ``<locale>.html`` and, with en-us, ``en-us.md``. ``state/http`` keeps what conditional
    requests need; without it everything is fetched anew.

    Raises:
        ConfigError: a locale is none of the configured ones.
        OSError: ``out`` or ``state`` cannot be made.
    """
    copies = config.copies(locales)
    out.mkdir(parents=True, exist_ok=True)
    return FetchResult(outcomes=asyncio.run(_fetch_all(copies, config, out, state)))


async def _fetch_all(
    copies: Sequence[Copy], config: FetchConfig, out: Path, state: Path
) -> tuple[Outcome, ...]:
    slots = asyncio.Semaphore(config.limits.concurrency)  # one for the host: there is only one host
    async with _client(config, state) as client:
        visitor = await _Visitor(client=client, config=config).heeding_robots()

        async def fetch(copy: Copy) -> Outcome:
            async with slots:  # kept while it backs off: a busy host gets fewer requests, not the next one
                return await _fetch(copy, visitor, out)

        async with asyncio.TaskGroup() as group:
            running = [group.create_task(fetch(copy)) for copy in copies]
    return tuple(task.result() for task in running)


async def _fetch(copy: Copy, visitor: _Visitor, out: Path) -> Outcome:
    path = out / copy.file_name
    try:
        answer = await visitor.get(copy.url, _CHECKS[copy.form], locale=copy.locale)
        _put(path, answer.content)
    except FetchError as error:
        return Failed(copy=copy, reason=error.reason, what=str(error))
    return Fetched(copy=copy, path=path, modified=not answer.extensions["caching"]["from_cache"])


def _put(path: Path, body: bytes) -> None:
    """Whoever reads ``path`` meets the old copy or the new one, never a part."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(body)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise FetchError(Reason.NOT_WRITTEN, f"cannot be written to {path} ({error})") from error


class FetchError(AksEgressError):
    """A copy cannot be had; the message goes on after its address.

    ``again`` is whether another attempt may help, or in how many seconds the host would like it.
    """

    def __init__(self, reason: Reason, what: str, *, again: bool | float = False, status: int = 0) -> None:
        super().__init__(what)
        self.reason = reason
        self.again = again
        self.status = status


class _MovedError(FetchError):
    """The host sends us on. An error, so that the cache below never keeps a redirect."""

    def __init__(self, to: httpx.URL) -> None:
        super().__init__(Reason.REDIRECTS, f"sends on to {to}")
        self.to = to


# ---------------------------------------------------------------- the visitor: robots.txt, retries, redirects


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visitor:
    """A polite guest of one host."""

    client: httpx.AsyncClient
    config: FetchConfig
    robots: Protego = field(default_factory=Protego)
    robots_fault: str = ""

    async def heeding_robots(self) -> _Visitor:
        """The visitor that keeps to the host's robots.txt; RFC 9309, 2.3.1 on an absent or broken one."""
        try:
            answer = await self.get(f"{self.config.base_url}/robots.txt", lambda _type, _body: None)
        except FetchError as error:
            absent = error.status in range(400, 500) and error.reason is not Reason.BUSY
            return self if absent else replace(self, robots_fault=str(error))
        # Protego would take a byte order mark for a part of the first line, and so miss whom it speaks to.
        return replace(self, robots=Protego.parse(answer.content.decode("utf-8-sig", "replace")))

    async def get(self, url: str, check: _Check, *, locale: str = "") -> httpx.Response:
        """The document at ``url``, whole and checked, within the page's time.

        Raises:
            FetchError: it cannot be had.
        """
        limits = self.config.limits
        retrying = stamina.AsyncRetryingCaller(
            attempts=limits.attempts,
            timeout=None,
            wait_initial=limits.first_wait_seconds,
            wait_max=limits.longest_wait_seconds,
            wait_jitter=limits.first_wait_seconds,
        )
        try:
            async with asyncio.timeout(limits.page_seconds):
                return await retrying(_again, self._follow, httpx.URL(url), check, locale)
        except TimeoutError as error:
            raise FetchError(Reason.TOO_SLOW, f"did not come within {limits.page_seconds:g} s") from error

    async def _follow(self, url: httpx.URL, check: _Check, locale: str) -> httpx.Response:
        trail = [url]
        while True:
            self._ask_robots(trail[-1])
            try:
                return await self.client.get(trail[-1], extensions={"check": check})
            except _MovedError as moved:
                trail.append(_next_hop(moved.to, trail, locale, self.config.limits))

    def _ask_robots(self, url: httpx.URL) -> None:
        if self.robots_fault:
            raise FetchError(Reason.ROBOTS, f"is not asked for, because robots.txt {self.robots_fault}")
        if not self.robots.can_fetch(str(url), self.config.robot_name):
            raise FetchError(Reason.ROBOTS, f"is not asked for, because robots.txt forbids {url.path}")


def _again(error: Exception) -> bool | float:
    return error.again if isinstance(error, FetchError) else False


def _next_hop(to: httpx.URL, trail: Sequence[httpx.URL], locale: str, limits: Limits) -> httpx.URL:
    asked = trail[0]
    landed = to.path.strip("/").partition("/")[0].lower()
    if (to.scheme, to.host, to.port) != (asked.scheme, asked.host, asked.port):
        raise FetchError(Reason.OTHER_HOST, f"sends on to {to}, which is another host")
    if locale and landed != locale:
        raise FetchError(
            Reason.OTHER_LOCALE,
            f"sends on to {to}; Learn answers {locale} with {landed}: the locale is not translated",
        )
    if to in trail:
        raise FetchError(Reason.REDIRECTS, f"sends on in a circle, by way of {to}")
    if len(trail) > limits.redirects:
        raise FetchError(Reason.REDIRECTS, f"sends on more than {limits.redirects} times")
    return to


# ---------------------------------------------------------------- the transport: whole documents or nothing


def _client(config: FetchConfig, state: Path) -> httpx.AsyncClient:
    folder = state / "http"
    folder.mkdir(parents=True, exist_ok=True)
    # hishel would put a .gitignore here that hides the cache from the branch that keeps ``state``.
    (folder / ".gitignore").touch()
    return httpx.AsyncClient(
        transport=AsyncCacheTransport(
            _WholeDocuments(config.limits),
            storage=AsyncSqliteStorage(database_path=folder / "cache.db"),
            rfc=True,
        ),
        headers={
            "User-Agent": config.user_agent,
            "Accept-Encoding": "gzip",
            # Else the cache calls a page fresh for a tenth of its age, up to a week (RFC 9111, 4.2.2).
            "Cache-Control": "no-cache",
        },
        timeout=httpx.Timeout(config.limits.read_seconds, connect=config.limits.connect_seconds),
        trust_env=False,  # no .netrc: nobody's password goes to a public page
    )


class _WholeDocuments(httpx.AsyncBaseTransport):
    """Lets through a whole and plausible 200, or a 304 that was asked for; all else is a FetchError."""

    def __init__(self, limits: Limits) -> None:
        self._wire = httpx.AsyncHTTPTransport()
        self._limits = limits

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
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
        raise _MovedError(request.url.join(answer.headers["Location"]))
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
        raise FetchError(
            Reason.NO_ARTICLE, "is a page without <main>: it asks for consent, or tells of an error"
        )


def _check_markdown(content_type: str, body: bytes) -> None:
    _check_type(content_type, "text/markdown", "text/plain")
    if not re.search(rb"^#{1,6} \S", body, re.MULTILINE):
        raise FetchError(Reason.NO_ARTICLE, "is Markdown without a heading")


def _check_type(content_type: str, *expected: str) -> None:
    if content_type.partition(";")[0].strip().lower() not in expected:
        raise FetchError(
            Reason.CONTENT_TYPE, f"is {content_type or 'of no type'}, and should be {expected[0]}"
        )


_Check = Callable[[str, bytes], None]
_CHECKS: Final = {Form.HTML: _check_html, Form.MARKDOWN: _check_markdown}
