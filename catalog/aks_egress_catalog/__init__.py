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
    from aks_egress_catalog.ask.answer import Answer
    from aks_egress_catalog.calls.checking import check
    from aks_egress_catalog.calls.clusters import profile_from_az
    from aks_egress_catalog.calls.comparing import diff
    from aks_egress_catalog.calls.explaining import explain
    from aks_egress_catalog.calls.exporting import export
    from aks_egress_catalog.calls.linting import lint
    from aks_egress_catalog.catalog import Catalog
    from aks_egress_catalog.cluster.az.profile import AzProfile
    from aks_egress_catalog.cluster.profile import Profile, ProfileError
    from aks_egress_catalog.cluster.profile_file import read_profile
    from aks_egress_catalog.cluster.resolve import Resolution
    from aks_egress_catalog.errors import AksEgressError, CatalogError
    from aks_egress_catalog.exports.export import Export
    from aks_egress_catalog.history.upgrade import UpgradePlan
    from aks_egress_catalog.model import Destination, Rule
    from aks_egress_catalog.store import load
    from aks_egress_catalog.text.codec import to_plain

__all__ = [
    "AksEgressError",
    "Answer",
    "AzProfile",
    "Catalog",
    "CatalogError",
    "Destination",
    "Export",
    "Profile",
    "ProfileError",
    "Resolution",
    "Rule",
    "UpgradePlan",
    "__version__",
    "check",
    "diff",
    "explain",
    "export",
    "lint",
    "load",
    "profile_from_az",
    "read_profile",
    "to_plain",
]
__version__ = "0.1.0"

_HOMES = {
    "AksEgressError": "errors",
    "Answer": "ask.answer",
    "AzProfile": "cluster.az.profile",
    "Catalog": "catalog",
    "CatalogError": "errors",
    "Destination": "model",
    "Export": "exports.export",
    "Profile": "cluster.profile",
    "ProfileError": "cluster.profile",
    "Resolution": "cluster.resolve",
    "Rule": "model",
    "UpgradePlan": "history.upgrade",
    "check": "calls.checking",
    "diff": "calls.comparing",
    "explain": "calls.explaining",
    "export": "calls.exporting",
    "lint": "calls.linting",
    "load": "store",
    "profile_from_az": "calls.clusters",
    "read_profile": "cluster.profile_file",
    "to_plain": "text.codec",
}
"""Module of each public name."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
