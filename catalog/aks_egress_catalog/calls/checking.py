"""``check`` as a call."""

from __future__ import annotations

from typing import Unpack

from aks_egress_catalog.ask.check import Answer, Checker, Unreadable
from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import EVERYTHING
from aks_egress_catalog.history.history_file import lives_beside


def check(
    *endpoints: str,
    profile: Profile | AzProfile | None = None,
    catalog: CatalogLike = None,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> tuple[Answer | Unreadable, ...]:
    """Say of each endpoint (``HOST[:PORT][/PROTO]``) whether AKS needs it, by which rules, and when.

    With a profile the rules of that cluster decide, and nothing else; ``options`` say how they are resolved. What
    cannot be read is answered as :class:`.Unreadable`, with the verdict ``invalid``. With a :class:`.Catalog` no
    history is at hand: nothing is ``retired``, and no answer says since when.

    Raises:
        ProfileError: nobody knows the region of the profile.

    >>> import aks_egress_catalog as aec
    >>> [str(answer.verdict) for answer in aec.check("mcr.microsoft.com:443", "evil.example", "no host")]
    ['required', 'not-listed', 'invalid']
    """
    loaded = catalog_of(catalog)
    resolution = None
    if profile is not None:
        fixed = loaded.with_fixes() if fix_advisories else loaded
        resolution = resolver_of(profile, EVERYTHING, options)(fixed)
    lives = {} if isinstance(catalog, Catalog) else lives_beside(catalog)
    return tuple(Checker(loaded, resolution=resolution, lives=lives).read(endpoints))
