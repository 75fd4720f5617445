"""PAN-OS, as commands and as XML: the rules in their order, objects from anywhere, URLs by its own rules."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.linting.entry import Form, Reading
from aks_egress_catalog.linting.read import read_lists
from aks_egress_catalog.linting.readers.formats import read, recognise
from aks_egress_catalog.linting.source import Source
from tests import base
from tests.catalog.calls.test_same_set import profiles
from tests.catalog.linting.readers.readings import hosts, reading, shown

OBJECTS = """\
set address mcr fqdn mcr.microsoft.com
set address "two words" ip-netmask 192.0.2.0/24
set address-group group static [ mcr "two words" ]
set service web protocol tcp port 80,443
set service-group services members [ web service-https ]
set profiles custom-url-category urls list [ *.x.io/ y.io ^.dp.z.io/ ]
set external-list feed type url url https://lists.example.com/urls.txt
"""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def pan(text: str) -> Reading:
    return reading("paloalto", OBJECTS + text)


def rule(name: str, **settings: str) -> str:
    given = {"action": "allow", "service": "any", **settings}
    return "".join(f"set rulebase security rules {name} {key} {value}\n" for key, value in given.items() if value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"destination": "mcr", "service": "service-https"}, ["mcr.microsoft.com TCP 443"]),
        (
            {"destination": "group", "service": "web"},
            ["mcr.microsoft.com TCP 80, TCP 443", "192.0.2.0/24 TCP 80, TCP 443"],
        ),
        ({"destination": "mcr", "service": "[ services ]"}, ["mcr.microsoft.com TCP 80, TCP 443"]),
        ({"destination": "mcr", "service": "application-default"}, ["mcr.microsoft.com HTTPS 443, HTTP 80"]),
        (
            {"destination": "mcr", "service": "application-default", "application": "[ ssl ntp ]"},
            ["mcr.microsoft.com HTTPS 443, UDP 123"],
        ),
        ({"destination": "any", "service": ""}, ["* ANY"]),
        ({"destination": "[ 192.0.2.9 10.0.0.0/8 ]"}, ["192.0.2.9 ANY", "10.0.0.0/8 ANY"]),
        (
            {"category": "urls", "service": "web", "destination": "mcr"},
            [f"{url} TCP 80, TCP 443" for url in ("*.x.io", "y.io", "{*}.dp.z.io")],
        ),
        ({"destination": "mcr", "action": "drop"}, ["-mcr.microsoft.com ANY"]),
        ({"destination": "mcr", "disabled": "yes"}, []),
        ({"destination": "mcr", "action": ""}, []),
    ],
)
def test_a_rule(given: dict[str, str], expected: list[str]) -> None:
    assert shown(pan(rule("r", **given))) == expected


def test_rules_keep_their_order_and_that_of_their_rulebases() -> None:
    text = rule("b", destination="192.0.2.1") + rule("a", destination="192.0.2.2")
    pre = rule("z", destination="192.0.2.3").replace("set rulebase", "set device-group dg pre-rulebase")
    found = pan(text + pre + rule("b", source="10.0.0.0/8"))
    assert hosts(found) == ["192.0.2.3", "192.0.2.1", "192.0.2.2"]
    assert [entry.rule.order for entry in found.entries] == sorted(entry.rule.order for entry in found.entries)
    assert [entry.rule.sources for entry in found.entries] == [(), ("10.0.0.0/8",), ()]
    assert [entry.rule.policy for entry in found.entries] == ["list device-group dg", "list", "list"]


def test_objects_of_a_device_group_go_before_shared_ones() -> None:
    text = (
        "set shared address a fqdn shared.io\nset device-group dg address a fqdn own.io\n"
        "set device-group dg pre-rulebase security rules r destination a\n"
        "set device-group dg pre-rulebase security rules r action allow\n"
        "set device-group other post-rulebase security rules r destination a\n"
        "set device-group other post-rulebase security rules r action allow\n"
    )
    assert hosts(reading("paloalto", text)) == ["own.io", "shared.io"]


@pytest.mark.parametrize(
    ("url", "pattern", "fault"),
    [
        ("*.x.io/", "*.x.io", ""),
        ("x.io", "x.io", ""),
        ("a.*.x.io/", "a.*.x.io", ""),
        ("192.0.2.1/", "192.0.2.1", ""),
        ("*", "*", ""),
        ("md-*.x.io/", "md-*.x.io", "whole label"),
        ("https://x.io/", "x.io", "no scheme"),
        ("x.io/v2/", "x.io", "a path"),
        (".x.io/", ".x.io", "empty label"),
        ("*..x.io/", "*..x.io", "empty label"),
    ],
)
def test_urls(url: str, pattern: str, fault: str) -> None:
    (entry,) = reading("paloalto", f"set profiles custom-url-category c list {url}\n").entries
    assert entry.pattern == pattern
    assert fault in entry.fault
    assert bool(fault) == bool(entry.fault)


def test_decryption_says_whose_tls_is_opened() -> None:
    text = rule("r", category="urls") + (
        "set profiles custom-url-category safe list y.io/\n"
        "set rulebase decryption rules no category safe\nset rulebase decryption rules no action no-decrypt\n"
        "set rulebase decryption rules rest category any\nset rulebase decryption rules rest action decrypt\n"
    )
    assert {entry.pattern: entry.rule.inspects for entry in pan(text).entries} == {
        "*.x.io": True,
        "y.io": False,
        "{*}.dp.z.io": True,
    }


def test_lists_that_are_kept_elsewhere() -> None:
    found = pan(rule("r", category="[ feed computer-and-internet-info ]"))
    assert [(entry.form, entry.pattern) for entry in found.entries] == [
        (Form.ELSEWHERE, "feed"),
        (Form.ELSEWHERE, "computer-and-internet-info"),
    ]


def test_what_is_not_evaluated_is_told() -> None:
    text = rule("r", **{"destination": "mcr", "negate-destination": "yes"}) + rule(
        "s", destination="gone", service="odd"
    )
    found = pan(text + "delete address mcr\nmove rulebase security rules r top\nshow config\n")
    assert [one.message for one in found.unread] == [
        "delete is not evaluated: write what the firewall has",
        "move is not evaluated: write what the firewall has",
        "rule 'r' is for all but its destinations: not evaluated",
        "nothing among the files says what 'gone' stands for",
        "nothing among the files says what the service 'odd' is",
    ]
    assert not found.entries


def test_objects_alone_are_what_somebody_allows() -> None:
    assert hosts(pan("")) == ["mcr.microsoft.com", "192.0.2.0/24", "*.x.io", "y.io", "{*}.dp.z.io", "feed"]


def test_a_group_that_holds_itself_ends() -> None:
    text = "set address-group g static [ g h ]\nset address-group h static g\n" + rule("r", destination="g")
    assert not reading("paloalto", text).entries


# ---------------------------------------------------------------- XML


def xml(text: str) -> Reading:
    return reading("paloalto-xml", text)


def entries(kind: str, name: str, inner: str) -> str:
    return f'<{kind}><entry name="{name}">{inner}</entry></{kind}>'


def test_xml_has_places_of_its_own() -> None:
    text = (
        f"{HEAD}<!-- é -->\r\n<config><shared>{entries('address', 'ü &amp; b', '<fqdn>mcr.microsoft.com</fqdn>')}\n"
        f"<address-group><entry name='g'><static><member>ü &amp; b</member></static></entry></address-group>\n"
        "<rulebase><security><rules><entry name='r'><source><member>10.0.0.0/8</member></source>\n"
        "<destination>\n<member> g </member>\n</destination><service><member>service-https</member></service>\n"
        "<action>allow</action></entry></rules></security></rulebase></shared></config>"
    )
    assert recognise(Source("x", text)) == "paloalto-xml"
    found = xml(text)
    assert shown(found) == ["mcr.microsoft.com TCP 443"]
    assert (found.entries[0].place.line, found.entries[0].rule.sources) == (3, ("10.0.0.0/8",))


def test_xml_of_objects_alone() -> None:
    listed = "<list><member>*.x.io/</member><member>y.io/</member></list>"
    text = f"<config><profiles>{entries('custom-url-category', 'c', listed)}</profiles></config>"
    assert hosts(xml(text)) == ["*.x.io", "y.io"]


@pytest.mark.parametrize(
    "text",
    [
        "<config><entry>",
        f'{HEAD}<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><config><entry>&b;</entry></config>',
        '<!DOCTYPE config SYSTEM "file:///etc/passwd"><config><entry/></config>',
        "<config>" + "<a>" * 200 + "</a>" * 200 + "</config>",
        "<config>" + "<a>" * 100_000,
    ],
    ids=["cut", "entities", "external", "deep", "deep and cut"],
)
def test_xml_that_cannot_be_read(text: str) -> None:
    found = xml(text)
    assert not found.entries
    assert [one.message.partition(":")[0] for one in found.unread] == ["this XML cannot be read"]


# ---------------------------------------------------------------- our own


def written(folder: Path, profile: aec.Profile) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in aec.export("paloalto", profile, catalog=base.CATALOG).files.items():
        (folder / name).write_text(text)
    return folder


@given(profiles())
@settings(max_examples=25, deadline=None)
def test_every_host_of_our_own_export_is_an_entry(
    tmp_path_factory: pytest.TempPathFactory, profile: aec.Profile
) -> None:
    folder = written(tmp_path_factory.getbasetemp() / "pan", profile)
    found = {Path(one.path).name: one for one in read_lists([str(folder)]).readings}
    assert not [name for name in found if found[name].entries and name not in ("rules.txt", "urls.txt", "ips.txt")]
    values = re.findall(
        r"^set (?:address \S+ (?:fqdn|ip-netmask)|profiles \S+ \S+ list) (\S+)$",
        (folder / "objects.txt").read_text(),
        re.MULTILINE,
    )
    assert {entry.value for entry in found["rules.txt"].entries if entry.form is not Form.ANY} == set(values)
    assert not [entry for entry in found["rules.txt"].entries if entry.fault]
    assert not found["rules.txt"].unread


@given(st.lists(st.from_regex(r"(?:\*\.)?[a-z0-9]{1,9}\.(?:[a-z]{2,5}\.)?io", fullmatch=True), min_size=1))
@settings(max_examples=50)
def test_commands_and_xml_say_the_same(urls: list[str]) -> None:
    commands = "".join(f"set profiles custom-url-category c list {url}/\n" for url in urls) + rule("r", category="c")
    listed = "".join(f"<member>{escape(url)}/</member>" for url in urls)
    rules = "<category><member>c</member></category><action>allow</action><service><member>any</member></service>"
    text = (
        f"<config><profiles>{entries('custom-url-category', 'c', f'<list>{listed}</list>')}</profiles>"
        f"<rulebase><security><rules><entry name='r'>{rules}</entry></rules></security></rulebase></config>"
    )
    assert shown(reading("paloalto", commands)) == shown(xml(text)) == [f"{url} ANY" for url in urls]


def test_a_format_by_mistake() -> None:
    with pytest.raises(aec.AksEgressError, match="nothing in it is paloalto"):
        read(Source("x", "# nothing\n"), "paloalto")


def test_a_list_beside_counts_for_the_rules_that_name_it(tmp_path: Path) -> None:
    text = (
        "set external-list edl type url url https://lists.example.com/a/urls.txt?x=1\n"
        "set external-list edl type url recurring hourly\n"
        "set external-list nets type ip url https://lists.example.com/nets.txt\n"
    ) + rule("r", category="edl", service="service-https", destination="any")
    (tmp_path / "rules.txt").write_text(text + rule("n", destination="nets", service="service-http"))
    (tmp_path / "urls.txt").write_text("# ours\n*.x.io/\ny.io/ # why\n")
    (tmp_path / "nets.txt").write_text("192.0.2.0/24\n")
    (tmp_path / "other.txt").write_text("z.io\n")
    found = {Path(one.path).name: one for one in read_lists([str(tmp_path)]).readings}
    assert set(found) == {"rules.txt", "other.txt"}
    assert shown(found["rules.txt"]) == ["*.x.io TCP 443", "y.io TCP 443", "192.0.2.0/24 TCP 80, TCP 8080"]
    assert {Path(one.place.path).name for one in found["rules.txt"].entries} == {"urls.txt", "nets.txt"}
    (tmp_path / "urls.txt").unlink()
    (entry, _) = next(one for one in read_lists([str(tmp_path)]).readings if one.format == "paloalto").entries
    assert (entry.form, entry.pattern) == (Form.ELSEWHERE, "edl")
