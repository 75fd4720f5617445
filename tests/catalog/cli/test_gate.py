"""``diff`` as a gate for CI, and ``load`` of a version: what must be added since the state that a firewall has?"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aks_egress_catalog as aec
from aks_egress_catalog.model import Status
from aks_egress_catalog.render.escaping.workflow_commands import annotation
from tests.catalog.cli.command_line import ask, run
from tests.catalog.cli.small_history import A, answer, stored, today
from tests.factories import event, history, rule

WEST = ("--set", "region=westeurope")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("2024-06-01", "latest"), 1),
        (("2024.5.21",), 1),
        (("--since", "2024-06-01"), 1),
        (("--since", "2025-07-01", *WEST), 0),  # Defender alone got a host since
        (("--since", "2025-07-01", *WEST, "--set", "features=defender"), 1),
        (("latest",), 0),
        (("2025-02-06", "2024-06-01", *WEST), 0),
    ],
)
def test_the_gate_is_shut_where_something_must_be_added_and_only_there(asked: tuple[str, ...], code: int) -> None:
    for form in ("table", "json", "markdown", "github"):
        done = ask("diff", *asked, "--exit-code", "--format", form)
        assert (done.returncode, bool(done.stdout)) == (code, True)
        assert ask("diff", *asked, "--format", form).returncode == 0
    assert bool(answer("diff", *asked)["add"]) == bool(code)


def test_since_is_the_same_as_the_first_of_the_two_states() -> None:
    expected = ask("diff", "2024-06-01", "2025-02-06").stdout
    assert ask("diff", "--since", "2024-06-01", "2025-02-06").stdout == expected
    assert ask("diff", "--since", "2024.5.21").stdout == ask("diff", "2024.5.21", "latest").stdout


def test_a_new_rule_that_cannot_be_expressed_shuts_the_gate_too(tmp_path: Path) -> None:
    new = rule("*.{region}.example")
    known = history(event(1, "2024-01-01", added=(A,)), event(2, "2024-02-01", added=(new,)))
    catalog = stored(tmp_path, known)
    asked = ("--catalog", catalog, "--set", "gpu=true", "--exit-code", "--format", "github")
    done = run("diff", "2024-01-15", *asked)
    assert done.returncode == 1
    said = f"::error title=AKS egress%3A add a rule::{new.id} is new and needs further input; from 2024.1.1 to 2024.2.1"
    assert done.stdout.splitlines() == [said]
    assert run("diff", "2024-02-15", *asked).returncode == 0


def test_on_github_what_is_required_is_an_error_and_what_may_go_a_notice() -> None:
    lines = ask("diff", "2024-06-01", "2025-02-06", *WEST, "--format", "github").stdout.splitlines()
    assert (
        "::error title=AKS egress%3A add packages.aks.azure.com::AzureCloud: packages.aks.azure.com TCP 443, core,"
        " required, since 2025-02-06; from 2024.5.21 to 2025.2.6"
    ) in lines
    assert any(line.startswith("::warning title=AKS egress%3A add snapshot.ubuntu.com::") for line in lines)
    back = ask("diff", "2025-02-06", "2024-06-01", *WEST, "--format", "github").stdout.splitlines()
    assert any(line.startswith("::notice title=AKS egress%3A packages.aks.azure.com may go::") for line in back)
    assert back[-1] == "::notice title=AKS egress::nothing must be added from 2025.2.6 to 2024.5.21"


@given(text=st.text())
def test_no_text_becomes_another_command_of_github(text: str) -> None:
    line = annotation("error", text, text)
    assert len(line.splitlines()) == 1
    head, title, message = re.fullmatch(r"::(\w+) title=([^:,]*)::(.*)", line).groups()  # type: ignore[union-attr]  # it does match
    assert head == "error"
    assert "%" not in re.sub(r"%(25|0D|0A|3A|2C)", "", title + message)


def test_a_version_is_loaded_as_it_was_published(tmp_path: Path) -> None:
    found = aec.load(version="2025.5.8")
    assert found.version == "2025.5.8"
    assert [one.lifecycle.status for one in found.rules].count(Status.MISSING) == 1
    assert aec.load(version=aec.load().version) == aec.load()
    catalog = stored(tmp_path)
    assert aec.load(catalog, version="2024.1.1").version == "2024.1.1"
    assert aec.load(catalog, version=aec.load(catalog).version) == aec.load(catalog)


def test_a_version_or_a_day_that_never_was_is_refused() -> None:
    with pytest.raises(aec.AksEgressError, match=r"no version '2024\.5\.22' of the data; the nearest: 2024\.5\.21"):
        aec.load(version="2024.5.22")
    with pytest.raises(aec.AksEgressError, match="give one of them"):
        aec.load(as_of="2024-06-01", version="2024.5.21")
    tomorrow = today() + dt.timedelta(days=1)
    with pytest.raises(aec.AksEgressError, match=f"{tomorrow} lies in the future"):
        aec.load(as_of=tomorrow)
    assert aec.load(as_of=today()).rules
