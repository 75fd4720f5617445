"""The JSON Schemas of what the package ships, generated from the model's own types."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from aks_egress_catalog.history import HISTORY_VERSION, History
from aks_egress_catalog.model import SCHEMA_VERSION, Catalog
from aks_egress_catalog.store import DATA, to_json

SITE: Final = "https://aks-egress-catalog.github.io/aks-egress-catalog"
SCHEMAS: Final[dict[str, Any]] = {
    f"catalog-{SCHEMA_VERSION}": Catalog,
    f"history-{HISTORY_VERSION}": History,
}
"""By name and version: the type that each file is made of."""


def schema_file(name: str) -> Path:
    """Where the package ships a schema."""
    return Path(DATA) / "schema" / f"{name}.schema.json"


def schema(name: str) -> str:
    """Describe one kind of file as JSON Schema, in canonical JSON."""
    described = TypeAdapter(SCHEMAS[name]).json_schema(mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SITE}/schema/{name}.schema.json",
    }
    return to_json(described | head)


def write_schemas() -> list[Path]:
    """Write the schemas where the package ships them."""
    for name in SCHEMAS:
        schema_file(name).parent.mkdir(parents=True, exist_ok=True)
        schema_file(name).write_text(schema(name), encoding="utf-8")
    return list(map(schema_file, SCHEMAS))
