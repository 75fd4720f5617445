"""``export`` as a call, and what the command makes its files of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from aks_egress_catalog.calls.changing import change_export
from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.formats import expect_options, load_format
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.resolver import Resolver
from aks_egress_catalog.store import load_state


def export(
    form: str,
    profile: Profile | AzProfile,
    *,
    catalog: CatalogLike = None,
    since: Catalog | str | None = None,
    one_rule_per_host: bool = False,
    use_fqdn_tag: bool = False,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> Export:
    """Write the rules of one cluster for a firewall: the files by name, and what became of each rule.

    ``form`` is a format of the command (``squid``, ``azure-firewall-bicep``, …). ``one_rule_per_host`` and
    ``use_fqdn_tag`` are for Azure Firewall. With ``since`` (a version, a day, or the catalog itself), what the firewall
    has an export of, the files are what leads from that export to this one.

    Raises:
        AksEgressError: there is no such format, or it does not have one of the options.
        ProfileError: nobody knows the region of the profile.

    >>> import aks_egress_catalog as aec
    >>> found = aec.export("squid", aec.Profile(region="westeurope"))
    >>> list(found.files), str(found.notes[0].fidelity)
    (['aks-egress.conf'], 'exact')
    """
    path = None if isinstance(catalog, Catalog) else catalog
    asked = {"one_rule_per_host": one_rule_per_host, "use_fqdn_tag": use_fqdn_tag}
    chosen: dict[str, Any] = {name: value for name, value in asked.items() if value}
    expect_options(form, chosen)
    then = load_state(since, path) if isinstance(since, str) else since
    resolve_one = resolver_of(profile, load_format(form).TARGET, options)
    lives = lives_beside(path) if then else {}
    found, _ = write_rules(
        form, catalog_of(catalog), resolve_one, fix_advisories=fix_advisories, since=then, lives=lives, **chosen
    )
    return found


def write_rules(
    form: str,
    catalog: Catalog,
    resolve_one: Resolver,
    *,
    fix_advisories: bool = False,
    since: Catalog | None = None,
    lives: Mapping[str, Life] | None = None,
    **chosen: Any,
) -> tuple[Export, Resolution]:
    """Resolve a catalog for a format, and write the files; ``chosen`` are options that the format has.

    With ``since`` the files are what leads from the export of that state to this one. ``lives`` says since when.
    """
    fixed = catalog.with_fixes() if fix_advisories else catalog
    now = _state(form, fixed, resolve_one, fix_advisories=fix_advisories, **chosen)
    if since is None:
        return now.export, now.resolution
    # of the advisories, what was known then: nobody had the rest
    then_fixed = since.with_fixes(known_on=since.facts_date) if fix_advisories else since
    before = _state(form, then_fixed, resolve_one, fix_advisories=fix_advisories, **chosen)
    return change_export(form, before, now, lives or {}), now.resolution


def _state(form: str, catalog: Catalog, resolve_one: Resolver, *, fix_advisories: bool, **chosen: Any) -> State:
    header = Header(
        catalog_version=catalog.version,
        facts_date=str(catalog.facts_date),
        profile=resolve_one.one_line + " fix_advisories=True" * fix_advisories,
    )
    resolution = resolve_one(catalog)
    made = load_format(form).render(resolution, header, **chosen)
    return State(resolution=resolution, export=made, header=header, options=chosen)
