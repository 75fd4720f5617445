"""The documents for operators: commands exist, and those to verify with are run. All others are run in ``docs/``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest

from aks_egress_catalog.history.changes import summarize
from aks_egress_catalog.store import load
from publish.__main__ import main as publish_commands
from publish.release.assets import make_assets
from scraper.__main__ import main as scraper_commands

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs"
OURS: Final = [*sorted(FOLDER.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
TREES: Final[dict[str, click.Group]] = {"publish": publish_commands, "scraper": scraper_commands}
TARGET: Final = re.compile(r"(?:`|^ +|^)make (?:-C \S+ )?([a-z-]+)", re.MULTILINE)


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_every_command_option_and_target_that_is_named_exists(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for tree, commands in TREES.items():
        for name, rest in re.findall(rf"python -m {tree} ([a-z-]+)([^`\n#]*)", text):
            command = commands.get_command(click.Context(commands), name)
            assert command, f"{tree} {name}"
            known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
            assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known, f"{tree} {name}{rest}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in TARGET.findall(text) if f"\n{target}:" not in makefile] == []


def test_every_check_of_the_gate_is_explained_to_those_who_have_to_act_on_it() -> None:
    checks = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "publish" / "plan").glob("*.py"))
    names = set(re.findall(r'^ +name="([^"]+)",$', checks, re.MULTILINE))
    told = "\n".join((FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in ("operating", "publishing"))
    assert len(names) > 10
    assert [name for name in sorted(names) if name not in told] == []


# ---------------------------------------------------------------- verifying.md, run on a release of this checkout


def steps(heading: str) -> str:
    """The shell commands under a heading of verifying.md."""
    text = (FOLDER / "verifying.md").read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a release, and the checkout that it was made from in ``rebuilt``."""
    found = tmp_path_factory.mktemp("verify")
    (found / "release").mkdir()
    for name, content in make_assets(ROOT, load(), summarize(())).items():
        (found / "release" / name).write_bytes(content)
    for name in ("catalog", "publish"):
        shutil.copytree(ROOT / name, found / "rebuilt" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
        shutil.copy(ROOT / name, found / "rebuilt" / name)
    (found / "rebuilt" / ".venv").symlink_to(Path(sys.executable).parents[1])
    return found


def shell(commands: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{place}/rebuilt/catalog:{place}/rebuilt"}
    command = ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", commands]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.xdist_group("packages")
def test_the_checksums_are_checked_and_another_file_is_noticed(place: Path) -> None:
    assert shell(steps("Checksums"), place).returncode == 0
    kept = (place / "release" / "rules.csv").read_bytes()
    (place / "release" / "rules.csv").write_bytes(kept + b"\n")
    assert shell(steps("Checksums"), place).returncode == 1
    (place / "release" / "rules.csv").write_bytes(kept)


@pytest.mark.slow
@pytest.mark.xdist_group("packages")
def test_the_bill_of_materials_is_that_of_the_wheel(place: Path) -> None:
    done = shell(steps("Bill of materials"), place)
    assert done.returncode == 0, done.stderr
    (wheel,) = (place / "release").glob("*.whl")
    kept = wheel.read_bytes()
    wheel.write_bytes(kept + b"\0")
    assert "the wheel is not that of pkg:pypi/aks-egress-catalog" in shell(steps("Bill of materials"), place).stderr
    wheel.write_bytes(kept)


@pytest.mark.slow
@pytest.mark.xdist_group("packages")
def test_what_is_built_again_has_the_bytes_of_the_release(place: Path) -> None:
    fetched = re.compile(r"^(?:git clone|make) .*\n", re.MULTILINE)
    commands, count = fetched.subn("", steps("The wheel was built from the tag"))
    assert count == 2
    done = shell(commands, place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": OK") == 2
