"""A real browser on the built site, served on the loopback; what it asked for and complained of is kept."""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Response

from aks_egress_catalog.model import Origin
from tests.base import CATALOG
from tests.site.builds import NOW, hostile, small, whole


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, *_: object) -> None:
        pass


class _Compressing(_Quiet):
    """Serves text compressed, and lets it be kept for ten minutes, as GitHub Pages does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        kind = self.guess_type(str(place))
        content = place.read_bytes()
        is_text = kind.startswith("text/") or kind.endswith(("json", "javascript", "xml"))
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "max-age=600")
        if is_text:
            content = _compressed(content)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@functools.cache
def _compressed(content: bytes) -> bytes:
    """A server keeps what it compressed: who measures the page does not measure that."""
    return gzip.compress(content)


@contextmanager
def serving(files: Mapping[str, bytes], folder: Path, *, compressed: bool = False) -> Iterator[str]:
    """Write files and serve them; give the address."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    handler = functools.partial(_Compressing if compressed else _Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """The site with everything that lies beside it."""
    return whole()


@pytest.fixture(scope="session")
def hostile_files() -> dict[str, bytes]:
    """A site whose every text is hostile."""
    return hostile()


@pytest.fixture(scope="session")
def address(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served."""
    with serving(files, tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="session")
def compressed_address(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served as GitHub Pages serves it."""
    with serving(files, tmp_path_factory.mktemp("compressed"), compressed=True) as found:
        yield found


@pytest.fixture(scope="session")
def hostile_address(hostile_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the hostile site is served."""
    with serving(hostile_files, tmp_path_factory.mktemp("hostile")) as found:
        yield found


@pytest.fixture(scope="session")
def live_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a site is served that was made from the live article."""
    live = small(replace(CATALOG, origin=Origin.LIVE), base_url="https://example.org/")
    with serving(live, tmp_path_factory.mktemp("live")) as found:
        yield found


@pytest.fixture(scope="module")  # for a session it would leave its event loop running under the tests of other rooms
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("apt install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A page of the browser with what it asked for, and what it complained of."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the site; its scripts have run then, and may still be fetching."""
        self.page.goto(f"{self.address}{path}")
        return self.page


@contextmanager
def tab(browser: Browser, address: str, *, complaints: bool = True, **options: Any) -> Iterator[Tab]:
    """Open a fresh tab; in the end nothing may have gone wrong in it, and nothing been asked of anybody else.

    Without scripts Chromium complains of the scripts that a page names: ``complaints`` says whether any count.
    """
    context = browser.new_context(**options)
    context.clock.set_fixed_time(NOW)
    found = Tab(page=context.new_page(), address=address)
    page = found.page
    page.on("request", lambda request: found.asked.append(request.url))
    page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))
    page.on("requestfailed", lambda request: found.complaints.extend(_failure(request)))
    page.on("response", lambda one: found.complaints.extend(_refusal(one)))
    page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
    yield found
    context.close()
    assert found.complaints == [] or not complaints
    assert [url for url in found.asked if not url.startswith(address)] == []


def _failure(request: Request) -> list[str]:
    """What to say of a request that failed; nothing where the tab only went on to the next page meanwhile."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url}"]


def _refusal(response: Response) -> list[str]:
    """What to say of an answer that is none."""
    refused = response.status >= HTTPStatus.BAD_REQUEST
    return [f"{response.status}: {response.url}"] if refused else []


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Tab]:
    """A tab on a desk."""
    with tab(browser, address, viewport={"width": 1280, "height": 900}) as found:
        yield found
