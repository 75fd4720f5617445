"""New sentences in the pull request: each quoted, with what it is proposed to mean, and held where that is in doubt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from markdown_it import MarkdownIt

from aks_egress_catalog.errors import CatalogError
from publish.config import read_config
from publish.github.markdown import pull_request_body, title
from publish.plan.check import GateVerdict
from publish.plan.proposal import DATA_FOLDER, Proposal, propose
from publish.plan.proposal_files import published_files, read_proposal, read_todays_reading, write_proposal
from publish.plan.released import Published
from publish.plan.report import ReportedFinding
from publish.plan.sentences import EMPTY, REVIEWED, propose_sentences
from scraper.build import shipped_reviewed
from scraper.language.reviewed import read_reviewed
from tests import base
from tests.publish.live import AUGUST, Edit, add_row, build_live, check_out

ROOT: Final = Path(__file__).parents[3]
TABLE: Final = (ROOT / REVIEWED).read_text(encoding="utf-8")
GPU: Final = '<h2 id="gpu-enabled-aks-clusters-required-fqdn--application-rules">'
NTP: Final = "This isn't required for nodes provisioned after March 2021."
DIGEST: Final = "d" * 24
NEAREST: Final = "e" * 24
HERE: Final = "AzureCloud/core/any:udp-123"


@pytest.fixture
def state(tmp_path: Path) -> Published:
    return check_out(tmp_path / "checkout", base.files() | {REVIEWED: TABLE})


def proposed(state: Published, folder: Path, old: str, new: str, *, rows: bool = False) -> Proposal:
    """What would be published of a page with other words, read with the table that is shipped."""

    def change(html: str) -> str:
        assert old in html
        changed = html.replace(old, new, 1)
        return add_row(changed, "new.mcr.microsoft.com") if rows else changed

    out = build_live(folder, Edit(change=change), known=state.catalog, table=shipped_reviewed())
    return propose(state, read_todays_reading(out), config=read_config(), today=AUGUST)


def new_entries(proposal: Proposal) -> list[dict[str, object]]:
    known = json.loads(TABLE)
    read_reviewed(proposal.files[REVIEWED])
    return [entry for entry in json.loads(proposal.files[REVIEWED]) if entry not in known]


# ---------------------------------------------------------------- what is proposed


def test_a_page_without_a_new_sentence_proposes_none(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, "<main", "<main")
    assert (proposal.due, proposal.sentences, REVIEWED in proposal.files) == (False, (), False)


def test_a_new_sentence_alone_is_worth_a_pull_request_and_no_release(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, GPU, f"<p>Mind the cost.</p>{GPU}")
    assert proposal.due
    assert set(proposal.files) == {REVIEWED}
    assert proposal.changes.changes == ()
    assert title(proposal) == "New sentences to review: 1"
    (entry,) = new_entries(proposal)
    assert (entry["since"], entry["beside"]) == ("2026-08-01", ["*/os-updates"])
    assert proposal.gate.verdict is GateVerdict.HOLD


def test_beside_other_facts_the_table_is_one_more_file(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, GPU, f"<p>Mind the cost.</p>{GPU}", rows=True)
    assert {REVIEWED, f"{DATA_FOLDER}/catalog.json"} <= set(proposal.files)
    assert title(proposal).startswith("Data 2026.8.1: 1 added")
    assert len(new_entries(proposal)) == 2


def test_merged_it_is_proposed_no_more(state: Published, tmp_path: Path) -> None:
    first = proposed(state, tmp_path / "a", GPU, f"<p>Mind the cost.</p>{GPU}")
    again = proposed(replace(state, reviewed=first.files[REVIEWED]), tmp_path / "b", GPU, f"<p>Mind the cost.</p>{GPU}")
    assert not again.due


def test_words_in_place_of_a_condition_are_undecided_and_held(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, NTP, "New nodes do without.")
    (entry,) = new_entries(proposal)
    assert (entry.get("beside"), entry["undecided"]) == (None, [HERE])
    check = next(check for check in proposal.gate.checks if check.name == "sentences decided")
    assert (check.verdict, check.figure) == (GateVerdict.HOLD, "1 undecided")
    assert "New nodes do without." in check.found[0]


def test_another_sentence_is_another_proposal(state: Published, tmp_path: Path) -> None:
    one = proposed(state, tmp_path / "a", GPU, f"<p>Mind the cost.</p>{GPU}")
    other = proposed(state, tmp_path / "b", GPU, f"<p>Mind the gap.</p>{GPU}")
    none = proposed(state, tmp_path / "c", "<main", "<main")
    assert len({one.facts, other.facts, none.facts}) == 3


def test_a_proposal_is_read_as_it_was_written(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, GPU, f"<p>Mind the cost.</p>{GPU}")
    write_proposal(proposal, tmp_path)
    assert read_proposal(tmp_path) == proposal


def test_the_table_of_the_checkout_is_among_what_a_proposal_was_made_from() -> None:
    assert REVIEWED in published_files(ROOT)


# ---------------------------------------------------------------- the three rules


def finding(**changed: object) -> ReportedFinding:
    fields = {"severity": "hold", "code": "unreviewed-sentence", "at": "en-us#x", "message": "m", "sentence": "It is."}
    return ReportedFinding(**(fields | {"digest": DIGEST, "rules": (HERE,)} | changed))  # type: ignore[arg-type]


def entry(digest: str = DIGEST, **more: Any) -> dict[str, Any]:
    return {"digest": digest, "since": "2020-01-01", "beside": ["*/gpu"]} | more


MEANT: Final[dict[str, Any]] = {"conditions": ["only-if:custom-dns"], "gist": "own DNS only"}


def test_a_sentence_that_means_nothing_elsewhere_means_nothing_here() -> None:
    table, (new,) = propose_sentences(json.dumps([entry()]), [finding()], since="2026-08-01")
    assert json.loads(table) == [entry(beside=["*/gpu", HERE])]
    assert not new.undecided


def test_a_sentence_that_means_something_elsewhere_is_undecided_here() -> None:
    table, (new,) = propose_sentences(json.dumps([entry(**MEANT)]), [finding()], since="2026-08-01")
    assert json.loads(table) == [entry(**MEANT, undecided=[HERE])]
    assert (new.undecided, new.nearest) == (True, "own DNS only")


def test_a_sentence_in_place_of_another_says_what_that_meant() -> None:
    table, (new,) = propose_sentences(
        json.dumps([entry(NEAREST, **MEANT)]), [finding(nearest=NEAREST)], since="2026-08-01"
    )
    assert json.loads(table)[0] == {"digest": DIGEST, "since": "2026-08-01", "undecided": [HERE]}
    assert (new.undecided, new.nearest) == (True, "own DNS only")


def test_one_sentence_in_two_places_is_one_entry() -> None:
    table, found = propose_sentences(EMPTY, [finding(), finding(rules=("*/gpu",))], since="2026-08-01")
    assert [one["beside"] for one in json.loads(table)] == [["*/gpu", HERE]]
    assert len(found) == 2


def test_what_is_undecided_already_stays_so_and_changes_nothing() -> None:
    table = json.dumps([{"digest": DIGEST, "since": "2020-01-01", "undecided": [HERE]}])
    again, (new,) = propose_sentences(table, [finding()], since="2026-08-01")
    assert (again, new.undecided) == (table, True)


@pytest.mark.parametrize("table", ["no", "1", "[1]", '[{"since": "2020-01-01"}]'])
def test_a_table_that_cannot_be_read_is_an_error(table: str) -> None:
    with pytest.raises(CatalogError, match="not a table of sentences"):
        propose_sentences(table, [finding()], since="2026-08-01")


# ---------------------------------------------------------------- in the body

HOSTILE: Final = ["`</code><script>evil()</script>`", "[evil](https://evil.example)", "@evil #1", "<!-- evil -->"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_is_quoted_and_nothing_of_it_is_live(state: Published, tmp_path: Path, text: str) -> None:
    quoted = text.replace("&", "&amp;").replace("<", "&lt;")
    proposal = proposed(state, tmp_path, GPU, f"<p>Mind {quoted} the cost.</p>{GPU}")
    body = pull_request_body(proposal, read_todays_reading(tmp_path / "build").report)
    tokens = [part for token in MarkdownIt("commonmark").parse(body) for part in token.children or []]
    assert any("evil" in part.content for part in tokens if part.type == "code_inline")
    assert not [part for part in tokens if part.type in ("html_inline", "text") and "evil" in part.content]


def test_the_body_names_place_rules_digest_and_what_is_proposed(state: Published, tmp_path: Path) -> None:
    proposal = proposed(state, tmp_path, NTP, "New nodes do without.")
    body = pull_request_body(proposal, read_todays_reading(tmp_path / "build").report)
    part = body.partition("## New sentences")[2].partition("\n## ")[0]
    assert "`New nodes do without.`" in part
    assert f"`{HERE}`" in part
    assert "**undecided: choose**" in part
    assert "nodes made since April 2021 do without this rule" in part
    assert f"`{proposal.sentences[0].digest}`" in part
