"""Paths in, readings out: which files they are, in which format each is written, and what nobody could read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.declared import declared_in
from aks_egress_catalog.linting.entry import Place, Reading
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.readers.formats import read, recognise, why_no_list
from aks_egress_catalog.linting.source import STANDARD_INPUT, Refused, sources_in


@dataclass(kw_only=True)
class Lists:
    """What some paths gave: readings, texts and encodings of the files by path, and the files that were refused."""

    readings: list[Reading] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)


def _without_parts(readings: list[Reading]) -> list[Reading]:
    """Leave out what another file includes, and was read with it. Of a circle of two one stays."""
    includes = [(one, frozenset(map(os.path.normpath, one.included))) for one in readings if one.included]

    def is_part(reading: Reading) -> bool:
        path = os.path.normpath(reading.path)
        return any(
            path in included
            and other is not reading
            and (
                os.path.normpath(other.path) not in map(os.path.normpath, reading.included) or other.path < reading.path
            )
            for other, included in includes
        )

    return [one for one in readings if not is_part(one)] if includes else readings


def _is_there(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # no file has such a name
        return False


def read_lists(paths: Iterable[str], *, form: str | None = None) -> Lists:
    """Read every allow list among some files and folders; ``form`` insists on a format.

    Raises:
        InputError: a path is not there, or there is no allow list among the files.
    """
    found = Lists()
    seen = 0
    for source in sources_in(paths):
        seen += 1
        if isinstance(source, Refused):
            if not (source.path == STANDARD_INPUT or _is_there(source.path)):
                raise InputError(f"{source.path}: {source.message}")
            place = Place(path=source.path)
            found.refused.append(
                Finding(code=Code.UNREAD, level=Severity.NOTE, value="", message=source.message, place=place)
            )
            continue
        known = form or recognise(source)
        if known is None:
            continue
        why = why_no_list(source, known) if form is None else ""
        if why:
            message = f"{why}; --as {known} reads it all the same"
            found.refused.append(
                Finding(code=Code.UNREAD, level=Severity.NOTE, value="", message=message, place=Place(path=source.path))
            )
            continue
        reading = read(source, known, insisted=form is not None)
        reading.declared |= declared_in(source.text)
        found.readings.append(reading)
        found.texts[source.path] = source.text
        found.encodings[source.path] = source.encoding
    found.readings = _without_parts(found.readings)
    if not found.readings:
        why = f": {found.refused[0].message}" if found.refused else ""
        files = "1 file was" if seen == 1 else f"{seen} files were"
        raise InputError(f"no allow list found; {files} looked at{why}. --as FORMAT says what a file is")
    return found
