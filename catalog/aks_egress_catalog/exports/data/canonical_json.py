"""The whole resolution as canonical JSON: for programs, for diffs, and for a record of what was asked and answered.

One object with ``schema_version``, ``header``, ``rules``, ``unmet``, ``left_out`` and ``caveats``. Same input, same
bytes: keys are sorted, rules keep the order of their ids, and nothing in it is a clock's.
"""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.catalog import SCHEMA_VERSION
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.declaration import EVERYTHING, Declaration
from aks_egress_catalog.exports.export import Export, Fidelity, FidelityNote, Header, unmet_notes
from aks_egress_catalog.text.codec import to_json

DESCRIPTION: Final = "the whole resolution, with what was left out and why, as canonical JSON"
TARGET: Final = Target(fqdn_in_network_rules=True, service_tags=True)
OPTIONS: Final = ()
DECLARATION: Final = Declaration(title="JSON", ways=(EVERYTHING,), judge="its JSON Schema")


def render(resolution: Resolution, header: Header) -> Export:
    """Write every field of a resolution.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.exports.export import Header
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> list(export.files), {note.fidelity.value for note in export.notes}
    (['rules.json'], {'exact'})
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        "header": header,
        "rules": resolution.rules,
        "unmet": resolution.unmet,
        "left_out": resolution.left_out,
        "caveats": resolution.caveats,
    }
    exact = tuple(FidelityNote(id=rule.id, fidelity=Fidelity.EXACT) for rule in resolution.rules)
    return Export(files={"rules.json": to_json(content)}, notes=exact + unmet_notes(resolution))
