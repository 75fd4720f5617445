"""The same checkout gives the same wheel and source distribution, whoever builds them, wherever and whenever."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packages")]
NEEDED: Final = ("catalog", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", ".gitignore")


def checkout(folder: Path) -> Path:
    """The files that a build reads, in a folder of their own."""
    folder.mkdir(parents=True)
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def build(root: Path, out: Path, *, umask: int, **environment: str) -> dict[str, str]:
    """Build as the release does, and give the digests of what came out."""
    command = [sys.executable, "-m", "publish", "packages", "--root", str(root), "--out", str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | environment, umask=umask
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str], Path]:
    """A build here, and one in a folder of another name, with files of other ages and rights, at another hour."""
    base = tmp_path_factory.mktemp("bytes")
    second = checkout(base / "of another name" / "two")
    for file in second.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        if file.is_file():
            file.chmod(0o600)
    return (
        build(ROOT, base / "first", umask=0o022, TZ="UTC"),
        build(second, base / "second", umask=0o077, TZ="Asia/Tokyo", PYTHONHASHSEED="7"),
        base,
    )


def test_two_builds_give_the_same_bytes(built_twice: tuple[dict[str, str], dict[str, str], Path]) -> None:
    first, second, _ = built_twice
    assert len(first) == 2
    assert first == second


def test_no_file_in_a_package_knows_the_hour_of_its_build(
    built_twice: tuple[dict[str, str], dict[str, str], Path],
) -> None:
    *_, base = built_twice
    (wheel,) = (base / "first").glob("*.whl")
    (source,) = (base / "first").glob("*.tar.gz")
    assert len({entry.date_time for entry in zipfile.ZipFile(wheel).infolist()}) == 1
    with tarfile.open(source) as archive:
        assert len({entry.mtime for entry in archive}) == 1
        assert {(entry.uid, entry.gid, entry.uname) for entry in archive} == {(0, 0, "")}
