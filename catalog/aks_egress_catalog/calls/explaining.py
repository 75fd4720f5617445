"""``explain`` as a call, and what the command makes its answer of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Unpack

from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.clusters_file import NamedCluster
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import EVERYTHING, Resolution, Target
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.logs.additions import additions_of
from aks_egress_catalog.logs.attribution import Attribution, cluster_map, cluster_of
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.explain import Denied, Explained, other_rows, rows_of
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.gather import Gathering
from aks_egress_catalog.logs.read import read
from aks_egress_catalog.logs.source import sources

_EXAMPLES: Final = 3
_OF_AZURE: Final = frozenset(("azure-structured", "azure-legacy", "log-analytics"))


def explain(
    *logs: str | Path,
    profile: Profile | AzProfile | None = None,
    clusters: Iterable[NamedCluster] = (),
    form: str = "",
    tz: dt.tzinfo | None = None,
    allowed: bool = False,
    tag_rules: Iterable[str] = (),
    format_for: str = "",
    catalog: CatalogLike = None,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> Explained:
    """Say of what firewall logs denied whether AKS needs it, most hits first.

    ``logs`` are files, folders or ``-``; ``form`` insists on a format. With a profile the rules of that cluster decide,
    with ``clusters`` those of the cluster that a source is in; without, all of the article. ``tz`` is for logs that
    write local times. With ``allowed`` what was let through is looked at as well; ``tag_rules`` are the names of the
    firewall's rules that have the FQDN tag, which no log tells. ``format_for`` names an export: then the answer has
    what was denied and is needed in its words, for the cluster of the profile or each of ``clusters``.

    Raises:
        InputError: a file is not there, or in none of the formats.
        ProfileError: nobody knows the region of the profile.
        AksEgressError: there is no such format, or no cluster for which it could be written.

    >>> import pathlib, tempfile
    >>> import aks_egress_catalog as aec
    >>> log = pathlib.Path(tempfile.mkdtemp()) / "access.log"
    >>> line = "1795875240.812 6 10.0.0.4 TCP_DENIED/403 9 CONNECT mcr.microsoft.com:443 - HIER_NONE/- text/html"
    >>> _ = log.write_text(line)
    >>> [(one.host, str(one.verdict), one.hits) for one in aec.explain(log).denied]
    [('mcr.microsoft.com', 'required', 1)]
    """
    loaded = catalog_of(catalog)
    fixed = loaded.with_fixes() if fix_advisories else loaded
    named = tuple(clusters)

    def resolved(target: Target) -> dict[str, Resolution]:
        alone = {"": resolver_of(profile, target, options)(fixed)} if profile is not None else {}
        return alone | {one.name: fixed.resolve(one.profile, target=target) for one in named}

    for_format = resolutions_for(format_for, resolved)
    question = Question(
        catalog=loaded,
        lives={} if isinstance(catalog, Catalog) else lives_beside(catalog),
        resolutions=resolved(EVERYTHING),
        ranges=cluster_map(named),
        context=Context(tz=tz, allowed=allowed),
        tag_rules=frozenset(tag_rules),
    )
    found = question.answer(read(sources(logs), question.context, format_name=form))
    return replace(found, additions=additions_of(found.denied, for_format, loaded, format_for)) if format_for else found


def resolutions_for(format_name: str, resolved: Callable[[Target], dict[str, Resolution]]) -> dict[str, Resolution]:
    """Resolve each cluster for an export, by its name; nothing where none was asked for.

    Raises:
        AksEgressError: there is no such format, or no cluster for which it could be written.
    """
    found = resolved(load_format(format_name).TARGET) if format_name else {}
    if format_name and not found:
        raise AksEgressError(
            f"what to add as {format_name} depends on the cluster: give --profile, --from-az, --clusters or"
            " --set region=…"
        )
    return found


@dataclass(kw_only=True)
class Question:
    """What is asked of logs: by which rules, of which clusters; and what was read until now."""

    catalog: Catalog
    lives: Mapping[str, Life]
    resolutions: Mapping[str, Resolution]
    ranges: Mapping[str, RangeSet]
    context: Context
    tag_rules: frozenset[str] = frozenset()
    examples: dict[bool, list[str]] = field(default_factory=lambda: {True: [], False: []})

    def __post_init__(self) -> None:
        self.attribution = Attribution(self.catalog, lives=self.lives, resolutions=self.resolutions)
        whose = partial(cluster_of, ranges=self.ranges) if self.ranges else None
        self.gathering = Gathering(self.attribution.answer, whose, allowed=self.context.allowed)

    def add(self, items: Iterable[Flow | Skipped]) -> None:
        """Count what is read; of lines that are no flows, keep three of each sort as examples."""
        add = self.gathering.add
        for item in items:
            if isinstance(item, Flow):
                add(item)
            else:
                kept = self.examples[item.unreadable]
                if len(kept) < _EXAMPLES:
                    kept.append(f"{item.line[:160]} ({item.why})" if item.why else item.line[:160])

    def newest(self) -> tuple[Denied, ...]:
        """Return the row of the denied endpoint that was added last."""
        last = dict([next(reversed(self.gathering.denied.items()))])
        return rows_of(self.gathering, last, self.attribution)

    def answer(self, items: Iterable[Flow | Skipped] = ()) -> Explained:
        """Read what is left, and give the answer as it is now."""
        self.add(items)
        gathering, context = self.gathering, self.context
        resolution = self.resolutions.get("")
        rules = {rule.id for one in self.resolutions.values() for rule in one.rules}
        allowed = rows_of(gathering, gathering.allowed, self.attribution)
        return Explained(
            data_version=self.catalog.version,
            profile=_profile(self.resolutions),
            first=gathering.first,
            last=gathering.last,
            denied=rows_of(gathering, gathering.denied, self.attribution),
            other=other_rows(gathering),
            lines=context.lines,
            unreadable=context.unreadable,
            other_lines=context.other_lines,
            formats=tuple(context.formats),
            timeline=gathering.timeline,
            allowed=allowed,
            unused=tuple(sorted(gathering.unused(rules))) if gathering.allowed else (),
            tag_only=tuple(row for row in allowed if row.by_rules and row.by_rules <= self.tag_rules),
            notes=tuple(self._notes(resolution)),
        )

    def _notes(self, resolution: Resolution | None) -> Iterable[str]:
        yield from self.context.notes
        yield from (f"{name}: {why}" for name, why in self.context.refused.items())
        for unreadable, kept in self.examples.items():
            what = "that nobody can read" if unreadable else "of another kind"
            yield from (f"a line {what}: {line}" for line in kept)
        if self.context.allowed and not self.gathering.allowed:
            yield "there is no allowed flow in these logs: nothing follows of which rules are used"
        if self.gathering.allowed and not self.tag_rules and _OF_AZURE & {*self.context.formats}:
            yield (
                "a log does not say which rule has the FQDN tag: --tag-rule NAME does, to see what the tag alone let"
                " through"
            )
        if resolution:
            yield from resolution.caveats


def _profile(resolutions: Mapping[str, Resolution]) -> Any:
    stated = {name: one.profile.stated() for name, one in resolutions.items() if one.profile}
    return stated.get("") if set(stated) <= {""} else stated
