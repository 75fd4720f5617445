"""The workflows run as they are written: jobs in order, steps in a checkout, artifacts from one job to the next.

What only GitHub has is left out: setting up, attestations, deployments. Everything that a step runs is run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.github.fixtures import Site
from tests.publish.forks import forking

ROOT: Final = Path(__file__).parents[2]
_HERE: Final = "$/.github/workflows/"
_CONTAINS: Final = re.compile(r"(!?)contains\(needs\.\*\.result, '(\w+)'\)")
_EXPRESSION: Final = re.compile(r"\$\{\{ (.*?) \}\}")
_TREES: Final = ("catalog", "publish", "scraper")
_FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")

Results = dict[str, str]
"""What became of each job: success, failure or skipped, as GitHub has it."""


def jobs(name: str) -> dict[str, Any]:
    """The jobs of a workflow, as its file has them."""
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]
    return found


@contextmanager
def checked_out(folder: Path) -> Iterator[Path]:
    """A checkout of this project without its tests, in the environment that runs them."""
    for tree in _TREES:
        shutil.copytree(ROOT / tree, folder / tree, ignore=shutil.ignore_patterns("*.pyc.*"))
    for file in _FILES:
        shutil.copy(ROOT / file, folder / file)
    with forking(folder):
        yield folder


@dataclass
class Runner:
    """Runs workflows in a checkout, with the names of the environment that GitHub gives.

    ``instead`` has what is done in the place of a step, by its name; ``said`` is what the last failed step wrote.
    """

    checkout: Path
    site: Site
    instead: dict[str, Callable[[], None]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def __post_init__(self) -> None:
        self.artifacts = self.checkout.parent / "artifacts"
        self.instead.setdefault("Set up", lambda: None)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.checkout),
            "GITHUB_REPOSITORY": self.site.full_name,
            "GITHUB_API_URL": self.site.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "7",
            "GITHUB_STEP_SUMMARY": str(self.checkout / "summary.md"),
            "PYTHONPATH": f"{self.checkout}/catalog:{self.checkout}",
        }

    def run(self, file: str, inputs: Mapping[str, object] | None = None) -> Results:
        """Run a workflow from its beginning; jobs of other workflows that it calls stand under ``caller/job``."""
        if not inputs:
            shutil.rmtree(self.artifacts, ignore_errors=True)
        results: Results = {}
        for name, job in jobs(file).items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            needed = {one: results[one] for one in needs}
            if set(needed.values()) - {"success"} and "!cancelled()" not in job.get("if", ""):
                results[name] = "skipped"
            elif "uses" in job:
                given = {key: self._value(text, inputs or {}, needed) for key, text in job.get("with", {}).items()}
                called = self.run(job["uses"].removeprefix(_HERE), given or {"called": True})
                results |= {f"{name}/{one}": result for one, result in called.items()}
                results[name] = "failure" if "failure" in called.values() else "success"
            else:
                results[name] = self.job(job, inputs or {})
        return results

    def job(self, job: Mapping[str, Any], inputs: Mapping[str, object]) -> str:
        """Run the steps of one job on a machine that is new but for the checkout."""
        for left in ("build", "state"):
            shutil.rmtree(self.checkout / left, ignore_errors=True)
        failed = False
        for step in job["steps"]:
            condition = step.get("if", "")
            wanted = bool(self._value(condition, inputs, {})) if "inputs." in condition else True
            if wanted and (not failed or "!cancelled()" in condition):
                failed = self._step(step, inputs) or failed
        return "failure" if failed else "success"

    def _step(self, step: Mapping[str, Any], inputs: Mapping[str, object]) -> bool:
        """Run one step; say whether it failed."""
        action = step.get("uses", "").partition("@")[0]
        if action == "actions/upload-artifact":
            self._keep(step["with"])
        elif action == "actions/download-artifact":
            self._bring(step["with"])
        elif step.get("name") in self.instead:
            self.instead[step["name"]]()
        elif "run" in step:
            return self._shell(step, inputs)
        return False

    def _shell(self, step: Mapping[str, Any], inputs: Mapping[str, object]) -> bool:
        given = {name: str(self._value(text, inputs, {})) for name, text in step.get("env", {}).items()}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, cwd=self.checkout, env=self.environment | given, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode:
            self.said = done.stdout + done.stderr
        return done.returncode != 0

    def _keep(self, given: Mapping[str, Any]) -> None:
        source = self.checkout / given["path"]
        if source.is_dir():
            shutil.copytree(source, self.artifacts / given["name"], dirs_exist_ok=True)

    def _bring(self, given: Mapping[str, Any]) -> None:
        names = re.findall(r"\w+", given.get("name") or given["pattern"])
        for source in (self.artifacts / name for name in names):
            if source.is_dir():
                shutil.copytree(source, self.checkout / given["path"], dirs_exist_ok=True)

    def _value(self, text: object, inputs: Mapping[str, object], needed: Results) -> object:
        """What an expression stands for; the few forms that our workflows use."""
        values = {
            "secrets.GITHUB_TOKEN": self.site.token,
            "steps.app.outputs.token || secrets.GITHUB_TOKEN": self.site.token,
            "vars.PACKAGE_INDEX_URL": "",
            **{f"vars.{name}": value for name, value in self.variables.items()},
            **{f"inputs.{name}": value for name, value in inputs.items()},
            **{f"needs.{name}.result": result for name, result in needed.items()},
        }
        whole = _EXPRESSION.fullmatch(str(text))
        if whole and (asked := _CONTAINS.findall(whole[1])):
            return all((result in needed.values()) is not bool(negated) for negated, result in asked)
        if whole and whole[1] in values:
            return values[whole[1]]
        return _EXPRESSION.sub(lambda found: str(values[found[1]]), str(text))
