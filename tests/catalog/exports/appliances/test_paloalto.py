"""The PAN-OS export, read back by the rules of PAN-OS: what its entries match is what the rules say."""

from __future__ import annotations

import ipaddress
import re
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.exports.appliances import paloalto
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.export import Export, Fidelity, Header
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.hosts.patterns import pattern_regex
from aks_egress_catalog.model import Application, Constraint, DestinationForm, Kind, Level, Protocol
from tests import base
from tests.catalog.exports.changes.targets import PanOS

HEADER = Header(catalog_version="0.1.0", facts_date="2025-01-01", profile="cloud=AzureCloud region=westeurope")
PROFILES = {
    "public, everything, old nodes": aec.Profile(
        region="westeurope",
        features=("azure-monitor", "azure-policy", "cluster-extensions", "cost-analysis", "defender", "key-vault-csi"),
        konnectivity=False,
        nodes_after_2021_03=False,
        custom_dns=("192.0.2.53", "2001:db8::53"),
        pods_use_api_server_ip=True,
        api_server_ips=("192.0.2.9",),
        gpu=True,
        windows=True,
    ),
    "China": aec.Profile(cloud="AzureChinaCloud", region="chinaeast2", features=("azure-monitor", "defender")),
    "US Government, bare": aec.Profile(cloud="AzureUSGovernment", region="usgovvirginia", recommended=False),
}
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"
SERVICE = r"(?:tcp|udp)-\d+|any"
COMMAND = re.compile(
    r'set tag aks-egress comments "[^"\\?\x00-\x1f\x7f-\U0010ffff]{0,1023}"'
    rf"|set address {NAME} (?:ip-netmask [0-9a-f.:]+/\d+|fqdn [a-z0-9.-]+|tag aks-egress)"
    rf"|set address-group aks-egress-(?:{SERVICE}) (?:static {NAME}|tag aks-egress)"
    r"|set service aks-egress-(?:tcp|udp)-\d+ (?:protocol (?:tcp|udp) port \d+|tag aks-egress)"
    rf'|set profiles custom-url-category aks-egress-(?:{SERVICE}|preserve-alpn) (?:type "URL List"|list [a-z0-9.*^-]+/)'
    rf"|set rulebase security rules aks-egress-(?:{SERVICE})-(?:urls|addresses|anywhere) "
    rf"(?:disabled yes|(?:from|to|source|destination|application|service) any|action allow|tag aks-egress"
    rf"|(?:destination|category|service) aks-egress-(?:{SERVICE}))"
    r"|set rulebase decryption rules aks-egress-preserve-alpn "
    r"(?:disabled yes|(?:from|to|source|destination|service) any|category aks-egress-preserve-alpn"
    r"|type ssl-forward-proxy|action no-decrypt|tag aks-egress)"
    r'|# [^"\\?\x00-\x1f\x7f-\U0010ffff]{1,116}'
)
URL = re.compile(r"(?:\*\.)?(?:(?:[a-z0-9-]+|\^)\.)+[a-z0-9-]+/")


def resolution_of(name: str) -> Resolution:
    return base.CATALOG.resolve(PROFILES[name], target=paloalto.TARGET, informational=True)


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


def export_of(*rules: ConcreteRule, header: Header = HEADER) -> Export:
    return paloalto.render(Resolution(rules=rules, left_out=(), caveats=()), header)


def network(*values: str, **changes: object) -> ConcreteRule:
    return concrete(*values, **{"kind": Kind.NETWORK, "form": DestinationForm.CIDR, "application": None, **changes})


def matches(entry: str, url: str) -> bool:
    """PAN-OS's own matching, token by token: ``*`` is one or more labels, ``^`` is one, an open end is ``.*``."""
    tokens = {"*": r"[^./]+(?:\.[^./]+)*", "^": r"[^./]+"}
    pieces = [tokens.get(piece, re.escape(piece)) for piece in re.split(r"([./])", entry) if piece]
    return re.match("".join(pieces) + ("" if entry.endswith("/") else r"(?:[./?&=;+]|\Z)"), url) is not None


def lines(export: Export, *names: str) -> list[str]:
    return [line for name in names for line in export.files[name].splitlines()]


def rules_by_service(export: Export) -> dict[str, dict[str, set[str]]]:
    """For each security rule its settings, read back from the commands."""
    found: dict[str, dict[str, set[str]]] = {}
    for line in lines(export, paloalto.NEW_RULES, paloalto.RULES):
        if line.startswith("# "):
            continue
        kind, name, setting, value = re.fullmatch(r"set rulebase (\w+) rules (\S+) (\S+) (\S+)", line).groups()  # type: ignore[union-attr]  # COMMAND guards the form
        if kind == "security":
            found.setdefault(name, {}).setdefault(setting, set()).add(value)
    return found


def members(export: Export, what: str) -> set[str]:
    return {line.rpartition(" ")[2] for line in lines(export, paloalto.OBJECTS) if line.startswith(f"set {what} ")}


def test_an_entry_is_closed_so_that_a_longer_domain_does_not_match() -> None:
    (entry,) = lines(export_of(concrete("mcr.microsoft.com")), paloalto.URLS)
    assert matches(entry, "mcr.microsoft.com/")
    assert matches(entry, "mcr.microsoft.com/v2/")
    assert not matches(entry, "mcr.microsoft.com.evil.xyz/")
    assert not matches(entry, "evilmcr.microsoft.com/")
    assert not matches(entry, "evil.mcr.microsoft.com/")
    assert matches("mcr.microsoft.com", "mcr.microsoft.com.evil.xyz/"), "this is why"


def test_a_wildcard_covers_labels_of_any_depth_and_not_the_apex() -> None:
    (entry,) = lines(export_of(concrete("*.data.mcr.microsoft.com")), paloalto.URLS)
    assert entry == "*.data.mcr.microsoft.com/"
    assert matches(entry, "a.b.data.mcr.microsoft.com/")
    assert not matches(entry, "data.mcr.microsoft.com/")


@given(
    pattern=st.lists(st.sampled_from(["*", "{x}", "a"]), min_size=1, max_size=3).map(".".join),
    host=st.lists(st.sampled_from(["a", "b", "net"]), max_size=3).map(lambda labels: ".".join([*labels, "net"])),
)
def test_an_entry_matches_what_the_catalog_says_that_the_pattern_covers(pattern: str, host: str) -> None:
    entry = paloalto.url_entry(f"{pattern}.b.net")
    assert matches(entry, f"{host}/") == bool(pattern_regex(f"{pattern}.b.net").match(host))


@pytest.mark.parametrize("name", PROFILES)
def test_each_rule_allows_its_destinations_on_its_port_and_on_no_other(name: str) -> None:
    found = resolution_of(name)
    export = paloalto.render(found, HEADER)
    exact = {note.id for note in export.notes if note.fidelity is Fidelity.EXACT}
    allowed: set[tuple[str, str]] = set()
    for settings in rules_by_service(export).values():
        (service,) = settings["service"]
        port = members(export, f"service {service} protocol") if service != "any" else {"any"}
        wanted = settings.get("category", set()) | (settings["destination"] - {"any"})
        (match,) = wanted
        urls = members(export, f"profiles custom-url-category {match} list") if "category" in settings else set()
        groups = members(export, f"address-group {match} static") if "category" not in settings else set()
        addresses = {value for group in groups for value in members(export, f"address {group}") - {"aks-egress"}}
        allowed |= {(value, one) for value in urls | addresses for one in port}
    expected = {
        (paloalto.url_entry(value) if rule.kind is Kind.FQDN else value, str(rule.port))
        for rule in found.rules
        if rule.id in exact
        for value in rule.values
    }
    assert allowed == expected


@pytest.mark.parametrize("name", PROFILES)
def test_every_rule_has_one_note_and_a_reason_unless_it_is_exact(name: str) -> None:
    found = resolution_of(name)
    export = paloalto.render(found, HEADER)
    ids = [*(rule.id for rule in found.rules), *(rule.id for rule in found.unmet)]
    assert sorted(note.id for note in export.notes) == sorted(ids)
    assert all(bool(note.reason) == (note.fidelity is not Fidelity.EXACT) for note in export.notes)
    dropped = {note.id for note in export.notes if note.fidelity is Fidelity.DROPPED}
    assert {name for name in dropped if "*" in name} == {name for name in ids if "md-*" in name or "umsa*" in name}
    assert export == paloalto.render(resolution_of(name), HEADER)


@pytest.mark.parametrize("name", PROFILES)
def test_every_line_is_a_command_or_an_entry(name: str) -> None:
    export = paloalto.render(resolution_of(name), HEADER)
    assert list(export.files) == ["objects.txt", "new-rules.txt", "rules.txt", "urls.txt", "ips.txt"]
    commands = lines(export, paloalto.OBJECTS, paloalto.NEW_RULES, paloalto.RULES)
    assert all(COMMAND.fullmatch(line) for line in commands)
    assert all(URL.fullmatch(line) for line in lines(export, paloalto.URLS))
    assert [str(ipaddress.ip_network(line)) for line in lines(export, paloalto.ADDRESSES)] == lines(
        export, paloalto.ADDRESSES
    )


def test_the_comment_of_the_tag_tells_what_to_know_as_far_as_it_fits() -> None:
    def comment(*remarks: str) -> str:
        rule = concrete("x.y", remarks=remarks)
        found = Resolution(rules=(rule,), left_out=(), caveats=("mind the gap",))
        return lines(paloalto.render(found, HEADER), paloalto.OBJECTS)[0]

    assert comment("odd", "missing since 2026-01-02").endswith(
        'AzureCloud/core/x:tcp-443: missing since 2026-01-02; AzureCloud/core/x:tcp-443: odd; mind the gap"'
    )
    long = comment("a" * 300, "b" * 300, "c" * 300)
    assert long.endswith('b; and 2 more: aks-egress-catalog resolve tells them"')


@pytest.mark.parametrize("strange", ["\x1b", "\u202e", "é", "\r"])
def test_nothing_but_plain_lines_is_ever_written(strange: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last check before a file is written: no rule gets as far as that, so one is smuggled past the others."""

    def smuggle(*given: Any) -> Any:
        placed, notes = place_rules(*given)
        return [replace(placed[0], urls=(strange,))], notes

    monkeypatch.setattr(paloalto, "place_rules", smuggle)
    with pytest.raises(aec.AksEgressError, match="can stand in no command of PAN-OS"):
        paloalto.render(resolution_of("public, everything, old nodes"), HEADER)


def test_every_rule_is_off_before_it_is_anything() -> None:
    export = paloalto.render(resolution_of("public, everything, old nodes"), HEADER)
    first: dict[str, str] = {}
    for line in lines(export, paloalto.NEW_RULES, paloalto.RULES):
        if not line.startswith("# "):
            name, _, setting = line.removeprefix("set rulebase ").partition(" rules ")[2].partition(" ")
            first.setdefault(name, setting)
    assert first
    assert set(first.values()) == {"disabled yes"}


PIECES = (
    concrete("a.example"),
    concrete("b.example", constraints=(Constraint.PRESERVE_ALPN,)),
    concrete("c.example", port=80, application=Application.HTTP),
    concrete("d.example", port=9000, application=None),
    network("192.0.2.0/24", port=9000),
    network("198.51.100.0/24", port=1194, protocol=Protocol.UDP),
    network("*", form=DestinationForm.ANY, protocol=Protocol.UDP, port=123),
)


@given(
    old=st.lists(st.sampled_from(PIECES), unique=True, min_size=1),
    new=st.lists(st.sampled_from(PIECES), unique=True, min_size=1),
)
def test_pasting_a_newer_export_leads_there_and_keeps_what_the_operator_decided(
    old: list[ConcreteRule], new: list[ConcreteRule]
) -> None:
    had, now = (state(rules) for rules in (old, new))
    firewall, fresh = PanOS(), PanOS()
    list(firewall.take(had.export.files, *PanOS.initial))
    rules = {name: rule for (what, name), rule in firewall.config.items() if what.startswith("rulebase")}
    for rule in rules.values():
        rule |= {"disabled": {"no"}, "from": {"trust"}, "source": {"nodes"}}
    before = deepcopy(firewall.settings())
    list(firewall.take(had.export.files, paloalto.OBJECTS, paloalto.RULES))
    assert firewall.settings() == before, "an export can be pasted again"
    list(firewall.take(paloalto.change(had, now, []), *PanOS.additions, *PanOS.removals))
    list(fresh.take(now.export.files, *PanOS.initial))
    for (what, name), rule in fresh.config.items():
        if what.startswith("rulebase"):
            assert (rule["disabled"], rule["from"], rule["source"]) == ({"yes"}, {"any"}, {"any"})
            if name in rules:
                rule |= {"disabled": {"no"}, "from": {"trust"}, "source": {"nodes"}}
    assert firewall.settings() == fresh.settings()


def state(rules: list[ConcreteRule]) -> State:
    found = Resolution(rules=tuple(rules), left_out=(), caveats=())
    return State(resolution=found, export=paloalto.render(found, HEADER), header=HEADER)


def test_the_hosts_that_need_alpn_are_kept_from_decryption() -> None:
    export = export_of(concrete("*.hcp.westeurope.azmk8s.io", constraints=(Constraint.PRESERVE_ALPN,)))
    assert members(export, "profiles custom-url-category aks-egress-preserve-alpn list") == {
        "*.hcp.westeurope.azmk8s.io/"
    }
    assert "set rulebase decryption rules aks-egress-preserve-alpn action no-decrypt" in lines(export, paloalto.RULES)


@pytest.mark.parametrize(
    ("rule", "fidelity", "reason"),
    [
        (concrete("mcr.microsoft.com"), Fidelity.EXACT, ""),
        (concrete("{region}.dp.example.com"), Fidelity.EXACT, ""),
        (concrete("md-*.blob.storage.azure.net"), Fidelity.DROPPED, "a whole label"),
        (concrete("a.example", protocol=None, port=None, application=None), Fidelity.NARROWED, "no port"),
        (concrete("a.example", port=9000, application=None), Fidelity.WIDENED, "resolves to"),
        (concrete("*.a.example", port=9000, application=None), Fidelity.DROPPED, "address object"),
        (network("192.0.2.0/24"), Fidelity.EXACT, ""),
        (network("ntp.ubuntu.com", form=DestinationForm.FQDN, protocol=Protocol.UDP, port=123), Fidelity.EXACT, ""),
        (network("*.ubuntu.com", form=DestinationForm.FQDN), Fidelity.DROPPED, "address object"),
        (network("*", form=DestinationForm.ANY, protocol=Protocol.UDP, port=123), Fidelity.EXACT, ""),
        (network("AzureMonitor", form=DestinationForm.SERVICE_TAG), Fidelity.DROPPED, "service-tag"),
        (network("nonsense"), Fidelity.DROPPED, "address range"),
        (concrete("two words.example"), Fidelity.DROPPED, "host"),
        (concrete("*"), Fidelity.DROPPED, "host"),
        (concrete("*.com"), Fidelity.DROPPED, "host"),
        (concrete("192.0.2.1"), Fidelity.DROPPED, "host"),
        (concrete(f"{'a' * 64}.example"), Fidelity.DROPPED, "host"),
    ],
)
def test_each_rule_is_reported_as_what_became_of_it(rule: ConcreteRule, fidelity: Fidelity, reason: str) -> None:
    export = export_of(rule)
    (note,) = export.notes
    assert (note.id, note.fidelity) == (rule.id, fidelity)
    assert reason in note.reason
    assert ("set " in export.files[paloalto.RULES]) == (fidelity is not Fidelity.DROPPED)
    assert export.files[paloalto.RULES].startswith("# ") == (fidelity is Fidelity.DROPPED)


def test_any_destination_stands_in_no_list() -> None:
    export = export_of(network("*", form=DestinationForm.ANY, protocol=Protocol.UDP, port=123))
    assert export.files[paloalto.ADDRESSES] == ""
    assert "set rulebase security rules aks-egress-udp-123-anywhere destination any" in lines(export, paloalto.RULES)


def test_ranges_are_listed_in_the_order_of_their_numbers() -> None:
    export = export_of(network("2001:db8::/32", "198.51.100.0/24", "9.0.0.0/8"))
    assert lines(export, paloalto.ADDRESSES) == ["9.0.0.0/8", "198.51.100.0/24", "2001:db8::/32"]


def test_long_and_similar_hosts_get_objects_of_their_own() -> None:
    long = [f"{letter * 60}.{'x' * 40}.example" for letter in "ab"] + [f"{'a' * 60}.{'y' * 40}.example"]
    export = export_of(*(network(host, form=DestinationForm.FQDN) for host in (*long, "a-b.example", "a.b.example")))
    names = members(export, "address-group aks-egress-tcp-443 static")
    assert len(names) == 5
    assert all(re.fullmatch(NAME, name) for name in names)


@given(text=st.text(), value=st.text(), form=st.sampled_from(DestinationForm), kind=st.sampled_from(Kind))
def test_no_text_whatever_makes_a_line_of_another_form(
    text: str, value: str, form: DestinationForm, kind: Kind
) -> None:
    hostile = Header(catalog_version=text, facts_date=text, profile=text)
    values = (f"{value}.microsoft.com" if form is DestinationForm.FQDN else value,)
    rules = (
        concrete(*values, id=text, form=form, kind=kind),
        concrete(*values, id=text, form=form, kind=kind, protocol=None, port=None, application=None),
        concrete(*values, id=text, form=form, kind=kind, port=9000, application=None),
    )
    export = export_of(*rules, header=hostile)
    for line in "".join((export.files[paloalto.OBJECTS], export.files[paloalto.RULES])).split("\n")[:-1]:
        assert COMMAND.fullmatch(line), line
    for line in export.files[paloalto.URLS].split("\n")[:-1]:
        assert URL.fullmatch(line), line


@pytest.mark.parametrize(
    "payload", ['x"\nset shared admin', 'x" color color1', "help ?", "\\", "\r\ncommit", "a" * 5000]
)
def test_a_hostile_profile_cannot_leave_its_quotes(payload: str) -> None:
    first, *_ = export_of(header=Header(catalog_version="1", facts_date="1", profile=payload)).files.values()
    assert COMMAND.fullmatch(first.removesuffix("\n"))
    assert first.count("\n") == 1
