"""A URL category of Zscaler Internet Access: one URL a line, a leading dot for a name and what is below it.

By the help of Zscaler, a leading dot stands for up to five labels (*URL Format Guidelines*), and all custom categories
of an organization, of which there are at most 64, have 25K URLs together (*Configuring Custom URL Categories*).
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.declaration import Declaration, Limit, Way, Wildcard, fit
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.limits import within
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import ABOUT, head, hosts_of, text_of, to_know

DESCRIPTION: Final = "URLs of a custom category of Zscaler Internet Access, one a line"
TARGET: Final = Target()
OPTIONS: Final = ()
FILE: Final = "zscaler-urls.txt"
ADDED: Final = "add-urls.txt"
REMOVED: Final = "remove-urls.txt"
CHANGED_BY_COMMANDS: Final = (FILE, ABOUT)
LIMIT: Final = Limit(most=25_000, of="URLs of custom categories")
DECLARATION: Final = Declaration(
    title="a URL category of Zscaler",
    ways=(Way(name="a URL", wildcard=Wildcard.WITH_APEX, ports=False, deepest=5),),
    limits=(LIMIT,),
    needs=("a URL filtering rule that allows the category", "no SSL inspection of the API server"),
    judge="its matching as published; no proxy of theirs",
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write the URLs, sorted; a category takes no comment, so what to know stands in a file beside it.

    Raises:
        AksEgressError: there are more URLs than all categories together may have.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> export.files["zscaler-urls.txt"].splitlines()[0]
    '.data.mcr.microsoft.com'
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    urls = within(LIMIT, sorted({value.removeprefix("*") for value in hosts_of(fitted)}), FILE)
    return Export(files={FILE: text_of(urls), ABOUT: text_of(head(header, notes, to_know(resolution)))}, notes=notes)


def change(before: State, after: State, _said: list[str]) -> dict[str, str]:
    """Write the URLs to add to the category, and those to remove from it; a list of them takes no comment."""
    old, new = (set(state.export.files[FILE].splitlines()) for state in (before, after))
    return {ADDED: text_of(sorted(new - old)), REMOVED: text_of(sorted(old - new))}
