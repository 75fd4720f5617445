from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.history.announced import HOLD, announced, with_missing
from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.history.history_file import history_json, load_history
from aks_egress_catalog.history.revisions import catalog_at
from aks_egress_catalog.model import Status
from aks_egress_catalog.text.codec import from_json_as, to_json
from aks_egress_catalog.text.shipped import SHIPPED_DATA
from tests import base
from tests.catalog.cli.command_line import ask, run, run_apart
from tests.catalog.cli.small_history import SMALL, A, B, answer, rows, stored, today
from tests.factories import event, history, rule

PACKAGES = "AzureCloud/core/packages.aks.azure.com:tcp-443"


def test_changes_are_reported_oldest_first_between_two_days() -> None:
    asked = ("changes", "--since", "2025-02-06", "--until", "2025-02-06", "--cloud", "AzureCloud")
    found = rows(ask(*asked, "--wide").stdout)
    assert found[0] == ["date", "change", "severity", "rule", "commit"]
    assert ["2025-02-06", "added", "breaking", PACKAGES, "df62a500e"] in found
    days = [
        row[0]
        for row in rows(ask("changes", "--since", "2024-01-01", "--until", "2025-12-31", "--wide").stdout)
        if row[0].startswith("20")
    ]
    assert days == sorted(days)
    assert days[-1] == "2025-07-03"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"core", "gpu"}),
        (("--cloud", "AzureChinaCloud"), {"core"}),
        (("--feature", "gpu"), {"gpu"}),
        (("--cloud", "AzureChinaCloud", "--feature", "gpu"), set()),
        (("--since", "2024-03-01"), {"gpu"}),
        (("--until", "2024-01-31", "--feature", "core"), {"core"}),
        (("--since", "2024-01-02", "--until", "2024-01-31"), set()),
        (("--until", "2023-01-01"), set()),
    ],
)
def test_changes_are_filtered_by_day_cloud_and_feature(
    options: tuple[str, ...], expected: set[str], tmp_path: Path
) -> None:
    found = answer("changes", "--catalog", stored(tmp_path), *options)
    assert {(change["after"] or change["before"])["feature"] for change in found["changes"]} == expected


def test_changes_are_reported_with_the_hold_as_users_were_told(tmp_path: Path) -> None:
    found = answer("changes", "--catalog", stored(tmp_path), "--since", "2024-01-02")
    assert [(change["date"], change["kind"], change["severity"]) for change in found["changes"]] == [
        ("2024-02-01", "changed", "relaxing"),
        ("2024-03-01", "changed", "informational"),
        ("2024-03-15", "removed", "relaxing"),
    ]
    assert found["changes"][1]["after"]["lifecycle"]["status"] == "missing"
    assert found["notify"] is True
    assert found["summary"] == {
        "added": 0,
        "removed": 1,
        "changed": 2,
        "conditions": 0,
        "moved": 0,
        "date": 0,
        "text": 0,
    }


def test_until_a_day_is_what_was_reported_by_then(tmp_path: Path) -> None:
    found = answer("changes", "--catalog", stored(tmp_path), "--since", "2024-03-01", "--until", "2024-03-14")
    assert [change["kind"] for change in found["changes"]] == ["changed"]
    assert found["notify"] is False


def test_the_json_of_changes_is_the_model_that_is_documented() -> None:
    text = run("changes", "--since", "2024-12-01", "--format", "json").stdout
    read = from_json_as(Changes, text)
    assert to_json(read) == text
    assert read.changes == tuple(
        change
        for change in announced(load_history(), today=today()).changes
        if change.date and change.date >= dt.date(2024, 12, 1)
    )


def test_changes_as_markdown_stand_newest_day_first() -> None:
    text = ask("changes", "--since", "2025-02-06", "--cloud", "AzureCloud", "--format", "markdown").stdout
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "## 2025-07-03",
        "## 2025-05-27",
        "## 2025-02-06",
    ]
    assert "- **added** (breaking) `packages.aks.azure.com` TCP 443 (HTTPS), required" in text


def test_until_a_day_to_come_tells_nothing_that_has_not_happened(tmp_path: Path) -> None:
    known = history(event(1, "2024-01-01", added=(A, B)), event(2, today() - HOLD / 2, removed=(B.id,)))
    found = answer("changes", "--catalog", stored(tmp_path, known), "--since", "2024-01-02", "--until", "2099-01-01")
    assert [change["kind"] for change in found["changes"]] == ["changed"]


def test_where_nothing_changed_it_is_said() -> None:
    done = ask("changes", "--since", "2026-01-01", "--until", "2026-01-31", "--cloud", "AzureCloud", "--feature", "gpu")
    said = "no requirement of AzureCloud of gpu changed from 2026-01-01 to 2026-01-31\n"
    assert (done.returncode, done.stdout) == (0, said)
    assert ask("changes", "--until", "2019-01-01").stdout == "no requirement changed to 2019-01-01\n"


def test_the_days_that_the_article_names_are_listed_with_their_place(tmp_path: Path) -> None:
    assert [one["date"] for one in answer("dates")] == [str(named.date) for named in base.CATALOG.dates]
    shown = ask("dates").stdout
    for named in base.CATALOG.dates:
        assert f"{named}, " in shown
        assert f"#{named.heading}\n" in shown
    days = [today() + dt.timedelta(days=away) for away in (-3, 0, 9)]
    three = tuple(NamedDate(date=day, cloud="AzureCloud", feature="gpu", heading="h") for day in days)
    file = tmp_path / "catalog.json"
    file.write_text(to_json(replace(base.CATALOG, dates=three)), encoding="utf-8")
    lines = [line for line in run("dates", "--catalog", file).stdout.splitlines() if line.startswith("2")]
    assert [line.partition("gpu, ")[2] for line in lines] == ["3 days ago", "today", "in 9 days"]
    assert [one["date"] for one in answer("dates", "--catalog", file, "--to-come")] == [str(day) for day in days[1:]]
    file.write_text(to_json(replace(base.CATALOG, dates=())), encoding="utf-8")
    assert run("dates", "--catalog", file, "--to-come").stdout == "the article names no day to come\n"


def test_days_in_the_wrong_order_are_refused() -> None:
    done = run("changes", "--since", "2025-01-01", "--until", "2024-01-01")
    assert done.returncode == 2


def test_a_plan_leads_from_a_day_to_another() -> None:
    done = ask("diff", "2025-07-01", "2025-12-31", "--wide")
    assert done.returncode == 0
    assert done.stdout.startswith(f"from 2025.7.1 to {aec.load(as_of='2025-12-31').version}\n")
    assert "add now: 1" in done.stdout
    assert "may go once nothing of yours uses it: nothing" in done.stdout
    step = ["AzureCloud", "*.cloud.defender.microsoft.com", "TCP", "443", "HTTPS", "required", "2025-07-03"]
    assert step in rows(done.stdout)


def test_latest_is_where_a_plan_leads_unless_a_version_is_given() -> None:
    found = run("diff", "2025-07-01").stdout
    assert found == run("diff", "2025-07-01", "latest").stdout
    assert found.startswith(f"from 2025.7.1 to {aec.load().version}\n")


def test_a_version_of_the_data_names_the_state_of_its_day() -> None:
    expected = ask("diff", "2024-06-01", "2025-02-06").stdout
    assert expected.startswith("from 2024.5.21 to 2025.2.6\n")
    assert ask("diff", "2024.5.21", "2025.2.6").stdout == expected


def test_the_json_of_a_plan_has_its_steps_with_their_days() -> None:
    found = answer("diff", "2024-06-01", "2025-12-31", "--set", "region=westeurope")
    assert found.keys() == {"old", "new", "add", "may_go", "conditions", "unmet"}
    assert (found["old"], found["new"], found["unmet"]) == ("2024.5.21", aec.load(as_of="2025-12-31").version, [])
    assert {(step["destination"], step["since"]) for step in found["add"]} == {
        ("mcr-0001.mcr-msedge.net", "2024-06-14"),
        ("packages.aks.azure.com", "2025-02-06"),
        ("snapshot.ubuntu.com", "2024-09-26"),
    }
    assert found["add"][0] == {
        "application": "HTTPS",
        "cloud": "AzureCloud",
        "destination": "mcr-0001.mcr-msedge.net",
        "features": ["core"],
        "keep_until": None,
        "level": "required",
        "port": 443,
        "protocol": "TCP",
        "rules": ["AzureCloud/core/mcr-0001.mcr-msedge.net:tcp-443"],
        "since": "2024-06-14",
    }


def test_a_plan_as_markdown_is_a_page() -> None:
    text = ask("diff", "2024-06-01", "2024-12-24", "--format", "markdown").stdout
    assert text.startswith("# From `2024.5.21` to `2024.12.11`\n")
    assert "- AzureCloud: `snapshot.ubuntu.com` TCP 443 (HTTPS), os-updates, recommended, since 2024-09-26" in text


def test_a_profile_file_gives_the_plan_of_one_cluster(tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text('region = "westeurope"\nfeatures = ["defender"]\n', encoding="utf-8")
    found = answer("diff", "2025-07-01", "--profile", file)
    assert [step["destination"] for step in found["add"]] == ["*.cloud.defender.microsoft.com"]
    assert answer("diff", "2025-07-01", "--set", "region=westeurope")["add"] == []


def test_a_plan_leads_from_file_to_file(tmp_path: Path) -> None:
    old, new = (tmp_path / f"{name}.json" for name in ("old", "new"))
    for file, day in ((old, dt.date(2025, 1, 1)), (new, dt.date(2025, 2, 28))):
        file.write_text(to_json(catalog_at(load_history(), day)), encoding="utf-8")
    found = answer("diff", old, new)
    assert {(step["cloud"], step["destination"], step["since"]) for step in found["add"]} == {
        ("AzureCloud", "packages.aks.azure.com", "2025-02-06"),
        ("AzureUSGovernment", "packages.aks.azure.com", "2025-02-06"),
    }


@pytest.mark.parametrize(
    "cluster", [(), ("--set", "region=westeurope", "--set", "features=key-vault-csi", "--set", "gpu=true")]
)
def test_a_fix_belongs_to_each_state_at_which_its_defect_was_known(cluster: tuple[str, ...]) -> None:
    def added(old: str) -> set[str]:
        return {step["destination"] for step in answer("diff", old, "latest", *cluster, "--fix-advisories")["add"]}

    fixes = {"*.vault.azure.net", "developer.download.nvidia.com"}
    assert added("2024-06-01") & fixes == {"developer.download.nvidia.com"}
    assert added("2022-01-01") & fixes == fixes
    assert "vault.azure.net" not in added("2022-01-01")
    assert added("latest") == set()


def test_a_catalog_with_a_history_beside_it_has_its_own_past(tmp_path: Path) -> None:
    catalog = stored(tmp_path)
    found = answer("diff", "2024-01-15", "latest", "--catalog", catalog)
    assert (found["old"], found["new"], found["add"]) == ("2024.1.1", "2024.3.1", [])
    assert [(step["destination"], step["since"]) for step in found["may_go"]] == [("b.example", "2024-03-01")]
    done = run_apart("changes", "--catalog", "catalog.json", cwd=tmp_path)
    assert (done.returncode, "c.example" in done.stdout) == (0, True)


def test_a_rule_is_shown_with_its_life() -> None:
    done = ask("show", PACKAGES)
    assert done.returncode == 0
    assert "packages.aks.azure.com TCP 443 (HTTPS)" in done.stdout
    assert "first seen 2025-02-06, last changed 2025-02-06" in done.stdout
    assert ["2025-02-06", "added", "breaking", "df62a500e"] in rows(done.stdout)


def test_a_rule_that_is_gone_is_still_shown(tmp_path: Path) -> None:
    done = run("show", B.id, "--catalog", stored(tmp_path))
    assert "first seen 2024-01-01, last changed 2024-03-01, left the page on 2024-03-01" in done.stdout
    assert [row[:3] for row in rows(done.stdout) if row and row[0].startswith("2024")] == [
        ["2024-01-01", "added", "breaking"],
        ["2024-03-01", "changed", "informational"],
        ["2024-03-15", "removed", "relaxing"],
    ]


def test_a_rule_that_came_back_says_since_when_it_is_there_again() -> None:
    done = ask("show", "AzureChinaCloud/core/*.data.mcr.azure.cn:tcp-443")
    assert "first seen 2025-03-13, there since 2025-05-13, last changed 2025-05-13" in done.stdout


def test_a_rule_that_is_being_replaced_names_the_other() -> None:
    assert f"being replaced by {PACKAGES}" in ask("show", "AzureCloud/core/acs-mirror.azureedge.net:tcp-443").stdout


def test_the_json_of_a_rule_has_its_life_its_words_and_what_was_reported() -> None:
    found = answer("show", PACKAGES)
    assert found.keys() == {"id", "rule", "texts", "life", "announced"}
    assert found["id"] == found["rule"]["id"] == PACKAGES
    assert found["life"] == {
        "first_seen": "2025-02-06",
        "gone": None,
        "last_changed": "2025-02-06",
        "since": "2025-02-06",
    }
    assert [(change["date"], change["kind"]) for change in found["announced"]] == [("2025-02-06", "added")]
    assert found["texts"]


def test_a_rule_is_described_in_the_language_that_is_asked_for() -> None:
    texts = {locale: answer("show", PACKAGES, "--locale", locale)["texts"] for locale in ("en-us", "de-de", "ja-jp")}
    assert all(texts.values())
    assert len(set(map(str, texts.values()))) == 3


def test_a_rule_as_markdown_is_a_page() -> None:
    lines = ask("show", PACKAGES, "--format", "markdown").stdout.splitlines()
    assert lines[0] == f"# `{PACKAGES}`"
    assert lines[-3:] == ["## Life", "", "- 2025-02-06: added (breaking)"]


def test_check_says_since_when_a_rule_is_on_the_page() -> None:
    done = ask("check", "packages.aks.azure.com")
    assert done.returncode == 0
    assert f"{PACKAGES}  required, always, on the page since 2025-02-06" in done.stdout
    (found,) = answer("check", "packages.aks.azure.com")
    assert found["since"] == {PACKAGES: "2025-02-06", PACKAGES.replace("Cloud", "USGovernment", 1): "2025-02-06"}
    assert found["gone"] == {}


def test_check_says_since_when_a_rule_that_came_back_is_there_again() -> None:
    assert "on the page since 2025-05-13" in ask("check", "x.data.mcr.azure.cn").stdout


def test_check_names_rules_that_are_gone() -> None:
    done = ask("check", "x.cdn.mscr.io:443")
    assert done.returncode == 1
    for cloud in ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"):
        assert f"gone: {cloud}/core/*.cdn.mscr.io:tcp-443 left the page on 2020-11-13" in done.stdout
    assert "gone:" not in ask("check", "x.cdn.mscr.io:8443").stdout
    (found,) = answer("check", "x.cdn.mscr.io")
    assert set(found["gone"].values()) == {"2020-11-13"}


def test_every_rule_that_check_may_name_has_its_day() -> None:
    lives = load_history().rules
    for one in aec.load().rules:
        assert (lives[one.id].gone is not None) == (one.lifecycle.status is Status.MISSING), one.id


def test_check_says_that_a_missing_rule_still_covers(tmp_path: Path) -> None:
    catalog = stored(tmp_path)
    held = with_missing(aec.load(catalog), announced(SMALL, today=dt.date(2024, 3, 2)).missing)
    catalog.write_text(to_json(held), encoding="utf-8")
    done = run("check", "b.example", "--catalog", catalog)
    assert done.returncode == 0
    assert f"{B.id}  required, always, on the page since 2024-01-01, missing since 2024-03-01" in done.stdout
    assert "gone:" not in done.stdout


def test_without_a_history_beside_it_a_catalog_still_answers_but_tells_no_days(tmp_path: Path) -> None:
    catalog = stored(tmp_path, None)
    done = run("check", "a.example", "--catalog", catalog)
    assert (done.returncode, done.stdout) == (
        0,
        f"a.example: recommended, for core; a cluster runs without it\n  {A.id}  recommended, always\n",
    )
    found = answer("show", A.id, "--catalog", catalog)
    assert (found["life"], found["announced"], found["texts"]) == (None, [], [])


@pytest.mark.parametrize("command", [("changes",), ("diff", "2024-01-01"), ("diff", "2024-01-01", "2024-02-01")])
def test_without_a_history_beside_it_a_catalog_has_no_past(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "--catalog", stored(tmp_path, None))
    assert done.returncode == 3
    assert str(tmp_path / "history.json") in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_two_states_that_need_no_history_are_compared_without_one(tmp_path: Path) -> None:
    catalog = stored(tmp_path / "new", None)
    old = tmp_path / "old.json"
    old.write_text(to_json(catalog_at(SMALL, dt.date(2024, 1, 15))), encoding="utf-8")
    done = run("diff", old, "latest", "--catalog", catalog)
    assert done.returncode == 0, done.stderr
    assert "b.example" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("changes", "--cloud", "Azure"), 2, "no rule ever had the cloud 'Azure'; there were: AzureChinaCloud,"),
        (("changes", "--feature", "gpus"), 2, "no rule ever had the feature 'gpus'; there were: azure-monitor,"),
        (("changes", "--since", "yesterday"), 2, "'yesterday' is not a date; write it as 2024-06-01"),
        (("changes", "--until", "2024-02-30"), 2, "'2024-02-30' is not a date"),
        (("changes", "--format", "csv"), 2, "csv"),
        (("changes", "--catalog", "/nowhere/catalog.json"), 3, "/nowhere/history.json"),
        (("diff",), 2, "say since when: a day (2024-06-01), a version (2024.5.21) or a file"),
        (("diff", "--since", "2024-06-01", "2025-01-01", "latest"), 2, "at most OLD and NEW, not 3 states"),
        (("diff", "a", "b", "c"), 2, "at most OLD and NEW, not 3 states: a, b, c"),
        (("diff", "2999-01-01"), 2, "2999-01-01 lies in the future: nothing is known of it yet"),
        (("diff", "2024-06-01", "2999-01-01", "--exit-code"), 2, "2999-01-01 lies in the future"),
        (("diff", "--since", "2024.13.1"), 2, "the nearest: 2024.12.11, 2025.2.6"),
        (("diff", "latest", "--format", "sarif"), 2, "'github'"),
        (("diff", "2019-01-01"), 2, "nothing is known of 2019-01-01: the first revision known is of 2019-04-03"),
        (("diff", "2024-13-01"), 2, "'2024-13-01' is not a date"),
        (("diff", "2024.13.1"), 2, "the nearest: 2024.12.11, 2025.2.6"),
        (("diff", "2024.5.21.3"), 2, "the nearest: 2024.5.21, 2024.6.5"),
        (("diff", "June"), 2, "'June' is not a day (2024-06-01), a version (2024.5.21), 'latest' or a file"),
        (("diff", "latest", "/nowhere.json"), 2, "'/nowhere.json' is not a day"),
        (("diff", "latest", "--set", "cloud=Azure"), 2, "did you mean 'AzureCloud'?"),
        (("diff", "latest", "--allow-any"), 2, "--allow-any acts on one cluster's rules: give --profile"),
        (("diff", "latest", "--profile", "/nowhere.toml"), 3, "/nowhere.toml"),
        (("diff", "latest", "--catalog", "/nowhere/catalog.json"), 3, "/nowhere/catalog.json"),
        (("dates", "--catalog", "/nowhere/catalog.json"), 3, "/nowhere/catalog.json"),
        (("dates", "--format", "csv"), 2, "csv"),
        (("show",), 2, "Missing argument"),
        (("show", "AzureCloud/core/evil.example:tcp-443"), 2, "no rule was ever named"),
        (("show", "mcr-0001"), 2, "did you mean: AzureCloud/core/mcr-0001.mcr-msedge.net:tcp-443"),
        (("show", "packages.aks.azure.com"), 2, f"did you mean: {PACKAGES}"),
        (("show", "AzureCloud/core/packages.aks.azure.con:tcp-443"), 2, PACKAGES),
        (("show", PACKAGES, "--locale", "xx-xx"), 2, "there are no texts in xx-xx; there are: de-de, en-us"),
        (("show", PACKAGES, "--catalog", "/nowhere/catalog.json"), 3, "/nowhere/catalog.json"),
    ],
)
def test_a_fault_is_one_message_and_its_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = ask(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_history_without_the_cloud_that_is_asked_for_says_which_it_has(tmp_path: Path) -> None:
    done = run("changes", "--catalog", stored(tmp_path), "--cloud", "AzureUSGovernment")
    assert done.returncode == 2
    assert "there were: AzureChinaCloud, AzureCloud\n" in done.stderr


def test_a_file_that_is_no_catalog_is_named_with_the_place_of_the_fault(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text((SHIPPED_DATA / "history.json").read_text(encoding="utf-8"), encoding="utf-8")
    done = ask("diff", file, "latest")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"$.origin: missing key (in {file})" in done.stderr


GOOD = history_json(SMALL)
FAULTS = [
    (GOOD[:400], "not JSON, or cut short"),
    (
        GOOD.replace('"commit":"c2"', '"commit":"c2","previous":"c9"'),
        "events[1] (c2) does not follow the commit before it",
    ),
    (GOOD.replace(f'"removed":["{B.id}"]', '"removed":["x"]'), "takes away x, which was not there"),
    (GOOD.replace("2024-02-01T12", "2023-02-01T12"), "events[1] (c2) is older than the event before it"),
    (GOOD.replace('"date"', '"after"'), "$.events[0].date: missing key"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[said for _, said in FAULTS])
@pytest.mark.parametrize("command", [("changes",), ("show", A.id), ("check", "a.example")], ids=lambda it: str(it[0]))
def test_a_history_that_does_not_hang_together_is_refused_with_its_place(
    command: tuple[str, ...], text: str, said: str, tmp_path: Path
) -> None:
    catalog = stored(tmp_path)
    (tmp_path / "history.json").write_text(text, encoding="utf-8")
    done = run(*command, "--catalog", catalog)
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert str(tmp_path / "history.json") in done.stderr
    assert "Traceback" not in done.stderr


UNREADABLE = {
    "a rule removed twice": GOOD.replace(f'"removed":["{B.id}"]', f'"removed":["{B.id}","{B.id}"]'),
    "a time without its zone": GOOD.replace("2024-02-01T12:00:00Z", "2024-02-01T12:00:00"),
    "a newer history": GOOD.replace('"history_version": 1', '"history_version": 3'),
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_history_that_this_version_cannot_read_is_refused(text: str, tmp_path: Path) -> None:
    catalog = stored(tmp_path)
    (tmp_path / "history.json").write_text(text, encoding="utf-8")
    done = run("changes", "--catalog", catalog)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Traceback" not in done.stderr


def test_a_range_that_is_none_is_a_message_and_no_traceback(tmp_path: Path) -> None:
    file = stored(tmp_path / "new", history(event(1, "2024-01-01", added=(rule("cidr:192.0.2.0/24"),))))
    file.write_text(file.read_text(encoding="utf-8").replace("192.0.2.0/24", "192.0.2.1/24"), encoding="utf-8")
    done = run("diff", file, file)
    assert "host bits" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 3


HOSTILE = "\x1b]0;title\x07\x1b[31mred \u202eevil\u2066 <img src=x> [x](http://evil.example) @team\n# heading"


def test_page_text_stays_what_it_is_in_json(tmp_path: Path) -> None:
    catalog = stored(tmp_path, texts={A.id: [HOSTILE]})
    assert answer("show", A.id, "--catalog", catalog)["texts"] == [HOSTILE]


def test_page_text_is_quoted_in_markdown(tmp_path: Path) -> None:
    done = run("show", A.id, "--catalog", stored(tmp_path, texts={A.id: [HOSTILE]}), "--format", "markdown")
    assert [line for line in done.stdout.splitlines() if line.startswith("#")] == [f"# `{A.id}`", "## Life"]
    (line,) = [line for line in done.stdout.splitlines() if "evil" in line]
    assert line.startswith("- `")
    assert line.endswith("`")
    assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(done.stdout)


def test_page_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    done = run("show", A.id, "--catalog", stored(tmp_path, texts={A.id: [HOSTILE]}))
    assert "evil" in done.stdout
    assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(done.stdout)


@pytest.mark.parametrize(
    "arguments",
    [("changes", "--since", "2025-01-01"), ("diff", "2024-06-01"), ("show", PACKAGES)],
    ids=lambda asked: str(asked[0]),
)
def test_the_same_question_gives_the_same_bytes_without_colour(arguments: tuple[str, ...]) -> None:
    here, apart = run(*arguments), run_apart(*arguments)
    assert (here.returncode, here.stdout) == (apart.returncode, apart.stdout)
    assert "\x1b" not in here.stdout
