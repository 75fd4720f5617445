"""What this package writes for Azure Firewall is read completely: each host, protocol and port, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import aks_egress_catalog as aec
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.readers.azure.lists import read_files

FORMS = ("azure-firewall-terraform", "azure-firewall-bicep", "azure-firewall-arm")


def written(template: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield what the rules of an exported template say: value, protocol and port."""
    for resource in template["resources"]:
        for collection in resource["properties"]["ruleCollections"]:
            for rule in collection["rules"]:
                if rule["ruleType"] == "ApplicationRule":
                    ports = [(one["protocolType"].upper(), one["port"]) for one in rule["protocols"]]
                else:
                    ports = [*product(rule["ipProtocols"], map(int, rule["destinationPorts"]))]
                lists = ("targetFqdns", "fqdnTags", "destinationFqdns", "destinationAddresses")
                values = [value for name in lists for value in rule.get(name, ())]
                yield from ((value, protocol, port) for value in values for protocol, port in ports)


@given(profiles())
@settings(max_examples=40)
def test_every_export_is_read_completely(tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile) -> None:
    exported = aec.export("azure-firewall-arm", profile, catalog=base.CATALOG)
    said = set(written(json.loads(next(text for name, text in exported.files.items() if name.endswith(".json")))))
    for form in FORMS:
        folder = Path(tmp_path_factory.mktemp("export"))
        found = read_files(folder, aec.export(form, profile, catalog=base.CATALOG).files)
        assert found.unread == []
        assert found.skipped == 0
        assert said == {
            (one.value, service.application or service.protocol, service.first)
            for one in found.entries
            for service in one.rule.services
        }
        assert len({one.rule.policy for one in found.entries}) <= 1
        assert all(not one.fault and one.rule.values_at for one in found.entries if one.form != "fqdn-tag")
