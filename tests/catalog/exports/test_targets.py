"""What every target has in common: hostile names, limits, address families, tags, and bytes that stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.exports.appliances import aws_suricata, edl, fortigate, zscaler
from aks_egress_catalog.exports.azure.rule_collections import DESTINATIONS
from aks_egress_catalog.exports.declaration import NoPort
from aks_egress_catalog.exports.dns import nftables, rpz
from aks_egress_catalog.exports.export import Export, Fidelity, Header
from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.exports.text_lines import ABOUT
from aks_egress_catalog.model import Application, DestinationForm, Kind, Protocol
from tests.catalog.cli.command_line import ask
from tests.catalog.exports.resolutions import HEADER, REAL, addresses, https, real, resolution

DATA: Final = ("json", "csv")
NEW: Final = [
    *("hosts", "opa", "az-script", "bicep-json", "terraform-tfvars", "aws-suricata", "edl", "fortigate", "zscaler"),
    *("envoy", "haproxy", "nftables", "rpz", "cilium"),
]


def render(form: str, *rules: ConcreteRule, header: Header = HEADER, caveats: tuple[str, ...] = ()) -> Export:
    return load_format(form).render(resolution(*rules, caveats=caveats), header)


def note(form: str, rule: ConcreteRule) -> tuple[str, str]:
    (found,) = render(form, rule).notes
    return found.fidelity, found.reason


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("form", NEW)
def test_the_same_rules_give_the_same_bytes_in_any_order(form: str, name: str) -> None:
    of = real(name, load_format(form).TARGET)
    shuffled = resolution(*reversed(of.rules), caveats=of.caveats, unmet=of.unmet)
    first, again = (load_format(form).render(one, HEADER).files for one in (of, of))
    assert first == again
    if form not in ("az-script", "bicep-json", "terraform-tfvars", "opa"):  # which keep the order of the rules
        bodies = [
            {
                name: [line for line in text.splitlines() if not line.startswith(("#", ";"))]
                for name, text in one.items()
            }
            for one in (first, load_format(form).render(shuffled, HEADER).files)
        ]
        assert bodies[0] == bodies[1]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("form", NEW)
def test_files_end_with_a_line_are_ascii_and_say_where_they_came_from(form: str, name: str) -> None:
    files = load_format(form).render(real(name, load_format(form).TARGET), HEADER).files
    assert all(text.isascii() and (not text or text.endswith("\n")) for text in files.values())
    assert any("Catalog 1.2.3, facts of 2026-01-31." in text for text in files.values())


HOSTILE: Final = (
    'x"; accept; #.example',
    "x'.example\n* CNAME rpz-passthru.",
    "a b.example",
    "$(id).example",
    "x.example; drop",
    "*.*.example\r\n",
    "{{ x }}.example",
    "..example",
    "*",
    "*.com",
    "10.0.0.1",
    "a.example:443",
    "-f.example",
    "é.example",
)


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("form", [form for form in FORMATS if form not in DATA])
def test_a_name_that_is_none_is_dropped_and_stands_in_no_file(form: str, host: str) -> None:
    fidelity, reason = note(form, https(host, feature="defender"))
    assert (fidelity, reason.partition(":")[0]) == (Fidelity.DROPPED, "no host name")
    good = https("good.example", feature="defender", id="AzureCloud/defender/good:tcp-443")
    assert render(form, good).files.keys() == render(form, good, https(host, feature="defender")).files.keys()


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(text=st.text(max_size=200), form=st.sampled_from([form for form in FORMATS if form not in DATA]))
def test_no_text_whatever_changes_anything_but_comments(text: str, form: str) -> None:
    """Ids, remarks, caveats and the header are hostile texts; a program that reads the file sees none of them."""

    def made(said: str) -> Export:
        rule = https("a.example", "*.b.example", feature="defender", remarks=(said,), id=f"AzureCloud/x:tcp-443{said}")
        header = Header(catalog_version=f"1.2.3{said}", facts_date=said or "x", profile=said or "x")
        unmet = (LeftOut(id=f"y{said}", reason=said),)
        return load_format(form).render(resolution(rule, caveats=(said,), unmet=unmet), header)

    plain, hostile = made(""), made(text)
    assert plain.files.keys() == hostile.files.keys()
    for name, body in hostile.files.items():
        if not name.endswith((".json", ".yaml", ".bicep", ".tf", ".rego")) and form != "paloalto":
            assert live_lines(body) == live_lines(plain.files[name])
        if name.endswith(".json"):
            json.loads(body)


def live_lines(body: str) -> list[str]:
    """What is no comment: each line but for the serial number and what names the rule."""
    lines = [line for line in body.split("\n") if line and not line.startswith(("#", ";"))]
    return [line for line in lines if "SOA" not in line and "--description" not in line]


@pytest.mark.parametrize(
    ("form", "rule", "fidelity", "reason"),
    [
        ("envoy", https("*.x.example"), "exact", ""),
        ("envoy", https("md-*.x.example"), "dropped", "no star but the leading '*.'"),
        ("envoy", https("*.hcp.*.x.example"), "dropped", "no star but the leading '*.'"),
        ("envoy", https("a.example", port=9000, application=None), "dropped", "neither TLS nor HTTP"),
        ("haproxy", https("md-*.x.example"), "exact", ""),
        ("haproxy", addresses("192.0.2.0/24"), "dropped", "takes no cidr"),
        ("nftables", https("a.example"), "widened", "all names below it pass"),
        ("nftables", https("*.x.example"), "widened", "x.example itself passes as well"),
        ("nftables", addresses("192.0.2.0/24", "2001:db8::/32"), "exact", ""),
        ("nftables", addresses("X", form=DestinationForm.SERVICE_TAG), "dropped", "a Service Tags file"),
        ("rpz", https("a.example"), "widened", "on every port"),
        ("rpz", https("md-*.x.example"), "dropped", "no star but the leading '*.'"),
        ("rpz", https("*.x.example", port=None, protocol=None), "exact", ""),
        ("rpz", https("a" * 60 + ("." + "b" * 60) * 3 + ".example"), "dropped", "up to 200 characters"),
        (
            "zscaler",
            https("*.x.example"),
            "widened",
            "x.example itself passes as well; it passes on every port; of the names below x.example, those with",
        ),
        (
            "zscaler",
            https("a.example", kind=Kind.NETWORK, protocol=Protocol.UDP, port=123),
            "dropped",
            "UDP 123 is UDP",
        ),
        ("edl", https("*.x.example"), "exact", ""),
        ("edl", https("md-*.x.example"), "dropped", "a whole label"),
        ("edl", addresses("192.0.2.0/24", protocol=Protocol.UDP, port=1194), "exact", ""),
        ("aws-suricata", https("a.example"), "widened", "in domain-list.json it passes on every port"),
        ("aws-suricata", https("md-*.x.example"), "narrowed", "domain-list.json lacks it"),
        ("fortigate", https("*.x.example"), "widened", "whatever else they serve"),
        ("fortigate", https("a.example", kind=Kind.NETWORK, protocol=Protocol.UDP, port=123), "exact", ""),
        ("opa", https("{guid}.x.example"), "exact", ""),
        ("hosts", addresses("X", form=DestinationForm.SERVICE_TAG), "exact", ""),
        ("cilium", https("a.example"), "dropped", "node traffic"),
        ("cilium", https("*.hcp.westeurope.azmk8s.io"), "widened", "whatever else they serve"),
    ],
)
def test_fidelity_follows_from_the_declaration(form: str, rule: ConcreteRule, fidelity: str, reason: str) -> None:
    found, why = note(form, rule)
    assert found == fidelity, why
    assert reason in why
    assert bool(why) == bool(reason)


LONG: Final = tuple(f"h{number}.{'.'.join('x' * 60 for _ in range(3))}.example" for number in range(11_000))


def many(count: int) -> ConcreteRule:
    return https(*(f"h{number}.example" for number in range(count)))


@pytest.mark.parametrize(
    ("form", "rule", "said"),
    [
        (
            "zscaler",
            many(25_001),
            "zscaler-urls.txt would have 25,001 URLs of custom categories; the target takes 25,000",
        ),
        ("edl", many(50_001), "urls-tcp-443.txt would have 50,001 URLs; the target takes 50,000"),
        ("aws-suricata", many(15_000), "domain-list.json would have 15,000 domains; the target takes 14,999"),
        (
            "aws-suricata",
            many(14_000),
            "aks-egress.rules would have [0-9,]+ bytes of rules; the target takes 2,000,000",
        ),
        (
            "fortigate",
            many(fortigate.ENTRIES.most + 1),
            "domains.txt would have 128,001 entries of an external resource",
        ),
        ("bicep-json", https(*LONG), "aks-egress would have [0-9,]+ characters of rules; the target takes 2,000,000"),
        (
            "az-script",
            addresses(*(f"10.{n // 250}.{n % 250}.0/24" for n in range(DESTINATIONS.most + 1))),
            "aks-egress would have 20,001 destinations of network rules, for one source; the target takes 20,000",
        ),
    ],
)
def test_a_limit_is_told_with_its_number_before_anything_is_written(form: str, rule: ConcreteRule, said: str) -> None:
    with pytest.raises(aec.AksEgressError, match=said):
        render(form, rule)


def test_a_group_of_fortigate_is_split_where_it_is_full() -> None:
    text = render("fortigate", many(fortigate.MEMBERS.most + 1)).files
    parts = [f'"aks-egress tcp-443 part {place}"' for place in (1, 2)]
    assert f'edit {parts[1]}\n        set member "aks-egress h99.example"\n' in text[fortigate.OBJECTS]
    assert f'edit "aks-egress tcp-443"\n        set member {parts[0]} {parts[1]}\n' in text[fortigate.OBJECTS]
    assert 'set dstaddr "aks-egress tcp-443"\n' in text[fortigate.POLICIES]


def test_ipv6_has_sets_and_tables_of_its_own() -> None:
    rule = addresses("192.0.2.0/24", "2001:db8::/32")
    table = render("nftables", rule).files[nftables.FILE]
    assert "add element inet aks_egress tcp_9000_ranges_4 { 192.0.2.0/24 }" in table
    assert "add element inet aks_egress tcp_9000_ranges_6 { 2001:db8::/32 }" in table
    objects = render("fortigate", rule).files
    four, _, six = objects[fortigate.OBJECTS].partition("config firewall address6\n")
    assert "subnet 192.0.2.0 255.255.255.0" in four
    assert "ip6 2001:db8::/32" in six.partition("end\n")[0]
    assert 'set dstaddr6 "aks-egress tcp-9000 v6"' in objects[fortigate.POLICIES]
    assert render("edl", rule).files["ips-tcp-9000.txt"] == "192.0.2.0/24\n2001:db8::/32\n"


@pytest.mark.shipped
def test_a_service_tags_file_without_the_tag_drops_the_rule_with_a_reason() -> None:
    tags = ServiceTags(cloud="AzureCloud", change_number=1, prefixes={"Other": ("192.0.2.0/24",)})
    profile = aec.Profile(region="westeurope", konnectivity=False)
    for form in ("nftables", "fortigate", "edl", "opa"):
        export = aec.export(form, profile, service_tags=tags)
        reasons = {one.reason for one in export.notes if one.fidelity is Fidelity.DROPPED and "1194" in one.id}
        assert reasons
        assert all("AzureCloud" in reason for reason in reasons)


def test_nothing_is_written_where_the_input_is_wrong(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ask("export", "squid", "--set", "region=nowhere", "--out", out)
    assert (done.returncode != 0, out.exists()) == (True, False)


def test_files_of_an_older_export_are_named_where_a_newer_one_has_none(tmp_path: Path) -> None:
    (tmp_path / "about.txt").write_text("older", encoding="utf-8")
    (tmp_path / "ips-tcp-1.txt").write_text("192.0.2.0/24\n", encoding="utf-8")
    done = ask("export", "edl", "--set", "region=westeurope", "--out", tmp_path)
    assert done.returncode == 0
    assert "has files that are not of this export: ips-tcp-1.txt\n" in done.stderr
    fresh = ask("export", "edl", "--set", "region=westeurope", "--out", tmp_path / "fresh")
    assert "not of this export" not in fresh.stderr


def test_a_folder_in_which_one_file_cannot_be_written_keeps_all_that_it_has(tmp_path: Path) -> None:
    (tmp_path / fortigate.POLICIES).mkdir()
    (tmp_path / fortigate.OBJECTS).write_text("older", encoding="utf-8")
    done = ask("export", "fortigate", "--set", "region=westeurope", "--out", tmp_path)
    assert "is a folder; nothing was written\n" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == [fortigate.OBJECTS, fortigate.POLICIES]
    assert (tmp_path / fortigate.OBJECTS).read_text(encoding="utf-8") == "older"


def test_lists_without_comments_have_a_file_that_says_what_they_lack() -> None:
    unmet = (LeftOut(id="AzureCloud/core/any:udp-1194", reason="it needs the region"),)
    for form in ("edl", "zscaler"):
        text = load_format(form).render(resolution(https("a.example"), unmet=unmet), HEADER).files[ABOUT]
        assert "# Needed, and not in this file:\n# AzureCloud/core/any:udp-1194: it needs the region\n" in text


def test_an_external_list_has_one_port_and_ends_each_name() -> None:
    files = render(
        "edl",
        https("*.x.example", "b.example"),
        https("a.example", port=80, application=Application.HTTP, id="AzureCloud/core/a:tcp-80"),
    ).files
    assert files["urls-tcp-443.txt"] == "*.x.example/\nb.example/\n"
    assert files["urls-tcp-80.txt"] == "a.example/\n"
    assert load_format("edl").DECLARATION.limits == (edl.URLS, edl.ADDRESSES)


def test_suricata_matches_the_end_of_a_name_without_the_name_itself() -> None:
    text = render("aws-suricata", https("*.x.example", "md-*.x.example", "a.example")).files[aws_suricata.RULES]
    assert 'tls.sni; content:".x.example"; nocase; endswith; sid:' in text
    assert 'tls.sni; content:"a.example"; nocase; startswith; endswith; sid:' in text
    assert r'tls.sni; pcre:"/^md-[^.]+\.x\.example$/i"; sid:' in text
    http = https("a.example", port=80, application=Application.HTTP)
    assert "nocase" not in render("aws-suricata", http).files[aws_suricata.RULES], "the buffer takes none"


def test_the_identifiers_of_suricata_are_its_own() -> None:
    text = render("aws-suricata", many(3_000)).files[aws_suricata.RULES]
    numbers = [line.partition("sid:")[2].partition(";")[0] for line in text.splitlines() if "sid:" in line]
    assert len(set(numbers)) == len(numbers) == 3_000


def test_a_zone_denies_what_lies_beside_a_needed_name() -> None:
    lines = render("rpz", https("a.b.example", "*.w.example", "x.y.w.example")).files[rpz.FILE].splitlines()
    records = dict(line.split(" CNAME ") for line in lines if " CNAME " in line)
    assert {name for name, target in records.items() if target == "rpz-passthru."} == {
        *("a.b.example", "*.w.example", "x.y.w.example", "y.w.example", "*.y.w.example", "*.x.y.w.example")
    }
    assert {name for name, target in records.items() if target == "."} == {
        *("*.a.b.example", "b.example", "*.b.example", "w.example", "example", "*.example", "*")
    }


def test_the_serial_of_a_zone_grows_with_the_version() -> None:
    def serial(version: str) -> int:
        header = Header(catalog_version=version, facts_date="x", profile="x")
        (line,) = (line for line in render("rpz", header=header).files[rpz.FILE].splitlines() if " SOA " in line)
        return int(line.split()[4])

    versions = ["2025.12.31", "2026.1.1", "2026.1.1.2", "2026.10.1", "2027.1.1"]
    assert sorted(map(serial, versions)) == list(map(serial, versions))
    assert serial("9999999.1.1") < 2**32
    assert serial("nonsense²") >= 0


def test_rules_without_a_port() -> None:
    rule = https("a.example", port=None, protocol=None, application=None)
    assert "a.example\n" in render("hosts", rule).files["hosts.txt"]
    assert note("envoy", rule)[0] == Fidelity.NARROWED
    assert "ip daddr @any_4 accept" in render("nftables", rule).files[nftables.FILE]
    assert 'set service "ALL"' in render("fortigate", rule).files[fortigate.POLICIES]
    assert {way.no_port for way in load_format("az-script").DECLARATION.ways} == {NoPort.DROPPED}


def test_a_category_has_a_leading_dot_for_a_name_and_all_below() -> None:
    assert render("zscaler", https("*.x.example", "b.example")).files[zscaler.FILE] == ".x.example\nb.example\n"
