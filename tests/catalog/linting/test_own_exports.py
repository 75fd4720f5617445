"""What this package writes for a firewall lets exactly the cluster live that it was written for: lint says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.linting.findings.finding import Severity
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.allow_lists import told

TAGS: Final = ("AzureCloud.{region}", "AzureCloud", "AzureMonitor", "Other")


def written(folder: Path, form: str, profile: aec.Profile, **options: Any) -> Path:
    exported = aec.export(form, profile, catalog=base.CATALOG, **options)
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in exported.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def service_tags(profile: aec.Profile, names: set[str]) -> ServiceTags:
    """A made-up file of some of the tags that rules may name, those of the region among them."""
    ranges = {name: (f"198.51.100.{64 * place}/26", f"2001:db8:{place}::/48") for place, name in enumerate(TAGS)}
    prefixes: dict[str, tuple[str, ...]] = {name: ranges[name] for name in names if "{" not in name}
    if TAGS[0] in names:
        prefixes[TAGS[0].replace("{region}", str(profile.region))] = ranges[TAGS[0]]
    return ServiceTags(cloud=profile.cloud, change_number=1, prefixes=prefixes)


@given(profiles(), st.sampled_from(sorted(FORMATS)), st.none() | st.sets(st.sampled_from(TAGS)))
@settings(max_examples=200)
def test_every_export_is_clean_for_its_own_profile(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile, form: str, tags: set[str] | None
) -> None:
    known = None if tags is None else service_tags(profile, tags)
    folder = written(tmp_path_factory.getbasetemp() / "own", form, profile, service_tags=known)
    notes = aec.export(form, profile, catalog=base.CATALOG, service_tags=known).notes
    found = aec.lint(folder, profile=profile, catalog=base.CATALOG, service_tags=known)
    assert not found.fails(Severity.WARNING), [one for one in told(found) if one[0] != "note"]
    assert len(found.read) >= 1
    if any(note.fidelity is not Fidelity.DROPPED for note in notes):
        assert sum(one.entries for one in found.read) > 0


@pytest.mark.parametrize("form", ["azure-firewall-terraform", "azure-firewall-bicep", "azure-firewall-arm"])
def test_the_fqdn_tag_is_clean_as_well(tmp_path: Path, form: str) -> None:
    profile = aec.Profile(region="westeurope", features="azure-monitor, azure-policy")
    folder = written(tmp_path / "own", form, profile, use_fqdn_tag=True)
    found = aec.lint(folder, profile=profile, catalog=base.CATALOG)
    assert not found.fails(Severity.WARNING), told(found)


def test_the_lists_for_palo_alto_say_what_its_rules_say_and_are_no_list_of_their_own(tmp_path: Path) -> None:
    profile = aec.Profile(region="westeurope", recommended=False, konnectivity=False, nodes_after_2021_03=False)
    folder = written(tmp_path / "own", "paloalto", profile)
    assert not aec.lint(folder, profile=profile, catalog=base.CATALOG).fails(Severity.WARNING)
    (folder / "urls.txt").write_text("mcr.microsoft.com\nshop.example\n", encoding="utf-8")
    found = aec.lint(folder, profile=profile, catalog=base.CATALOG)
    assert {one.place.path for one in found.findings if one.level is Severity.ERROR} == {str(folder / "urls.txt")}


def test_the_ranges_of_a_tag_are_all_needed_but_those_of_ipv6_by_lists_without_any(tmp_path: Path) -> None:
    profile = aec.Profile(region="westeurope", features="azure-monitor")
    ranges = ("203.0.113.0/25", "198.51.100.0/24", "2001:db8::/32")
    tags = ServiceTags(cloud=profile.cloud, change_number=1, prefixes={"AzureMonitor": ranges})
    file = written(tmp_path / "own", "hosts", profile, service_tags=tags) / "hosts.txt"
    whole = file.read_text(encoding="utf-8")

    def missing(text: str) -> list[str]:
        file.write_text(text, encoding="utf-8")
        found = aec.lint(file, profile=profile, catalog=base.CATALOG, service_tags=tags)
        return [value for _, code, value in told(found) if code == "missing"]

    four_only = whole.replace("[2001:db8::/32]:443/TCP\n", "")
    assert (missing(whole), missing(four_only)) == ([], [])
    assert missing(whole.replace("203.0.113.0/25:443/TCP\n", "")) == ["tag:AzureMonitor"]
    assert missing(four_only.replace("198.51.100.0/24:443/TCP\n", "")) == ["tag:AzureMonitor"]
    assert missing(whole.replace("203.0.113.0/25", "203.0.113.0/24")) == []
