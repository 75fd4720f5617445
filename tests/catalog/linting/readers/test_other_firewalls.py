"""Lists of every format but Azure Firewall's: what each gives, where it stands, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Action, Form, Reading
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import FORMATS, load_reader, read, recognise
from aks_egress_catalog.linting.source import Source
from tests.catalog.linting.readers.readings import hosts, shown

pytestmark = pytest.mark.usefixtures("base_shipped")

SQUID: Final = """\
acl nodes src 10.240.0.0/16
acl SSL_ports port 443
acl Safe_ports port 80 443
acl CONNECT method CONNECT
acl aks dstdomain .data.mcr.microsoft.com mcr.microsoft.com # the registry
acl aks_patterns dstdom_regex -i ^([^.]+\\.)+hcp\\.westeurope\\.azmk8s\\.io$
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access deny !nodes
http_access allow aks
http_access allow aks_patterns
http_access deny all
"""
PALOALTO: Final = """\
set address login fqdn login.microsoftonline.com
set service https protocol tcp port 443
set profiles custom-url-category aks list [ mcr.microsoft.com/ *.data.mcr.microsoft.com/ ^.hcp.westeurope.azmk8s.io/ ]
set rulebase security rules aks category aks
set rulebase security rules aks service https
set rulebase security rules aks destination any
set rulebase security rules aks action allow
set rulebase security rules login destination login
set rulebase security rules login service application-default
set rulebase security rules login action allow
set rulebase security rules rest destination any
set rulebase security rules rest action deny
"""
XML: Final = """\
<?xml version="1.0"?>
<config><shared>
 <address><entry name="login"><fqdn>login.microsoftonline.com</fqdn></entry></address>
 <service><entry name="https"><protocol><tcp><port>443</port></tcp></protocol></entry></service>
 <profiles><custom-url-category>
  <entry name="aks"><list><member>mcr.microsoft.com/</member></list></entry>
 </custom-url-category></profiles>
 <rulebase><security><rules>
  <entry name="r"><destination><member>any</member></destination><category><member>aks</member></category>
   <service><member>https</member></service><action>allow</action></entry>
 </rules></security></rulebase>
</shared></config>
"""
FORTIGATE: Final = """\
config firewall address
    edit "mcr"
        set type fqdn
        set fqdn "mcr.microsoft.com"
    next
    edit "data"
        set type fqdn
        set fqdn "*.data.mcr.microsoft.com"
    next
end
config firewall addrgrp
    edit "aks"
        set member "mcr" "data"
    next
end
config firewall policy
    edit 1
        set name "aks"
        set srcaddr "all"
        set dstaddr "aks"
        set service "HTTPS"
        set action accept
        set ssl-ssh-profile "deep-inspection"
    next
    edit 2
        set dstaddr "mcr"
        set service "HTTP"
        set status disable
        set action accept
    next
end
"""
CILIUM: Final = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: agents
spec:
  endpointSelector: {}
  egress:
    - toFQDNs:
        - matchName: "login.microsoftonline.com"
        - matchPattern: "*.ods.opinsights.azure.com"
        - matchPattern: "**.monitoring.azure.com"
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
"""
PLAIN: Final = """\
# the registry
mcr.microsoft.com:443
*.data.mcr.microsoft.com
https://login.microsoftonline.com/common  ntp.ubuntu.com:123/udp
192.0.2.0/24
not_a_host
"""
ENDPOINTS: Final = """\
[{"category": "azure-resource-management", "endpoints": [
  {"domainName": "management.azure.com", "endpointDetails": [{"port": 443, "protocol": "Https"}]}]}]
"""
EXAMPLES: Final = {
    "squid": ("squid.conf", SQUID),
    "paloalto": ("pa.set", PALOALTO),
    "paloalto-xml": ("pa.xml", XML),
    "fortigate": ("forti.conf", FORTIGATE),
    "cilium": ("policy.yaml", CILIUM),
    "plain": ("hosts.txt", PLAIN),
    "egress-endpoints": ("endpoints.json", ENDPOINTS),
}
NO_LISTS: Final = {
    "package.json": '{"name": "x", "dependencies": {"left-pad": "1.0.0"}}',
    "deployment.yaml": "kind: Deployment\nspec:\n  template:\n    spec: {containers: [{image: mcr.microsoft.com/a}]}\n",
    "values.yaml": "image:\n  repository: mcr.microsoft.com/oss\n",
    "README.txt": "This is about mcr.microsoft.com and other hosts.\nIt says so in words, on two lines.\n",
    "requirements.txt": "click>=8\nrich>=13\n",
    "nginx.conf": "server { listen 80; server_name a.example.com; }\n",
    "notes.csv": "name,age\nanna,7\n",
    "pom.xml": "<project><groupId>a.b</groupId></project>",
    "empty.txt": "\n\n",
    "settings.json": "[1, 2, 3]",
}


def source(form: str) -> Source:
    name, text = EXAMPLES[form]
    return Source(name, text)


def reading(form: str) -> Reading:
    return read(source(form), form)


def patterns(found: Reading) -> list[str]:
    return [entry.pattern for entry in found.entries]


@pytest.mark.parametrize("form", EXAMPLES)
def test_a_format_is_found_by_its_content(form: str) -> None:
    _, text = EXAMPLES[form]
    assert recognise(Source("somewhere", text)) == form
    assert recognise(source(form)) == form


@pytest.mark.parametrize("name", NO_LISTS)
def test_a_file_of_something_else_is_no_list(name: str) -> None:
    assert recognise(Source(name, NO_LISTS[name], named=False)) is None


@pytest.mark.parametrize("form", EXAMPLES)
def test_every_value_stands_where_its_place_says(form: str) -> None:
    text = EXAMPLES[form][1]
    for entry in reading(form).entries:
        if entry.form is not Form.ANY:
            assert text[entry.place.start : entry.place.end] == entry.value
            line = text.splitlines()[entry.place.line - 1]
            assert line[entry.place.column - 1 :].startswith(entry.value)


def test_squid_bounds_what_follows_and_keeps_its_order() -> None:
    found = reading("squid")
    allowed = [entry for entry in found.entries if entry.rule.action is Action.ALLOW]
    assert [entry.pattern for entry in allowed] == [
        ".data.mcr.microsoft.com",
        "mcr.microsoft.com",
        "*.hcp.westeurope.azmk8s.io",
    ]
    rule = allowed[0].rule
    assert rule.sources == ("10.240.0.0/16",)
    assert {str(service) for service in rule.services} == {"HTTPS 443", "HTTP 80", "HTTP 443"}
    assert len(found.entries) == len(allowed), "what denies the rest is no entry: the rest is missing, not blocked"


def test_squid_knows_no_star() -> None:
    (entry,) = read(Source("s", "acl a dstdomain *.x.io\nhttp_access allow a\n"), "squid").entries
    assert entry.fault


def test_squid_reads_lists_and_includes_that_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "hosts.acl").write_text("mcr.microsoft.com # one\n.x.io\n")
    (tmp_path / "more.conf").write_text("acl b dstdomain b.io\n")
    text = 'include /etc/squid/more.conf\nacl a dstdomain "/etc/squid/hosts.acl"\nacl c dstdomain "/etc/squid/gone"\n'
    file = tmp_path / "squid.conf"
    file.write_text(text + "http_access allow a\nhttp_access allow b\nhttp_access allow c\n")
    found = read(Source(str(file), file.read_text()), "squid")
    assert patterns(found) == ["mcr.microsoft.com", ".x.io", "b.io"]
    assert [one.value for one in found.unread] == ["/etc/squid/gone"]


@pytest.mark.parametrize(
    ("lines", "expected"), [("ssl_bump splice safe\nssl_bump bump all\n", [False, True]), ("", [False, False])]
)
def test_squid_says_whose_tls_is_opened(lines: str, expected: list[bool]) -> None:
    text = f"acl safe ssl::server_name a.io\nacl h dstdomain a.io b.io\nacl all src all\n{lines}http_access allow h\n"
    assert [entry.rule.inspects for entry in read(Source("s", text), "squid").entries] == expected


def test_a_denial_of_all_but_a_list_allows_the_list() -> None:
    text = "acl ok dstdomain a.io\nacl net src 10.0.0.0/8\nhttp_access deny !ok\nhttp_access allow net\n"
    (entry,) = read(Source("s", text), "squid").entries
    assert (entry.pattern, entry.rule.sources) == ("a.io", ("10.0.0.0/8",))


def test_paloalto_ties_objects_to_rules() -> None:
    found = reading("paloalto")
    assert [(entry.pattern, str(entry.rule.services[0])) for entry in found.entries] == [
        ("mcr.microsoft.com", "TCP 443"),
        ("*.data.mcr.microsoft.com", "TCP 443"),
        ("{*}.hcp.westeurope.azmk8s.io", "TCP 443"),
        ("login.microsoftonline.com", "HTTPS 443"),
        ("*", "TCP and UDP any port"),
    ]
    assert found.entries[-1].rule.action is Action.DENY


def test_a_rule_that_is_switched_off_allows_nothing() -> None:
    text = PALOALTO + "set rulebase security rules aks disabled yes\n"
    found = read(Source("pa", text), "paloalto")
    assert "mcr.microsoft.com" not in patterns(found)
    assert found.skipped == 1


def test_an_unknown_object_is_told() -> None:
    found = read(
        Source("pa", "set rulebase security rules a destination gone\nset rulebase security rules a action allow\n"),
        "paloalto",
    )
    assert [one.value for one in found.unread] == ["gone"]


def test_xml_is_read_alike() -> None:
    assert [(entry.pattern, str(entry.rule.services[0])) for entry in reading("paloalto-xml").entries] == [
        ("mcr.microsoft.com", "TCP 443")
    ]


def test_fortigate_follows_groups_and_profiles() -> None:
    found = reading("fortigate")
    assert patterns(found) == ["mcr.microsoft.com", "*.data.mcr.microsoft.com"]
    assert all(entry.rule.inspects for entry in found.entries)
    assert found.skipped == 1


def test_cilium_stars_are_of_one_label() -> None:
    found = reading("cilium")
    assert patterns(found) == ["login.microsoftonline.com", "{*}.ods.opinsights.azure.com", "*.monitoring.azure.com"]
    assert found.skipped == 1


def test_cilium_policies_for_other_pods_are_other_policies() -> None:
    def policy(name: str, selector: str, host: str) -> str:
        return (
            f"kind: CiliumNetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
            f"  endpointSelector: {selector}\n  egress: [{{toFQDNs: [{{matchName: {host}}}]}}]\n---\n"
        )

    web, jobs = "{matchLabels: {app: web, tier: a}}", "{matchExpressions: [{key: app, operator: In, values: [x, y]}]}"
    text = policy("one", web, "web.io") + policy("two", web, "more.io") + policy("three", jobs, "job.io")
    cluster = (
        "kind: CiliumClusterwideNetworkPolicy\nspec:\n  nodeSelector: {}\n  egress: [{toFQDNs: [{matchName: n.io}]}]\n"
    )
    found = read(Source("p.yaml", text + policy("all", "{}", "all.io") + cluster), "cilium")
    by_policy: dict[str, list[str]] = {}
    for entry in found.entries:
        by_policy.setdefault(entry.rule.policy, []).append(entry.pattern)
    assert by_policy == {
        "pods app=web, tier=a in shop": ["web.io", "more.io", "all.io"],
        "pods app In x, y in shop": ["job.io", "all.io"],
        "every pod in shop": ["all.io"],
        "every node": ["n.io"],
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a.io 443 tcp", ["a.io TCP 443"]),
        ("a.io\t123\tudp", ["a.io UDP 123"]),
        ("a.io 443", ["a.io TCP 443"]),
        ("a.io HTTPS:443", ["a.io HTTPS 443"]),
        ("a.io udp/123 9000-9001/tcp", ["a.io UDP 123, TCP 9000-9001"]),
        ("a.io 80,443 tcp", ["a.io TCP 80, TCP 443"]),
        ("a.io https", ["a.io HTTPS 443"]),
        ("tcp 443 a.io b.io:80", ["a.io TCP 443", "b.io TCP 80"]),
        ("a.io 443 # tcp 80", ["a.io TCP 443"]),
        ("a.io 99999", ["a.io ANY"]),
        ("host port protocol", []),
    ],
)
def test_ports_beside_a_host_are_its_ports(line: str, expected: list[str]) -> None:
    found = read(Source("x.txt", f"{line}\nz.io\n"), "plain")
    assert shown(found) == [*expected, "z.io ANY"]
    assert [one.value for one in found.unread] == (["99999"] if "99999" in line else [])


HOSTS_FILE: Final = "127.0.0.1 localhost\n::1 localhost\n0.0.0.0 mcr.microsoft.com\n0.0.0.0 a.io b.io # ads\n"


def test_a_hosts_file_is_no_allow_list(tmp_path: Path) -> None:
    (tmp_path / "block.txt").write_text(HOSTS_FILE)
    (tmp_path / "list.txt").write_text("mcr.microsoft.com:443\n")
    lists = read_lists([str(tmp_path)])
    assert [Path(one.path).name for one in lists.readings] == ["list.txt"]
    (told,) = lists.refused
    assert "a hosts file blocks names" in told.message
    assert Path(told.place.path).name == "block.txt"
    with pytest.raises(aec.AksEgressError, match=r"no allow list found.*hosts file"):
        read_lists([str(tmp_path / "block.txt")])
    (insisted,) = read_lists([str(tmp_path / "block.txt")], form="plain").readings
    assert hosts(insisted) == ["mcr.microsoft.com", "a.io", "b.io"]


def test_a_line_of_a_hosts_file_in_a_list_allows_nothing() -> None:
    found = read(Source("x.txt", "a.io\nb.io\nc.io\n0.0.0.0 d.io\n192.0.2.1 e.io\n"), "plain")
    assert hosts(found) == ["a.io", "b.io", "c.io", "192.0.2.1", "e.io"]
    assert [(one.value, one.may_allow) for one in found.unread] == [("0.0.0.0 d.io", False)]


def test_plain_lines_say_host_port_and_protocol() -> None:
    found = reading("plain")
    assert [(entry.pattern, str(entry.rule.services[0])) for entry in found.entries] == [
        ("mcr.microsoft.com", "TCP 443"),
        ("*.data.mcr.microsoft.com", "TCP and UDP any port"),
        ("login.microsoftonline.com", "HTTPS 443"),
        ("ntp.ubuntu.com", "UDP 123"),
        ("192.0.2.0/24", "TCP and UDP any port"),
    ]
    assert [one.value for one in found.unread] == ["not_a_host"]


def test_a_table_of_hosts_is_a_list() -> None:
    text = 'Host,Port,Protocol\nmcr.microsoft.com,443,https\n"a.io",80,tcp\n'
    found = read(Source("x.csv", text), "plain")
    assert [(entry.pattern, str(entry.rule.services[0])) for entry in found.entries] == [
        ("mcr.microsoft.com", "HTTPS 443"),
        ("a.io", "TCP 80"),
    ]


def test_the_list_of_microsoft_itself() -> None:
    assert [(entry.pattern, str(entry.rule.services[0])) for entry in reading("egress-endpoints").entries] == [
        ("management.azure.com", "HTTPS 443")
    ]


# ---------------------------------------------------------------- bad input

LAUGHS: Final = "a: &a [x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(20)
)
BOMB: Final = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><config><entry>&b;</entry></config>'
)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("cilium", f"kind: CiliumNetworkPolicy\n{LAUGHS}\n"),
        ("cilium", "kind: CiliumNetworkPolicy\nspec: {{ .Values.x }}\n"),
        ("cilium", "kind: CiliumNetworkPolicy\nspec: " + "[" * 5000),
        ("paloalto-xml", BOMB),
        ("paloalto-xml", "<config><entry>"),
        ("egress-endpoints", '[{"domainName": "a", "endpoints": '),
        ("egress-endpoints", "[" * 100_000 + '"domainName" "endpoints"'),
        ("aks-egress-catalog", '{"rules": [{"id": "AzureCloud/core/x", "port": "x"}]}'),
    ],
    ids=["laughs", "template", "deep", "entities", "cut-xml", "cut-json", "deep-json", "damaged"],
)
def test_what_cannot_be_read_is_told(form: str, text: str) -> None:
    found = load_reader(form).read(Source("x", text))
    assert found.unread
    assert not found.entries


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_by_mistake_is_a_clear_word(form: str) -> None:
    with pytest.raises(InputError):
        read(Source("x", ""), form)


TERRAFORM: Final = 'resource "azurerm_firewall_policy_rule_collection_group" "a" {\n  name = "a"\n}\n'


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "terraform"])
def test_insisting_on_the_wrong_format_says_which_one_it_is(form: str) -> None:
    with pytest.raises(InputError, match=r"nothing in it is .* it looks like terraform"):
        read(Source("main.tf", TERRAFORM), form)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "text", ["x" * 200_000, "a " * 100_000, "\x00\x1b[31m", "[" * 3000, "acl " * 50_000], ids=range(5)
)
def test_nothing_makes_a_reader_fall_over(form: str, text: str) -> None:
    load_reader(form).recognises(Source("x", text))
    found = load_reader(form).read(Source("x", text))
    assert isinstance(found, Reading)


# ---------------------------------------------------------------- through the call


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    for name, text in [*EXAMPLES.values(), *NO_LISTS.items()]:
        (tmp_path / name).write_text(text)
    found = aec.lint(tmp_path, profile=aec.Profile(region="westeurope"))
    assert {one.format for one in found.read} >= set(EXAMPLES)
    assert not {Path(one.path).name for one in found.read} & set(NO_LISTS)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        aec.lint(tmp_path / "gone")
