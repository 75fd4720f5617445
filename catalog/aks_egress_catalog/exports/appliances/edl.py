"""External dynamic lists of Palo Alto Networks firewalls: what the firewall fetches by itself, from a web server.

A URL list takes one entry a line, each with ``/`` at its end, so that nothing that only begins like it passes; ``*`` is
one label or more, ``^`` exactly one. A list carries no ports: the rule that it is bound to does, so there is a list a
port, and its name says which.

The firewalls that hold least take 50,000 URLs and 50,000 addresses in all their lists (PAN-OS 7.1 *Web Interface Help*,
*Objects > External Dynamic Lists*; larger ones take more); an entry has 255 characters (*URL Category Exceptions*).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.exports.appliances.paloalto import url_entry
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    RANGES,
    Declaration,
    Fitted,
    InnerStar,
    Limit,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.limits import within
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import (
    ABOUT,
    by_port,
    head,
    hosts_of,
    named,
    port_name,
    ranges_of,
    text_of,
    to_know,
)

DESCRIPTION: Final = "external dynamic lists for PAN-OS, one a port: URL lists, and IP lists"
TARGET: Final = Target()
OPTIONS: Final = ()
URLS: Final = Limit(most=50_000, of="URLs")
ADDRESSES: Final = Limit(most=50_000, of="address ranges")
DECLARATION: Final = Declaration(
    title="an external dynamic list",
    ways=(
        Way(name="a URL list", wildcard=Wildcard.ANY_DEPTH, inner=InnerStar.WHOLE_LABEL, longest=252),
        Way(name="an IP list", forms=RANGES, traffic=EVERY_TRAFFIC, no_port=NoPort.EXACT),
    ),
    limits=(URLS, ADDRESSES),
    needs=("a security rule a list, with the service of its port",),
    judge="its matching as published; no firewall",
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write a URL list and an IP list for each port that has any, and beside them what a comment would say.

    Raises:
        AksEgressError: a list would be longer than the smallest firewalls take.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> list(export.files), export.files["urls-tcp-443.txt"].splitlines()[0]
    (['about.txt', 'urls-tcp-80.txt', 'urls-tcp-443.txt'], '*.data.mcr.microsoft.com/')
    """
    fitted, notes = place_rules(resolution, _place)
    files = {ABOUT: text_of(head(header, notes, to_know(resolution)))}
    for key, some in by_port(fitted).items():
        urls = hosts_of(some)
        ranges = [*ranges_of(some, 4), *ranges_of(some, 6)]
        for limit, kind, lines in ((URLS, "urls", urls), (ADDRESSES, "ips", ranges)):
            name = f"{kind}-{port_name(*key)}.txt"
            if lines:
                files[name] = text_of(within(limit, lines, name))
    return Export(files=files, notes=notes)


def _place(rule: ConcreteRule) -> Fitted:
    fitted = fit(DECLARATION, rule)
    return replace(fitted, values=tuple(map(url_entry, fitted.values))) if named([fitted]) else fitted
