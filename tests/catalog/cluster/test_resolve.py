from __future__ import annotations

import dataclasses
import datetime as dt
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cluster.advisories import concerning
from aks_egress_catalog.cluster.profile_file import ProfileFileError, make_profile
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.cluster.service_tags import ServiceTags, ServiceTagsError, read_service_tags, tag_names
from aks_egress_catalog.model import (
    Cloud,
    Condition,
    Destination,
    DestinationForm,
    Effect,
    Feature,
    Lifecycle,
    Rules,
    Status,
    When,
)
from tests import base

CATALOG = base.CATALOG
AZURE_FIREWALL = Target(fqdn_in_network_rules=True, service_tags=True, azure_firewall=True)
BARE = Target()


def resolve(target: Target | None = None, options: dict[str, Any] | None = None, **profile: Any) -> Resolution:
    return CATALOG.resolve(aec.Profile(**profile), target=target, **(options or {}))


def values(resolution: Resolution, name: str) -> tuple[str, ...]:
    (rule,) = [rule for rule in resolution.rules if rule.id == name]
    return rule.values


def reason(resolution: Resolution, name: str) -> str:
    (left,) = [left for left in (*resolution.left_out, *resolution.unmet) if left.id == name]
    return left.reason


def test_every_rule_is_emitted_or_listed_with_its_reason() -> None:
    for cloud, catalog in product(Cloud, (CATALOG, aec.load())):
        found = catalog.resolve(aec.Profile(cloud=cloud, features=("azure-monitor", "defender"), gpu=True))
        reported = [one.id for one in found.rules] + [one.id for one in (*found.left_out, *found.unmet)]
        assert sorted(reported) == [rule.id for rule in catalog.rules]
        assert all(one.reason for one in (*found.left_out, *found.unmet))


def test_placeholders_are_filled_in() -> None:
    found = resolve(region="westeurope", features=("cluster-extensions", "azure-monitor"))
    assert values(found, "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443") == ("*.hcp.westeurope.azmk8s.io",)
    assert not any("{" in value for rule in found.rules for value in rule.values)


def test_a_rule_that_needs_the_region_is_unmet_without_it_and_says_so() -> None:
    found = resolve()
    assert "region" in reason(found, "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443")


def test_the_api_servers_own_name_is_narrower_than_its_pattern() -> None:
    name = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"
    named = resolve(region="westeurope", api_server_fqdn="my-1a2b.hcp.westeurope.azmk8s.io")
    assert values(named, name) == ("my-1a2b.hcp.westeurope.azmk8s.io",)
    assert values(resolve(api_server_fqdn="my-1a2b.hcp.uksouth.azmk8s.io"), name) == ("my-1a2b.hcp.uksouth.azmk8s.io",)
    other = resolve(region="westeurope", api_server_fqdn="my-1a2b.hcp.uksouth.azmk8s.io")
    assert values(other, name) == ("my-1a2b.hcp.uksouth.azmk8s.io",)
    foreign = resolve(region="westeurope", api_server_fqdn="my.privatelink.example.com")
    assert values(foreign, name) == ("*.hcp.westeurope.azmk8s.io",)
    assert any("api_server_fqdn my.privatelink.example.com is not used" in caveat for caveat in foreign.caveats)


TUNNEL = "AzureUSGovernment/core/any:udp-1194"


def test_the_narrowest_alternative_that_the_target_can_express_is_chosen(tmp_path: Path) -> None:
    cluster: dict[str, Any] = {"cloud": "AzureUSGovernment", "region": "usgovvirginia"}
    tags = read_service_tags(
        service_tags(tmp_path, "AzureGovernment", "AzureCloud.usgovvirginia"), cloud="AzureUSGovernment"
    )
    assert values(resolve(api_server_ips=("192.0.2.7",), **cluster), TUNNEL) == ("192.0.2.7/32",)
    assert values(resolve(options={"service_tags": tags}, **cluster), TUNNEL) == ("198.51.100.0/24", "2001:db8::/32")
    assert values(resolve(AZURE_FIREWALL, **cluster), TUNNEL) == ("AzureCloud.usgovvirginia",)
    assert values(resolve(**cluster), TUNNEL) == ("AzureCloud.usgovvirginia",)
    assert values(resolve(BARE, options={"allow_any": True}, **cluster), TUNNEL) == ("*",)
    assert "allow_any" in reason(resolve(BARE, **cluster), TUNNEL)


def test_a_host_in_a_network_rule_is_taken_where_the_target_takes_it() -> None:
    ntp = "AzureUSGovernment/core/any:udp-123"
    assert values(resolve(AZURE_FIREWALL, cloud="AzureUSGovernment"), ntp) == ("ntp.ubuntu.com",)
    assert "takes no host names" in reason(resolve(BARE, cloud="AzureUSGovernment", azure_firewall=True), ntp)


@pytest.mark.parametrize("cloud", ["AzureUSGovernment", "AzureChinaCloud"])
def test_the_clock_by_name_is_for_azure_firewall_alone(cloud: str) -> None:
    ntp = f"{cloud}/core/any:udp-123"
    assert values(resolve(cloud=cloud, azure_firewall=True), ntp) == ("ntp.ubuntu.com",)
    for said in (None, False):
        assert "does not hold for this cluster (azure_firewall)" in reason(
            resolve(cloud=cloud, azure_firewall=said), ntp
        )
    assert "(azure_firewall)" in reason(resolve(AZURE_FIREWALL, cloud=cloud, azure_firewall=False), ntp)
    assert values(resolve(options={"allow_any": True}, cloud=cloud, azure_firewall=False), ntp) == ("*",)


def test_a_condition_on_private_endpoints_is_honoured_where_a_rule_has_it() -> None:
    name = "AzureCloud/key-vault-csi/vault.azure.net:tcp-443"
    condition = Condition(effect=Effect.NOT_IF, when=When.PRIVATE_ENDPOINT)
    rules = Rules(
        dataclasses.replace(rule, conditions=(condition,)) if rule.id == name else rule for rule in CATALOG.rules
    )
    catalog = dataclasses.replace(CATALOG, rules=rules)
    with_endpoint = catalog.resolve(aec.Profile(features=("key-vault-csi",), private_endpoints=True))
    assert "not-if:private-endpoint" in reason(with_endpoint, name)
    assert not any("private_endpoints changes nothing" in caveat for caveat in with_endpoint.caveats)
    assert values(catalog.resolve(aec.Profile(features=("key-vault-csi",))), name) == ("vault.azure.net",)


def test_a_region_known_in_another_cloud_sets_the_cloud_or_is_refused() -> None:
    assert aec.Profile(region="chinaeast2").cloud == "AzureChinaCloud"
    assert aec.Profile(region="usgovvirginia").cloud == "AzureUSGovernment"
    assert aec.Profile().cloud == "AzureCloud"
    with pytest.raises(aec.ProfileError, match="'chinaeast2' is a region of AzureChinaCloud, not of AzureCloud"):
        aec.Profile(cloud="AzureCloud", region="chinaeast2")


def test_an_unknown_region_is_refused_unless_it_is_allowed_or_the_service_tags_file_has_it() -> None:
    with pytest.raises(aec.ProfileError, match=r"did you mean 'westeurope'\?.*allow_unknown_region=True") as caught:
        resolve(region="westeurop")
    assert caught.value.key == "region"
    allowed = resolve(options={"allow_unknown_region": True}, region="moonnorth")
    assert any("'moonnorth' is not in our table for AzureCloud" in caveat for caveat in allowed.caveats)
    tags = ServiceTags(cloud="AzureCloud", change_number=1, prefixes={"AzureCloud.moonnorth": ("192.0.2.0/24",)})
    assert "*.hcp.moonnorth.azmk8s.io" in values(
        resolve(options={"service_tags": tags}, region="moonnorth"), "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"
    )


def test_a_region_that_the_article_names_is_known() -> None:
    host = Destination(form=DestinationForm.FQDN, value="made.moonnorth.data.azurecr.io")
    rules = [
        dataclasses.replace(rule, id="", destinations=(host,)) if "arcmktplaceprod.eastus" in rule.id else rule
        for rule in CATALOG.rules
    ]
    catalog = dataclasses.replace(CATALOG, rules=Rules(sorted(rules, key=lambda rule: rule.id)))
    assert catalog.resolve(aec.Profile(region="moonnorth")).profile == aec.Profile(region="moonnorth")


def test_lists_may_be_one_text_and_enums_are_kept_as_plain_text() -> None:
    made = aec.Profile(cloud=Cloud.CHINA, features="gpu, defender", custom_dns=["192.0.2.53"])
    assert (made.features, made.custom_dns) == (("gpu", "defender"), ("192.0.2.53",))
    assert type(made.cloud) is str
    assert type(aec.Profile(features=(Feature.GPU,)).features[0]) is str
    with pytest.raises(aec.ProfileError, match="private_cluster: expected true or false, found 'no'"):
        aec.Profile(private_cluster="no")  # type: ignore[arg-type]  # what a caller without types may write


def test_a_resolution_says_of_which_data_and_which_cluster_it_is() -> None:
    found = resolve(region="eastus", features=("defender",), gpu=True)
    assert (found.data_version, found.profile) == (
        CATALOG.version,
        aec.Profile(region="eastus", features="defender", gpu=True),
    )
    assert [one.feature for one in found.features] == ["core", "defender", "gpu", "os-updates"]


def test_each_rule_names_its_choice_and_what_would_narrow_it() -> None:
    found = resolve(AZURE_FIREWALL, cloud="AzureUSGovernment", region="usgovvirginia")
    (rule,) = [rule for rule in found.rules if rule.id == TUNNEL]
    assert (rule.alternative, rule.choice) == ("2/4", "the service tag")
    assert "api_server_ips" in rule.narrower
    assert "Service Tags file" in rule.narrower


def test_conditions_decide() -> None:
    api_server = "AzureCloud/core/set:APIServerPublicIP:tcp-443"
    assert "only-if:pods-use-api-server-ip" in reason(resolve(), api_server)
    pods = resolve(pods_use_api_server_ip=True, api_server_ips=("192.0.2.7",))
    assert values(pods, api_server) == ("192.0.2.7/32",)
    private = resolve(private_cluster=True, pods_use_api_server_ip=True)
    assert "not-if:private-cluster" in reason(private, api_server)
    assert "not-if:konnectivity-agent" in reason(resolve(), "AzureCloud/core/any:udp-1194")
    old = resolve(AZURE_FIREWALL, konnectivity=False, nodes_after_2021_03=False, region="eastus")
    assert values(old, "AzureCloud/core/any:udp-1194") == ("AzureCloud.eastus",)
    assert values(resolve(custom_dns=("192.0.2.53",)), "AzureCloud/core/set:CustomDNSIP:udp-53") == ("192.0.2.53/32",)


def test_a_condition_stated_for_another_cloud_is_shown_and_not_applied() -> None:
    found = resolve(AZURE_FIREWALL, cloud="AzureUSGovernment", region="usgovvirginia")
    (rule,) = [rule for rule in found.rules if rule.id == TUNNEL]
    assert "not-if:konnectivity-agent is stated for AzureCloud only; it is shown, not applied" in rule.remarks


def test_a_feature_that_the_page_does_not_state_is_never_called_not_needed() -> None:
    found = resolve(cloud="AzureChinaCloud", features=("key-vault-csi", "cluster-extensions"))
    reported = [caveat for caveat in found.caveats if "not stated by the page" in caveat]
    assert [caveat.partition(":")[0] for caveat in reported] == ["cluster-extensions", "key-vault-csi"]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"network_isolated": True, "outbound_type": "none"}, "network isolated"),
        ({"vnet_integration": True}, "VNet integration"),
        ({"http_proxy": True}, "HTTP proxy"),
        (
            {"region": "westeurope", "api_server_fqdn": "my.hcp.uksouth.azmk8s.io"},
            "a name in uksouth, not in westeurope",
        ),
        ({"private_endpoints": True}, "private_endpoints changes nothing: no rule of AzureCloud depends on it"),
        ({"azure_firewall": True}, "azure_firewall changes nothing"),
        ({"cloud": "AzureUSGovernment", "konnectivity": False}, "konnectivity changes nothing"),
    ],
)
def test_what_the_caller_should_know_is_said(profile: dict[str, Any], words: str) -> None:
    assert any(words in caveat for caveat in resolve(**profile).caveats)


def test_a_missing_rule_stays_until_it_is_removed() -> None:
    def with_status(status: Status) -> Resolution:
        lifecycle = Lifecycle(status=status, since=dt.date(2026, 1, 2), commit="c")
        rules = Rules(
            dataclasses.replace(rule, lifecycle=lifecycle)
            if rule.id == "AzureCloud/gpu/nvidia.github.io:tcp-443"
            else rule
            for rule in CATALOG.rules
        )
        return dataclasses.replace(CATALOG, rules=rules).resolve(aec.Profile(gpu=True))

    (rule,) = [rule for rule in with_status(Status.MISSING).rules if "nvidia.github" in rule.id]
    assert "missing from the article since 2026-01-02" in rule.remarks[0]
    assert "removed" in reason(with_status(Status.REMOVED), "AzureCloud/gpu/nvidia.github.io:tcp-443")


def test_informational_rules_come_only_when_asked_for() -> None:
    name = "AzureCloud/core/md-*.blob.storage.azure.net:any"
    assert "informational" in reason(resolve(), name)
    assert values(resolve(options={"informational": True}), name) == ("md-*.blob.storage.azure.net",)


def test_constraints_travel_along() -> None:
    (rule,) = [rule for rule in resolve(region="eastus").rules if ".hcp." in rule.id]
    assert rule.constraints == ("preserve-alpn",)


def test_advisories_never_touch_the_facts_and_fix_only_when_asked() -> None:
    hosts = {str(rule.destinations[0]) for rule in CATALOG.rules(cloud="AzureCloud", feature="key-vault-csi")}
    assert hosts == {"vault.azure.net"}
    fixed = CATALOG.with_fixes()
    assert {str(rule.destinations[0]) for rule in fixed.rules(cloud="AzureCloud", feature="key-vault-csi")} == {
        "*.vault.azure.net"
    }
    assert not fixed.match("mcrprod.azurecr.io", 443), "a note is never applied"
    assert [one.id for one in concerning("AzureCloud", ["key-vault-csi"])] == ["vault-host"]
    assert concerning("AzureChinaCloud", ["core", "key-vault-csi"]) == ()


def test_a_caveat_tells_of_each_known_defect_until_it_is_fixed() -> None:
    def reported(resolution: Resolution) -> list[str]:
        return [caveat for caveat in resolution.caveats if caveat.startswith("advisory: ")]

    profile = aec.Profile(region="westeurope", features=("key-vault-csi",), gpu=True)
    plain, fixed = CATALOG.resolve(profile), CATALOG.resolve(profile, fix_advisories=True)
    assert [("nvidia.com" in caveat, "vault.azure.net" in caveat) for caveat in reported(plain)] == [
        (True, False),
        (False, True),
    ]
    assert reported(fixed) == []
    assert values(fixed, "AzureCloud/key-vault-csi/advisory:vault-host") == ("*.vault.azure.net",)
    assert CATALOG.with_fixes().resolve(profile) == fixed


def test_a_tag_without_ranges_gives_way_to_the_next_alternative() -> None:
    cluster: dict[str, Any] = {"cloud": "AzureUSGovernment", "region": "usgovvirginia"}
    empty = ServiceTags(cloud="AzureUSGovernment", change_number=1, prefixes={"AzureCloud.usgovvirginia": ()})
    found = resolve(options={"service_tags": empty, "allow_any": True}, **cluster)
    assert values(found, TUNNEL) == ("*",)
    assert "has no ranges for AzureCloud.usgovvirginia" in reason(
        resolve(options={"service_tags": empty}, **cluster), TUNNEL
    )
    (rule,) = [rule for rule in found.rules if rule.id == TUNNEL]
    with pytest.raises(ValueError, match="lets nothing through"):
        dataclasses.replace(rule, values=())


def service_tags(folder: Path, cloud: str, tag: str) -> Path:
    file = folder / "ServiceTags.json"
    prefixes = ["198.51.100.0/24", "2001:db8::/32"]
    content = {
        "changeNumber": 7,
        "cloud": cloud,
        "values": [{"name": tag, "properties": {"addressPrefixes": prefixes}}],
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_regions_that_a_tag_abbreviates_are_found_by_either_name(tmp_path: Path) -> None:
    assert tag_names("AzureCloud.{region}", "francecentral")[0] == "AzureCloud.centralfrance"
    tags = read_service_tags(service_tags(tmp_path, "Public", "AzureCloud.centralfrance"), cloud="AzureCloud")
    assert tags.ranges(tag_names("AzureCloud.{region}", "francecentral")) == ("198.51.100.0/24", "2001:db8::/32")
    with pytest.raises(ServiceTagsError, match="has no tag"):
        tags.ranges(tag_names("AzureCloud.{region}", "eastus"))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cloud": "Mars", "changeNumber": 1, "values": []}', '{"cloud": 1}'])
def test_what_is_no_service_tags_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tags.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ServiceTagsError, match="not a Service Tags file"):
        read_service_tags(file, cloud="AzureCloud")


def test_the_file_of_another_cloud_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceTagsError, match="take the file of that cloud"):
        read_service_tags(service_tags(tmp_path, "Public", "AzureCloud"), cloud="AzureChinaCloud")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"regoin": "x"}, "regoin: unknown key, did you mean 'region'?"),
        ({"cloud": "Azure"}, "did you mean 'AzureCloud'?"),
        ({"features": ["cores"]}, "did you mean 'core'?"),
        ({"private-cluster": "perhaps"}, "private_cluster: expected true or false (or yes or no), found 'perhaps'"),
        ({"gpu": 1}, "expected true or false, found 1"),
        ({"gpu": ""}, "expected true or false"),
        ({"features": ["core", 1]}, "expected a list"),
        ({"region": "West Europe"}, "not a region name"),
        ({"custom_dns": ["dns.example.com"]}, "not an address"),
        ({"network_isolated": True, "outbound_type": "loadBalancer"}, "outbound_type"),
        ({"api_server_subnet": "10.0.0.0/24"}, "vnet_integration"),
        ({"region": [[[[[["deep"]]]]]]}, "expected a text"),
        ({"outbound_type": "udr"}, "choose from"),
    ],
)
def test_a_profile_that_no_cluster_has_is_refused(content: dict[str, Any], words: str) -> None:
    with pytest.raises(aec.ProfileError) as refused:
        make_profile(content)
    assert words in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", 'region = "eastus"\nprivate-cluster = true\nfeatures = ["defender"]\n'),
        ("c.json", '{"region": "eastus", "private_cluster": true, "features": ["defender"]}'),
        ("c.yaml", "region: eastus\nprivate_cluster: true\nfeatures: [defender]\n"),
    ],
)
def test_a_profile_reads_the_same_from_every_kind_of_file(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding=encoding)
    assert aec.read_profile(file) == aec.Profile(region="eastus", private_cluster=True, features=("defender",))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", 'gpu = "{}"\n'),
        ("c.json", '{{"gpu": "{}"}}'),
        ("c.yaml", "gpu: {}\n"),
        ("c.yaml", 'gpu: "{}"\n'),
    ],
)
@pytest.mark.parametrize(
    ("said", "value"), [("yes", True), ("True", True), ("on", True), ("No", False), ("OFF", False)]
)
def test_a_switch_in_a_file_is_understood_as_people_write_it(
    tmp_path: Path, name: str, text: str, said: str, value: bool
) -> None:
    file = tmp_path / name
    file.write_text(text.format(said), encoding="utf-8")
    assert aec.read_profile(file).gpu is value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", "region ="),
        ("c.json", "[1]"),
        ("c.yaml", "a: [b"),
        ("c.yaml", "region: !!int ''"),
        ("c.yaml", "region: !!timestamp x"),
        ("c.txt", ""),
        *((f"c.{ending}", "a = " * (ending == "toml") + "[" * 100_000) for ending in ("toml", "json", "yaml")),
    ],
    ids=range(9),
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileFileError, match=name.replace(".", r"\.")):
        aec.read_profile(file)
