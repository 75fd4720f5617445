"""Does AKS need this denied endpoint? For everybody by the article, for one cluster by its own rules."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.ask.check import Answer, Checker, Unreadable, Verdict, check, parse_endpoint
from aks_egress_catalog.cluster.resolve import Target
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import DestinationForm, Feature, Lifecycle, Rules, Status
from tests import base
from tests.catalog.cli import command_line

CATALOG = base.CATALOG
LIVES = base.HISTORY.rules
EVERYTHING = Target(fqdn_in_network_rules=True, service_tags=True)
WEST: dict[str, Any] = {"region": "westeurope"}
GOVERNMENT: dict[str, Any] = {"cloud": "AzureUSGovernment", "region": "usgovvirginia"}
CHINA: dict[str, Any] = {"cloud": "AzureChinaCloud", "region": "chinaeast2"}
HOST = "gpu/nvidia.github.io:tcp-443"
HCP = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"


def ask(text: str, profile: dict[str, Any] | None = None, **options: Any) -> Answer:
    resolution = CATALOG.resolve(aec.Profile(**profile), target=EVERYTHING, **options) if profile is not None else None
    return check(CATALOG, parse_endpoint(text), resolution=resolution, lives=LIVES)


CORE = [
    ("mcr.microsoft.com", "required"),
    ("mcr.microsoft.com:443", "required"),
    ("MCR.Microsoft.COM.", "required"),
    ("https://mcr.microsoft.com/v2/", "required"),
    ("westeurope.data.mcr.microsoft.com:443/tcp", "required"),
    ("mcr-0001.mcr-msedge.net", "required"),
    ("management.azure.com", "required"),
    ("login.microsoftonline.com", "required"),
    ("packages.microsoft.com", "required"),
    ("packages.aks.azure.com", "required"),
    ("acs-mirror.azureedge.net", "required"),
    ("my.hcp.westeurope.azmk8s.io", "required-if"),  # not for private clusters
    ("my-1.privatelink.hcp.westeurope.azmk8s.io", "required-if"),  # a star at the front takes any number of labels
    ("ntp.ubuntu.com:123/udp", "required-if"),  # old nodes behind an Azure Firewall
    ("ntp.ubuntu.com", "required-if"),
]
OTHER_CLOUDS = [
    ("mcr.azure.cn", "required"),  # the core of AzureChinaCloud states it without a condition
    ("x.azk8s.cn", "required"),
    ("login.chinacloudapi.cn", "required"),
    ("management.usgovcloudapi.net", "required"),
    ("login.microsoftonline.us", "required"),
    ("login.microsoftonline.cn", "required-if"),  # Defender and cost analysis in AzureChinaCloud
    ("data.policy.azure.us", "required-if"),
]
FEATURES = [
    ("nvidia.github.io", "required-if"),
    ("us.download.nvidia.com", "required-if"),
    ("go.microsoft.com", "required-if"),
    ("x.mp.microsoft.com:80", "required-if"),
    ("vault.azure.net", "required-if"),
    ("ws.ods.opinsights.azure.com", "required-if"),
    ("x.cloud.defender.microsoft.com", "required-if"),
    ("data.policy.core.windows.net", "required-if"),
    ("westeurope.dp.kubernetesconfiguration.azure.com", "required-if"),
    ("westeurope.handler.control.monitor.azure.com", "required-if"),
    ("arcmktplaceprod.azurecr.io", "required-if"),
    ("security.ubuntu.com:80", "recommended"),
    ("security.ubuntu.com", "recommended"),
    ("snapshot.ubuntu.com", "recommended"),
    ("md-abc.blob.storage.azure.net", "informational"),
    ("umsa123.blob.core.windows.net", "informational"),
]
GAPS = [
    ("my.vault.azure.net", "known-gap"),
    ("developer.download.nvidia.com", "known-gap"),
    ("linuxgeneva-microsoft.azurecr.io", "known-gap"),
    ("mcrprod.azurecr.io", "not-listed"),  # a note, never applied
]
RETIRED = [
    ("apt.dockerproject.org", "retired"),
    ("aksrepos.azurecr.io", "retired"),
    ("k8s.gcr.io", "retired"),
    ("storage.googleapis.com", "retired"),
    ("raw.githubusercontent.com", "retired"),
    ("kms.core.windows.net:1688", "retired"),
    ("mcr.microsoft.cn", "retired"),
    ("x.cdn.mscr.io", "retired"),
    ("my.tun.westeurope.azmk8s.io:1194/udp", "retired"),
    ("my.hcp.westeurope.azmk8s.io:22", "retired"),
    ("registry.docker.io", "not-listed"),  # of *.docker.io: many share it
    ("esm.ubuntu.com", "not-listed"),
    ("mine.blob.core.windows.net", "not-listed"),
    ("mine.azureedge.net", "not-listed"),
    ("evilsnapcraft.io", "not-listed"),
]
LOOK_ALIKES = [
    ("mcr.microsoft.com.evil.com", "not-listed"),
    ("evilmcr.microsoft.com", "not-listed"),
    ("mcr.microsft.com", "not-listed"),
    ("x.mcr.microsoft.com", "not-listed"),
    ("data.mcr.microsoft.com", "not-listed"),
    ("localhost", "not-listed"),
    ("evil.example", "not-listed"),
    ("evil.example:8443", "not-listed"),
    ("evil.example:9000", "not-listed"),  # TCP 9000 is to addresses
    ("evil.example:123/udp", "not-listed"),
    ("mcr.microsoft.com:80", "not-listed"),
    ("mcr.microsoft.com:443/udp", "not-listed"),
    ("security.ubuntu.com:443", "not-listed"),
    ("md-abc.blob.storage.azure.net:443", "not-listed"),  # the prose names no port
]
ADDRESSES = [
    ("192.0.2.1", "unnamed"),
    ("192.0.2.1:443", "unnamed"),
    ("192.0.2.1:9000", "unnamed"),
    ("192.0.2.1:1194/udp", "unnamed"),
    ("[2001:db8::1]:443", "unnamed"),
    ("192.0.2.1:5432", "not-listed"),  # no rule whatever is for that port
]


@pytest.mark.parametrize(
    ("text", "verdict"), [*CORE, *OTHER_CLOUDS, *FEATURES, *GAPS, *RETIRED, *LOOK_ALIKES, *ADDRESSES]
)
def test_what_the_article_says_to_everybody(text: str, verdict: str) -> None:
    answer = ask(text)
    assert answer.verdict == verdict, answer.reason
    assert answer.reason


SERVER: dict[str, Any] = {"api_server_fqdn": "my.hcp.westeurope.azmk8s.io"}


@pytest.mark.parametrize(
    ("text", "profile", "verdict"),
    [
        ("mcr.microsoft.com", {}, "required"),
        ("foo.hcp.westeurope.azmk8s.io", WEST, "required"),
        ("foo.hcp.northeurope.azmk8s.io", WEST, "not-needed"),
        ("foo.hcp.westeurope.azmk8s.io", SERVER, "not-needed"),
        ("my.hcp.westeurope.azmk8s.io", SERVER, "required"),
        ("foo.hcp.westeurope.azmk8s.io", {}, "required-if"),
        ("foo.hcp.westeurope.azmk8s.io", {"private_cluster": True}, "not-needed"),
        ("nvidia.github.io", WEST, "not-needed"),
        ("nvidia.github.io", {**WEST, "gpu": True}, "required"),
        ("developer.download.nvidia.com", WEST, "not-needed"),
        ("developer.download.nvidia.com", {**WEST, "gpu": True}, "known-gap"),
        ("my.vault.azure.net", {**WEST, "features": ("key-vault-csi",)}, "known-gap"),
        ("vault.azure.net", {**WEST, "features": ("key-vault-csi",)}, "required"),
        ("my.vault.azure.net", CHINA, "not-needed"),
        ("security.ubuntu.com", WEST, "recommended"),
        ("security.ubuntu.com", {**WEST, "recommended": False}, "not-needed"),
        ("md-abc.blob.storage.azure.net", WEST, "informational"),
        ("md-abc.blob.storage.azure.net:8443", WEST, "not-listed"),
        ("md-abc.blob.storage.azure.net", CHINA, "not-needed"),
        ("mcr.azure.cn", WEST, "not-needed"),
        ("mcr.azure.cn", CHINA, "required"),
        ("ntp.ubuntu.com:123/udp", WEST, "not-needed"),
        ("ntp.ubuntu.com:123/udp", {**WEST, "nodes_after_2021_03": False, "azure_firewall": True}, "required"),
        ("mcr.microsoft.com.evil.com", WEST, "not-listed"),
        ("evil.example", {**WEST, "features": ("azure-monitor",)}, "not-listed"),
        ("apt.dockerproject.org", WEST, "retired"),
        ("20.50.1.1:443", {**WEST, "features": ("azure-monitor",)}, "unnamed"),
        ("20.50.1.1:443", WEST, "unnamed"),  # the name behind it may be one that is required
        ("20.50.1.1:9000", WEST, "not-needed"),  # konnectivity
        ("20.50.1.1:5432", WEST, "not-listed"),
        ("10.1.1.1:9000", GOVERNMENT, "unnamed"),
        ("10.1.1.1:9000", {**GOVERNMENT, "api_server_ips": ("10.1.1.1",)}, "required"),
        ("10.1.1.2:9000", {**GOVERNMENT, "api_server_ips": ("10.1.1.1",)}, "not-needed"),
        ("10.1.1.1:9000", {"cloud": "AzureUSGovernment"}, "unnamed"),
        ("10.0.0.53:53/udp", {**WEST, "custom_dns": ("10.0.0.53",)}, "required"),
        ("10.0.0.54:53/udp", {**WEST, "custom_dns": ("10.0.0.53",)}, "not-needed"),
        ("10.0.0.54:53/udp", WEST, "not-needed"),
    ],
)
def test_with_a_profile_the_clusters_own_rules_decide(text: str, profile: dict[str, Any], verdict: str) -> None:
    answer = ask(text, profile)
    assert answer.verdict == verdict, answer.reason


PROFILES = st.fixed_dictionaries(
    {
        "place": st.sampled_from(
            [("AzureCloud", "westeurope"), ("AzureUSGovernment", "usgovvirginia"), ("AzureChinaCloud", "chinaeast2")]
        ),
        "features": st.lists(st.sampled_from([str(one) for one in Feature]), unique=True).map(tuple),
        "recommended": st.booleans(),
        "private_cluster": st.booleans(),
        "konnectivity": st.booleans(),
        "gpu": st.booleans(),
        "nodes_after_2021_03": st.booleans(),
        "api_server_fqdn": st.sampled_from([None, "my.hcp.westeurope.azmk8s.io"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(PROFILES, st.booleans())
def test_check_says_yes_to_what_is_resolved_for_a_cluster_and_to_nothing_else(
    facts: dict[str, Any], knows_region: bool
) -> None:
    """Each host of the catalog, on each of its ports, against a loop over what was resolved."""
    cloud, region = facts["place"]
    profile = {name: value for name, value in facts.items() if name != "place"} | {"cloud": cloud}
    resolution = CATALOG.resolve(aec.Profile(**profile, region=region if knows_region else None), target=EVERYTHING)
    checker = Checker(CATALOG, resolution=resolution, lives=LIVES)
    unmet = {one.id for one in resolution.unmet}
    needed = [
        *((one.port, one.protocol, one.values) for one in resolution.rules if one.form is DestinationForm.FQDN),
        *((one.port, one.protocol, tuple(map(str, one.destinations))) for one in CATALOG.rules if one.id in unmet),
    ]
    for rule in CATALOG.rules:
        for destination in rule.destinations:
            if destination.form is not DestinationForm.FQDN or rule.port is None:
                continue
            host = destination.value.replace("*", "a1").replace("{region}", region)
            named = any(
                (port, protocol) == (rule.port, rule.protocol) and any(pattern_matches(value, host) for value in values)
                for port, protocol, values in needed
            )
            answer = checker(parse_endpoint(f"{host}:{rule.port}/{rule.protocol}"))
            assert answer.verdict.is_yes == named, (host, answer.reason)


def test_an_address_is_covered_where_a_service_tags_file_or_any_says_so() -> None:
    tags = ServiceTags(
        cloud="AzureUSGovernment", change_number=1, prefixes={"AzureCloud.usgovvirginia": ("10.1.0.0/16",)}
    )
    assert ask("10.1.1.1:9000", GOVERNMENT, service_tags=tags).verdict is Verdict.REQUIRED
    assert ask("10.2.1.1:9000", GOVERNMENT, service_tags=tags).verdict is Verdict.NOT_NEEDED
    assert ask("10.2.1.1:9000", {"cloud": "AzureUSGovernment"}, allow_any=True).verdict is Verdict.REQUIRED


def test_a_name_is_never_covered_by_a_tag_a_set_or_any() -> None:
    tags = ServiceTags(cloud="AzureCloud", change_number=1, prefixes={"AzureMonitor": ("0.0.0.0/0",)})
    monitored = {**WEST, "features": ("azure-monitor",), "konnectivity": False}
    for text in ("evil.example", "evil.example:9000", "evil.example:123/udp"):
        assert ask(text, monitored, service_tags=tags, allow_any=True).verdict is Verdict.NOT_LISTED


@pytest.mark.parametrize(
    ("text", "profile", "needs"),
    [
        ("foo.hcp.westeurope.azmk8s.io", {}, ("region",)),
        ("foo.hcp.westeurope.azmk8s.io", None, ("private_cluster",)),
        ("nvidia.github.io", None, ("gpu",)),
        ("vault.azure.net", None, ("features",)),
        ("192.0.2.1:9000", None, ("service_tags", "api_server_ips")),
        ("10.1.1.1:9000", GOVERNMENT, ("service_tags",)),
        ("20.50.1.1:443", {**WEST, "features": ("azure-monitor",)}, ("host", "service_tags")),
        ("mcr.microsoft.com", None, ()),
    ],
)
def test_an_answer_says_what_input_could_change_it(
    text: str, profile: dict[str, Any] | None, needs: tuple[str, ...]
) -> None:
    assert ask(text, profile).needs == needs


@pytest.mark.parametrize(
    ("text", "rule", "why"),
    [
        ("data.mcr.microsoft.com:444", "core/*.data.mcr.microsoft.com:tcp-443", "covers names below data.mcr."),
        ("mcr.microsoft.com:80", "core/mcr.microsoft.com:tcp-443", "it is for TCP 443, not for TCP 80"),
        ("mcr.microsoft.com.evil.com", "core/mcr.microsoft.com:tcp-443", "begins like mcr.microsoft.com: it is a name"),
        ("evilmcr.microsoft.com", "core/mcr.microsoft.com:tcp-443", "is not mcr.microsoft.com"),
        ("mcr.microsfot.com", "core/mcr.microsoft.com:tcp-443", "a character or two differ"),
        ("a.mcr.microsoft.com", "core/mcr.microsoft.com:tcp-443", "covers that name, none below it"),
        ("md-a.blob.storage.azure.net:8443", "core/md-*.blob.storage.azure.net:any", "nothing is said of TCP 8443"),
        ("x.vault.azure.net.evil.com", "key-vault-csi/advisory:vault-host", "begins like x.vault.azure.net"),
    ],
)
def test_what_is_near_says_why_it_is_not_it(text: str, rule: str, why: str) -> None:
    first, *_ = ask(text).near
    assert first.rule.id == f"AzureCloud/{rule}"
    assert why in first.why_not


@pytest.mark.parametrize(
    ("text", "profile", "reason"),
    [
        ("mcr.microsoft.com", None, "every cluster needs it"),
        ("mcr.azure.cn", None, "every cluster in AzureChinaCloud needs it"),
        ("nvidia.github.io", None, "needed with gpu"),
        ("foo.hcp.westeurope.azmk8s.io", None, "needed in AzureCloud unless private-cluster"),
        ("apt.dockerproject.org", None, "asked for until 2022-03-30, as AzureCloud/gpu/apt.dockerproject.org:tcp-443"),
        ("mcr.microsoft.com:80", None, "the host is listed, but it is for TCP 443, not for TCP 80"),
        ("nvidia.github.io", WEST, "the profile does not use gpu"),
        ("foo.hcp.northeurope.azmk8s.io", WEST, "for this cluster it is *.hcp.westeurope.azmk8s.io"),
        ("mcr.azure.cn", WEST, "it is a rule of AzureChinaCloud"),
        ("my.vault.azure.net", None, "advisory vault-host: a gap of the article"),
    ],
)
def test_the_reason_is_one_line(text: str, profile: dict[str, Any] | None, reason: str) -> None:
    assert ask(text, profile).reason.startswith(reason)


def test_a_removed_rule_is_retired_and_says_since_when() -> None:
    removed = Lifecycle(status=Status.REMOVED, since=dt.date(2026, 1, 2), commit="c")
    rules = Rules(
        dataclasses.replace(rule, lifecycle=removed) if rule.id.endswith(HOST) else rule for rule in CATALOG.rules
    )
    answer = check(dataclasses.replace(CATALOG, rules=rules), parse_endpoint("nvidia.github.io"))
    assert (answer.verdict, answer.reason) == ("retired", "it was removed from the article on 2026-01-02")


@pytest.mark.shipped
def test_a_rule_without_a_port_that_the_article_requires_is_for_every_port() -> None:
    catalog = aec.load(as_of="2019-04-10")
    for text in ("k8s.gcr.io", "k8s.gcr.io:8443"):
        assert check(catalog, parse_endpoint(text)).verdict is Verdict.REQUIRED


def test_the_conditions_are_those_of_the_alternative_that_covers() -> None:
    done = command_line.ask("check", "ntp.ubuntu.com:123/udp")
    for line in done.stdout.splitlines()[1:]:
        assert "only-if:azure-firewall-network-rules" in line
    assert "not-if:nodes-after-2021-03; only-if:azure-firewall-network-rules" in done.stdout
    profile = {**WEST, "nodes_after_2021_03": False, "azure_firewall": True}
    (conditions,) = ask("ntp.ubuntu.com:123/udp", profile).conditions.values()
    assert "only-if:azure-firewall-network-rules" in map(str, conditions)


def test_a_note_stands_beside_what_it_is_about_and_changes_nothing() -> None:
    assert [one.id for one in ask("my.vault.azure.net").advisories] == ["vault-host"]
    assert [one.id for one in ask("acs-mirror.azureedge.net").advisories] == ["acs-mirror-fallback"]
    assert [one.id for one in ask("mcr-0001.mcr-msedge.net").advisories] == ["mcr-cname"]
    assert [one.id for one in ask("mcrprod.azurecr.io").advisories] == ["mcrprod"]
    assert ask("mcrprod.azurecr.io", WEST, fix_advisories=True).verdict is Verdict.NOT_LISTED


@pytest.mark.parametrize("fixes", [(), ("--fix-advisories",)])
@pytest.mark.parametrize("cluster", [(), ("--set", "region=westeurope", "--set", "gpu=true")])
def test_a_gap_is_one_whether_its_fix_is_applied_or_not(fixes: tuple[str, ...], cluster: tuple[str, ...]) -> None:
    done = command_line.ask("check", "developer.download.nvidia.com", *cluster, *fixes)
    assert done.returncode == 1
    assert "developer.download.nvidia.com: known-gap, advisory nvidia-repository" in done.stdout
    assert "AzureCloud/gpu/advisory:nvidia-repository  known-gap" in done.stdout


def test_the_command_tells_the_caveats_and_keeps_them_out_of_the_answer() -> None:
    done = command_line.ask("check", "mcr.microsoft.com", "--set", "region=usgovvirginia", "--format", "json")
    assert "note: features: core (every cluster needs it); os-updates" in done.stderr
    assert json.loads(done.stdout)[0]["verdict"] == "required"


@pytest.mark.parametrize("flag", [("--service-tags", "tags.json"), ("--allow-any",), ("--informational",)])
def test_an_option_that_cannot_act_is_refused(flag: tuple[str, ...]) -> None:
    done = command_line.ask("check", "mcr.microsoft.com", *flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{flag[0]} acts on one cluster's rules: give --profile" in done.stderr


def test_a_list_is_answered_line_by_line() -> None:
    found = list(Checker(CATALOG).read(["mcr.microsoft.com", " a b ", "mcr.microsoft.com"]))
    assert [answer.verdict for answer in found] == ["required", "invalid", "required"]
    assert isinstance(found[1], Unreadable)
    assert found[1].text == "a b"
