"""The Action as its file has it, and programs run as a person would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
ACTION: Final = ROOT / "action.yml"
CONTENT: Final[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))


def run(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(one) for one in arguments]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GIT_"))}
    return subprocess.run(command, cwd=cwd, env=known | environment, capture_output=True, text=True, check=False)
