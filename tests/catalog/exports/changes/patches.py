"""Patches, applied by git outside of any repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.catalog.exports.engines.networks import program


def patched(folder: Path, before: Mapping[str, str], text: str) -> dict[str, str]:
    """Apply a patch to files in a folder of their own; names may have folders."""
    for name, content in before.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    if text:
        subprocess.run([program("git"), "apply", "-"], input=text, text=True, check=True, cwd=folder)
    found = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in found}


def below(folder: str, text: str) -> str:
    """The same patch for files that lie in a folder."""
    return re.sub(r"^(---|\+\+\+) ([ab])/(?=[^\n]*\n(?:\+\+\+ |@@ ))", rf"\1 \2/{folder}/", text, flags=re.MULTILINE)
