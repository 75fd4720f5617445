from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.history.announced import announced_by_version, published_catalog
from aks_egress_catalog.history.changes import facts
from aks_egress_catalog.history.history_file import (
    history_beside,
    history_from_json,
    history_json,
    load_history,
    read_history,
)
from aks_egress_catalog.history.revisions import (
    HISTORY_VERSION,
    Event,
    History,
    Life,
    catalog_at,
    fold,
    read_day,
)
from aks_egress_catalog.model import Level, Origin, Source
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from tests.base import CATALOG, HISTORY
from tests.factories import URL, became, day, event, history, rule

SHIPPED = load_history()

A, B = rule("a.example"), rule("b.example")
PORTED = rule("a.example", port=8443)
EASED = rule("a.example", level=Level.RECOMMENDED)


GROWN = history(
    event(1, "2024-01-01", added=(A,)),
    event(2, "2024-02-01", added=(B,)),
    event(3, "2024-02-15"),
    event(4, "2024-03-01", changed=became(A, EASED)),
    event(5, "2024-04-01", changed=became(EASED, PORTED)),
    event(6, "2024-05-01", removed=(B.id,)),
    event(7, "2024-06-01", added=(B,)),
)


def test_events_fold_to_the_rules_of_every_revision() -> None:
    states = [dict(rules) for rules in fold(GROWN.events)]
    assert [sorted(state) for state in states] == [
        [],
        [A.id],
        [A.id, B.id],
        [A.id, B.id],
        [A.id, B.id],
        sorted([PORTED.id, B.id]),
        [PORTED.id],
        sorted([PORTED.id, B.id]),
    ]
    assert states[3][A.id] == A
    assert states[4][A.id] == EASED
    assert [GROWN.rules_at(place) for place in range(8)] == states
    assert GROWN.rules_at() == states[-1]


def test_two_rules_may_change_names_in_one_revision() -> None:
    swapped = history(
        event(1, "2024-01-01", added=(A, rule("a.example", port=80))),
        event(2, "2024-01-02", changed=(*became(A, PORTED), *became(rule("a.example", port=80), A))),
    )
    assert sorted(swapped.rules_at()) == sorted([PORTED.id, A.id])


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        ({"added": (A,)}, "which is there already"),
        ({"added": (B, B)}, "which is there already"),
        ({"removed": (B.id,)}, "which was not there"),
        ({"changed": became(B, PORTED)}, "which was not there"),
        ({"changed": became(A, B), "added": (B,)}, "which is there already"),
        pytest.param(
            {"removed": (A.id, A.id)},
            A.id,
        ),
        pytest.param(
            {"removed": (A.id,), "changed": became(A, PORTED)},
            A.id,
        ),
    ],
)
def test_an_event_that_does_not_fit_those_before_it_is_refused(second: dict[str, Any], fault: str) -> None:
    events = (event(1, "2024-01-01", added=(A,)), event(2, "2024-01-02", **second))
    with pytest.raises(ValueError, match=fault) as refused:
        history(*events)
    assert "c2" in str(refused.value)


@pytest.mark.parametrize(
    ("events", "place"),
    [
        ((event(2, "2024-01-01"),), 0),
        ((event(1, "2024-01-01"), event(3, "2024-01-02")), 1),
        ((event(1, "2024-01-02"), event(2, "2024-01-01")), 1),
        ((event(1, "2024-01-01"), event(2, "2024-01-02T12:01:00Z"), event(3, "2024-01-02T12:00:00Z")), 2),
    ],
)
def test_events_stand_in_the_order_of_their_commits(events: tuple[Event, ...], place: int) -> None:
    with pytest.raises(ValueError, match=rf"events\[{place}\]"):
        history(*events)


def test_two_commits_of_one_minute_are_in_order() -> None:
    assert history(event(1, "2024-01-01"), event(2, "2024-01-01")).last_before(day("2024-01-01")) == 2


def test_lives_that_do_not_follow_from_the_events_are_refused() -> None:
    lives = dict(GROWN.rules)
    assert History(attribution="", events=GROWN.events, rules=lives).rules == lives
    lives[B.id] = replace(lives[B.id], first_seen=day("2023-01-01"))
    with pytest.raises(ValueError, match=re.escape(f"rules.{B.id}")):
        History(attribution="", events=GROWN.events, rules=lives)
    del lives[B.id]
    with pytest.raises(ValueError, match="does not follow"):
        History(attribution="", events=GROWN.events, rules=lives)


def test_a_life_has_the_days_on_which_a_rule_came_changed_and_went() -> None:
    assert GROWN.rules == {
        A.id: Life(
            first_seen=day("2024-01-01"),
            since=day("2024-01-01"),
            last_changed=day("2024-04-01"),
            gone=day("2024-04-01"),
        ),
        PORTED.id: Life(first_seen=day("2024-04-01"), since=day("2024-04-01"), last_changed=day("2024-04-01")),
        B.id: Life(first_seen=day("2024-02-01"), since=day("2024-06-01"), last_changed=day("2024-06-01")),
    }


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2023-12-31", None),
        ("2024-01-31", None),
        ("2024-02-01", Life(first_seen=day("2024-02-01"), since=day("2024-02-01"), last_changed=day("2024-02-01"))),
        (
            "2024-05-31",
            Life(
                first_seen=day("2024-02-01"),
                since=day("2024-02-01"),
                last_changed=day("2024-05-01"),
                gone=day("2024-05-01"),
            ),
        ),
    ],
)
def test_a_life_is_reported_as_it_was_known_on_a_day(when: str, expected: Life | None) -> None:
    assert GROWN.lives_at(day(when)).get(B.id) == expected


def test_lives_are_sorted_by_rule() -> None:
    assert list(GROWN.rules) == sorted(GROWN.rules)
    assert list(SHIPPED.rules) == sorted(SHIPPED.rules)


MINUTES = history(
    event(1, "2024-06-01T00:00:00Z", added=(A,)),
    event(2, "2024-06-01T23:59:59Z", added=(B,)),
    event(3, "2024-06-02T00:00:00Z", removed=(A.id,)),
)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2024-06-01", [A.id, B.id]),
        ("2024-06-02", [B.id]),
        ("2099-12-31", [B.id]),
    ],
)
def test_a_day_ends_at_midnight_utc(when: str, expected: list[str]) -> None:
    assert [one.id for one in catalog_at(MINUTES, day(when)).rules] == expected


def test_a_commit_tells_its_time_in_utc() -> None:
    with pytest.raises(ValueError, match="not a time in UTC"):
        event(1, "2024-06-01T23:30:00-05:00")


def test_a_past_catalog_says_of_which_page_it_is() -> None:
    found = catalog_at(GROWN, day("2024-03-31"))
    (page,) = found.pages
    assert (page.locale, page.url, page.commit) == ("en-us", URL, "c4")
    assert (found.version, found.facts_date) == ("2024.3.1", day("2024-03-01"))
    assert (found.origin, found.attribution) == (Origin.LIVE, "CC BY 4.0")
    assert list(found.rules) == [EASED, B]


def test_a_revision_without_changes_still_gives_its_name() -> None:
    found = catalog_at(GROWN, day("2024-02-20"))
    assert (found.version, found.pages[0].commit) == ("2024.2.15", "c3")
    assert list(found.rules) == [A, B]


def test_before_the_first_revision_nothing_is_known_and_the_first_is_named() -> None:
    with pytest.raises(AksEgressError, match=r"2023-12-31.*2024-01-01"):
        catalog_at(GROWN, day("2023-12-31"))
    with pytest.raises(AksEgressError, match="empty"):
        catalog_at(history(), day("2024-01-01"))
    with pytest.raises(AksEgressError, match=r"2019-04-02.*2019-04-03"):
        aec.load(as_of="2019-04-02")


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "2024-02-30", "01.06.2024", "2024-06-01T00:00:00Z"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(AksEgressError, match="write it as 2024-06-01"):
        read_day(text)
    with pytest.raises(AksEgressError, match="write it as 2024-06-01"):
        aec.load(as_of=text)


def test_a_past_day_is_loaded_by_text_or_by_date() -> None:
    found = aec.load(as_of="2024-06-01")
    assert found == aec.load(as_of=dt.date(2024, 6, 1))
    assert found.version == "2024.5.21"
    assert found.match("mcr.microsoft.com", 443)


def test_a_moment_is_taken_for_its_day() -> None:
    assert aec.load(as_of=dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)) == aec.load(as_of="2024-06-01")


def test_the_history_beside_a_catalog_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = tmp_path / "catalog.json"
    (tmp_path / "history.json").write_text(history_json(GROWN), encoding="utf-8")
    catalog.write_text(to_json(catalog_at(GROWN, day("2024-12-31"))), encoding="utf-8")
    assert history_beside(catalog) == GROWN
    assert list(aec.load(catalog, as_of="2024-03-31").rules) == [EASED, B]
    monkeypatch.chdir(tmp_path)
    assert history_beside("catalog.json") == GROWN
    assert history_beside(None) == SHIPPED


def test_without_a_history_beside_it_a_catalog_has_no_past(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"history\.json"):
        aec.load(tmp_path / "catalog.json", as_of="2024-06-01")


@pytest.mark.parametrize("written", [history(), GROWN, MINUTES, SHIPPED], ids=["empty", "grown", "minutes", "shipped"])
def test_what_is_written_is_read_back_and_written_the_same(written: History, tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text(history_json(written), encoding="utf-8")
    assert read_history(file) == written
    assert history_json(read_history(file)) == history_json(written)


def test_the_shipped_history_is_what_would_be_written_of_it() -> None:
    assert (SHIPPED_DATA / "history.json").read_text(encoding="utf-8") == history_json(SHIPPED)


def test_an_appended_event_appends_lines_and_moves_none() -> None:
    old = history(*GROWN.events[:-1])
    last = SHIPPED.events[-1]
    one_more = Event(
        commit="new", previous=last.commit, date=last.date + dt.timedelta(days=1), url=URL, added=(rule("z.example"),)
    )
    longer = replace(SHIPPED, events=(*SHIPPED.events, one_more), rules={})
    for before, after in ((old, GROWN), (SHIPPED, longer)):
        lines = [line.removesuffix(",") for line in history_json(after).splitlines()]
        kept = [line.removesuffix(",") for line in history_json(before).splitlines()]
        assert [line for line in lines if line in set(kept)] == kept
    added = set(history_json(longer).split("\n")) - set(history_json(SHIPPED).split("\n"))
    assert len(added) == 2  # the event, and the comma after the one before it


def test_every_event_is_one_line_without_what_follows_from_it() -> None:
    lines = [line for line in history_json(GROWN).splitlines() if line.startswith('{"') and '"date"' in line]
    assert len(lines) == len(GROWN.events)
    assert [word for word in ('"id"', '"rules"', '"previous"') if word in history_json(GROWN)] == []
    own = Source(locale="en-us", url=URL, heading="h", table=1, row=1, commit="another")
    bare = Source(heading="h", table=2, row=1)
    both = Event(commit="c", previous=None, date=GROWN.events[0].date, url=URL, added=(rule(sources=(own, bare)),))
    written = history_json(history(both))
    assert written.count('"commit"') == 2
    assert [source.commit for source in history_from_json(written).events[0].added[0].sources] == ["another", "c"]
    first, second = GROWN.events[:2]
    assert history(first, replace(second, previous=None)) == history(first, second)


def broken(path: str, value: object) -> str:
    """Put ``value`` at a dotted path of a small history."""
    content: Any = json.loads(history_json(GROWN))
    *steps, last = path.split(".")
    place = content
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value", "at", "said"),
    [
        ("events.1.added.0.port", "443", "$.events[1].added[0].port", "expected int"),
        ("events.1.date", "yesterday", "$.events[1].date", "not a datetime"),
        ("events.3.changed.0.before", None, "$.events[3].changed[0].before", "expected str"),
        ("events.1.previous", "nowhere", "$", r"events\[1\]"),
        ("events.1.date", "2023-01-01T00:00:00Z", "$", r"events\[1\]"),
        ("events.1.added", [], "$", "which was not there"),
        ("events.0.added", [], "$", "which was not there"),
        ("events", {}, "$.events", "expected list"),
        ("rules", [], "$.rules", "expected dict"),
        (
            "rules",
            {"x": {"first_seen": "2024-01-01", "since": "2024-01-01", "last_changed": "2024-01-01"}},
            "$",
            "does not follow",
        ),
    ],
)
def test_a_history_that_does_not_hang_together_is_refused_with_its_place(
    path: str, value: object, at: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "history.json"
    file.write_text(broken(path, value), encoding="utf-8")
    with pytest.raises(CatalogError, match=said) as refused:
        read_history(file)
    assert refused.value.path == at
    assert str(file) in str(refused.value)


def test_a_newer_history_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text(broken("history_version", HISTORY_VERSION + 1), encoding="utf-8")
    with pytest.raises(CatalogError, match="upgrade aks-egress-catalog"):
        read_history(file)


def test_a_time_without_its_zone_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text(broken("events.1.date", "2024-02-01T12:00:00"), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"history\.json"):
        read_history(file)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", history_json(GROWN)[:500]])
def test_what_is_no_history_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"history\.json"):
        read_history(file)


KNOWN = [
    ("AzureCloud/core/packages.aks.azure.com:tcp-443", "2025-02-06"),
    ("AzureCloud/core/mcr-0001.mcr-msedge.net:tcp-443", "2024-06-14"),
    *((f"{cloud}/os-updates/snapshot.ubuntu.com:tcp-443", "2024-09-26") for cloud in ("AzureCloud", "AzureChinaCloud")),
    ("AzureUSGovernment/os-updates/snapshot.ubuntu.com:tcp-443", "2024-09-26"),
    ("AzureUSGovernment/key-vault-csi/*.vault.usgovcloudapi.net:tcp-443", "2024-10-10"),
    ("AzureChinaCloud/core/mcr.azure.cn:tcp-443", "2025-03-13"),
    ("AzureCloud/defender/*.cloud.defender.microsoft.com:tcp-443", "2025-07-03"),
    ("AzureCloud/workload-identity/login.microsoftonline.com:tcp-443", "2024-12-07"),
    ("AzureUSGovernment/workload-identity/login.microsoftonline.us:tcp-443", "2024-12-07"),
    ("AzureChinaCloud/workload-identity/login.chinacloudapi.cn:tcp-443", "2024-12-07"),
]


@pytest.mark.parametrize(("name", "since"), KNOWN)
def test_the_history_knows_when_a_rule_came(name: str, since: str) -> None:
    life = HISTORY.rules[name]
    assert (str(life.first_seen), str(life.since), life.gone) == (since, since, None)
    day_before = day(since) - dt.timedelta(days=1)
    assert name not in {one.id for one in aec.load(as_of=day_before).rules}
    assert name in {one.id for one in aec.load(as_of=since).rules}
    assert name in {one.id for one in CATALOG.rules}


@pytest.mark.parametrize("cloud", ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"])
def test_the_history_knows_when_a_rule_went(cloud: str) -> None:
    name = f"{cloud}/core/*.cdn.mscr.io:tcp-443"
    assert HISTORY.rules[name].gone == day("2020-11-13")
    assert name in {one.id for one in aec.load(as_of="2020-11-12").rules}
    assert not [one.id for one in aec.load(as_of="2020-11-13").rules if "mscr.io" in one.id]


def test_a_rule_that_was_away_for_some_days_was_first_seen_before() -> None:
    life = HISTORY.rules["AzureChinaCloud/core/*.data.mcr.azure.cn:tcp-443"]
    assert (str(life.first_seen), str(life.since), life.gone) == ("2025-03-13", "2025-05-13", None)


def test_the_shipped_catalog_is_the_newest_version_of_the_shipped_history() -> None:
    catalog, newest = aec.load(), SHIPPED.versions[-1]
    told = dict(announced_by_version(SHIPPED, today=newest.day))[newest]
    expected = published_catalog(SHIPPED, newest, told)
    assert catalog.version == newest.version
    assert [(one.id, facts(one)) for one in catalog.rules] == [(one.id, facts(one)) for one in expected.rules]
    assert {name for name, life in SHIPPED.rules.items() if life.gone is None} == set(SHIPPED.rules_at())
    assert SHIPPED.events[-1].date.date() == catalog.facts_date
    assert catalog.authority is not None
    assert SHIPPED.events[-1].commit == catalog.authority.commit


def test_the_shipped_history_reaches_back_to_the_first_page() -> None:
    assert len(HISTORY.events) == 154
    assert SHIPPED.events[0].day == day("2019-04-03")
    assert SHIPPED.events[0].previous is None
    commits = [one.commit for one in SHIPPED.events if not one.corrected]
    assert len(set(commits)) == len(commits)
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in commits)
    assert all(one.date.utcoffset() == dt.timedelta(0) for one in SHIPPED.events)


def test_every_source_of_the_shipped_history_is_of_its_commit() -> None:
    for one in SHIPPED.events:
        for stated in (*one.added, *(change.after for change in one.changed)):
            assert {source.commit for source in stated.sources} == {one.commit}


def strings(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield name
            yield from strings(value)
    elif isinstance(content, list):
        for value in content:
            yield from strings(value)
    elif isinstance(content, str):
        yield content


def test_no_sentence_of_a_page_is_in_the_shipped_history() -> None:
    content = json.loads((SHIPPED_DATA / "history.json").read_text(encoding="utf-8"))
    attribution = content.pop("attribution")
    assert "CC BY 4.0" in attribution
    for stated in content["events"]:
        stated.pop("why", None)  # our own words
    assert [text for text in strings(content) if re.search(r"\s", text)] == []
