"""Runs the command line as its script does, and keeps what it prints."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cli.main import main
from tests import base

_SCRIPT: Final = "import sys; from aks_egress_catalog.cli.main import main; sys.argv[0] = 'aks-egress-catalog'; main()"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str | Path) -> Done:
    """Run it in this process: starting another for each question takes long."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["aks-egress-catalog", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
    code = done.value.code
    assert isinstance(code, int)
    return Done(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def ask(command: str, *arguments: str | Path) -> Done:
    """Run a command on the data of :mod:`tests.base`; a ``--catalog`` among the arguments wins over it."""
    return run(command, "--catalog", base.catalog_file(), *arguments)


def run_apart(*arguments: str, cwd: Path | None = None, stdin: str | None = None, **environment: str) -> Done:
    """Run it in a process of its own, where the process itself is what a test is about."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        input=stdin,
        env=os.environ | {"PYTHONPATH": str(Path(aec.__file__).parents[1])} | environment,
    )
    return Done(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr)
