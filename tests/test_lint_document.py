"""The document of lint: its tables are those of the code, its commands run, its configurations are well formed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from aks_egress_catalog.linting.findings.codes import CODES
from aks_egress_catalog.linting.ignoring.comments import MARK, Comment, comments_in
from tests.action import ACTION, BIN, CONTENT, ROOT, run

TEXT: Final = (ROOT / "docs" / "linting.md").read_text(encoding="utf-8")


def test_the_document_has_the_codes_as_they_are() -> None:
    table = [f"| `{code}` | {help_.level} | {help_.short}. {help_.why} |" for code, help_ in CODES.items()]
    assert "\n".join(("| code | level | what it says |", "| --- | --- | --- |", *table, "")) in TEXT


def test_the_document_has_the_inputs_of_the_action_as_they_are() -> None:
    defaults = {name: f"`{one['default']}`" if one["default"] else "" for name, one in CONTENT["inputs"].items()}
    table = [f"| `{name}` | {defaults[name]} | {one['description']} |" for name, one in CONTENT["inputs"].items()]
    assert "\n".join(("| input | default | |", "| --- | --- | --- |", *table, "")) in TEXT
    assert all(f"`{name}`" in TEXT for name in CONTENT["outputs"])


def test_every_comment_of_the_document_is_understood() -> None:
    comments = re.findall(rf"# {MARK} ignore[^`\n]+", TEXT)
    assert len(comments) == 4
    for comment in comments:
        (found,) = comments_in("a.tf", comment, "terraform")
        assert isinstance(found, Comment), found


def blocks() -> list[Any]:
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def test_the_workflow_of_the_document_is_one_and_gives_the_action_what_it_takes(tmp_path: Path) -> None:
    (workflow,) = (one for one in blocks() if "jobs" in one)
    workflow["on"] = workflow.pop(True)  # what YAML 1.1 makes of the word
    workflow["jobs"]["lint"]["steps"][1]["uses"] = "./"
    place = tmp_path / ".github" / "workflows" / "lint.yml"
    place.parent.mkdir(parents=True)
    run("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / "action.yml").write_bytes(ACTION.read_bytes())
    for version, wrong in (("", False), ("no-such-input", True)):
        workflow["jobs"]["lint"]["steps"][1]["with"] |= {version: "x"} if version else {}
        place.write_text(yaml.safe_dump(workflow))
        done = run(BIN / "actionlint", cwd=tmp_path)
        assert (done.returncode != 0) is wrong, done.stdout


def test_the_other_configurations_of_the_document_are_well_formed(tmp_path: Path) -> None:
    assert len(blocks()) == 4
    kinds = {"stages": "gitlab-ci", "aks-egress": "gitlab-ci", "steps": "azure-pipelines"}
    for block in blocks():
        kind = next((kinds[key] for key in block if key in kinds), None)
        if kind:
            file = tmp_path / f"{kind}.yml"
            file.write_text(yaml.safe_dump(block))
            done = run(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{kind}", file)
            assert done.returncode == 0, done.stdout
        elif "repos" in block:
            (tmp_path / "pre-commit.yaml").write_text(yaml.safe_dump(block))
            assert run(BIN / "pre-commit", "validate-config", tmp_path / "pre-commit.yaml").returncode == 0


def test_the_tables_of_public_lists_are_whole() -> None:
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if re.match(r"\| [\w-]+/[\w.-]+ `", line)]
    assert len(rows) >= 15
    for _, form, entries, findings, says, code in rows:
        counted = re.findall(r"(\d+) `([\w-]+)`", findings)
        assert {name for _, name in counted} <= set(CODES)
        assert code == ("3" if entries == "0" else "1" if counted else "0"), form
        assert findings.endswith((" notes", " note")) or code == "3"
        assert says
