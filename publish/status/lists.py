"""Lists that firewalls poll: for each cloud, region and feature the hosts of a cluster that is created there today.

Each is a file of an export of the package, for a profile that its address states::

    lists/AzureCloud/westeurope/gpu.txt                       hosts     hosts.txt          --set features=gpu …
    lists/AzureCloud/westeurope/edl/gpu/urls-tcp-443.txt      edl       urls-tcp-443.txt   the same
    lists/AzureCloud/westeurope/fortigate/gpu/domains.txt     fortigate domains.txt        the same

Every list has the rules of ``core`` and of the feature that it is named after, so whoever polls those of several
features has what a cluster with all of them needs, and none is ever empty because the article forgot a feature.
``all`` has every feature.

**Bytes.** A static host answers 304 as long as the bytes are the same. So a list names in its head not the newest
version but the one since which it is as it is: the export of that version is the list, byte for byte.

**Addresses stay.** There is a list for every feature of the vocabulary and every region of the package, whether or not
the article has rules for it, and for every port that an external dynamic list ever was for: empty, where none is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.appliances import edl, fortigate
from aks_egress_catalog.exports.data import hosts
from aks_egress_catalog.exports.export import Header
from aks_egress_catalog.exports.text_lines import ABOUT, port_name
from aks_egress_catalog.model import Cloud, DestinationForm, Feature, Rule, Rules

ALL: Final = "all"
NAMES: Final = (*map(str, Feature), ALL)
"""The lists of a region: one a feature, and the one of all."""
_WEB_PORTS: Final = (80, 443)


@dataclass(frozen=True, kw_only=True)
class _Region:
    """One list of one region, in every format: what the addresses and the files of it follow from."""

    name: str
    profile: Profile

    @property
    def folder(self) -> str:
        return f"lists/{self.profile.cloud}/{self.profile.region}"

    def place(self, form: str, file: str) -> str:
        return f"{self.folder}/{form}/{self.name}/{file}"


def list_profile(cloud: str, region: str, name: str) -> Profile:
    """Return the cluster that a list is for: created today, public, with core and the feature that the list names.

    >>> list_profile("AzureCloud", "westeurope", "gpu").one_line
    'cloud=AzureCloud region=westeurope features=gpu recommended=False'
    """
    if name == ALL:
        return Profile(cloud=cloud, region=region, features=tuple(Feature))
    features = () if name == Feature.CORE else (name,)
    return Profile(cloud=cloud, region=region, features=features, recommended=False)


def list_files(olds: Sequence[Catalog], newest: Catalog) -> dict[str, bytes]:
    """Make every list, by path; ``olds`` are the versions before the newest, oldest first."""
    files: dict[str, str] = {}
    for cloud in Cloud:
        for name in NAMES:
            catalog, since = _only(newest, name), _unchanged_since(olds, newest, cloud, name)
            lists = sorted(_dynamic_lists((*olds, newest), cloud, name))
            for region in REGIONS[cloud]:
                one = _Region(name=name, profile=list_profile(cloud, region, name))
                files |= _files(one, catalog, since, lists)
    return {path: text.encode() for path, text in sorted(files.items())}


def _files(one: _Region, catalog: Catalog, since: Catalog, lists: Sequence[str]) -> dict[str, str]:
    header = Header(catalog_version=since.version, facts_date=str(since.facts_date), profile=one.profile.one_line)
    plain, dynamic, resource = (
        form.render(catalog.resolve(one.profile, target=form.TARGET), header).files for form in (hosts, edl, fortigate)
    )
    return {
        f"{one.folder}/{one.name}.txt": plain[hosts.FILE],
        **{one.place("edl", file): dynamic.get(file, "") for file in {*lists, *dynamic} - {ABOUT}},
        one.place("fortigate", fortigate.DOMAINS): resource[fortigate.DOMAINS],
    }


def _features(name: str) -> frozenset[str]:
    return frozenset(Feature if name == ALL else {Feature.CORE, name})


def _only(catalog: Catalog, name: str) -> Catalog:
    """Leave the rules of other features out of a catalog, so that 70 regions do not each decide about them."""
    features = _features(name)
    return replace(catalog, rules=Rules(rule for rule in catalog.rules if rule.feature in features))


def _unchanged_since(olds: Sequence[Catalog], newest: Catalog, cloud: Cloud, name: str) -> Catalog:
    """Return the oldest version since which the plain list of a feature is what it is today, in any region."""
    since, content = newest, _content(newest, cloud, name)
    for old in reversed(olds):
        if old.rules != since.rules and _content(old, cloud, name) != content:
            break
        since = old
    return since


def _content(catalog: Catalog, cloud: Cloud, name: str) -> tuple[object, ...]:
    """Return all that an export writes of a catalog."""
    profile = list_profile(cloud, REGIONS[cloud][0], name)
    found: Resolution = _only(catalog, name).resolve(profile, target=hosts.TARGET)
    return found.rules, found.unmet, found.caveats


def _dynamic_lists(catalogs: Sequence[Catalog], cloud: Cloud, name: str) -> Iterator[str]:
    """Name the external dynamic lists that a version ever had: a firewall may poll them."""
    yield from (f"urls-tcp-{port}.txt" for port in _WEB_PORTS)
    features = _features(name)
    for rule in {rule for catalog in catalogs for rule in catalog.rules}:
        if rule.cloud == cloud and rule.feature in features:
            yield from _lists_of(rule)


def _lists_of(rule: Rule) -> Iterator[str]:
    port = port_name(str(rule.protocol or ""), rule.port or 0)
    forms = {destination.form for destination in rule.destinations}
    if rule.application and DestinationForm.FQDN in forms:
        yield f"urls-{port}.txt"
    if DestinationForm.CIDR in forms:
        yield f"ips-{port}.txt"
