from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.cluster.az.profile import profile_from_az
from aks_egress_catalog.cluster.az.saved import read_az
from aks_egress_catalog.cluster.profile import Profile, ProfileError
from aks_egress_catalog.model import Cloud, Feature
from tests.catalog.cluster.az.samples import HOST, SAMPLES, sample

PRIVATE_HOST = "{}-rg-000000-e5f6a7b8.00000000-0000-0000-0000-000000000007.privatelink.{}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "public",
            Profile(
                region="westeurope",
                outbound_type="loadBalancer",
                api_server_fqdn=HOST.format("plain", "westeurope.azmk8s.io"),
            ),
        ),
        (
            "private_udr",
            Profile(
                region="germanywestcentral",
                features=(Feature.WORKLOAD_IDENTITY,),
                private_cluster=True,
                api_server_fqdn=PRIVATE_HOST.format("walled", "germanywestcentral.azmk8s.io"),
                outbound_type="userDefinedRouting",
            ),
        ),
        (
            "network_isolated",
            Profile(
                region="northeurope",
                private_cluster=True,
                api_server_fqdn=PRIVATE_HOST.format("isolated", "northeurope.azmk8s.io"),
                outbound_type="none",
                bootstrap_cache=True,
                network_isolated=True,
            ),
        ),
        (
            "vnet_integrated",
            Profile(
                outbound_type="loadBalancer",
                region="swedencentral",
                vnet_integration=True,
                api_server_fqdn=HOST.format("integrated", "swedencentral.azmk8s.io"),
            ),
        ),
        (
            "us_government",
            Profile(
                outbound_type="loadBalancer",
                cloud=Cloud.US_GOVERNMENT,
                region="usgovvirginia",
                features=(Feature.AZURE_POLICY,),
                private_cluster=True,
                api_server_fqdn=PRIVATE_HOST.format("gov", "usgovvirginia.cx.aks.containerservice.azure.us"),
            ),
        ),
        (
            "china",
            Profile(
                outbound_type="loadBalancer",
                cloud=Cloud.CHINA,
                region="chinanorth3",
                features=(Feature.AZURE_MONITOR,),
                api_server_fqdn=HOST.format("zhongguo", "chinanorth3.cx.prod.service.azk8s.cn"),
            ),
        ),
        (
            "stopped",
            Profile(
                region="westeurope",
                outbound_type="loadBalancer",
                api_server_fqdn=HOST.format("asleep", "westeurope.azmk8s.io"),
            ),
        ),
        (
            "http_proxy",
            Profile(
                outbound_type="loadBalancer",
                region="westeurope",
                api_server_fqdn=HOST.format("proxied", "westeurope.azmk8s.io"),
                http_proxy=True,
            ),
        ),
        (
            "windows_gpu",
            Profile(
                outbound_type="loadBalancer",
                region="eastus2",
                api_server_fqdn=HOST.format("mixed", "eastus2.azmk8s.io"),
                gpu=True,
                windows=True,
            ),
        ),
        (
            "all_addons",
            Profile(
                outbound_type="loadBalancer",
                region="westus3",
                api_server_fqdn=HOST.format("loaded", "westus3.azmk8s.io"),
                features=(
                    Feature.AZURE_MONITOR,
                    Feature.AZURE_POLICY,
                    Feature.CLUSTER_EXTENSIONS,
                    Feature.COST_ANALYSIS,
                    Feature.DEFENDER,
                    Feature.KEY_VAULT_CSI,
                    Feature.WORKLOAD_IDENTITY,
                ),
            ),
        ),
        (
            "bootstrap_cache",
            Profile(
                region="francecentral",
                features=(Feature.AZURE_POLICY,),
                private_cluster=True,
                api_server_fqdn=PRIVATE_HOST.format("bootstrapcache", "francecentral.azmk8s.io").replace(
                    "e5f6a7b8", "a1b2c3d4"
                ),
                outbound_type="userDefinedRouting",
                bootstrap_cache=True,
            ),
        ),
        (
            "automatic",
            Profile(
                region="eastus",
                features=(
                    Feature.AZURE_MONITOR,
                    Feature.AZURE_POLICY,
                    Feature.KEY_VAULT_CSI,
                    Feature.WORKLOAD_IDENTITY,
                ),
                vnet_integration=True,
                api_server_fqdn=HOST.format("automatic", "eastus.azmk8s.io"),
                outbound_type="managedNATGateway",
                azure_linux=True,
            ),
        ),
        (
            "azure_linux",
            Profile(
                region="norwayeast",
                features=(Feature.DEFENDER,),
                api_server_fqdn=HOST.format("azurelinux", "norwayeast.azmk8s.io"),
                outbound_type="userAssignedNATGateway",
                azure_linux=True,
            ),
        ),
        (
            "mesh",
            Profile(
                region="uksouth",
                features=(Feature.CLUSTER_EXTENSIONS, Feature.COST_ANALYSIS, Feature.KEY_VAULT_CSI),
                api_server_fqdn=HOST.format("mesh", "uksouth.azmk8s.io"),
                outbound_type="userDefinedRouting",
            ),
        ),
        (
            "old_nodes",
            Profile(
                region="westus2",
                api_server_fqdn=HOST.format("oldnodes", "westus2.azmk8s.io"),
                outbound_type="loadBalancer",
                nodes_after_2021_03=False,
            ),
        ),
        (
            "us_government_monitored",
            Profile(
                region="usgovarizona",
                features=(Feature.AZURE_MONITOR, Feature.KEY_VAULT_CSI),
                api_server_fqdn=HOST.format("usgovernmentmonitored", "usgovarizona.cx.aks.containerservice.azure.us"),
                outbound_type="userDefinedRouting",
            ),
        ),
    ],
)
def test_each_sample_is_read_as_this_profile(name: str, expected: Profile) -> None:
    assert read_az(SAMPLES / f"{name}.json").profile == expected


def test_every_sample_is_tested() -> None:
    assert len(list(SAMPLES.glob("*.json"))) == 16


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_a_shell_writes_is_read_in_its_encoding(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(sample("public")), encoding=encoding)
    assert read_az(file).profile.region == "westeurope"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([sample("public")], "a list of 1, as az aks list prints it"),
        ({"value": [sample("public")]}, "a list, as the API prints it"),
        (None, "this is None"),
        ("a text", "this is 'a text'"),
        ({"type": "Microsoft.ContainerService/managedClusters/agentPools"}, "a node pool"),
        ({"vmSize": "Standard_D4ds_v5", "type": "VirtualMachineScaleSets"}, "a node pool"),
        ({"type": "Microsoft.Kubernetes/connectedClusters"}, "an Arc-connected cluster"),
        ({"type": "Microsoft.Network/virtualNetworks"}, "a resource of type Microsoft.Network/virtualNetworks"),
        ({"error": {"code": "ResourceNotFound"}}, "an error answer"),
        ({"apiVersion": "v1", "kind": "Config"}, "a Kubernetes object or a kubeconfig"),
        ({"$schema": "https://schema.management.azure.com"}, "a template"),
        ({"region": "westeurope"}, "an object with ['region'] and no agentPoolProfiles"),
        ({}, "no agentPoolProfiles"),
    ],
)
def test_anything_else_is_refused_with_what_it_looks_like_and_what_to_run(content: Any, said: str) -> None:
    with pytest.raises(ProfileError, match="az aks show --resource-group GROUP --name NAME") as caught:
        profile_from_az(content)
    assert said in str(caught.value)


def test_a_part_of_the_output_with_its_node_pools_is_read() -> None:
    shown = {"location": "westeurope", "agentPoolProfiles": [{"osType": "Windows"}]}
    assert profile_from_az(shown).profile.windows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("ERROR: (ResourceNotFound) The Resource was not found.\n", "an error of az, 'ERROR: (ResourceNotFound)"),
        ("WARNING: The behavior of this command has been altered\n{}", "leave out 2>&1"),
        ("Name    Location\n------  ----------\n", "it begins with 'Name    Location'"),
        ("[" * 100_000, "it begins with '[[["),
    ],
)
def test_a_file_that_is_not_json_is_refused_by_its_first_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "cluster.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match="az aks show") as caught:
        read_az(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        read_az(tmp_path / "nowhere.json")


def test_a_fault_in_a_file_keeps_its_key_and_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(sample("public", location=5)), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"cluster\.json: location: expected a text") as caught:
        read_az(file)
    assert caught.value.key == "location"


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_only_a_profile_error_is_raised(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "cluster.json"
    file.write_bytes(content)
    with pytest.raises(ProfileError):
        read_az(file)
