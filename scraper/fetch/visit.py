"""Fetch the live article, politely: one file a copy, and for each copy what happened.

Three layers, from the wire up. A transport lets through nothing but whole documents of bounded size; hishel's
cache sits above it, so that it can neither keep nor replay anything else; a visitor asks robots.txt, retries
and follows redirects. On top, every copy fails alone. Only this module and ``transport.py`` know httpx.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import stamina
from hishel import AsyncSqliteStorage
from hishel.httpx import AsyncCacheTransport
from protego import Protego

from scraper.fetch.config import Copy, FetchConfig, Limits
from scraper.fetch.outcome import Failed, Fetched, FetchError, FetchResult, Outcome, Reason
from scraper.fetch.transport import CHECKS, Check, MovedError, WholeDocuments

__all__ = ["Failed", "FetchResult", "Fetched", "Reason", "fetch_pages"]


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


async def _fetch_all(copies: Sequence[Copy], config: FetchConfig, out: Path, state: Path) -> tuple[Outcome, ...]:
    async with _client(config, state) as client:
        visitor = await _Visitor(client=client, config=config).heeding_robots()
        # One for the host: there is only one host. Who has to keep a distance goes alone.
        slots = asyncio.Semaphore(1 if visitor.pace.seconds else config.limits.concurrency)

        async def fetch(copy: Copy) -> Outcome:
            async with slots:  # kept while it backs off: a busy host gets fewer requests, not the next one
                return await _fetch(copy, visitor, out)

        async with asyncio.TaskGroup() as group:
            running = [group.create_task(fetch(copy)) for copy in copies]
    return tuple(task.result() for task in running)


async def _fetch(copy: Copy, visitor: _Visitor, out: Path) -> Outcome:
    path = out / copy.file_name
    try:
        answer = await visitor.get(copy.url, CHECKS[copy.form], locale=copy.locale)
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


def _client(config: FetchConfig, state: Path) -> httpx.AsyncClient:
    folder = state / "http"
    folder.mkdir(parents=True, exist_ok=True)
    return httpx.AsyncClient(
        transport=AsyncCacheTransport(
            WholeDocuments(config.limits),
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


# ---------------------------------------------------------------- the visitor: robots.txt, retries, redirects


@dataclass(kw_only=True, slots=True)
class _Pace:
    """Keeps the time between two requests that the host asks for in its robots.txt (``Crawl-delay``)."""

    seconds: float = 0.0
    not_before: float = 0.0  # on the clock of the event loop
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def turn(self) -> None:
        """Wait until the next request may go out."""
        async with self._lock:
            now = asyncio.get_running_loop().time
            await asyncio.sleep(max(self.not_before - now(), 0))
            self.not_before = now() + self.seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visitor:
    """A client of one host that keeps to its robots.txt and our limits."""

    client: httpx.AsyncClient
    config: FetchConfig
    robots: Protego = field(default_factory=Protego)
    robots_fault: str = ""
    pace: _Pace = field(default_factory=_Pace)

    async def heeding_robots(self) -> _Visitor:
        """The visitor that keeps to the host's robots.txt; RFC 9309, 2.3.1 on an absent or broken one."""
        try:
            answer = await self.get(f"{self.config.base_url}/robots.txt", lambda _type, _body: None)
        except FetchError as error:
            absent = error.status in range(400, 500) and error.reason is not Reason.BUSY
            return self if absent else replace(self, robots_fault=str(error))
        # Protego would take a byte order mark for a part of the first line, and so miss whom it speaks to.
        robots = Protego.parse(answer.content.decode("utf-8-sig", "replace"))
        seconds, longest = (
            robots.crawl_delay(self.config.robot_name) or 0.0,
            self.config.limits.longest_retry_after_seconds,
        )
        if seconds > longest:
            fault = f"asks for {seconds:g} s between two requests, and we wait {longest:g} s at most"
            return replace(self, robots_fault=fault)
        pace = _Pace(seconds=seconds, not_before=asyncio.get_running_loop().time() + seconds)
        return replace(self, robots=robots, pace=pace)

    async def get(self, url: str, check: Check, *, locale: str = "") -> httpx.Response:
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

    async def _follow(self, url: httpx.URL, check: Check, locale: str) -> httpx.Response:
        trail = [url]
        while True:
            self._ask_robots(trail[-1])
            await self.pace.turn()
            try:
                return await self.client.get(trail[-1], extensions={"check": check})
            except MovedError as moved:
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
