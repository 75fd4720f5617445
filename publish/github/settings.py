"""The settings of a repository that the pipeline relies on, as values. Everything here only reads (GET).

Each method asks for one setting and names the right that a token needs for it. Names of secrets are read; their values
cannot be read by anybody.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from publish.github.client import Repository
from publish.github.refusal import GitHubRefusedError

_NOT_FOUND: Final = 404
_ACTIONS: Final = "actions: read"
_ADMINISTRATION: Final = "administration: read"
_ENVIRONMENTS: Final = "environments: read"


@dataclass(frozen=True, kw_only=True)
class WorkflowRights:
    """What ``GITHUB_TOKEN`` may do where a workflow does not say it, and whether Actions may open pull requests."""

    default: str
    may_open_pulls: bool


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment, and the patterns of the branches whose jobs may use it; ``None`` where that is not limited."""

    name: str
    branches: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class BranchRules:
    """What holds for a branch: the types of the active rules of all rulesets, and whether it is protected besides."""

    rules: frozenset[str]
    protected: bool


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Whether GitHub runs a workflow (``active``, ``disabled_inactivity``, …), and when its schedule last did."""

    state: str
    last_run: dt.datetime | None


class Settings:
    """Reads the settings of one repository, each when it is asked for.

    Every method raises :class:`GitHubRefusedError` where GitHub does not tell; its message names the missing right.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def labels(self) -> frozenset[str]:
        """The names of the labels."""
        return self._names("labels?per_page=100", "", "issues: read")

    def workflow_rights(self) -> WorkflowRights:
        """What workflows may do."""
        answer = self._repository.read("actions/permissions/workflow", right=_ADMINISTRATION)
        return WorkflowRights(
            default=answer["default_workflow_permissions"], may_open_pulls=answer["can_approve_pull_request_reviews"]
        )

    def pages_source(self) -> str:
        """How the site is built: ``workflow`` is GitHub Actions, ``legacy`` a branch; empty where there is no site."""
        try:
            return self._repository.read("pages", right="pages: read").get("build_type") or "legacy"
        except GitHubRefusedError as error:
            if error.status == _NOT_FOUND:
                return ""
            raise

    def environment(self, name: str) -> Environment | None:
        """One environment, or ``None`` where there is none of that name."""
        found = self._repository.read_list("environments?per_page=100", key="environments", right=_ACTIONS)
        (one, *_) = [row for row in found if row["name"] == name] or [None]
        return Environment(name=name, branches=self._branches(one)) if one else None

    def _branches(self, environment: dict[str, Any]) -> tuple[str, ...] | None:
        """The patterns of an environment. "Protected branches only" counts as no limit: rulesets protect none so."""
        policy = environment.get("deployment_branch_policy")
        if not policy or not policy["custom_branch_policies"]:
            return None
        path = f"environments/{quote(environment['name'], safe='')}/deployment-branch-policies?per_page=100"
        rows = self._repository.read_list(path, key="branch_policies", right=_ACTIONS)
        return tuple(sorted(row["name"] for row in rows))

    def secrets(self) -> frozenset[str]:
        """The names of the secrets that every workflow can use: the repository's, and the organisation's for it."""
        own = self._names("actions/secrets?per_page=100", "secrets", "secrets: read")
        return own | self._names("actions/organization-secrets?per_page=100", "secrets", "secrets: read")

    def variables(self) -> frozenset[str]:
        """The names of the variables that every workflow can use: the repository's, and the organisation's for it."""
        own = self._names("actions/variables?per_page=30", "variables", "variables: read")
        return own | self._names("actions/organization-variables?per_page=30", "variables", "variables: read")

    def environment_secrets(self, name: str) -> frozenset[str]:
        """The names of the secrets of an environment."""
        return self._names(f"environments/{quote(name, safe='')}/secrets?per_page=100", "secrets", _ENVIRONMENTS)

    def environment_variables(self, name: str) -> frozenset[str]:
        """The names of the variables of an environment."""
        return self._names(f"environments/{quote(name, safe='')}/variables?per_page=30", "variables", _ENVIRONMENTS)

    def branch_rules(self, branch: str) -> BranchRules:
        """What holds for a branch, or would if it existed."""
        path = quote(branch, safe="")
        rules = self._repository.read_list(f"rules/branches/{path}?per_page=100", right="metadata: read")
        return BranchRules(rules=frozenset(row["type"] for row in rules), protected=self._is_protected(path))

    def _is_protected(self, path: str) -> bool:
        """Whether a branch protection rule, the older kind, holds for a branch that exists."""
        try:
            return bool(self._repository.read(f"branches/{path}", right="contents: read")["protection"]["enabled"])
        except GitHubRefusedError as error:
            if error.status == _NOT_FOUND:
                return False
            raise

    def schedule(self, file: str) -> Schedule | None:
        """The schedule of a workflow by its file's name, or ``None`` where GitHub knows no such workflow."""
        known = self._repository.read_list("actions/workflows?per_page=100", key="workflows", right=_ACTIONS)
        (one, *_) = [row for row in known if row["path"] == f".github/workflows/{file}"] or [None]
        if one is None:
            return None
        path = f"actions/workflows/{file}/runs?event=schedule&per_page=1"
        runs = self._repository.read(path, right=_ACTIONS)["workflow_runs"]
        return Schedule(state=one["state"], last_run=dt.datetime.fromisoformat(runs[0]["created_at"]) if runs else None)

    def takes_private_reports(self) -> bool:
        """Whether anybody can report a vulnerability without telling everybody."""
        return bool(self._repository.read("private-vulnerability-reporting", right=_ADMINISTRATION)["enabled"])

    def _names(self, path: str, key: str, right: str) -> frozenset[str]:
        return frozenset(row["name"] for row in self._repository.read_list(path, key=key, right=right))
