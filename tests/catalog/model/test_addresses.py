"""Addresses come in by one door, whoever brings them: profile, catalog, Service Tags file or export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.profile_file import make_profile
from aks_egress_catalog.cluster.service_tags import ServiceTagsError, read_service_tags
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.model import Destination, DestinationForm
from aks_egress_catalog.model.addresses import network
from tests.catalog.exports.resolutions import HEADER, addresses, resolution

HOSTILE = "fd00::1%x\nhttp_access allow all\n#"


@pytest.mark.parametrize(
    "text", [HOSTILE, "fe80::1%eth0", "192.0.2.1/24", "x", "", "١.1.1.1", 5, None, True, b"\1\2\3\4"]
)
def test_what_is_no_address_and_no_range_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"scope|not the text|host bits|appear to be"):
        network(text)


def test_a_scope_is_refused_wherever_it_is_brought() -> None:
    with pytest.raises(aec.ProfileError, match=r"api_server_ips: .*has a scope"):
        make_profile({"pods_use_api_server_ip": True, "api_server_ips": [HOSTILE]})
    with pytest.raises(ValueError, match="has a scope"):
        Destination(form=DestinationForm.CIDR, value="fd00::1%x\ncommit force")


def test_a_range_of_the_catalog_is_one_however_it_is_written() -> None:
    assert str(Destination(form=DestinationForm.CIDR, value="2001:DB8::7")) == "cidr:2001:db8::7/128"


@pytest.mark.parametrize("form", ["paloalto", "squid", "azure-firewall-arm"])
def test_no_firewall_is_given_a_scope(form: str) -> None:
    export = load_format(form).render(resolution(addresses(HOSTILE, port=443)), HEADER)
    assert [note.fidelity for note in export.notes] == [Fidelity.DROPPED]
    assert not any(
        line.startswith("http_access allow all") for text in export.files.values() for line in text.split("\n")
    )


def tags_file(folder: Path, **changes: object) -> Path:
    value = {"name": "AzureCloud", "properties": {"addressPrefixes": ["192.0.2.0/24"]}}
    file = folder / "tags.json"
    file.write_text(json.dumps({"cloud": "Public", "changeNumber": 1, "values": [value], **changes}), encoding="utf-8")
    return file


@pytest.mark.parametrize("prefix", [5, None, HOSTILE, "192.0.2.1/24"])
def test_a_service_tag_holds_ranges_and_nothing_else(tmp_path: Path, prefix: object) -> None:
    value = {"name": "AzureMonitor", "properties": {"addressPrefixes": [prefix]}}
    with pytest.raises(ServiceTagsError, match="not a Service Tags file"):
        read_service_tags(tags_file(tmp_path, values=[value]), cloud="AzureCloud")


@pytest.mark.parametrize("text", ['{"cloud":"Public","changeNumber":1e999,"values":[]}', "[" * 100_000])
def test_numbers_and_depths_that_no_file_of_microsoft_has_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tags.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ServiceTagsError, match="not a Service Tags file"):
        read_service_tags(file, cloud="AzureCloud")


def test_a_tag_without_ranges_is_no_answer(tmp_path: Path) -> None:
    names = ("AzureCloud.norwaye", "AzureCloud.norwayeast", "AzureCloud.uksouth")
    ranges: tuple[list[str], ...] = ([], ["192.0.2.0/24"], [])
    values = [
        {"name": name, "properties": {"addressPrefixes": found}} for name, found in zip(names, ranges, strict=True)
    ]
    tags = read_service_tags(tags_file(tmp_path, values=values), cloud="AzureCloud")
    assert tags.ranges(names[:2]) == ("192.0.2.0/24",)
    with pytest.raises(ServiceTagsError, match=r"has no ranges for AzureCloud\.uksouth"):
        tags.ranges(names[2:])
    with pytest.raises(ServiceTagsError, match=r"has no tag AzureMonitor"):
        tags.ranges(("AzureMonitor",))
