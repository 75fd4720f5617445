"""What ``environment()`` says in Bicep and ARM: the endpoints of the public cloud of Azure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.tree import Node, Table, Text

_ENDPOINTS: Final = {
    "name": "AzureCloud",
    "resourceManager": "https://management.azure.com/",
    "portal": "https://portal.azure.com",
    "graph": "https://graph.windows.net/",
    "batch": "https://batch.core.windows.net/",
}
_AUTHENTICATION: Final = {"loginEndpoint": "https://login.microsoftonline.com/"}
_SUFFIXES: Final = {
    "storage": "core.windows.net",
    "keyvaultDns": ".vault.azure.net",
    "acrLoginServer": ".azurecr.io",
    "sqlServerHostname": ".database.windows.net",
}


def environment(_arguments: Sequence[Node], place: Place, written: str) -> Node:
    """Return the endpoints as a table; its texts are parts of the expression that asks for them."""
    tables = (("authentication", _AUTHENTICATION), ("suffixes", _SUFFIXES))
    inner = [(Text(value=name, place=place), _table(endpoints, place, written)) for name, endpoints in tables]
    return Table(pairs=(*_table(_ENDPOINTS, place, written).pairs, *inner), place=place)


def _table(endpoints: dict[str, str], place: Place, written: str) -> Table:
    pairs = (
        (Text(value=name, place=place), Text(value=url, place=place, written=written))
        for name, url in endpoints.items()
    )
    return Table(pairs=tuple(pairs), place=place)
