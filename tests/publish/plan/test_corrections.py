"""The morning after a wrong release: the same page, read rightly, corrects what was published."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.model import Origin
from publish.config import read_config
from publish.github.markdown import pull_request_body, title
from publish.plan.check import GateVerdict
from publish.plan.proposal import DATA_FOLDER, Proposal, propose
from publish.plan.released import FOLDER, Published, Released, read_released
from tests import base
from tests.publish.live import Edit, add_row, after, build_live, check_out, proposed, read_live

ROOT: Final = Path(__file__).parents[3]
COMMIT: Final = "c" * 40
WRONG: Final = Edit(commit=COMMIT, updated="2026-08-01T10:00:00Z", change=lambda html: add_row(html, "mrc.example.com"))
RIGHT: Final = Edit(commit=COMMIT, updated="2026-08-01T10:00:00Z", change=lambda html: add_row(html, "mcr.example.com"))
DAY: Final = dt.date(2026, 8, 3)


@pytest.fixture
def before(tmp_path: Path) -> Published:
    return check_out(tmp_path / "checkout", base.files())


@pytest.fixture
def wrong(before: Published, tmp_path: Path) -> Proposal:
    """What was released on the first: a host with two letters swapped by the reader."""
    return proposed(before, tmp_path, WRONG, today=dt.date(2026, 8, 1))


def corrected(published: Published, folder: Path, released: Released | None = None, why: str = "letters") -> Proposal:
    reading = read_live(folder / "right", RIGHT)
    return propose(published, reading, config=read_config(), today=DAY, released=released, why=why)


def released_as(wrong: Proposal) -> Released:
    published = after(wrong)
    return Released(versions=frozenset({wrong.version}), catalog=published.catalog, history=published.history)


def told(proposal: Proposal) -> list[tuple[str, str, str, str]]:
    return [
        (str(one.date), str(one.kind), one.rule.id.split("/")[-1], one.corrects)
        for one in proposal.changes.changes
        if one.rule and not one.locale
    ]


SAID: Final = [
    ("2026-08-03", "changed", "mcr.example.com:tcp-443", "letters"),
]
ADDED_AND_REMOVED: Final = [
    ("2026-08-03", "added", "mcr.example.com:tcp-443", "letters"),
    ("2026-08-03", "removed", "mrc.example.com:tcp-443", "letters"),
]


def test_a_mended_reader_on_the_same_commit_gives_a_correction_that_a_person_must_merge(
    wrong: Proposal, tmp_path: Path
) -> None:
    found = corrected(after(wrong), tmp_path)
    assert (wrong.version, found.version, found.last, found.corrects) == (
        "2026.8.1", "2026.8.1.1", "2026.8.1", "letters",
    )  # fmt: skip
    assert told(found) in (SAID, ADDED_AND_REMOVED)
    assert found.due
    assert found.gate.verdict is GateVerdict.HOLD
    assert title(found).startswith("Correction 2026.8.1.1 of 2026.8.1: ")
    body = pull_request_body(found, read_live(tmp_path / "right", RIGHT).report)
    assert body.startswith("## What we published as 2026.8.1 was wrong")
    assert "letters" in found.files["catalog/CHANGELOG.md"]


def test_once_it_is_merged_there_is_nothing_more_to_correct(wrong: Proposal, tmp_path: Path) -> None:
    merged = after(corrected(after(wrong), tmp_path))
    assert "mrc" not in str([rule.id for rule in merged.catalog.rules])  # removed at once: no firewall should keep it
    again = corrected(merged, tmp_path)
    assert not again.due
    assert again.corrects == ""


def test_a_revert_on_main_forgets_no_release_and_tells_everybody(
    before: Published, wrong: Proposal, tmp_path: Path
) -> None:
    found = corrected(before, tmp_path, released_as(wrong))
    assert found.version == "2026.8.1.1"
    assert told(found) in (SAID, ADDED_AND_REMOVED)
    lost = next(check for check in found.gate.checks if check.name == "nothing released is lost")
    assert lost.verdict is GateVerdict.HOLD
    assert lost.found == ("2026.8.1 was released, and this checkout does not know it",)
    assert [one.version for one in after(found).history.releases] == ["2026.8.1", "2026.8.1.1"]


def test_a_version_that_only_the_index_knows_is_not_used_again(before: Published, tmp_path: Path) -> None:
    taken = Released(versions=frozenset({"2026.8.1", "2026.8.1.4"}))
    reading = read_live(tmp_path, WRONG)
    found = propose(before, reading, config=read_config(), today=DAY, released=taken)
    assert found.version == "2026.8.1.5"


def test_the_first_reading_of_live_pages_is_released_even_where_nothing_differs(
    before: Published, tmp_path: Path
) -> None:
    page = before.catalog.authority
    assert page
    assert page.updated
    reading = read_live(tmp_path, Edit(commit=page.commit, updated=page.updated.strftime("%Y-%m-%dT%H:%M:%SZ")))
    embedded = replace(before, catalog=replace(before.catalog, origin=Origin.SNAPSHOT))
    assert not propose(before, reading, config=read_config(), today=DAY).due
    first = propose(embedded, reading, config=read_config(), today=DAY)
    assert first.due
    assert first.version == before.catalog.version


def run(*arguments: str, root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publish", *arguments, "--root", str(root), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_correct_prepares_it_all_in_a_checkout_and_says_what_comes_next(wrong: Proposal, tmp_path: Path) -> None:
    root = tmp_path / "wrong"
    check_out(root, base.files() | wrong.files)
    out = build_live(tmp_path / "right", RIGHT)
    done = run("correct", "--why", "two letters were swapped", "--today", str(DAY), root=root, out=out)
    assert done.returncode == 0, done.stderr
    assert "2026.8.1.1 corrects 2026.8.1" in done.stdout
    assert "Yank 2026.8.1 on the index" in done.stdout
    assert '"version": "2026.8.1.1"' in (root / DATA_FOLDER / "catalog.json").read_text(encoding="utf-8")
    assert "two letters were swapped" in (root / "catalog" / "CHANGELOG.md").read_text(encoding="utf-8")
    again = run("correct", "--why", "again", "--today", str(DAY), root=root, out=out)
    assert again.returncode == 2
    assert "nothing to correct" in again.stderr


def test_what_was_never_asked_for_is_nothing_and_a_broken_file_is_named(tmp_path: Path) -> None:
    assert read_released(tmp_path) == Released()
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "versions.json").write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match=r"versions\.json"):
        read_released(tmp_path)
