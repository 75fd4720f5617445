"""What becomes of each rule in Azure Firewall: its collection, its name, its note, and what the head of a file says."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import ndiff

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut
from aks_egress_catalog.exports.azure import rule_collections as azure_firewall
from aks_egress_catalog.exports.azure.firewall_rules import NetworkRule, unique_names
from aks_egress_catalog.exports.azure.fqdn_tag import TAG, compare_fqdn_tag
from aks_egress_catalog.exports.azure.rule_collections import rule_collection_group
from aks_egress_catalog.exports.export import Fidelity
from aks_egress_catalog.exports.formats import load_format
from aks_egress_catalog.model import Application, Constraint, DestinationForm, Kind, Level, Protocol
from tests.catalog.exports.resolutions import HEADER, REAL, addresses, https, real, resolution

FORMS = ("azure-firewall-arm", "azure-firewall-bicep", "azure-firewall-terraform")


@pytest.mark.parametrize(
    ("rule", "kind", "fidelity", "reason"),
    [
        (https("mcr.microsoft.com"), "application", "exact", ""),
        (https("*.hcp.westeurope.azmk8s.io"), "application", "exact", ""),
        (https("x.y", application=Application.HTTP), "application", "exact", ""),
        (https("*auth.docker.io"), None, "dropped", "no star but the leading '*.'"),
        (https("md-*.blob.storage.azure.net"), None, "dropped", "md-*.blob.storage.azure.net"),
        (https("*.x.*.y"), None, "dropped", "*.x.*.y"),
        (https("*"), None, "dropped", "no host name"),
        (https("*.x.y", "md-*.x.y"), "application", "narrowed", "md-*.x.y"),
        (https("x.y", port=None, protocol=None), None, "dropped", "the article states no port"),
        (https("x.y", port=22, application=None), "network", "widened", "DNS proxy"),
        (https("x.y", port=64001), "network", "widened", "whatever else they serve"),
        (https("ntp.ubuntu.com", kind=Kind.NETWORK, protocol=Protocol.UDP, port=123), "network", "exact", "DNS proxy"),
        (https("*."), None, "dropped", "no host name"),
        (https("*.com"), None, "dropped", "no host name"),
        (https("10.0.0.1"), None, "dropped", "no host name"),
        (https("x.com:80"), None, "dropped", "no host name"),
        (https("a b.io"), None, "dropped", "no host name"),
        (https("x.y\n", "x.y"), "application", "narrowed", r"no host name: 'x.y\n'"),
        (https("a" * 70 + ".io"), None, "dropped", "no host name"),
        (https("{guid}.x.y"), None, "dropped", "no star but the leading '*.'"),
        (https("x:y.z", port=22, application=None), None, "dropped", "no host name"),
        (addresses("x.y"), None, "dropped", "no address range"),
        (addresses("[x]", form=DestinationForm.SERVICE_TAG), None, "dropped", "no service tag"),
        (addresses("0.0.0.0/0", form=DestinationForm.ANY), None, "dropped", "no address"),
        (https("*.x.y", port=9000, application=None), None, "dropped", "HTTP and HTTPS only"),
        (addresses("AzureCloud.westeurope", form=DestinationForm.SERVICE_TAG), "network", "exact", ""),
        (addresses("*", form=DestinationForm.ANY), "network", "exact", ""),
        (addresses("192.0.2.7/32", "2001:db8::7/128"), "network", "narrowed", "IPv6"),
        (addresses("2001:db8::7/128"), None, "dropped", "IPv6"),
        (addresses("192.0.2.7/32", port=None, protocol=None), None, "dropped", "the article states no port"),
    ],
)
def test_what_azure_firewall_can_say(rule: ConcreteRule, kind: str | None, fidelity: str, reason: str) -> None:
    group = rule_collection_group(resolution(rule))
    assert [collection.kind for collection in group.collections] == ([kind] if kind else [])
    (note,) = group.notes
    assert note.fidelity == fidelity
    assert reason in note.reason
    assert bool(note.reason) == bool(reason)


def test_a_long_list_of_what_is_left_out_is_cut_short() -> None:
    ranges = tuple(f"2001:db8:{number:x}::/48" for number in range(200))
    (note,) = rule_collection_group(resolution(addresses("192.0.2.0/24", *ranges))).notes
    assert note.reason.endswith("2001:db8:0::/48, 2001:db8:1::/48, 2001:db8:2::/48 and 197 more")


def test_what_is_unmet_is_dropped_for_its_reason_and_said_in_the_file() -> None:
    of = resolution(unmet=(LeftOut(id="AzureCloud/core/any:udp-1194", reason="it needs the region"),))
    for form in FORMS:
        export = load_format(form).render(of, HEADER)
        assert [(note.fidelity, note.reason) for note in export.notes] == [("dropped", "it needs the region")]
        assert "AzureCloud/core/any:udp-1194 (dropped): it needs the region" in "".join(export.files.values())


def test_names_are_short_and_unique_whatever_the_ids() -> None:
    long = f"AzureCloud/core/{'a' * 90}.x:tcp-443"
    ids = [
        long,
        f"{long}0",
        "AzureCloud/core/x!:tcp-443",
        "AzureCloud/core/X?:tcp-443",
        "///",
        "",
        "AzureCloud/core/y:any",
    ]
    names = unique_names(ids)
    assert len({name.lower() for name in names.values()}) == len(ids)
    assert all(0 < len(name) <= 80 for name in names.values())
    assert names["AzureCloud/core/y:any"] == "core-y-any"
    assert unique_names(reversed(ids)) == names


def test_a_group_refuses_names_that_azure_would() -> None:
    group = rule_collection_group(resolution(https("x.y")))
    (collection,) = group.collections
    with pytest.raises(ValueError, match="unique and at most 80"):
        replace(group, collections=(collection, collection))
    with pytest.raises(ValueError, match="unique and at most 80"):
        replace(group, collections=(replace(collection, name="x" * 81),))


def test_one_more_feature_moves_no_other_collection() -> None:
    def placed(name: str) -> dict[str, int]:
        group = rule_collection_group(real(name, azure_firewall.TARGET))
        return {collection.name: collection.priority for collection in group.collections}

    few, many = placed("public"), placed("everything")
    assert few.items() < many.items()
    assert len(set(many.values())) == len(many)
    assert all(100 <= priority <= 65000 for priority in many.values())


def grouped(*rules: ConcreteRule, **options: bool) -> dict[str, tuple[str, ...]]:
    """The destinations of each rule of the firewall, by its name."""
    group = rule_collection_group(resolution(*rules), **options)
    return {
        rule.name: rule.addresses or rule.fqdns if isinstance(rule, NetworkRule) else rule.fqdn_tags or rule.fqdns
        for collection in group.collections
        for rule in collection.rules
    }


def test_a_feature_has_one_rule_for_a_protocol_and_port_with_its_hosts_sorted() -> None:
    found = grouped(
        https("b.y", id="AzureCloud/core/b.y:tcp-443"),
        https("*.z", "a.y", id="AzureCloud/core/a.y:tcp-443"),
        https("b.y", id="AzureCloud/core/b.y:tcp-80", port=80, application=Application.HTTP),
        https("b.y", id="AzureCloud/gpu/b.y:tcp-80", port=80, application=Application.HTTP, feature="gpu"),
        addresses("198.51.100.0/24", "9.0.0.0/8", id="AzureCloud/core/x:tcp-9000"),
        addresses("AzureCloud.westeurope", id="AzureCloud/core/y:tcp-9000", form=DestinationForm.SERVICE_TAG),
        https("n.y", id="AzureCloud/core/n.y:udp-123", kind=Kind.NETWORK, protocol=Protocol.UDP, port=123),
    )
    assert found == {
        "core-tcp-9000": ("AzureCloud.westeurope", "9.0.0.0/8", "198.51.100.0/24"),
        "core-udp-123-fqdn": ("n.y",),
        "core-http-80": ("b.y",),
        "core-https-443": ("a.y", "b.y"),
    }


def test_a_destination_of_several_features_stands_under_the_first_of_them_and_the_others_say_so() -> None:
    shared = https("a.y", feature="gpu", id="AzureCloud/gpu/a.y:tcp-443")
    own = https("b.y", feature="gpu", id="AzureCloud/gpu/b.y:tcp-443", level=Level.RECOMMENDED)
    group = rule_collection_group(resolution(https("a.y"), shared, own))
    described = [rule.description for collection in group.collections for rule in collection.rules]
    assert described == ["core: HTTPS 443 (required)", "gpu: HTTPS 443 (recommended); 1 more under core"]
    assert {note.fidelity for note in group.notes} == {Fidelity.EXACT}


def test_a_host_whose_tls_must_not_be_inspected_is_never_in_a_rule_that_would() -> None:
    plain = https("a.y", "b.y")
    kept = https("a.y", feature="gpu", id="AzureCloud/gpu/a.y:tcp-443", constraints=(Constraint.PRESERVE_ALPN,))
    assert grouped(plain, kept) == {"core-https-443": ("b.y",), "core-https-443-preserve-alpn": ("a.y",)}


def test_any_address_stands_alone() -> None:
    assert grouped(
        addresses("192.0.2.0/24", id="AzureCloud/core/x:tcp-9000"),
        addresses("*", id="AzureCloud/core/any:tcp-9000", form=DestinationForm.ANY),
    ) == {"core-tcp-9000": ("*",)}


def test_one_more_host_changes_one_line() -> None:
    few = real("everything", azure_firewall.TARGET)
    more = replace(few, rules=(*few.rules, https("a.new.example", id="AzureCloud/core/a.new.example:tcp-443")))
    for form in ("azure-firewall-bicep", "azure-firewall-terraform"):
        (before,), (after,) = (load_format(form).render(of, HEADER).files.values() for of in (few, more))
        changed = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
        assert [line.strip("+ ,") for line in changed] in (["'a.new.example'"], ['"a.new.example"'])


@pytest.mark.parametrize(
    ("rule", "name", "found"),
    [
        (https("mcr.microsoft.com"), "core-fqdn-tag-https-443", TAG),
        (https("a.y", application=Application.HTTP, port=80), "core-fqdn-tag-http-80", TAG),
        (https("a.y", feature="azure-policy"), "azure-policy-https-443", "a.y"),
        (https("a.y", port=8443), "core-https-8443", "a.y"),
        (https("a.y", remarks=("missing from the article since 2026-01-01",)), "core-https-443", "a.y"),
        (https("a.y", level=Level.KNOWN_GAP), "core-https-443", "a.y"),
        (addresses("192.0.2.0/24"), "core-tcp-9000", "192.0.2.0/24"),
    ],
)
def test_the_fqdn_tag_stands_for_what_it_is_credited_with(rule: ConcreteRule, name: str, found: str) -> None:
    assert grouped(rule, use_fqdn_tag=True) == {name: (found,)}
    assert list(grouped(rule, use_fqdn_tag=True, one_rule_per_host=True).values()) == [(found,)]
    (note,) = rule_collection_group(resolution(rule), use_fqdn_tag=True).notes
    assert (note.fidelity is Fidelity.WIDENED, "nobody can check" in note.reason) == (found == TAG, found == TAG)


def test_the_fqdn_tag_is_refused_where_nothing_is_known_of_it() -> None:
    with pytest.raises(aec.AksEgressError, match="nothing is known of what it covers in AzureUSGovernment"):
        rule_collection_group(real("US Government", azure_firewall.TARGET), use_fqdn_tag=True)


@pytest.mark.parametrize("name", ["public", "everything", "old tunnel by service tag", "US Government"])
def test_the_comparison_puts_every_rule_in_one_place_with_a_reason(name: str) -> None:
    of = real(name, azure_firewall.TARGET)
    found = compare_fqdn_tag(of)
    judged = (*found.lacks, *found.unproven, *found.credited)
    assert sorted(rule.id for rule in judged) == sorted(rule.id for rule in of.rules)
    assert all(rule.reason for rule in (*found.lacks, *found.unproven))
    core = {value for rule in found.credited if "/core/" in rule.id for value in rule.values}
    assert {value for rule in found.credited for value in rule.values} <= core
    assert bool(found.credited) == (name != "US Government")
    assert {rule.id for rule in of.rules if rule.kind is Kind.NETWORK} <= {rule.id for rule in found.lacks}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("form", FORMS)
def test_every_rule_has_one_note_and_every_deviation_a_reason(name: str, form: str) -> None:
    of = real(name, load_format(form).TARGET)
    notes = load_format(form).render(of, HEADER).notes
    assert [note.id for note in notes] == [*(rule.id for rule in of.rules), *(rule.id for rule in of.unmet)]
    assert [note for note in notes if note.fidelity is not Fidelity.EXACT and not note.reason] == []
    dropped = {note.id for note in notes if note.fidelity is Fidelity.DROPPED} - {rule.id for rule in of.unmet}
    prose = ("md-*.blob.storage.azure.net:any", "umsa*.blob.core.windows.net:any")
    assert all(rule.endswith(prose) for rule in dropped)


def test_the_operator_names_the_policy_and_where_traffic_comes_from() -> None:
    (arm,), (bicep,), (hcl,) = (load_format(form).render(resolution(), HEADER).files.values() for form in FORMS)
    parameters = json.loads(arm)["parameters"]
    assert {name: each.get("defaultValue") for name, each in parameters.items()} == {
        "firewallPolicyName": None,
        "ruleCollectionGroupName": "aks-egress",
        "ruleCollectionGroupPriority": 500,
        "sourceAddresses": ["*"],
    }
    assert all(f"\nparam {name} " in bicep for name in parameters)
    for name in (
        "firewall_policy_id",
        "rule_collection_group_name",
        "rule_collection_group_priority",
        "source_addresses",
    ):
        assert f'\nvariable "{name}" {{\n' in hcl


@pytest.mark.parametrize("form", FORMS)
def test_the_head_says_what_the_file_is_made_of(form: str) -> None:
    (text,) = load_format(form).render(real("everything", azure_firewall.TARGET), HEADER).files.values()
    for said in (*HEADER.lines(), "umsa*.blob.core.windows.net:any (dropped): the article states no port"):
        assert said in text
    assert text.isascii()
