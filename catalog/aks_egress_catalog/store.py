"""The top of the library: catalogs and texts, read from what the package ships or from a folder that looks like it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.text.codec import decode, from_json_as, parse, read_with
from aks_egress_catalog.text.shipped import SHIPPED_DATA

Texts = dict[str, dict[str, tuple[str, ...]]]
"""By locale and rule id: what the page of that locale says of the rule."""


def load(path: str | Path | None = None, *, as_of: str | dt.date | None = None) -> Catalog:
    """Load the catalog that the package ships, or another one from ``path``, or that of a past day.

    ``as_of`` (``"2024-06-01"``) gives what the last revision before the end of that day, UTC, said; the history is
    the shipped one, or the ``history.json`` beside ``path``.

    Raises:
        CatalogError: the file cannot be read, or is not a catalog that this version reads.
        AksEgressError: the history begins after that day, or it is no day.

    >>> "AzureCloud" in {rule.cloud for rule in load().rules}
    True
    >>> load(as_of="2024-06-01").version
    '2024.5.21'
    """
    if as_of is not None:
        from aks_egress_catalog.history.history_file import catalog_as_of  # noqa: PLC0415  - only past days pay for it

        return catalog_as_of(as_of, beside=path)
    return read_with(from_json, SHIPPED_DATA / "catalog.json" if path is None else path)


def from_json(text: str, *, strict: bool = False) -> Catalog:
    """Read a catalog, refusing wrong types and broken invariants with their JSON path; ``strict``: unknown keys too.

    Raises:
        CatalogError: the text is not JSON, or not a catalog that this version reads.
    """
    content = parse(text)
    version = content.get("schema_version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise CatalogError(
            f"schema {version} is newer than {SCHEMA_VERSION}; upgrade aks-egress-catalog", path="$.schema_version"
        )
    return decode(Catalog, content, strict=strict)


def read_texts(folder: str | Path) -> Texts | None:
    """Read the texts in ``<folder>/<locale>.json``; ``None`` where there is no such folder.

    Raises:
        CatalogError: a file cannot be read.
    """
    place = Path(folder)
    if not place.is_dir():
        return None
    read = partial(from_json_as, dict[str, tuple[str, ...]])
    return {file.stem: read_with(read, file) for file in sorted(place.glob("*.json"))}
