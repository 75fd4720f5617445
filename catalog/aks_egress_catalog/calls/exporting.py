"""``export`` as a call, and what the command makes its files of."""

from __future__ import annotations

from typing import Any, Unpack

from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, catalog_of, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.formats import expect_options, load_format
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
    ``use_fqdn_tag`` are for Azure Firewall, ``since`` (a version, a day, or the catalog itself) for Palo Alto.

    Raises:
        AksEgressError: there is no such format, or it does not have one of the options.
        ProfileError: nobody knows the region of the profile.

    >>> import aks_egress_catalog as aec
    >>> found = aec.export("squid", aec.Profile(region="westeurope"))
    >>> list(found.files), str(found.notes[0].fidelity)
    (['aks-egress.conf'], 'exact')
    """
    path = None if isinstance(catalog, Catalog) else catalog
    asked: dict[str, Any] = {
        "one_rule_per_host": one_rule_per_host,
        "use_fqdn_tag": use_fqdn_tag,
        "since": load_state(since, path) if isinstance(since, str) else since,
    }
    chosen: dict[str, Any] = {name: value for name, value in asked.items() if value}
    expect_options(form, chosen)
    resolve_one = resolver_of(profile, load_format(form).TARGET, options)
    found, _ = write_rules(form, catalog_of(catalog), resolve_one, fix_advisories=fix_advisories, **chosen)
    return found


def write_rules(
    form: str,
    catalog: Catalog,
    resolve_one: Resolver,
    *,
    fix_advisories: bool = False,
    since: Catalog | None = None,
    **chosen: Any,
) -> tuple[Export, Resolution]:
    """Resolve a catalog for a format, and write the files; ``chosen`` are options that the format has."""
    fixed = catalog.with_fixes() if fix_advisories else catalog
    resolution = resolve_one(fixed)
    if since is not None:  # of the advisories, what was known then: nobody had the rest
        chosen["since"] = resolve_one(since.with_fixes(known_on=since.facts_date) if fix_advisories else since)
    header = Header(
        catalog_version=catalog.version,
        facts_date=str(catalog.facts_date),
        profile=resolve_one.one_line + " fix_advisories=True" * fix_advisories,
    )
    return load_format(form).render(resolution, header, **chosen), resolution
