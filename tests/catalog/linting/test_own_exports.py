"""What this package writes for a firewall lets exactly the cluster live that it was written for: lint says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.linting.findings.finding import Severity
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.allow_lists import told


def written(folder: Path, form: str, profile: aec.Profile, *, use_fqdn_tag: bool = False) -> Path:
    exported = aec.export(form, profile, catalog=base.CATALOG, use_fqdn_tag=use_fqdn_tag)
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in exported.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@given(profiles(), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=200)
def test_every_export_is_clean_for_its_own_profile(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile, form: str
) -> None:
    folder = written(tmp_path_factory.getbasetemp() / "own", form, profile)
    notes = aec.export(form, profile, catalog=base.CATALOG).notes
    found = aec.lint(folder, profile=profile, catalog=base.CATALOG)
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
