"""The files of a release, made from a checkout: data, exports, packages, a bill of materials and their checksums.

The same checkout gives the same bytes: every time in them comes from the date of the facts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.export import Header
from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.history.history_file import lives_beside
from aks_egress_catalog.logs.kql import alert, rules_file, workbook
from aks_egress_catalog.logs.kql.rows.answers import answers_of
from aks_egress_catalog.model import Cloud
from aks_egress_catalog.render.flat import to_csv
from aks_egress_catalog.text.codec import to_json
from publish.plan.proposal import DATA_FOLDER
from publish.release.run_module import run_module

SUMS: Final = "SHA256SUMS"
_EARLIEST_IN_ZIP: Final = (1980, 1, 1, 0, 0, 0)


class AssetError(AksEgressError):
    """A file of the release could not be made."""


def make_assets(root: Path, catalog: Catalog, changes: Changes) -> dict[str, bytes]:
    """Make every file of the release of a checkout, by name; ``changes`` are those since the last one.

    Raises:
        AssetError: the packages could not be built.
    """
    when = build_moment(catalog)
    packages = build_packages(root, when)
    assets = {
        "catalog.json": (root / DATA_FOLDER / "catalog.json").read_bytes(),
        "history.json": (root / DATA_FOLDER / "history.json").read_bytes(),
        "changes.json": to_json(changes).encode(),
        "rules.csv": to_csv(catalog.rules).encode(),
        "exports.zip": _zip(dict(export_files(catalog))),
        **{name: text.encode() for name, text in kql_files(root, catalog)},
    }
    assets |= {file.name: file.read_bytes() for file in sorted((root / DATA_FOLDER / "schema").glob("*.json"))}
    assets |= packages
    assets["sbom.cdx.json"] = bill_of_materials(root, catalog.version, packages, when)
    assets[SUMS] = checksums(assets)
    return assets


def build_moment(catalog: Catalog) -> dt.datetime:
    """The one moment that stands in the files of a release: that of the facts, never that of the build."""
    moment = catalog.authority.updated if catalog.authority else None
    return moment or dt.datetime(*_EARLIEST_IN_ZIP, tzinfo=dt.UTC)


def build_packages(root: Path, when: dt.datetime) -> dict[str, bytes]:
    """Build the wheel and the sdist of a checkout, reproducibly.

    Raises:
        AssetError: the build failed; its output is in the message.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(when.timestamp()))}
        done = run_module("build", ["--no-isolation", "--outdir", folder, str(root)], environment=environment)
        if done.returncode:
            raise AssetError(f"the packages cannot be built:\n{done.stdout}{done.stderr}")
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def export_files(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Every export for every known region with all features, each with what became of each rule beside it."""
    for cloud in Cloud:
        features = tuple(sorted({rule.feature for rule in catalog.rules if rule.cloud == cloud}))
        for region in sorted(REGIONS[cloud]):
            profile = Profile(cloud=cloud, region=region, features=features)
            header = Header(
                catalog_version=catalog.version,
                facts_date=str(catalog.facts_date),
                profile=f"cloud={cloud} region={region} features={','.join(features)}",
            )
            resolved = cache(partial(catalog.resolve, profile))  # many formats can express the same
            for name in FORMATS:
                target = load_format(name)
                found = target.render(resolved(target=target.TARGET), header)
                folder = f"{cloud}/{region}/{name}"
                yield from ((f"{folder}/{file}", text) for file, text in found.files.items())
                yield f"{folder}.fidelity.json", to_json(found.notes)


def kql_files(root: Path, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """What Log Analytics reads for every cluster: the rules, and a workbook and an alert that are made of them."""
    lives = lives_beside(root / DATA_FOLDER / "catalog.json")
    answers = answers_of(catalog, lives=lives)
    yield rules_file.FILE, rules_file.rules_csv(answers)
    yield workbook.FILE, workbook.workbook_json(answers)
    yield alert.FILE, alert.alert_bicep(answers)


def bill_of_materials(root: Path, version: str, packages: Mapping[str, bytes], when: dt.datetime) -> bytes:
    """Write a CycloneDX bill of materials of the package and what it asks for."""
    with (root / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    name = project["name"]
    package = Component(
        name=name,
        version=version,
        bom_ref=name,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", None, name, version),
        hashes=[
            HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(content).hexdigest())
            for file, content in sorted(packages.items())
            if file.endswith(".whl")
        ],
    )
    needs = [Requirement(text) for text in project["dependencies"]]
    parts = [
        Component(
            name=need.name,
            bom_ref=need.name,
            type=ComponentType.LIBRARY,
            purl=PackageURL("pypi", None, need.name.lower()),
        )
        for need in needs
    ]
    bom = Bom(components=parts, serial_number=uuid5(NAMESPACE_URL, f"{name} {version}"))
    bom.metadata.component = package
    bom.metadata.timestamp = when
    bom.register_dependency(package, parts)
    return (JsonV1Dot6(bom).output_as_string(indent=1) + "\n").encode()


def checksums(assets: Mapping[str, bytes]) -> bytes:
    """Write what ``sha256sum --check`` reads."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(assets.items()))
    return "".join(lines).encode()


def _zip(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST_IN_ZIP), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
