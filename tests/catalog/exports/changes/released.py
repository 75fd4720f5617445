"""Every state that was ever released, for a cluster of each cloud with all there is, and the exports of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, permutations
from typing import Final

import aks_egress_catalog as aec
from aks_egress_catalog.calls.changing import change_export
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.export import Header
from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.history.announced import announced_by_version, published_catalog
from aks_egress_catalog.history.history_file import load_history

CLOUDS: Final = {
    "AzureCloud": "westeurope",
    "AzureUSGovernment": "usgovvirginia",
    "AzureChinaCloud": "chinaeast2",
}
"""A region of each."""
_FLAGS: Final = {"core", "os-updates", "gpu", "windows"}
"""Features that a profile does not name."""
Pair = tuple[str, str, str]
"""A cloud, and two versions of the data."""


@cache
def catalogs() -> dict[str, Catalog]:
    """The catalog of every version of the data, as it was published, oldest first."""
    history = load_history()
    versions = announced_by_version(history, today=dt.date.max)
    found = [published_catalog(history, release, then) for release, then in versions if release]
    return {catalog.version: catalog for catalog in found}


@cache
def profile(cloud: str) -> aec.Profile:
    """A cluster that needs whatever any version had a rule for."""
    features = {rule.feature for catalog in catalogs().values() for rule in catalog.rules} - _FLAGS
    return aec.Profile(
        cloud=cloud,
        region=CLOUDS[cloud],
        features=tuple(sorted(features)),
        gpu=True,
        windows=True,
        konnectivity=False,
        nodes_after_2021_03=False,
        custom_dns=("192.0.2.53",),
        api_server_ips=("192.0.2.7", "2001:db8::7"),
        pods_use_api_server_ip=True,
    )


def _tags(cloud: str) -> ServiceTags:
    """Made-up ranges, so that every network rule has some."""
    names = {f"{name}{region}" for name in ("AzureCloud", "AzureMonitor") for region in ("", f".{CLOUDS[cloud]}")}
    prefixes: dict[str, tuple[str, ...]] = {
        name: (f"198.51.100.{64 * place}/26", f"2001:db8:{place + 1}::/48") for place, name in enumerate(sorted(names))
    }
    return ServiceTags(cloud=cloud, change_number=1, prefixes=prefixes)


@cache
def resolved(form: str, cloud: str, version: str) -> Resolution:
    """What the cluster needs by a version."""
    target, tags = load_format(form).TARGET, _tags(cloud)
    return catalogs()[version].resolve(profile(cloud), target=target, service_tags=tags, informational=True)


@cache
def versions(cloud: str) -> tuple[str, ...]:
    """The first version of each set of rules, oldest first: those that need the same make the same commands."""
    states: dict[object, str] = {}
    for version in catalogs():
        found = (resolved(form, cloud, version) for form in ("squid", "nftables", "az-script"))
        states.setdefault(tuple((one.rules, one.unmet) for one in found), version)
    return tuple(states.values())


def every_pair() -> list[Pair]:
    """Every state to every other, there and back."""
    return [(cloud, *pair) for cloud in CLOUDS for pair in permutations(versions(cloud), 2)]


def consecutive() -> list[Pair]:
    """Each state to the next, the first to the last, and back again."""
    pairs = [(cloud, *pair) for cloud in CLOUDS for pair in pairwise(versions(cloud))]
    ends = [(cloud, versions(cloud)[0], versions(cloud)[-1]) for cloud in CLOUDS]
    return [*pairs, *ends, *((cloud, new, old) for cloud, old, new in ends)]


@cache
def state(form: str, cloud: str, version: str) -> State:
    """The export of a version."""
    header = Header(catalog_version=version, facts_date=str(catalogs()[version].facts_date), profile=cloud)
    of = resolved(form, cloud, version)
    return State(resolution=of, export=load_format(form).render(of, header), header=header)


def files(form: str, cloud: str, version: str) -> dict[str, str]:
    """The files of the export of a version."""
    return state(form, cloud, version).export.files


def change(form: str, pair: Pair) -> dict[str, str]:
    """The files that lead from one version to another."""
    cloud, old, new = pair
    return change_export(form, state(form, cloud, old), state(form, cloud, new), {}).files


def patched_formats() -> Iterator[str]:
    """The formats whose files are the whole configuration, so that a patch is all that leads on."""
    return (form for form in FORMATS if not hasattr(load_format(form), "change"))
