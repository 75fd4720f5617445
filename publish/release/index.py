"""What a package index has of the project, read from its simple index (PEP 503 and 691)."""

from __future__ import annotations

from typing import Final

import requests
from mousebender import simple
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from aks_egress_catalog.errors import AksEgressError

PROJECT: Final = "aks-egress-catalog"
_SECONDS: Final = 30
_NOT_FOUND: Final = 404


class IndexReadError(AksEgressError):
    """The index cannot be read; the message says what a person has to do."""


def files_at(index: str) -> dict[str, str]:
    """The files of the project by name, each with its SHA-256 where the index gives it; yanked ones too.

    Raises:
        IndexReadError: no answer, or none that can be read. An index that does not know the project has no files.
    """
    url = f"{index.rstrip('/')}/{PROJECT}/"
    try:
        answer = requests.get(url, headers={"Accept": simple.ACCEPT_SUPPORTED}, timeout=_SECONDS)
        if answer.status_code == _NOT_FOUND:
            return {}
        answer.raise_for_status()
        kind = answer.headers.get("content-type", "text/html").partition(";")[0]
        details = simple.parse_project_details(answer.text, kind, PROJECT)
    except (requests.RequestException, ValueError) as error:
        raise IndexReadError(f"the index at {url} cannot be read: {error}; run again") from error
    return {file["filename"]: file["hashes"].get("sha256", "") for file in details["files"]}


def versions_at(index: str) -> frozenset[str]:
    """Every version of which the index has a file."""
    return frozenset(version for name in files_at(index) if (version := _version(name)))


def _version(name: str) -> str:
    try:
        parsed = parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""  # such as the metadata beside a wheel
    return str(parsed)
