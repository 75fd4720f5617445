"""A shell for the commands of documents: the package with the data of :mod:`tests.base`, and stand-ins for the network.

Stand-ins know what a document may ask of the world, and refuse all else: ``pip`` knows this package and its extras,
``az`` the two commands that read a cluster, ``curl`` the files of the site.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests import base
from tests.docs.documents import ROOT

_PACKAGE: Final = """\
import sys
from collections.abc import Sequence
from pathlib import Path
sys.argv[0] = "aks-egress-catalog"
from aks_egress_catalog import store
from aks_egress_catalog.history import history_file
store.SHIPPED_DATA = history_file.SHIPPED_DATA = Path({data!r})
from aks_egress_catalog.cli.main import main
main()
"""
_PIP: Final = """\
import re, sys, tomllib
from packaging.requirements import Requirement
project = tomllib.loads(open({pyproject!r}).read())["project"]
command, *words = sys.argv[1:]
asked = [Requirement(word) for word in words if not word.startswith("-")]
known = {{*project["optional-dependencies"]}}
sys.exit(0 if command == "install" and asked and all(
    one.name == project["name"] and one.extras <= known for one in asked) else f"pip: {{sys.argv[1:]}}")
"""
_AZ: Final = """\
import json, sys
words = [word for word in sys.argv[1:] if not word.startswith("-")]
options = {{word for word in sys.argv[1:] if word.startswith("-")}}
if not options <= {{"-g", "-n", "-o", "--resource-group", "--name", "--output"}} or words[-1] != "json":
    sys.exit(f"az: {{sys.argv[1:]}}")
if words[:2] == ["aks", "show"]:
    print(open({cluster!r}).read())
elif words[:3] == ["aks", "egress-endpoints", "list"]:
    endpoint = {{"domainName": "mcr.microsoft.com", "endpointDetails": [{{"port": 443, "protocol": "Https"}}]}}
    print(json.dumps({{"value": [{{"category": "images", "endpoints": [endpoint]}}]}}))
else:
    sys.exit(f"az: {{sys.argv[1:]}}")
"""
_CURL: Final = """\
import sys
from collections.abc import Sequence
from pathlib import Path
*options, address = sys.argv[1:]
if {{*options}} - {{"--silent", "--fail", "--location"}} or not address.startswith({site!r}):
    sys.exit(f"curl: {{sys.argv[1:]}}")
print((Path({files!r}) / address.removeprefix({site!r})).read_text(), end="")
"""
_MARK: Final = "\x1e"
CLUSTER: Final = ROOT / "tests" / "catalog" / "cluster" / "az" / "clusters" / "private_udr.json"
"""The cluster that ``az`` shows."""
SITE: Final = "https://aks-egress-catalog.github.io/aks-egress-catalog/"


class Shell:
    """Runs commands in a folder, as a person would type them."""

    def __init__(self, folder: Path, *, programs: Path, site: Path) -> None:
        """Write the stand-ins into a folder of their own; ``site`` has the files that ``curl`` gets."""
        self.folder = folder
        sources = {
            "aks-egress-catalog": _PACKAGE.format(data=str(base.catalog_file().parent)),
            "pip": _PIP.format(pyproject=str(ROOT / "pyproject.toml")),
            "az": _AZ.format(cluster=str(CLUSTER)),
            "curl": _CURL.format(site=SITE, files=str(site)),
        }
        for name, source in sources.items():
            _write_program(programs / name, f"#!{sys.executable}\n{source}")
        _write_program(programs / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        left_out = ("PYTEST_", "GIT", "COLUMNS")
        known = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        self._environment = known | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "catalog"),
            "PYTHONUNBUFFERED": "1",  # or what is told on stderr would come before what was printed earlier
        }

    def run(self, commands: Sequence[str]) -> list[tuple[int, str]]:
        """Run commands one after the other; give each one's exit code, and what it prints as a terminal shows it.

        What one sets, the next one has, ``$?`` too: behind each its code is printed, marked by a sign that none prints.
        """
        behind = f'code=$?; printf \'{_MARK}%s{_MARK}\' "$code"; (exit "$code")'
        script = "".join(f"{command}\n{behind}\n" for command in commands)
        command = ["bash", "--noprofile", "--norc", "-c", script]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told = done.stdout.split(_MARK)
        return [(int(code), printed) for printed, code in zip(told[::2], told[1::2], strict=False)]


def _write_program(path: Path, source: str) -> None:
    path.write_text(source, encoding="utf-8")
    path.chmod(0o755)
