"""What is of a list, of the names of its files or of a baseline reaches every output as text and no more."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt

from aks_egress_catalog.linting.counting import without_ignored
from aks_egress_catalog.linting.ignoring.comments import Silenced
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.render.lint import lint_annotations, lint_json, lint_markdown
from aks_egress_catalog.render.sarif import lint_sarif
from tests.catalog.cli.command_line import ask
from tests.catalog.linting.allow_lists import CORE, AllowList, lint

pytestmark = pytest.mark.usefixtures("base_shipped")

HOSTILE: Final = (
    "<script>alert(1)</script>.example.com",
    "a|b\\|c.example.com",
    "`a``b`.example.com",
    "[x](https://evil.example.com)",
    "![x](https://evil.example.com/y.png)",
    "@team #1 &amp; *a* _b_ ~~c~~",
    "a\nb\r\nc\u2028d.example.com",
    "x\n::error::owned",
    "::add-mask::mcr",
    " ::stop-commands::x",
    "##[error]owned",
    "##vso[task.setvariable variable=PATH]/tmp",
    "a%0A::error::b, c:d%25",
    "\x1b[31mred\x1b]8;;https://evil.example.com\x07",
    "\u202egro.live\u2066.example.com\u200b",
    "{0} {message} $(touch x) `touch x`",
    "\udce4.example.com",
    '"],"x":["',
)


def found_in(value: str) -> Lint:
    """A list, a file, a rule and a note that are all hostile; one finding is silenced for a hostile reason."""
    listed = AllowList(f"x/{value}.tf").rule(*CORE[1:], name=value)
    listed.rule(value, "*.cdn.mscr.io", fault=value, name=value, policy="").unread(value)
    found = lint(listed)
    one = found.findings[0]
    notes = (*found.notes, value)
    silenced = (Silenced(finding=one, reason=value, in_source=True),)
    return Lint(
        **{name: getattr(found, name) for name in found.__dataclass_fields__} | {"notes": notes, "silenced": silenced}
    )


def assert_seen(text: str) -> None:
    """Nothing but the ends of lines is a control, a direction mark or half a character."""
    unseen = {unicodedata.category(one) for one in text if one != "\n"} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not unseen


def assert_inert(text: str) -> None:
    """No line is a command of GitHub Actions or of Azure Pipelines."""
    assert not re.search(r"##(\[|vso\[)", text, re.IGNORECASE)
    assert not re.search(r"^\s*::", text, re.MULTILINE)


@pytest.mark.parametrize("value", HOSTILE)
def test_annotations(value: str) -> None:
    found = found_in(value)
    lines = "\n".join(lint_annotations(found)).split("\n")
    shown = [one for one in found.findings if one.code != "not-aks"]
    assert len(lines) == len(shown) + 1
    for line in lines:
        assert_seen(line)
        command = re.fullmatch(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*,?)+)::(.*)", line)
        assert command, line
        assert re.fullmatch(r"(?:[^%]|%25|%0A|%0D|%3A|%2C)*", command[2] + command[3])


@pytest.mark.parametrize("value", HOSTILE)
def test_json(value: str) -> None:
    text = lint_json(found_in(value))
    assert_seen(text)
    assert_inert(text)
    content = json.loads(text)
    assert set(content) == {"schema_version", "data_version", "profile", "findings", "read", "silenced", "notes"}
    assert [one["in_source"] for one in content["silenced"]] == [True]


@pytest.mark.parametrize("value", HOSTILE)
def test_sarif(value: str) -> None:
    text = lint_sarif(found_in(value))
    assert_seen(text)
    assert_inert(text)
    (run,) = json.loads(text)["runs"]
    for result in run["results"]:
        assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", result["message"]["text"])
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[\w.~/%-]+", uri, re.ASCII), uri


@pytest.mark.parametrize("value", HOSTILE)
def test_markdown(value: str) -> None:
    found = found_in(value)
    text = lint_markdown(found)
    assert_seen(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inside = [child for token in tokens for child in token.children or ()]
    assert {one.type for one in inside} <= {"text", "code_inline"}
    assert not [one for one in tokens if one.type.startswith("html")]
    rows = [token.type for token in tokens if token.type in ("tr_open", "td_open")]
    shown = [one for one in found.findings if one.code != "not-aks"]
    assert rows.count("td_open") == 5 * len(shown)
    assert not any(value.strip() in one.content for one in inside if one.type == "text")


@pytest.mark.parametrize("form", ["table", "json", "sarif", "markdown"])
def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.chdir(tmp_path)
    place = Path("::error::x ##[error]y.tf")
    values = ", ".join(json.dumps(value) for value in HOSTILE if value.isprintable())
    place.write_text(
        'resource "azurerm_firewall_application_rule_collection" "a" {\n  action = "Allow"\n  rule {\n'
        f'    name = "##vso[x]"\n    target_fqdns = ["mcr.microsoft.com", {values}] # aks-egress: ignore ##vso[x]\n'
        '    protocol {\n      port = 443\n      type = "Https"\n    }\n  }\n}\n'
    )
    done = ask("lint", place, "--set", "region=westeurope", "--format", form)
    assert done.returncode == 1
    assert "'##" not in done.stderr
    for text in (done.stdout, done.stderr):
        assert_seen(text)
        assert_inert(text)


def test_a_hostile_baseline_is_told_as_text(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    rows = [{"fingerprint": str(n), "code": one, "value": one, "path": one} for n, one in enumerate(HOSTILE)]
    file.write_text(json.dumps({"baseline_version": 1, "findings": rows}))
    found = without_ignored(lint(AllowList().rule(*CORE)), {}, baseline=file)
    assert len(found.notes) >= len(HOSTILE)
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("mcr.microsoft.com\n")
    done = ask("lint", hosts, "--baseline", file)
    assert_seen(done.stdout + done.stderr)
    assert_inert(done.stdout + done.stderr)
