"""``lint --fix`` on the command line: what is written, what is told, and with what it ends."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.linting.mending.files import new_bytes
from tests.catalog.cli.command_line import Done, ask, run_apart
from tests.catalog.linting.allow_lists import CORE
from tests.catalog.linting.mending.mended_files import lines, rule, terraform

pytestmark = pytest.mark.usefixtures("base_shipped")

HERE = ("--set", "region=westeurope", "--set", "recommended=false")
COMPLETE = [host for host in CORE if not host.startswith("mcr-0001")]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list that lacks one host, and has one that is retired."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "main.tf"
    place.write_text(terraform(rule(lines("gcr.io", *COMPLETE[:-1]))))
    return place


def lint(*arguments: str | Path) -> Done:
    return ask("lint", *HERE, *arguments)


def test_files_are_written_and_judged_anew(file: Path) -> None:
    done = lint("main.tf", "--fix")
    assert done.returncode == 1
    assert file.read_text() == terraform(rule(lines("gcr.io", *COMPLETE)))
    assert "fixed: main.tf:23: packages.aks.azure.com (HTTPS 443) added to core\n" in done.stderr
    assert "not fixed: main.tf:15: gcr.io: --fix-retired takes it out\n" in done.stderr
    assert "retired" in done.stdout
    assert "error" not in done.stdout
    done = lint("main.tf", "--fix-retired", "--format", "json")
    assert (done.returncode, file.read_text()) == (0, terraform(rule(lines(*COMPLETE))))
    assert {one["level"] for one in json.loads(done.stdout)["findings"]} == {"note"}
    before = file.stat().st_mtime_ns
    done = lint("main.tf", "--fix-retired", "--fix-near-misses")
    assert (done.returncode, "fixed" in done.stderr, file.stat().st_mtime_ns) == (0, False, before)


def test_a_diff_is_all_that_is_printed(file: Path) -> None:
    before = file.read_text()
    done = lint("main.tf", "--fix-retired", "--diff")
    assert (done.returncode, file.read_text()) == (1, before)
    assert done.stdout.startswith("--- main.tf\n+++ main.tf\n@@ ")
    changes = [line for line in done.stdout.splitlines()[2:] if line[0] in "+-"]
    assert changes == ['-        "gcr.io",', '+        "packages.aks.azure.com",']
    assert "would fix: main.tf:22: packages.aks.azure.com (HTTPS 443) added to core\n" in done.stderr


@pytest.mark.parametrize("diff", [False, True])
def test_standard_input_goes_to_standard_output(monkeypatch: pytest.MonkeyPatch, diff: bool) -> None:
    text = "".join(f"{host}:443\r\n" for host in COMPLETE[:-1])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = lint("-", "--fix", *(["--diff"] if diff else []))
    added = "packages.aks.azure.com:443\r\n"
    assert done.returncode == int(diff)
    assert done.stdout.endswith(f"+{added}") if diff else done.stdout == text + added
    assert "fix" in done.stderr


def test_a_filter_gives_back_what_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(COMPLETE)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert lint("-", "--fix").stdout == text


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--diff"], "give --fix as well"),
        (["--fix", "--write-baseline", "known.json"], "mend first"),
    ],
)
def test_options_that_do_not_go_together(file: Path, arguments: list[str], word: str) -> None:
    done = lint(file, *arguments)
    assert (done.returncode, word in done.stderr) == (2, True)


def test_a_file_that_has_changed_since_is_not_written_over(file: Path) -> None:
    before = file.read_text()
    with pytest.raises(AksEgressError, match="has changed since it was read; nothing was written"):
        new_bytes(str(file), f"{before}x", "new", "utf-8")
    file.unlink()
    with pytest.raises(AksEgressError, match="cannot write"):
        new_bytes(str(file), before, "new", "utf-8")


def test_other_formats_are_left_with_a_word(tmp_path: Path) -> None:
    place = tmp_path / "squid.conf"
    hosts = "\n".join(f"acl aks dstdomain {host.removeprefix('*')}" for host in COMPLETE[:-1])
    place.write_text(f"{hosts}\nacl web port 443\nhttp_access allow aks web\nhttp_access deny all\n")
    done = lint(place, "--fix")
    assert done.returncode == 1
    assert "nothing is written into files of the format squid" in done.stderr


def test_bytes_go_through_a_real_pipe_as_they_are(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    done = run_apart("lint", "main.tf", *HERE, "--fix", "--diff", cwd=file.parent)
    assert "packages.aks.azure.com" in done.stdout


def test_each_cluster_gets_what_it_lacks_where_its_sources_are(file: Path) -> None:
    text = file.read_text().replace('["*"]', '["10.0.0.0/8"]')
    file.write_text(text)
    clusters = file.with_name("clusters.toml")
    names = {"near": ("10.1.0.0/16", "westeurope"), "far": ("192.0.2.0/24", "uksouth")}
    clusters.write_text(
        "".join(
            f'[{name}]\nsubnets = ["{subnet}"]\nprofile = {{region = "{region}", recommended = false}}\n'
            for name, (subnet, region) in names.items()
        )
    )
    done = ask("lint", "main.tf", "--clusters", clusters, "--fix")
    assert "*.hcp.uksouth.azmk8s.io" not in file.read_text()
    assert "packages.aks.azure.com" in file.read_text()
    (word,) = (line for line in done.stderr.splitlines() if "*.hcp.uksouth.azmk8s.io" in line)
    assert "no rule for hosts of AKS is for HTTPS 443 and these sources" in word
