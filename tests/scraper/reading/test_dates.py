"""Days that the article names: read where they stand, and never made up."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest

from aks_egress_catalog.catalog import NamedDate
from scraper.page.page import parse_page
from scraper.reading.dates import dates_in
from scraper.reading.page_rules import PageReading, read_page

DAY: Final = dt.date(2026, 8, 18)
PAGE: Final = """<html><head><meta name="locale" content="{locale}"></head><body><main id="main"><div class="content">
<h1 id="title">Outbound rules</h1>{top}
<h2 id="required-outbound-network-rules-and-fqdns-for-aks-clusters">Required outbound network rules and FQDNs for AKS
clusters</h2>
<h3 id="microsoft-defender-for-containers">Microsoft Defender for Containers</h3>{prose}
<table><thead><tr><th>FQDN</th><th>Port</th><th>Use</th></tr></thead>
<tbody><tr><td><code>x.contoso.com</code></td><td><code>HTTPS:443</code></td><td>Telemetry.{use}</td></tr></tbody></table>
</div></main></body></html>"""


def reading(*, locale: str = "en-us", top: str = "", prose: str = "", use: str = "") -> PageReading:
    return read_page(parse_page(PAGE.format(locale=locale, top=top, prose=prose, use=use)))


def named(cloud: str, feature: str, heading: str, day: dt.date = DAY) -> NamedDate:
    return NamedDate(date=day, cloud=cloud, feature=feature, heading=heading)


@pytest.mark.parametrize(
    "text",
    [
        "August 18, 2026",
        "August 18 2026",
        "18 August 2026",
        "AUGUST 18, 2026",
        "on August 18, 2026.",
        "(18 August 2026)",
    ],
)
def test_a_day_is_read_in_the_forms_of_the_pages(text: str) -> None:
    assert dates_in(text) == ((DAY,), ())


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-18",
        "api-version=2024-09-01",
        "08/18/2026",
        "release 202512.06.0",
        "may 5 nodes fail in 2026",
        "node image 2026.08.18",
        "v1.18 August 2026x",
        "port 2026",
        "nodes provisioned after March 2021",
    ],
)
def test_what_is_no_day_of_the_article_is_none(text: str) -> None:
    assert dates_in(text) == ((), ())


@pytest.mark.parametrize("text", ["August 18th, 2026", "Aug. 18, 2026", "18 Aug 2026", "September 2025"])
def test_a_day_in_a_form_that_no_page_ever_had_is_reported(text: str) -> None:
    found = dates_in(f"It ends on {text}.")
    assert found.days == ()
    assert len(found.vague) == 1
    assert found.vague[0] in text


def test_a_month_alone_and_a_day_that_no_month_has_are_reported() -> None:
    assert dates_in("Since September 2025") == ((), ("September 2025",))
    assert dates_in("on February 30, 2026") == ((), ("February 30, 2026",))


def test_several_days_of_one_text_come_in_calendar_order_and_once() -> None:
    found = dates_in("From March 31, 2026, after 30 November 2025 and again March 31, 2026.")
    assert found.days == (dt.date(2025, 11, 30), dt.date(2026, 3, 31))


def test_a_day_concerns_the_feature_that_it_stands_under_and_the_cloud_that_its_text_names() -> None:
    heading = "microsoft-defender-for-containers"
    found = reading(prose="<p>It ends in Azure in China on August 18, 2026.</p>", use=" Until 1 May 2027.")
    assert found.dates == (
        named("AzureChinaCloud", "defender", heading),
        named("", "defender", heading, dt.date(2027, 5, 1)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "It ends everywhere but stays in Azure Government and in Azure China: August 18, 2026.",
        "It ends outside Azure China on August 18, 2026.",
        "It ends on August 18, 2026.",
    ],
)
def test_a_day_whose_cloud_is_not_plain_concerns_them_all(text: str) -> None:
    assert [one.cloud for one in reading(prose=f"<p>{text}</p>").dates] == [""]


def test_a_day_above_every_section_concerns_everybody() -> None:
    assert reading(top="<p>Azure Linux 2.0 ends on August 18, 2026.</p>").dates == (named("", "", "title"),)


def test_what_is_hidden_or_struck_out_names_no_day() -> None:
    text = "It ends on August 18, 2026."
    assert reading(top=f'<p hidden>{text}</p><div style="display:none"><p>{text}</p></div>').dates == ()
    assert reading(prose=f"<p>It stays. <del>{text}</del></p>").dates == ()


def test_only_the_english_page_gives_days() -> None:
    assert reading(locale="de-de", prose="<p>Ende: 18 August 2026.</p>").dates == ()


def test_a_vague_day_is_a_note_at_its_heading() -> None:
    found = [one for one in reading(prose="<p>It ends in August 2026.</p>").findings if one.code == "vague-date"]
    assert [(one.severity, str(one.at)) for one in found] == [("note", "en-us#microsoft-defender-for-containers")]
