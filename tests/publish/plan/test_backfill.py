"""Catalogs of single revisions in, the history out; and what the changelog and the list of alerts make of it."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest

from aks_egress_catalog.catalog import Catalog, PageRef
from aks_egress_catalog.history.announced import announced
from aks_egress_catalog.history.history_file import history_json, load_history, read_history
from aks_egress_catalog.history.revisions import History, fold
from aks_egress_catalog.model import Destination, DestinationForm, Level, Rule, Rules
from aks_egress_catalog.text.codec import to_json
from publish.plan.alerts import revision_alerts
from publish.plan.changelog import HEAD, changelog
from publish.plan.timeline import NEVER_LIVE, Backfill, HistoryError, backfill, next_event
from scraper.build import SNAPSHOT, parse_file, write
from tests import base
from tests.publish.facts import append
from tests.scraper.reviewing import ALL_REVIEWED

ROOT: Final = Path(__file__).parents[3]
DONE, USAGE, BAD_INPUT = 0, 2, 3
URL: Final = "https://learn.microsoft.com/en-us/azure/aks/outbound-rules-control-egress"
MAY: Final = dt.datetime(2024, 5, 1, 12, 30, tzinfo=dt.UTC)
A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)


# ---------------------------------------------------------------- revisions


def one(name: str = "one.contoso.com", **facts: Any) -> Rule:
    """A rule of the public cloud, with other facts where they are named."""
    host = Destination(form=DestinationForm.FQDN, value=name)
    return replace(base.CATALOG.rules(cloud="AzureCloud", feature="gpu")[0], id="", destinations=(host,), **facts)


ONE, TWO, THREE = one(), one("two.contoso.com"), one("three.contoso.com")


def revision(commit: str, when: dt.datetime | None, *rules: Rule, locale: str = "en-us") -> Catalog:
    """What one revision of the page states."""
    page = PageRef(locale=locale, url=URL, commit=commit, updated=when)
    stated = Rules(sorted(rules, key=lambda rule: rule.id))
    return replace(base.CATALOG, version="", pages=(page,), rules=stated, watched={})


def days(count: int) -> dt.datetime:
    return MAY + dt.timedelta(days=count)


STORY: Final = {
    "first": revision(A, days(0), ONE, TWO),
    "words-alone": revision(B, days(1), ONE, TWO),
    "another-port": revision(C, days(2), one(port=8443), TWO),
    "row-gone": revision(D, days(20), one(port=8443), THREE),
}
"""Four revisions, oldest first; nothing in the names of their files says so."""


def lay(folder: Path, catalogs: dict[str, Catalog]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, catalog in catalogs.items():
        (folder / f"{name}.json").write_text(to_json(catalog), encoding="utf-8")
    return [folder / f"{name}.json" for name in catalogs]


def commits(found: Backfill) -> list[str]:
    return [event.commit for event in found.history.events]


def run(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publish", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def ends(done: subprocess.CompletedProcess[str], code: int) -> subprocess.CompletedProcess[str]:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


# ---------------------------------------------------------------- what a history says


def test_each_revision_is_an_event_with_what_it_did_to_the_rules(tmp_path: Path) -> None:
    found = backfill(lay(tmp_path, STORY))
    assert (found.faults, found.left_out) == ((), ())
    told = [
        (
            [rule.id for rule in event.added],
            list(event.removed),
            [(change.before, change.after.id) for change in event.changed],
        )
        for event in found.history.events
    ]
    assert told == [
        ([ONE.id, TWO.id], [], []),
        ([], [], []),
        ([], [], [(ONE.id, one(port=8443).id)]),
        ([THREE.id], [TWO.id], []),
    ]


def test_events_follow_one_another_and_say_of_when_they_are(tmp_path: Path) -> None:
    events = backfill(lay(tmp_path, STORY)).history.events
    assert [(event.previous, event.commit) for event in events] == [(None, A), (A, B), (B, C), (C, D)]
    assert [event.date for event in events] == [days(0), days(1), days(2), days(20)]
    assert {event.url for event in events} == {URL}


def test_folding_the_events_gives_the_rules_of_every_revision(tmp_path: Path) -> None:
    history = backfill(lay(tmp_path, STORY)).history
    states = [set(rules) for rules in map(dict, fold(history.events))]
    assert states == [set(), *({rule.id for rule in catalog.rules} for catalog in STORY.values())]


def test_a_rule_that_only_moves_on_the_page_changes_nothing(tmp_path: Path) -> None:
    source = replace(ONE.sources[0], heading="elsewhere", row=9, commit=B)
    found = backfill(lay(tmp_path, {"x": revision(A, days(0), ONE), "y": revision(B, days(1), one(sources=(source,)))}))
    assert [event.changes_rules for event in found.history.events] == [True, False]


def test_a_feature_that_is_renamed_is_one_change_a_rule(tmp_path: Path) -> None:
    new = [replace(rule, id="", feature="accelerators") for rule in (ONE, TWO)]
    history = backfill(lay(tmp_path, {"x": revision(A, days(0), ONE, TWO), "y": revision(B, days(1), *new)})).history
    assert [(change.before, change.after.id) for change in history.events[1].changed] == [
        (old.id, rule.id) for old, rule in zip((ONE, TWO), new, strict=True)
    ]


def test_two_features_that_become_one_leave_nothing_behind(tmp_path: Path) -> None:
    old = [replace(rule, id="", feature=name) for rule in (ONE, TWO) for name in ("accelerators", "drivers")]
    found = backfill(lay(tmp_path, {"x": revision(A, days(0), *old), "y": revision(B, days(1), ONE, TWO)}))
    assert set(found.history.rules_at()) == {ONE.id, TWO.id}


# ---------------------------------------------------------------- in whatever order, and as often as wanted


def test_the_order_in_which_files_are_named_says_nothing(tmp_path: Path) -> None:
    files = lay(tmp_path, STORY)
    assert {history_json(backfill(order).history) for order in permutations(files)} == {
        history_json(backfill([tmp_path]).history)
    }


def test_two_revisions_of_one_minute_have_one_order_too(tmp_path: Path) -> None:
    files = lay(tmp_path, {"x": revision(A, days(0), ONE), "y": revision(B, days(0), ONE, TWO)})
    assert backfill(files) == backfill(files[::-1])


def test_files_and_folders_can_be_named_together(tmp_path: Path) -> None:
    first, *others = lay(tmp_path / "some", STORY)
    first = first.rename(tmp_path / "first.json")
    assert commits(backfill([tmp_path / "some", first])) == [A, B, C, D]
    assert len(others) == 3


def test_the_same_catalog_given_twice_counts_once(tmp_path: Path) -> None:
    files = lay(tmp_path, STORY)
    found = backfill([*files, tmp_path, files[0]])
    assert (commits(found), found.faults) == ([A, B, C, D], ())


def test_two_catalogs_of_one_commit_that_state_different_rules_are_a_fault(tmp_path: Path) -> None:
    found = backfill(lay(tmp_path, STORY | {"other": revision(B, days(1), ONE)}))
    assert commits(found) == [A, B, C, D]
    assert found.faults == (f"{B[:9]}: two catalogs of this commit state different facts",)


@pytest.mark.parametrize("commit", sorted(NEVER_LIVE))
def test_a_revision_of_a_side_branch_is_left_out_and_nothing_is_told_of_what_it_did(
    tmp_path: Path, commit: str
) -> None:
    found = backfill(lay(tmp_path, STORY | {"branch": revision(commit, days(3), ONE)}))
    assert (found.left_out, found.faults) == ((commit,), ())
    assert found.history == backfill(lay(tmp_path / "live", STORY)).history


# ---------------------------------------------------------------- what cannot be read never stops the others


NO_PAGE: Final = "which commit of the en-us page"
BROKEN: Final[dict[str, tuple[str | bytes, str]]] = {
    "empty": ("", "not JSON, or cut short"),
    "cut": (to_json(STORY["first"])[:400], "not JSON, or cut short"),
    "no text": (b"\xff\xfe", "cannot read"),
    "no catalog": ("[]", "expected dict"),
    "of a newer form": ('{"schema_version": 99}', "schema 99 is newer"),
    "a broken rule": (to_json(STORY["first"]).replace('"port": 443', '"port": 99999'), "port 99999"),
    "no commit": (to_json(revision("", days(1), ONE)), NO_PAGE),
    "no date": (to_json(revision(B, None, ONE)), NO_PAGE),
    "no page": (to_json(replace(revision(B, days(1), ONE), version="", pages=())), NO_PAGE),
    "another locale's page": (to_json(revision(B, days(1), ONE, locale="de-de")), NO_PAGE),
}


def put(file: Path, content: str | bytes) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize("name", BROKEN)
def test_a_catalog_that_cannot_be_read_is_named_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    content, said = BROKEN[name]
    first, _, *others = lay(tmp_path, STORY)
    broken = put(tmp_path / "middle.json", content)
    found = backfill([first, broken, *others])
    assert commits(found) == [A, C, D]
    (fault,) = found.faults
    assert fault.startswith(f"{broken}: ")
    assert said in fault


@pytest.mark.parametrize("content", ["[" * 200_000, f'{{"schema_version": {"9" * 5000}}}'], ids=["deep", "long number"])
def test_json_that_no_parser_takes_is_named_and_the_others_go_on(tmp_path: Path, content: str) -> None:
    first, _, *others = lay(tmp_path, STORY)
    found = backfill([first, put(tmp_path / "middle.json", content), *others])
    assert (commits(found), len(found.faults)) == ([A, C, D], 1)


def test_a_file_that_is_not_there_is_a_fault_too(tmp_path: Path) -> None:
    found = backfill([*lay(tmp_path, STORY), tmp_path / "absent"])
    assert commits(found) == [A, B, C, D]
    assert [fault.partition(":")[0] for fault in found.faults] == [str(tmp_path / "absent")]


def test_a_page_that_left_a_report_and_no_catalog_is_a_fault(tmp_path: Path) -> None:
    """As ``python -m scraper parse`` leaves it behind of a page that is cut; a report beside a catalog is none."""
    page = (SNAPSHOT / "en-us.html").read_text(encoding="utf-8")
    for name, html in (("whole", page), ("cut", page[:30_000])):
        read = parse_file(
            put(tmp_path / f"{name}.html", html), locale=None, known=None, keep_going=False, reviewed=ALL_REVIEWED
        )
        write(read, catalog=tmp_path / f"{name}.json", report=tmp_path / f"{name}.report.json")
    found = backfill([tmp_path])
    assert found.faults == (f"{tmp_path / 'cut.report.json'}: the page could not be read, and left no catalog",)
    assert commits(found) == [base.HISTORY.events[-1].commit]


# ---------------------------------------------------------------- one revision more


def history_of(*catalogs: Catalog) -> History:
    history = History(attribution="", events=(), rules={})
    for catalog in catalogs:
        history = append(history, catalog)
    return history


def test_adding_revisions_one_by_one_gives_what_a_backfill_gives(tmp_path: Path) -> None:
    assert history_of(*STORY.values()) == backfill(lay(tmp_path, STORY)).history


def test_the_same_revision_again_changes_nothing() -> None:
    history = history_of(*STORY.values())
    assert append(history, STORY["row-gone"]) is history


def test_a_later_revision_with_the_same_rules_is_an_event_of_its_own() -> None:
    history = history_of(*STORY.values())
    longer = append(history, revision("e" * 40, days(30), one(port=8443), THREE))
    assert longer.events[:-1] == history.events
    assert (longer.events[-1].previous, longer.events[-1].changes_rules) == (D, False)
    assert longer.rules == history.rules


def test_an_older_revision_is_refused_with_both_named() -> None:
    message = rf"{B[:9]} of .* is older than the last revision of the history, {D[:9]} of "
    with pytest.raises(HistoryError, match=message):
        append(history_of(*STORY.values()), STORY["words-alone"])


def test_other_rules_for_the_last_revision_are_a_correction_of_today() -> None:
    known, today = history_of(*STORY.values()), dt.date(2026, 12, 1)
    event = next_event(known, revision(D, days(20), THREE), today=today, why="a port was read wrongly")
    assert event
    assert (event.commit, event.previous, event.corrected, event.why) == (D, D, today, "a port was read wrongly")
    assert event.removed == (one(port=8443).id,)
    assert not event.added


@pytest.mark.parametrize("catalog", [revision("", days(30), ONE), revision(B, None, ONE)], ids=["commit", "date"])
def test_a_catalog_of_no_known_revision_is_refused(catalog: Catalog) -> None:
    with pytest.raises(HistoryError, match=NO_PAGE):
        append(history_of(*STORY.values()), catalog)


def test_a_commit_that_the_history_has_before_its_last_never_becomes_a_second_event() -> None:
    history = history_of(revision(A, days(0), ONE), revision(B, days(0), ONE, TWO))
    with suppress(HistoryError):
        history = append(history, revision(A, days(0), ONE))
    assert [event.commit for event in history.events] == [A, B]


# ---------------------------------------------------------------- python -m publish backfill


def test_the_command_writes_the_same_history_twice_and_says_what_is_in_it(tmp_path: Path) -> None:
    lay(tmp_path / "catalogs", STORY)
    written = []
    for name in ("one", "two"):
        done = ends(run("backfill", tmp_path / "catalogs", "--out", tmp_path / name / "history.json"), DONE)
        out = tmp_path / name / "history.json"
        assert (done.stdout, done.stderr) == (f"4 revisions, 3 of which changed rules, in {out}\n", "")
        written.append(out.read_bytes())
    assert written[0] == written[1] == history_json(history_of(*STORY.values())).encode()
    assert read_history(tmp_path / "one" / "history.json") == history_of(*STORY.values())


def test_the_command_names_what_is_broken_and_what_was_left_out_and_does_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "catalogs"
    lay(folder, STORY | {"branch": revision(min(NEVER_LIVE), days(3), ONE)})
    put(folder / "middle.json", "{")
    done = ends(run("backfill", folder, "--out", tmp_path / "history.json"), BAD_INPUT)
    assert done.stderr.startswith(f"error: {folder / 'middle.json'}: ")
    assert done.stdout.startswith(f"left out: {min(NEVER_LIVE)[:9]} never was on the page\n4 revisions, ")
    assert [event.commit for event in read_history(tmp_path / "history.json").events] == [A, B, C, D]


def test_the_command_never_writes_an_empty_history_over_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    out = put(tmp_path / "history.json", history_json(history_of(*STORY.values())))
    done = run("backfill", tmp_path / "empty", "--out", out)
    assert done.returncode != DONE
    assert len(read_history(out).events) == 4


# ---------------------------------------------------------------- python -m publish changelog


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def test_the_changelog_tells_the_newest_day_first_and_keeps_what_is_missing_for_the_whole_hold() -> None:
    history = history_of(*STORY.values())
    told = {
        day: changelog(announced(history, today=MAY.date() + dt.timedelta(days=day)).changes)
        for day in (0, 10, 20, 33, 34, 900)
    }
    assert headings(told[0]) == ["2024-05-01"]
    assert headings(told[10]) == ["2024-05-03", "2024-05-01"]
    assert headings(told[20]) == ["2024-05-21", "2024-05-03", "2024-05-01"]
    assert told[33] == told[20]
    assert headings(told[34]) == ["2024-06-04", *headings(told[20])]
    assert told[900] == told[34]
    assert "- **removed** (relaxing) `two.contoso.com` TCP 443 (HTTPS), required\n" in told[34]
    assert "missing from the page since 2024-05-21; keep it: it is told as removed on 2024-06-04" in told[20]


def test_the_changelog_of_a_day_before_the_first_revision_tells_nothing() -> None:
    assert changelog(announced(base.HISTORY, today=dt.date(2019, 4, 2)).changes) == f"{HEAD}Nothing was told.\n"


@pytest.mark.shipped
def test_the_shipped_changelog_is_that_of_the_shipped_history() -> None:
    shipped = (ROOT / "catalog" / "CHANGELOG.md").read_text(encoding="utf-8")
    known = load_history()
    assert shipped == changelog(announced(known, today=known.versions[-1].day).changes)


def test_the_command_writes_the_changelog_of_a_day_and_the_same_twice(tmp_path: Path) -> None:
    history = put(tmp_path / "history.json", history_json(history_of(*STORY.values())))
    out = tmp_path / "CHANGELOG.md"
    done = ends(run("changelog", "--history", history, "--out", out, "--today", "2024-05-21"), DONE)
    assert done.stdout == f"wrote {out}\n"
    once = out.read_bytes()
    ends(run("changelog", "--history", history, "--out", out, "--today", "2024-05-21"), DONE)
    assert (
        once
        == out.read_bytes()
        == changelog(announced(history_of(*STORY.values()), today=dt.date(2024, 5, 21)).changes).encode()
    )


@pytest.mark.shipped
@pytest.mark.parametrize("day", ["yesterday", "2024-02-30"])
def test_a_day_that_is_none_is_refused_with_the_form_and_nothing_is_written(tmp_path: Path, day: str) -> None:
    done = ends(run("changelog", "--out", tmp_path / "CHANGELOG.md", "--today", day), USAGE)
    assert done.stderr == f"error: '{day}' is not a date; write it as 2024-06-01\n"
    assert not list(tmp_path.iterdir())


def test_a_history_that_does_not_hang_together_is_refused_with_its_name(tmp_path: Path) -> None:
    text = history_json(history_of(*STORY.values()))
    broken = put(tmp_path / "history.json", text.replace(f'"commit":"{B}"', f'"commit":"{B}","previous":"{C}"'))
    done = ends(run("changelog", "--history", broken, "--out", tmp_path / "CHANGELOG.md"), BAD_INPUT)
    assert "does not follow the commit before it" in done.stderr
    assert str(broken) in done.stderr
    assert not (tmp_path / "CHANGELOG.md").exists()


# ---------------------------------------------------------------- python -m publish alerts


def shown(catalogs: Iterable[Catalog], since: dt.date | None = None) -> list[tuple[str, bool, str]]:
    found = revision_alerts(history_of(*catalogs), since=since)
    return [(found.event.commit, found.notify, found.reason) for found in found]


def test_every_revision_but_the_first_is_judged_with_a_reason() -> None:
    assert shown(STORY.values()) == [
        (B, False, "the same facts"),
        (C, True, "1 changed breaking"),
        (D, True, "1 added breaking, 1 removed relaxing"),
    ]


def test_a_revision_that_only_moves_or_informs_alerts_nobody() -> None:
    informs = one("prose.contoso.com", level=Level.INFORMATIONAL)
    assert shown([revision(A, days(0), ONE), revision(B, days(1), ONE, informs)]) == [
        (B, False, "1 added informational")
    ]


def test_judging_from_a_day_on_takes_that_day_in() -> None:
    assert [commit for commit, _, _ in shown(STORY.values(), days(2).date())] == [C, D]
    assert shown(STORY.values(), days(21).date()) == []
    assert shown([]) == []


def test_the_command_prints_each_commit_and_what_share_was_worth_an_alert(tmp_path: Path) -> None:
    history = put(tmp_path / "history.json", history_json(history_of(*STORY.values())))
    lines = ends(run("alerts", "--history", history), DONE).stdout.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["date", "commit", "alert", "what", "it", "did", "to", "the", "rules"],
        ["2024-05-02", B[:9], "the", "same", "facts"],
        ["2024-05-03", C[:9], "yes", "1", "changed", "breaking"],
        ["2024-05-21", D[:9], "yes", "1", "added", "breaking,", "1", "removed", "relaxing"],
    ]
    assert lines[4:] == [
        "a watcher of the file alerts on 3 of 3 commits (100 %),",
        "this project on 2 (67 %)",
    ]


def test_the_command_prints_one_line_a_commit_in_a_pipe_too() -> None:
    history = base.catalog_file().with_name("history.json")
    lines = ends(run("alerts", "--history", history, "--since", "2023-03-09"), DONE).stdout.splitlines()
    dated = [line for line in lines if re.match(r"\d{4}-\d\d-\d\d  [0-9a-f]{9}  ", line)]
    assert len(dated) == 78
    assert len(lines) == 1 + 78 + 2


@pytest.mark.shipped
def test_a_first_day_that_is_none_is_refused_and_one_after_the_last_revision_shows_none() -> None:
    done = ends(run("alerts", "--since", "09.03.2023"), USAGE)
    assert done.stderr == "error: '09.03.2023' is not a date; write it as 2024-06-01\n"
    assert len(ends(run("alerts", "--since", "2099-01-01"), DONE).stdout.splitlines()) == 1
