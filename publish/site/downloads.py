"""What can be downloaded: the files that the site serves itself, and those of the release on GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.render.flat import to_csv
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from publish.site.edition import Edition

_RELEASED: Final = {
    "catalog.json": "the catalog: every rule with its sources",
    "history.json": "every revision of the article since 2019, as facts",
    "changes.json": "what changed since the release before",
    "rules.csv": "the flat list, one alternative a line",
    "exports.zip": "every format for every known region with all features, and what became of each rule",
    "kql-rules.csv": "the rules as queries in Log Analytics read them, a row a pattern and port",
    "workbook.json": "a workbook for Azure Monitor (ARM template): what is denied, and which of it AKS needs",
    "alert.bicep": "an alert rule for Azure Monitor (Bicep): something that AKS requires is denied",
    "{schema}": "the shape of the JSON files, as JSON Schema",
    "aks_egress_catalog-{version}-py3-none-any.whl": "the Python package with its data",
    "aks_egress_catalog-{version}.tar.gz": "its source",
    "sbom.cdx.json": "bill of materials (CycloneDX)",
    "SHA256SUMS": "checksums of all of these",
}


@dataclass(frozen=True, kw_only=True)
class ReleaseFile:
    """One file of the current release."""

    name: str
    meaning: str
    address: str


def release_files(edition: Edition) -> tuple[ReleaseFile, ...]:
    """The files of the release of this edition's data; none where such data is never released."""
    if edition.is_preview or not edition.repository_url:
        return ()
    version = edition.catalog.version
    start = f"{edition.repository_url}/releases/download/v{version}"
    schemas = [file.name for file in sorted((SHIPPED_DATA / "schema").glob("*.json"))]
    named = [
        (name, meaning)
        for pattern, meaning in _RELEASED.items()
        for name in (schemas if pattern == "{schema}" else [pattern.format(version=version)])
    ]
    return tuple(ReleaseFile(name=name, meaning=meaning, address=f"{start}/{name}") for name, meaning in named)


def served_files(edition: Edition) -> dict[str, bytes]:
    """The files that the site serves itself, by path."""
    catalog: Catalog = edition.catalog
    return {
        "download/rules.csv": to_csv(catalog.rules).encode(),
        "download/catalog.json": to_json(catalog).encode(),
        "download/history.json": history_json(edition.history).encode(),
    }
