"""``python -m scraper review``: new sentences become lines to read, and entries that no page has are told."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from scraper.build import REVIEWED_FILE
from tests.scraper.changing import GLOBAL_NETWORK, GPU, append, within

NTP: Final = "This isn't required for nodes provisioned after March 2021."


def run(folder: Path, html: str, entries: list[dict[str, Any]]) -> tuple[str, str, list[dict[str, Any]]]:
    """Review one page beside the embedded one; give what was printed and the entries that are new or other."""
    pages, table = folder / "pages", folder / "reviewed.json"
    pages.mkdir()
    (pages / "en-us.html").write_text(html, encoding="utf-8")
    table.write_text(json.dumps(entries), encoding="utf-8")
    command = [sys.executable, "-m", "scraper", "review", "--pages", str(pages), "--reviewed", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(table.read_text(encoding="utf-8"))
    return done.stdout, done.stderr, [entry for entry in found if entry not in entries]


def shipped() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(REVIEWED_FILE.read_text(encoding="utf-8"))
    return entries


def test_a_new_sentence_is_proposed_as_nothing_with_the_day_of_its_page(tmp_path: Path) -> None:
    printed, _, new = run(tmp_path, append(GPU, "<p>Mind the cost.</p>"), shipped())
    assert f"en-us#{GPU}: nobody has reviewed 'Mind the cost.' beside */gpu" in printed
    assert "1 new sentences, 0 undecided" in printed
    (entry,) = new
    assert entry == {"digest": entry["digest"], "since": "2026-07-02", "beside": ["*/gpu"]}


@pytest.mark.shipped
def test_a_new_sentence_in_place_of_one_that_meant_something_is_undecided(tmp_path: Path) -> None:
    printed, _, new = run(tmp_path, within(GLOBAL_NETWORK, NTP, "New nodes do without."), shipped())
    assert "what meant something there: nodes made since April 2021 do without this rule" in printed
    assert [(entry.get("beside"), entry["undecided"]) for entry in new] == [(None, ["AzureCloud/core/any:udp-123"])]


def test_a_sentence_that_means_something_elsewhere_is_undecided_here(tmp_path: Path) -> None:
    html = append(GPU, "<p>If you're using custom DNS servers, the nodes have to reach them here.</p>")
    _, _, (entry,) = run(tmp_path, html, shipped())
    assert entry["undecided"] == ["*/gpu"]
    assert entry["conditions"] == ["only-if:custom-dns"]


def test_an_entry_that_no_page_has_is_told_with_its_age(tmp_path: Path) -> None:
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=40)
    stray = {"digest": "f" * 24, "since": str(day), "beside": ["*/core"]}
    html = append(GPU, "<p>Note</p>")
    _, warned, _ = run(tmp_path, html, [*shipped(), stray])
    assert f"warning: no page has {'f' * 24} (nothing), of {day}, 40 days old\n" in warned
