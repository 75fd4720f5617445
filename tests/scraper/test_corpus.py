"""Every revision of the real article is read, by both witnesses alike, and gives the history that is known."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from scraper.build import SNAPSHOT, shipped_reviewed
from scraper.page.page import parse_page
from scraper.reading.page_rules import PageReading, read_page
from scraper.witnesses.compare import differences, differing_blocks
from scraper.witnesses.markdown import read_markdown

pytestmark = pytest.mark.corpus

CLOUDS: Final = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")
NEVER_LIVE: Final = {"126786f03", "cac6291b0"}
"""The revisions of branches that never went live; they are read, and kept out of any history."""


@cache
def reading(path: Path) -> PageReading:
    return read_page(parse_page(path.read_text(encoding="utf-8")), reviewed=shipped_reviewed())


@cache
def pages(corpus: Path) -> tuple[Path, ...]:
    """Every stored revision of both articles, oldest first."""
    return tuple(sorted((corpus / "en-us").glob("*/*.html"), key=lambda path: path.name))


def commit(path: Path) -> str:
    return path.stem.partition("_")[2]


def index(corpus: Path) -> dict[str, dict[str, str]]:
    with (corpus / "index.tsv").open(encoding="utf-8") as rows:
        return {row["sha"][:9]: row for row in csv.DictReader(rows, delimiter="\t")}


def live(corpus: Path) -> Iterator[tuple[str, set[str]]]:
    """The commit and the rule ids of every revision that went live, oldest first."""
    for path in pages(corpus):
        if commit(path) not in NEVER_LIVE:
            yield commit(path), {rule.id for rule in reading(path).rules}


def by_commit(corpus: Path, name: str) -> PageReading:
    return reading(next(path for path in pages(corpus) if commit(path) == name))


# ---------------------------------------------------------------- every page


def test_the_whole_corpus_is_here(corpus: Path) -> None:
    assert len(pages(corpus)) == 156
    assert {commit(path) for path in pages(corpus)} == index(corpus).keys()
    assert {name for name, row in index(corpus).items() if row["ref"] != "main"} == NEVER_LIVE


def test_every_page_is_read_without_an_error(corpus: Path) -> None:
    assert [str(error) for path in pages(corpus) for error in reading(path).errors] == []


def test_only_what_a_person_should_look_at_is_held(corpus: Path) -> None:
    """Rules in a list (2019), a heading one level too deep (2023), a feature of a branch (2024), and no sentence."""
    held = {
        (commit(path), found.code)
        for path in pages(corpus)
        for found in reading(path).findings
        if found.severity == "hold"
    }
    assert held == {
        ("a96830e7b", "rules-expected"),
        ("0894bfab7", "rules-expected"),
        ("e99a407f7", "nested-feature"),
        ("126786f03", "unknown-heading"),
    }


def test_every_table_and_every_row_is_read(corpus: Path) -> None:
    """The index was counted by another program."""
    counted = {name: (int(row["tables"]), int(row["table_rows"])) for name, row in index(corpus).items()}
    read = {
        commit(path): (len({(row.heading, row.table) for row in reading(path).rows}), len(reading(path).rows))
        for path in pages(corpus)
    }
    assert read == counted


def test_every_row_gives_facts_and_every_rule_has_a_row_or_stands_in_prose(corpus: Path) -> None:
    for path in pages(corpus):
        assert all(row.facts for row in reading(path).rows), path.name
        rows = {(row.heading, row.table, row.row) for row in reading(path).rows}
        sources = {(s.heading, s.table, s.row) for rule in reading(path).rules for s in rule.sources}
        assert rows == {source for source in sources if source[2]}, path.name


def test_both_witnesses_read_the_same_facts(corpus: Path) -> None:
    reported = []
    for path in pages(corpus):
        witness = read_markdown(path.with_suffix(".md").read_text(encoding="utf-8"))
        read = reading(path)
        compared = differences(read.rows, witness.rows, locale="en-us"), differing_blocks(read.page, witness.blocks)
        found = (*witness.findings, *compared[0], *compared[1])
        reported += [f"{path.stem}: {finding}" for finding in found]
    assert reported == []


def test_a_page_says_which_revision_it_is_and_of_which_minute(corpus: Path) -> None:
    for path in pages(corpus):
        row = index(corpus)[commit(path)]
        metadata = reading(path).page.metadata
        committed = dt.datetime.fromisoformat(row["commit_date"]).astimezone(dt.UTC).replace(second=0)
        assert (metadata.locale, metadata.commit, metadata.updated) == ("en-us", row["sha"], committed)


def test_the_browser_s_form_gives_the_rules_of_the_served_form(corpus: Path) -> None:
    """Wrapped tables and headings with anchors, of English and of translated pages."""
    served = {path.name: path for path in (corpus / "en-us").glob("*/*.html")}
    served |= {path.name: path for path in (corpus / "locales").glob("*.html")}
    forms = sorted((corpus / "client").glob("*.html"))
    assert len(forms) == 3
    for form in forms:
        assert "anchor-link" in form.read_text(encoding="utf-8")
        one, other = reading(form), reading(served[form.name])
        assert (one.rules, one.rows, one.texts) == (other.rules, other.rows, other.texts)
        assert one.findings == other.findings


def test_ids_follow_from_facts_and_clouds_are_known_ones(corpus: Path) -> None:
    for path in pages(corpus):
        if commit(path) not in NEVER_LIVE:
            assert {rule.cloud for rule in reading(path).rules} == set(CLOUDS), path.name
            assert len({rule.feature for rule in reading(path).rules} - FEATURES) == 0, path.name


FEATURES: Final = {
    *("core", "os-updates", "gpu", "windows", "workload-identity", "defender", "key-vault-csi", "azure-monitor"),
    *("azure-policy", "cost-analysis", "cluster-extensions", "dev-spaces"),
}


# ---------------------------------------------------------------- known revisions


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("a96830e7b", 69),
        ("38f46f8de", 48),
        ("58ac93b28", 138),
        ("0f31a7715", 136),
        ("5ed01a839", 110),
        ("8a288b7b3", 93),
        ("391c47b52", 111),
        ("7c799c01f", 121),
        ("c98d0481a", 126),
        ("f9be3faa3", 135),
        ("5378de9f7", 142),
        ("b8cb3b9b3", 145),
        ("5c524afc3", 153),
        ("ccbb339ba", 153),
    ],
)
def test_a_known_revision_has_as_many_rules_as_were_counted(corpus: Path, name: str, rules: int) -> None:
    assert len(by_commit(corpus, name).rules) == rules


@pytest.mark.parametrize("name", sorted(NEVER_LIVE))
def test_a_revision_that_never_went_live_is_read_too(corpus: Path, name: str) -> None:
    assert by_commit(corpus, name).rules
    assert not by_commit(corpus, name).errors


def test_the_subnet_of_the_api_server_stands_on_a_page_that_never_went_live_and_on_no_other(corpus: Path) -> None:
    name = "set:APIServerSubnetCIDR"
    assert [commit(path) for path in pages(corpus) if any(name in rule.id for rule in reading(path).rules)] == [
        "126786f03"
    ]


def test_the_first_pages_state_no_ports_in_their_tables(corpus: Path) -> None:
    without = [
        commit(path)
        for path in pages(corpus)
        if any(rule.port is None and any(s.row for s in rule.sources) for rule in reading(path).rules)
    ]
    assert without == ["a96830e7b", "0894bfab7"]
    assert all(rule.id.endswith(":any") for rule in by_commit(corpus, "a96830e7b").rules)


def test_the_port_bullets_of_2019_are_informational_network_rules(corpus: Path) -> None:
    found = [rule for rule in by_commit(corpus, "0894bfab7").rules if rule.port]
    assert {(rule.feature, str(rule.protocol), rule.port) for rule in found} == {
        ("core", "TCP", 443),
        ("core", "TCP", 22),
        ("core", "TCP", 9000),
        ("os-updates", "TCP", 123),
        ("os-updates", "TCP", 53),
    }
    assert {(rule.level, rule.kind, rule.cloud_stated) for rule in found} == {("informational", "network", False)}


def test_before_the_clouds_were_split_a_rule_holds_in_all_of_them(corpus: Path) -> None:
    for path in pages(corpus):
        if path.name < "2019-11":
            assert {rule.cloud_stated for rule in reading(path).rules} == {False}, path.name
            held = {(rule.cloud, rule.id.partition("/")[2]) for rule in reading(path).rules}
            assert held == {(cloud, name) for cloud in CLOUDS for _, name in held}, path.name


def test_the_newest_page_has_the_facts_of_the_snapshot(corpus: Path) -> None:
    snapshot = reading(SNAPSHOT / "en-us.html")
    newest = reading(pages(corpus)[-1])
    assert snapshot.rules == newest.rules
    assert [row._replace(use="") for row in snapshot.rows] == [row._replace(use="") for row in newest.rows]


# ---------------------------------------------------------------- histories


def everywhere(name: str) -> set[str]:
    return {f"{cloud}/{name}" for cloud in CLOUDS}


def public(name: str) -> set[str]:
    return {f"AzureCloud/{name}"}


HISTORIES: Final[dict[str, list[tuple[str, set[str]]]]] = {
    "vault": [
        ("391c47b52", everywhere("key-vault-csi/vault.azure.net:tcp-443")),
        (
            "f9be3faa3",
            {
                "AzureCloud/key-vault-csi/vault.azure.net:tcp-443",
                "AzureUSGovernment/key-vault-csi/*.vault.usgovcloudapi.net:tcp-443",
            },
        ),
    ],
    "/md-": [("99e269aa4", public("core/md-*.blob.storage.azure.net:any"))],
    "/umsa": [("abcf42135", public("core/umsa*.blob.core.windows.net:any"))],
    "snapshot.ubuntu": [("70f42917a", everywhere("os-updates/snapshot.ubuntu.com:tcp-443"))],
    "packages.aks": [
        ("df62a500e", public("core/packages.aks.azure.com:tcp-443")),
        (
            "f998eb20c",
            {
                "AzureCloud/core/packages.aks.azure.com:tcp-443",
                "AzureUSGovernment/core/packages.aks.azure.com:tcp-443",
            },
        ),
    ],
    "CustomDNSIP": [("5ed01a839", everywhere("core/set:CustomDNSIP:udp-53"))],
    "AzureDevSpaces": [("5ed01a839", everywhere("dev-spaces/tag:AzureDevSpaces:tcp-443")), ("8a288b7b3", set())],
    "APIServer": [("58ac93b28", everywhere("core/set:APIServerPublicIP:tcp-443"))],
    "workload-identity": [
        (
            "e69a70bc1",
            {
                "AzureCloud/workload-identity/login.microsoftonline.com:tcp-443",
                "AzureChinaCloud/workload-identity/login.chinacloudapi.cn:tcp-443",
                "AzureUSGovernment/workload-identity/login.microsoftonline.us:tcp-443",
            },
        )
    ],
}  # fmt: skip
"""By a part of an id: the commits since which other rules than before have it."""


@pytest.mark.parametrize("part", HISTORIES)
def test_a_known_history(corpus: Path, part: str) -> None:
    states = [("", set[str]()), *((name, {rule for rule in ids if part in rule}) for name, ids in live(corpus))]
    assert [after for before, after in pairwise(states) if before[1] != after[1]] == HISTORIES[part]


RENAMES: Final = {
    "bd9a2ca91": "a section moved out of another one's",
    "2fdfada8f": "another name for the cloud in China",
    "f1f15d425": "another name for a feature of Azure Monitor",
    "801eb2f09": "add-ons with a hyphen",
    "1bdcfff99": "headings that name their feature again",
}


@pytest.mark.parametrize("name", RENAMES)
def test_a_revision_that_only_renames_headings_moves_no_rule(corpus: Path, name: str) -> None:
    states = dict(live(corpus))
    commits = list(states)
    before = commits[commits.index(name) - 1]
    headings = [
        {(s.heading.level, s.heading.text) for s in by_commit(corpus, one).page.sections} for one in (before, name)
    ]
    assert headings[0] != headings[1]
    assert states[before] == states[name]
