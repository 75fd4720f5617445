from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_egress_catalog.cluster.az.fields import FEATURES, QUIET, Field
from aks_egress_catalog.cluster.az.profile import profile_from_az
from aks_egress_catalog.cluster.profile import ProfileError
from aks_egress_catalog.model import Feature
from tests.catalog.cluster.az.samples import STANDING, keys, sample


def test_the_form_of_the_api_is_read_like_that_of_the_cli() -> None:
    flat = sample("private_udr")
    outer = {key: flat.pop(key) for key in ("id", "name", "type", "location", "identity", "sku", "tags")}
    flat["privateFQDN"] = flat.pop("privateFqdn")
    flat["azurePortalFQDN"] = flat.pop("azurePortalFqdn")
    access = flat["apiServerAccessProfile"]
    access["privateDNSZone"] = access.pop("privateDnsZone")
    assert profile_from_az(outer | {"properties": flat}) == profile_from_az(sample("private_udr"))


@pytest.mark.parametrize("location", ["West Europe", "westeurope", "WestEurope"])
def test_a_location_is_a_region_in_any_form(location: str) -> None:
    assert profile_from_az(sample("public", location=location)).profile.region == "westeurope"


@pytest.mark.parametrize(
    ("pool", "gpu"),
    [
        ({"vmSize": "Standard_NC6s_v3"}, True),
        ({"vmSize": "standard_nv36ads_a10_v5"}, True),
        ({"vmSize": "Standard_D4ds_v5"}, False),
        ({"vmSize": "Standard_D4ds_v5", "gpuProfile": {"driver": "Install"}}, True),
        ({"vmSize": "Standard_D4ds_v5", "gpuProfile": {"driver": "None"}}, False),
        ({"vmSize": "Standard_D4ds_v5", "gpuInstanceProfile": "MIG7g"}, True),
        ({"vmSize": "", "virtualMachinesProfile": {"scale": {"manual": [{"size": "Standard_ND96isr_H100_v5"}]}}}, True),
        ({"vmSize": "", "virtualMachineNodesStatus": [{"size": "Standard_ND96isr_H100_v5"}]}, True),
    ],
)
def test_gpu_nodes_show_by_their_size_or_their_profile(pool: dict[str, Any], gpu: bool) -> None:
    assert profile_from_az(sample("public", agentPoolProfiles=[pool])).profile.gpu is gpu


@pytest.mark.parametrize("pool", [{"osType": "Windows"}, {"osSku": "Windows2025"}])
def test_windows_nodes_show_by_their_system(pool: dict[str, Any]) -> None:
    assert profile_from_az(sample("public", agentPoolProfiles=[pool])).profile.windows


def test_an_administrator_name_for_windows_makes_no_windows_nodes() -> None:
    assert sample("public")["windowsProfile"]["adminUsername"] == "azureuser"
    assert profile_from_az(sample("public")).profile.windows is False


@pytest.mark.parametrize("path", sorted(FEATURES))
def test_what_is_on_is_a_feature_and_what_is_off_is_not(path: str) -> None:
    below = {"azureMonitorProfile": ".metrics", "securityProfile.defender": ".securityMonitoring"}.get(path, "")
    for enabled in (True, False):
        part: dict[str, Any] = {"enabled": enabled}
        for name in reversed((path + below).split(".")):
            part = {name: part}
        found = profile_from_az(sample("public") | part)
        assert found.profile.features == ((FEATURES[path],) if enabled else ())


@pytest.mark.parametrize("key", ["omsagent", "omsAgent", "OMSAGENT"])
def test_the_key_of_an_add_on_has_any_case(key: str) -> None:
    found = profile_from_az(sample("public", addonProfiles={key: {"enabled": True}}))
    assert found.profile.features == (Feature.AZURE_MONITOR,)


def test_a_mesh_with_a_plug_in_ca_needs_key_vault() -> None:
    istio = {"certificateAuthority": {"plugin": {"keyVaultId": "/vaults/ca"}}}
    for mode, features in (("Istio", (Feature.KEY_VAULT_CSI,)), ("Disabled", ())):
        content = sample("public", serviceMeshProfile={"mode": mode, "istio": istio})
        assert profile_from_az(content).profile.features == features


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"location": 5}, "location", "expected a text, found 5"),
        ({"networkProfile": {"outboundType": "teleport"}}, "networkProfile.outboundType", "'teleport' is unknown"),
        ({"networkProfile": "azure"}, "networkProfile", "expected an object"),
        ({"bootstrapProfile": {"artifactSource": "Moon"}}, "bootstrapProfile.artifactSource", "Cache, Direct"),
        ({"agentPoolProfiles": {"osType": "Linux"}}, "agentPoolProfiles", "expected a list"),
        ({"agentPoolProfiles": [{}, {"osType": "Plan9"}]}, "agentPoolProfiles[1].osType", "Linux, Windows"),
        ({"addonProfiles": {"omsagent": {"enabled": "true"}}}, "addonProfiles.omsagent.enabled", "true or false"),
        ({"location": "???"}, "region", "is not a region name"),
        ({"fqdn": "no host"}, "api_server_fqdn", "is not a host name"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(changes: dict[str, Any], key: str, said: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(key)) as caught:
        profile_from_az(sample("public", **changes))
    assert caught.value.key == key
    assert said in str(caught.value)


def test_an_object_may_be_nested_deeper_than_python_recurses() -> None:
    deep: dict[str, Any] = {"enabled": True}
    for _ in range(5_000):
        deep = {"a": deep}
    assert profile_from_az(sample("public", a=deep)).profile.region == "westeurope"
    with pytest.raises(ProfileError, match="expected a text"):
        profile_from_az(sample("public", location=deep))


# Every field that is read exists in the SDK, whose attribute names the az CLI prints in camel case.


def camel(attribute: str) -> str:
    head, *tail = attribute.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def part_of(models: Any, owner: Any, name: str) -> Any:
    """Follow one name of a path to the model behind it, or to None for a plain value."""
    declared_by = [one for one in owner.__mro__ if "__annotations__" in vars(one)]
    attributes = {camel(attribute): attribute for one in declared_by for attribute in vars(one)["__annotations__"]}
    assert name in attributes, f"{owner.__name__} has {sorted(attributes)}"
    attribute = attributes[name]
    (on_the_wire,) = owner(**{attribute: {}})
    assert on_the_wire.lower() == name.lower()
    declared = next(str(vars(one)["__annotations__"].get(attribute)) for one in owner.__mro__ if attribute in vars(one))
    model = re.search(r"_models\.(\w+)", declared)
    is_list = "list[" in declared.lower()
    return getattr(models, model.group(1)) if model else None, is_list


@pytest.mark.slow  # imports the SDK
@pytest.mark.parametrize("path", [*Field, *FEATURES, *QUIET, "properties"])
def test_every_field_that_is_read_is_one_of_the_sdk(path: str) -> None:
    models = pytest.importorskip(
        "azure.mgmt.containerservice.models", reason="needs pip install azure-mgmt-containerservice"
    )
    owner = models.ManagedClusterProperties
    steps = path.split(".")
    if steps[0] in ("id", "type", "name", "location", "properties"):
        owner = models.ManagedCluster
    for step in steps:
        owner, is_list = part_of(models, owner, step.removesuffix("[]"))
        assert step.endswith("[]") == is_list
        if steps[0] == "addonProfiles":
            assert owner is models.ManagedClusterAddonProfile  # its keys are free
            return


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(sorted({step.removesuffix("[]") for field in Field for step in field.split(".")})) | st.text(
    max_size=8
)
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=15
)


@given(ANYTHING)
def test_whatever_json_is_given_only_a_profile_error_is_raised(content: Any) -> None:
    with contextlib.suppress(ProfileError):
        profile_from_az(content)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8))
def test_whatever_a_cluster_holds_only_a_profile_error_is_raised(changes: dict[str, Any]) -> None:
    with contextlib.suppress(ProfileError):
        found = profile_from_az(sample("public") | changes | {"type": "Microsoft.ContainerService/ManagedClusters"})
        assert keys(found) >= STANDING
