"""What a shell offers after ``--set``, as each of them asks: bash ends a word at ``=``, zsh and fish do not."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.model import Feature
from tests.catalog.cli.command_line import run, run_apart

VARIABLE = "_AKS_EGRESS_CATALOG_COMPLETE"


def offered(shell: str, *words: str) -> list[str]:
    """What a shell is offered for the last of these words."""
    line = " ".join(("aks-egress-catalog", *words))
    at = words[-1] if shell == "fish" else str(len(words))
    done = run_apart(cwd=None, **{VARIABLE: f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": at})
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    if shell == "bash":
        return [line.partition(",")[2] for line in lines]
    return lines[1::3] if shell == "zsh" else [line.split(",")[1].partition("\t")[0] for line in lines]


def test_every_key_is_offered_with_what_it_means() -> None:
    assert offered("zsh", "resolve", "--set", "") == [f"{name}=" for name in PROFILE_KEYS]
    line = "aks-egress-catalog check --set gp"
    said = run_apart(cwd=None, **{VARIABLE: "zsh_complete", "COMP_WORDS": line, "COMP_CWORD": "3"}).stdout
    assert said.splitlines() == ["plain", "gpu=", PROFILE_KEYS["gpu"].meaning]


@pytest.mark.parametrize("command", [("check", "a.example"), ("export", "json"), ("resolve",), ("profile", "init")])
def test_the_values_of_a_key_are_offered_for_each_command(command: tuple[str, ...]) -> None:
    assert offered("zsh", *command, "--set", "outbound_type=user") == [
        "outbound_type=userAssignedNATGateway",
        "outbound_type=userDefinedRouting",
    ]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_whole_word_is_completed_whole(shell: str) -> None:
    assert offered(shell, "resolve", "--set", "features=") == [f"features={feature}" for feature in Feature]
    assert offered(shell, "resolve", "--set", "private-cluster=t") == ["private-cluster=true"]


def test_regions_are_those_of_the_cloud_that_was_said() -> None:
    china = [f"region={region}" for region in REGIONS["AzureChinaCloud"]]
    assert offered("zsh", "resolve", "--set", "cloud=AzureChinaCloud", "--set", "region=") == china
    every = {f"region={region}" for regions in REGIONS.values() for region in regions}
    assert set(offered("zsh", "resolve", "--set", "region=")) == every
    assert offered("zsh", "resolve", "--set", "cloud=Azure", "--set", "region=") == []


def test_what_was_said_is_not_offered_again() -> None:
    left = offered("zsh", "resolve", "--set", "region=eastus", "--set", "features=gpu", "--set", "")
    assert "region=" not in left
    assert "features=" in left
    assert offered("zsh", "resolve", "--set", "features=gpu,windows,g") == []
    assert offered("zsh", "resolve", "--set", "features=gpu,-wi") == ["features=gpu,-windows"]


@pytest.mark.parametrize("word", ["nothing", "nothing=", "custom_dns=", "region=moon", "gpu=true="])
def test_where_nothing_is_known_nothing_is_offered(word: str) -> None:
    assert offered("zsh", "resolve", "--set", word) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("resolve", "--set", "feat"), ["features="]),
        (("resolve", "--set", "gpu", "="), ["true", "false"]),
        (("resolve", "--set", "gpu", "=", "t"), ["true"]),
        (("resolve", "--set", "features", "=", "gpu,def"), ["gpu,defender"]),
        (("resolve", "--set", "=", "feat"), ["features="]),
        (("resolve", "--set", "=", "region", "=", "chinan"), ["chinanorth", "chinanorth2", "chinanorth3"]),
        (("resolve", "--set", "cloud", "=", "AzureChinaCloud", "--set", "region", "=", "chinae"), [
            "chinaeast", "chinaeast2", "chinaeast3",
        ]),
        (("resolve", "--format", "=", "j"), ["json"]),
        (("resolve", "--format=j"), ["json"]),  # where "=" is none of COMP_WORDBREAKS
        (("resolve", "--set", "gpu=t"), ["gpu=true"]),
        (("profile", "in"), ["init"]),
    ],
)  # fmt: skip
def test_bash_is_offered_what_follows_the_last_cut(words: tuple[str, ...], found: list[str]) -> None:
    assert offered("bash", *words) == found


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[int]:
    """An interactive bash that has taken our script; what is written to it is typed."""
    shell = shutil.which("bash")
    if not shell:
        pytest.skip("there is no bash")
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout, encoding="utf-8")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "dumb"}
    terminal, its_end = os.openpty()
    with subprocess.Popen(
        [shell, "--norc", "--noprofile", "-i"],
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        env=environment | {"PS1": "", "HISTFILE": ""},
        start_new_session=True,
    ) as process:
        os.close(its_end)
        os.write(terminal, f"source {script}; echo rea''dy\n".encode())
        assert "ready" in until("ready\r\n", terminal)
        yield terminal
        process.kill()
    os.close(terminal)


def until(end: str, terminal: int) -> str:
    """What the shell shows, up to an ending; all that came where it does not come in time."""
    seen = ""
    while not seen.endswith(end) and select.select([terminal], [], [], 20)[0]:
        seen += os.read(terminal, 4096).decode()
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("--set feat", "--set features="),
        ("--set features=gpu,def", "--set features=gpu,defender "),
        ("--set region=swedenc", "--set region=swedencentral "),
        ("--set=region=swedenc", "--set=region=swedencentral "),
    ],
)
def test_a_real_bash_completes_a_setting(bash: int, typed: str, line: str) -> None:
    os.write(bash, f"aks-egress-catalog resolve {typed}\t".encode())
    whole = f"aks-egress-catalog resolve {line}"
    assert until(whole, bash).endswith(whole)
