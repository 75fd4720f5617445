"""Saved answers of ``az``, one cluster or many: a file or a folder in, a profile a cluster out.

az aks show                       one object                       one cluster
az aks list                       a list                           a cluster each
az rest …/managedClusters         {"value": […], "nextLink": …}    a cluster each; refused where there is a next page
az graph query                    {"data": […], "skip_token": …}   likewise
a folder                          every .json in it                whatever each holds
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.cluster.az.fields import RUN, named
from aks_egress_catalog.cluster.az.profile import AzProfile, profile_from_az
from aks_egress_catalog.cluster.profile import ProfileError
from aks_egress_catalog.cluster.profile_file import ProfileFileError, placed

_PAGES: Final = {"value": ("nextLink",), "data": ("skip_token", "skipToken", "$skipToken")}
"""The key of the list in each kind of page, and of what tells that another page follows."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One cluster, and the name of the file that it was in."""

    source: str
    cluster: AzProfile


def read_az(file: Path) -> AzProfile:
    """Read a file that holds one cluster, as of ``az aks show -o json``, in any Unicode encoding.

    Raises:
        ProfileFileError: it cannot be read, or holds something else.
    """
    content = _read_json(file)
    try:
        return profile_from_az(content)
    except ProfileError as error:
        raise placed(f"{file}: ", error) from error


def read_clusters(path: Path) -> tuple[Saved, ...]:
    """Read every cluster of a file or of the ``.json`` files of a folder, in their order.

    Raises:
        ProfileFileError: a file cannot be read, holds something else than clusters, or not all of them; all faults in
            one message.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise ProfileFileError(f"{path} has no .json file; {RUN}")
    found: list[Saved] = []
    faults: list[ProfileFileError] = []
    for file in files:
        try:
            for place, content in _clusters_in(file, _read_json(file)):
                try:
                    found.append(Saved(source=file.name, cluster=profile_from_az(content)))
                except ProfileError as error:
                    faults.append(placed(f"{file}{place}: ", error))
        except ProfileFileError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ProfileFileError("\n".join(map(str, faults)))
    return tuple(found)


def _clusters_in(file: Path, content: Any) -> Iterator[tuple[str, Any]]:
    """Yield each cluster with its place in the file."""
    if isinstance(content, Mapping):
        page = next((key for key in _PAGES if isinstance(content.get(key), list) and not named(content, "type")), "")
        if not page:
            yield "", content
            return
        if any(content.get(key) for key in _PAGES[page]):
            total = content.get("total_records") or content.get("totalRecords") or "more"
            raise ProfileFileError(
                f"{file} holds {len(content[page])} of {total} resources: another page follows; save all of them"
                " (az graph query --first 1000)"
            )
        content = content[page]
    if not isinstance(content, list):
        yield "", content
        return
    if not content:
        raise ProfileFileError(f"{file} is an empty list: there is no cluster in it")
    for index, one in enumerate(content):
        called = one.get("name") if isinstance(one, Mapping) else None
        yield f"[{index}]" + (f" ({called})" if isinstance(called, str) else ""), one


def _read_json(file: Path) -> Any:
    try:
        written = file.read_bytes()
    except OSError as error:
        raise ProfileFileError(f"{file} cannot be read: {error}") from error
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise ProfileFileError(f"{file} is not JSON: {_not_json(written)}; {RUN}") from error


def _not_json(written: bytes) -> str:
    """Say what a file holds instead, by its first line."""
    first = written.decode("utf-8", "replace").strip().partition("\n")[0][:200]
    if not first:
        return "it is empty, as when az printed an error to the screen"
    if first.startswith("WARNING"):
        return "it begins with a warning of az, which belongs to stderr (leave out 2>&1)"
    seen = "is an error of az," if first.startswith(("ERROR", "(", "az:")) else "begins with"
    return f"it {seen} {first!r}"
