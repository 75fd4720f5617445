"""The table of reviewed sentences: what is in it, and what is wrong with one that cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from scraper.build import REVIEWED_FILE, shipped_reviewed
from scraper.language.reviewed import ReviewedError, read_reviewed, reviewed_json, sentences
from scraper.page.marks import CODE_EDGE, UNREADABLE

ONE: Final = {"digest": "a" * 24, "since": "2026-07-02", "beside": ["*/core"]}
MEANT: Final = ONE | {"conditions": ["not-if:private-cluster"], "gist": "private clusters do without it"}


def table(*entries: dict[str, Any]) -> str:
    return json.dumps(entries)


# ---------------------------------------------------------------- what a sentence is known by


def digests(text: str) -> list[str]:
    return [sentence.digest for sentence in sentences(text)]


def test_case_blanks_and_code_marks_do_not_count() -> None:
    assert digests(f"For  the\n{CODE_EDGE}agent{CODE_EDGE}.") == digests("for the AGENT.")


@pytest.mark.parametrize("other", ["For an agent.", "For the agent", "For the agent!", f"For the {UNREADABLE} agent."])
def test_a_word_a_mark_or_a_picture_counts(other: str) -> None:
    assert digests("For the agent.") != digests(other)


def test_the_sentence_before_counts() -> None:
    alone, behind = digests("It isn't needed."), digests("Private clusters differ. It isn't needed.")
    assert alone[0] != behind[1]


def test_what_is_no_end_of_a_sentence_does_not_cut_it() -> None:
    assert [one.text for one in sentences("Version 1.2 of a.b.com, e.g. this. And that.")] == [
        "Version 1.2 of a.b.com, e.g. this.",
        "And that.",
    ]


# ---------------------------------------------------------------- the shipped table


def test_the_shipped_table_is_read_as_it_is_written() -> None:
    assert read_reviewed(reviewed_json(shipped_reviewed().entries.values())) == shipped_reviewed()


def test_an_entry_is_one_line_and_the_lines_are_sorted() -> None:
    lines = REVIEWED_FILE.read_text(encoding="utf-8").splitlines()[1:-1]
    assert len(lines) == len(shipped_reviewed().entries)
    assert lines == sorted(lines)


def test_no_entry_of_the_shipped_table_is_undecided() -> None:
    assert [entry.digest for entry in shipped_reviewed().entries.values() if entry.undecided] == []


# ---------------------------------------------------------------- a table that cannot be used

BAD: Final = {
    "no table": ("no", "Invalid JSON"),
    "two entries of one sentence": (table(ONE, ONE), f"two entries of {'a' * 24}"),
    "an unknown condition": (table(MEANT | {"conditions": ["not-if:rain"]}), "conditions.0"),
    "an unknown effect": (table(MEANT | {"conditions": ["unless:private-cluster"]}), "conditions.0"),
    "an unknown key": (table(ONE | {"note": "x"}), "note"),
    "a digest that is none": (table(ONE | {"digest": "x"}), "no digest"),
    "a day that is none": (table(ONE | {"since": "2026-02-30"}), "since"),
    "no place": (table({key: ONE[key] for key in ("digest", "since")}), "each place once"),
    "a place twice": (table(ONE | {"ignored": ["*/core"]}), "each place once"),
    "a meaning without a gist": (table({key: MEANT[key] for key in MEANT if key != "gist"}), "gist"),
    "a gist without a meaning": (table(ONE | {"gist": "x"}), "gist"),
}


@pytest.mark.parametrize(("text", "fault"), BAD.values(), ids=BAD)
def test_a_table_that_cannot_be_used_is_refused_with_its_entry(text: str, fault: str) -> None:
    with pytest.raises(ReviewedError, match=r"reviewed\.json") as refused:
        read_reviewed(text)
    assert fault in str(refused.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ReviewedError) as refused:
        read_reviewed(table(ONE | {"note": "x"}, MEANT | {"conditions": ["not-if:rain"]}))
    assert "entry 1" in str(refused.value)
    assert "entry 2" in str(refused.value)


def test_the_command_ends_with_3_and_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "reviewed.json"
    bad.write_text(table(ONE, ONE), encoding="utf-8")
    command = [sys.executable, "-m", "scraper", "build", "--reviewed", str(bad), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr == f"error: reviewed.json has two entries of {'a' * 24}; keep one of each\n"
