"""Envoy and HAProxy as egress proxies: what they let through by server name is what the declaration promises."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Traffic
from aks_egress_catalog.exports.formats import load_format
from tests.catalog.exports.engines.clients import answers, reaches
from tests.catalog.exports.engines.internet import answering, resolve_names
from tests.catalog.exports.engines.networks import GATEWAY, OUTSIDE, Namespace, network, program, real_engine, until
from tests.catalog.exports.engines.probes import MADE_UP, Probe, exported, fitted, hosts, probes, promises, resolutions

PORTS: Final = (80, 443, 8443)
COMMANDS: Final = {
    "envoy": ("envoy", "--config-path", "envoy.yaml", "--concurrency", "1", "--log-level", "error"),
    "haproxy": ("haproxy", "-db", "-f", "haproxy.cfg"),
}
needs = real_engine("envoy", "haproxy", "dnsmasq", "ip", root=True)


@contextmanager
def proxy(form: str, of: Resolution, folder: Path, *, names: list[str]) -> Iterator[Namespace]:
    """Run the exported configuration as it is on the gateway; yields the node."""
    with network() as net, answering(net.internet, PORTS):
        resolve_names(net.gateway, folder / "dns", dict.fromkeys(names, OUTSIDE), listen="127.0.0.1")
        for name, text in exported(form, of).items():
            (folder / name).write_text(text, encoding="utf-8")
        name, *arguments = COMMANDS[form]
        daemon = net.gateway.start(program(name), *arguments, cwd=folder, resolver="127.0.0.1")
        until(f"{form} listens", lambda: net.node.reaches(GATEWAY, 443), daemon)
        yield net.node


@needs
@pytest.mark.parametrize("name", ["made up", "everything", "China"])
@pytest.mark.parametrize("form", COMMANDS)
def test_a_proxy_lets_through_what_its_declaration_promises(form: str, name: str, tmp_path: Path) -> None:
    of = resolutions(form)[name]
    taken = fitted(load_format(form).DECLARATION, of)
    asked = probes(of, PORTS)
    expected = {probe: promises(taken, probe) for probe in asked}
    with proxy(form, of, tmp_path, names=hosts(of)) as node:
        found = answers(node, GATEWAY, asked)
    wrong = {probe: found[probe] for probe in asked if found[probe] != expected[probe]}
    assert wrong == {}
    assert set(expected.values()) == {True, False}


@needs
@pytest.mark.parametrize("form", COMMANDS)
def test_what_names_no_host_does_not_pass(form: str, tmp_path: Path) -> None:
    host = "exact.made-up.example"
    with proxy(form, MADE_UP, tmp_path, names=[host]) as node:
        assert answers(node, GATEWAY, [probe := Probe(host=host, port=443, speaks=Traffic.HTTPS)]) == {probe: True}
        for said in (b"\x00" * 64, b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"):
            connection = node.connect(GATEWAY, 443, timeout=20)
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            assert not reaches(connection, b"")
