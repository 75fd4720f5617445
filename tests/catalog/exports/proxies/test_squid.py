"""The Squid export, judged by a real Squid on loopback: what it lets through is what the rules say, and no more."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution
from aks_egress_catalog.exports.export import Fidelity, Header
from aks_egress_catalog.exports.expressions import posix_regex
from aks_egress_catalog.exports.proxies import squid
from aks_egress_catalog.hosts.patterns import covers, pattern_regex
from aks_egress_catalog.model import Application, Constraint, DestinationForm, Kind, Level, Protocol
from tests import base
from tests.real_squid import lets_through, real_squid, running, warnings_of

HEADER = Header(catalog_version="0.1.0", facts_date="2025-01-01", profile="cloud=AzureCloud region=westeurope")
PROFILES = {
    "public, everything, old nodes": aec.Profile(
        region="westeurope",
        features=("azure-monitor", "azure-policy", "cluster-extensions", "cost-analysis", "defender", "key-vault-csi"),
        konnectivity=False,
        nodes_after_2021_03=False,
        custom_dns=("127.0.0.53",),
        pods_use_api_server_ip=True,
        api_server_ips=("127.0.0.9",),
        gpu=True,
        windows=True,
    ),
    "China": aec.Profile(cloud="AzureChinaCloud", region="chinaeast2", features=("azure-monitor", "defender")),
    "US Government, bare": aec.Profile(cloud="AzureUSGovernment", region="usgovvirginia", recommended=False),
}
FRAGMENT_LINE = re.compile(
    r"#(?: [ -~]{1,117})?|"
    r"|acl aks_connect method CONNECT|acl aks_http proto HTTP|acl aks_port_\d+ port \d+"
    r"|acl aks_(?:tunnel|plain)_(?:\d+|any)_hosts dstdomain -n [a-z0-9][a-z0-9.-]+"
    r"|acl aks_(?:tunnel|plain)_(?:\d+|any)_patterns dstdom_regex -n -i \^[a-z0-9.^\[\]()+\\-]+\$"
    r"|acl aks_(?:tunnel|plain)_(?:\d+|any)_networks dst -n [0-9a-f.:/]+"
    r"|http_access allow(?: !?aks_\w+)+|http_access deny all"
)
PAYLOADS = (
    "x\nhttp_access allow all",
    "x\r\nhttp_access allow all\n#",
    "x\\\nhttp_access allow all",
    "ends in a backslash \\",
    "\x0bhttp_access allow all",
    "\u2028http_access allow all\x85http_access allow all",
    '"/etc/passwd" #',
    "line 7 /etc/passwd",
    "a" * 9000 + "\nhttp_access allow all",
    " " * 9000 + "http_access allow all",
)


def speaks_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def resolution_of(name: str) -> Resolution:
    return base.CATALOG.resolve(PROFILES[name], target=squid.TARGET, informational=True)


def concrete(*values: str, **changes: object) -> ConcreteRule:
    given_fields: dict[str, object] = {
        "id": "AzureCloud/core/x:tcp-443",
        "feature": "core",
        "level": Level.REQUIRED,
        "kind": Kind.FQDN,
        "form": DestinationForm.FQDN,
        "values": values,
        "protocol": Protocol.TCP,
        "port": 443,
        "application": Application.HTTPS,
    }
    return ConcreteRule(**{**given_fields, **changes})  # type: ignore[arg-type]  # fields by name, for short tests


def fragment(*rules: ConcreteRule, header: Header = HEADER) -> str:
    return squid.render(Resolution(rules=rules, left_out=(), caveats=()), header).files[squid.FILE]


def sample(value: str) -> str:
    """A made-up name that a pattern covers; an exact host or a network's own address as it is."""
    if "/" in value:
        return value.partition("/")[0]
    deep = f"made-up.deep.{value[2:]}" if value.startswith("*.") else value
    return re.sub(r"\*|\{[^}]*\}", "made-up", deep)


def look_alikes(value: str) -> set[str]:
    """Names that a sloppy export of a host pattern would let through."""
    if "/" in value:
        return {"127.0.0.10"}
    host = sample(value)
    return {f"evil{host}", f"{host}.evil.example", f"sub.{host}", value.removeprefix("*."), host.replace(".", "x", 1)}


def allowed_by(rules: tuple[ConcreteRule, ...], host: str, port: int, application: Application) -> bool:
    """What the rules say of a request, worked out with the catalog's own matcher."""
    carried = {443: Application.HTTPS, 80: Application.HTTP}
    return any(
        rule.protocol is None
        or (
            (rule.protocol, rule.port) == (Protocol.TCP, port)
            and (rule.application or carried.get(port)) is application
        )
        for rule in rules
        if any(covers(value, host) for value in rule.values)
    )


@real_squid
@pytest.mark.parametrize("name", PROFILES)
def test_squid_lets_through_what_the_rules_say_and_nothing_else(name: str) -> None:
    found = resolution_of(name)
    export = squid.render(found, HEADER)
    dropped = {note.id for note in export.notes if note.fidelity is Fidelity.DROPPED}
    kept = tuple(rule for rule in found.rules if rule.id not in dropped)
    values = {value for rule in kept for value in rule.values}
    hosts = {sample(value) for value in values}
    asked = hosts | {host for value in values for host in look_alikes(value)}
    for rule in kept:
        application = Application.HTTP if rule.port == 80 else Application.HTTPS
        assert all(allowed_by(kept, sample(value), rule.port or 443, application) for value in rule.values)
    answers: dict[str, bool] = {}
    expected: dict[str, bool] = {}
    with running(export.files[squid.FILE], asked) as proxy:
        for host in sorted(asked):
            for port in (80, 443, 8443):
                for application, request in (
                    (Application.HTTPS, f"CONNECT {host}:{port}"),
                    (Application.HTTP, f"GET http://{host}:{port}/"),
                ):
                    expected[request] = allowed_by(kept, host, port, application)
                    answers[request] = lets_through(proxy, request)
    assert answers == expected
    assert {True, False} == set(expected.values())


@real_squid
def test_the_look_alikes_of_the_registry_are_denied() -> None:
    text = squid.render(resolution_of("US Government, bare"), HEADER).files[squid.FILE]
    hosts = {"mcr.microsoft.com", "westus.data.mcr.microsoft.com"}
    with running(text, hosts) as proxy:
        assert lets_through(proxy, "CONNECT mcr.microsoft.com:443")
        assert lets_through(proxy, "CONNECT MCR.Microsoft.com:443")
        assert lets_through(proxy, "CONNECT westus.data.mcr.microsoft.com:443")
        for request in (
            "CONNECT data.mcr.microsoft.com:443",
            "CONNECT evilmcr.microsoft.com:443",
            "CONNECT evil.mcr.microsoft.com:443",
            "CONNECT mcr.microsoft.com.evil.example:443",
            "CONNECT mcr.microsoft.com:22",
            "CONNECT 127.0.0.1:443",
            "GET http://mcr.microsoft.com/",
            "GET https://mcr.microsoft.com/",
            "GET ftp://mcr.microsoft.com/",
        ):
            assert not lets_through(proxy, request), request


@real_squid
def test_a_name_that_resolves_to_an_allowed_address_is_denied() -> None:
    text = fragment(concrete("127.0.0.1/32", kind=Kind.NETWORK, form=DestinationForm.CIDR, application=None))
    with running(text, {"owned.evil.example"}) as proxy:
        assert lets_through(proxy, "CONNECT 127.0.0.1:443")
        assert not lets_through(proxy, "CONNECT owned.evil.example:443")


@real_squid
@pytest.mark.skipif(not speaks_ipv6(), reason="no IPv6 here")
def test_an_ipv6_address_is_allowed_as_such() -> None:
    text = fragment(concrete("::1/128", kind=Kind.NETWORK, form=DestinationForm.CIDR, application=None))
    with running(text, set()) as proxy:
        assert lets_through(proxy, "CONNECT [::1]:443")
        assert not lets_through(proxy, "CONNECT [::2]:443")


@real_squid
def test_any_destination_is_any_on_its_port_only() -> None:
    text = fragment(concrete("*", kind=Kind.NETWORK, form=DestinationForm.ANY, application=None))
    with running(text, {"anybody.example"}) as proxy:
        assert lets_through(proxy, "CONNECT anybody.example:443")
        assert not lets_through(proxy, "CONNECT anybody.example:8443")


@real_squid
def test_what_the_base_configuration_denies_before_the_include_stays_denied() -> None:
    text = "http_access deny all\n" + squid.render(resolution_of("China"), HEADER).files[squid.FILE]
    with running(text, {"mcr.microsoft.com"}) as proxy:
        assert not lets_through(proxy, "CONNECT mcr.microsoft.com:443")


@real_squid
@pytest.mark.parametrize("name", PROFILES)
def test_squid_reads_the_fragment_without_a_warning(name: str, tmp_path: Path) -> None:
    assert warnings_of(tmp_path, squid.render(resolution_of(name), HEADER).files[squid.FILE]) == []


@real_squid
def test_ranges_within_ranges_raise_no_warning(tmp_path: Path) -> None:
    ranges = ("192.0.2.0/24", "192.0.2.7/32", "192.0.2.0/25", "0.0.0.0/0")
    text = fragment(concrete(*ranges, kind=Kind.NETWORK, form=DestinationForm.CIDR, application=None))
    assert warnings_of(tmp_path, text) == []
    listed = re.findall("dst -n (.*)", text)
    assert listed == ["0.0.0.0/1", "128.0.0.0/1"]


@real_squid
def test_hostile_texts_cannot_leave_their_comments() -> None:
    hostile = Header(catalog_version=PAYLOADS[0], facts_date=PAYLOADS[1], profile="\n".join(PAYLOADS))
    rules = tuple(concrete(f"host{place}.example", id=payload) for place, payload in enumerate(PAYLOADS))
    unmet = tuple(LeftOut(id=payload, reason=payload) for payload in PAYLOADS)
    found = Resolution(rules=rules, left_out=(), caveats=(), unmet=unmet)
    with running(squid.render(found, hostile).files[squid.FILE], {"host0.example", "evil.example"}) as proxy:
        assert lets_through(proxy, "CONNECT host0.example:443")
        assert not lets_through(proxy, "CONNECT evil.example:443")
        assert not lets_through(proxy, "CONNECT host0.example:22")


@given(text=st.text(), value=st.text(), form=st.sampled_from(DestinationForm), wild=st.booleans())
def test_no_text_whatever_makes_a_line_of_another_form(
    text: str, value: str, form: DestinationForm, *, wild: bool
) -> None:
    hostile = Header(catalog_version=text, facts_date=text, profile=text)
    values = (f"{'*.' if wild else ''}{value}.microsoft.com" if form is DestinationForm.FQDN else value,)
    rules = (
        concrete(*values, id=text, form=form),
        concrete(*values, id=text, form=form, protocol=None, port=None, application=None),
        concrete("mcr.microsoft.com", constraints=(Constraint.PRESERVE_ALPN,)),
    )
    for line in fragment(*rules, header=hostile).split("\n"):
        assert FRAGMENT_LINE.fullmatch(line), line


@given(
    pattern=st.lists(st.sampled_from(["*", "a*", "*b", "{x}", "a"]), min_size=1, max_size=3).map(".".join),
    host=st.lists(st.sampled_from(["a", "b", "ab", "net"]), max_size=3).map(lambda labels: ".".join([*labels, "net"])),
)
def test_the_regular_expressions_mean_what_the_catalog_means(pattern: str, host: str) -> None:
    posix = re.compile(posix_regex(f"{pattern}.net"))
    assert bool(posix.search(host)) == bool(pattern_regex(f"{pattern}.net").match(host))


@pytest.mark.parametrize(
    ("rule", "fidelity", "reason"),
    [
        (concrete("mcr.microsoft.com"), Fidelity.EXACT, ""),
        (concrete("md-*.blob.storage.azure.net"), Fidelity.EXACT, ""),
        (concrete("{region}.dp.example.com"), Fidelity.EXACT, ""),
        (concrete("a.example", protocol=Protocol.UDP, port=123, application=None), Fidelity.DROPPED, "UDP 123"),
        (concrete("a.example", port=9000, application=None), Fidelity.DROPPED, "TCP 9000"),
        (concrete("a.example", protocol=None, port=None, application=None), Fidelity.NARROWED, "no port"),
        (concrete("192.0.2.1/32", form=DestinationForm.CIDR), Fidelity.NARROWED, "the address itself"),
        (concrete("AzureMonitor", form=DestinationForm.SERVICE_TAG), Fidelity.DROPPED, "service-tag"),
        (concrete("RegionCIDRs", form=DestinationForm.NAMED_SET), Fidelity.DROPPED, "set"),
        (concrete("two words.example"), Fidelity.DROPPED, "no host name"),
        (concrete("-i.example"), Fidelity.DROPPED, "no host name"),
        (concrete("*"), Fidelity.DROPPED, "no host name"),
        (concrete("*.com"), Fidelity.DROPPED, "no host name"),
        (concrete("192.0.2.1"), Fidelity.DROPPED, "no host name"),
        (concrete("nonsense", form=DestinationForm.CIDR), Fidelity.DROPPED, "address range"),
    ],
)
def test_each_rule_is_reported_as_what_became_of_it(rule: ConcreteRule, fidelity: Fidelity, reason: str) -> None:
    (note,) = squid.render(Resolution(rules=(rule,), left_out=(), caveats=()), HEADER).notes
    assert (note.id, note.fidelity) == (rule.id, fidelity)
    assert reason in note.reason
    assert bool(note.reason) == (fidelity is not Fidelity.EXACT)


@pytest.mark.parametrize("name", PROFILES)
def test_every_rule_has_one_note_and_every_drop_stands_in_the_file(name: str) -> None:
    found = resolution_of(name)
    export = squid.render(found, HEADER)
    ids = [*(rule.id for rule in found.rules), *(rule.id for rule in found.unmet)]
    assert sorted(note.id for note in export.notes) == sorted(ids)
    text = export.files[squid.FILE]
    assert all(name in text for name in ids)
    assert text == squid.render(resolution_of(name), HEADER).files[squid.FILE]


def test_a_constraint_stands_as_a_comment() -> None:
    text = squid.render(resolution_of("public, everything, old nodes"), HEADER).files[squid.FILE]
    assert "# preserve-alpn for *.hcp.westeurope.azmk8s.io: leave it out of ssl_bump" in text


def test_remarks_and_caveats_stand_as_comments() -> None:
    rule = concrete("x.y", remarks=("missing since 2026-01-02",))
    text = squid.render(Resolution(rules=(rule,), left_out=(), caveats=("mind\nthe gap",)), HEADER).files[squid.FILE]
    assert f"# {rule.id}: missing since 2026-01-02\n" in text
    assert "\n# mind\\nthe gap\n" in text
