"""``lint`` as a call, and what the command makes its answer of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.clusters_file import NamedCluster
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.linting.counting import without_ignored
from aks_egress_catalog.linting.lint import Cluster, Lint, clusters_of, lint_readings, target_of
from aks_egress_catalog.linting.read import read_lists


def lint(
    *paths: str | Path,
    profile: Profile | AzProfile | None = None,
    form: str | None = None,
    clusters: Iterable[NamedCluster] = (),
    baseline: str | Path | None = None,
    catalog: CatalogLike = None,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> Lint:
    r"""Say what is wrong with the allow lists in some files and folders.

    With a profile they are held against what that cluster needs, with ``clusters`` each cluster's subnets against its
    own; without either, against the core and the node updates in the cloud and region that the lists speak of.
    ``form`` insists on a format. What comments in the lists, and a ``baseline``, are for is silenced. ``options`` are
    as of :func:`aks_egress_catalog.check`.

    Raises:
        InputError: a path is not there, or there is no allow list among the files.
        ProfileError: nobody knows the region of the profile.

    >>> import tempfile, pathlib
    >>> import aks_egress_catalog as aec
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "hosts.txt"
    >>> _ = file.write_text("mcr.microsoft.com:443\ndata.mcr.microsoft.com:443\n")
    >>> found = aec.lint(file, profile=aec.Profile(region="westeurope"))
    >>> sorted({str(one.code) for one in found.findings})
    ['apex-or-wildcard', 'missing']
    """
    lists = read_lists(map(str, paths), form=form)
    loaded = catalog_of(catalog)
    fixed = loaded.with_fixes() if fix_advisories else loaded
    target = target_of(lists.readings)
    described: list[Cluster] | None = None
    if profile is not None:
        name, resolution = resolver_of(profile, target, options).each(fixed)[0]
        described = [Cluster(name=name, resolution=resolution)]
    named = tuple(clusters)
    if named:
        described = clusters_of(named, target, fixed)
    lives = {} if isinstance(catalog, Catalog) else lives_beside(catalog)
    found = lint_readings(lists.readings, fixed, lives=lives, clusters=described, refused=lists.refused)
    return without_ignored(found, lists.texts, baseline=Path(baseline) if baseline else None)
