"""Catalogs of the past, by the version of the data that had them."""

from __future__ import annotations

from pathlib import Path

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import announced_by_version, published_catalog
from aks_egress_catalog.history.history_file import history_beside


def catalog_of_version(version: str, *, beside: str | Path | None = None) -> Catalog:
    """Rebuild the catalog that a version of the data was, with what was held then, from the history beside a catalog.

    Raises:
        CatalogError: there is no history, or it cannot be read.
        AksEgressError: there never was such a version; the message names its neighbours.

    >>> catalog_of_version("2024.5.21").version
    '2024.5.21'
    """
    history = history_beside(beside)
    release = history.release(version)
    return published_catalog(history, release, dict(announced_by_version(history, today=release.day))[release])
