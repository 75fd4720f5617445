"""A year of a maintainer, month by month: stored revisions of the article, and what goes wrong beside them.

The months build on each other, so they run in order and in one process. At the end stands the account: every change of
the year reached everybody whom it concerns, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.history.announced import announced_since
from aks_egress_catalog.history.changes import Impact
from aks_egress_catalog.history.history_file import history_from_json
from tests.github.fixtures import Emulated, fresh
from tests.publish.receivers import receiving
from tests.publish.steps import checked_out
from tests.publish.year import FIRST_DAY, Year

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("year")]

EVENTS: Final = 103  # up to the revision of 2024-06-14
HOST: Final = "AzureCloud/os-updates/snapshot.ubuntu.com:tcp-443"


@pytest.fixture(scope="module")
def year(emulated: Emulated, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    with (
        checked_out(folder / "checkout") as checkout,
        fresh(emulated) as site,
        receiving() as strict,
        receiving() as curious,
    ):
        receivers = {"strict": strict, "curious": curious}
        yield Year(site=site, corpus=corpus, checkout=checkout, begins=EVENTS, receivers=receivers)


def test_july_the_first_day(year: Year) -> None:
    """An empty repository; the first live page says what the embedded pages say, and is released all the same."""
    year.serve("a2148a2b1", FIRST_DAY)
    year.update()
    assert year.pull.title.startswith("Data 2024.6.14: ")
    year.notify()
    assert year.heard("curious") == []
    year.merge()
    assert year.tags == ["v2024.6.14"]
    year.update()
    assert year.pulls == []


def test_july_a_commit_that_changes_no_rule_is_told_to_nobody(year: Year) -> None:
    heard = year.heard("curious")
    year.serve("a75aabed2")
    year.update()
    year.notify()
    assert year.pulls == []
    assert year.heard("curious") == heard


def test_september_a_reviewer_s_own_commit_and_a_squash_merge_that_leaves_the_branch(year: Year) -> None:
    year.serve("abcf42135")
    year.update()
    year.commit("A word of mine", {"note.txt": "looked at"}, branch="catalog-update")
    mine = year.hub.head("catalog-update")
    year.at("2024-09-13")
    year.update()
    assert year.hub.head("catalog-update") == mine
    year.merge(method="squash")
    assert year.hub.head("catalog-update") == mine, "the branch is left behind"
    assert year.heard("curious")[-1:] == ["2024-09-12 added AzureCloud/core/umsa*.blob.core.windows.net:any"]
    assert year.heard("strict") == []

    year.serve("70f42917a")
    year.update()
    assert year.pull.title.startswith("Data 2024.9.26: 3 added")
    year.merge()
    assert [line for line in year.heard("strict") if HOST in line] == [f"2024-09-26 added {HOST}"]


def test_october_a_reviewer_declines_and_takes_our_part_out_of_the_body(year: Year) -> None:
    year.serve("f9be3faa3")
    year.update()
    year.close(body="Not like this.")
    year.at("2024-10-11")
    year.update()
    assert year.pulls == []
    year.serve("cd3547c55")  # says the same of the rules
    year.update()
    assert year.pulls == []


def test_november_the_same_answer_writes_nothing(year: Year) -> None:
    calls = len(year.site.proxy.calls)
    year.update()
    year.notify()
    assert {call.method for call in year.site.proxy.calls[calls:]} == {"GET"}


def test_december_a_receiver_is_down_and_the_article_cannot_be_read(year: Year) -> None:
    year.serve("5378de9f7")
    year.update()
    assert "f9be3faa3"[:7] not in year.pull.title
    year.receivers["strict"].script = lambda _: 503
    told = year.heard("strict")
    year.merge()
    assert year.heard("strict") != told, "it came, and was not taken"
    # The next day's page is broken: one issue. The messages go out all the same.
    year.serve("e69a70bc1")
    whole, year.page = year.page, year.page.replace("HTTPS:443", "HTTPS:44x", 1)
    year.update(fails="read")
    assert "row[" in year.issues[0].body
    year.receivers["strict"].script = lambda _: 204
    year.notify()
    assert "message" not in year.state("outbox.jsonl").replace('"message":null', "")
    assert len(year.issues) == 1
    year.page = whole
    year.update()
    assert year.issues == []
    assert "workload-identity" in year.pull.body


def test_december_an_older_pull_request_is_merged_while_the_newer_page_is_refused(year: Year) -> None:
    year.serve("c4bad38ea", change=lambda page: page.replace("HTTPS:443", "HTTPS:44x", 1))
    year.update(fails="read")
    year.merge()
    year.serve("726f974c5")
    year.update()
    year.settle()
    assert (year.pulls, year.issues) == ([], [])


def test_february_a_release_is_skipped_and_the_next_tells_both(year: Year) -> None:
    year.serve("df62a500e")
    year.update()
    year.merge(release=False)
    tags = year.tags
    year.notify()
    packages = "2025-02-06 added AzureCloud/core/packages.aks.azure.com:tcp-443"
    assert packages not in year.heard("strict"), "it is merged, and not released"
    year.serve("f998eb20c")
    year.update()
    year.merge()
    assert year.tags == [*tags, "v2025.2.6.1"]
    assert year.heard("strict").count(packages) == 1


def test_march_two_commits_in_a_day_a_hold_that_ends_and_a_revert(year: Year) -> None:
    year.serve("e41c29f90")
    year.update()
    year.merge()
    before = year.files()
    year.serve("3e8626868")
    year.update()
    year.merge()
    assert year.tags[-2:] == ["v2025.3.13", "v2025.3.13.1"]
    year.serve("d018bfc0e", "2025-03-28")
    year.update()
    year.merge()
    gone = "2025-03-27 removed AzureChinaCloud/core/mcr.microsoft.cn:tcp-443"
    assert year.heard("strict").count(gone) == 1
    # Somebody reverts main to before the second commit; the pipeline goes on from what was released.
    tags = year.tags
    year.commit("Revert", before)
    year.at("2025-03-29")
    year.update()
    year.settle()
    assert set(tags) <= set(year.tags)
    assert year.heard("strict").count(gone) == 1
    year.update()
    assert year.pulls == []


def test_april_what_was_published_was_wrong(year: Year) -> None:
    right, wrong = "packages.aks.azure.com", "packages.aks.azuer.com"
    year.serve("b19998b60", change=lambda page: page.replace(right, wrong))
    year.update()
    year.merge()
    assert wrong in year.released("catalog.json")
    year.serve("b19998b60", "2025-05-09")  # the same commit, read as it should be
    year.update()
    assert year.pull.title.startswith("Correction 2025.5.8.1 of 2025.5.8: ")
    assert "What we published as 2025.5.8 was wrong" in year.pull.body
    year.merge()
    assert wrong not in year.released("catalog.json")
    assert right in year.released("catalog.json")
    assert [line for line in year.heard("strict") if wrong in line or line.startswith("2025-05-09")]


def test_may_a_catalog_edited_by_hand_a_damaged_outbox_and_a_clock_that_is_wrong(year: Year) -> None:
    good = year.files()
    edited = good["catalog/aks_egress_catalog/data/catalog.json"].replace("mcr.microsoft.com", "mcr.example.com")
    year.commit("By hand", {"catalog/aks_egress_catalog/data/catalog.json": edited})
    year.serve("70f94fee9")
    year.update(fails="propose")
    assert "the last release fits the history" in year.issues[0].body
    year.commit("Restore", good)
    year.at("2025-01-01")
    year.update(fails="propose")
    assert "not from the future" in year.issues[0].body
    year.at("2025-05-13")
    year.update()
    assert year.issues == []
    year.merge()

    outbox = year.state("outbox.jsonl")
    year.keep("outbox.jsonl", "{damaged\n" + outbox)
    year.notify(fails="notify")
    assert "notify failure" in year.issues[0].body
    assert "outbox.jsonl" in year.runner.said
    year.keep("outbox.jsonl", outbox)
    year.notify()
    assert year.issues == []


def test_may_the_twin_is_gone_the_index_is_down_and_a_tag_is_in_the_way(year: Year) -> None:
    year.serve("80540a386")
    twin, year.twin = year.twin, None
    year.update()
    assert "hold for review" in year.pull.labels
    assert "answers 404" in year.pull.body
    year.runner.variables["PACKAGE_INDEX_URL"] = "http://127.0.0.1:9/simple"
    year.update(fails="propose")
    year.runner.variables.clear()
    year.twin = twin
    year.site.repository().create_ref("refs/tags/v2025.5.27", year.main)
    year.update()
    assert year.issues == []
    assert "answers 404" not in year.pull.body
    assert year.pull.title.startswith("Data 2025.5.27.1: 3 added")
    year.merge()


def test_the_account_of_the_year(year: Year) -> None:
    """Everything that was announced since the first day reached everybody whom it concerns, once."""
    history = history_from_json(year.released("history.json"))
    changes = announced_since(history, "2024.6.14", today=history.versions[-1].day)
    expected = Counter(f"{one.date} {one.kind} {one.rule.id}" for one in changes if one.rule)
    assert Counter(line for line in year.heard("curious") if " date " not in line) == expected
    acted_on = [one for one in changes if one.severity is not Impact.INFORMATIONAL and one.rule]
    assert Counter(year.heard("strict")) >= Counter(
        f"{one.date} {one.kind} {one.rule.id}" for one in acted_on if one.rule
    )
    versions = [f"v{one.version}" for one in history.releases]
    assert [version for version in versions if version not in year.tags] == ["v2025.2.6"], "which was skipped"
    assert [version for version in versions if version in year.tags] == year.tags
    assert (year.pulls, year.issues) == ([], [])
