"""Today's page with one thing changed in running text: it is read right or reported, and all else is read as before."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scraper.changing import (
    ADD_ONS,
    GPU,
    MONITOR_GOV,
    append,
    difference,
    differs,
    everywhere,
    heading,
    strictly,
    swap,
)

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
        "Open TCP ports 15000 to 15010.",
        "Open TCP port 15000-15010.",
        "Open TCP/8443.",
        "Let TCP traffic on 8443 through.",
        "It is UDP 21Vianet that counts.",
    ],
)
def test_a_port_in_any_other_form_than_the_closed_ones_gives_no_rule(text: str) -> None:
    assert difference(append(GPU, f"<p>{text}</p>")) == differs()
    assert strictly(append(GPU, f"<p>{text}</p>")) == differs(reported=[f"hold unreviewed-sentence {GPU}"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<code>a.contoso.com</code>/<code>b.contoso.com</code>", ["a.contoso.com:any", "b.contoso.com:any"]),
        ("<code>a</code>-<code>b.contoso.com</code>", ["b.contoso.com:any"]),
        ("<code>a.contoso.com</code>:443", ["a.contoso.com:tcp-443"]),
        ("<code>REGION.contoso.com</code>", ["{region}.contoso.com:any"]),
        ("<code>a-$REGION.contoso.com</code>", ["a-{region}.contoso.com:any"]),
    ],
)
def test_a_code_mark_ends_a_word_and_a_placeholder_may_have_no_brackets(text: str, names: list[str]) -> None:
    assert difference(append(GPU, f"<p>Allow {text} there.</p>")) == differs(
        added=everywhere(*(f"gpu/{name}" for name in names))
    )


def test_a_placeholder_behind_a_dollar_that_nobody_knows_is_held() -> None:
    found = difference(append(GPU, "<p>Allow $WORKSPACE.contoso.com there.</p>"))
    assert found.reported == {f"hold unknown-placeholder {GPU}"}
