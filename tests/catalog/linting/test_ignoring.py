"""What somebody has looked at: comments at a line, a baseline, and what was wrong before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.counting import baseline_of, since_then
from aks_egress_catalog.linting.findings.finding import Severity
from aks_egress_catalog.linting.ignoring.baseline import read_baseline
from aks_egress_catalog.linting.lint import Lint
from tests.base import CATALOG
from tests.catalog.cli.command_line import ask
from tests.catalog.linting.allow_lists import CORE, allow
from tests.catalog.linting.allow_lists import lint as lint_lists

pytestmark = pytest.mark.usefixtures("base_shipped")

PROFILE = aec.Profile(region="westeurope", recommended=False)
LIST = """\
*.hcp.westeurope.azmk8s.io:443
mcr.microsoft.com:443
*.data.mcr.microsoft.com:443
management.azure.com:443
login.microsoftonline.com:443
packages.microsoft.com:443
acs-mirror.azureedge.net:443
packages.aks.azure.com:443
mcr-0001.mcr-msedge.net:443
*.cdn.mscr.io:443 {comment}
"""


def written(tmp_path: Path, comment: str = "", head: str = "") -> Path:
    file = tmp_path / "hosts.txt"
    file.write_text(head + LIST.format(comment=comment))
    return file


def found(file: Path) -> Lint:
    return aec.lint(file, profile=PROFILE)


def codes(lint: Lint) -> list[str]:
    return [str(one.code) for one in lint.findings if one.level != "note"]


def test_without_a_comment_it_counts(tmp_path: Path) -> None:
    assert codes(found(written(tmp_path))) == ["retired"]


@pytest.mark.parametrize(
    "comment",
    [
        "# aks-egress: ignore retired",
        "# aks-egress: ignore missing, retired until 9999-01-01 old nodes ask for it",
        "// aks-egress: ignore retired *.cdn.mscr.io",
        "; see ticket 7; aks-egress: ignore retired",
    ],
)
def test_a_comment_at_the_line_silences(tmp_path: Path, comment: str) -> None:
    lint = found(written(tmp_path, comment))
    assert codes(lint) == []
    assert [str(one.finding.code) for one in lint.silenced] == ["retired"]


@pytest.mark.parametrize("head", ["# aks-egress: ignore-file retired\n"])
def test_a_comment_for_the_whole_file(tmp_path: Path, head: str) -> None:
    assert codes(found(written(tmp_path, head=head))) == []


def test_a_comment_on_the_line_above(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("*.cdn", "# aks-egress: ignore retired\n*.cdn"))
    assert codes(found(file)) == []


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# aks-egress: ignore retired until 2026-10-19", "ran out on 2026-10-19"),
        ("# aks-egress: ignore too-broad", "silences nothing"),
        ("# aks-egress: ignore retired other.example.com", "silences nothing"),
        ("# aks-egress: ignore retierd", "'retierd' is no code"),
        ("# aks-egress: ignore retired until tomorrow", "'tomorrow' is no day"),
    ],
)
def test_a_comment_that_does_nothing_is_told(tmp_path: Path, comment: str, told: str) -> None:
    file = written(tmp_path, comment)
    lint = found(file)
    assert codes(lint) == ["retired"]
    assert any(told in note and "hosts.txt:10" in note for note in lint.notes), lint.notes


def test_a_baseline_silences_what_it_has_wherever_it_moved(tmp_path: Path) -> None:
    file, baseline = written(tmp_path), tmp_path / "baseline.json"
    baseline.write_text(baseline_of(aec.lint(file, profile=PROFILE), Severity.WARNING))
    file.write_text("# one line more\n\n" + file.read_text() + "*.docker.io\n")
    lint = aec.lint(file, profile=PROFILE, baseline=baseline)
    assert [one.value for one in lint.findings if one.level != "note"] == ["*.docker.io"]
    assert [one.in_source for one in lint.silenced] == [False]


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    file, baseline = written(tmp_path), tmp_path / "baseline.json"
    baseline.write_text(baseline_of(aec.lint(file, profile=PROFILE), Severity.WARNING))
    file.write_text(file.read_text().replace("*.cdn.mscr.io:443", ""))
    assert any("found no more" in note for note in aec.lint(file, profile=PROFILE, baseline=baseline).notes)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"baseline_version": 9, "findings": []}', "\x00", "[" * 9999])
def test_a_damaged_baseline_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(InputError, match="baseline"):
        read_baseline(file)


def test_a_baseline_leaves_alone_what_a_comment_silences(tmp_path: Path) -> None:
    file, baseline = written(tmp_path, "# aks-egress: ignore retired"), tmp_path / "baseline.json"
    baseline.write_text(baseline_of(found(file), Severity.WARNING))
    assert read_baseline(baseline) == {}
    assert aec.lint(file, profile=PROFILE, baseline=baseline).notes == ()


def test_a_baseline_has_notes_only_where_they_fail(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert {row["code"] for row in rows(file, Severity.ERROR)} == {"retired"}
    assert {row["code"] for row in rows(file, Severity.NOTE)} > {"retired"}


def rows(file: Path, fail_on: Severity) -> list[dict[str, str]]:
    content: dict[str, list[dict[str, str]]] = json.loads(baseline_of(found(file), fail_on))
    return content["findings"]


def test_a_baseline_has_one_finding_a_line_sorted(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("mcr.microsoft.com:443\n", "mcr.microsoft.com:80\n*.docker.io\n", 1))
    lines = baseline_of(found(file), Severity.WARNING).splitlines()
    inner = lines[3:-2]
    assert inner == sorted(inner)
    assert all(json.loads(line.strip().rstrip(","))["path"].endswith("hosts.txt") for line in inner)


def test_equal_findings_are_counted_and_a_silenced_one_is_one_of_them(tmp_path: Path) -> None:
    twice = "*.cdn.mscr.io:443 {comment}\n*.cdn.mscr.io:443\n"
    file, baseline = tmp_path / "hosts.txt", tmp_path / "baseline.json"
    file.write_text(twice.format(comment=""))
    before = rows(file, Severity.WARNING)
    baseline.write_text(baseline_of(found(file), Severity.WARNING))
    file.write_text(twice.format(comment="# aks-egress: ignore retired"))
    after = rows(file, Severity.WARNING)
    retired = [row["fingerprint"] for row in before if row["code"] == "retired"]
    assert len(set(retired)) == 2
    assert [row["fingerprint"] for row in after if row["code"] == "retired"] == retired[1:]
    known = aec.lint(file, profile=PROFILE, baseline=baseline)
    assert [one.in_source for one in known.silenced if one.finding.code == "retired"] == [True, False]
    assert codes(known) == []


def test_a_baseline_is_the_same_from_wherever_the_list_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = [Path("hosts.txt"), Path("./hosts.txt"), tmp_path / "hosts.txt"]
    assert len({baseline_of(found(one), Severity.WARNING) for one in names}) == 1


def test_a_baseline_tells_nothing_of_files_that_were_not_read(tmp_path: Path) -> None:
    file, baseline = written(tmp_path), tmp_path / "baseline.json"
    baseline.write_text(baseline_of(found(file), Severity.WARNING))
    other = tmp_path / "other.txt"
    other.write_text(file.read_text().replace("*.cdn.mscr.io:443", ""))
    assert aec.lint(other, profile=PROFILE, baseline=baseline).notes == ()
    file.unlink()
    assert any("found no more" in note for note in aec.lint(other, profile=PROFILE, baseline=baseline).notes)


# ---------------------------------------------------------------- since a day


def test_since_tells_nothing_of_comments_for_what_was_so_before(tmp_path: Path) -> None:
    file = written(tmp_path, "# aks-egress: ignore retired")
    lint = aec.lint(file, profile=PROFILE, since="2024-06-01")
    assert codes(lint) == []
    assert lint.silenced == ()
    assert not any("silences nothing" in note for note in lint.notes)
    assert any("2024.5.21" in note for note in lint.notes)


def test_since_keeps_what_became_wrong_though_its_place_moved(tmp_path: Path) -> None:
    file = written(tmp_path)
    lacking = ("packages.aks.azure.com:443\n", "management.azure.com:443\n")
    text = file.read_text()
    for one in lacking:
        text = text.replace(one, "")
    file.write_text(text)
    assert codes(found(file)).count("missing") == 2
    since = aec.lint(file, profile=PROFILE, since="2024-06-01")
    assert [one.value for one in since.findings if one.code == "missing"] == ["packages.aks.azure.com"]


def test_a_rule_was_no_retired_one_before_it_went(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert codes(aec.lint(file, profile=PROFILE, since="2020-06-01")).count("retired") == 1
    assert "retired" not in codes(aec.lint(file, profile=PROFILE, since="2021-06-01"))


def test_a_finding_that_became_graver_is_told() -> None:
    finding = lint_lists(allow(*CORE[:-1])).findings[0]
    note = replace(finding, level=Severity.NOTE)
    now = Lint(data_version="2", profiles=(), findings=(finding,), read=(), notes=())
    assert since_then(now, replace(now, findings=(note,)), CATALOG).findings == (finding,)
    assert since_then(replace(now, findings=(note,)), now, CATALOG).findings == ()


# ---------------------------------------------------------------- on the command line


def test_the_command_writes_and_takes_a_baseline(tmp_path: Path) -> None:
    file, baseline = written(tmp_path), tmp_path / "b.json"
    profile = ("--set", "region=westeurope", "--set", "recommended=false")
    assert ask("lint", file, *profile).returncode == 1
    assert ask("lint", file, *profile, "--write-baseline", baseline).returncode == 0
    assert ask("lint", file, *profile, "--baseline", baseline).returncode == 0


def test_only_what_became_wrong_since(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("packages.aks.azure.com:443\n", ""))
    profile = ("--set", "region=westeurope", "--set", "recommended=false", "--format", "json")
    now = json.loads(ask("lint", file, *profile).stdout)
    since = json.loads(ask("lint", file, *profile, "--since", "2024-06-01").stdout)
    assert {one["code"] for one in now["findings"]} > {one["code"] for one in since["findings"]}
    assert "packages.aks.azure.com" in {one["value"] for one in since["findings"]}
    assert "*.cdn.mscr.io" not in {one["value"] for one in since["findings"]}
    assert "2024.5.21" in " ".join(since["notes"])
    future = ask("lint", file, "--since", "2999-01-01")
    assert (future.returncode, future.stdout) == (2, "")
    assert "future" in future.stderr
    assert ask("lint", file, "--since", "2024-06-01", "--write-baseline", tmp_path / "b.json").returncode == 2


def test_one_run_writes_several_formats(tmp_path: Path) -> None:
    file, sarif, page = written(tmp_path), tmp_path / "a.sarif", tmp_path / "a.md"
    done = ask("lint", file, "--output", f"sarif={sarif}", "--output", f"markdown={page}", "--format", "github")
    assert done.returncode == 1
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert page.read_text().startswith("### AKS egress")
    assert "::warning file=" in done.stdout
    assert ask("lint", file, "--output", "word=x").returncode == 2
