"""Every format by its name, and which one a file is written in: by its content, for names of files say little."""

from __future__ import annotations

from importlib import import_module
from typing import Final, Protocol

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.source import Source


class Reader(Protocol):
    """What the module of a format offers."""

    @staticmethod
    def recognises(source: Source) -> bool:
        """Say whether a file is written in the format."""

    @staticmethod
    def read(source: Source) -> Reading:
        """Read a file. What cannot be read is an :class:`.Unread` with its place, never an error."""


FORMATS: Final = {
    "egress-endpoints": "egress_endpoints",
    "opa": "opa",
    "aws-domain-list": "appliances.aws_domain_list",
    "aks-egress-catalog": "own_exports",
    "aks-egress-list": "own_lists",
    "envoy": "proxies.envoy",
    "haproxy": "proxies.haproxy",
    "nftables": "dns.nftables",
    "dnsmasq": "dns.dnsmasq",
    "rpz": "dns.rpz",
    "suricata": "appliances.suricata",
    "terraform-plan": "azure.terraform_plan",
    "arm": "azure.arm",
    "az-script": "azure.az_script",
    "bicep": "azure.bicep",
    "terraform": "azure.terraform",
    "squid": "proxies.squid",
    "fortigate": "appliances.fortigate",
    "paloalto": "appliances.paloalto",
    "paloalto-xml": "appliances.paloalto_xml",
    "cilium": "cilium",
    "plain": "plain",
}
"""Module by name, in the order in which they are asked whether a file is theirs: the plainest last."""


_MAY_BE: Final = {
    "egress-endpoints": ('"domainName"',),
    "opa": ('"aks_egress"',),
    "aws-domain-list": ('"RulesSourceList"',),
    "aks-egress-list": ("# Made by aks-egress-catalog",),
    "envoy": ("static_resources", "envoy.config.listener"),
    "haproxy": ("ssl_sni", "hdr"),
    "nftables": ("table ",),
    "dnsmasq": ("nftset", "ipset"),
    "rpz": ("CNAME",),
    "suricata": ("sid:",),
    "terraform-plan": ('"format_version"',),
    "arm": ('"',),
    "az-script": ("network", "irewall", "IREWALL"),
    "bicep": ("=", "param", "using"),
    "terraform": ("=", "{"),
    "squid": ("acl", "http_access"),
    "fortigate": ("config",),
    "paloalto": ("set ",),
    "paloalto-xml": ("<entry",),
    "cilium": ("Cilium",),
}
"""What every file of a format has somewhere: the module of one that cannot be meant is not even imported."""


def load_reader(name: str) -> Reader:
    """Import the module of a format, and only that."""
    module: Reader = import_module(f"aks_egress_catalog.linting.readers.{FORMATS[name]}")  # type: ignore[assignment]  # a module
    return module


def recognise(source: Source) -> str | None:
    """Name the format of a file; ``None`` where it is no allow list at all."""
    if not source.text.strip():
        return None
    asked = (name for name in FORMATS if any(one in source.text for one in _MAY_BE.get(name, ("",))))
    return next((name for name in asked if load_reader(name).recognises(source)), None)


def why_no_list(source: Source, name: str) -> str:
    """Say why a file is no allow list, though it looks like one of a format; empty where it may be one."""
    if name != "plain":
        return ""
    from aks_egress_catalog.linting.readers.plain import why_no_list as why  # noqa: PLC0415  - imported where needed

    return why(source)


def read(source: Source, name: str, *, insisted: bool = True) -> Reading:
    """Read a file in a format; ``insisted``: somebody said that it is of this one.

    Raises:
        InputError: nothing in it is of that format.
    """
    if insisted and not source.text.strip():
        raise InputError(f"{source.path} is empty")
    reader = load_reader(name)
    found = reader.read(source)
    if insisted and not (found.entries or found.policies or reader.recognises(source)):
        other = recognise(source)
        instead = f"it looks like {other}" if other else "name another format"
        raise InputError(f"{source.path}: nothing in it is {name}; leave --as out, or {instead}")
    return found
