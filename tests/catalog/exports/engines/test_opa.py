"""The policy for Open Policy Agent, run by another engine for Rego: it decides as its declaration promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
import regopy

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.data import opa
from aks_egress_catalog.hosts.patterns import covers
from aks_egress_catalog.model import DestinationForm, Protocol
from tests.catalog.exports.engines.probes import fitted, hosts, resolutions
from tests.catalog.exports.resolutions import HEADER, addresses, https, resolution

pytestmark = pytest.mark.slow


class Decision:
    """The policy and its data in an interpreter."""

    def __init__(self, of: Resolution) -> None:
        files = opa.render(of, HEADER).files
        self._engine = regopy.Interpreter()
        self._engine.add_module("aks-egress.rego", files[opa.POLICY])
        self._engine.add_data_json(files[opa.DATA])

    def rules(self, host: str, port: int, protocol: str = "TCP") -> set[str]:
        """The rules that let an endpoint through."""
        self._engine.set_input({"host": host, "port": port, "protocol": protocol})
        output = json.loads(str(self._engine.query("[data.aks.egress.allow, data.aks.egress.rules]")))
        allow, found = _expressions(output)[0]
        assert allow == bool(found)
        return set(found)


def _expressions(output: Any) -> Any:
    result = output["result"] if isinstance(output, dict) and "result" in output else output
    return (result[0] if isinstance(result, list) else result)["expressions"]


@pytest.mark.parametrize("name", ["made up", "everything"])
def test_the_policy_decides_what_the_rules_say(name: str) -> None:
    of = resolutions("opa")[name]
    taken = fitted(opa.DECLARATION, of)
    decide = Decision(of)
    seen = set()
    for host in hosts(of)[:: 1 if name == "made up" else 7]:
        for port in (443, 80):
            expected = {
                one.rule.id
                for one in taken
                if one.rule.is_on(port, "TCP")
                and one.rule.form is DestinationForm.FQDN
                and any(covers(value, host) for value in one.values)
            }
            assert decide.rules(host, port) == expected, (host, port)
            seen.add(bool(expected))
    assert seen == {True, False}


def test_protocols_any_destination_and_rules_without_a_port() -> None:
    decide = Decision(
        resolution(
            addresses("*", id="anywhere", form=DestinationForm.ANY, protocol=Protocol.UDP, port=123),
            https("any-port.example", id="any port", port=None, protocol=None, application=None),
        )
    )
    assert decide.rules("198.51.100.1", 123, "udp") == {"anywhere"}
    assert decide.rules("ANY-port.example", 7) == {"any port"}
    assert decide.rules("some.example", 9000) == set()
