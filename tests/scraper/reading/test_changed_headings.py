"""Today's page with one thing changed in a heading: it is read right or reported, and all else is read as before."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.scraper.changing import (
    CHINA_FQDN,
    CHINA_NETWORK,
    CORE,
    GLOBAL_FQDN,
    GLOBAL_NETWORK,
    GOV_FQDN,
    GOV_NETWORK,
    GPU,
    MONITOR,
    POLICY_GOV,
    TABLE,
    TODAY,
    append,
    difference,
    differs,
    heading,
    of,
    read,
    retitle,
    swap,
    today,
    under,
)


def test_the_rows_of_a_new_section_keep_their_text() -> None:
    backup = heading(3, "azure-backup", "Azure Backup") + heading(4, "new", "Required FQDN rules") + TABLE
    assert read(append(POLICY_GOV, backup)).texts["AzureCloud/azure-backup/b.contoso.com:tcp-443"] == ("B.",)


RETITLED: Final = {
    "a feature in other words": (
        GPU,
        "Accelerated node pools required FQDN / application rules",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature with one word more": (
        GPU,
        "GPU and NPU enabled AKS clusters required FQDN / application rules",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature that is said to be over": (
        GPU,
        "GPU enabled AKS clusters required FQDN / application rules (retired)",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature turned into its opposite": (
        GPU,
        "GPU enabled AKS clusters not required FQDN / application rules",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature with letters that look alike": (
        GPU,
        "\N{FULLWIDTH LATIN CAPITAL LETTER G}PU enabled AKS clusters required FQDN / application rules",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature with a soft hyphen": (
        GPU,
        "G&shy;PU enabled AKS clusters required FQDN / application rules",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a heading without words": (
        GPU,
        "",
        [f"hold unknown-heading {GPU}/table[1]", f"hold renamed-section {GPU}"],
    ),
    "a feature in fewer words": (GPU, "GPU", []),
    "a feature in preview": (GPU, "GPU enabled AKS clusters required FQDN / application rules (in public preview)", []),
    "a cloud in preview": (GOV_FQDN, "Azure US Government (in public preview) required FQDN / application rules", []),
    "a cloud by another name": (CHINA_FQDN, "Mooncake required FQDN / application rules", []),
    "the core section": (
        CORE,
        "What every cluster has to reach",
        [
            *(
                f"hold unknown-heading {name}/table[1]"
                for name in (GLOBAL_NETWORK, GLOBAL_FQDN, CHINA_NETWORK, CHINA_FQDN, GOV_NETWORK, GOV_FQDN)
            ),
            f"hold unknown-heading {CORE}",
            f"hold renamed-section {CORE}",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "title", "reported"), RETITLED.values(), ids=RETITLED)
def test_a_known_section_in_other_words_keeps_its_rules(name: str, title: str, reported: list[str]) -> None:
    found = difference(retitle(name, title))
    # What a sentence means was reviewed beside a rule of its own feature: beside one of another, it means nothing.
    meant = {rule.id for rule in today().rules if rule.constraints or rule.lifecycle.replaced_by} | {
        rule.id for rule in today().rules for one in rule.destinations if rule.conditions_of(one)
    }
    assert found == differs(reported=reported, altered=meant & of("core") if name == CORE else ())


def test_a_renamed_feature_with_another_id_keeps_its_slug_and_is_held() -> None:
    html = retitle(MONITOR, "Container observability").replace(f'id="{MONITOR}"', 'id="container-observability"')
    found = difference(html)
    assert "hold renamed-section container-observability" in found.reported
    assert not found.added | found.removed | found.altered


@pytest.mark.parametrize(
    "title",
    [
        "Azure Sovereign required FQDN / application rules",
        "Azure required FQDN / application rules",
        "All clouds required FQDN / application rules",
    ],
)
def test_a_cloud_that_nobody_knows_takes_its_rules_away_from_no_known_cloud_in_silence(title: str) -> None:
    found = difference(retitle(GOV_FQDN, title))
    assert found.reported == {f"hold unknown-heading {GOV_FQDN}/table[1]"}
    assert found.removed == under(GOV_FQDN)
    assert not {name for name in found.added if name.startswith("Azure")}
    assert found == differs(added=found.added, removed=found.removed, reported=found.reported)


@pytest.mark.parametrize("word", ["DoD", "Secret"])
def test_a_part_of_a_known_cloud_is_held(word: str) -> None:
    html = retitle(GOV_FQDN, f"Azure US Government {word} required FQDN / application rules")
    assert difference(html) == differs(reported=[f"hold unknown-heading {GOV_FQDN}/table[1]"])


def test_two_clouds_in_a_heading_are_an_error() -> None:
    html = retitle(GOV_FQDN, "Azure US Government and China required FQDN / application rules")
    assert f"error two-clouds {GOV_FQDN}/table[1]" in difference(html).reported


def test_a_heading_that_makes_its_rules_optional_makes_them_recommended() -> None:
    html = retitle(GPU, "GPU enabled AKS clusters optional FQDN / application rules")
    assert difference(html) == differs(altered=of("gpu"))
    assert {rule.level for rule in read(html).rules if rule.feature == "gpu"} == {"recommended"}


def test_no_rule_depends_on_a_heading_s_id() -> None:
    html = re.sub(r'(<h\d) id="[^"]*"', r"\1", TODAY)
    found = difference(html)
    assert not found.added | found.removed
    assert not {one for one in found.reported if not one.startswith("note")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">Azure Policy</h3>", '><a class="anchor-link" href="#azure-policy"></a>Azure Policy</h3>'),
        (">Azure Policy</h3>", '><img src="x.svg" alt="icon"> Azure Policy</h3>'),
        ('<h3 id="azure-policy">Azure Policy</h3>', '<div><h3 id="azure-policy">Azure Policy</h3></div>'),
        ('<h2 id="cluster-extensions">Cluster extensions</h2>\n', ""),
    ],
)
def test_the_dress_of_a_heading_does_not_matter(old: str, new: str) -> None:
    assert difference(swap(old, new)) == differs()


def test_rows_that_lose_their_heading_are_held_where_the_columns_or_notes_contradict_the_one_above() -> None:
    lost = TODAY.replace(re.findall(rf'<h3 id="{GOV_FQDN}">.*?</h3>', TODAY)[0], "")
    assert f"hold kind-differs {GOV_NETWORK}/table[2]" in difference(lost).reported
    lost = re.sub(r'<h\d id="aks-cost-analysis-add-on[^>]*>.*?</h\d>', "", TODAY)
    assert f"hold cloud-differs {POLICY_GOV}/table[2]/row[1]/destination" in difference(lost).reported


def test_a_feature_that_leaves_the_page_takes_only_its_own_rules_along() -> None:
    start, end = TODAY.index('<h3 id="aks-cost-analysis-add-on">'), TODAY.index('<h2 id="cluster-extensions">')
    assert difference(TODAY[:start] + TODAY[end:]) == differs(removed=of("cost-analysis"))
