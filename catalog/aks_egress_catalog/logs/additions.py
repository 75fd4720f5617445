"""What was denied and is needed, as the rules of a firewall: the export of just these, for each cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.export import Fidelity, Header
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.logs.explain import Addition, Denied


def additions_of(
    denied: Iterable[Denied], resolutions: Mapping[str, Resolution], catalog: Catalog, format_name: str
) -> tuple[Addition, ...]:
    """Write the rules that denied endpoints need; ``resolutions``, for this format, are by the names of the clusters.

    A rule goes in whole: where one host of a wildcard was denied, the next that is denied is another of its hosts.
    """
    needed: dict[str, set[str]] = {}
    for row in denied:
        if row.verdict.is_yes:
            name = row.cluster if row.cluster in resolutions else ""
            needed.setdefault(name, set()).update(rule.id for rule in row.answer.rules)
    found = (
        _addition(name, _only(resolution, needed.get(name, set())), catalog, format_name)
        for name, resolution in sorted(resolutions.items())
    )
    return tuple(one for one in found if one is not None)


def _only(resolution: Resolution, ids: set[str]) -> Resolution:
    return replace(
        resolution,
        rules=tuple(rule for rule in resolution.rules if rule.id in ids),
        unmet=tuple(rule for rule in resolution.unmet if rule.id in ids),
        left_out=(),
    )


def _addition(name: str, resolution: Resolution, catalog: Catalog, format_name: str) -> Addition | None:
    if not (resolution.rules or resolution.unmet):
        return None
    cluster = resolution.profile.one_line if resolution.profile else "several clusters"
    header = Header(
        catalog_version=catalog.version,
        facts_date=str(catalog.facts_date),
        profile=f"{cluster} (only what a log shows as denied)",
    )
    export = load_format(format_name).render(resolution, header)
    inexact = tuple(note for note in export.notes if note.fidelity is not Fidelity.EXACT)
    return Addition(cluster=name, format=format_name, files=export.files, inexact=inexact)
