"""One ``host:port/protocol`` a line: what people paste, diff and feed to programs of their own."""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERYTHING, Declaration, Fitted, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import head, text_of, to_know
from aks_egress_catalog.model import DestinationForm

DESCRIPTION: Final = "one host:port/protocol a line, with addresses and tags as they are"
TARGET: Final = Target(fqdn_in_network_rules=True, service_tags=True)
OPTIONS: Final = ()
FILE: Final = "hosts.txt"
DECLARATION: Final = Declaration(title="a list of lines", ways=(EVERYTHING,), judge="lint of this package")


def render(resolution: Resolution, header: Header) -> Export:
    """Write the lines, sorted.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["hosts.txt"].splitlines()[-1]
    'snapshot.ubuntu.com:443/TCP'
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    lines = sorted({line for one in fitted for line in _lines(one)})
    return Export(files={FILE: text_of((*head(header, notes, to_know(resolution)), *lines))}, notes=notes)


def _lines(one: Fitted) -> list[str]:
    """A range of IPv6 stands in brackets before a port, as an address would."""
    rule = one.rule
    behind = f":{rule.port}/{rule.protocol}" if rule.port else ""
    prefix = "tag:" if rule.form is DestinationForm.SERVICE_TAG else ""
    shown = (f"[{value}]" if ":" in value and behind else value for value in one.values)
    return [f"{prefix}{value}{behind}" for value in shown]
