"""Lists for Envoy, HAProxy, resolvers, nftables, Suricata and AWS, as people write them and as exports do."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.readers.formats import FORMATS, load_reader, recognise
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.readings import reading, shown

ENVOY: Final = """\
static_resources:
  listeners:
  - name: egress
    address: {socket_address: {address: 0.0.0.0, port_value: 443}}
    filter_chains:
    - filter_chain_match:
        server_names: ["*.hcp.westeurope.azmk8s.io", mcr.microsoft.com, "*.hcp.*.azmk8s.io"]
  - address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
    filter_chains:
    - filters:
      - typed_config:
          route_config:
            virtual_hosts:
            - domains: ["archive.ubuntu.com:80", '*']
"""
HAPROXY: Final = """\
defaults
    mode tcp
frontend tls
    bind :443 # and nothing else
    bind 10.0.0.1:8443
    acl ok req.ssl_sni -i mcr.microsoft.com login.microsoftonline.com
    acl below req.ssl_sni -i -m end .data.mcr.microsoft.com
    acl listed req.ssl_sni -i -f names.lst
    acl other src 10.0.0.0/8
    tcp-request content reject unless ok or below
frontend web
    bind :80
    default_backend out
backend out
    acl web hdr(host) -m reg ^([^.]+\\.)+ubuntu\\.com$
    acl odd req.hdr(host) -m len 5
"""
RPZ: Final = """\
$TTL 300
@ SOA localhost. root.localhost. 1 3600 600 86400 300
mcr.microsoft.com CNAME rpz-passthru.
*.data.mcr.microsoft.com 300 IN CNAME rpz-passthru. ; the registry
b.a.data.mcr.microsoft.com CNAME rpz-passthru.
*.microsoft.com CNAME .
* CNAME .
"""
DNSMASQ: Final = """\
# the sets of the filter
server=10.0.0.2
nftset=/data.mcr.microsoft.com/mcr.microsoft.com/4#inet#t#tcp_443_4,6#inet#t#tcp_443_6
ipset=/login.microsoftonline.com/whatever
"""
NFTABLES: Final = """\
table inet egress {
\tset tags {
\t\ttype ipv4_addr
\t\tflags interval
\t\telements = { 192.0.2.0/24, 198.51.100.1 }
\t}
\tset learned { type ipv4_addr; flags timeout; }
\tchain forward {
\t\ttype filter hook forward priority filter; policy drop;
\t\tct state established,related accept
\t\tip daddr @tags tcp dport { 443, 9000-9001 } accept
\t\tip daddr @learned tcp dport 443 accept
\t\tip6 daddr 2001:db8::/32 accept
\t\tudp dport 123 accept
\t\tip daddr 203.0.113.0/24 drop
\t}
}
add element inet egress tags { 203.0.113.7 }
"""
SURICATA: Final = """\
# of the group
pass tls $HOME_NET any -> $EXTERNAL_NET 443 (tls.sni; content:"mcr.microsoft.com"; nocase; startswith; endswith; sid:1;)
pass tls $HOME_NET any -> $EXTERNAL_NET 443 (tls.sni; dotprefix; content:".hcp.westeurope.azmk8s.io"; endswith; sid:2;)
pass tls any any -> any 443 (tls.sni; content:".data.mcr.microsoft.com"; nocase; endswith; sid:3;)
pass http any any -> any any (http.host; content:"ubuntu"; sid:4;)
pass tls any any -> any 443 (tls.sni; pcre:"/^md-[^.]+\\.blob\\.storage\\.azure\\.net$/i"; sid:5;)
drop tls any any -> any 443 (tls.sni; content:"bad.example"; startswith; endswith; sid:6;)
alert tcp any any -> any any (msg:"seen"; sid:7;)
"""
AWS: Final = """\
{"RuleGroup": {"RulesSource": {"RulesSourceList": {
  "Targets": [".data.mcr.microsoft.com", "mcr.microsoft.com"],
  "TargetTypes": ["TLS_SNI"], "GeneratedRulesType": "ALLOWLIST"}}}}
"""
OPA: Final = """\
{"aks_egress": {"lacks": [{"id": "AzureCloud/core/any:udp-123", "reason": "no region"}], "rules": [
  {"id": "a", "any": false, "hosts": ["mcr.microsoft.com"], "patterns": ["^([^.]+\\\\.)+x\\\\.io$"], "ranges": [],
   "port": 443, "protocol": "TCP"},
  {"id": "b", "any": true, "hosts": [], "patterns": [], "ranges": ["192.0.2.0/24"], "port": null, "protocol": null}
]}}
"""
HOSTS: Final = """\
# Made by aks-egress-catalog; edit the profile, not this file.
*.data.mcr.microsoft.com:443/TCP
[2001:db8::/32]:9000/TCP
192.0.2.0/24:1194/UDP
tag:AzureMonitor:443/TCP
any.example
"""


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (
            "envoy",
            ENVOY,
            [
                *("*.hcp.westeurope.azmk8s.io HTTPS 443", "mcr.microsoft.com HTTPS 443"),
                *("archive.ubuntu.com HTTP 8080", "* HTTP 8080"),
            ],
        ),
        (
            "rpz",
            RPZ,
            ["mcr.microsoft.com ANY", "*.data.mcr.microsoft.com ANY"],
        ),
        (
            "dnsmasq",
            DNSMASQ,
            [".data.mcr.microsoft.com TCP 443", ".mcr.microsoft.com TCP 443", ".login.microsoftonline.com ANY"],
        ),
        (
            "nftables",
            NFTABLES,
            [
                *("192.0.2.0/24 TCP 443, TCP 9000-9001", "198.51.100.1 TCP 443, TCP 9000-9001"),
                *("203.0.113.7 TCP 443, TCP 9000-9001", "2001:db8::/32 ANY", "* UDP 123"),
            ],
        ),
        (
            "suricata",
            SURICATA,
            [
                *("mcr.microsoft.com HTTPS 443", ".hcp.westeurope.azmk8s.io HTTPS 443"),
                *("*.data.mcr.microsoft.com HTTPS 443", "*ubuntu* HTTP any port"),
                *("md-{*}.blob.storage.azure.net HTTPS 443", "-bad.example HTTPS 443"),
            ],
        ),
        ("aws-domain-list", AWS, [".data.mcr.microsoft.com HTTPS any port", "mcr.microsoft.com HTTPS any port"]),
        ("opa", OPA, ["mcr.microsoft.com TCP 443", "*.x.io TCP 443", "* ANY", "192.0.2.0/24 ANY"]),
        (
            "aks-egress-list",
            HOSTS,
            [
                *("*.data.mcr.microsoft.com TCP 443", "2001:db8::/32 TCP 9000", "192.0.2.0/24 UDP 1194"),
                *("AzureMonitor TCP 443", "any.example ANY"),
            ],
        ),
    ],
)
def test_what_a_list_lets_through(form: str, text: str, expected: list[str]) -> None:
    assert recognise(Source("list", text)) == form
    found = load_reader(form).read(Source("list", text)) if form == "opa" else reading(form, text)
    assert shown(found) == expected


def test_haproxy_reads_the_lists_beside_it(tmp_path: Path) -> None:
    (tmp_path / "names.lst").write_text("# of ours\nmanagement.azure.com\n", encoding="ascii")
    (tmp_path / "haproxy.cfg").write_text(HAPROXY, encoding="ascii")
    found = haproxy(tmp_path)
    assert shown(found) == [
        "mcr.microsoft.com HTTPS 443, HTTPS 8443",
        "login.microsoftonline.com HTTPS 443, HTTPS 8443",
        "*.data.mcr.microsoft.com HTTPS 443, HTTPS 8443",
        "management.azure.com HTTPS 443, HTTPS 8443",
        "*.ubuntu.com HTTP 80",
    ]
    assert found.included == [str(tmp_path / "names.lst")]
    assert [one.message for one in found.unread] == ["a name compared by 'len' was not read"]
    (tmp_path / "names.lst").unlink()
    assert "this list is not among the files" in [one.message for one in haproxy(tmp_path).unread]


def haproxy(folder: Path) -> Reading:
    path = folder / "haproxy.cfg"
    return load_reader("haproxy").read(Source(str(path), path.read_text(encoding="ascii")))


def test_a_star_that_envoy_never_matches_is_a_fault() -> None:
    faults = [entry.value for entry in reading("envoy", ENVOY).entries if entry.fault]
    assert faults == ["*.hcp.*.azmk8s.io"]


def test_an_open_zone_denies_what_it_names() -> None:
    assert shown(reading("rpz", "bad.example CNAME .\n*.bad.example CNAME *.\n")) == [
        "-bad.example ANY",
        "-*.bad.example ANY",
    ]


def test_what_our_data_lacks_is_declared_and_what_only_says_so_is_told() -> None:
    assert load_reader("opa").read(Source("data.json", OPA)).declared == {"AzureCloud/core/any:udp-123": "no region"}
    about = reading("aks-egress-list", HOSTS.splitlines()[0] + "\n")
    assert [one.message for one in about.unread] == [
        "this file only says what lists beside it lack: it lets nothing through"
    ]


NEW: Final = ("opa", "aws-domain-list", "aks-egress-list", "envoy", "haproxy", "nftables", "dnsmasq", "rpz", "suricata")


@pytest.mark.parametrize("form", NEW)
@pytest.mark.parametrize(
    "text", ["", "{", '{"aks_egress": [1]}', "static_resources: [", "x\x00y", "acl", "set {{{{" * 50]
)
def test_no_text_stops_a_reader(form: str, text: str) -> None:
    assert form in FORMATS
    assert load_reader(form).read(Source("list", text)).entries == []


@pytest.mark.parametrize("form", NEW)
def test_a_long_line_is_read_in_short_time(form: str) -> None:
    for text in ("set a " + "{" * 20_000, "pass tls " + "a " * 20_000, "nftset=/" + "a/" * 5_000, "a" * 100_000):
        load_reader(form).read(Source("list", text))
