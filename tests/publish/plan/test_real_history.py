"""The real article, revision by revision: the history says what the pages said, and told is whatever moved a fact.

What moved a fact is judged by the other witness: the Markdown of each revision, in its own reader's hands, with the
headings above each row and the circumstances that its description and its notes speak of.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Change, Changes
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.history.revisions import History, fold
from aks_egress_catalog.model import Rule
from aks_egress_catalog.text.codec import to_json
from publish.plan.alerts import RevisionAlert, revision_alerts
from publish.plan.diff import diff
from publish.plan.timeline import NEVER_LIVE, Backfill, backfill
from scraper.build import parse_file, shipped_reviewed
from scraper.language.headings import read_words
from scraper.language.reviewed import sentences
from scraper.witnesses.markdown import read_markdown
from tests import base
from tests.publish.facts import append

pytestmark = pytest.mark.corpus

ROOT: Final = Path(__file__).parents[3]
NEW_ARTICLE: Final = dt.date(2023, 3, 9)
"""The day on which the article got the name and the file that it has."""
FACTS: Final = tuple(field.name for field in fields(Rule) if field.name != "sources")


# ---------------------------------------------------------------- the revisions, read once


@cache
def pages(corpus: Path) -> tuple[Path, ...]:
    """Every stored revision of both articles, oldest first."""
    return tuple(sorted((corpus / "en-us").glob("*/*.html"), key=lambda path: path.name))


def commit(path: Path) -> str:
    return path.stem.partition("_")[2]


@cache
def live(corpus: Path) -> tuple[Path, ...]:
    """The revisions that readers saw, oldest first."""
    never = {name[:9] for name in NEVER_LIVE}
    return tuple(path for path in pages(corpus) if commit(path) not in never)


@cache
def catalog(path: Path) -> Catalog:
    """What ``python -m scraper parse`` makes of a page."""
    read = parse_file(path, locale=None, known=base.CATALOG, keep_going=False).catalog
    assert read, path
    return read


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Backfill:
    """What ``make history`` makes of all pages, those of side branches among them."""
    folder = tmp_path_factory.mktemp("revisions")
    for path in pages(corpus):
        (folder / f"{path.stem}.json").write_text(to_json(catalog(path)), encoding="utf-8")
    return backfill([folder])


@pytest.fixture(scope="module")
def judged(made: Backfill) -> tuple[RevisionAlert, ...]:
    """The verdict on every revision that has one before it."""
    return revision_alerts(made.history)


def facts(rules: Iterable[Rule]) -> dict[str, tuple[object, ...]]:
    """Everything that rules say but where on the page they stand."""
    return {rule.id: tuple(getattr(rule, name) for name in FACTS) for rule in rules}


# ---------------------------------------------------------------- the history is what the pages said


def test_every_page_is_in_the_history_but_those_that_never_went_live(corpus: Path, made: Backfill) -> None:
    assert made.faults == ()
    assert set(made.left_out) == NEVER_LIVE
    assert [event.commit[:9] for event in made.history.events] == [commit(path) for path in live(corpus)]


def test_folding_the_events_gives_the_facts_of_each_page(corpus: Path, made: Backfill) -> None:
    states = map(dict, fold(made.history.events))
    assert next(states) == {}
    for path, state in zip(live(corpus), states, strict=True):
        assert facts(state.values()) == facts(catalog(path).rules), path.name


def test_the_history_is_what_the_pages_give(made: Backfill) -> None:
    assert history_json(made.history) == history_json(base.HISTORY)


def test_adding_the_revisions_one_by_one_gives_the_same_history(corpus: Path, made: Backfill) -> None:
    history = History(attribution="", events=(), rules={})
    for path in live(corpus):
        history = append(history, catalog(path))
    assert history == made.history


def test_an_event_names_the_commit_before_it_and_the_minute_of_its_own(corpus: Path, made: Backfill) -> None:
    for event, path in zip(made.history.events, live(corpus), strict=True):
        stamp = dt.datetime.strptime(path.stem.partition("_")[0], "%Y-%m-%dT%H%M%S%z")
        assert event.date == stamp.replace(second=0)
    assert [event.previous for event in made.history.events[1:]] == [event.commit for event in made.history.events[:-1]]


# ---------------------------------------------------------------- the other witness


class Stated(NamedTuple):
    """One fact as the Markdown of a revision states it. ``cloud`` and ``feature`` are what headings name, if any do."""

    cloud: str
    feature: str
    level: str
    destination: str
    protocol: str
    port: int
    conditions: frozenset[str]


class MarkdownRow(NamedTuple):
    """One row of a table: the titles above it, the article's own left out, and its cells by their header."""

    titles: tuple[str, ...]
    cells: dict[str, str]


_TITLE: Final = re.compile(r"(#{1,6}) +(.*)")
_LINK: Final = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_DRESS: Final = re.compile(r"[*`]|<br ?/?>|(?<!\\)<[^>-]*>|\b_|_\b")
_DESTINATION: Final = ("destination endpoint", "destination fqdn", "endpoint", "fqdn")
_USE: Final = ("use", "purpose")


def rows(markdown: str) -> Iterator[MarkdownRow]:
    """Cut the tables out of the text, with nothing but the lines that they stand on."""
    titles: dict[int, str] = {}
    header: list[str] = []
    for line in markdown.splitlines():
        title = _TITLE.match(line)
        if title:
            titles = {level: text for level, text in titles.items() if level < len(title[1])}
            titles[len(title[1])] = title[2]
        if not line.strip().startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not header:
            header = [cell.lower() for cell in cells]
        elif set(line) - set("|-: "):
            named = tuple(text for level, text in titles.items() if level > 1)
            yield MarkdownRow(titles=named, cells=dict(zip(header, cells, strict=False)))


def words(cell: str) -> str:
    return " ".join(_DRESS.sub("", cell).replace("\\", "").split())


def circumstances(row: MarkdownRow) -> frozenset[str]:
    """The conditions that notes beside destinations and the description of a row state.

    A link whose target is not defined is shown as it is written, so a text is looked up with and without its links.
    """
    use = next((row.cells[name] for name in _USE if name in row.cells), "")
    destination = next(row.cells[name] for name in _DESTINATION if name in row.cells)
    notes = re.findall(r"\(([^()]*)\)", words(_LINK.sub(r"\1", destination)))
    known = shipped_reviewed().entries
    texts = (words(use), words(_LINK.sub(r"\1", use)), *notes)
    said = [sentence.digest for text in texts for sentence in sentences(text)]
    return frozenset(str(one) for digest in said if digest in known for one in known[digest].conditions)


@cache
def stated(path: Path) -> frozenset[Stated]:
    """Everything that the tables of a revision's Markdown state."""
    markdown = path.with_suffix(".md").read_text(encoding="utf-8")
    found: set[Stated] = set()
    for row, read in zip(rows(markdown), read_markdown(markdown).rows, strict=True):
        said = [read_words(title) for title in row.titles]
        clouds = ["", *(str(cloud) for one in said for cloud in one.clouds)]
        features = ["", *(str(feature) for one in said for feature in one.features)]
        levels = ["", *(str(one.level) for one in said if one.level)]
        conditions = circumstances(row)
        found |= {Stated(clouds[-1], features[-1], levels[-1], *fact[:3], conditions) for fact in read.facts}
    return frozenset(found)


@cache
def told(before: Path, after: Path) -> Changes:
    return diff(catalog(before), catalog(after))


def reason(changes: Iterable[Change]) -> str:
    counts = Counter(f"{change.kind} {change.severity}" for change in changes)
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing"


def of_the_new_article(corpus: Path) -> list[tuple[Path, Path]]:
    """Each revision of the article as it stands today, with the one after it."""
    return list(pairwise(path for path in live(corpus) if path.parent.name == "outbound"))


def test_a_change_is_told_exactly_where_the_other_witness_sees_a_fact_or_a_condition_move(corpus: Path) -> None:
    """No exception is needed.

    The Markdown's reader does not tell HTTP from HTTPS, and a cloud that no heading names, or that follows from how
    other rows of a section are split, is none to it. No revision of this article moved one of these alone.
    """
    compared = {
        commit(after): (told(before, after), stated(before), stated(after))
        for before, after in of_the_new_article(corpus)
    }
    print()
    for name, (changes, was, now) in compared.items():
        seen = f"+{len(now - was)} -{len(was - now)}" if was != now else ""
        print(f"{name}  {'told' if changes.notify else '':4}  {seen:8}  {reason(changes.changes)}")
    assert len(compared) == 77
    assert [name for name, (changes, was, now) in compared.items() if changes.notify != (was != now)] == []
    assert sum(changes.notify for changes, _, _ in compared.values()) == 20


UNSEEN: Final = {
    "e2bdf89b3": "a host of one cloud came into the table of another; list lines above the tables name their clouds,"
    " and to the witness, which looks at headings only, it stood on the page before",
}


def test_the_alerts_over_the_whole_history_are_what_the_other_witness_sees_but_for_one(
    corpus: Path, judged: tuple[RevisionAlert, ...]
) -> None:
    """The predecessor named clouds in list lines, and two articles meet in this history: one revision hinges on it."""
    moved = {commit(after): stated(before) != stated(after) for before, after in pairwise(live(corpus))}
    found = {verdict.event.commit[:9]: verdict.notify for verdict in judged}
    assert found.keys() == moved.keys()
    assert {name for name in found if found[name] != moved[name]} == UNSEEN.keys()
    assert all(found[name] for name in UNSEEN)


def test_the_alerts_and_the_diff_of_two_catalogs_agree(corpus: Path, judged: tuple[RevisionAlert, ...]) -> None:
    found = {verdict.event.commit[:9]: verdict.notify for verdict in judged}
    for before, after in of_the_new_article(corpus):
        assert found[commit(after)] == told(before, after).notify, after.name


# ---------------------------------------------------------------- known revisions


def changes_of(corpus: Path, name: str) -> Changes:
    (pair,) = [pair for pair in pairwise(live(corpus)) if commit(pair[1]) == name]
    return told(*pair)


@pytest.mark.parametrize("name", ["da6a442d8", "223e0a877"])
def test_a_reworded_sentence_that_means_what_it_meant_is_no_change(corpus: Path, name: str) -> None:
    assert changes_of(corpus, name).changes == ()


def test_the_reorganization_of_azure_monitor_is_told_in_full(corpus: Path) -> None:
    found = changes_of(corpus, "5378de9f7")
    assert {change.date for change in found.changes} == {dt.date(2024, 12, 6)}
    by_kind = {
        kind: {
            change.rule.id.removesuffix(":tcp-443").replace("/azure-monitor", "")
            for change in found.changes
            if change.kind == kind and change.rule
        }
        for kind in ("added", "removed", "changed")
    }
    assert by_kind == {
        "added": {
            "AzureCloud/*.metrics.ingest.monitor.azure.com",
            "AzureCloud/global.handler.control.monitor.azure.com",
            "AzureCloud/login.microsoftonline.com",
            "AzureUSGovernment/*.ingest.monitor.azure.us",
            "AzureUSGovernment/*.metrics.ingest.monitor.azure.us",
            "AzureUSGovernment/dc.services.visualstudio.com",
            "AzureChinaCloud/*.ingest.monitor.azure.cn",
            "AzureChinaCloud/*.metrics.ingest.monitor.azure.cn",
            "AzureChinaCloud/dc.services.visualstudio.com",
        },
        "removed": {
            "AzureUSGovernment/dc.services.visualstudio.us",
            "AzureChinaCloud/dc.services.visualstudio.cn",
        },
        "changed": {"AzureCloud/*.ingest.monitor.azure.com"},
    }
    (wider,) = [change for change in found.changes if change.kind == "changed"]
    assert wider.before
    assert wider.before.id == "AzureCloud/azure-monitor/{region}.ingest.monitor.azure.com:tcp-443"
    assert wider.severity == "breaking"
    assert {change.severity.value for change in found.changes if change.kind == "moved"} == {"informational"}
    assert found.notify


def test_revisions_that_give_sections_other_titles_move_no_fact(corpus: Path) -> None:
    for name in ("e99a407f7", "2fdfada8f", "4ef789418", "f1f15d425", "801eb2f09", "1bdcfff99"):
        found = changes_of(corpus, name)
        assert {change.kind.value for change in found.changes} <= {"moved", "conditions"}, name
        assert not found.notify


def test_far_apart_revisions_are_told_apart_without_a_gap(corpus: Path) -> None:
    """The audit of each diff says so; years lie between these pages."""
    chosen = live(corpus)[::38]
    assert [told(before, chosen[-1]).notify for before in chosen] == [True] * (len(chosen) - 1) + [False]
    assert [told(chosen[-1], before).notify for before in chosen] == [True] * (len(chosen) - 1) + [False]


def test_no_page_differs_from_itself(corpus: Path) -> None:
    assert [path.name for path in live(corpus)[::38] if told(path, path).changes] == []


# ---------------------------------------------------------------- what share of commits is worth an alert


def test_the_share_of_commits_that_alert(judged: tuple[RevisionAlert, ...]) -> None:
    recent = [verdict for verdict in judged if verdict.event.day >= NEW_ARTICLE]
    assert (sum(verdict.notify for verdict in recent), len(recent)) == (20, 78)
    assert (sum(verdict.notify for verdict in judged), len(judged)) == (48, 153)


def test_the_readme_states_the_share_that_the_history_has(made: Backfill) -> None:
    found = revision_alerts(made.history, since=NEW_ARTICLE)
    alerts = sum(verdict.notify for verdict in found)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    said = (
        f"Of the {len(found)} commits from March 2023 to July 2026, {alerts} ({100 * alerts / len(found):.0f} %) moved"
    )
    assert said in readme
    assert f"whole history of the article since April 2019: {len(made.history.events)} revisions" in readme
