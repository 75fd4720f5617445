"""A baseline: findings of a list that people live with for now, in a file beside it. What is new is told, what is not.

One finding a line, sorted, so that a pull request shows what came and went.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.findings.finding import Finding
from aks_egress_catalog.linting.ignoring.fingerprints import portable

_VERSION: Final = 1
Known = dict[str, dict[str, Any]]
"""By fingerprint, what a finding is about, for people: its ``code``, ``value`` and ``path``."""


def baseline_json(findings: Iterable[tuple[Finding, str]]) -> str:
    """Write a baseline of some findings, each with its fingerprint."""
    rows = [
        {"path": portable(one.place.path), "code": one.code, "value": one.value, "fingerprint": name}
        for one, name in findings
    ]
    rows.sort(key=lambda row: tuple(row.values()))
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    body = f"[\n  {lines}\n ]" if rows else "[]"
    return f'{{\n "baseline_version": {_VERSION},\n "findings": {body}\n}}\n'


def read_baseline(file: Path) -> Known:
    """Read a baseline.

    Raises:
        InputError: the file cannot be read, or is no baseline.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        if content["baseline_version"] != _VERSION:
            raise InputError(f"{file} is a baseline of another version; write it anew with --write-baseline")
        return {str(row["fingerprint"]): dict(row) for row in content["findings"]}
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{file} is no baseline: {type(error).__name__} {error}") from error


def mended(known: Known, found: Container[str], read: Iterable[str]) -> Iterator[str]:
    """Tell what a baseline has in vain: found no more in the files that were read, or in files that are gone."""
    paths = set(map(portable, read))
    for name, row in known.items():
        path = str(row.get("path"))
        if name not in found and (path in paths or not Path(path).exists()):
            yield f"in the baseline, and found no more: {row.get('code')} {row.get('value')} in {path}"
