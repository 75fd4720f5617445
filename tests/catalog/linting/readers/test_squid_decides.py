"""The reader of squid.conf, held to a real Squid: over made-up configurations both let the same requests through."""

from __future__ import annotations

import random
from itertools import product

import pytest

from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.judging.coverage import Coverage
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.judging.policies import groups_of
from aks_egress_catalog.linting.readers.proxies.squid import read
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.model import Application, Destination, DestinationForm, Kind, Level, Protocol
from tests.real_squid import lets_through, real_squid, running

HOSTS = (
    "mcr.example",
    "data.mcr.example",
    "deep.data.mcr.example",
    "evilmcr.example",
    "login.example",
    "mcr.example.evil.test",
    "127.0.0.9",
)
PORTS = (80, 443, 9000)
REQUESTS = {
    Application.HTTPS: "CONNECT {host}:{port}",
    Application.HTTP: "GET http://{host}:{port}/",
}
ACLS = (
    "acl registry dstdomain mcr.example",
    "acl below dstdomain .mcr.example",
    "acl dead dstdomain *.mcr.example",
    r"acl expression dstdom_regex -n -i ^([a-z0-9-]+\.)+mcr\.example$",
    "acl sign_in dstdomain login.example\nacl sign_in dstdomain data.mcr.example",
    "acl servers dst -n 127.0.0.0/29 127.0.0.9",
    "acl Safe_ports port 80\nacl Safe_ports port 443",
    "acl SSL_ports port 443",
    "acl high port 1025-65535",
    "acl plain proto HTTP",
    "acl gets method GET HEAD",
    "acl here src 127.0.0.0/8",
    "acl there src 192.0.2.0/24",
    "acl either any-of registry sign_in",
)
NAMES = ("registry", "below", "dead", "expression", "sign_in", "servers", "either")
LIMITS = ("Safe_ports", "SSL_ports", "high", "plain", "gets", "CONNECT", "here", "there")


def access_rules(chance: random.Random) -> str:
    """A few lines that allow and deny by what people write: hosts, and ports, ways and sources, turned round or not."""
    lines = [
        *(["http_access deny !Safe_ports"] if chance.random() < 0.4 else []),
        *(["http_access deny CONNECT !SSL_ports"] if chance.random() < 0.4 else []),
    ]
    for _ in range(chance.randint(2, 6)):
        words = [chance.choice(NAMES), *chance.sample(LIMITS, chance.randint(0, 2))]
        if chance.random() < 0.15:
            words = words[1:] or ["there"]
        turned = [f"!{word}" if word != "here" and chance.random() < 0.12 else word for word in words]
        chance.shuffle(turned)
        lines.append(f"http_access {chance.choice(('allow', 'allow', 'deny'))} {' '.join(turned)}")
    return "\n".join([*ACLS, *lines, "http_access deny all"]) + "\n"


def need_of(host: str, port: int, application: Application) -> Need:
    is_address = host[0].isdigit()
    destination = (
        Destination(form=DestinationForm.CIDR, value=f"{host}/32")
        if is_address
        else Destination(form=DestinationForm.FQDN, value=host)
    )
    return Need(
        rules=("AzureCloud/core/x",),
        feature="core",
        level=Level.REQUIRED,
        kind=Kind.NETWORK if is_address else Kind.FQDN,
        alternatives=(destination,),
        protocol=Protocol.TCP,
        port=port,
        application=application,
    )


def verdicts(reading: Reading) -> dict[str, bool]:
    """What the reader makes of each request from this machine."""
    groups = groups_of([reading])
    found = {}
    for host, port, application in product(HOSTS, PORTS, REQUESTS):
        need = need_of(host, port, application)
        answers = (Coverage(group, (need,)).of(need, "127.0.0.1/32") for group in groups)
        found[REQUESTS[application].format(host=host, port=port)] = any(answer.by for answer in answers)
    return found


@real_squid
@pytest.mark.parametrize("seed", range(12))
def test_reader_and_squid_let_the_same_requests_through(seed: int) -> None:
    text = access_rules(random.Random(seed))
    reading = read(Source("squid.conf", text))
    read_so = verdicts(reading)
    with running(text, {host for host in HOSTS if not host[0].isdigit()}) as proxy:
        asked = {request: lets_through(proxy, request) for request in read_so}
    wrong = {request for request, says in asked.items() if read_so[request] != says}
    if any(unread.may_allow for unread in reading.unread):
        wrong = {request for request in wrong if read_so[request]}  # what it could not read may allow more
    assert not wrong, text


def test_the_made_up_configurations_are_mostly_read_whole_and_allow_some() -> None:
    readings = [read(Source("squid.conf", access_rules(random.Random(seed)))) for seed in range(12)]
    assert sum(not reading.unread for reading in readings) >= 10
    assert sum(set(verdicts(reading).values()) == {True, False} for reading in readings) >= 8
