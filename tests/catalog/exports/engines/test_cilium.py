"""The policies for Cilium, by a schema of its CRDs and its matching as published: what passes is what is promised."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
import yaml

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Traffic
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.kubernetes import cilium
from aks_egress_catalog.model import DestinationForm
from tests.catalog.exports.engines.cilium_schema import SCHEMA
from tests.catalog.exports.engines.probes import Probe, exported, fitted, hosts, promises, resolutions
from tests.catalog.exports.resolutions import HEADER, REAL, addresses, https, real, resolution


def policies(of: Resolution) -> list[dict[str, Any]]:
    """The documents of an export that hold a policy."""
    return [one for one in yaml.safe_load_all(exported("cilium", of)[cilium.FILE]) if one]


def matches(named: dict[str, str], host: str) -> bool:
    """What Cilium says: a star is characters of one label, ``**.`` in front is one label or more."""
    if "matchName" in named:
        return named["matchName"] == host
    pattern = named["matchPattern"]
    deep = pattern.startswith("**.")
    inner = re.escape(pattern[3:] if deep else pattern).replace(r"\*", "[-a-zA-Z0-9_]*")
    return re.fullmatch((r"([-a-zA-Z0-9_]+\.)+" if deep else "") + inner, host) is not None


def passes(policy: dict[str, Any], host: str, port: int, protocol: str = "TCP") -> bool:
    """Say whether the names of a policy let a host through on a port."""
    for rule in policy["spec"]["egress"]:
        ports = [(one["port"], one["protocol"]) for entry in rule.get("toPorts", ()) for one in entry["ports"]]
        on_port = not ports or (str(port), protocol) in ports
        if on_port and any(matches(named, host) for named in rule.get("toFQDNs", ())):
            return True
    return False


@pytest.mark.parametrize("name", REAL)
def test_every_policy_is_one_by_the_schema(name: str) -> None:
    found = policies(real(name, cilium.TARGET))
    for policy in found:
        jsonschema.validate(policy, SCHEMA)
        assert policy["spec"]["enableDefaultDeny"] == {"egress": False, "ingress": False}
    assert len({policy["metadata"]["name"] for policy in found}) == len(found)


@pytest.mark.parametrize("name", ["everything", "China"])
def test_what_passes_is_what_the_declaration_promises(name: str) -> None:
    of = resolutions("cilium")[name]
    taken = fitted(cilium.DECLARATION, of)
    found = policies(of)
    answers = {}
    for host in hosts(of):
        for port in (443, 80, 8443):
            promised = promises(taken, Probe(host=host, port=port, speaks=Traffic.HTTPS))
            answers[host, port] = promised
            assert any(passes(policy, host, port) for policy in found) == promised, (host, port)
    assert set(answers.values()) == {True, False}


def test_what_nodes_fetch_is_told_rule_by_rule_and_what_pods_need_is_there() -> None:
    of = real("everything", cilium.TARGET)
    notes = {note.id: note for note in cilium.render(of, HEADER).notes}
    nodes = {note.id for note in notes.values() if note.reason == "not expressible: node traffic"}
    assert all(note.fidelity is Fidelity.DROPPED for note in notes.values() if note.id in nodes)
    assert {name.split("/")[1] for name in nodes} == {"core", "os-updates", "gpu", "windows"}
    kept = [rule for rule in of.rules if rule.id not in nodes]
    assert any(".hcp." in value for rule in kept for value in rule.values)
    assert {rule.feature for rule in kept} >= {"azure-policy", "defender", "azure-monitor", "workload-identity"}


def test_pods_of_workload_identity_are_selected_by_its_label_in_every_namespace() -> None:
    (policy,) = policies(resolution(https("login.example", feature="workload-identity")))
    assert policy["kind"] == "CiliumClusterwideNetworkPolicy"
    assert policy["spec"]["endpointSelector"] == {"matchLabels": {"k8s:azure.workload.identity/use": "true"}}
    (other,) = policies(resolution(https("a.example", feature="defender")))
    assert (other["kind"], other["metadata"]["namespace"]) == ("CiliumNetworkPolicy", "kube-system")


def test_ranges_have_no_rule_for_dns() -> None:
    of = resolution(addresses("192.0.2.0/24", "2001:db8::/32", feature="azure-monitor"))
    (policy,) = policies(of)
    jsonschema.validate(policy, SCHEMA)
    (rule,) = policy["spec"]["egress"]
    assert rule["toCIDR"] == ["192.0.2.0/24", "2001:db8::/32"]
    (note,) = cilium.render(resolution(addresses("*", form=DestinationForm.ANY, feature="defender")), HEADER).notes
    assert note.fidelity is Fidelity.DROPPED
