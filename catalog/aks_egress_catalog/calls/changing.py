"""``export --since`` as a call: the change from what a firewall has to what it should have."""

from __future__ import annotations

from collections.abc import Mapping

from aks_egress_catalog.exports.change import PATCH, SUMMARY, State, patch, summary, summary_text
from aks_egress_catalog.exports.export import Export
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.history.revisions import Life


def change_export(form: str, before: State, after: State, lives: Mapping[str, Life]) -> Export:
    """Write what leads from one state to another, with the notes of the later one.

    A format that has a ``change`` of its own writes the commands for it, and says which files of the export they stand
    for; what is left of the files is a patch.
    """
    said = summary(before, after, lives)
    files = {SUMMARY: summary_text(after.header, said)}
    own = getattr(load_format(form), "change", None)
    commands: dict[str, str] = own(before, after, said) if own else {}
    stands_for = getattr(load_format(form), "CHANGED_BY_COMMANDS", ()) if own else ()
    rest = patch(
        {name: text for name, text in before.export.files.items() if name not in stands_for},
        {name: text for name, text in after.export.files.items() if name not in stands_for},
    )
    return Export(files=files | commands | ({PATCH: rest} if rest or not commands else {}), notes=after.export.notes)
