"""The headings and labels above a table: which feature, cloud and level they give to its rows."""

from __future__ import annotations

from typing import Final

import pytest

from aks_egress_catalog.model import Cloud, Level
from scraper.findings import Reporter
from scraper.language.headings import slug
from scraper.page.page import Heading, Section
from scraper.reading.context import Context, context_of, labelled

CORE: Final = "Required outbound network rules and FQDNs for AKS clusters"
OPTIONAL: Final = "Optional recommended FQDN / application rules for AKS clusters"
ADD_ONS: Final = "AKS features, add-ons, and integrations"

# ---------------------------------------------------------------- a trail of headings


def under(*texts: str, english: bool = True, ids: tuple[str, ...] = ()) -> Context:
    """Read headings of levels 2, 3, … as they stand above a table; their ids are slugs of their texts."""
    names = ids or tuple(map(slug, texts))
    trail = [
        Heading(level=level, id=id_, text=text) for level, (id_, text) in enumerate(zip(names, texts, strict=True), 2)
    ]
    return context_of(Section(heading=trail[-1], trail=tuple(trail[:-1]), blocks=()), english=english)


def findings(context: Context) -> list[str]:
    report = Reporter.of("en-us")
    context.report_faults(report)
    return [f"{finding.severity} {finding.code}" for finding in report.findings]


def place(context: Context) -> tuple[str, str, list[str]]:
    return context.feature, context.cloud, findings(context)


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


def test_a_cloud_said_twice_is_said_once() -> None:
    assert place(under(CORE, "Azure China", "China required network rules")) == ("core", "AzureChinaCloud", [])


@pytest.mark.parametrize("trail", [(CORE, "Azure China and US Government"), (CORE, "Azure Global", "Azure China")])
def test_two_clouds_are_an_error(trail: tuple[str, ...]) -> None:
    assert findings(under(*trail)) == ["error two-clouds"]


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
    assert findings(context) == ["hold unknown-heading"]
    assert context.cloud
    assert context.cloud not in set(Cloud)


def test_an_unknown_add_on_below_a_feature_is_not_filed_under_it() -> None:
    assert place(under(CORE, "Istio-based service mesh add-on")) == (
        "istio-based-service-mesh-add-on",
        "",
        ["hold unknown-heading"],
    )


def test_a_known_cloud_with_an_unknown_word_is_held() -> None:
    assert findings(under(CORE, "Azure Government Secret required network rules")) == ["hold unknown-heading"]


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
    assert findings(under("Netzwerkregeln", ids=("netzwerkregeln",), english=False)) == ["hold unknown-heading"]


# ---------------------------------------------------------------- a tab or a list line above the table


def test_a_label_names_the_cloud_of_its_table() -> None:
    context = labelled(under(CORE), "Azure Government (preview)")
    assert place(context) == ("core", "AzureUSGovernment", [])


@pytest.mark.parametrize(
    ("label", "cloud"),
    [
        ("Globální Azure", "AzureCloud"),
        ("Azure (Chiny)", "AzureChinaCloud"),
        ("Azure (Cina) 21Vianet", "AzureChinaCloud"),
    ],
)
def test_a_translated_label_names_the_cloud_too(label: str, cloud: str) -> None:
    assert place(labelled(under(CORE), label)) == ("core", cloud, [])


def test_a_label_may_repeat_the_cloud_above_it_and_not_name_another() -> None:
    above = under(CORE, "Azure China")
    assert place(labelled(above, "21Vianet")) == ("core", "AzureChinaCloud", [])
    assert findings(labelled(above, "Azure Global")) == ["error two-clouds"]


@pytest.mark.parametrize("label", ["Azure Bleu", "Azure Monitor", "Azure Chine", "Linux", "Private clusters"])
def test_an_unknown_label_is_held_and_names_no_cloud_that_we_know(label: str) -> None:
    context = labelled(under(CORE), label)
    assert findings(context) == ["hold unknown-heading"]
    assert context.cloud
    assert context.cloud not in set(Cloud)


def test_an_empty_label_says_nothing() -> None:
    assert labelled(under(CORE), "") == under(CORE)
