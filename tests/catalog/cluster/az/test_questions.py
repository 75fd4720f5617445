from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aks_egress_catalog.cluster.az.profile import profile_from_az
from aks_egress_catalog.cluster.az.questions import open_questions
from aks_egress_catalog.cluster.az.saved import read_az
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import Target
from aks_egress_catalog.model import Cloud
from tests import base
from tests.catalog.cluster.az.samples import HOST, SAMPLES, asked, keys, noted, open_keys, sample


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("public", ["features", "custom_dns", "pods_use_api_server_ip", "konnectivity", "recommended"]),
        ("private_udr", ["features", "custom_dns"]),
        ("network_isolated", ["features", "custom_dns", "recommended"]),
        ("vnet_integrated", ["features", "custom_dns", "recommended"]),
        ("http_proxy", ["features", "custom_dns", "pods_use_api_server_ip", "konnectivity", "recommended"]),
        ("us_government", ["features", "custom_dns", "azure_firewall", "recommended"]),
        ("china", ["custom_dns", "azure_firewall", "pods_use_api_server_ip", "recommended"]),
        ("all_addons", ["gpu", "custom_dns", "pods_use_api_server_ip", "konnectivity", "recommended"]),
        ("stopped", ["features", "custom_dns", "pods_use_api_server_ip", "konnectivity", "recommended"]),
        ("windows_gpu", ["features", "custom_dns", "pods_use_api_server_ip", "konnectivity", "recommended"]),
    ],
)
def test_what_would_change_a_rule_is_asked_and_the_most_important_first(name: str, expected: list[str]) -> None:
    assert open_keys(read_az(SAMPLES / f"{name}.json")) == expected


def test_an_automatic_cluster_with_kaito_is_asked_no_more_than_five_questions() -> None:
    automatic = sample(
        "public",
        sku={"name": "Automatic", "tier": "Standard"},
        nodeProvisioningProfile={"mode": "Auto"},
        aiToolchainOperatorProfile={"enabled": True},
        apiServerAccessProfile={"enableVnetIntegration": True},
        ingressProfile={"webAppRouting": {"enabled": True}},
        workloadAutoScalerProfile={"keda": {"enabled": True}, "verticalPodAutoscaler": {"enabled": True}},
        securityProfile={"imageCleaner": {"enabled": True}, "workloadIdentity": {"enabled": True}},
    )
    found = profile_from_az(automatic)
    assert open_keys(found) == ["features", "features", "gpu", "custom_dns", "recommended"]
    assert asked(found, "gpu").count("?") == 1
    assert "node auto-provisioning or the AI toolchain operator (KAITO)" in asked(found, "gpu")
    assert found.notes == ()


def test_a_firewall_that_the_export_is_for_is_not_asked_for() -> None:
    found = read_az(SAMPLES / "us_government.json")
    target = Target(fqdn_in_network_rules=True, service_tags=True, azure_firewall=True)
    keys_for = [one.key for one in open_questions(found.unknown, base.CATALOG.rules, found.profile, target)]
    assert "azure_firewall" not in keys_for


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_a_question_names_a_profile_key_and_says_why(file: Path) -> None:
    settable = set(Profile.__dataclass_fields__)
    for question in read_az(file).unknown:
        assert question.key in settable
        assert question.setting.startswith(f"{question.key}=") or question.setting.startswith("features=")
        assert set(question.trial) <= settable
        assert "?" in question.text or question.text.endswith(".")
        assert question.why


def test_a_question_is_asked_once() -> None:
    for file in SAMPLES.glob("*.json"):
        unknown = read_az(file).unknown
        assert len({question.text for question in unknown}) == len(unknown)


@pytest.mark.parametrize(
    ("location", "cloud"),
    [("US Gov Virginia", Cloud.US_GOVERNMENT), ("China East 2", Cloud.CHINA), ("westus3", Cloud.PUBLIC)],
)
def test_without_host_names_the_location_tells_the_cloud(location: str, cloud: Cloud) -> None:
    nameless = sample("public", location=location, fqdn=None, azurePortalFqdn=None)
    found = profile_from_az(nameless)
    assert found.profile.cloud == cloud
    assert "cloud" not in keys(found)


def test_where_nothing_tells_the_cloud_it_is_asked() -> None:
    found = profile_from_az(sample("public", location="mooneast", fqdn=None, azurePortalFqdn="x.portal.hcp.moon"))
    assert "AzureCloud is assumed" in asked(found, "cloud")


def test_where_two_witnesses_differ_on_cloud_and_region_the_name_wins_and_it_is_reported() -> None:
    found = profile_from_az(sample("public", location="usgovvirginia"))
    assert found.profile.cloud == Cloud.PUBLIC
    assert "fqdn says AzureCloud" in asked(found, "cloud")
    assert "location says AzureUSGovernment" in asked(found, "cloud")
    assert "in usgovvirginia, as location says, or in westeurope, as fqdn says" in asked(found, "region")


def test_without_a_location_the_region_is_asked() -> None:
    found = profile_from_az(sample("public", location=None))
    assert found.profile.region is None
    assert "region" in keys(found)


def test_a_private_cluster_without_a_private_name_is_reported() -> None:
    found = profile_from_az(sample("private_udr", privateFqdn=None))
    assert "yet privateFqdn is empty" in asked(found, "api_server_fqdn")


def test_a_private_cluster_without_a_dns_zone_is_reached_by_its_public_name() -> None:
    content = sample("private_udr", privateFqdn=None)
    content["apiServerAccessProfile"]["privateDnsZone"] = "none"
    found = profile_from_az(content)
    assert found.profile.api_server_fqdn == HOST.format("walled", "germanywestcentral.azmk8s.io")
    assert "api_server_fqdn" not in keys(found)


def test_a_private_name_without_a_private_cluster_is_reported() -> None:
    found = profile_from_az(sample("private_udr", apiServerAccessProfile=None))
    assert not found.profile.private_cluster
    assert "private_cluster" in keys(found)
    integrated = profile_from_az(sample("private_udr", apiServerAccessProfile={"enableVnetIntegration": True}))
    assert "private_cluster" not in keys(integrated)


def test_a_cluster_without_any_name_is_asked_for_it() -> None:
    found = profile_from_az(sample("public", fqdn=None))
    assert found.profile.api_server_fqdn is None
    assert "api_server_fqdn" in keys(found)


def test_the_subnet_of_the_api_server_is_named_in_the_question_for_its_range() -> None:
    assert "subnets/apiserver" in asked(read_az(SAMPLES / "vnet_integrated.json"), "api_server_subnet")


def test_a_stopped_cluster_is_reported() -> None:
    assert "stopped" in noted(read_az(SAMPLES / "stopped.json"))


def test_a_cluster_in_the_middle_of_a_change_is_reported() -> None:
    assert "Updating" in noted(profile_from_az(sample("public", provisioningState="Updating")))


@pytest.mark.parametrize(("outbound_type", "isolated"), [("none", True), ("block", True), ("loadBalancer", False)])
def test_network_isolated_takes_a_cache_and_no_way_out(outbound_type: str, isolated: bool) -> None:
    content = sample("network_isolated")
    content["networkProfile"]["outboundType"] = outbound_type
    found = profile_from_az(content)
    assert found.profile.network_isolated is isolated
    assert found.profile.bootstrap_cache


def test_no_way_out_without_a_cache_is_not_network_isolated() -> None:
    content = sample("network_isolated", bootstrapProfile=None)
    assert profile_from_az(content).profile.network_isolated is False


def test_what_a_proxy_leaves_open_is_asked_without_its_password() -> None:
    said = noted(read_az(SAMPLES / "http_proxy.json"))
    assert "noProxy lists 7 destinations" in said
    assert "ALPN" in said
    assert "secret" not in str(read_az(SAMPLES / "http_proxy.json"))


def test_a_proxy_that_is_switched_off_is_none() -> None:
    content = sample("http_proxy")
    content["httpProxyConfig"]["enabled"] = False
    found = profile_from_az(content)
    assert found.profile.http_proxy is False
    assert found.notes == ()


def test_a_proxy_of_a_cluster_older_than_the_switch_is_on() -> None:
    content = sample("http_proxy")
    del content["httpProxyConfig"]["enabled"]
    assert profile_from_az(content).profile.http_proxy


def test_a_proxy_that_is_on_and_nowhere_is_reported() -> None:
    found = profile_from_az(sample("public", httpProxyConfig={"enabled": True}))
    assert "names no proxy" in noted(found)


def test_a_driver_that_aks_does_not_install_is_reported() -> None:
    pool = {"vmSize": "Standard_NC6s_v3", "gpuProfile": {"driver": "None"}}
    found = profile_from_az(sample("public", agentPoolProfiles=[pool]))
    assert found.profile.gpu
    assert "Who installs the GPU driver" in asked(found, "gpu")


def test_node_auto_provisioning_may_bring_gpu_nodes() -> None:
    assert "auto-provisioning" in asked(
        profile_from_az(sample("public", nodeProvisioningProfile={"mode": "Auto"})), "gpu"
    )


def test_without_node_pools_gpu_and_windows_are_asked() -> None:
    assert {"gpu", "windows", "nodes_after_2021_03"} <= keys(profile_from_az(sample("public", agentPoolProfiles=None)))


@pytest.mark.parametrize(
    ("images", "after", "is_asked"),
    [
        (["AKSUbuntu-2204gen2containerd-202606.10.0"], True, False),
        (["AKSUbuntu-1804gen2containerd-2021.09.22", "AKSWindows-2022-containerd-20348.3807.250612"], True, False),
        (["AKSUbuntu-1604-2021.03.10"], False, True),
        (["AKSUbuntu-2204gen2containerd-202606.10.0", "AKSUbuntu-1604-2020.12.01"], False, True),
        (["AKSUbuntu-2204gen2containerd-202606.10.0", None], True, True),
        (["AKSUbuntu-of-unknown-age"], True, True),
    ],
)
def test_a_node_is_no_older_than_its_image(images: list[str | None], after: bool, is_asked: bool) -> None:
    pools = [{"name": f"pool{index}", "nodeImageVersion": image} for index, image in enumerate(images)]
    found = profile_from_az(sample("public", agentPoolProfiles=pools))
    assert found.profile.nodes_after_2021_03 is after
    assert ("nodes_after_2021_03" in keys(found)) is is_asked


def test_what_is_on_and_not_stated_by_the_page_is_named_in_one_note() -> None:
    (said,) = read_az(SAMPLES / "all_addons.json").notes
    assert said.partition(": ")[2].split(", ") == [
        "addonProfiles.ACCSGXDevicePlugin",
        "addonProfiles.aciConnectorLinux",
        "addonProfiles.httpApplicationRouting",
        "addonProfiles.ingressApplicationGateway",
        "addonProfiles.openServiceMesh",
        "addonProfiles.somethingNew",
        "securityProfile.azureKeyVaultKms",
    ]
    assert "not stated by the page" in said


def test_a_profile_that_azure_adds_later_is_reported() -> None:
    found = profile_from_az(sample("public", quantumProfile={"entangler": {"enabled": True}}))
    assert "quantumProfile.entangler" in noted(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"ingressProfile": {"webAppRouting": {"enabled": True}}},
        {"serviceMeshProfile": {"mode": "Istio", "istio": {"components": {"ingressGateways": [{"enabled": True}]}}}},
    ],
)
def test_an_ingress_may_take_its_certificates_from_key_vault(changes: dict[str, Any]) -> None:
    found = profile_from_az(sample("public", **changes))
    assert found.profile.features == ()
    assert "they need key-vault-csi" in asked(found, "features")


def test_extensions_are_asked_unless_the_add_on_that_runs_them_is_on() -> None:
    assert "az k8s-extension list" in asked(read_az(SAMPLES / "public.json"), "features")
    assert "az k8s-extension list" not in asked(read_az(SAMPLES / "all_addons.json"), "features")
