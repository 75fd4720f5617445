"""A baseline: findings of a list that people live with for now, in a file beside it. What is new is told, what is not.

One finding a line, sorted, so that a pull request shows what came and went. A finding is known by what it is about,
never by its line: lines move.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.findings.finding import Finding
from aks_egress_catalog.linting.ignoring.comments import Silenced

_VERSION: Final = 1


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield findings with what each is known by; of equals, by the order in which they stand."""
    seen: Counter[str] = Counter()
    for one in findings:
        rule = f"{one.rule.policy}/{one.rule.collection}/{one.rule.name}" if one.rule else ""
        text = "\n".join((one.code, one.value, PurePath(one.place.path).as_posix(), rule, *one.rules[:1]))
        seen[text] += 1
        yield one, f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}:{seen[text]}"


def baseline_json(findings: Iterable[Finding]) -> str:
    """Write a baseline of some findings; notes are left out, for they fail nothing."""
    rows = [
        {"fingerprint": name, "code": one.code, "value": one.value, "path": PurePath(one.place.path).as_posix()}
        for one, name in fingerprints(findings)
        if one.level != "note"
    ]
    rows.sort(key=lambda row: (row["path"], row["code"], row["value"], row["fingerprint"]))
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    body = f"[\n  {lines}\n ]" if rows else "[]"
    return f'{{\n "baseline_version": {_VERSION},\n "findings": {body}\n}}\n'


def read_baseline(file: Path) -> dict[str, dict[str, Any]]:
    """Read a baseline: by fingerprint, what it is about.

    Raises:
        InputError: the file cannot be read, or is no baseline.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        if content["baseline_version"] != _VERSION:
            raise InputError(f"{file} is a baseline of another version; write it anew with --write-baseline")
        return {row["fingerprint"]: row for row in content["findings"]}
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{file} is no baseline: {type(error).__name__} {error}") from error


def without_known(
    findings: Iterable[Finding], known: dict[str, dict[str, Any]]
) -> tuple[list[Finding], list[Silenced], list[str]]:
    """Part findings into those that are new and those that a baseline has; the third is what it has in vain."""
    left: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[str] = set()
    for one, name in fingerprints(findings):
        if name in known:
            used.add(name)
            silenced.append(Silenced(finding=one, reason="in the baseline", in_source=False))
        else:
            left.append(one)
    gone = [row for name, row in known.items() if name not in used]
    told = [f"in the baseline, and mended: {row.get('code')} {row.get('value')} in {row.get('path')}" for row in gone]
    return left, silenced, told
