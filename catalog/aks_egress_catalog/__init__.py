"""What an Azure Kubernetes Service cluster must be allowed to reach, as data.

>>> import aks_egress_catalog as aec
>>> catalog = aec.load()
>>> [rule.id for rule in catalog.rules(cloud="AzureCloud", feature="gpu")]  # doctest: +ELLIPSIS
['AzureCloud/gpu/download.docker.com:tcp-443', ...]
"""

from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.model import Catalog, Destination, Rule
from aks_egress_catalog.store import load

__all__ = ["AksEgressError", "Catalog", "CatalogError", "Destination", "Rule", "__version__", "load"]
__version__ = "0.1.0"
