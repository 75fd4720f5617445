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
from tests import base
from tests.catalog.cli.command_line import ask

GOVERNMENT = ("--set", "cloud=AzureUSGovernment", "--set", "region=usgovvirginia")
WEST = ("--set", "region=westeurope")
TUNNELS = {"AzureUSGovernment/core/any:tcp-9000", "AzureUSGovernment/core/any:udp-1194"}


@pytest.mark.parametrize("report", [(), ("--report",)])
def test_each_rule_that_is_not_exact_is_reported_on_stderr(tmp_path: Path, report: tuple[str, ...]) -> None:
    done = ask("export", "paloalto", *GOVERNMENT, "--out", tmp_path / "x", *report)
    assert (done.returncode, done.stdout) == (1, "")
    dropped = {line.split(": ")[1] for line in done.stderr.splitlines() if line.startswith("dropped: ")}
    assert dropped >= TUNNELS
    assert ("exact" in done.stderr) == bool(report)


@pytest.mark.parametrize("form", FORMATS)
def test_a_rule_that_lacks_an_input_is_reported_whatever_the_format(form: str, tmp_path: Path) -> None:
    done = ask("export", form, "--out", tmp_path)
    assert "dropped: AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443: " in done.stderr
    assert "needs the region" in done.stderr


MISSING = " required rules are not in the answer; --allow-missing accepts that\n"


@pytest.mark.parametrize("form", ["paloalto", "squid"])
def test_what_a_text_lacks_stands_at_its_top_and_what_can_be_written_is_written(form: str, tmp_path: Path) -> None:
    done = ask("export", form, *GOVERNMENT, "--out", tmp_path)
    assert (done.returncode, done.stderr[-len(MISSING) :]) == (1, MISSING)
    mains = {"paloalto": ("objects.txt", "rules.txt"), "squid": ("aks-egress.conf",)}[form]
    for text in ((tmp_path / name).read_text(encoding="utf-8") for name in mains):
        head = "".join(line + "\n" for line in text.splitlines()[:15] if line.startswith("# "))
        assert "# Needed, and not in this file:\n" in head
        assert all(f"\n# {rule}: " in head for rule in TUNNELS)
        assert text.count("\n") > 20, "the rest is there"


def test_a_text_that_lacks_nothing_says_nothing_of_it() -> None:
    done = ask("export", "squid", *WEST)
    assert done.returncode == 0
    assert "not in this file" not in done.stdout


@pytest.mark.parametrize("command", [("resolve",), ("resolve", "--format", "json"), ("export", "squid")])
def test_a_required_rule_that_cannot_be_expressed_is_a_no_unless_it_may_be_missing(command: tuple[str, ...]) -> None:
    done, allowed = ask(*command), ask(*command, "--allow-missing")
    assert (done.returncode, allowed.returncode) == (1, 0)
    assert done.stdout == allowed.stdout != ""
    rule = "AzureCloud/core/*.hcp.{region}.azmk8s.io:tcp-443: "
    told = done.stdout + done.stderr if command == ("resolve",) else done.stderr
    assert any(line.partition(": ")[2].startswith(rule) for line in told.splitlines())
    assert done.stderr.endswith("error: 1 required rule is not in the answer; --allow-missing accepts that\n")
    assert "error" not in allowed.stderr


def test_what_is_only_informational_may_be_missing_without_a_word() -> None:
    done = ask("export", "azure-firewall-bicep", *WEST, "--informational", "--set", "features=azure-monitor")
    assert "dropped: AzureCloud/core/md-*.blob.storage.azure.net:any: " in done.stderr
    assert done.returncode == 0


AZURE = ("azure-firewall-arm", "azure-firewall-bicep", "azure-firewall-terraform")
OF_AZURE = (*AZURE, "az-script", "bicep-json", "terraform-tfvars")
FEATURES = ("--set", "features=azure-monitor,azure-policy,defender,cluster-extensions")


@pytest.mark.parametrize("form", AZURE)
def test_hosts_are_grouped_sorted_one_a_line_and_none_twice(form: str) -> None:
    grouped, single = (
        ask("export", form, *WEST, *FEATURES),
        ask("export", form, *WEST, *FEATURES, "--one-rule-per-host"),
    )
    assert (grouped.returncode, single.returncode) == (0, 0)
    hosts = {value for rule in base_rules(*WEST, *FEATURES) for value in rule["values"] if "." in value}
    for host in hosts:
        mark = "'" if form.endswith("bicep") else '"'
        assert grouped.stdout.count(f"{mark}{host}{mark}") == 1
        assert single.stdout.count(f"{mark}{host}{mark}") >= 1
    assert len(grouped.stdout.splitlines()) < len(single.stdout.splitlines()) / 2


def base_rules(*arguments: str) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = json.loads(ask("resolve", "--format", "json", *arguments).stdout)["rules"]
    return found


@pytest.mark.parametrize("form", AZURE)
def test_the_fqdn_tag_stands_for_the_core_and_the_rest_is_named(form: str) -> None:
    done = ask("export", form, *WEST, *FEATURES, "--use-fqdn-tag")
    assert done.returncode == 0
    assert done.stdout.count("AzureKubernetesService") > 1
    listed = [line.strip(" ,'\"") for line in done.stdout.splitlines()]
    assert "data.policy.core.windows.net" in listed
    assert "packages.aks.azure.com" not in listed
    assert "widened: AzureCloud/core/mcr.microsoft.com:tcp-443: by the FQDN tag AzureKubernetesService" in done.stderr
    assert ask("export", form, *WEST, "--use-fqdn-tag", "--strict").returncode == 4


@pytest.mark.parametrize("option", ["--use-fqdn-tag", "--one-rule-per-host"])
@pytest.mark.parametrize("form", [form for form in FORMATS if form not in OF_AZURE])
def test_an_option_that_a_format_does_not_have_is_refused(form: str, option: str) -> None:
    done = ask("export", form, *WEST, option)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {option} is for {', '.join(OF_AZURE)}, not for {form}\n"


def test_what_the_firewall_has_too_much_is_deleted(tmp_path: Path) -> None:
    asked = ("export", "paloalto", *WEST, "--allow-any", "--allow-missing", "--out", tmp_path)
    assert ask(*asked, "--since", "2021-06-01").returncode == 0
    deletes = (tmp_path / "deletes.txt").read_text(encoding="utf-8").splitlines()
    assert deletes[0] == "delete rulebase security rules aks-egress-tcp-9000-anywhere"
    assert "aks-egress-tcp-443-urls" not in (tmp_path / "new-rules.txt").read_text(encoding="utf-8")
    assert ask(*asked, "--since", base.CATALOG.version).returncode == 0
    assert (tmp_path / "deletes.txt").read_text(encoding="utf-8") == ""
    assert (tmp_path / "new-rules.txt").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("squid", "--since", "2024-06-01", "--check-target"), "--since writes a change"),
        (("csv", "--check-target"), "no program is known that checks csv"),
        (("paloalto", "--since", "2999-01-01"), "2999-01-01 lies in the future"),
        (("paloalto", "--since", "2024.13.1"), "the nearest: 2024.12.11, 2025.2.6"),
        (
            ("paloalto", "--since", "June"),
            "'June' is not a day (2024-06-01), a version (2024.5.21), 'latest' or a file",
        ),
    ],
)
def test_a_state_that_cannot_be_had_is_refused(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = ask("export", *arguments, *WEST, "--out", tmp_path / "x")
    assert (done.returncode, (tmp_path / "x").exists()) == (2, False)
    assert said in done.stderr


def test_the_fqdn_tag_of_a_cloud_that_nobody_told_of_is_refused() -> None:
    done = ask("export", AZURE[0], *GOVERNMENT, "--use-fqdn-tag")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing is known of what it covers in AzureUSGovernment" in done.stderr


def test_resolve_says_what_a_firewall_with_the_tag_alone_lacks_with_the_evidence_and_the_doubt() -> None:
    asked = ("resolve", "--compare-fqdn-tag", *WEST, *FEATURES, "--set", "konnectivity=false")
    found = json.loads(ask(*asked, "--format", "json").stdout)
    ids = {part: {rule["id"] for rule in found[part]} for part in ("lacks", "unproven", "credited")}
    assert ids["lacks"] >= {"AzureCloud/core/any:tcp-9000", "AzureCloud/core/any:udp-1194"}
    assert "AzureCloud/azure-policy/data.policy.core.windows.net:tcp-443" in ids["unproven"]
    assert "AzureCloud/core/mcr.microsoft.com:tcp-443" in ids["credited"]
    shown = ask(*asked).stdout
    for said in (*(one["url"] for one in found["evidence"]), found["doubt"], "data.policy.core.windows.net TCP 443"):
        assert said in shown


def test_strict_goes_before_what_is_missing(tmp_path: Path) -> None:
    done = ask("export", "squid", *GOVERNMENT, "--strict", "--allow-missing", "--out", tmp_path / "x")
    assert (done.returncode, (tmp_path / "x").exists()) == (4, False)


def test_a_report_never_stands_in_the_configuration() -> None:
    plain, reported = ask("export", "json", *WEST), ask("export", "json", *WEST, "--report")
    assert json.loads(reported.stdout) == json.loads(plain.stdout)
    assert "fidelity" in reported.stderr
    assert plain.stderr.startswith("note: features: core ")
    assert plain.stderr.count("\n") == 1


def test_several_files_need_a_folder() -> None:
    done = ask("export", "paloalto", *WEST)
    assert (done.returncode, done.stdout) == (2, "")
    assert "objects.txt, new-rules.txt, rules.txt, urls.txt, ips.txt: say by --out in which folder" in done.stderr


def test_the_header_and_the_caveats_tell_of_the_advisories() -> None:
    asked = ("export", "azure-firewall-bicep", *WEST, "--set", "features=key-vault-csi")
    assert "advisory: Vaults answer as <name>.vault.azure.net" in ask(*asked).stdout
    fixed = ask(*asked, "--fix-advisories")
    assert "Vaults answer as" not in fixed.stderr
    assert "advisory:vault-host (known-gap)" in fixed.stdout
    assert "not of the article, but of advisory vault-host" in fixed.stdout
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


@pytest.mark.parametrize(
    "command", ["list --format csv", "list", "resolve --set region=eastus --format json", "check mcr.microsoft.com"]
)
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
