"""What a table says of a firewall policy as a whole: its parent, and whether it is a DNS proxy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Policy, Reading
from aks_egress_catalog.linting.readers.azure_rules.services import leaves
from aks_egress_catalog.linting.readers.azure_rules.surroundings import (
    Surroundings,
    address_of,
    is_firewall,
    is_policy,
    kind_of,
    reference,
)
from aks_egress_catalog.linting.readers.values.known import truth
from aks_egress_catalog.linting.tree import Node, Table

_DNS: Final = ("dns", "dnssettings", "firewallpolicydns")
_PROXY: Final = ("proxyenabled", "enableproxy", "dnsproxyenabled", "network.dns.enableproxy")
_PARENT: Final = ("basepolicyid", "firewallpolicybasepolicyid", "basepolicyresourceid", "basepolicy")


def policy_of(key: str, table: Table, around: Surroundings) -> Policy | None:
    """Return what a table says of a policy; None, where it is neither a policy nor a module that makes one."""
    settings = (table, *_tables(table, "properties", "params", "additionalproperties", "body"))
    proxies = [one for setting in settings for one in _proxy(setting)]
    kind = kind_of(key, table)
    if any(truth(one) for one in leaves(table, "existing")):
        return None
    of_module = key == "module" and proxies
    if not (is_policy(kind) or of_module or (is_firewall(kind) and proxies)):
        return None
    name = address_of(key, table) or around.policy
    parents = [reference(one) for setting in settings for one in _parent(setting)]
    return Policy(name=name, place=table.place, parent=next(iter(parents), ""), dns_proxy=next(iter(proxies), None))


def named_by_caller(found: Reading, address: str, owned: Iterable[str]) -> None:
    """Call the policies of a module as its caller does; ``owned`` is what the module itself makes, as it calls it.

    A policy that was passed in keeps the name that it has where it comes from.
    """
    own = sorted(found.used_policies().intersection(owned))
    names = {one: address if len(own) == 1 else f"{address}.{one}" for one in own}
    found.rename_policies(lambda name: names.get(name, name))


def _tables(table: Table, *names: str) -> Iterator[Table]:
    for one in leaves(table, *names):
        if isinstance(one, Table):
            yield one
            yield from _tables(one, *names)


def _proxy(table: Table) -> Iterator[bool]:
    for one in (table, *_tables(table, *_DNS)):
        for value in leaves(one, *_PROXY):
            holds = truth(value)
            if holds is not None:
                yield holds


def _parent(table: Table) -> Iterator[Node]:
    for one in leaves(table, *_PARENT):
        yield from leaves(one, "id") if isinstance(one, Table) else (one,)
