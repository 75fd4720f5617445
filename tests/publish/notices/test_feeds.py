"""Feeds as readers meet them: read back by the readers' own libraries, stable for ever, and deaf to page text."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from string import ascii_letters, digits
from typing import Any, Final

import feedparser  # type: ignore[import-untyped]
import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator
from lxml import etree, html

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.history.announced import Announcements, announced
from aks_egress_catalog.history.changes import ChangeKind, Impact
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Cloud, Feature, Level
from publish.notices.entries import Entry, entries, lines_to_add, narrowed, shown, title
from publish.notices.feeds import feed_files
from publish.notices.feeds.atom import atom
from publish.notices.feeds.calendars import calendar
from publish.notices.feeds.days import hold_ends, named_days
from publish.notices.feeds.feed import Feed
from publish.notices.feeds.json_feed import json_feed
from tests.base import HISTORY
from tests.publish.facts import (
    COMMIT,
    DAY,
    HOLD,
    HOSTILE,
    added,
    eased,
    feeds_of,
    history,
    hostile_change,
    removed,
    rule,
)

BASE: Final = "https://site.example/aks"
TODAY: Final = dt.date(2026, 11, 20)
FILES: Final = feeds_of(HISTORY, today=TODAY, base_url=BASE)
ATOM: Final = "{http://www.w3.org/2005/Atom}"
TOLD: Final = announced(HISTORY, today=TODAY, hold=HOLD).changes
SCHEMA: Final = json.loads(Path(__file__).with_name("jsonfeed-1.1.schema.json").read_text(encoding="utf-8"))
OLD, NEW = rule("old.example"), rule("new.example")


def names(form: str) -> list[str]:
    return sorted(name for name in FILES if name.endswith(f".{form}"))


def items(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    content = json.loads(files[name])
    found: list[dict[str, Any]] = content["items"]
    older = str(content.get("next_url", "")).removeprefix(f"{BASE}/")
    before = items(files, older) if older else []
    known = {item["id"] for item in found}
    return [*found, *(item for item in before if item["id"] not in known)]


def words(content: str) -> str:
    """What a reader sees of some HTML."""
    return "".join(map(str, html.fromstring(content).itertext()))


def made_up(*told: Entry) -> Feed:
    return Feed(scope="all", title="everything", home=BASE, begun=DAY, entries=told)


def events(content: bytes) -> list[Any]:
    return Calendar.from_ical(content).walk("VEVENT")


# ---------------------------------------------------------------- what there is


def test_every_choice_of_cloud_feature_and_what_breaks_has_its_feed() -> None:
    wide = ["all", *(f"cloud/{cloud}" for cloud in Cloud), *(f"feature/{feature}" for feature in Feature)]
    narrow = [f"cloud/{cloud}/{feature}" for cloud in Cloud for feature in Feature]
    breaking = ["breaking", *(f"breaking/{scope}" for scope in (*wide[1:], *narrow))]
    expected = {f"feeds/{scope}.{form}" for scope in (*wide, *narrow) for form in ("atom", "ics")}
    expected |= {f"feeds/{scope}.json" for scope in (*wide, "breaking")} | {f"feeds/{scope}.atom" for scope in breaking}
    assert {name for name in FILES if not name.startswith("feeds/archive/")} == expected


def entry_ids(name: str) -> list[str]:
    return [entry.id for entry in feedparser.parse(FILES[name]).entries]


def archives(name: str) -> list[str]:
    """The names of the archives of a feed, the newest first, as a reader finds them: each names the one before it."""
    found, current = [], name
    while older := [link.href for link in feedparser.parse(FILES[current]).feed.links if link.rel == "prev-archive"]:
        current = older[0].removeprefix(f"{BASE}/")
        found.append(current)
    return found


@pytest.mark.parametrize("name", ["feeds/all.atom", "feeds/breaking.atom", "feeds/cloud/AzureCloud.atom"])
def test_a_reader_that_follows_the_archives_has_every_entry(name: str) -> None:
    documents = [name, *archives(name)]
    assert len(documents) > 1
    assert all(len(entry_ids(document)) == 30 for document in documents)
    found = dict.fromkeys(one for document in documents for one in entry_ids(document))
    assert list(found) == [item["id"] for item in items(FILES, name.replace(".atom", ".json"))]


def test_an_archive_says_so_and_never_changes() -> None:
    names = archives("feeds/all.atom")
    for place, name in enumerate(names):
        feed = etree.fromstring(FILES[name])
        assert feed.find("{http://purl.org/syndication/history/1.0}archive") is not None
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links["current"] == f"{BASE}/feeds/all.atom"
        assert links.get("next-archive") == (f"{BASE}/{names[place - 1]}" if place else None)
    earlier = feeds_of(HISTORY, today=dt.date(2024, 6, 20), base_url=BASE)
    kept = [name for name in names[1:] if name in earlier]
    assert kept
    for name in kept:  # the last one then had none after it yet
        assert entry_ids(name) == [entry.id for entry in feedparser.parse(earlier[name]).entries]


def test_an_entry_leads_to_the_page_of_its_change_where_there_is_one() -> None:
    newest = entries(TOLD)[0]
    told = announced(HISTORY, today=TODAY, hold=HOLD)
    files = feed_files(HISTORY, told, today=TODAY, base_url=BASE, pages={newest.commit: "history/2026.7.2.html"})
    first, *others = items(files, "feeds/all.json")
    assert first["url"] == f"{BASE}/history/2026.7.2.html"
    assert all(other["url"].startswith("https://github.com/") for other in others if newest.commit not in other["id"])


def test_an_entry_is_a_day_and_a_commit_and_nothing_that_was_told_is_lost() -> None:
    found = items(FILES, "feeds/all.json")
    assert len(found) == len({(change.date, change.commit) for change in TOLD})
    summed: Counter[str] = Counter()
    for item in found:
        summed.update(item["_aks_egress"]["summary"])
    assert {kind: summed[kind] for kind in summed if summed[kind]} == Counter(str(change.kind) for change in TOLD)


def test_the_breaking_feed_has_what_breaks_and_nothing_else() -> None:
    found = items(FILES, "feeds/breaking.json")
    breaking = [change for change in TOLD if change.severity is Impact.BREAKING]
    assert {item["_aks_egress"]["severity"] for item in found} == {"breaking"}
    assert sum(sum(item["_aks_egress"]["summary"].values()) for item in found) == len(breaking)


@pytest.mark.parametrize("scope", [*(f"cloud/{one}" for one in Cloud), *(f"feature/{one}" for one in Feature)])
def test_a_narrower_feed_has_its_own_changes_only(scope: str) -> None:
    kind, _, name = scope.partition("/")
    for item in items(FILES, f"feeds/{scope}.json"):
        assert name in item["_aks_egress"]["clouds" if kind == "cloud" else "features"]
    mine = [change for change in TOLD if change.rule and getattr(change.rule, kind) == name]
    found = items(FILES, f"feeds/{scope}.json")
    assert sum(sum(item["_aks_egress"]["summary"].values()) for item in found) == len(mine)


def test_an_entry_says_what_since_when_by_which_commit_and_what_to_add() -> None:
    line = "AzureCloud: packages.aks.azure.com TCP 443 (HTTPS), required"
    found = next(item for item in items(FILES, "feeds/breaking.json") if line in item["_aks_egress"]["add"])
    text = words(found["content_html"])
    assert f"Since 2025-02-06, upstream commit {found['_aks_egress']['commit']}" in text
    assert found["url"].endswith(found["_aks_egress"]["commit"])
    assert line in text
    assert "AzureCloud / core" in text
    assert "added (breaking): packages.aks.azure.com TCP 443 (HTTPS), required" in text


def test_the_end_of_a_hold_says_since_when_the_rule_was_gone() -> None:
    found = history(("2026-07-01", "a1", [OLD]), ("2026-07-10", "b2", []))
    item = items(feeds_of(found, today=dt.date(2026, 8, 1), base_url=BASE), "feeds/all.json")[0]
    assert item["title"] == "2026-07-24: 1 removed (relaxing) for AzureCloud"
    assert "gone from the page since 2026-07-10" in item["content_html"]
    assert item["_aks_egress"]["commit"] == "b2"


def test_a_missing_rule_is_told_in_full_but_never_as_something_that_breaks() -> None:
    found = history(("2026-07-01", "a1", [OLD]), ("2026-07-10", "b2", []))
    files = feeds_of(found, today=dt.date(2026, 7, 12), base_url=BASE)
    assert items(files, "feeds/all.json")[0]["title"] == "2026-07-10: 1 missing (informational) for AzureCloud"
    assert [item["date_published"] for item in items(files, "feeds/breaking.json")] == ["2026-07-01T00:00:00Z"]


def test_lines_to_add_name_an_endpoint_once_whatever_features_ask_for_it() -> None:
    changes = [added("a.example"), added("a.example", feature="gpu"), removed(), eased()]
    assert lines_to_add(changes) == ("AzureCloud: a.example TCP 443, required",)
    assert lines_to_add([added("p.example", protocol=None, port=None)]) == ("AzureCloud: p.example, required",)
    assert lines_to_add([replace(added(), severity=Impact.INFORMATIONAL)]) == ()


def test_a_rule_that_moves_to_another_feature_is_told_to_both() -> None:
    moved = replace(added(), kind=ChangeKind.CHANGED, before=rule("x.example", feature="gpu"), after=rule("x.example"))
    entry = Entry(date=DAY, commit=COMMIT, changes=(moved,))
    assert narrowed([entry], lambda change: bool(change.before and change.before.feature == "gpu")) == (entry,)
    before = history(
        ("2026-07-01", "a1", [rule("x.example", feature="gpu"), OLD, NEW]),
        ("2026-07-10", "b2", [rule("x.example"), OLD, NEW]),
    )
    files = feeds_of(before, today=DAY, base_url=BASE)
    assert items(files, "feeds/feature/gpu.json")
    assert items(files, "feeds/feature/core.json")


def test_a_title_counts_and_has_no_word_of_a_page() -> None:
    assert title([added(), added("b.example"), removed()]) == "2 added, 1 removed (breaking)"
    assert title([hostile_change()]) == "1 added (breaking)"


# ---------------------------------------------------------------- for ever


@pytest.mark.parametrize("today", ["2019-05-01", "2024-06-20", "2026-07-02"])
def test_what_was_told_once_keeps_its_bytes_and_its_place(today: str) -> None:
    earlier = feeds_of(HISTORY, today=dt.date.fromisoformat(today), base_url=BASE)
    for name in names("json"):
        if name in earlier and (before := items(earlier, name)):
            assert items(FILES, name)[-len(before) :] == before


def test_the_same_input_gives_the_same_bytes() -> None:
    assert feeds_of(HISTORY, today=TODAY, base_url=f"{BASE}/") == FILES


def test_ids_are_made_of_facts_and_unique() -> None:
    wide = [name for name in names("json") if "/archive/" not in name]
    ids = [item["id"] for name in wide for item in items(FILES, name)]
    assert len(ids) == len(set(ids))
    for name in wide:
        for item in items(FILES, name):
            scope = name.removeprefix("feeds/").removesuffix(".json")
            day = item["date_published"][:10]
            expected = f"tag:aks-egress-catalog.github.io,2026:told/{day}/{item['_aks_egress']['commit']}/{scope}"
            assert item["id"] == expected


def test_newest_first_and_of_one_day_the_last_told_first() -> None:
    days = [item["date_published"] for item in items(FILES, "feeds/all.json")]
    assert days == sorted(days, reverse=True)
    told = [added(), replace(added("b.example"), commit="b2")]
    assert [entry.commit for entry in entries(told)] == ["b2", COMMIT]


# ---------------------------------------------------------------- Atom


@pytest.mark.parametrize("name", names("atom"))
def test_feedparser_reads_every_atom_feed_without_a_complaint(name: str) -> None:
    found = feedparser.parse(FILES[name])
    assert not found.bozo
    assert found.version == "atom10"
    twin = name.replace(".atom", ".json")
    if twin in FILES:
        assert [entry.id for entry in found.entries] == [item["id"] for item in json.loads(FILES[twin])["items"]]


@pytest.mark.parametrize("name", names("atom"))
def test_every_atom_feed_has_what_rfc_4287_requires(name: str) -> None:
    feed = etree.fromstring(FILES[name])
    assert feed.tag == f"{ATOM}feed"  # 4.1.1
    for tag in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{tag}")) == 1, tag
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None  # 4.1.1: unless every entry has one
    selves = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [link.get("href") for link in selves] == [f"{BASE}/{name}"]
    assert len([link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
    for element in feed.iter():
        assert isinstance(element.tag, str)
        assert element.tag.startswith((ATOM, "{http://purl.org/syndication/history/1.0}archive"))
    for entry in feed.findall(f"{ATOM}entry"):
        check_entry(entry)
    moments = [entry.findtext(f"{ATOM}updated") for entry in feed.findall(f"{ATOM}entry")]
    assert not moments or feed.findtext(f"{ATOM}updated") == moments[0]


def check_entry(entry: etree._Element) -> None:
    """RFC 4287, 4.1.2: one id, title and updated; a link or content; dates of RFC 3339; ids that are IRIs."""
    for tag, least in (("id", 1), ("title", 1), ("updated", 1), ("published", 0), ("content", 0), ("summary", 0)):
        assert least <= len(entry.findall(f"{ATOM}{tag}")) <= 1, tag
    assert (entry.findtext(f"{ATOM}id") or "").startswith("tag:")
    assert len([link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
    for tag in ("updated", "published"):
        assert dt.datetime.fromisoformat(entry.findtext(f"{ATOM}{tag}") or "").utcoffset() == dt.timedelta(0)
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert len(content) == 0  # 4.1.3.3: text only
    html.fromstring(content.text or "")
    assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))


def test_a_feed_without_entries_is_as_old_as_the_history_and_not_as_the_clock() -> None:
    feed = etree.fromstring(atom(made_up()))
    assert feed.findtext(f"{ATOM}updated") == "2026-08-01T00:00:00+00:00"
    assert not feedparser.parse(atom(made_up())).bozo


# ---------------------------------------------------------------- JSON Feed


@pytest.mark.parametrize("name", names("json"))
def test_every_json_feed_has_the_form_of_json_feed(name: str) -> None:
    faults = [
        f"{fault.json_path}: {fault.message}"
        for fault in Draft202012Validator(SCHEMA).iter_errors(json.loads(FILES[name]))
    ]
    assert faults == []
    assert json.loads(FILES[name])["feed_url"] == f"{BASE}/{name}"


# ---------------------------------------------------------------- iCalendar


@pytest.mark.parametrize("name", names("ics"))
def test_every_calendar_is_read_back_with_what_rfc_5545_requires(name: str) -> None:
    found = Calendar.from_ical(FILES[name])
    assert found["version"] == "2.0"
    assert found["prodid"]
    assert found.subcomponents  # 3.6: at least one component
    assert b"\n" not in FILES[name].replace(b"\r\n", b"")
    assert max(map(len, FILES[name].split(b"\r\n"))) <= 75
    uids = [str(event["uid"]) for event in events(FILES[name])]
    assert len(uids) == len(set(uids))
    for event in events(FILES[name]):
        assert event["dtstamp"].dt.utcoffset() == dt.timedelta(0)
        assert event["dtend"].dt - event["dtstart"].dt == dt.timedelta(days=1)
        if "hold ends" in event["summary"]:  # days that are past, the article names as well
            assert event["dtstart"].dt > event["dtstamp"].dt.date()


def test_the_days_have_every_end_of_a_hold_that_was_told_and_the_calendar_those_of_the_last_year() -> None:
    ended = {(change.date, change.before.id) for change in TOLD if change.before and not change.after}
    found = [day for day in hold_ends(announced(HISTORY, today=TODAY, hold=HOLD)) if not day.off]
    assert Counter((day.date, day.cloud, day.feature) for day in found) == Counter(
        (date, *name.split("/")[:2]) for date, name in ended
    )
    year_ago = TODAY - dt.timedelta(days=365)
    holds = [event for event in events(FILES["feeds/all.ics"]) if "hold ends" in event["summary"]]
    recent = {one for one in ended if one[0] and one[0] >= year_ago}
    assert len([event for event in holds if event["status"] == "CONFIRMED"]) == len(recent)
    assert all(event["dtstart"].dt >= year_ago for name in names("ics") for event in events(FILES[name]))


def test_the_calendar_has_every_day_that_the_article_names_for_those_whom_it_concerns() -> None:
    days = {
        (str(event["dtstart"].dt), str(event["summary"]).partition("names: ")[2].partition(", ")[2])
        for event in events(FILES["feeds/all.ics"])
        if "names: " in event["summary"]
    }
    assert days == {
        ("2025-11-30", "every cloud / every cluster"),
        ("2026-03-31", "every cloud / every cluster"),
        ("2026-08-18", "AzureChinaCloud / defender"),
    }
    for scope, count in (("feature/defender", 3), ("cloud/AzureChinaCloud", 3), ("cloud/AzureCloud", 2)):
        assert len([event for event in events(FILES[f"feeds/{scope}.ics"]) if "url" in event]) == count


def naming(*revisions: tuple[str, str, list[NamedDate]]) -> History:
    """A history of revisions, each with its day, its commit and the days that it names."""
    made = history(*((day, commit, [OLD]) for day, commit, _ in revisions))
    events = tuple(
        replace(event, dates=tuple(dates)) for event, (_, _, dates) in zip(made.events, revisions, strict=True)
    )
    return replace(made, events=events)


def test_a_named_day_is_told_once_wherever_on_the_page_it_moves_to() -> None:
    here = NamedDate(date=dt.date(2026, 9, 1), cloud="", feature="gpu", heading="here")
    moved = naming(("2026-07-01", "a1", [here]), ("2026-07-05", "b2", [replace(here, heading="there")]))
    (day,) = named_days(moved, today=TODAY)
    assert (day.since, day.revision, day.off) == (dt.date(2026, 7, 1), 0, False)
    assert day.url == "https://learn.example/article#there"


def test_a_named_day_is_called_off_where_it_goes_before_it_comes_and_kept_where_it_came() -> None:
    soon = NamedDate(date=dt.date(2026, 7, 10), cloud="", feature="", heading="h")
    later = replace(soon, date=dt.date(2026, 9, 1))
    revisions = [("2026-07-01", "a1", [soon, later]), ("2026-08-01", "b2", [])]
    kept, off = named_days(naming(*revisions), today=TODAY)
    assert ((kept.date, kept.off, kept.revision), (off.off, off.revision)) == ((soon.date, False, 0), (True, 1))
    assert not any(day.off for day in named_days(naming(*revisions), today=dt.date(2026, 7, 2)))
    _, again = named_days(naming(*revisions, ("2026-08-02", "c3", [later])), today=TODAY)
    assert (again.uid, again.off, again.revision) == (off.uid, False, 2)
    written = events(calendar(made_up(), [off, again]))
    assert [(event["status"], event["sequence"]) for event in written] == [("CANCELLED", 1), ("CONFIRMED", 2)]


def test_hostile_addresses_of_a_named_day_stay_one_property_and_only_https_is_linked() -> None:
    mean = NamedDate(date=dt.date(2026, 9, 1), cloud="", feature="", heading=HOSTILE)
    made = naming(("2026-07-01", "a1", [mean]))
    (event,) = events(calendar(made_up(), named_days(made, today=TODAY)))
    assert "attendee" not in event
    assert str(event["url"]).startswith("https://learn.example/article#%5D")
    assert set(str(event["url"]).partition("#")[2]) <= set(ascii_letters + digits + "%_.-~")
    script = replace(made, events=(replace(made.events[0], url="javascript:alert(1)"),))
    assert [day.url for day in named_days(script, today=TODAY)] == [""]


def test_an_end_to_come_is_there_and_called_off_where_the_rule_comes_back() -> None:
    revisions = [("2026-07-01", "a1", [OLD, NEW]), ("2026-07-10", "b2", [NEW])]
    running = feeds_of(history(*revisions), today=dt.date(2026, 7, 12), base_url=BASE)
    back = feeds_of(history(*revisions, ("2026-07-15", "c3", [OLD, NEW])), today=dt.date(2026, 7, 16), base_url=BASE)
    (before,), (after,) = events(running["feeds/all.ics"]), events(back["feeds/all.ics"])
    assert before["dtstart"].dt == dt.date(2026, 7, 24)
    said = "AKS egress, hold ends: old.example TCP 443 is no longer asked for, AzureCloud / core"
    assert before["summary"] == said
    assert (before["status"], before["sequence"]) == ("CONFIRMED", 0)
    assert after["uid"] == before["uid"]
    assert (after["status"], after["sequence"]) == ("CANCELLED", 1)


def test_a_calendar_of_another_cloud_has_nothing_of_it() -> None:
    found = history(("2026-07-01", "a1", [OLD, NEW]), ("2026-07-10", "b2", [NEW]))
    files = feeds_of(found, today=dt.date(2026, 7, 12), base_url=BASE)
    assert len(events(files["feeds/cloud/AzureCloud.ics"])) == 1
    assert events(files["feeds/cloud/AzureChinaCloud.ics"]) == []


# ---------------------------------------------------------------- hostile page text


def test_hostile_page_text_stays_text_in_atom() -> None:
    written = atom(made_up(*entries([hostile_change()])))
    feed = etree.fromstring(written)
    (entry,) = feed.findall(f"{ATOM}entry")
    check_entry(entry)
    assert not feedparser.parse(written).bozo
    content = html.fromstring(entry.findtext(f"{ATOM}content") or "")
    assert {str(element.tag) for element in content.iter()} <= {"div", "p", "code", "h3", "pre", "ul", "li"}
    assert shown(HOSTILE) in words(entry.findtext(f"{ATOM}content") or "")


def test_hostile_page_text_stays_text_in_json_feed() -> None:
    content = json.loads(json_feed(made_up(*entries([hostile_change()]))))
    assert list(Draft202012Validator(SCHEMA).iter_errors(content)) == []
    assert "<script" not in content["items"][0]["content_html"]


def test_hostile_page_text_stays_one_property_in_a_calendar() -> None:
    change = hostile_change()
    assert change.after
    gone = replace(change.after, level=Level.REQUIRED, lifecycle=replace(change.after.lifecycle, **missing()))
    told = Announcements(changes=(), missing=(gone,))
    (event,) = events(calendar(made_up(), hold_ends(told)))
    assert "attendee" not in event
    assert f"{shown(HOSTILE)} TCP 443 is no longer asked for" in str(event["summary"])


def missing() -> dict[str, Any]:
    return {"status": "missing", "since": DAY, "until": DAY + HOLD}


def test_unseen_characters_are_shown_not_obeyed() -> None:
    told: Iterable[str] = (shown("a\x1b[31mb"), shown("a\u202eb"), shown("a\ud800b"), shown(" a \r\n b "))
    assert list(told) == ["a\ufffd[31mb", "a\ufffdb", "a\ufffdb", "a b"]
