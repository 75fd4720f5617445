"""What a client that polls reads: a tiny file, and what came since the version that it has."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest
from jsonschema import Draft202012Validator

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.announced import announced, announced_by_version, published_catalog
from aks_egress_catalog.history.changes import Change, Changes, Impact, facts, summarize
from aks_egress_catalog.history.compare import compare_rules
from aks_egress_catalog.history.history_file import load_history
from aks_egress_catalog.history.revisions import Event, Release, catalog_at
from aks_egress_catalog.model import Lifecycle, Rule
from aks_egress_catalog.store import from_json
from aks_egress_catalog.text.codec import from_json_as, to_json
from publish.status.polls import SCHEMAS, ChangesSince, poll_files
from tests.base import CATALOG, HISTORY
from tests.publish.facts import HOLD

TODAY: Final = dt.date(2026, 11, 20)
ANNOUNCED: Final = tuple(announced_by_version(HISTORY, today=TODAY, hold=HOLD))
FILES: Final = poll_files(HISTORY, CATALOG, ANNOUNCED)
CATALOGS: Final = sorted(name for name in FILES if name.startswith("catalog/"))
VERSIONS: Final = ("2026.7.2", "2026.8.1", "2026.8.1.1")
SINCE: Final = sorted(name for name in FILES if name.startswith("changes/since/"))


def since(name: str, files: Mapping[str, bytes] = FILES) -> ChangesSince:
    return from_json_as(ChangesSince, files[f"changes/since/{name}.json"].decode())


def followed(name: str, files: Mapping[str, bytes] = FILES) -> Iterator[ChangesSince]:
    """The files that a client reads that has a version, as the README says."""
    following: str | None = name
    while following:
        found = since(following, files)
        yield found
        following = found.next


def changes(name: str, files: Mapping[str, bytes] = FILES) -> Changes:
    """Everything that was announced since a version."""
    return summarize(change for found in followed(name, files) for change in found.changes)


def test_the_file_to_poll_is_tiny_and_says_what_there_is() -> None:
    assert json.loads(FILES["version.json"]) == {
        "version": "2026.7.2",
        "facts_date": "2026-07-02",
        "commit": "ccbb339ba694585c6436541c025c50c62a308c98",
        "schema_version": 1,
    }
    assert len(FILES["version.json"]) < 256


def test_every_version_that_the_package_ever_gives_has_its_catalog() -> None:
    versions = {catalog_at(HISTORY, event.day).version for event in HISTORY.events}
    assert set(CATALOGS) == {f"catalog/{name}.json" for name in versions | {"latest", "2026.7.2"}}
    assert FILES["catalog/latest.json"] == FILES["catalog/2026.7.2.json"] == to_json(CATALOG).encode()


def test_a_catalog_is_read_back_and_has_the_form_of_its_schema() -> None:
    schema = Draft202012Validator(json.loads(FILES["schema/catalog-1.schema.json"]))
    for name in CATALOGS[::10]:
        found = from_json(FILES[name].decode())
        assert name in {"catalog/latest.json", f"catalog/{found.version}.json"}
        schema.validate(json.loads(FILES[name]))


def test_every_version_that_the_package_ever_gives_has_its_changes() -> None:
    days = {event.day for event in HISTORY.events}
    assert set(SINCE) == {f"changes/since/{catalog_at(HISTORY, day).version}.json" for day in days}


def test_changes_have_the_form_of_their_schema() -> None:
    schema = Draft202012Validator(json.loads(FILES["schema/changes-since-1.schema.json"]))
    for name in SINCE[::20]:
        schema.validate(json.loads(FILES[name]))


def test_every_change_is_written_once_and_the_files_lead_from_the_first_version_to_the_newest() -> None:
    versions = [release.version for release in HISTORY.versions]
    assert [since(name).next for name in versions] == [*versions[1:], None]
    told = announced(HISTORY, today=TODAY, hold=HOLD).changes
    assert sum(len(since(name).changes) for name in versions) == len(told) - len(announced_at(versions[0]))
    for found in map(since, versions):
        counted = summarize(found.changes)
        assert (found.notify, found.summary) == (counted.notify, counted.summary)


def announced_at(version: str) -> tuple[Change, ...]:
    return next(then.changes for release, then in ANNOUNCED if release and release.version == version)


def test_a_catalog_that_the_history_does_not_know_yet_is_where_the_files_lead() -> None:
    files = poll_files(HISTORY, replace(CATALOG, version="2026.7.2.1"), ANNOUNCED)
    assert [found.next for found in followed("2026.7.2", files)] == ["2026.7.2.1", None]
    assert "catalog/2026.7.2.1.json" in files


def test_since_the_newest_version_nothing_was_told_and_since_the_first_everything_after_it() -> None:
    assert changes("2026.7.2") == summarize(())
    told = announced(HISTORY, today=TODAY, hold=HOLD).changes
    later = tuple(change for change in told if change.date and change.date > dt.date(2019, 4, 3))
    assert changes("2019.4.3") == summarize(later)


@pytest.mark.parametrize("day", ["2021-03-05", "2023-03-09", "2024-06-01"])
def test_whoever_applies_what_was_told_since_needs_nothing_more(day: str) -> None:
    """What breaks between an old state and today was told since that version, rule by rule."""
    old = catalog_at(HISTORY, dt.date.fromisoformat(day))
    now = catalog_at(HISTORY, TODAY)
    told = {change.after.id for change in changes(old.version).changes if change.after}
    needed = {
        change.after.id
        for change in compare_rules(old.rules, now.rules)
        if change.severity is Impact.BREAKING and change.after
    }
    assert needed - told == set()


@pytest.mark.parametrize("name", [release.version for release in HISTORY.versions])
def test_a_version_and_what_was_told_since_are_the_newest(name: str) -> None:
    assert_leads_to(CATALOG, name, FILES)


@pytest.mark.shipped
def test_of_the_shipped_data_too_a_version_and_what_was_told_since_are_the_newest() -> None:
    catalog, history = aec.load(), load_history()
    newest = history.versions[-1]
    files = poll_files(history, catalog, tuple(announced_by_version(history, today=newest.day, hold=HOLD)))
    for release in history.versions:
        assert_leads_to(catalog, release.version, files)


def assert_leads_to(catalog: Catalog, name: str, files: Mapping[str, bytes]) -> None:
    """What was replaced is told as such, and held without a further word; so it may be left over here."""
    applied = {rule.id: rule for rule in from_json(files[f"catalog/{name}.json"].decode()).rules}
    left_over = {rule.id for rule in applied.values() if rule.lifecycle.replaced_by}
    for change in changes(name, files).changes:
        if change.before:
            del applied[change.before.id]
        if change.after:
            applied[change.after.id] = change.after
    newest = {rule.id: rule for rule in catalog.rules}
    assert applied.keys() - (left_over - newest.keys()) == newest.keys()
    assert [asked(applied[rule]) for rule in newest] == [asked(newest[rule]) for rule in newest]


def asked(rule: Rule) -> object:
    """What a firewall has to do about a rule: not where it stands in its life, nor how plainly the page states it."""
    return facts(replace(rule, lifecycle=Lifecycle(), application_inferred=False, cloud_stated=True))


def test_versions_that_were_released_keep_their_files_for_ever() -> None:
    """Two commits of one day are two versions, and each is known by what had been read until then."""
    page = list(HISTORY.rules_at().values())
    events = tuple(
        Event(
            commit=commit * 40,
            previous=before,
            date=dt.datetime(2026, 8, 1, hour, tzinfo=dt.UTC),
            url=HISTORY.events[-1].url,
            added=(replace(page[0], destinations=(replace(page[0].destinations[0], value=host),), id=""),),
        )
        for hour, commit, before, host in (
            (10, "d", HISTORY.events[-1].commit, "one.mcr.microsoft.cn"),
            (11, "e", "d" * 40, "two.mcr.microsoft.cn"),
        )
    )
    count = len(HISTORY.events)
    released = [
        Release(version=version, day=dt.date(2026, 8, 1), events=count + place)
        for place, version in enumerate(("2026.8.1", "2026.8.1.1", "2026.9.1"), start=1)
    ]
    known = replace(HISTORY, events=(*HISTORY.events, *events), releases=tuple(released[:2]), rules={})
    newest = published_catalog(known, known.releases[-1], announced(known, today=TODAY, hold=HOLD))
    files = poll_files(known, newest, tuple(announced_by_version(known, today=TODAY, hold=HOLD)))
    ids = {name: [rule.id for rule in from_json(files[f"catalog/{name}.json"].decode()).rules] for name in VERSIONS}
    assert [len(ids[name]) - len(CATALOG.rules) for name in VERSIONS] == [0, 1, 2]
    steps = {name: (since(name, files).summary["added"], since(name, files).next) for name in VERSIONS}
    assert steps == {"2026.7.2": (1, "2026.8.1"), "2026.8.1": (1, "2026.8.1.1"), "2026.8.1.1": (0, None)}
    assert json.loads(files["version.json"])["version"] == "2026.8.1.1"
    kept = FILES.keys() - {"version.json", "catalog/latest.json", "catalog/2026.7.2.json"}
    assert {name for name in kept if name.startswith("catalog/") and files[name] != FILES[name]} == set()


def test_a_schema_lies_where_its_id_says() -> None:
    schemas = {name: json.loads(content) for name, content in FILES.items() if name.startswith("schema/")}
    assert {f"schema/{file.name}" for file in SCHEMAS.iterdir()} < set(schemas)
    assert "schema/changes-1.schema.json" in schemas
    homes = {schema["$id"].removesuffix(name) for name, schema in schemas.items()}
    assert len(homes) == 1
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_an_old_catalog_has_the_facts_of_its_day() -> None:
    found = from_json(FILES["catalog/2024.5.21.json"].decode())
    expected = catalog_at(HISTORY, dt.date(2024, 6, 1))
    assert list(map(facts, found.rules)) == list(map(facts, expected.rules))


@pytest.mark.parametrize("text", ["", "latest", "2026.7", "2026.13.1", "2026.7.2.0", "2026.7.2\n", "../2026.7.2"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(AksEgressError, match="there is no version"):
        HISTORY.release(text)


@pytest.mark.parametrize("text", ["", "latest", "2026.7", "2026.7.2.0", "2026.7.2\n", "../2026.7.2"])
def test_a_release_is_named_as_a_file_may_be(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        Release(version=text, day=TODAY, events=1)


def test_a_version_that_never_was_is_told_its_neighbours() -> None:
    with pytest.raises(AksEgressError, match=r"no version '2024.6.1' of the data; the nearest: 2024.5.21, 2024.6.5"):
        HISTORY.release("2024.6.1")


def test_the_changes_grow_with_the_history_and_not_with_its_square() -> None:
    assert sum(len(FILES[name]) for name in SINCE) < 2_000_000
