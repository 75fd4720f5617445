"""A response policy zone: a resolver answers for the names that a cluster needs, and for no others.

For BIND (``response-policy { zone "aks-egress"; } qname-wait-recurse no;``) and unbound (``rpz:`` with ``zonefile:``).
``*.x`` is names of any depth below ``x`` and not ``x``, as the catalog means it. DNS knows no ports.

A wildcard of a zone takes in only what lies below no other name of the zone. So ``* CNAME .`` alone denies nothing
below ``com``, once a name of ``com`` is in the zone: each name on the way to a needed one has two records, for itself
and for what else is below it. An example, for ``a.b.com``::

    a.b.com    rpz-passthru       b.com    denied      com    denied      * denied
    *.a.b.com  denied             *.b.com  denied      *.com  denied
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERY_TRAFFIC, Declaration, NoPort, Way, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import head, hosts_of, text_of, to_know

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
    ['*.westeurope.azmk8s.io CNAME .', '* CNAME .']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    lines = [
        *head(header, notes, to_know(resolution), ";"),
        "$TTL 300",
        f"@ SOA localhost. root.localhost. {_serial(header)} 3600 600 86400 300",
        "@ NS localhost.",
        *_records(hosts_of(fitted)),
    ]
    return Export(files={FILE: text_of(lines)}, notes=notes)


def _records(hosts: list[str]) -> list[str]:
    """What is needed, then what is denied on the way to it."""
    needed = set(hosts)
    passed, denied = list(hosts), list[str]()
    for node in sorted({above for host in hosts for above in _line(host.removeprefix("*."))}):
        for name, is_needed in ((node, _is_below(node, needed)), (f"*.{node}", _is_below(f"*.{node}", needed))):
            if name not in needed:
                (passed if is_needed else denied).append(name)
    return [*(f"{name} CNAME rpz-passthru." for name in passed), *(f"{name} CNAME ." for name in (*denied, "*"))]


def _line(name: str) -> list[str]:
    """A name and those above it: ``a.b.com``, ``b.com``, ``com``."""
    labels = name.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def _is_below(name: str, needed: set[str]) -> bool:
    """Say whether a needed wildcard takes a name in, or all that is below it."""
    return any(f"*.{above}" in needed for above in _line(name.removeprefix("*."))[0 if name.startswith("*.") else 1 :])


def _serial(header: Header) -> int:
    """A number that grows with the version ``YYYY.M.D[.N]``."""
    parts = [int(part) if part.isdecimal() and part.isascii() else 0 for part in header.catalog_version.split(".")]
    year, month, day, number = (*parts, 0, 0, 0, 0)[:4]
    return min(year, 4000) * 1_000_000 + min(month, 99) * 10_000 + min(day, 99) * 100 + min(number, 99)
