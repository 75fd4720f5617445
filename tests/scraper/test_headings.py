"""What headings say: every word is a feature, a cloud, a condition or boilerplate, or it is told.

``read_words`` reads one heading, label or note; ``context_of`` the trail of headings above a table, and
``labelled`` a tab or list line right above it.
"""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_egress_catalog.model import Cloud, Feature, Level
from scraper.findings import Reporter
from scraper.language.headings import plain, read_words, slug
from scraper.page.page import Heading, Section
from scraper.reading.context import Context, context_of, labelled

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
    "China region": "AzureChinaCloud",
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


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Rules for private clusters", "only-if:private-cluster"),
        ("Non-private clusters", "not-if:private-cluster"),
        ("Network isolated clusters", "only-if:network-isolated"),
        ("Required rules with custom DNS servers", "only-if:custom-dns"),
    ],
)
def test_a_heading_can_put_its_rules_under_a_condition(text: str, condition: str) -> None:
    words = read_words(text)
    assert ([str(found) for found in words.conditions], words.rest) == ([condition], "")


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


# ---------------------------------------------------------------- a trail of headings


def under(*texts: str, english: bool = True, ids: tuple[str, ...] = ()) -> Context:
    """Read headings of levels 2, 3, … as they stand above a table; their ids are slugs of their texts."""
    names = ids or tuple(map(slug, texts))
    trail = [
        Heading(level=level, id=id_, text=text) for level, (id_, text) in enumerate(zip(names, texts, strict=True), 2)
    ]
    return context_of(Section(heading=trail[-1], trail=tuple(trail[:-1]), blocks=()), english=english)


def said(context: Context) -> list[str]:
    say = Reporter.of("en-us")
    context.report(say)
    return [f"{finding.severity} {finding.code}" for finding in say.findings]


def place(context: Context) -> tuple[str, str, list[str]]:
    return context.feature, context.cloud, said(context)


def test_a_cloud_within_a_feature() -> None:
    assert place(under(CORE, "Azure US Government required network rules")) == ("core", "AzureUSGovernment", [])


def test_a_feature_within_the_container_of_features() -> None:
    context = under(ADD_ONS, "Workload identity", "Workload identity required FQDN / application rules")
    assert place(context) == ("workload-identity", "", [])


def test_a_feature_with_its_cloud_two_levels_below() -> None:
    context = under(ADD_ONS, "Azure Policy", "Microsoft Azure operated by 21Vianet required FQDN / application rules")
    assert place(context) == ("azure-policy", "AzureChinaCloud", [])


def test_the_article_title_names_nothing() -> None:
    title = Heading(level=1, id="t", text="Azure Policy in Azure China")
    assert context_of(Section(heading=title, trail=(), blocks=()), english=True) == Context()


def test_the_level_of_a_section_holds_below_it() -> None:
    assert under(OPTIONAL, "Azure Global").level is Level.RECOMMENDED
    assert under(CORE, "Azure Global").level is Level.REQUIRED


def test_the_condition_of_a_section_holds_below_it() -> None:
    assert [str(found) for found in under(CORE, "Private clusters", "Azure Global").conditions] == [
        "only-if:private-cluster"
    ]


def test_a_cloud_said_twice_is_said_once() -> None:
    assert place(under(CORE, "Azure China", "China required network rules")) == ("core", "AzureChinaCloud", [])


@pytest.mark.parametrize("trail", [(CORE, "Azure China and US Government"), (CORE, "Azure Global", "Azure China")])
def test_two_clouds_are_an_error(trail: tuple[str, ...]) -> None:
    assert said(under(*trail)) == ["error two-clouds"]


def test_an_unknown_section_gets_its_heading_id_as_a_provisional_slug_and_is_held() -> None:
    context = under(ADD_ONS, "Fleet manager", ids=("x", "azure-kubernetes-fleet-manager--preview"))
    assert place(context) == ("azure-kubernetes-fleet-manager--preview", "", ["hold unknown-heading"])


def test_what_an_unknown_section_repeats_of_its_own_name_is_told_once() -> None:
    context = under(ADD_ONS, "Fleet manager", "Fleet manager required FQDN / application rules")
    assert place(context) == ("fleet-manager", "", ["hold unknown-heading"])


def test_an_unknown_section_keeps_the_clouds_below_it() -> None:
    assert place(under(ADD_ONS, "Fleet manager", "Azure China")) == (
        "fleet-manager",
        "AzureChinaCloud",
        ["hold unknown-heading"],
    )


def test_a_heading_without_id_is_named_by_its_words() -> None:
    assert under("Fleet manager", ids=("",)).feature == "fleet-manager"


@pytest.mark.parametrize("name", ["Azure Bleu required network rules", "Azure Germany", "Delos cloud"])
def test_an_unknown_cloud_below_a_feature_is_held_and_is_none_that_we_know(name: str) -> None:
    context = under(CORE, name)
    assert said(context) == ["hold unknown-heading"]
    assert context.cloud
    assert context.cloud not in set(Cloud)


def test_an_unknown_add_on_below_a_feature_is_not_filed_under_it() -> None:
    assert place(under(CORE, "Istio-based service mesh add-on")) == (
        "istio-based-service-mesh-add-on",
        "",
        ["hold unknown-heading"],
    )


def test_a_known_cloud_with_an_unknown_word_is_held() -> None:
    assert said(under(CORE, "Azure Government Secret required network rules")) == ["hold unknown-heading"]


def test_two_features_in_one_heading_are_held_and_neither_is_chosen() -> None:
    assert place(under("Azure Policy and Azure Monitor")) == (
        "azure-policy-and-azure-monitor",
        "",
        ["hold two-features"],
    )


def test_a_feature_inside_the_section_of_another_is_held() -> None:
    assert place(under("Azure Policy", "Azure Monitor for containers")) == (
        "azure-monitor",
        "",
        ["hold nested-feature"],
    )


def test_sections_that_speak_about_rules_state_none() -> None:
    assert not under("Background").about_rules
    assert not under("Background", "Azure Global").about_rules
    assert under(CORE).about_rules


TRANSLATED: Final = {
    "required-outbound-network-rules-and-fqdns-for-aks-clusters": "Erforderliche Netzwerkregeln",
    "azure-us-government-required-network-rules-2": "Regeln bei der US-Regierung",
}


def test_a_translated_heading_is_read_by_its_english_id() -> None:
    context = under(*TRANSLATED.values(), ids=tuple(TRANSLATED), english=False)
    assert place(context) == ("core", "AzureUSGovernment", [])


def test_a_translated_heading_without_english_id_is_held() -> None:
    assert said(under("Netzwerkregeln", ids=("netzwerkregeln",), english=False)) == ["hold unknown-heading"]


# ---------------------------------------------------------------- a tab or a list line above the table


def test_a_label_names_the_cloud_of_its_table() -> None:
    context = labelled(under(CORE), "Azure Government (preview)")
    assert place(context) == ("core", "AzureUSGovernment", [])


@pytest.mark.parametrize(
    ("label", "cloud"),
    [("Globální Azure", "AzureCloud"), ("Azure Chine 21Vianet", "AzureChinaCloud"), ("Azure Monde", "AzureCloud")],
)
def test_a_translated_label_names_the_cloud_too(label: str, cloud: str) -> None:
    assert place(labelled(under(CORE), label)) == ("core", cloud, [])


def test_a_label_may_repeat_the_cloud_above_it_and_not_name_another() -> None:
    above = under(CORE, "Azure China")
    assert place(labelled(above, "21Vianet")) == ("core", "AzureChinaCloud", [])
    assert said(labelled(above, "Azure Global")) == ["error two-clouds"]


@pytest.mark.parametrize("label", ["Azure Bleu", "Azure Monitor", "Linux"])
def test_an_unknown_label_is_held_and_names_no_cloud_that_we_know(label: str) -> None:
    context = labelled(under(CORE), label)
    assert said(context) == ["hold unknown-heading"]
    assert context.cloud
    assert context.cloud not in set(Cloud)


def test_an_empty_label_says_nothing() -> None:
    assert labelled(under(CORE), "") == under(CORE)
