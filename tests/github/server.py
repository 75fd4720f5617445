"""Emulate, a stateful stand-in for GitHub's API: installed once, run on a free port of loopback."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ORIGIN: Final = "http://emulate.invalid"  # what emulate calls itself in its answers; the proxy puts its own in place
_PINS: Final = ("package.json", "package-lock.json", ".npmrc")
_READY_WITHIN: Final = 30.0  # seconds
_INSTALLED_WITHIN: Final = 300.0


def absent() -> str | None:
    """What keeps emulate from running here, and how to get it."""
    packages = {"node": "nodejs", "npm": "npm"}
    missing = [packages[command] for command in packages if shutil.which(command) is None]
    return f"GitHub's stand-in needs: apt-get install {' '.join(missing)}" if missing else None


def install(cache: Path) -> Path:
    """The folder of the pinned packages, below ``cache``; whoever comes first installs them."""
    pins = b"".join((HERE / name).read_bytes() for name in _PINS)
    home = cache / hashlib.sha256(pins).hexdigest()[:16]
    if not home.is_dir():
        with tempfile.TemporaryDirectory(dir=cache, prefix="install-") as work:
            _install_into(Path(work) / "packages", home)
    return home / "node_modules"


def _install_into(folder: Path, home: Path) -> None:
    folder.mkdir()
    for name in _PINS:
        shutil.copy(HERE / name, folder)
    command = [_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_INSTALLED_WITHIN, check=False)
    if done.returncode:
        raise RuntimeError(f"npm could not install what tests/github/package-lock.json pins:\n{done.stderr}")
    for unused in description(folder / "node_modules").parent.glob("*.json"):
        if unused != description(folder / "node_modules"):
            unused.unlink()  # 380 MB of other editions
    with contextlib.suppress(OSError):  # another run was faster: its folder is the same
        folder.rename(home)


def description(packages: Path) -> Path:
    """GitHub's own description of its API."""
    return packages / "@octokit" / "openapi" / "generated" / "api.github.com.json"


@contextlib.contextmanager
def running(packages: Path) -> Iterator[int]:
    """The port of loopback on which emulate answers, until the block is left."""
    port = _free_port()
    script = packages / "emulate" / "dist" / "index.js"
    command = [_program("node"), str(script), "start", "--service", "github", "--port", str(port), "--base-url", ORIGIN]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            if not _answers(port, process):
                log.seek(0)
                raise RuntimeError(f"emulate did not start:\n{log.read().decode(errors='replace')}")
            yield port
        finally:
            _stop(process)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(absent())
    return found


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
