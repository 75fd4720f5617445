"""``explain``: logs in, what AKS needs of what they denied out; and the query that says the same elsewhere."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.cli.command_line import Done, ask, run_apart
from tests.catalog.logs.made import application, compact, dns_query, network, record

REGION = ("--set", "region=westeurope")
CLUSTERS = """
[shop]
subnets = ["10.240.0.0/16"]
profile = {region = "westeurope"}

[bank]
subnets = ["10.9.0.0/16"]
profile = {region = "northeurope"}
"""
KEYS = {"host", "port", "protocol", "hits", "first", "last", "sources", "sources_total", "cluster", "verdict", "reason"}


def azure(*rows: dict[str, Any]) -> str:
    """Rows of the application table, as a storage account keeps them."""
    return "".join(f"{compact(record('AZFWApplicationRule', application(**row)))}\n" for row in rows)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two denials that matter, one that does not, and something that no allow list decides."""
    file = tmp_path / "fw.json"
    file.write_text(
        azure(
            {},
            {"SourceIp": "10.240.0.6"},
            {"Fqdn": "westeurope.data.mcr.microsoft.com"},
            {"Fqdn": "telemetry.shop.example"},
            {"Fqdn": "mcr.microsoft.com", "Action": "Allow", "Rule": "fqdn-tag"},
            {"Fqdn": "registry.shop.example", "Action": "Allow", "Rule": "shop"},
        ),
        encoding="utf-8",
    )
    return file


def answer(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask("explain", *arguments, "--format", "json").stdout)
    return found


def said(found: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["host"], one["verdict"], one["hits"]) for one in found["denied"]]


def test_denied_endpoints_come_with_verdicts_most_hits_first(log: Path) -> None:
    found = answer(log)
    assert said(found) == [
        ("packages.aks.azure.com", "required", 2),
        ("telemetry.shop.example", "not-listed", 1),
        ("westeurope.data.mcr.microsoft.com", "required", 1),
    ]
    first = found["denied"][0]
    assert first.keys() >= KEYS
    assert (first["sources"], first["rules"]) == (
        ["10.240.0.5", "10.240.0.6"],
        [
            f"{cloud}/core/packages.aks.azure.com:tcp-443"
            for cloud in sorted({one.partition("/")[0] for one in first["rules"]})
        ],
    )
    assert found["window"] == {"first": "2026-11-20T08:15:02Z", "last": "2026-11-20T08:15:02Z"}


@pytest.mark.parametrize(
    ("row", "fail_on", "code"),
    [
        ({}, "required", 1),
        ({"Fqdn": "telemetry.shop.example"}, "recommended", 0),
        ({"Fqdn": "snapshot.ubuntu.com"}, "required", 0),
        ({"Fqdn": "snapshot.ubuntu.com"}, "recommended", 1),
        ({"Fqdn": "nvidia.github.io"}, "required", 0),
        ({"Fqdn": "nvidia.github.io"}, "required-if", 1),
    ],
)
def test_the_exit_code_says_whether_something_needed_was_denied(
    tmp_path: Path, row: dict[str, Any], fail_on: str, code: int
) -> None:
    file = tmp_path / "fw.json"
    file.write_text(azure(row), encoding="utf-8")
    assert ask("explain", file, "--fail-on", fail_on).returncode == code


@pytest.mark.parametrize("form", ["table", "markdown", "html", "json", "jsonl"])
def test_every_form_names_what_is_denied_and_leaves_hostile_names_inert(tmp_path: Path, form: str) -> None:
    evil = "<img src=x onerror=alert(1)>|`\x1b[31m\u202e.example"
    file = tmp_path / "fw.json"
    file.write_text(azure({}, {"Fqdn": evil}), encoding="utf-8")
    text = ask("explain", file, "--format", form).stdout
    assert "packages.aks.azure.com" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert form in ("table", "json", "jsonl", "markdown") or "<img" not in text
    if form == "html":
        Balanced().feed(text)
        assert "<script" not in text
    if form == "markdown":
        row = next(line for line in text.splitlines() if "img" in line)
        assert len(re.findall(r"(?<!\\)\|", row)) == 8


class Balanced(HTMLParser):
    """Fails where a tag is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  - the parser's signature
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_to_add_is_written_in_the_words_of_an_export(log: Path) -> None:
    found = answer(log, *REGION, "--format-for", "squid")
    (addition,) = found["additions"]
    text = addition["files"]["aks-egress.conf"]
    assert (addition["cluster"], addition["format"], addition["inexact"]) == ("", "squid", [])
    assert "dstdomain -n packages.aks.azure.com" in text
    assert r"data\.mcr\.microsoft\.com" in text
    assert "management.azure.com" not in text
    for form in ("table", "markdown", "html"):
        assert (
            "dstdomain -n packages.aks.azure.com"
            in ask("explain", log, *REGION, "--format-for", "squid", "--format", form).stdout
        )


def test_what_to_add_needs_a_cluster_and_says_so_before_it_reads(tmp_path: Path) -> None:
    done = ask("explain", tmp_path / "no-such.log", "--format-for", "squid")
    assert done.returncode == 2
    assert "--set region=" in done.stderr
    done = ask("explain", tmp_path / "no-such.log", "--format-for", "sqid", *REGION)
    assert "there is: json, csv" in done.stderr


def test_one_hub_firewall_gives_an_answer_for_each_cluster(tmp_path: Path) -> None:
    file = tmp_path / "fw.json"
    file.write_text(
        azure({}, {"SourceIp": "10.9.0.4", "Fqdn": "mcr.microsoft.com"}, {"SourceIp": "192.0.2.1"}), encoding="utf-8"
    )
    clusters = tmp_path / "clusters.toml"
    clusters.write_text(CLUSTERS, encoding="utf-8")
    found = answer(file, "--clusters", clusters, "--format-for", "azure-firewall-bicep")
    assert {(one["cluster"], one["host"]) for one in found["denied"]} == {
        ("shop", "packages.aks.azure.com"),
        ("bank", "mcr.microsoft.com"),
        ("", "packages.aks.azure.com"),
    }
    texts = {one["cluster"]: "".join(one["files"].values()) for one in found["additions"]}
    assert texts.keys() == {"bank", "shop"}
    assert "mcr.microsoft.com" in texts["bank"]
    assert "packages.aks.azure.com" not in texts["bank"]


def test_what_was_let_through_is_looked_at_where_asked(log: Path) -> None:
    found = answer(log, *REGION, "--allowed", "--tag-rule", "fqdn-tag")
    assert [one["host"] for one in found["tag_only"]] == ["mcr.microsoft.com"]
    assert {one["host"] for one in found["allowed"]} == {"mcr.microsoft.com", "registry.shop.example"}
    assert "AzureCloud/core/management.azure.com:tcp-443" in found["unused"]
    assert "AzureCloud/core/mcr.microsoft.com:tcp-443" not in found["unused"]
    untold = answer(log, *REGION, "--allowed")
    assert (untold["tag_only"], [note for note in untold["notes"] if "--tag-rule" in note]) != ([], [])


def test_of_logs_without_allowed_rows_nothing_follows_for_rules(tmp_path: Path) -> None:
    file = tmp_path / "fw.json"
    file.write_text(azure({}), encoding="utf-8")
    found = answer(file, *REGION, "--allowed")
    assert found["unused"] == []
    assert any("nothing follows" in note for note in found["notes"])


def test_an_address_without_a_name_gets_hints_and_no_verdict_that_it_cannot_bear(tmp_path: Path) -> None:
    file = tmp_path / "fw.json"
    rows = [
        record("AZFWDnsQuery", dns_query(QueryName="x.hcp.westeurope.azmk8s.io."), "2026-11-20T08:14:59.000Z"),
        record("AZFWNetworkRule", network()),
    ]
    file.write_text("".join(f"{compact(row)}\n" for row in rows), encoding="utf-8")
    (one,) = answer(file)["denied"]
    assert (one["host"], one["port"], one["protocol"], one["verdict"]) == ("20.61.4.9", 1194, "UDP", "unnamed")
    assert "tunnel" in one["hint"]
    assert "asked for x.hcp.westeurope.azmk8s.io" in one["hint"]


def test_packed_files_folders_and_several_files_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(azure({}).encode()))
    (tmp_path / "b.json").write_text(azure({}, {}), encoding="utf-8")
    assert said(answer(tmp_path)) == [("packages.aks.azure.com", "required", 3)]
    assert said(answer(tmp_path / "b.json", tmp_path / "a.json.gz")) == [("packages.aks.azure.com", "required", 3)]


def refusal(done: Done) -> str:
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_what_cannot_be_done_is_one_line(tmp_path: Path, log: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    assert "known format" in refusal(ask("explain", picture))
    assert "no-such" in refusal(ask("explain", tmp_path / "no-such"))
    assert "no such time zone" in refusal(ask("explain", log, "--tz", "Moon/Base"))
    assert "name a log" in refusal(ask("explain"))
    assert "not both" in refusal(ask("explain", log, "--kql"))
    assert "give --kql with it" in refusal(ask("explain", log, "--basic"))
    assert "one file" in refusal(ask("explain", log, log, "--follow"))
    clusters = tmp_path / "clusters.toml"
    clusters.write_text(CLUSTERS, encoding="utf-8")
    assert "leave --profile" in refusal(ask("explain", log, "--clusters", clusters, *REGION))


def test_a_query_for_each_table_or_for_one() -> None:
    every = ask("explain", "--kql")
    assert every.returncode == 0
    assert all(f"({table})" in every.stdout for table in ("AZFWApplicationRule", "AZFWNetworkRule", "AzureDiagnostics"))
    one = ask("explain", "--kql", "--table", "AZFWApplicationRule", *REGION)
    assert "AzureDiagnostics" not in one.stdout
    assert "region=westeurope" in one.stdout
    assert len(one.stdout) < 10_000
    basic = ask("explain", "--kql", "--table", "AZFWNetworkRule", "--basic").stdout
    assert not re.search(r"\b(join|union|externaldata)\b", re.sub(r"//.*", "", basic))
    address = "https://x.example/rules.csv"
    assert address in ask("explain", "--kql", "--table", "AzureDiagnostics", "--external", address).stdout
    assert '_GetWatchlist("aks")' in ask("explain", "--kql", "--watchlist", "aks").stdout.replace("'", '"')
    rules = ask("explain", "--kql", "--rules-only", *REGION).stdout.splitlines()
    assert rules[0].startswith("Pattern,")
    assert any("packages.aks.azure.com" in line for line in rules)


@pytest.mark.slow
def test_a_pipe_is_a_log(log: Path) -> None:
    done = run_apart("explain", "-", "--format", "jsonl", stdin=log.read_text(encoding="utf-8"))
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["required", "not-listed", "required"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "told"), [("jsonl", '"verdict": "required"'), ("table", "required      packages.aks.azure.com:443")]
)
def test_a_pipe_is_followed_line_by_line(form: str, told: str) -> None:
    command = [sys.executable, "-m", "aks_egress_catalog.cli.main", "explain", "-", "--follow", "--format", form]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(azure({}))
        process.stdin.flush()
        assert told in process.stdout.readline()  # while the pipe is open
        process.stdin.write(azure({}, {"Fqdn": "shop.example"}))
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait() == 1
    assert "shop.example" in rest
    assert "packages.aks.azure.com:443" not in rest
