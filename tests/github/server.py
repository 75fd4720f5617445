"""Emulate, a stateful stand-in for GitHub's API: installed once, run on a free port of loopback."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests import npm_packages

HERE: Final = Path(__file__).parent
ORIGIN: Final = "http://emulate.invalid"  # what emulate calls itself in its answers; the proxy puts its own in place
_READY_WITHIN: Final = 30.0  # seconds


def install(cache: Path) -> Path:
    """The folder of the pinned packages, below ``cache``; whoever comes first installs them."""
    return npm_packages.install(HERE, cache, prune=_without_other_editions)


def _without_other_editions(packages: Path) -> None:
    for unused in description(packages).parent.glob("*.json"):
        if unused != description(packages):
            unused.unlink()  # 380 MB


def description(packages: Path) -> Path:
    """GitHub's own description of its API."""
    return packages / "@octokit" / "openapi" / "generated" / "api.github.com.json"


@contextlib.contextmanager
def running(packages: Path) -> Iterator[int]:
    """The port of loopback on which emulate answers, until the block is left."""
    port = _free_port()
    script = packages / "emulate" / "dist" / "index.js"
    command = [
        npm_packages.program("node"),
        str(script),
        "start",
        "--service",
        "github",
        "--port",
        str(port),
        "--base-url",
        ORIGIN,
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            if not _answers(port, process):
                log.seek(0)
                raise RuntimeError(f"emulate did not start:\n{log.read().decode(errors='replace')}")
            yield port
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether somebody listens there before the deadline, and before the process ends."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            return False
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
