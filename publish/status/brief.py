"""Catalogs as short JSON: what the site leaves out of the many that are no longer the newest.

The catalogs of all versions together are by far the most of the site, so each is written without white space and
without every key whose value is the default of its schema. It is read by the same schema, and by the package to the
same catalog, byte for byte of what it would have been::

    {"application":"HTTPS", "cloud":"AzureCloud", "cloud_stated":true,
     "destinations":[{"form":"fqdn", "value":"mcr.microsoft.com"}], "feature":"core",
     "id":"AzureCloud/core/mcr.microsoft.com:tcp-443", "kind":"fqdn", "level":"required", "port":443, "protocol":"TCP",
     "sources":[...]}
"""

from __future__ import annotations

import dataclasses
from typing import Any

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.text.codec import to_json


def brief_json(catalog: Catalog) -> bytes:
    """Write a catalog without white space and without defaults; it reads back as the same catalog.

    >>> import aks_egress_catalog as aec
    >>> old = aec.load(as_of="2026-07-02")
    >>> len(brief_json(old)) < 0.8 * len(to_json(old, compact=True))
    True
    """
    content = {
        **_brief(catalog),
        "rules": [_brief(rule) for rule in catalog.rules],
        "schema_version": catalog.schema_version,
    }
    return to_json(content, compact=True).encode()


def _brief(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        stated = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _brief(found) for field, found in stated if found != field.default}
    if isinstance(value, tuple | list):
        return [_brief(one) for one in value]
    return value
