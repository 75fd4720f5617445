"""Rules that left the page: which of them asked for an endpoint once, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple

from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.index import PatternIndex
from aks_egress_catalog.hosts.patterns import literal_tail
from aks_egress_catalog.model import endpoint_of

SHARED_DOMAINS: Final = frozenset(
    (
        "azurecr.io",
        "azureedge.net",
        "blob.core.windows.net",
        "docker.io",
        "googleapis.com",
        "microsoft.com",
        "ubuntu.com",
        "vo.msecnd.net",
    )
)
"""Domains below which many have their names, reviewed by hand: that a page of 2019 had ``*.docker.io`` says nothing
of a name below it that is denied today."""


class Former(NamedTuple):
    """A rule of the past, and the day on which it left the page; one that stated no port was for every port."""

    id: str
    day: dt.date
    port: int | None
    protocol: str


class Retired:
    """An index of the rules that left the page, by their hosts. A rule id says all that this takes."""

    def __init__(self, lives: Mapping[str, Life]) -> None:
        by_pattern: dict[str, list[Former]] = {}
        for name, life in sorted(lives.items()):
            destination, transport = endpoint_of(name)
            if life.gone and explains_names(destination):
                protocol, _, port = transport.upper().partition("-")
                former = Former(name, life.gone, int(port) if port else None, protocol)
                by_pattern.setdefault(destination, []).append(former)
        self._names = PatternIndex(by_pattern)

    def of(self, endpoint: Endpoint) -> list[Former]:
        """Return the rules that asked for an endpoint, by their ids."""
        named = self._names.naming(endpoint.host)
        if not named:
            return []
        found = [former for formers in named for former in formers]
        return sorted(one for one in found if one.port is None or endpoint.is_on(one.port, one.protocol))


def explains_names(destination: str) -> bool:
    """Say whether a retired destination explains the hosts that it takes in.

    Sets, tags and ``*`` do not; neither does a wildcard over a domain that many share, or over part of a label right
    below a public suffix: ``*snapcraft.io`` would explain ``evilsnapcraft.io``.

    >>> [explains_names(one) for one in ("k8s.gcr.io", "*.tun.{region}.azmk8s.io", "*.docker.io", "*snapcraft.io")]
    [True, True, False, False]
    """
    if destination == "*" or ":" in destination:
        return False
    if not destination.startswith("*"):
        return True
    return destination[1:].lstrip(".") not in SHARED_DOMAINS and "." in literal_tail(destination)
