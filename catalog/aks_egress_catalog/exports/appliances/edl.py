"""External dynamic lists of Palo Alto Networks firewalls: what the firewall fetches by itself, from a web server.

A URL list takes one entry a line, each with ``/`` at its end, so that nothing that only begins like it passes; ``*`` is
one or more labels. A list carries no ports: the rule that it is bound to does, so there is a list a port.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import by_port
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "external dynamic lists for PAN-OS, one a port: URL lists, and IP lists"
TARGET: Final = Target()
OPTIONS: Final = ()
DECLARATION: Final = Declaration(
    title="an external dynamic list",
    wildcard=Wildcard.ANY_DEPTH,
    forms=frozenset({DestinationForm.FQDN, DestinationForm.CIDR}),
    needs=("a security rule a list, with the service of its port",),
    most=50_000,
)


def render(resolution: Resolution, header: Header) -> Export:  # noqa: ARG001  - a list takes no comment
    """Write a URL list and an IP list for each port.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files), export.files["urls-443.txt"].splitlines()[0]
    (['urls-443.txt', 'urls-80.txt'], '*.data.mcr.microsoft.com/')
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    files: dict[str, list[str]] = {}
    for (_, port), some in by_port(fitted).items():
        for one in some:
            named = one.rule.form is DestinationForm.FQDN
            name = f"{'urls' if named else 'ips'}-{port or 'any'}.txt"
            files.setdefault(name, []).extend(f"{value}/" if named else value for value in one.values)
    return Export(files={name: "\n".join((*sorted(set(lines)), "")) for name, lines in files.items()}, notes=notes)
