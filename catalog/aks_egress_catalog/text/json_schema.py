"""JSON Schemas as they are published: a key that a later version adds is no fault."""

from __future__ import annotations

from typing import Any

from aks_egress_catalog.text.codec import to_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def published_schema(described: dict[str, Any], *, address: str) -> str:
    """Write a schema, as pydantic describes a strict type, under its address and open for further keys.

    >>> print(published_schema({"additionalProperties": False, "type": "object"}, address="x"), end="")
    {
     "$id": "x",
     "$schema": "https://json-schema.org/draft/2020-12/schema",
     "type": "object"
    }
    """
    return to_json(_open(described) | {"$schema": DIALECT, "$id": address})


def _open(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _open(value)
            for name, value in part.items()
            if (name, value) != ("additionalProperties", False)  # else an object with whatever keys
        }
    return [_open(one) for one in part] if isinstance(part, list) else part
