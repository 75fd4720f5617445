"""Every command and every example of README.md and docs/ runs, in its order, and prints what the document shows.

A line that is only ``…`` stands for any lines, and ``…`` within a line for anything. A command that shows nothing may
print anything. Exit 2 and 3 mean that the document is wrong, unless it shows them: ``$ echo $?``.
"""

from __future__ import annotations

import contextlib
import doctest
import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from publish.site.handbook.console import steps
from publish.status.lists import list_files
from publish.status.polls import older_catalogs, poll_files
from publish.status.status import status_files
from tests.base import CATALOG, HISTORY
from tests.docs.documents import DOCUMENTS, ROOT, Block, blocks
from tests.docs.shell import CLUSTER, SITE, Shell
from tests.site.builds import CHECKED, NOW, versions_announced
from tests.site.conftest import serving

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("base_shipped")]

IN_YAML: Final = re.compile(r"^\s*(?:- )?(?:run: )?(aks-egress-catalog .+)$", re.MULTILINE)
"""A command in a pipeline."""
MAY_FAIL: Final = (0, 1)
"""Exit codes of a command that worked: its answer may be no."""
HOSTS: Final = "mcr.microsoft.com:443\n"
LOG: Final = "1795875240.812 6 10.1.0.5 TCP_DENIED/403 9 CONNECT mcr.microsoft.com:443 - HIER_NONE/- text/html\n"
PROFILE: Final = 'region = "westeurope"\n'
GIVEN: Final = {
    "README.md": {
        "cluster.toml": PROFILE,
        "denied.csv": "2026-11-20,deny,mcr.microsoft.com\n2026-11-20,deny,example.org\n",
        "allowed.txt": HOSTS,
        "firewall/hosts.txt": HOSTS,
        "firewall-logs/access.log": LOG,
        "cluster.json": CLUSTER.read_text(encoding="utf-8"),
        "ServiceTags_Public.json": json.dumps({"changeNumber": 1, "cloud": "Public", "values": []}),
    },
    "docs/linting.md": {"cluster.toml": PROFILE, "hosts.txt": HOSTS, "firewall/hosts.txt": HOSTS},
    "docs/explain.md": {"cluster.toml": PROFILE},
    "docs/explain-kql.md": {"cluster.toml": PROFILE},
}
"""Files that a reader has, and the document does not write."""
APART: Final = {"README.md"}
"""Documents whose blocks do not build on each other: each finds the files of ``GIVEN``, and nothing else."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the site that programs read."""
    folder = tmp_path_factory.mktemp("polls")
    announced = versions_announced(HISTORY)
    files = poll_files(HISTORY, CATALOG, announced) | status_files(CATALOG, CHECKED, NOW)
    files |= list_files(tuple(older_catalogs(HISTORY, CATALOG, announced)), CATALOG)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: os.path.relpath(document, ROOT))
def test_what_a_document_says_happens(document: Path, site: Path, tmp_path: Path) -> None:
    folder, programs = tmp_path / "here", tmp_path / "bin"
    for one in (folder, programs):
        one.mkdir()
    name = os.path.relpath(document, ROOT)
    _lay_out(folder, GIVEN.get(name, {}))
    shell = Shell(folder, programs=programs, site=site)
    names: dict[str, Any] = {}
    with serving({}, site) as address, contextlib.chdir(folder):
        for block in blocks(document):
            _do(block, shell, names, address)
            if name in APART:
                _lay_out(folder, GIVEN[name])


def _lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Empty a folder and write files into it; it is a repository, at whose root the search for a profile ends."""
    for place in folder.iterdir():
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    (folder / ".git").mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def _do(block: Block, shell: Shell, names: dict[str, Any], address: str) -> None:
    """Write, run or read one block."""
    if block.title:
        (shell.folder / block.title).write_text(block.text, encoding="utf-8")
    if block.is_console:
        _run_all(block, shell, address)
    elif block.language == "pycon":
        _run_doctest(block, names)
    elif block.language == "python" and not block.title:
        exec(compile(block.text, f"line {block.line}", "exec"), names)  # noqa: S102  - the document's own code
    elif block.language in READERS:
        READERS[block.language](block.text.replace("…", ""))
    if block.language == "yaml":
        commands = [one.replace("$(Build.ArtifactStagingDirectory)", ".") for one in IN_YAML.findall(block.text)]
        assert all(code in MAY_FAIL for code, _ in shell.run(commands)), f"line {block.line}: {commands}"


READERS: Final[dict[str, Callable[[str], object]]] = {"toml": tomllib.loads, "json": json.loads, "yaml": yaml.safe_load}


def _run_all(block: Block, shell: Shell, address: str) -> None:
    found = list(steps(block.text))
    assert found, f"line {block.line}: a console without a prompt"
    done = shell.run([_with_loopback(step.command, address) for step in found])
    assert len(done) == len(found), f"line {block.line}: the shell ended too early: {done}"
    for step, after, (code, printed) in zip(found, [*found[1:], None], done, strict=True):
        where = f"line {block.line}: $ {step.command}\nexit {code}\n{printed}"
        assert code in MAY_FAIL or (after and after.command == "echo $?"), where
        if not _is_like(step.shown, printed):
            pytest.fail("\n".join((where, "--- is not what the document shows:", *step.shown)), pytrace=False)


def _with_loopback(command: str, address: str) -> str:
    """Let a program of the document fetch from the loopback what it would fetch from the site."""
    return command.replace(SITE.rstrip("/"), address.rstrip("/")) if command.startswith("python3 ") else command


def _is_like(shown: tuple[str, ...], printed: str) -> bool:
    """Whether lines look as a document shows them; blanks at their ends do not count, nor empty lines at the end."""
    if not shown:
        return True
    pattern = "".join(_line_pattern(line) for line in _without_tail(shown))
    lines = _without_tail(printed.split("\n"))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _line_pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:[^\n]*\n)*?"
    return "[^\n]*?".join(re.escape(part) for part in line.rstrip().split("…")) + "\n"


def _without_tail(lines: Iterable[str]) -> list[str]:
    found = [line.rstrip() for line in lines]
    while found and not found[-1]:
        found.pop()
    return found


def _run_doctest(block: Block, names: dict[str, Any]) -> None:
    example = doctest.DocTestParser().get_doctest(block.text, names, f"line {block.line}", None, block.line)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    told: list[str] = []
    runner.run(example, out=told.append, clear_globs=False)
    assert runner.failures == 0, "".join(told)
    names.update(example.globs)


def test_the_documents_have_something_to_run() -> None:
    commands = [
        step for document in DOCUMENTS for block in blocks(document) if block.is_console for step in steps(block.text)
    ]
    assert len(commands) > 60
    assert {os.path.relpath(document, ROOT) for document in DOCUMENTS} >= {"README.md", "docs/start.md"}
