"""From all findings to those that count: without what a comment silences, a baseline has, or was so before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.linting.findings.finding import Finding
from aks_egress_catalog.linting.ignoring.comments import silence
from aks_egress_catalog.linting.lint import Lint


def without_ignored(
    found: Lint, texts: Mapping[str, str], *, baseline: Path | None = None, today: dt.date | None = None
) -> Lint:
    """Take out what somebody has looked at; ``texts`` are the files by path, ``today`` is the day in UTC.

    Raises:
        InputError: the baseline cannot be read.
    """
    day = today or dt.datetime.now(dt.UTC).date()
    left, silenced, told = silence(found.findings, texts, today=day)
    if baseline:
        from aks_egress_catalog.linting.ignoring import baseline as known_before  # noqa: PLC0415  - hashes, for few

        left, known, mended = known_before.without_known(left, known_before.read_baseline(baseline))
        silenced, told = [*silenced, *known], [*told, *mended]
    return replace(found, findings=tuple(left), silenced=tuple(silenced), notes=(*found.notes, *told))


def since_then(found: Lint, then: Lint) -> Lint:
    """Keep what was not so with the catalog of another day."""
    known = {_what(one) for one in then.findings}
    return replace(found, findings=tuple(one for one in found.findings if _what(one) not in known))


def lives_until(lives: Mapping[str, Life], day: dt.date) -> dict[str, Life]:
    """The lives of rules as they were known on a day: what left the page later had not left it yet."""
    return {
        name: replace(life, gone=None) if life.gone and life.gone > day else life
        for name, life in lives.items()
        if life.first_seen <= day
    }


def _what(one: Finding) -> tuple[str, ...]:
    """What a finding says, whatever its words: they may name another day or version."""
    return (one.code, one.level, one.value, one.place.path, str(one.place.line), str(one.place.column), one.instead)
