"""What somebody has looked at: comments at a line, a baseline, and what was wrong before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.counting import baseline_of
from aks_egress_catalog.linting.findings.finding import Severity
from aks_egress_catalog.linting.ignoring.baseline import read_baseline
from aks_egress_catalog.linting.lint import Lint
from tests.catalog.cli.command_line import ask

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
    assert ask("lint", file, "--since", "2999-01-01").returncode == 2


def test_one_run_writes_several_formats(tmp_path: Path) -> None:
    file, sarif, page = written(tmp_path), tmp_path / "a.sarif", tmp_path / "a.md"
    done = ask("lint", file, "--output", f"sarif={sarif}", "--output", f"markdown={page}", "--format", "github")
    assert done.returncode == 1
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert page.read_text().startswith("### AKS egress")
    assert "::warning file=" in done.stdout
    assert ask("lint", file, "--output", "word=x").returncode == 2
