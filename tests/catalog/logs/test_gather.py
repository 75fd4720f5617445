"""Flows by endpoint: counted once, with first and last time, sources, names and hints; memory stays flat."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.logs import gather
from aks_egress_catalog.logs.attribution import Attribution, cluster_of
from aks_egress_catalog.logs.explain import Denied, Explained, other_rows, rows_of
from aks_egress_catalog.logs.flow import Flow, Outcome
from aks_egress_catalog.logs.gather import OTHERS, Gathering
from aks_egress_catalog.render.explain import explain_json, explain_lines, explain_markdown
from aks_egress_catalog.render.explain_html import explain_html
from tests.base import CATALOG, HISTORY

NOON: Final = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOSTILE: Final = '<script>|`\x1b[31m\u202e"\n::error::'


def denied(host: str, port: int = 443, second: int = 0, **facts: Any) -> Flow:
    time = NOON + dt.timedelta(seconds=second)
    stated: dict[str, Any] = {"time": time, "source": "10.0.0.4"} | facts
    return Flow(Outcome.DENIED, host, port, **stated)


def attribution(**profiles: Profile) -> Attribution:
    resolutions = {name.removeprefix("_"): CATALOG.resolve(one) for name, one in profiles.items()}
    return Attribution(CATALOG, lives=HISTORY.rules, resolutions=resolutions)


def rows(*flows: Flow, by: Attribution | None = None, **options: Any) -> tuple[Denied, ...]:
    judge = by or attribution()
    gathering = Gathering(judge.answer, **options)
    gathering.add_all(flows)
    return rows_of(gathering, gathering.denied, judge)


def test_flows_to_one_endpoint_are_one_row() -> None:
    (one,) = rows(
        denied("mcr.microsoft.com", second=5, source="10.0.0.9", hits=3),
        denied("mcr.microsoft.com", rule="default"),
    )
    assert (one.hits, one.sources, one.sources_total, one.rule_name) == (4, ("10.0.0.4", "10.0.0.9"), 2, "default")
    assert (one.first, one.last) == (NOON, NOON + dt.timedelta(seconds=5))
    assert (one.verdict, one.add) == (Verdict.REQUIRED, "mcr.microsoft.com HTTPS 443")


def test_most_hits_come_first() -> None:
    found = rows(denied("a.example"), denied("b.example", hits=2))
    assert [one.host for one in found] == ["b.example", "a.example"]


def test_two_tables_of_one_firewall_tell_of_an_event_once() -> None:
    both = [denied("mcr.microsoft.com", device="fw1", legacy=legacy) for legacy in (True, False)]
    (one,) = rows(
        *both, denied("mcr.microsoft.com", device="fw1", second=7200), denied("mcr.microsoft.com", device="fw2")
    )
    assert one.hits == 3


def test_a_handshake_without_a_name_is_the_api_servers() -> None:
    (one,) = rows(denied("", without_name=True))
    assert one.verdict is Verdict.REQUIRED_IF
    assert "set-kube-service-host-fqdn" in one.hint
    assert "network rule" in one.hint


def test_such_a_cluster_needs_it() -> None:
    by = attribution(_=Profile(region="westeurope", pods_use_api_server_ip=True))
    assert rows(denied("", without_name=True), by=by)[0].verdict is Verdict.REQUIRED


@pytest.mark.parametrize(
    ("port", "protocol", "word"),
    [(1194, "UDP", "tunnel"), (9000, "TCP", "tunnel"), (123, "UDP", "NTP"), (53, "UDP", "DNS")],
)
def test_an_address_is_told_by_its_port(port: int, protocol: str, word: str) -> None:
    (one,) = rows(denied("20.61.4.9", port, protocol=protocol))
    assert one.verdict is Verdict.UNNAMED
    assert word in one.hint


def test_a_name_asked_for_before_is_a_hint_and_never_a_fact() -> None:
    asked = Flow(Outcome.ASKED, "mcr.microsoft.com", 53, "UDP", NOON - dt.timedelta(seconds=2), "10.0.0.4")
    before = asked._replace(time=NOON - dt.timedelta(minutes=5), host="old.example")
    elsewhere = asked._replace(source="10.0.0.99", host="other.example")
    for order in (
        (asked, before, elsewhere, denied("150.171.69.10")),
        (denied("150.171.69.10"), elsewhere, before, asked),
    ):
        (one,) = rows(*order)
        assert one.verdict is Verdict.UNNAMED
        assert "mcr.microsoft.com" in one.hint
        assert "example" not in one.hint


def test_of_several_names_the_one_that_is_needed_counts() -> None:
    (one,) = rows(denied("cdn.example", names=("store.policy.core.windows.net", "b.example")))
    assert (one.host, one.verdict) == ("store.policy.core.windows.net", Verdict.REQUIRED_IF)
    assert "several names" in one.hint


def test_sources_tell_the_clusters_apart() -> None:
    by = attribution(shop=Profile(region="westeurope", features="defender"), bank=Profile(region="westeurope"))
    ranges = {"shop": RangeSet(["10.1.0.0/16"]), "bank": RangeSet(["10.2.0.0/16"])}
    host = "x.cloud.defender.microsoft.com"
    found = rows(
        *(denied(host, source=source) for source in ("10.1.0.1", "10.2.0.1", "10.9.0.1")),
        by=by,
        cluster_of=lambda source: cluster_of(source, ranges),
    )
    assert {one.cluster: one.verdict for one in found} == {
        "shop": Verdict.REQUIRED,
        "bank": Verdict.NOT_NEEDED,
        "": Verdict.REQUIRED_IF,
    }


def test_a_scan_of_many_names_is_one_row_and_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_UNLISTED", 10)
    found = rows(*(denied(f"h{number}.example") for number in range(50)), denied("mcr.microsoft.com"))
    assert len(found) == 12
    assert found[0].host == OTHERS
    assert found[0].hits == 40
    assert "mcr.microsoft.com" in {one.host for one in found}


def test_what_no_allow_list_decides_is_told_apart() -> None:
    by = attribution()
    gathering = Gathering(by.answer)
    gathering.add_all([Flow(Outcome.OTHER, "a.example", 443, reason="threat intelligence")] * 3)
    assert other_rows(gathering) == (("threat intelligence", "a.example", 443, 3),)
    assert not gathering.denied


def test_allowed_flows_tell_which_rules_were_used() -> None:
    by = attribution()
    gathering = Gathering(by.answer, allowed=True)
    gathering.add(Flow(Outcome.ALLOWED, "mcr.microsoft.com", 443, time=NOON))
    ids = ["AzureCloud/core/mcr.microsoft.com:tcp-443", "AzureCloud/core/management.azure.com:tcp-443"]
    assert list(gathering.unused(ids)) == ids[1:]


def test_the_timeline_stays_short_and_loses_nothing() -> None:
    by = attribution()
    gathering = Gathering(by.answer)
    gathering.add_all(denied("mcr.microsoft.com", second=3600 * hour) for hour in range(0, 24 * 90, 7))
    (steps,) = gathering.timeline.steps.values()
    assert len(steps) <= 97
    assert sum(steps.values()) == len(range(0, 24 * 90, 7))


# ---------------------------------------------------------------- how it looks


def explained(*flows: Flow) -> Explained:
    by = attribution()
    gathering = Gathering(by.answer)
    gathering.add_all(flows)
    return Explained(
        data_version=CATALOG.version,
        profile=None,
        first=gathering.first,
        last=gathering.last,
        denied=rows_of(gathering, gathering.denied, by),
        other=other_rows(gathering),
        lines=len(flows),
        unreadable=0,
        other_lines=0,
        formats=("squid",),
        timeline=gathering.timeline,
    )


def test_hostile_names_reach_every_format_escaped() -> None:
    found = explained(denied(HOSTILE, rule=HOSTILE), Flow(Outcome.OTHER, HOSTILE, 443, reason=HOSTILE))
    text = "\n".join(line.text for line in explain_lines(found))
    for shown in (explain_json(found), explain_markdown(found), explain_html(found)):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "<script>" not in explain_html(found)
    assert explain_markdown(found).count("\n|") == 3
    assert text


def test_the_page_has_a_timeline_and_no_script() -> None:
    page = explain_html(explained(denied("mcr.microsoft.com"), denied("a.example", second=900)))
    assert "<svg" in page
    assert page.count("<rect") == 2
    assert "<script" not in page
    assert "Denials over time: most, 1" in page


def test_the_verdicts_that_fail() -> None:
    found = explained(denied("azure.archive.ubuntu.com", 80))
    assert not found.fails([Verdict.REQUIRED])
    assert found.fails([Verdict.REQUIRED, Verdict.RECOMMENDED])
