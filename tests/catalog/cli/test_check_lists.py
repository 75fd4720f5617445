"""``check`` on many endpoints: from stdin and files, where one bad line stops nothing."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests import base
from tests.catalog.cli.command_line import Done, ask, run_apart

KEYS: Final = {"endpoint", "verdict", "reason", "rules", "near", "gone", "since", "advisories", "needs"}
DENIED: Final = b"mcr.microsoft.com\n\n# from the firewall\nnot a host\r\nevil.example:8443\nb\xff.example\n"


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes, *arguments: str) -> Done:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return ask("check", "-", *arguments)


def verdicts(done: Done) -> list[tuple[str, str]]:
    return [(one["endpoint"], one["verdict"]) for one in json.loads(done.stdout)]


def test_a_list_comes_from_stdin_from_files_and_from_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "denied.txt"
    file.write_bytes(b"\xef\xbb\xbfnvidia.github.io:443\r\n  gcr.io  \n")
    done = piped(monkeypatch, b"mcr.microsoft.com\n", f"@{file}", "localhost", "--format", "json")
    assert verdicts(done) == [
        ("mcr.microsoft.com", "required"),
        ("nvidia.github.io:443/TCP", "required-if"),
        ("gcr.io", "retired"),
        ("localhost", "not-listed"),
    ]
    assert done.returncode == 1


def test_a_line_that_cannot_be_read_is_invalid_and_the_rest_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    done = piped(monkeypatch, DENIED, "--format", "json")
    assert done.returncode == 3
    first, bad, other, no_text = json.loads(done.stdout)
    assert (first["verdict"], other["verdict"]) == ("required", "not-listed")
    assert (bad["endpoint"], bad["verdict"]) == ("not a host", "invalid")
    assert "'not a host' is not a host name" in bad["error"]
    assert no_text["verdict"] == "invalid"
    assert first.keys() == other.keys() == KEYS
    assert bad.keys() == KEYS | {"error"}


def test_as_text_each_line_begins_with_endpoint_and_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    done = piped(monkeypatch, DENIED)
    assert done.returncode == 3
    heads = [line.partition(",")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert heads[:3] == ["mcr.microsoft.com: required", "not a host: invalid", "evil.example:8443/TCP: not-listed"]


@pytest.mark.parametrize(
    ("endpoints", "code"),
    [
        (("mcr.microsoft.com", "nvidia.github.io", "security.ubuntu.com:80", "md-a.blob.storage.azure.net"), 0),
        (("mcr.microsoft.com", "my.vault.azure.net"), 1),
        (("mcr.microsoft.com", "192.0.2.1:9000"), 1),
        (("gcr.io",), 1),
        (("evil.example", "not a host"), 3),
        (("not a host",), 3),
    ],
)
def test_the_worst_answer_is_the_exit_code(endpoints: tuple[str, ...], code: int) -> None:
    assert ask("check", *endpoints).returncode == code
    assert ask("check", *endpoints, "--format", "json").returncode == code


def test_the_json_says_rules_by_their_ids_and_what_is_near_first() -> None:
    (found,) = json.loads(ask("check", "mcr.microsoft.com.evil.com", "--format", "json").stdout)
    assert (found["verdict"], found["rules"], found["needs"]) == ("not-listed", [], [])
    assert found["near"][0]["rule"] == "AzureCloud/core/mcr.microsoft.com:tcp-443"
    (found,) = json.loads(ask("check", "nvidia.github.io", "--format", "json").stdout)
    assert "AzureCloud/gpu/nvidia.github.io:tcp-443" in found["rules"]
    assert found["needs"] == ["gpu"]


@pytest.mark.parametrize("content", [b"", b"\n# nothing was denied\n"])
def test_an_empty_list_has_no_answer_and_says_so(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    done = piped(monkeypatch, content, "--format", "json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert "there is no endpoint in what was given" in done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_argument_that_is_no_text_is_told_like_any_other(form: str) -> None:
    done = run_apart("check", os.fsdecode(b"b\xff.example"), "mcr.microsoft.com", "--format", form)
    assert (done.returncode, done.stderr) == (3, "")
    assert "invalid" in done.stdout
    assert "required" in done.stdout


def test_a_file_of_rubbish_is_told_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "rubbish"
    file.write_bytes(bytes(range(256)) * 50 + b"\n" + b"a" * 100_000)
    done = ask("check", f"@{file}", "--format", "json")
    assert done.returncode == 3
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert {one["verdict"] for one in found} <= {"invalid", "not-listed", "unnamed"}
    assert max(len(one.get("error", "")) for one in found) < 400


@pytest.mark.slow
def test_a_hundred_thousand_lines_take_less_than_five_seconds(tmp_path: Path) -> None:
    """Of the processor's time: what else runs on the machine is not ours."""
    chance = random.Random(1)
    below = (
        "microsoft.com",
        "azure.com",
        "evil.example",
        "docker.io",
        "hcp.westeurope.azmk8s.io",
        "data.mcr.microsoft.com",
    )
    lines = [
        f"h{chance.randrange(10**9)}.{chance.choice(below)}:{chance.choice((443, 80, 8443))}" for _ in range(90_000)
    ]
    lines += [f"10.{n % 250}.{n // 250}.7:443" for n in range(10_000)]
    file = tmp_path / "denied.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    command = (sys.executable, "-m", "aks_egress_catalog", "check", f"@{file}", "--format", "json")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--catalog", base.catalog_file()], capture_output=True, check=False, env=os.environ
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)) == 100_000
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
