"""One heading, label or note: every word is a feature, a cloud or boilerplate, or it is left over."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Cloud, Feature, Level
from scraper.language.headings import plain, read_words, slug

CORE: Final = "Required outbound network rules and FQDNs for AKS clusters"
OPTIONAL: Final = "Optional recommended FQDN / application rules for AKS clusters"
ADD_ONS: Final = "AKS features, add-ons, and integrations"


def clouds(text: str) -> list[str]:
    return sorted(read_words(text).clouds)


# ---------------------------------------------------------------- one heading


CLOUDS: Final = {
    "Azure Global required network rules": "AzureCloud",
    "Azure public cloud required FQDN / application rules": "AzureCloud",
    "Public cloud": "AzureCloud",
    "Azure US Government required network rules": "AzureUSGovernment",
    "Azure U.S. Government required network rules": "AzureUSGovernment",
    "Azure Government cloud required FQDN / application rules": "AzureUSGovernment",
    "Azure Government (in public preview)": "AzureUSGovernment",
    "Fairfax": "AzureUSGovernment",
    "Azure China 21Vianet Required FQDN / application rules": "AzureChinaCloud",
    "Microsoft Azure operated by 21Vianet required network rules": "AzureChinaCloud",
    "Microsoft Azure operated by 21Vianet cloud required FQDN / application rules": "AzureChinaCloud",
    "Azure operated by 21Vianet": "AzureChinaCloud",
    "Mooncake": "AzureChinaCloud",
    "China": "AzureChinaCloud",
}


@pytest.mark.parametrize(("text", "cloud"), CLOUDS.items())
def test_a_heading_names_its_cloud_and_leaves_no_word_over(text: str, cloud: str) -> None:
    words = read_words(text)
    assert (clouds(text), words.features, words.rest) == ([cloud], (), "")


FEATURES: Final = {
    CORE: "core",
    "Required ports and addresses for AKS clusters": "core",
    OPTIONAL: "os-updates",
    "Optional recommended addresses and ports for AKS clusters": "os-updates",
    "GPU enabled AKS clusters required FQDN / application rules": "gpu",
    "Additional required addresses for GPU-based clusters": "gpu",
    "Windows Server based node pools": "windows",
    "Required by Windows Server based nodes (in public preview) enabled": "windows",
    "Workload identity": "workload-identity",
    "Microsoft Defender for Containers": "defender",
    "Azure Key Vault provider for Secrets Store CSI Driver": "key-vault-csi",
    "CSI Secret Store": "key-vault-csi",
    "Azure Monitor for containers": "azure-monitor",
    "Required addresses and ports for AKS clusters with the monitoring add on enabled": "azure-monitor",
    "Azure Monitor - Managed Prometheus and Container Insights": "azure-monitor",
    "Azure Policy (preview)": "azure-policy",
    "Required addresses and ports for AKS clusters with Azure Policy (in public preview) enabled": "azure-policy",
    "AKS cost analysis add-on required FQDN / application rules": "cost-analysis",
    "Cluster extensions": "cluster-extensions",
    "Azure Dev Spaces": "dev-spaces",
}


@pytest.mark.parametrize(("text", "feature"), FEATURES.items())
def test_a_heading_names_its_feature_and_leaves_no_word_over(text: str, feature: str) -> None:
    words = read_words(text)
    assert (words.features, words.clouds, words.rest) == ((feature,), frozenset(), "")


def test_every_feature_is_named_by_a_heading() -> None:
    assert set(FEATURES.values()) == set(Feature)


def test_every_cloud_is_named_by_a_heading() -> None:
    assert set(CLOUDS.values()) == set(Cloud)


UNKNOWN: Final = {
    "Azure Bleu required network rules": "azure bleu",
    "Azure Germany required FQDN / application rules": "azure germany",
    "Azure Stack Hub": "azure stack hub",
    "Azure Government Secret required network rules": "secret",
    "Azure required network rules": "azure",
    "Istio-based service mesh add-on": "istio service mesh",
    "GPU operator": "operator",
    "Rules for private clusters": "private",
    "Required rules with custom DNS servers": "custom dns servers",
    "Microsoft Defender for Servers": "microsoft defender servers",
}


@pytest.mark.parametrize(("text", "rest"), UNKNOWN.items())
def test_what_is_neither_a_feature_nor_a_cloud_is_left_over(text: str, rest: str) -> None:
    assert read_words(text).rest == rest


def test_a_preview_says_nothing_of_the_public_cloud() -> None:
    assert clouds("Azure Policy (in public preview)") == []


def test_a_feature_may_have_the_name_of_azure_in_it_and_still_name_no_cloud() -> None:
    assert clouds("Azure Policy required FQDN / application rules") == []


def test_one_heading_can_name_two_clouds() -> None:
    assert clouds("Azure China and Azure US Government") == ["AzureChinaCloud", "AzureUSGovernment"]


def test_optional_and_recommended_lower_the_level() -> None:
    assert read_words(OPTIONAL).level is Level.RECOMMENDED
    assert read_words(CORE).level is None


KINDS: Final = {
    "Azure Global required network rules": (True, False),
    "Required FQDN / application rules": (False, True),
    CORE: (False, False),
    "Azure Policy": (False, False),
}


@pytest.mark.parametrize(("text", "kinds"), KINDS.items())
def test_a_heading_may_speak_of_one_kind_of_rule_only(text: str, kinds: tuple[bool, bool]) -> None:
    words = read_words(text)
    assert (words.network_only, words.fqdn_only) == kinds


@pytest.mark.parametrize("text", ["AKS addons and integrations", "AKS features, addons, and integrations", ADD_ONS])
def test_a_container_of_features_is_no_feature(text: str) -> None:
    words = read_words(text)
    assert (words.container, words.features, words.rest) == (True, (), "")


def test_punctuation_and_letter_case_say_nothing() -> None:
    assert read_words("AZURE GLOBAL - required, FQDN/application-rules!") == read_words(
        "Azure Global required FQDN application rules"
    )


def test_a_slug_is_made_of_letters_and_digits() -> None:
    assert [slug("Azure  Bleu (preview)!"), slug("東京")] == ["azure-bleu-preview", "unnamed"]


KNOWN: Final = st.sampled_from([*CLOUDS, *FEATURES, ADD_ONS])


@settings(max_examples=200, deadline=None)
@given(KNOWN, st.data())
def test_an_unknown_word_anywhere_in_a_known_heading_is_never_swallowed(text: str, data: st.DataObject) -> None:
    words = text.split()
    words.insert(data.draw(st.integers(0, len(words))), "Bleu")
    assert "bleu" in read_words(" ".join(words)).rest.split()


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters()) | st.lists(KNOWN | st.text(max_size=4), max_size=4).map(" ".join))
def test_what_is_left_of_any_text_is_words_of_that_text(text: str) -> None:
    assert set(read_words(text).rest.split()) <= set(plain(text).split())
