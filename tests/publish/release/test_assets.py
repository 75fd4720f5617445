"""The files of a release, made for real: all there, the same each time, and readable by whoever takes them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.model import Cloud, DestinationForm, Origin, Status
from aks_egress_catalog.store import from_json, load
from publish.plan.diff import diff
from publish.release.assets import SUMS, make_assets
from tests.base import LIVE

ROOT: Final = Path(__file__).parents[3]
pytestmark = pytest.mark.slow  # makes every file of a release

OLDER: Final = replace(load(as_of="2024-06-01"), origin=Origin.LIVE)
SHA256SUM: Final = shutil.which("sha256sum") or "sha256sum"


@pytest.fixture(scope="module")
def assets() -> dict[str, bytes]:
    return make_assets(ROOT, load(), diff(OLDER, LIVE))


def test_the_files_are_all_there_and_their_sums_are_right(assets: dict[str, bytes], tmp_path: Path) -> None:
    version = load().version
    assert {
        "catalog.json",
        "history.json",
        "changes.json",
        "rules.csv",
        "exports.zip",
        "kql-rules.csv",
        "workbook.json",
        "alert.bicep",
        "catalog-1.schema.json",
        "sbom.cdx.json",
        f"aks_egress_catalog-{version}-py3-none-any.whl",
        f"aks_egress_catalog-{version}.tar.gz",
        SUMS,
    } == assets.keys()
    for name, content in assets.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run([SHA256SUM, "--check", SUMS], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("OK") == len(assets) - 1


def test_the_same_checkout_gives_the_same_bytes(assets: dict[str, bytes]) -> None:
    again = make_assets(ROOT, load(), diff(OLDER, LIVE))
    assert {name: hashlib.sha256(content).hexdigest() for name, content in again.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in assets.items()
    }


def test_the_exports_cover_every_region_and_say_what_became_of_each_rule(assets: dict[str, bytes]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(assets["exports.zip"]))
    names = archive.namelist()
    assert "AzureCloud/westeurope/squid.fidelity.json" in names
    assert any(name.startswith("AzureChinaCloud/chinanorth3/azure-firewall-terraform/") for name in names)
    notes = json.loads(archive.read("AzureCloud/westeurope/squid.fidelity.json"))
    lines = archive.read("AzureCloud/westeurope/csv/rules.csv").decode().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert {note["id"] for note in notes} >= {row["id"] for row in rows} > set()
    assert not [row["destination"] for row in rows if "{region}" in row["destination"]]


def test_the_exports_have_each_format_for_each_region_of_each_cloud(assets: dict[str, bytes]) -> None:
    names = zipfile.ZipFile(io.BytesIO(assets["exports.zip"])).namelist()
    for cloud in Cloud:
        for region in REGIONS[cloud]:
            for form in FORMATS:
                place = f"{cloud}/{region}/{form}"
                assert f"{place}.fidelity.json" in names
                assert any(name.startswith(f"{place}/") for name in names), place


def test_log_analytics_gets_the_rules_of_the_release_and_what_is_made_of_them(assets: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(assets["kql-rules.csv"].decode())))
    listed = {(row["Pattern"], row["On"]) for row in rows}
    stated = [rule for rule in load().rules if rule.port and rule.lifecycle.status is not Status.REMOVED]
    named = {
        (one.value, f"{rule.protocol}-{rule.port}".lower())
        for rule in stated
        for one in rule.destinations
        if one.form is DestinationForm.FQDN
    }
    assert named > set()
    assert named <= listed
    assert {row["Verdict"] for row in rows} >= {"required", "required-if", "recommended", "unnamed", "not-listed"}
    template = json.loads(assets["workbook.json"])
    assert template["resources"][0]["type"] == "Microsoft.Insights/workbooks"
    assert b"Microsoft.Insights/scheduledQueryRules@" in assets["alert.bicep"]


def test_the_bill_of_materials_is_valid_cyclonedx_and_names_what_is_needed(assets: dict[str, bytes]) -> None:
    bom = json.loads(assets["sbom.cdx.json"])
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert bom["metadata"]["component"]["version"] == load().version
    assert {part["name"] for part in bom["components"]} == {"click", "rich"}


def test_the_files_of_a_release_read_back(assets: dict[str, bytes]) -> None:
    assert from_json(assets["catalog.json"].decode()) == load()
    assert json.loads(assets["changes.json"])["summary"]["added"] > 0
