"""BIND and unbound with the exported zone: they answer for what its declaration promises, and for nothing else.

A resolver behind them knows every name of the probes; one of them is, as many hosts of Azure are, an alias of a name
that no rule has.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import dns.message
import dns.query
import dns.rcode
import pytest

from aks_egress_catalog.exports.dns import rpz
from tests.catalog.exports.engines.networks import program, real_engine, started, until
from tests.catalog.exports.engines.probes import exported, fitted, hosts, promises_name, resolutions

ALIAS: Final = "exact.made-up.example"
BEHIND: Final = "behind-the-alias.cdn.example"
BIND: Final = """
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    dnssec-validation no;
    recursion yes;
    forward only;
    forwarders {{ 127.0.0.1 port {behind}; }};
    empty-zones-enable no;
    response-policy {{ zone "aks-egress"; }} qname-wait-recurse no;
}};
zone "aks-egress" {{ type primary; file "aks-egress.rpz"; }};
controls {{ }};
"""
UNBOUND: Final = """
server:
    interface: 127.0.0.1
    port: {port}
    do-daemonize: no
    use-syslog: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    do-not-query-localhost: no
    module-config: "respip iterator"
    local-zone: "example." nodefault
remote-control:
    control-enable: no
rpz:
    name: aks-egress
    zonefile: "{folder}/aks-egress.rpz"
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{behind}
"""
RESOLVERS: Final = {
    "BIND": (BIND, "named", ("-g", "-c")),
    "unbound": (UNBOUND, "unbound", ("-d", "-c")),
}


def free_port() -> int:
    """A port of loopback that is free for UDP and TCP."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        port: int = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        return port


@contextmanager
def resolver(name: str, zone: str, names: list[str], folder: Path) -> Iterator[int]:
    """Run a resolver with the zone, and one behind it that knows some names; yields its port."""
    port, behind = free_port(), free_port()
    conf, command, arguments = RESOLVERS[name]
    records = [f"host-record={host},192.0.2.1" for host in (*names, BEHIND) if host != ALIAS]
    (folder / "names.conf").write_text("\n".join((*records, f"cname={ALIAS},{BEHIND}", "")), encoding="ascii")
    (folder / rpz.FILE).write_text(zone, encoding="ascii")
    (folder / "resolver.conf").write_text(conf.format(folder=folder, port=port, behind=behind), encoding="ascii")
    with ExitStack() as undo:
        started(
            *(program("dnsmasq"), "--keep-in-foreground", f"--conf-file={folder / 'names.conf'}", "--no-resolv"),
            *("--no-hosts", "--local=/#/", f"--port={behind}", "--listen-address=127.0.0.1", "--bind-interfaces"),
            *("--user=", "--pid-file="),
            cwd=folder,
            undo=undo,
        )
        daemon = started(program(command), *arguments, str(folder / "resolver.conf"), cwd=folder, undo=undo)
        until(f"{name} listens", lambda: listens(port), daemon)
        until("the zone is loaded", lambda: ask(port, BEHIND)[1] == "NXDOMAIN", daemon)  # BIND answers before that
        yield port


def listens(port: int) -> bool:
    """Say whether somebody takes connections on a port of loopback."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def ask(port: int, host: str) -> tuple[bool, str]:
    """Ask for the address of a name: whether there is one, and the code of the answer."""
    answer = dns.query.udp(dns.message.make_query(host, "A"), "127.0.0.1", port=port, timeout=5)
    return bool(answer.answer), dns.rcode.to_text(answer.rcode())


@real_engine("named", "unbound", "dnsmasq")
@pytest.mark.parametrize("rules", ["made up", "everything", "China"])
@pytest.mark.parametrize("name", RESOLVERS)
def test_a_resolver_answers_for_what_the_zone_promises(name: str, rules: str, tmp_path: Path) -> None:
    of = resolutions("rpz")[rules]
    taken, asked = fitted(rpz.DECLARATION, of), hosts(of)
    expected = {host: promises_name(taken, host) for host in asked}
    with resolver(name, exported("rpz", of)[rpz.FILE], asked, tmp_path) as port:
        found = {host: ask(port, host) for host in asked}
    assert {host: answer for host, answer in found.items() if answer[0] != expected[host]} == {}
    assert {code for has, code in found.values() if not has} == {"NXDOMAIN"}
    assert set(expected.values()) == {True, False}
