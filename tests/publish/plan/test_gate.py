"""What must never be published is refused, what nobody can vouch for is held, and everything else passes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.model import Destination, DestinationForm, Kind, Origin, Rule, Rules
from publish.config import GateLimits
from publish.github.markdown import gate_markdown
from publish.plan.check import Candidate, Check, GateVerdict
from publish.plan.diff import diff
from publish.plan.gate import Gate, judge
from publish.plan.released import Published
from publish.plan.report import LocaleState, Report, ReportedFinding
from publish.plan.timeline import next_event
from tests.base import CATALOG, HISTORY, LIVE, TEXTS
from tests.publish.live import Edit, add_row, drop_row, read_live

TODAY: Final = dt.date(2026, 8, 1)
LIMITS: Final = GateLimits(fewest_rules=80, largest_drop=0.2, fewest_locales=0.5)
EMPTY: Final = Report(findings=(), locales={})
STATE: Final = Published(catalog=CATALOG, history=HISTORY, texts=TEXTS)


def judged(read: Catalog, *, report: Report = EMPTY, last: Catalog = STATE.catalog, fault: str = "") -> Gate:
    candidate = Candidate(
        last=last,
        history=STATE.history,
        read=read,
        report=report,
        changes=diff(last, read),
        today=TODAY,
        fault=fault,
    )
    return judge(candidate, LIMITS)


def check(gate: Gate, name: str) -> Check:
    return next(check for check in gate.checks if check.name == name)


def with_rule(catalog: Catalog, like: str, *destinations: Destination, **fields: object) -> Catalog:
    """Add a rule like another one, with other destinations."""
    rule = next(rule for rule in catalog.rules if rule.id == like)
    new: Rule = replace(rule, destinations=destinations or rule.destinations, id="", **fields)  # type: ignore[arg-type]
    return replace(catalog, rules=Rules(sorted((*catalog.rules, new), key=lambda one: one.id)))


def host(value: str) -> Destination:
    return Destination(form=DestinationForm.FQDN, value=value)


def test_what_was_published_before_passes_every_check() -> None:
    gate = judged(LIVE)
    assert gate.verdict is GateVerdict.PUBLISH
    assert {check.verdict for check in gate.checks} == {GateVerdict.PUBLISH}
    assert all(check.reason and check.figure for check in gate.checks)


def test_the_verdict_is_that_of_the_gravest_check() -> None:
    held = with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host("mcr.strange.example"))
    assert judged(held).verdict is GateVerdict.HOLD
    assert judged(replace(held, origin=Origin.SNAPSHOT)).verdict is GateVerdict.REFUSE


def test_the_embedded_pages_are_never_released_as_live() -> None:
    assert check(judged(STATE.catalog), "read from live pages").verdict is GateVerdict.REFUSE


def test_a_page_older_than_the_released_one_is_refused() -> None:
    page = replace(LIVE.pages[0], locale="en-us", updated=STATE.history.events[-2].date)
    gate = judged(replace(LIVE, pages=(page,), version=""))
    assert check(gate, "not older than the last release").verdict is GateVerdict.REFUSE


def test_a_page_that_does_not_say_when_it_was_changed_is_refused() -> None:
    page = replace(LIVE.pages[0], locale="en-us", updated=None)
    gate = judged(replace(LIVE, pages=(page,), version=""))
    assert check(gate, "not older than the last release").verdict is GateVerdict.REFUSE


@pytest.mark.parametrize(("day", "verdict"), [("2026-08-02", "publish"), ("2026-08-03", "refuse")])
def test_a_page_from_the_future_is_refused(day: str, verdict: str) -> None:
    updated = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    gate = judged(replace(LIVE, pages=(replace(LIVE.pages[0], locale="en-us", updated=updated),), version=""))
    assert check(gate, "not from the future").verdict == verdict


def test_an_error_in_the_report_refuses_and_names_the_cell() -> None:
    error = ReportedFinding(severity="error", code="bad-port", at="en-us#core/table[1]/row[2]/port", message="no port")
    found = check(judged(LIVE, report=replace(EMPTY, findings=(error,))), "en-us parsed whole")
    assert found.verdict is GateVerdict.REFUSE
    assert "row[2]" in found.found[0]


def test_a_hold_in_the_report_holds() -> None:
    hold = ReportedFinding(severity="hold", code="unknown-heading", at="en-us#new", message="a section")
    assert check(judged(LIVE, report=replace(EMPTY, findings=(hold,))), "nothing unknown").verdict is GateVerdict.HOLD


@pytest.mark.parametrize(
    ("kept", "verdict"), [(153, "publish"), (123, "publish"), (122, "hold for review"), (79, "refuse")]
)
def test_a_drop_of_more_than_a_fifth_holds_and_a_handful_of_rules_is_refused(kept: int, verdict: str) -> None:
    gate = judged(replace(LIVE, rules=Rules(LIVE.rules[:kept])))
    assert check(gate, "rule count").verdict == verdict


def test_a_provisional_feature_holds() -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", feature="confidential-widgets"))
    assert check(gate, "nothing unknown").found == ("confidential-widgets is provisional",)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("mcr.strange.example", "strange.example"),
        ("*.data.mcr.microsoft.com.evil.io", "evil.io"),
        ("other.blob.core.windows.net", "other.blob.core.windows.net"),
        ("evil.azurecr.io", "evil.azurecr.io"),
        ("evil.vault.azure.net", "evil.vault.azure.net"),
        ("x.evil.westeurope.cloudapp.azure.com", "evil.westeurope.cloudapp.azure.com"),
        ("evil.hcp.westeurope.azmk8s.io", "evil.hcp.westeurope.azmk8s.io"),
        ("evil.blob.core.usgovcloudapi.net", "evil.blob.core.usgovcloudapi.net"),
    ],
)
def test_a_host_of_a_domain_that_no_release_had_holds_with_the_domain_in_bold(name: str, owner: str) -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host(name)))
    assert check(gate, "known destinations").found == (f"**{owner}**: {name}",)
    assert f"**`{owner}`**: `{name}`" in gate_markdown(gate)


def test_a_new_host_of_a_known_domain_passes() -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host("new.mcr.microsoft.com")))
    assert gate.verdict is GateVerdict.PUBLISH


def test_a_new_address_range_or_tag_holds() -> None:
    for destination in (
        Destination(form=DestinationForm.CIDR, value="192.0.2.0/24"),
        Destination(form=DestinationForm.SERVICE_TAG, value="Internet"),
    ):
        gate = judged(with_rule(LIVE, "AzureCloud/core/any:udp-123", destination, kind=Kind.NETWORK))
        assert check(gate, "known destinations").verdict is GateVerdict.HOLD


def test_a_host_that_became_a_wildcard_holds_and_says_so() -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host("*.aks.azure.com")))
    assert check(gate, "nothing wider").found == (
        "AzureCloud: *.aks.azure.com is a pattern that no release had",
        "AzureCloud: *.aks.azure.com takes in packages.aks.azure.com, which stood alone before",
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "*.packages.aks.azure.com",
        "p*.aks.azure.com",
        "*ackages.aks.azure.com",
        "{region}.aks.azure.com",
        "*mcr.microsoft.com",
    ],
)
def test_a_star_or_placeholder_that_no_release_had_holds_wherever_it_stands(pattern: str) -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host(pattern)))
    assert check(gate, "nothing wider").found[0] == f"AzureCloud: {pattern} is a pattern that no release had"
    assert gate.verdict is GateVerdict.HOLD


def test_a_new_rule_for_any_address_holds() -> None:
    anywhere = Destination(form=DestinationForm.ANY, value="*")
    gate = judged(with_rule(LIVE, "AzureCloud/core/any:udp-123", anywhere, port=4444))
    assert "lets every address in" in check(gate, "nothing wider").found[-1]


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("*.com", "refuse"),
        ("*.com.cn", "refuse"),
        ("*.blob.core.windows.net", "hold for review"),
        ("md-*.blob.core.windows.net", "hold for review"),
        ("{region}.azurecr.io", "hold for review"),
        ("*.vault.azure.cn", "hold for review"),
        ("*.westeurope.cloudapp.azure.com", "hold for review"),
        ("*.azure.com", "publish"),
    ],
)
def test_a_wildcard_over_a_public_suffix_never_passes(pattern: str, verdict: str) -> None:
    gate = judged(with_rule(LIVE, "AzureCloud/core/mcr.microsoft.com:tcp-443", host(pattern)))
    assert check(gate, "no wildcard over a public suffix").verdict == verdict


@pytest.mark.parametrize(("damaged", "verdict"), [(1, "publish"), (2, "publish"), (3, "hold for review")])
def test_most_locales_failing_at_once_holds(damaged: int, verdict: str) -> None:
    def state(name: str) -> LocaleState:
        return LocaleState(state=name, commit=None, updated=None, texts=0, contradictions=(), missing=(), extra=())

    states = {f"xx-{place}": state("damaged" if place < damaged else "stale") for place in range(4)}
    assert check(judged(LIVE, report=replace(EMPTY, locales=states)), "locales readable").verdict == verdict


def test_a_catalog_that_was_edited_by_hand_is_refused() -> None:
    edited = replace(STATE.catalog, rules=Rules(STATE.catalog.rules[1:]))
    found = check(judged(LIVE, last=edited), "the last release fits the history")
    assert (found.verdict, found.found) == (GateVerdict.REFUSE, (STATE.catalog.rules[0].id,))


def test_a_reading_that_contradicts_the_history_is_refused() -> None:
    assert judged(LIVE, fault="the history says something else").verdict is GateVerdict.REFUSE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (str, GateVerdict.PUBLISH),
        (lambda html: add_row(html, "new.mcr.microsoft.com"), GateVerdict.PUBLISH),
        (lambda html: drop_row(html, "packages.aks.azure.com"), GateVerdict.PUBLISH),
        (lambda html: add_row(html, "collector.evil.example"), GateVerdict.HOLD),
        (lambda html: re.sub(r"GPU.enabled", "Quantum", html, flags=re.IGNORECASE), GateVerdict.HOLD),
    ],
)
def test_edited_pages_read_for_real_get_the_verdict_that_a_person_would_give(
    tmp_path: Path, change: Callable[[str], str], expected: GateVerdict
) -> None:
    reading = read_live(tmp_path, Edit(change=change))
    assert next_event(STATE.history, reading.catalog, today=dt.date(2026, 12, 1))
    gate = judged(reading.catalog, report=reading.report)
    assert gate.verdict is expected, [(one.name, one.found) for one in gate.checks if one.verdict != "publish"]
