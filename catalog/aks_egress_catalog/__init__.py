"""What an Azure Kubernetes Service cluster must be allowed to reach, as data.

>>> import aks_egress_catalog as aec
>>> catalog = aec.load()
>>> [rule.id for rule in catalog.rules(cloud="AzureCloud", feature="gpu")]  # doctest: +ELLIPSIS
['AzureCloud/gpu/download.docker.com:tcp-443', ...]
"""

from __future__ import annotations

from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.model import Catalog, Destination, Rule
from aks_egress_catalog.store import load

TYPE_CHECKING = False  # see aks_egress_catalog.model
if TYPE_CHECKING:
    from aks_egress_catalog.profile import Profile, ProfileError, read_profile

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


def __getattr__(name: str) -> object:
    """Bring in what only ``resolve`` needs when it is first asked for: who looks up a host never pays for it."""
    if name in ("Profile", "ProfileError", "read_profile"):
        from aks_egress_catalog import profile  # noqa: PLC0415  - the point of this function

        return getattr(profile, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
