"""``export``: nothing but the configuration on stdout, what is not in it on stderr, files whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aks_egress_catalog.exports.formats import FORMATS
from aks_egress_catalog.text.files import write_files
from tests.catalog.cli.command_line import ask

GOVERNMENT = ("--set", "cloud=AzureUSGovernment", "--set", "region=usgovvirginia")
WEST = ("--set", "region=westeurope")
TUNNELS = {"AzureUSGovernment/core/any:tcp-9000", "AzureUSGovernment/core/any:udp-1194"}


@pytest.mark.parametrize("report", [(), ("--report",)])
def test_each_rule_that_is_not_exact_is_reported_on_stderr(tmp_path: Path, report: tuple[str, ...]) -> None:
    done = ask("export", "paloalto", *GOVERNMENT, "--out", tmp_path / "x", *report)
    assert (done.returncode, done.stdout) == (0, "")
    dropped = {line.split(": ")[1] for line in done.stderr.splitlines() if line.startswith("dropped: ")}
    assert dropped >= TUNNELS
    assert ("exact" in done.stderr) == bool(report)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "paloalto"])
def test_a_rule_that_lacks_an_input_is_reported_whatever_the_format(form: str) -> None:
    done = ask("export", form)
    assert "dropped: AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443: " in done.stderr
    assert "needs the region" in done.stderr


def test_a_report_never_stands_in_the_configuration() -> None:
    plain, reported = ask("export", "json", *WEST), ask("export", "json", *WEST, "--report")
    assert json.loads(reported.stdout) == json.loads(plain.stdout)
    assert "fidelity" in reported.stderr
    assert plain.stderr.count("\n") == 2, "the features, and the advisory"


def test_several_files_need_a_folder() -> None:
    done = ask("export", "paloalto", *WEST)
    assert (done.returncode, done.stdout) == (2, "")
    assert "objects.txt, rules.txt, urls.txt, ips.txt: say by --out in which folder" in done.stderr


def test_the_header_and_the_caveats_tell_of_the_advisories() -> None:
    asked = ("export", "azure-firewall-bicep", *WEST, "--set", "features=key-vault-csi")
    assert "advisory: Vaults answer as <name>.vault.azure.net" in ask(*asked).stdout
    fixed = ask(*asked, "--fix-advisories")
    assert "advisory: " not in fixed.stdout + fixed.stderr
    assert "fix_advisories=True" in fixed.stdout
    assert "'*.vault.azure.net'" in fixed.stdout


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_new_file_has_the_mode_that_the_umask_leaves_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("x", encoding="utf-8")
    old.chmod(0o604)
    before = os.umask(0o027)
    try:
        write_files({new: "a", old: "b"})
    finally:
        os.umask(before)
    assert (mode(new), mode(old)) == (0o640, 0o604)
    assert (new.read_text(encoding="utf-8"), old.read_text(encoding="utf-8")) == ("a", "b")


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    file, link = tmp_path / "there" / "file", tmp_path / "link"
    file.parent.mkdir()
    link.symlink_to(file)
    for text in ("new", "again"):
        write_files({link: text})
        assert (link.is_symlink(), file.read_text(encoding="utf-8")) == (True, text)
    assert [one.name for one in file.parent.iterdir()] == ["file"]


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_files({pipe: "rules"})
    reader.join(timeout=30)
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == (["rules"], True)


def test_nothing_is_written_where_one_place_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "ips.txt").mkdir()
    done = ask("export", "paloalto", *WEST, "--out", tmp_path)
    assert done.returncode == 2
    assert "nothing was written" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["ips.txt"]


def apart(command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, with ``aec`` for the command line."""
    line = f'aec() {{ "{sys.executable}" -m aks_egress_catalog "$@"; }}; {command}'
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "catalog")}
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False, env=environment)


def test_standard_output_may_be_named_as_a_file() -> None:
    done = apart("aec export json --set region=westeurope --out /dev/stdout")
    assert json.loads(done.stdout)["rules"]


@pytest.mark.parametrize("command", ["list --format csv", "list", "resolve --format json", "check mcr.microsoft.com"])
def test_a_full_disk_is_one_message_and_never_a_no(command: str) -> None:
    done = apart(f"aec {command} > /dev/full")
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if not line.startswith("note: ")] == [
        "error: cannot write the answer: [Errno 28] No space left on device"
    ]


def test_a_closed_pipe_is_silent() -> None:
    assert apart("aec list --format csv | head -1 > /dev/null").stderr == ""


@pytest.mark.parametrize("module", ["aks_egress_catalog", "aks_egress_catalog.cli.main"])
def test_the_package_runs_as_a_module(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("aks-egress-catalog ")
