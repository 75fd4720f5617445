"""What lint says of lists made by hand: can the cluster live, and is anything there that should not be?"""

from __future__ import annotations

from typing import Any

import pytest

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.linting.entry import Action, Service
from aks_egress_catalog.linting.findings.codes import CODES
from aks_egress_catalog.linting.findings.finding import Code, Severity
from aks_egress_catalog.linting.judging.book import Book
from tests.base import CATALOG, HISTORY
from tests.catalog.linting.allow_lists import CORE, HTTP, HTTPS, WEST, AllowList, allow, lint, only, told

HARMLESS = ("retiring", "not-aks", "not-needed")
NTP = Service(protocol="UDP", first=123, last=123)
TUNNEL = Service(protocol="UDP", first=1194, last=1194)


def but(*left_out: str) -> list[str]:
    return [host for host in CORE if host not in left_out]


# ---------------------------------------------------------------- can the cluster live?


def test_a_list_of_all_that_is_needed_has_nothing_to_mend() -> None:
    found = lint(allow(*CORE))
    assert told(found) == [("note", "retiring", "acs-mirror.azureedge.net")]
    assert not found.fails(Severity.WARNING)


@pytest.mark.parametrize("host", [one for one in CORE if one != "mcr-0001.mcr-msedge.net"])
def test_each_needed_host_that_is_not_there_is_missing(host: str) -> None:
    found = lint(allow(*but(host)))
    assert told(found, "missing") == [("error", "missing", host)]
    assert found.fails(Severity.ERROR)


def test_the_name_that_no_client_asks_for_is_missed_by_nobody() -> None:
    assert only(lint(allow(*but("mcr-0001.mcr-msedge.net"))), "missing").level is Severity.NOTE


def test_what_is_missing_points_at_the_rule_where_it_belongs() -> None:
    listed = AllowList().rule("github.com").rule(*but("mcr.microsoft.com"))
    assert only(lint(listed), "missing").place == listed.reading.entries[1].rule.place


def test_recommended_hosts_are_warned_of() -> None:
    found = lint(allow(*CORE), profile=Profile(region="westeurope"))
    assert {level for level, _, _ in told(found, "missing")} == {"warning"}
    assert ("warning", "missing", "security.ubuntu.com") in told(found)


@pytest.mark.parametrize(
    "profile",
    [
        Profile(region="westeurope", recommended=False, private_cluster=True),
        Profile(region="westeurope", recommended=False, bootstrap_cache=True),
    ],
    ids=["private", "bootstrap-cache"],
)
def test_a_cluster_misses_nothing_that_it_does_not_need(profile: Profile) -> None:
    unneeded = {"*.hcp.westeurope.azmk8s.io"} if profile.private_cluster else {one for one in CORE if "mcr" in one}
    found = lint(allow(*but(*unneeded)), profile=profile)
    assert told(found, "missing") == []


def test_a_network_isolated_cluster_is_never_in_error() -> None:
    found = lint(allow("mcr.microsoft.com"), profile=Profile(region="westeurope", network_isolated=True))
    assert not found.fails(Severity.ERROR)


def test_an_entry_on_another_port_is_no_entry_there() -> None:
    listed = allow(*but("mcr.microsoft.com")).rule("mcr.microsoft.com", services=(HTTP,))
    found = lint(listed)
    assert told(found, "missing", "wrong-port") == [("error", "wrong-port", "mcr.microsoft.com")]
    assert "HTTPS 443" in only(found, "wrong-port").message


def test_http_on_443_is_another_protocol() -> None:
    plain = Service(protocol="TCP", first=443, last=443, application="HTTP")
    assert told(lint(allow(*CORE, services=(plain,))), "wrong-port")


def test_a_port_more_is_a_note_once_a_rule() -> None:
    found = lint(allow(*CORE, services=(HTTPS, HTTP)))
    assert only(found, "wrong-port").level is Severity.NOTE


def test_a_wildcard_above_lets_through_what_is_below() -> None:
    found = lint(allow(*but("management.azure.com", "packages.aks.azure.com"), "*.azure.com"))
    assert told(found, "missing") == []
    broad = only(found, "too-broad")
    assert broad.instead == "management.azure.com, packages.aks.azure.com"
    assert "AzureCloud/core/management.azure.com:tcp-443" in broad.rules


def test_what_was_not_evaluated_never_makes_anything_missing() -> None:
    found = lint(allow(*but("mcr.microsoft.com", "*.data.mcr.microsoft.com"), "{?}.microsoft.com"))
    assert told(found, "missing") == [("error", "missing", "*.data.mcr.microsoft.com")] or not told(found, "missing")
    assert not told(found, "too-broad")


def test_a_region_variable_is_the_region_of_the_cluster() -> None:
    assert not told(lint(allow(*but("*.hcp.westeurope.azmk8s.io"), "*.hcp.{region}.azmk8s.io")), "missing")


def test_an_unread_part_makes_an_error_a_warning() -> None:
    found = lint(allow(*but("mcr.microsoft.com")).unread("local.more has no value here"))
    assert only(found, "missing").level is Severity.WARNING
    assert "local.more" in only(found, "missing").message
    assert told(found, "unread") == [("note", "unread", "")]


def test_a_list_kept_elsewhere_may_hold_it() -> None:
    found = lint(allow(*but("mcr.microsoft.com")).network("list:ipGroups/mcr"))
    assert only(found, "missing").level is Severity.WARNING


# ---------------------------------------------------------------- layers and order


def test_a_deny_before_the_allow_blocks() -> None:
    listed = AllowList().deny("*.microsoft.com", order=(1, 100)).rule(*CORE, order=(1, 200))
    blocked = told(lint(listed), "blocked")
    assert {level for level, _, _ in blocked} == {"error"}
    assert len(blocked) == 3


def test_a_deny_after_the_allow_does_nothing() -> None:
    listed = AllowList().rule(*CORE, order=(1, 100)).deny("*", order=(1, 200))
    assert not told(lint(listed), "blocked", "missing")


def test_a_deny_of_one_name_below_a_wildcard_blocks_a_part_of_it() -> None:
    listed = AllowList().deny("eastus.data.mcr.microsoft.com", order=(1, 1)).rule(*CORE, order=(1, 2))
    assert only(lint(listed), "blocked").need


def test_network_rules_come_before_application_rules() -> None:
    listed = (
        AllowList()
        .rule(*CORE, order=(1, 100))
        .network("*", order=(0, 60000), action=Action.DENY, services=(Service(),))
    )
    denied = lint(listed)
    assert len(told(denied, "blocked")) == len(CORE)


def test_a_network_rule_for_everything_shadows_the_named_ones() -> None:
    listed = AllowList().rule(*CORE, order=(1, 1)).network("*", order=(0, 1), services=(Service(protocol="TCP"),))
    found = lint(listed)
    assert [code for _, code, _ in told(found, "shadowed", "any-destination")] == ["shadowed", "any-destination"]


def test_policies_never_add_up() -> None:
    one = AllowList("one.tf").rule(*CORE[:5], policy="one")
    other = AllowList("other.tf").rule(*CORE[5:], policy="other")
    assert len(told(lint(one, other), "missing")) == len(CORE)
    together = AllowList("one.tf").rule(*CORE[:5], policy="one").rule(*CORE[5:], policy="one")
    assert not told(lint(together), "missing")


def test_a_list_beside_a_policy_is_one_of_its_own() -> None:
    policy = AllowList("rules.tf", "terraform").rule(*CORE[:5], policy="hub")
    plain = AllowList("hosts.txt").rule(*CORE[5:])
    assert len(told(lint(policy, plain), "missing")) == len(CORE)
    nameless = AllowList("more.tf", "terraform").rule(*CORE[5:])
    assert not told(lint(policy, nameless), "missing")


def test_a_reference_is_one_policy_in_its_own_folder_only() -> None:
    one = AllowList("one/main.tf").rule(*CORE[:5], policy="azurerm_firewall_policy.this")
    other = AllowList("other/main.tf").rule(*CORE[5:], policy="azurerm_firewall_policy.this")
    assert len(told(lint(one, other), "missing")) == len(CORE)


def test_a_policy_has_what_its_parent_has() -> None:
    parent = AllowList("parent.tf").rule(*CORE[:5], policy="parent").policy("parent")
    child = AllowList("child.tf").rule(*CORE[5:], policy="child").policy("child", parent="parent")
    assert not told(lint(parent, child), "missing")


def test_a_parent_that_is_not_there_may_hold_it() -> None:
    child = AllowList().rule(*but("mcr.microsoft.com"), policy="child").policy("child", parent="hub")
    assert only(lint(child), "missing").level is Severity.WARNING


def test_a_policy_of_something_else_is_passed_over_with_a_word() -> None:
    cluster = AllowList("aks.tf").rule(*CORE, policy="aks")
    desktops = AllowList("desks.tf").rule("www.example.com", policy="desks")
    found = lint(cluster, desktops)
    assert not told(found, "missing")
    assert any("desks" in note for note in found.notes)


# ---------------------------------------------------------------- sources


def test_a_host_that_only_some_nodes_reach() -> None:
    listed = allow(*but("mcr.microsoft.com"), sources=("10.1.0.0/16", "10.2.0.0/16"))
    found = lint(listed.rule("mcr.microsoft.com", sources=("10.1.0.0/16",)))
    assert told(found, "some-sources", "missing") == [("warning", "some-sources", "mcr.microsoft.com")]


def test_a_jump_host_is_no_cluster() -> None:
    listed = allow(*CORE, sources=("10.1.0.0/16",)).rule("packages.microsoft.com", sources=("10.9.9.9",))
    assert not told(lint(listed), "some-sources", "missing")


def test_a_wider_source_takes_a_narrower_one_in() -> None:
    listed = allow(*CORE[:6], sources=("10.1.0.0/16",)).rule(*CORE[6:], sources=("10.0.0.0/8",))
    assert not told(lint(listed), "some-sources", "missing")


def named(words: str) -> dict[str, Any]:
    """The facts of a rule whose only source could not be evaluated."""
    return {"sources": (words,), "sources_known": False, "sources_named": True}


def test_a_source_that_nobody_could_look_up_is_told_apart_by_its_words() -> None:
    listed = allow(*but("mcr.microsoft.com"), **named("nodes.id")).rule("mcr.microsoft.com", **named("builders.id"))
    found = only(lint(listed), "some-sources")
    assert "only builders.id may reach" in found.message
    both = allow(*but("mcr.microsoft.com"), **named("nodes.id")).rule("mcr.microsoft.com", sources=("10.0.0.0/8",))
    assert not told(lint(both), "some-sources", "missing")  # the nodes may be there


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("var.nodes", "var.builders", ["some-sources"]),
        ("var.nodes[0]", "var.nodes", []),
        ("[for one in var.nodes: one.prefix]", "var.nodes", []),
        ("/subscriptions/s/ipGroups/a", "/subscriptions/s/ipGroups/b", ["some-sources"]),
    ],
)
def test_of_two_expressions_with_a_part_in_common_nothing_is_concluded(
    one: str, other: str, expected: list[str]
) -> None:
    listed = allow(*but("mcr.microsoft.com"), **named(one)).rule("mcr.microsoft.com", **named(other))
    found = lint(listed)
    assert [code for _, code, _ in told(found, "some-sources", "missing")] == expected


def test_what_a_wildcard_lets_a_single_host_reach_is_not_for_the_cluster() -> None:
    listed = AllowList().rule("*.com", "*.net", "*.io", **named("jump.prefix"))
    found = lint(listed.rule(*but("packages.aks.azure.com")))
    assert told(found, "some-sources", "missing") == [("warning", "some-sources", "*.com")]


def test_each_cluster_has_an_answer_of_its_own() -> None:
    listed = allow(*CORE, sources=("10.1.0.0/16",)).rule(*but("mcr.microsoft.com"), sources=("10.2.0.0/16",))
    found = lint(listed, clusters=[("shop", WEST, ("10.1.4.0/24",)), ("bank", WEST, ("10.2.0.0/24",))])
    assert told(found, "missing") == [("error", "missing", "mcr.microsoft.com")]
    assert only(found, "missing").message.startswith("bank: ")


# ---------------------------------------------------------------- tags


def test_the_fqdn_tag_stands_for_the_core_and_perhaps_for_more() -> None:
    profile = Profile(region="westeurope", features="azure-policy")
    found = lint(allow("fqdn-tag:AzureKubernetesService", services=(HTTPS, HTTP)), profile=profile)
    assert not told(found, "missing")
    assert "data.policy.core.windows.net" in {one.need.value for one in found.findings if one.need}
    assert {level for level, _, _ in told(found)} == {"note"}


@pytest.mark.parametrize(
    ("tag", "hosts"),
    [
        ("AzureActiveDirectory", ["login.microsoftonline.com"]),
        ("AzureResourceManager", ["management.azure.com"]),
        ("MicrosoftContainerRegistry", ["mcr.microsoft.com", "*.data.mcr.microsoft.com"]),
    ],
)
def test_a_service_tag_may_stand_for_hosts(tag: str, hosts: list[str]) -> None:
    listed = allow(*but(*hosts)).network(f"tag:{tag}", services=(Service(protocol="TCP", first=443, last=443),))
    found = lint(listed)
    assert not told(found, "missing")
    assert [one.need.value for one in found.findings if one.code == "tag-unproven" and one.need] == sorted(hosts)


@pytest.mark.parametrize("tag", ["AzureContainerRegistry", "AzureCloud", "AzureCloud.westeurope"])
def test_a_tag_of_everybodys_is_too_broad_on_443(tag: str) -> None:
    found = lint(allow(*CORE).network(f"tag:{tag}", services=(Service(protocol="TCP", first=443, last=443),)))
    assert told(found, "too-broad") == [("warning", "too-broad", tag)]


def test_a_tag_that_only_other_clusters_need_is_not_needed() -> None:
    found = lint(allow(*CORE).network("tag:AzureCloud.westeurope", services=(TUNNEL,)))
    assert told(found, "not-needed") == [("note", "not-needed", "AzureCloud.westeurope")]
    old = Profile(region="westeurope", recommended=False, konnectivity=False)
    assert not told(lint(allow(*CORE).network("tag:AzureCloud", services=(TUNNEL,)), profile=old), "not-needed")


@pytest.mark.parametrize("tag", ["AzureDevSpaces", "azuredevspaces.westeurope"])
def test_a_service_tag_that_the_article_asked_for_once_is_retired(tag: str) -> None:
    one = only(lint(allow(*CORE).network(f"tag:{tag}", services=(TUNNEL,))), "retired")
    assert (one.value, one.since) == (tag, "2021-05-06")
    assert not told(lint(allow(*CORE).network("tag:AzureMonitor", services=(TUNNEL,))), "retired")


def test_a_service_tag_is_no_fqdn_tag() -> None:
    found = lint(allow(*CORE, "fqdn-tag:MicrosoftContainerRegistry", "fqdn-tag:WindowsUpdate"))
    assert told(found, "invalid-pattern") == [("error", "invalid-pattern", "MicrosoftContainerRegistry")]


def test_a_tag_takes_no_star() -> None:
    found = lint(allow(*CORE).network("tag:AzureCloud.*", services=(TUNNEL,)))
    assert told(found, "invalid-pattern") == [("error", "invalid-pattern", "AzureCloud.*")]


@pytest.mark.parametrize("value", ["*", "tag:AzureCloud.westeurope", "tag:AzureCloud", "cidr:192.0.2.7"])
def test_any_alternative_satisfies_a_rule(value: str) -> None:
    old = Profile(region="westeurope", recommended=False, konnectivity=False)
    tcp = Service(protocol="TCP", first=9000, last=9000)
    found = lint(allow(*CORE).network(value, services=(TUNNEL, tcp)), profile=old)
    assert not told(found, "missing", "any-destination", "too-broad")


# ---------------------------------------------------------------- what is each entry there for?


@pytest.mark.parametrize(
    ("host", "code", "level"),
    [
        ("*.cdn.mscr.io", "retired", "warning"),
        ("*.tun.westeurope.azmk8s.io", "retired", "warning"),
        ("*.docker.io", "retired", "warning"),
        ("*cdn.mscr.io", "retired", "warning"),
        ("*.blob.core.windows.net", "too-broad", "warning"),
        ("*.azurecr.io", "too-broad", "warning"),
        ("*.microsoft.com", "too-broad", "warning"),
        ("*mcr.microsoft.com", "too-broad", "warning"),
        (".mcr.microsoft.com", "too-broad", "warning"),
        ("data.mcr.microsoft.com", "apex-or-wildcard", "warning"),
        ("*.packages.aks.azure.com", "apex-or-wildcard", "warning"),
        ("*.login.microsoftonline.com", "retired", "warning"),
        (".packages.microsoft.com", "too-broad", "warning"),
        ("*.hcp.northeurope.azmk8s.io", "wrong-region", "warning"),
        ("mcr.azure.cn", "wrong-cloud", "warning"),
        ("management.usgovcloudapi.net", "wrong-cloud", "warning"),
        ("login.microsoftonline.co", "near-miss", "warning"),
        ("mcr-microsoft.com", "near-miss", "warning"),
        ("managment.azure.com", "near-miss", "warning"),
        ("*.data.mrc.microsoft.com", "near-miss", "warning"),
        ("*..dp.kubernetesconfiguration.azure.com", "invalid-pattern", "error"),
        ("data.policy.core.windows.net", "not-needed", "note"),
        ("westeurope.data.mcr.microsoft.com", "redundant", "note"),
        ("quay.io", "not-aks", "note"),
        ("crl.microsoft.com", "not-aks", "note"),
    ],
)
def test_an_entry_beside_what_is_needed(host: str, code: str, level: str) -> None:
    found = [one for one in told(lint(allow(*CORE, host))) if one[2] == host]
    assert found == [(level, code, host)]


def test_a_retired_entry_says_since_when() -> None:
    one = only(lint(allow(*CORE, "*.cdn.mscr.io")), "retired")
    assert one.since == "2020-11-13"
    assert one.rules


def test_a_wildcard_over_an_active_rule_is_never_only_retired() -> None:
    past = [pattern for pattern in Book(CATALOG.rules, HISTORY.rules).past if pattern.startswith("*.")]
    for pattern in past:
        found = told(lint(allow(*CORE, pattern)), "retired")
        assert not found or not Book(CATALOG.rules, {}).taken_in(pattern), pattern


def test_one_name_of_many_where_all_are_needed() -> None:
    found = lint(allow(*but("*.data.mcr.microsoft.com"), "westeurope.data.mcr.microsoft.com"))
    assert told(found, "single-instance", "missing") == [
        ("error", "missing", "*.data.mcr.microsoft.com"),
        ("warning", "single-instance", "westeurope.data.mcr.microsoft.com"),
    ]


def test_the_own_name_of_an_api_server_is_a_warning() -> None:
    name = "shop-dns-1a2b.hcp.westeurope.azmk8s.io"
    assert only(lint(allow(*but("*.hcp.westeurope.azmk8s.io"), name)), "missing").level is Severity.WARNING
    known = Profile(region="westeurope", recommended=False, api_server_fqdn=name)
    assert not told(lint(allow(*but("*.hcp.westeurope.azmk8s.io"), name), profile=known), "missing")


def test_what_an_advisory_names_is_nobodys_slip() -> None:
    found = lint(allow(*CORE, "mcrprod.azurecr.io"))
    assert told(found, "not-aks", "near-miss") == [("note", "not-aks", "mcrprod.azurecr.io")]


def test_an_entry_that_the_format_refuses_lets_nothing_through() -> None:
    found = lint(allow(*but("mcr.microsoft.com")).rule("mcr.microsoft.com", fault="no such thing here"))
    assert told(found, "missing", "invalid-pattern") == [
        ("error", "missing", "mcr.microsoft.com"),
        ("error", "invalid-pattern", "mcr.microsoft.com"),
    ]


def test_tls_that_is_opened_breaks_the_tunnel() -> None:
    found = lint(allow(*CORE, inspects=True))
    assert told(found, "inspected") == [("warning", "inspected", "*.hcp.westeurope.azmk8s.io")]


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [(True, []), (False, ["warning"]), (None, ["warning"])],
)
def test_a_name_in_a_network_rule_asks_for_the_dns_proxy(proxy: bool | None, expected: list[str]) -> None:
    listed = AllowList("hub.tf", "terraform").rule(*CORE, policy="hub").policy("hub", dns_proxy=proxy)
    found = lint(listed.network("ntp.ubuntu.com", services=(NTP,), policy="hub", collection="time"))
    assert [level for level, _, _ in told(found, "needs-dns-proxy")] == expected


# ---------------------------------------------------------------- what a list speaks of


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["*.hcp.northeurope.azmk8s.io", "mcr.microsoft.com"], [{"cloud": "AzureCloud", "region": "northeurope"}]),
        (["mcr.microsoft.com", "packages.microsoft.com"], [{"cloud": "AzureCloud"}]),
        (["*.hcp.chinaeast2.cx.prod.service.azk8s.cn"], [{"cloud": "AzureChinaCloud", "region": "chinaeast2"}]),
    ],
)
def test_without_a_profile_the_list_says_where_it_is(hosts: list[str], expected: list[dict[str, str]]) -> None:
    found = lint(allow(*hosts), profile=None)
    assert list(found.profiles) == expected
    assert any("nobody said" in note for note in found.notes)


def test_without_a_region_any_region_will_do() -> None:
    found = lint(allow("*.azmk8s.io", *CORE[1:]), profile=None)
    assert "*.hcp.{region}.azmk8s.io" not in {value for _, _, value in told(found, "missing")}


def test_a_region_that_the_files_leave_open_is_not_too_broad() -> None:
    open_ones = (
        "*.hcp.{region}.azmk8s.io",
        "{region}.dp.kubernetesconfiguration.azure.com",
        "*.tun.{region}.azmk8s.io",
        "arcmktplaceprod.{region}.data.azurecr.io",
        "own.{region}.data.azurecr.io",
    )
    found = told(lint(allow(*open_ones, *CORE[1:]), profile=None))
    assert [one for one in found if "{region}" in one[2]] == [
        ("note", "not-needed", "{region}.dp.kubernetesconfiguration.azure.com"),
        ("warning", "retired", "*.tun.{region}.azmk8s.io"),
        ("note", "not-needed", "arcmktplaceprod.{region}.data.azurecr.io"),
        ("note", "not-aks", "own.{region}.data.azurecr.io"),
    ]


# ---------------------------------------------------------------- what nobody could read


def test_a_list_of_which_nothing_could_be_read_does_not_pass() -> None:
    found = lint(AllowList("main.tf", "terraform").unread("var.rules is not here"))
    assert told(found) == [("warning", "unread", "")]
    assert "nothing was judged" in only(found, "unread").message
    assert {level for level, *_ in told(lint(allow(*CORE).unread()), "unread")} == {"note"}


def test_a_list_without_any_entry_is_told() -> None:
    found = lint(AllowList("main.tf", "terraform").policy("hub", dns_proxy=True))
    assert any("nothing was judged" in note for note in found.notes)


# ---------------------------------------------------------------- the codes


def test_every_code_is_explained() -> None:
    assert set(CODES) == set(Code)
