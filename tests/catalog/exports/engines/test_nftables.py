"""nftables and dnsmasq on a gateway: a node asks for a name, and sends packets to the address that it was given.

Every name has an address of its own, so that the sets decide as they do outside; what shares an address is a test of
its own.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dns.message
import dns.query
import dns.rdatatype
import pytest

from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.exports.declaration import Traffic
from aks_egress_catalog.exports.dns import nftables
from aks_egress_catalog.model import DestinationForm, Kind, Protocol
from tests.catalog.exports.engines.internet import addresses_of, answering, resolve_names
from tests.catalog.exports.engines.networks import GATEWAY, OUTSIDE, Network, network, program, real_engine, until
from tests.catalog.exports.engines.probes import Probe, exported, fitted, hosts, promises, resolutions
from tests.catalog.exports.resolutions import addresses, https, resolution

PORTS: Final = (80, 443, 8443, 9000)
DATAGRAMS: Final = (("10.81.8.1", 1194), ("10.81.7.1", 1194), ("10.81.9.9", 1194), ("10.81.200.1", 123))
NODES: Final = "{ 10.80.1.0/24 }"
real_gateway = real_engine("nft", "dnsmasq", "ip", root=True)


@contextmanager
def gateway(of: Resolution, folder: Path, names: Mapping[str, str]) -> Iterator[Network]:
    """Load the exported files as they are, with the subnet of the node as the operator would give it."""
    for name, text in exported("nftables", of).items():
        (folder / name).write_text(text, encoding="utf-8")
    with network() as net, answering(net.internet, PORTS, udp=DATAGRAMS):
        resolve_names(net.internet, folder / "upstream", names, listen=OUTSIDE)
        net.gateway.run(program("nft"), "-f", str(folder / nftables.FILE))
        net.gateway.run(program("nft"), "add", "element", "inet", nftables.TABLE, "nodes_4", NODES)
        daemon = net.gateway.start(
            *(program("dnsmasq"), "--keep-in-foreground", f"--conf-file={folder / nftables.RESOLVER}", "--no-resolv"),
            *("--no-hosts", f"--server={OUTSIDE}", f"--listen-address={GATEWAY}", "--bind-interfaces", "--user=root"),
            "--pid-file=",
            cwd=folder,
        )
        until("dnsmasq listens", lambda: net.node.reaches(GATEWAY, 53), daemon)
        yield net


def look_up(net: Network, host: str) -> str:
    """Ask the gateway for an address, as a node would."""
    with net.node.inside():
        answer = dns.query.udp(dns.message.make_query(host, "A"), GATEWAY, timeout=10)
    (address,) = (each.address for found in answer.answer if found.rdtype == dns.rdatatype.A for each in found)
    return str(address)


def passes(net: Network, address: str, port: int) -> bool:
    """Say whether a connection reaches the internet; what is refused is refused at once, and not dropped."""
    try:
        with net.node.connect(address, port) as connection:
            connection.sendall(b"x")
            return connection.recv(4096).endswith(b"reached")
    except (ConnectionRefusedError, ConnectionResetError):
        return False


@real_gateway
@pytest.mark.parametrize("name", ["made up", "everything", "China"])
def test_what_a_node_reaches_by_name_is_what_the_declaration_promises(name: str, tmp_path: Path) -> None:
    of = resolutions("nftables")[name]
    taken, asked = fitted(nftables.DECLARATION, of), hosts(of)
    probes = [Probe(host=host, port=port, speaks=Traffic.HTTPS) for host in asked for port in PORTS]
    expected = {probe: promises(taken, probe) for probe in probes}
    with gateway(of, tmp_path, addresses_of(asked)) as net:
        known = {host: look_up(net, host) for host in asked}
        with ThreadPoolExecutor(8) as pool:
            found = dict(zip(probes, pool.map(lambda one: passes(net, known[one.host], one.port), probes), strict=True))
    assert {probe: found[probe] for probe in probes if found[probe] != expected[probe]} == {}
    assert set(expected.values()) == {True, False}


OTHER: Final = resolution(
    addresses("10.81.7.0/24", "2001:db8::/32", id="tunnel"),
    addresses("10.81.8.0/24", id="tunnel by UDP", protocol=Protocol.UDP, port=1194),
    addresses("*", id="time", form=DestinationForm.ANY, protocol=Protocol.UDP, port=123),
    https("ntp.made-up.example", id="named", kind=Kind.NETWORK, protocol=Protocol.UDP, port=1194, application=None),
    https("a.made-up.example", id="a"),
)


@real_gateway
def test_ranges_protocols_and_any_destination(tmp_path: Path) -> None:
    with gateway(OTHER, tmp_path, {"ntp.made-up.example": "10.81.9.9", "a.made-up.example": "10.81.1.1"}) as net:
        assert passes(net, "10.81.7.200", 9000)
        assert not passes(net, "10.81.7.200", 443)
        assert not passes(net, "10.81.8.1", 9000)
        assert {address: answers_udp(net, address, 1194) for address in ("10.81.8.1", "10.81.7.1", "10.81.9.9")} == {
            "10.81.8.1": True,
            "10.81.7.1": False,
            "10.81.9.9": False,
        }
        assert answers_udp(net, "10.81.200.1", 123)
        assert look_up(net, "ntp.made-up.example") == "10.81.9.9"
        assert answers_udp(net, "10.81.9.9", 1194)


@real_gateway
def test_what_shares_the_address_of_a_needed_name_passes_as_the_note_says(tmp_path: Path) -> None:
    names = {"a.made-up.example": "10.81.1.1", "other.example": "10.81.1.1"}
    with gateway(OTHER, tmp_path, names) as net:
        assert look_up(net, "other.example") == "10.81.1.1"
        assert not passes(net, "10.81.1.1", 443)
        look_up(net, "a.made-up.example")
        assert passes(net, "10.81.1.1", 443)


@real_gateway
def test_to_load_the_table_again_forgets_nothing_and_cuts_nothing_off(tmp_path: Path) -> None:
    with gateway(OTHER, tmp_path, {"a.made-up.example": "10.81.1.1"}) as net:
        look_up(net, "a.made-up.example")
        with net.node.connect("10.81.1.1", 443) as connection:
            net.gateway.run(program("nft"), "-f", str(tmp_path / nftables.FILE))
            connection.sendall(b"x")
            assert connection.recv(4096).endswith(b"reached")
        assert passes(net, "10.81.1.1", 443)
        assert not passes(net, "10.81.1.2", 443)


@real_gateway
def test_nothing_is_filtered_until_the_nodes_are_named(tmp_path: Path) -> None:
    with gateway(OTHER, tmp_path, {"a.made-up.example": "10.81.1.1"}) as net:
        assert not passes(net, "10.81.1.2", 443)
        net.gateway.run(program("nft"), "delete", "element", "inet", nftables.TABLE, "nodes_4", NODES)
        assert passes(net, "10.81.1.2", 443)


def answers_udp(net: Network, address: str, port: int) -> bool:
    """Say whether a datagram is answered; one that is refused says so at once."""
    with net.node.inside():
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with client:
        client.settimeout(5)
        client.connect((address, port))
        client.send(b"x")
        try:
            return client.recv(4096).endswith(b"reached")
        except TimeoutError:
            raise
        except OSError:  # no route to host, says whoever prohibits it
            return False
