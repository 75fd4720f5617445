"""The registrable domain of a host: the part of its name that one owner registered, from a bundled suffix list.

Below some names of Azure every customer gets one of their own (``shop.azurecr.io``), as below a public suffix. The
Public Suffix List lacks most of these, so :data:`TENANTS` adds them: ``shop.azurecr.io`` is a domain of its own, and
``*.azurecr.io`` lets anybody in.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from aks_egress_catalog.hosts.patterns import pattern_regex

TENANTS: Final = (
    *(f"{service}.core.{cloud}" for service in ("blob", "dfs", "file", "queue", "table", "web", "z{n}.web")
      for cloud in ("windows.net", "usgovcloudapi.net", "chinacloudapi.cn")),
    *(f"{service}.{cloud}" for service in ("database", "servicebus")
      for cloud in ("windows.net", "usgovcloudapi.net", "chinacloudapi.cn")),
    "azurecr.io", "azurecr.us", "azurecr.cn", "{region}.data.azurecr.io",
    "vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn", "managedhsm.azure.net",
    "{region}.cloudapp.azure.com", "{region}.cloudapp.usgovcloudapi.net", "{region}.cloudapp.chinacloudapi.cn",
    "hcp.{region}.azmk8s.io", "hcp.{region}.cx.aks.containerservice.azure.us", "hcp.{region}.cx.prod.service.azk8s.cn",
    "ods.opinsights.azure.com", "ods.opinsights.azure.us", "ods.opinsights.azure.cn",
    "oms.opinsights.azure.com", "oms.opinsights.azure.us", "oms.opinsights.azure.cn",
    "{region}.azurecontainer.io", "documents.azure.com", "documents.azure.us", "documents.azure.cn",
    "search.windows.net", "redis.cache.windows.net", "redis.cache.usgovcloudapi.net", "redis.cache.chinacloudapi.cn",
    "mysql.database.azure.com", "postgres.database.azure.com", "storage.googleapis.com",
)  # fmt: skip
"""Names below which every customer gets a name. The Public Suffix List lacks them, or has them for one cloud only."""


def domain_of(name: str) -> str:
    """The registrable domain of a destination in its flat form; what is no host (a service tag, ``*``) is its own.

    >>> domain_of("*.data.mcr.microsoft.com"), domain_of("evil.azurecr.io"), domain_of("tag:AzureMonitor")
    ('microsoft.com', 'evil.azurecr.io', 'tag:AzureMonitor')
    """
    if ":" in name or name == "*":
        return name
    host = _as_host(name)
    labels = host.split(".")
    for tenant in TENANTS:
        if pattern_regex(f"*.{tenant}").match(host):
            return ".".join(labels[-2 - tenant.count(".") :])
    return _suffixes(icann=False).privatesuffix(host) or name


def lets_anybody_in(pattern: str) -> bool:
    """Whether anybody can have a name that a pattern covers.

    >>> lets_anybody_in("*.vault.azure.net"), lets_anybody_in("*.mcr.microsoft.com")
    (True, False)
    """
    below = _below(pattern)
    return _is_suffix(below, icann=False) or any(pattern_regex(tenant).match(_as_host(below)) for tenant in TENANTS)


def lets_the_world_in(pattern: str) -> bool:
    """Whether a pattern covers a whole top-level domain, or a suffix that a registry sells names under.

    >>> lets_the_world_in("*.com.cn"), lets_the_world_in("*.vault.azure.net")
    (True, False)
    """
    return _is_suffix(_below(pattern), icann=True)


def _below(pattern: str) -> str:
    """The name below which a pattern's first label stands."""
    return pattern.partition(".")[2]


def _as_host(pattern: str) -> str:
    return re.sub(r"\{[^}]*\}|\*", "x", pattern)


def _is_suffix(name: str, *, icann: bool) -> bool:
    return not name or _suffixes(icann=icann).publicsuffix(_as_host(name)) == _as_host(name)


@cache
def _suffixes(*, icann: bool) -> PublicSuffixList:
    """The Public Suffix List as bundled: the part of the registries, or also the part of companies."""
    return PublicSuffixList(only_icann=icann)
