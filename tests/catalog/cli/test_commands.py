from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import click
import pytest

import aks_egress_catalog as aec
from aks_egress_catalog.cli import main as main_module
from tests.catalog.cli.command_line import ask, run, run_apart


def test_alone_it_says_what_there_is_and_what_to_ask_next() -> None:
    done = run()
    shipped = aec.load()
    assert done.returncode == 0
    counted, dated = f"{len(shipped.rules)} rules", f"facts of {shipped.facts_date}"
    for words in (counted, dated, "aks-egress-catalog resolve", "aks-egress-catalog check"):
        assert words in done.stdout


def test_the_version_is_that_of_the_code_and_that_of_the_data() -> None:
    assert run("--version").stdout == f"aks-egress-catalog {aec.__version__}, data {aec.load().version}\n"


def commands(group: click.Group, *above: str) -> list[tuple[str, ...]]:
    """A group of commands, each command of it, and those of the groups in it."""
    context = click.Context(group)
    found = [above]
    for name in sorted(group.list_commands(context)):
        one = group.get_command(context, name)
        found += commands(one, *above, name) if isinstance(one, click.Group) else [(*above, name)]
    return found


def examples_of(*command: str) -> list[str]:
    """The examples that the help of a command ends with."""
    _, _, said = run(*command, "--help").stdout.partition("  Examples:\n")
    return [line.strip() for line in said.splitlines() if line]


@pytest.mark.parametrize("command", commands(main_module.cli), ids=lambda names: " ".join(names) or "alone")
def test_every_help_ends_with_two_examples_that_run(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cluster.toml").write_text('region = "westeurope"\n', encoding="utf-8")
    line = "1795875240.812 6 10.0.0.4 TCP_DENIED/403 9 CONNECT mcr.microsoft.com:443 - HIER_NONE/- text/html\n"
    (tmp_path / "access.log").write_text(line, encoding="utf-8")
    (tmp_path / "hosts.txt").write_text("mcr.microsoft.com:443\n", encoding="utf-8")
    examples = examples_of(*command)
    assert len(examples) == 2
    for example in examples:
        assert len(example) <= 76
        program, *asked = shlex.split(example.partition(" >")[0])
        assert (program, asked[: len(command)]) == ("aks-egress-catalog", [*command])
        done = run(*asked)
        assert done.returncode in (0, 1), done.stderr  # a no is an answer too, and depends on the data
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_AKS_EGRESS_CATALOG_COMPLETE={shell}_complete" in done.stdout
    assert done.stdout.rstrip("\n") == run_apart(_AKS_EGRESS_CATALOG_COMPLETE=f"{shell}_source").stdout.rstrip("\n")


def test_bash_takes_the_script_and_completes_formats(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout, encoding="utf-8")
    subprocess.run(["/bin/bash", "-n", str(script)], check=True)
    done = run_apart(
        _AKS_EGRESS_CATALOG_COMPLETE="bash_complete", COMP_WORDS="aks-egress-catalog export azure-", COMP_CWORD="2"
    )
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == [
        "azure-firewall-arm",
        "azure-firewall-bicep",
        "azure-firewall-terraform",
    ]


def test_a_shell_that_nobody_wrote_a_script_for_is_refused() -> None:
    done = run("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'fish'" in done.stderr


def test_check_exits_1_unless_the_article_names_every_endpoint() -> None:
    for yes in ("mcr.microsoft.com", "nvidia.github.io", "security.ubuntu.com:80", "umsa1.blob.core.windows.net"):
        assert ask("check", yes).returncode == 0
    for no in ("evil.example:8443", "192.0.2.1:9000", "gcr.io", "my.vault.azure.net"):
        assert ask("check", "mcr.microsoft.com", no).returncode == 1
    assert "evil.example:8443/TCP: not-listed, no rule names it" in ask("check", "evil.example:8443").stdout


def test_check_with_a_profile_decides() -> None:
    settings = ("--set", "cloud=AzureChinaCloud", "--set", "region=chinaeast2", "--set", "api_server_ips=192.0.2.7")
    assert ask("check", "192.0.2.7:9000", *settings).returncode == 0
    assert ask("check", "192.0.2.8:9000", *settings).returncode == 1


def test_resolve_gives_json_that_accounts_for_every_rule() -> None:
    found = json.loads(run("resolve", "--set", "region=westeurope", "--format", "json").stdout)
    accounted = len(found["rules"]) + len(found["left_out"]) + len(found["unmet"])
    assert accounted == len(aec.load().rules)


def test_advisories_are_reported_and_applied_by_flag() -> None:
    asked = ("resolve", "--set", "region=eastus", "--set", "features=key-vault-csi", "--format", "json")
    plain, fixed = ask(*asked), ask(*asked, "--fix-advisories")
    assert "advisory: " in plain.stderr
    assert "about-keys-secrets-certificates" in plain.stderr
    hosts = {value: rule for rule in json.loads(fixed.stdout)["rules"] for value in rule["values"]}
    assert hosts["*.vault.azure.net"]["id"] == "AzureCloud/key-vault-csi/advisory:vault-host"
    assert hosts["*.vault.azure.net"]["level"] == "known-gap"
    assert {"vault.azure.net", "mcrprod.azurecr.io"}.isdisjoint(hosts)


def test_a_profile_file_and_settings_work_together(tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text('region = "eastus"\n', encoding="utf-8")
    found = json.loads(ask("resolve", "--profile", str(file), "--set", "gpu=true", "--format", "json").stdout)
    assert {"core", "os-updates", "gpu"} == {rule["feature"] for rule in found["rules"]}


def test_strict_refuses_what_is_not_exact_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "aks.conf"
    done = ask(
        "export", "squid", "--set", "konnectivity=false", "--set", "region=eastus", "--strict", "--out", str(out)
    )
    assert (done.returncode, out.exists()) == (4, False)
    assert "--report says which" in done.stderr


def test_an_export_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "sub" / "rules.json"
    assert run("export", "json", "--set", "region=eastus", "--out", str(out)).returncode == 0
    assert json.loads(out.read_text(encoding="utf-8"))
    assert [file.name for file in out.parent.iterdir()] == ["rules.json"]
    done = run("export", "json", "--set", "region=eastus", "--out", "/proc/nowhere/rules.json")
    assert done.returncode == 2
    assert "nothing was written" in done.stderr


def test_there_is_no_colour_where_there_is_no_terminal() -> None:
    assert "\x1b" not in run_apart("check", "mcr.microsoft.com").stdout
    assert "\x1b" not in run_apart("check", "mcr.microsoft.com", NO_COLOR="1").stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_a_character_that_the_terminal_cannot_show_is_escaped(encoding: str, form: str) -> None:
    (name, *_) = (one.id for one in aec.load().rules(cloud="AzureCloud", feature="core"))
    asked = ("show", name, "--locale", "ja-jp", "--format", form)
    plain, done = (run_apart(*asked, PYTHONIOENCODING=one) for one in ("utf-8", encoding))
    assert (done.returncode, done.stderr) == (0, "")
    if form == "json":
        assert json.loads(done.stdout) == json.loads(plain.stdout)
    assert not plain.stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "pfsense"), 2, "no format 'pfsense'; there is: json"),
        (("resolve", "--set", "cloud=Azure"), 2, "did you mean 'AzureCloud'?"),
        (("resolve", "--set", "region"), 2, "KEY=VALUE"),
        (("resolve", "--set", "gpu=perhaps"), 2, "expected true or false"),
        (("resolve", "--set", "region=eastus", "--set", "region=westus"), 2, "it has one value, not 2: eastus, westus"),
        (("resolve", "--set", "regoin=eastus"), 2, "regoin: unknown key, did you mean 'region'?"),
        (("resolve", "--set", "region="), 2, "region: it has no value"),
        (("resolve", "--set", "features="), 2, "features: a value is empty; features=-VALUE takes one away"),
        (("resolve", "--set", "features=gpu,-gpu"), 2, "features: 'gpu' is both added and taken away"),
        (("resolve", "--set", "features=-gpuu"), 2, "features: 'gpuu' is unknown, did you mean 'gpu'?"),
        (("resolve", "--set", "features=-core"), 2, "core cannot be taken away"),
        (("resolve", "--set", "features=-gpu", "--set", "gpu=yes"), 2, "gpu=true contradicts features=-gpu"),
        (("resolve", "--set", "features=none,gpu"), 2, "'none' does not go with gpu"),
        (("resolve", "--set", "custom_dns=-dns"), 2, "custom_dns: 'dns' is not an address"),
        (("resolve", "--set", "region=westeurop"), 2, "did you mean 'westeurope'? Where it is right"),
        (("resolve", "--set", "region=chinaeast2", "--set", "cloud=AzureCloud"), 2, "is a region of AzureChinaCloud"),
        (("check", "mcr.microsoft.com", "--allow-unknown-region"), 2, "acts on one cluster's rules"),
        (("resolve", "--profile", "/nowhere.toml"), 3, "/nowhere.toml"),
        (("resolve", "--from-az", "/nowhere.json"), 3, "/nowhere.json"),
        (("resolve", "--service-tags", "/nowhere.json"), 3, "/nowhere.json"),
        (("check", "@/nowhere.txt"), 3, "/nowhere.txt"),
        (("check", "@/"), 3, "cannot read /: "),
        (("check", "@"), 3, "cannot read"),
        (("resolve", "--catalog", "/nowhere.json"), 3, "/nowhere.json"),
    ],
)
def test_a_fault_is_one_message_and_its_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
