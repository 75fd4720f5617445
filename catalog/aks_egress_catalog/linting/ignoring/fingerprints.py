"""By what a finding is known again, when lines have come and gone: for baselines, and for code scanning."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from aks_egress_catalog.linting.findings.finding import Code, Finding


def portable(path: str) -> str:
    """A path as other machines have it: below the folder in which lint runs if it is, with forward slashes."""
    if os.path.isabs(path):
        here = os.getcwd()
        if path.startswith(here.rstrip(os.sep) + os.sep):
            path = os.path.relpath(path, here)
    return PurePath(path).as_posix()


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Return what each finding is known by: what it is about, never its line; of equals, the how manieth it is.

    Give all findings of a run, the silenced ones too: else what is equal to one of them is counted anew.
    """
    texts = [_about(one) for one in findings]
    seen: Counter[str] = Counter()
    names = [""] * len(texts)
    for number in sorted(range(len(texts)), key=lambda n: (findings[n].place.line, findings[n].place.column)):
        text = texts[number]
        seen[text] += 1
        names[number] = f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}:{seen[text]}"
    return names


def _about(one: Finding) -> str:
    """What a finding is about. Where it is written counts for none that is missing: it belongs to a whole policy.

    Rules of the catalog are left out: another version may name more of them, or others.
    """
    policy, path = (portable(one.rule.policy) if one.rule else ""), portable(one.place.path)
    need = f"{one.need.value} {one.need.service}" if one.need else ""
    if one.code is Code.MISSING:
        return f"{one.code}\n{one.value}\n{policy or path}\n{need}"
    rule = f"{policy}/{one.rule.collection}/{one.rule.name}" if one.rule else ""
    return f"{one.code}\n{one.value}\n{path}\n{rule}\n{need}"
