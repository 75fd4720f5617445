"""Exports for firewalls that run on no machine of ours, read by a converter between firewalls that others wrote."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from aks_egress_catalog.exports.appliances import fortigate, paloalto
from aks_egress_catalog.exports.text_lines import by_port, hosts_of, port_name
from aks_egress_catalog.model import DestinationForm
from tests.catalog.exports.engines.networks import program, real_engine
from tests.catalog.exports.engines.probes import exported, fitted
from tests.catalog.exports.resolutions import REAL, real


def read(form: str, text: str, folder: Path) -> dict[str, Any]:
    """What the foreign reader understands, in its own neutral words; it may complain of nothing."""
    given, found, report = folder / "given.conf", folder / "found.json", folder / "report.json"
    given.write_text(text, encoding="ascii")
    command = (program("fwshift"), "convert", "--from", form, "--to", "json", str(given), "-o", str(found))
    done = subprocess.run([*command, "--report-json", str(report)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return content


@real_engine("fwshift")
@pytest.mark.parametrize("name", REAL)
def test_fortigate(name: str, tmp_path: Path) -> None:
    of = real(name, fortigate.TARGET)
    files, taken = exported("fortigate", of), fitted(fortigate.DECLARATION, of)
    found = read("fortios", files[fortigate.OBJECTS] + files[fortigate.POLICIES], tmp_path)
    addresses = found["addresses"]
    named = {one["value"] for one in addresses.values() if one["kind"] == "fqdn"}
    assert named == set(hosts_of(taken))
    groups = {one["name"]: one["members"] for one in found["address_groups"].values()}
    services = {
        one["name"]: [(e["protocol"], e["dst_ports"]) for e in one["entries"]] for one in found["services"].values()
    }
    rules = {one["name"]: one for one in found["rules"]}
    expected = by_port(taken)
    assert set(rules) == {f"aks-egress {port_name(*key)}" for key in expected}
    for key, some in expected.items():
        rule = rules[f"aks-egress {port_name(*key)}"]
        assert (rule["action"], rule["enabled"]) == ("allow", False)
        if key[1]:
            assert [services[each] for each in rule["services"]] == [[(key[0].lower(), str(key[1]))]]
        if any(one.rule.form is DestinationForm.ANY for one in some):
            continue
        members = {member for group in rule["destinations"] for member in groups[group]}
        assert {addresses[each]["value"] for each in members if addresses[each]["kind"] == "fqdn"} == set(
            hosts_of(some)
        )


@real_engine("fwshift")
@pytest.mark.parametrize("name", REAL)
def test_paloalto(name: str, tmp_path: Path) -> None:
    of = real(name, paloalto.TARGET)
    files, taken = exported("paloalto", of), fitted(paloalto.DECLARATION, of)
    found = read("panos", files[paloalto.OBJECTS] + files[paloalto.NEW_RULES] + files[paloalto.RULES], tmp_path)
    services = {
        one["name"]: [(e["protocol"], e["dst_ports"]) for e in one["entries"]] for one in found["services"].values()
    }
    assert services == {
        f"aks-egress-{port_name(*key)}": [(key[0].lower(), str(key[1]))] for key in by_port(taken) if key[1]
    }
    networks = {one["value"] for one in found["addresses"].values() if one["kind"] == "network"}
    assert networks == {value for one in taken if one.rule.form is DestinationForm.CIDR for value in one.values}
    assert {(one["action"], one["enabled"]) for one in found["rules"]} <= {("allow", False)}
    ports = {each.removeprefix("aks-egress-") for one in found["rules"] for each in one["services"]}
    assert ports - {"any"} == {port_name(*key) for key in by_port(taken) if key[1]}
