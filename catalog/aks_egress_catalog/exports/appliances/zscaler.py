"""A URL category of Zscaler Internet Access: one URL a line, a leading dot for a name and all below it."""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import Declaration, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import hosts_of

DESCRIPTION: Final = "URLs of a custom category of Zscaler Internet Access, one a line"
TARGET: Final = Target()
OPTIONS: Final = ()
FILE: Final = "zscaler-urls.txt"
DECLARATION: Final = Declaration(
    title="a URL category of Zscaler",
    wildcard=Wildcard.WITH_APEX,
    ports=False,
    needs=("a URL filtering rule that allows the category", "no SSL inspection of *.hcp.…azmk8s.io"),
    most=25_000,
)


def render(resolution: Resolution, header: Header) -> Export:  # noqa: ARG001  - a category takes no comment
    """Write the URLs, sorted.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["zscaler-urls.txt"].splitlines()[0]
    '.data.mcr.microsoft.com'
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    urls = sorted({value.removeprefix("*") for value in hosts_of(fitted)})
    return Export(files={FILE: "\n".join((*urls, ""))}, notes=notes)
