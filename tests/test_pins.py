"""What the workflows install is pinned with hashes, asks no address by name, and is what pyproject.toml asks for."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".github" / "requirements"
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN: Final = re.compile(r"(?P<name>[a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(?P<version>[^ ]+)(?: ; [^\\]+)? \\")
HASH: Final = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
INSTALLS: Final = re.compile(r"\b(?:pip|pipx|uv|npm|npx|apt-get|gem|go|cargo)\b[^\n]*\b(?:install|ci|run|exec)\b")
GROUPS: Final = ("pipeline", "dev")


def lines(group: str) -> list[str]:
    text = (FOLDER / f"{group}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned(group: str) -> dict[str, list[Version]]:
    """The pinned versions by name; a name has several where other systems need other versions."""
    found: dict[str, list[Version]] = {}
    for line in lines(group):
        if match := PIN.fullmatch(line):
            found.setdefault(canonicalize_name(match["name"]), []).append(Version(match["version"]))
    return found


def asked(group: str) -> list[Requirement]:
    """What a group asks for, with the groups in it, what the package needs with all extras, and what builds it."""
    rows = PROJECT["dependency-groups"][group]
    inner = [more for row in rows if isinstance(row, dict) for more in asked(row["include-group"])]
    own = [row for row in rows if isinstance(row, str)]
    return [
        *inner,
        *map(Requirement, [*own, *PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]),
    ]


@pytest.mark.parametrize("group", GROUPS)
def test_every_line_is_a_version_or_one_of_its_hashes(group: str) -> None:
    assert [line for line in lines(group) if not (PIN.fullmatch(line) or HASH.fullmatch(line))] == []
    text = "\n".join(lines(group))
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text):
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize("group", GROUPS)
def test_the_pins_are_what_the_group_asks_for(group: str) -> None:
    """Where this fails, the groups of pyproject.toml have moved: make pins."""
    there = pinned(group)
    for need in asked(group):
        versions = there.get(canonicalize_name(need.name))
        assert versions, f"{need.name} is not pinned: make pins"
        assert all(need.specifier.contains(one) for one in versions), f"{need} is not what is pinned: make pins"


def jobs() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for file in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        # A job that calls another workflow of this repository installs what that one does.
        found += [(f"{file.name}: {name}", job) for name, job in workflow["jobs"].items() if "steps" in job]
    return found


@pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
def test_a_job_that_can_write_or_knows_a_secret_installs_only_what_is_pinned(name: str, job: dict[str, Any]) -> None:
    trusted = "write" in job["permissions"].values() or "environment" in job
    commands = [step.get("run", "") for step in job["steps"]]
    if trusted:
        assert [command for command in commands if INSTALLS.search(command)] == [], name
        made = {command for command in commands if "make " in command}
        assert made <= {"make pipeline PYTHON=python"}, name


def test_the_set_up_of_the_workflows_takes_the_pins_and_builds_with_nothing_else() -> None:
    command = ["make", "--dry-run", "--always-make", "pipeline"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    installs = [part for line in done.stdout.splitlines() for part in line.split("&&") if "pip install" in part]
    assert len(installs) == 2
    assert "--require-hashes --only-binary :all:" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]
