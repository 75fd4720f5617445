"""What the proxies share that look at the server name of TLS and the host of HTTP: the rules, by port and traffic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.exports.declaration import Fitted, Traffic, traffic_of

_WITHOUT_A_PORT: Final = ((443, Traffic.HTTPS), (80, Traffic.HTTP))
"""Where the article states no port, these two are listened on anyway."""


def by_listener(fitted: Iterable[Fitted]) -> dict[int, dict[Traffic, list[Fitted]]]:
    """Rules by the port that the proxy listens on, and by how it finds the name there; both sorted."""
    found: dict[int, dict[Traffic, list[Fitted]]] = {}
    for one in fitted:
        traffic = traffic_of(one.rule)
        for port, kind in ((one.rule.port or 0, traffic),) if traffic else _WITHOUT_A_PORT:
            found.setdefault(port, {}).setdefault(kind, []).append(one)
    return {port: dict(sorted(kinds.items())) for port, kinds in sorted(found.items())}
