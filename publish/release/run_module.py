"""The tools that make and upload packages: modules of this Python, each run as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence


def run_module(
    module: str, arguments: Sequence[str], *, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m module``, and give what it wrote and how it ended."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  - ours
