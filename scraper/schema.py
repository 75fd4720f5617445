"""The JSON Schema of the catalog, generated from the model's own types."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from aks_egress_catalog.catalog import SCHEMA_VERSION, Catalog
from aks_egress_catalog.text.json_schema import published_schema
from aks_egress_catalog.text.shipped import SHIPPED_DATA

SCHEMA_FILE: Final = SHIPPED_DATA / "schema" / f"catalog-{SCHEMA_VERSION}.schema.json"
SITE: Final = "https://aks-egress-catalog.github.io/aks-egress-catalog"


def catalog_schema() -> str:
    """Describe ``catalog.json`` as JSON Schema, in canonical JSON."""
    described = TypeAdapter(Catalog).json_schema(mode="validation")
    return published_schema(described, address=f"{SITE}/schema/{SCHEMA_FILE.name}")


def write_schema() -> Path:
    """Write the schema where the package ships it."""
    SCHEMA_FILE.parent.mkdir(parents=True, exist_ok=True)
    SCHEMA_FILE.write_text(catalog_schema(), encoding="utf-8")
    return SCHEMA_FILE
