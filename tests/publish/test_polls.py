"""What a client that polls reads: a tiny file, and what came since the version that it has."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Final

import pytest
from jsonschema import Draft202012Validator

import aks_egress_catalog as aec
from aks_egress_catalog.changes import Changes, Severity, facts, summarize
from aks_egress_catalog.compare import compare_rules
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history import catalog_at, load_history
from aks_egress_catalog.hold import account
from aks_egress_catalog.store import from_json, from_json_as, to_json
from publish.polls import SCHEMAS, day_of, poll_files
from tests.publish.facts import HOLD

TODAY: Final = dt.date(2026, 11, 20)
HISTORY: Final = load_history()
CATALOG: Final = aec.load()
FILES: Final = poll_files(HISTORY, CATALOG, today=TODAY, hold=HOLD)
CATALOGS: Final = sorted(name for name in FILES if name.startswith("catalog/"))
SINCE: Final = sorted(name for name in FILES if name.startswith("changes/since/"))


def changes(name: str) -> Changes:
    return from_json_as(Changes, FILES[f"changes/since/{name}.json"].decode())


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
    schema = Draft202012Validator(json.loads(FILES["schema/changes-1.schema.json"]))
    for name in SINCE[::20]:
        schema.validate(json.loads(FILES[name]))


def test_since_the_newest_version_nothing_was_told_and_since_the_first_everything_after_it() -> None:
    assert changes("2026.7.2") == summarize(())
    told = account(HISTORY, today=TODAY, hold=HOLD).told
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
        if change.severity is Severity.BREAKING and change.after
    }
    assert needed - told == set()


def test_the_same_facts_released_again_are_a_version_too() -> None:
    again = replace(CATALOG, version="2026.7.2.1")
    files = poll_files(HISTORY, again, today=TODAY, hold=HOLD, released=["2024.5.21.2"])
    assert json.loads(files["version.json"])["version"] == "2026.7.2.1"
    moved = {"version.json", "catalog/latest.json", "catalog/2026.7.2.json"}
    assert {name: files[name] for name in FILES.keys() - moved} == {name: FILES[name] for name in FILES.keys() - moved}
    assert files["catalog/2026.7.2.1.json"] == files["catalog/latest.json"]
    assert files["changes/since/2026.7.2.1.json"] == FILES["changes/since/2026.7.2.json"]
    assert from_json(files["catalog/2024.5.21.2.json"].decode()).version == "2024.5.21.2"
    assert files["changes/since/2024.5.21.2.json"] == FILES["changes/since/2024.5.21.json"]


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
    with pytest.raises(AksEgressError, match="is no version of the data"):
        day_of(text)
