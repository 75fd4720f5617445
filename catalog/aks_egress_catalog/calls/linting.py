"""``lint`` as a call, and what the command makes its answer of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Unpack

from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.clusters_file import NamedCluster
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.linting.counting import lives_until, since_then, without_ignored
from aks_egress_catalog.linting.lint import Cluster, Lint, clusters_of, lint_readings, target_of
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.store import load_state


def lint(
    *paths: str | Path,
    profile: Profile | AzProfile | None = None,
    form: str | None = None,
    clusters: Iterable[NamedCluster] = (),
    baseline: str | Path | None = None,
    since: str | None = None,
    catalog: CatalogLike = None,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> Lint:
    r"""Say what is wrong with the allow lists in some files and folders.

    With a profile they are held against what that cluster needs, with ``clusters`` each cluster's subnets against its
    own; without either, against the core and the node updates in the cloud and region that the lists speak of.
    ``form`` insists on a format. What comments in the lists, and a ``baseline``, are for is silenced. With ``since``,
    a day or a version, only what was not wrong then is told. ``options`` are as of :func:`aks_egress_catalog.check`.

    Raises:
        InputError: a path is not there, or there is no allow list among the files.
        ProfileError: nobody knows the region of the profile.
        AksEgressError: nothing is known of the day or the version that ``since`` names.

    >>> import tempfile, pathlib
    >>> import aks_egress_catalog as aec
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "hosts.txt"
    >>> _ = file.write_text("mcr.microsoft.com:443\ndata.mcr.microsoft.com:443\n")
    >>> found = aec.lint(file, profile=aec.Profile(region="westeurope"))
    >>> sorted({str(one.code) for one in found.findings})
    ['apex-or-wildcard', 'missing']
    """
    lists = read_lists(map(str, paths), form=form)
    target, named = target_of(lists.readings), tuple(clusters)

    def judged(state: Catalog, lives: Mapping[str, Life], known_on: dt.date | None = None) -> Lint:
        fixed = state.with_fixes(known_on=known_on) if fix_advisories else state
        described: list[Cluster] | None = None
        if profile is not None:
            name, resolution = resolver_of(profile, target, options).each(fixed)[0]
            described = [Cluster(name=name, resolution=resolution)]
        if named:
            described = clusters_of(named, target, fixed)
        return lint_readings(lists.readings, fixed, lives=lives, clusters=described, refused=lists.refused)

    lives = {} if isinstance(catalog, Catalog) else lives_beside(catalog)
    known = Path(baseline) if baseline else None
    found = without_ignored(judged(catalog_of(catalog), lives), lists.texts, baseline=known)
    if since is None:
        return found
    then = load_state(since, None if isinstance(catalog, Catalog) else catalog)
    return since_then(found, judged(then, lives_until(lives, then.facts_date), then.facts_date), then)
