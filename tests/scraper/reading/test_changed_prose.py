"""Today's page with one thing changed in running text: it is read right or reported, and all else is read as before."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scraper.changing import (
    ADD_ONS,
    GLOBAL_FQDN,
    GLOBAL_NETWORK,
    GOV_FQDN,
    GPU,
    MONITOR_GOV,
    NTP,
    NVIDIA,
    ROW,
    append,
    difference,
    differs,
    everywhere,
    heading,
    read,
    rule,
    swap,
    use,
    within,
)

CLOUDS: Final = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")

# ---------------------------------------------------------------- prose


def test_an_endpoint_of_prose_belongs_to_the_cloud_of_its_heading() -> None:
    assert difference(append(MONITOR_GOV, "<p>Also allow b.contoso.com.</p>")) == differs(
        added=["AzureUSGovernment/azure-monitor/b.contoso.com:any"]
    )


PROSE_ELSEWHERE: Final = {
    "the background": ("background", [], ["note stray-endpoint background"]),
    "the end": ("next-steps", [], ["note stray-endpoint next-steps"]),
    "the frame of the add-ons": (ADD_ONS, [], [f"hold stray-endpoint {ADD_ONS}"]),
    "a section that only points elsewhere": (
        "istio-based-service-mesh-add-on",
        everywhere("istio-based-service-mesh-add-on/b.contoso.com:any"),
        ["hold unknown-heading istio-based-service-mesh-add-on"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "added", "reported"), PROSE_ELSEWHERE.values(), ids=PROSE_ELSEWHERE)
def test_an_endpoint_in_the_prose_of_the_frame_is_told(name: str, added: list[str], reported: list[str]) -> None:
    html = swap("<p>To limit traffic between pods", "<p>Also b.contoso.com.</p><p>To limit traffic between pods")
    if name != "next-steps":
        html = append(name, "<p>Also allow b.contoso.com.</p>")
    assert difference(html) == differs(added=added, reported=reported)


def test_an_endpoint_in_the_prose_of_a_new_section_is_a_held_rule_of_its_own() -> None:
    html = append("application-routing-add-on", heading(2, "zed", "Zed") + "<p>Allow b.contoso.com.</p>")
    assert difference(html) == differs(added=everywhere("zed/b.contoso.com:any"), reported=["hold unknown-heading zed"])


@pytest.mark.parametrize(
    "text",
    [
        "Port 8443 (TCP) must be open.",
        "Ports 8443 and 9443 must be open.",
        "Open TCP/UDP port 8053.",
        "Open TCP and UDP port 8053.",
        "Open TCP ports 15000, 15001 and 15002.",
        "Open TCP/8443.",
        "Open TCP:8443.",
        "Let TCP traffic on 8443 through.",
        "The port: 8443",
    ],
)
def test_a_port_in_a_form_that_gives_no_rule_is_held(text: str) -> None:
    found = difference(append(GPU, f"<p>{text}</p>"))
    assert {one for one in found.reported if one.startswith("hold prose-")}
    assert not found.added


# ---------------------------------------------------------------- conditions and replacements


def test_a_condition_in_a_known_form_is_read_and_watched() -> None:
    html = use("Drivers. This isn\N{RIGHT SINGLE QUOTATION MARK}t <em>required</em> for<br>Private Clusters")
    assert difference(html) == differs(altered=NVIDIA, watched=[GPU])
    assert {str(one) for name in NVIDIA for one in rule(html, name).conditions} == {"not-if:private-cluster"}


@pytest.mark.parametrize(
    "text",
    [
        "Private clusters can do without.",
        "Only required when you use a private endpoint.",
        "This isn't required for private\N{ZERO WIDTH SPACE} clusters.",
    ],
)
def test_a_condition_in_an_unknown_form_removes_nothing_and_is_reported_and_watched(text: str) -> None:
    html = use(f"Drivers. {text}")
    assert difference(html) == differs(altered=NVIDIA, watched=[GPU], reported=[f"note unread-condition {ROW}/use"])
    assert not {one for name in NVIDIA for one in rule(html, name).conditions}


def test_a_condition_in_the_prose_around_a_table_is_told_and_watched() -> None:
    html = append(GPU, "<p>These rules aren't required for private clusters.</p>")
    assert difference(html) == differs(reported=[f"note watched-prose {GPU}"], watched=[GPU])


def test_a_condition_that_goes_is_seen() -> None:
    html = within(GLOBAL_NETWORK, " This isn't required for nodes provisioned after March 2021.", "")
    assert difference(html) == differs(altered=[NTP], watched=[GLOBAL_NETWORK])
    assert rule(html, NTP).conditions == ()


def test_a_condition_on_one_alternative_stays_with_it() -> None:
    html = within(GLOBAL_NETWORK, " (if using Azure Firewall network rules)", "")
    assert difference(html) == differs(altered=[NTP])
    assert all(not one.conditions for one in rule(html, NTP).destinations)


def test_a_constraint_in_another_form_is_told() -> None:
    html = swap("Blocking or rewriting the ALPN extension makes it fail.", "ALPN may be tampered with.")
    html = html.replace("The Konnectivity tunnel uses Application-Layer Protocol Negotiation (ALPN).", "A tunnel.")
    name = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443"
    found = difference(html)
    assert found == differs(
        altered=[name], watched=[GLOBAL_FQDN], reported=[f"note unread-condition {GLOBAL_FQDN}/table[1]/row[1]/use"]
    )


@pytest.mark.parametrize(
    ("text", "old", "new", "clouds"),
    [
        ("Will be replacing us.download.nvidia.com.", "us.download.nvidia.com", "nvidia.github.io", CLOUDS),
        ("It replaces <code>us.download.nvidia.com</code>.", "us.download.nvidia.com", "nvidia.github.io", CLOUDS),
        ("It has been replaced by download.docker.com.", "nvidia.github.io", "download.docker.com", CLOUDS),
        (
            "us.download.nvidia.com has been replaced by nvidia.github.io in Azure Government.",
            "us.download.nvidia.com",
            "nvidia.github.io",
            ("AzureUSGovernment",),
        ),
    ],
)
def test_a_rule_names_what_replaces_it(text: str, old: str, new: str, clouds: tuple[str, ...]) -> None:
    found = {rule.id: rule.lifecycle.replaced_by for rule in read(use(text)).rules if rule.feature == "gpu"}
    expected = {f"{cloud}/gpu/{old}:tcp-443": f"{cloud}/gpu/{new}:tcp-443" for cloud in clouds}
    assert {name: successor for name, successor in found.items() if successor} == expected


@pytest.mark.parametrize(
    "text", ["It is superseded by download.docker.com.", "nvidia.github.io will be replaced by download.docker.com."]
)
def test_a_replacement_in_unknown_words_marks_no_rule_and_is_reported(text: str) -> None:
    assert "note unread-replacement en-us" in difference(use(text)).reported
    assert {rule.lifecycle.replaced_by for rule in read(use(text)).rules if rule.feature == "gpu"} == {None}


def test_a_row_speaks_of_replacements_in_its_own_cloud_only() -> None:
    html = within(GOV_FQDN, " It will be replacing <code>acs-mirror.azureedge.net</code> in the future.", "")
    assert {rule.cloud for rule in read(html).rules if rule.lifecycle.replaced_by} == {"AzureCloud"}


def test_prose_may_say_what_replaces_a_rule() -> None:
    html = append(GPU, "<p>nvidia.github.io has been replaced by download.docker.com.</p>")
    assert difference(html) == differs(altered=NVIDIA)


@pytest.mark.parametrize(
    "text",
    [
        "nvidia.github.io is not replaced by us.download.nvidia.com.",
        "This address does not replace us.download.nvidia.com.",
        "It never replaces us.download.nvidia.com.",
        "x is replaced by " * 6_000,
        "It will replace b.contoso.com.",
        "us.download.nvidia.com has been replaced by b.contoso.com.",
    ],
)
def test_a_replacement_that_is_denied_or_no_rule_is_none(text: str) -> None:
    assert {rule.lifecycle.replaced_by for rule in read(use(text)).rules if rule.feature == "gpu"} == {None}
