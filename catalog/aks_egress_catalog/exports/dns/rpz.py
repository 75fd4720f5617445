"""A response policy zone: a resolver answers for the names that a cluster needs, and for no others.

For BIND (``response-policy { zone "aks-egress"; } qname-wait-recurse no;``) and unbound (``rpz:`` with ``zonefile:``).
``*.x`` is names of any depth below ``x`` and not ``x``, as the catalog means it. DNS knows no ports.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERY_TRAFFIC, Declaration, NoPort, Way, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import head, hosts_of, text_of

DESCRIPTION: Final = "a response policy zone for BIND and unbound: what is needed resolves, nothing else"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
FILE: Final = "aks-egress.rpz"
DECLARATION: Final = Declaration(
    title="a response policy zone",
    ways=(
        Way(
            name="a record",
            traffic=EVERY_TRAFFIC,
            wildcard=Wildcard.ANY_DEPTH,
            ports=False,
            no_port=NoPort.EXACT,
            longest=200,  # the name of the zone comes behind it, and both together have 253
        ),
    ),
    needs=("clients that can ask no other resolver, and reach nothing whose address they did not ask for",),
    judge="BIND, unbound",
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write the zone. Its serial follows from the version of the catalog.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="2026.7.2", facts_date="2026-07-02", profile="x"))
    >>> export.files["aks-egress.rpz"].splitlines()[-2:]
    ['snapshot.ubuntu.com CNAME rpz-passthru.', '* CNAME .']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    lines = [
        *head(header, notes, resolution.caveats, ";"),
        "$TTL 300",
        f"@ SOA localhost. root.localhost. {_serial(header)} 3600 600 86400 300",
        "@ NS localhost.",
        *(f"{host} CNAME rpz-passthru." for host in hosts_of(fitted)),
        "* CNAME .",
    ]
    return Export(files={FILE: text_of(lines)}, notes=notes)


def _serial(header: Header) -> int:
    """A number that grows with the version ``YYYY.M.D[.N]``."""
    parts = [int(part) if part.isdecimal() and part.isascii() else 0 for part in header.catalog_version.split(".")]
    year, month, day, number = (*parts, 0, 0, 0, 0)[:4]
    return min(year, 4000) * 1_000_000 + min(month, 99) * 10_000 + min(day, 99) * 100 + min(number, 99)
