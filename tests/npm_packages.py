"""Packages of npm that tests run: pinned by a lock file beside the test, installed once below a cache."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PINS: Final = ("package.json", "package-lock.json", ".npmrc")
_INSTALLED_WITHIN: Final = 300.0  # seconds


def absent() -> str | None:
    """What keeps packages of npm from running here, and how to get it."""
    packages = {"node": "nodejs", "npm": "npm"}
    missing = [packages[command] for command in packages if shutil.which(command) is None]
    return f"packages of npm need: apt-get install {' '.join(missing)}" if missing else None


def install(pins: Path, cache: Path, *, prune: Callable[[Path], None] | None = None) -> Path:
    """The folder ``node_modules`` of the packages that a folder pins; whoever comes first installs them.

    ``prune`` takes out what nobody needs before the folder is kept.
    """
    digest = hashlib.sha256(b"".join((pins / name).read_bytes() for name in _PINS)).hexdigest()[:16]
    home = cache / digest
    if not home.is_dir():
        with tempfile.TemporaryDirectory(dir=cache, prefix="install-") as work:
            folder = Path(work) / "packages"
            folder.mkdir()
            for name in _PINS:
                shutil.copy(pins / name, folder)
            _npm_ci(folder, pins)
            if prune:
                prune(folder / "node_modules")
            with contextlib.suppress(OSError):  # another run was faster: its folder is the same
                folder.rename(home)
    return home / "node_modules"


def _npm_ci(folder: Path, pins: Path) -> None:
    command = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_INSTALLED_WITHIN, check=False)
    if done.returncode:
        raise RuntimeError(f"npm could not install what {pins.name}/package-lock.json pins:\n{done.stderr}")


def program(name: str) -> str:
    """The path of a program that has to be there."""
    found = shutil.which(name)
    assert found, name
    return found
