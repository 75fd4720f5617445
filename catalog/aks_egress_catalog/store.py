"""The top of the library: catalogs and texts, read from what the package ships or from a folder that looks like it."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from pathlib import Path

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.text.codec import decode, from_json_as, parse, read_with
from aks_egress_catalog.text.shipped import SHIPPED_DATA

Texts = dict[str, dict[str, tuple[str, ...]]]
"""By locale and rule id: what the page of that locale says of the rule."""


def load(path: str | Path | None = None, *, as_of: str | dt.date | None = None, version: str | None = None) -> Catalog:
    """Load the catalog that the package ships, or another one from ``path``, or that of a past day or version.

    ``as_of`` (``"2024-06-01"``) gives what the last revision before the end of that day, UTC, said; ``version``
    (``"2024.5.21"``) what that version of the data was, with the rules that were held then. The history is the shipped
    one, or the ``history.json`` beside ``path``.

    Raises:
        CatalogError: the file cannot be read, or is not a catalog that this version reads.
        AksEgressError: the history begins after that day, it is no day or lies in the future; there never was such a
            version; or both a day and a version are given.

    >>> "AzureCloud" in {rule.cloud for rule in load().rules}
    True
    >>> load(as_of="2024-06-01").version
    '2024.5.21'
    >>> load(version="2024.5.21").facts_date
    datetime.date(2024, 5, 21)
    """
    if as_of is not None and version is not None:
        raise AksEgressError("as_of and version name one catalog each; give one of them")
    if as_of is not None:
        from aks_egress_catalog.history.history_file import catalog_as_of  # noqa: PLC0415  - only past days pay for it

        _refuse_future(as_of)
        return catalog_as_of(as_of, beside=path)
    latest = read_with(from_json, SHIPPED_DATA / "catalog.json" if path is None else path)
    if version in (None, latest.version):
        return latest
    from aks_egress_catalog.history.published import catalog_of_version  # noqa: PLC0415  - as above

    return catalog_of_version(version, beside=path)


def load_state(text: str, path: str | Path | None = None) -> Catalog:
    """Load the state that a day, a version of the data, a file or ``latest`` names; ``path`` is the catalog to read.

    Raises:
        AksEgressError: it is none of these, or there is no such state; errors as of :func:`load`.

    >>> load_state("2024-06-01").version
    '2024.5.21'
    """
    if text == "latest":
        return load(path)
    if re.fullmatch(r"\d{4}\.\d{1,2}\.\d{1,2}(?:\.\d+)?", text):
        return load(path, version=text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return load(path, as_of=text)
    if Path(text).is_file():
        return load(text)
    raise AksEgressError(f"{text!r} is not a day (2024-06-01), a version (2024.5.21), 'latest' or a file")


def _refuse_future(day: str | dt.date) -> None:
    """Refuse a day that has not begun: what is known today is no answer for it, and the day may be a slip."""
    from aks_egress_catalog.history.revisions import read_day  # noqa: PLC0415  - as above

    today = dt.datetime.now(dt.UTC).date()
    if read_day(day) > today:
        raise AksEgressError(f"{day} lies in the future: nothing is known of it yet; today, in UTC, is {today}")


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
