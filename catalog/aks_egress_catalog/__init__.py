"""What an Azure Kubernetes Service cluster must be allowed to reach, as data.

The public names stand here and nowhere else. Each is imported when it is first asked for, so that a program pays only
for what it uses.

>>> import aks_egress_catalog as aec
>>> catalog = aec.load(as_of="2026-07-02")
>>> [rule.id for rule in catalog.rules(cloud="AzureCloud", feature="gpu")]  # doctest: +ELLIPSIS
['AzureCloud/gpu/download.docker.com:tcp-443', ...]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aks_egress_catalog.catalog import Catalog
    from aks_egress_catalog.cluster.profile import Profile, ProfileError
    from aks_egress_catalog.cluster.profile_file import read_profile
    from aks_egress_catalog.errors import AksEgressError, CatalogError
    from aks_egress_catalog.model import Destination, Rule
    from aks_egress_catalog.store import load

__all__ = [
    "AksEgressError",
    "Catalog",
    "CatalogError",
    "Destination",
    "Profile",
    "ProfileError",
    "Rule",
    "__version__",
    "load",
    "read_profile",
]
__version__ = "0.1.0"

_HOMES = {
    "AksEgressError": "errors",
    "Catalog": "catalog",
    "CatalogError": "errors",
    "Destination": "model",
    "Profile": "cluster.profile",
    "ProfileError": "cluster.profile",
    "Rule": "model",
    "load": "store",
    "read_profile": "cluster.profile_file",
}
"""Module of each public name."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
