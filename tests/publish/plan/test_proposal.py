"""From what was read today to what would be published: version, hold, files; and twice the same is the same."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.model import Feature, Status
from publish.config import PublishConfigError, read_config
from publish.github.markdown import pull_request_body, release_notes, title
from publish.plan.check import GateVerdict
from publish.plan.proposal import CHANGELOG, DATA_FOLDER, next_version, propose
from publish.plan.proposal_files import read_proposal, write_proposal
from publish.plan.released import Published
from scraper.language.reviewed import Day
from tests import base
from tests.publish.live import Edit, add_row, after, build_live, check_out, drop_row, proposed, read_live
from tests.scraper.reviewing import entry

ROOT: Final = Path(__file__).parents[3]
CONFIG: Final = read_config()
AUGUST: Final = dt.date(2026, 8, 1)
HOST: Final = "new.mcr.microsoft.com"
ADDED: Final = f"AzureCloud/core/{HOST}:tcp-443"
GPU: Final = "GPU enabled AKS clusters required FQDN / application rules</h2>"
ENDS: Final = "\n<p>Older drivers go away on May 1, 2027.</p>"
LAST_DAY: Final = entry(days=(Day(date=dt.date(2027, 5, 1), feature=Feature.GPU),))
ENDING: Final = Edit(
    change=lambda html: html.replace(GPU, GPU + ENDS), said={"Older drivers go away on May 1, 2027.": LAST_DAY}
)
GONE: Final = "AzureCloud/core/packages.aks.azure.com:tcp-443"


@pytest.fixture
def state(tmp_path: Path) -> Published:
    return check_out(tmp_path / "checkout", base.files())


def test_a_new_host_is_due_at_once_and_stands_in_catalog_history_and_changelog(
    state: Published, tmp_path: Path
) -> None:
    proposal = proposed(state, tmp_path, Edit(change=lambda html: add_row(html, HOST)))
    assert proposal.due
    assert proposal.version == "2026.8.1"
    assert proposal.changes.notify
    assert [rule.id for rule in after(proposal).catalog.rules if HOST in rule.id] == [ADDED]
    assert [rule.id for rule in after(proposal).history.events[-1].added] == [ADDED]
    assert proposal.files[CHANGELOG].index(HOST) < proposal.files[CHANGELOG].index("*.cloud.defender.microsoft.com")


def test_the_same_pages_give_the_same_bytes(state: Published, tmp_path: Path) -> None:
    edit = Edit(change=lambda html: add_row(html, HOST))
    assert proposed(state, tmp_path / "a", edit) == proposed(state, tmp_path / "b", edit)


def test_new_words_alone_are_not_due(state: Published, tmp_path: Path) -> None:
    edit = Edit(change=lambda html: html.replace("Drivers of GPU nodes", "Drivers for GPU nodes"))
    proposal = proposed(state, tmp_path, edit)
    assert proposal.changes.summary["text"] > 0
    assert not proposal.changes.notify
    assert not proposal.due
    assert propose(
        state,
        read_live(tmp_path, edit),
        config=replace(CONFIG, release=replace(CONFIG.release, text_only=True)),
        today=AUGUST,
    ).due


def test_a_day_that_the_article_newly_names_is_due_and_asks_nothing_of_anybody(
    state: Published, tmp_path: Path
) -> None:
    proposal = proposed(state, tmp_path, ENDING)
    assert proposal.due
    assert not proposal.changes.notify
    assert [(change.kind, change.severity) for change in proposal.changes.changes] == [("date", "informational")]
    assert title(proposal) == "Data 2026.8.1: 1 date"
    report = read_live(tmp_path, Edit()).report
    heading = "#gpu-enabled-aks-clusters-required-fqdn--application-rules"
    body = pull_request_body(proposal, report)
    assert f"  - `the article names a day: 2027-05-01, every cloud / gpu, told under {heading}`" in body
    assert "### every cloud / gpu" in body
    released = after(proposal)
    notes = release_notes(released.catalog, proposal.changes)
    assert f"- 2027-05-01, every cloud / gpu, told under `{heading}`" in notes
    assert {"2027-05-01"} == {str(one.date) for one in released.history.events[-1].dates} - {
        str(one.date) for one in state.catalog.dates
    }
    assert not proposed(released, tmp_path, ENDING).due

    gone = proposed(released, tmp_path, Edit(commit="c" * 40, updated="2026-08-02T10:00:00Z"))
    assert gone.due
    assert "`the article no longer names 2027-05-01, every cloud / gpu`" in pull_request_body(gone, report)


def test_a_named_day_that_only_changes_its_place_is_not_due(state: Published, tmp_path: Path) -> None:
    heading = "microsoft-defender-for-containers"
    edit = Edit(change=lambda html: html.replace(f'id="{heading}"', f'id="{heading}-1"'))
    proposal = proposed(state, tmp_path, edit)
    assert {one.heading for one in after(proposal).catalog.dates} >= {f"{heading}-1"}
    assert not proposal.due


def test_a_rule_that_leaves_the_page_is_held_and_removed_only_after_the_hold(state: Published, tmp_path: Path) -> None:
    edit = Edit(change=lambda html: drop_row(html, "packages.aks.azure.com"))
    first = proposed(state, tmp_path, edit)
    held = next(rule for rule in after(first).catalog.rules if rule.id == GONE)
    assert (held.lifecycle.status, held.lifecycle.until) == (Status.MISSING, dt.date(2026, 8, 15))
    assert first.due
    assert not first.changes.notify
    assert GONE in after(first).texts["de-de"]

    merged = after(first)
    again = proposed(merged, tmp_path, edit, today=dt.date(2026, 8, 14))
    assert not again.due

    last = proposed(merged, tmp_path, edit, today=dt.date(2026, 8, 15))
    assert last.due
    assert last.version == "2026.8.1.1"
    assert last.changes.summary["removed"] == 1
    assert last.changes.notify
    assert GONE not in {rule.id for rule in after(last).catalog.rules}


def test_a_clock_that_is_behind_loses_no_hold(state: Published, tmp_path: Path) -> None:
    edit = Edit(change=lambda html: drop_row(html, "packages.aks.azure.com"))
    proposal = proposed(state, tmp_path, edit, today=dt.date(2026, 7, 1))
    assert GONE in {rule.id for rule in after(proposal).catalog.rules}
    assert proposal.gate.verdict is GateVerdict.REFUSE


def test_a_rule_that_comes_back_within_the_hold_notifies_nobody(state: Published, tmp_path: Path) -> None:
    gone = proposed(state, tmp_path / "a", Edit(change=lambda html: drop_row(html, "packages.aks.azure.com")))
    back = Edit(commit="b" * 40, updated="2026-08-05T10:00:00Z")
    proposal = proposed(after(gone), tmp_path / "b", back, today=dt.date(2026, 8, 5))
    assert not proposal.changes.notify
    assert {rule.lifecycle.status for rule in after(proposal).catalog.rules} == {Status.ACTIVE}


def test_the_last_good_text_of_a_locale_that_is_gone_is_kept(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, Edit(change=lambda html: add_row(html, HOST)))
    assert proposal.files[f"{DATA_FOLDER}/texts/ja-jp.json"] == base.files()[f"{DATA_FOLDER}/texts/ja-jp.json"]


def test_the_digest_follows_what_is_asked_for_and_nothing_else(state: Published, tmp_path: Path) -> None:
    one = proposed(state, tmp_path / "a", Edit(change=lambda html: add_row(html, HOST)))
    reworded = Edit(commit="b" * 40, change=lambda html: add_row(html, HOST, use="Needed by all."))
    other = proposed(state, tmp_path / "c", Edit(change=lambda html: add_row(html, f"x.{HOST}")))
    assert one.facts == proposed(state, tmp_path / "b", reworded).facts
    assert one.facts != other.facts


def test_a_proposal_is_read_back_as_it_was_written(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, Edit(change=lambda html: add_row(html, HOST)))
    write_proposal(proposal, tmp_path)
    assert read_proposal(tmp_path) == proposal


@pytest.mark.parametrize(
    ("taken", "day", "version"),
    [
        (["2026.7.2"], dt.date(2026, 7, 3), "2026.7.3"),
        (["2026.7.2"], dt.date(2026, 7, 2), "2026.7.2.1"),
        (["2026.7.2", "2026.7.2.9", "2026.7.2.10"], dt.date(2026, 7, 2), "2026.7.2.11"),
        (["2026.7.2.3"], dt.date(2026, 7, 2), "2026.7.2.4"),
        (["2026.7.20", "2026.7.21.5"], dt.date(2026, 7, 2), "2026.7.2"),
        ([], dt.date(2026, 7, 2), "2026.7.2"),
    ],
)
def test_a_version_that_was_used_in_any_place_is_never_used_again(taken: list[str], day: dt.date, version: str) -> None:
    assert next_version(day, taken=taken) == version


# ---------------------------------------------------------------- the command


def plan(out: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Plan what was built into a folder, after the checkout of :mod:`tests.base`."""
    root = out / "checkout"
    check_out(root, base.files())
    command = [sys.executable, "-m", "publish", "plan", "--root", str(root), "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_plan_prints_every_check_and_writes_the_files_of_the_next_stage(tmp_path: Path) -> None:
    out = build_live(tmp_path, Edit(change=lambda html: add_row(html, HOST)))
    done = plan(out, "--today", "2026-08-01")
    assert "verdict: publish" in done.stdout
    assert "2026.8.1: 1 added" in done.stdout
    assert json.loads((out / "changes.json").read_text(encoding="utf-8"))["summary"]["added"] == 1
    assert (out / "proposal" / DATA_FOLDER / "history.json").is_file()


def test_plan_as_json_and_in_the_step_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = build_live(
        tmp_path, Edit(change=lambda html: add_row(html, "<!--@team-->.evil.example".replace("<!--@team-->", "a")))
    )
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    gate = json.loads(plan(out, "--format", "json", code=4).stdout)
    assert gate["verdict"] == "hold for review"
    assert {"name", "verdict", "figure", "reason", "found"} == gate["checks"][0].keys()
    assert "**`evil.example`**" in summary.read_text(encoding="utf-8")


def test_plan_of_a_page_that_could_not_be_read_names_the_cell(tmp_path: Path) -> None:
    out = build_live(
        tmp_path, Edit(change=lambda html: html.replace("<code>HTTPS:443</code>", "<code>HTTPS:44x</code>", 1))
    )
    assert "row[" in plan(out, code=3).stderr


def test_plan_without_a_build_says_what_is_missing(tmp_path: Path) -> None:
    assert "report.json" in plan(tmp_path, code=3).stderr


@pytest.mark.parametrize("damage", ["{", '{"rules": []}', '{"rules": [{"port": "443"}]}'])
def test_plan_of_a_catalog_that_is_none_names_the_place(tmp_path: Path, damage: str) -> None:
    out = build_live(tmp_path, Edit())
    (out / "catalog.json").write_text(damage, encoding="utf-8")
    assert "catalog.json" in plan(out, code=3).stderr
    assert not (out / "proposal.json").exists()


def test_the_embedded_pages_are_refused(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "scraper", "build", "--out", str(tmp_path)], check=True, cwd=ROOT, capture_output=True
    )
    assert "are never published" in plan(tmp_path, code=4).stdout


# ---------------------------------------------------------------- the configuration


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("days = 14", "days = 'two weeks'"), "hold.days"),
        (("days = 14", "days = -1"), "negative"),
        (("largest_drop = 0.2", "largest_drop = 2.0"), "largest_drop"),
        (('branch = "catalog-update"', 'branch = "main"'), "branch"),
        (("[issue]", "[issues]"), "issues"),
        (("[issue]", "[[issue"), "TOML"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    file = tmp_path / "publish.toml"
    text = (ROOT / "publish" / "publish.toml").read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(PublishConfigError, match=named):
        read_config(file)
