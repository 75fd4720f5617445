"""Which versions of the package the index has. The index is the one that pip is set up for; no address stands here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from aks_egress_catalog.errors import AksEgressError

_FAILED: Final = "Could not fetch URL"
_ABSENT: Final = ": 404 "


class IndexUnseenError(AksEgressError):
    """The index did not say which versions it has."""


def versions_on_index(name: str) -> tuple[str, ...]:
    """Ask pip which versions of a package the index has, newest first; none where the index does not know the name.

    pip says "no matching distribution" for an unknown name and for an index that does not answer. Only its verbose
    lines tell them apart: for an unknown name every address that could not be fetched ended with 404.

    Raises:
        IndexUnseenError: the index did not answer; the message has pip's own words.
    """
    command = [sys.executable, "-m", "pip", "index", "versions", "-vv", "--retries", "1", "--json", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  - pip with our own name
    if done.returncode == 0:
        return tuple(json.loads(done.stdout.splitlines()[-1])["versions"])
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    if faults := [line for line in lines if line.startswith(_FAILED) and _ABSENT not in line]:
        raise IndexUnseenError(f"the index does not answer: {faults[0]}")
    if not any(_ABSENT in line for line in lines):
        raise IndexUnseenError(f"pip could not ask the index: {lines[-1] if lines else 'it said nothing'}")
    return ()
