"""Model values as short JSON: what a file leaves out of which there are many.

The catalogs of all versions together are by far the most of the site, so each is written without what its reader knows:
a key whose value is the default of its schema, and of a source the address and the commit, which stand once with the
pages of the catalog. What is left is read by the same schema, and by the package to the same facts::

    {"application":"HTTPS", "cloud":"AzureCloud", "cloud_stated":true,
     "destinations":[{"form":"fqdn", "value":"mcr.microsoft.com"}], "feature":"core",
     "id":"AzureCloud/core/mcr.microsoft.com:tcp-443", "kind":"fqdn", "level":"required", "port":443, "protocol":"TCP",
     "sources":[{"heading":"azure-global-required-fqdn--application-rules", "row":2, "table":1}]}
"""

from __future__ import annotations

import dataclasses
from typing import Any

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.text.codec import to_json


def brief_json(value: Any) -> bytes:
    """Write a model value without white space and without defaults; it reads back as the same value.

    >>> from aks_egress_catalog.model import Destination, DestinationForm
    >>> brief_json(Destination(form=DestinationForm.FQDN, value="mcr.microsoft.com"))
    b'{"form":"fqdn","value":"mcr.microsoft.com"}\\n'
    """
    return to_json(_brief(value), compact=True).encode()


def brief_catalog(catalog: Catalog) -> bytes:
    """Write a catalog so; its sources say the place alone, for its pages say the rest."""
    rules = (
        dataclasses.replace(
            rule, sources=tuple(dataclasses.replace(source, url="", commit="") for source in rule.sources)
        )
        for rule in catalog.rules
    )
    shortened = _brief(catalog) | {"rules": [_brief(rule) for rule in rules]}
    return to_json(shortened | {"schema_version": catalog.schema_version}, compact=True).encode()


def _brief(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        stated = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _brief(found) for field, found in stated if found != field.default}
    if isinstance(value, tuple | list):
        return [_brief(one) for one in value]
    return value
