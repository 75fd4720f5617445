"""What GitHub says of a repository's settings, and emulate does not: a test sets them, the API only shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import unquote

from tests.github.exchange import Answer, Json, RefusedError, Request, Routes, Upstream, Visit, answer, refusal

_AT: Final = "2026-08-01T00:00:00Z"


@dataclass(kw_only=True)
class Environment:
    """An environment; ``branches`` are the patterns of those that may use it, None for all."""

    branches: tuple[str, ...] | None = None
    secrets: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Workflow:
    """A workflow by its state, and when its schedule last ran."""

    state: str = "active"
    last_run: str | None = None


class Settings:
    """A new repository's settings, until a test changes them. ``hidden`` are refusals by path below the repository."""

    def __init__(self, upstream: Upstream) -> None:
        self.may_open_pulls = False
        self.default_rights = "write"
        self.pages_source: str | None = None
        self.environments: dict[str, Environment] = {}
        self.secrets: set[str] = set()
        self.variables: set[str] = set()
        self.organization_secrets: set[str] = set()
        self.organization_variables: set[str] = set()
        self.rules: dict[str, tuple[str, ...]] = {}  # types of rules by pattern of branches
        self.workflows: dict[str, Workflow] = {}
        self.private_reports = False
        self.hidden: dict[str, tuple[int, str]] = {}
        self._upstream = upstream
        self.routes: Routes = {
            ("GET", "/actions/permissions/workflow"): self.workflow_rights,
            ("GET", "/pages"): self.pages,
            ("GET", "/environments"): self.environment_list,
            ("GET", "/environments/{environment_name}/deployment-branch-policies"): self.branch_policies,
            ("GET", "/environments/{environment_name}/secrets"): self.environment_secrets,
            ("GET", "/environments/{environment_name}/variables"): self.environment_variables,
            ("GET", "/actions/secrets"): lambda visit: _secrets(visit.request, self.secrets),
            ("GET", "/actions/variables"): lambda visit: _variables(visit.request, self.variables),
            ("GET", "/actions/organization-secrets"): lambda visit: _secrets(visit.request, self.organization_secrets),
            ("GET", "/actions/organization-variables"): lambda visit: _variables(
                visit.request, self.organization_variables
            ),
            ("GET", "/rules/branches/{branch}"): self.branch_rules,
            ("GET", "/actions/workflows"): self.workflow_list,
            ("GET", "/actions/workflows/{workflow_id}/runs"): self.runs,
            ("GET", "/private-vulnerability-reporting"): lambda _: answer(200, {"enabled": self.private_reports}),
        }

    def hide(self, *paths: str, status: int = 403, right: str = "") -> None:
        """Let the token not see what stands at these path templates; GitHub names the right that it lacks."""
        self.hidden |= dict.fromkeys(paths, (status, right))

    def check_visible(self, below: str) -> None:
        if below not in self.hidden:
            return
        status, right = self.hidden[below]
        message = "Not Found" if status == 404 else "Resource not accessible by personal access token"
        refused = RefusedError(status, message)
        refused.answer = refusal(status, message, **({"x_accepted_github_permissions": right} if right else {}))
        raise refused

    def workflow_rights(self, _: Visit) -> Answer:
        said = {
            "default_workflow_permissions": self.default_rights,
            "can_approve_pull_request_reviews": self.may_open_pulls,
        }
        return answer(200, said)

    def pages(self, visit: Visit) -> Answer:
        if self.pages_source is None:
            return refusal(404, "Not Found")
        url = f"{self._upstream.url}{visit.request.path}"
        said = {"url": url, "status": "built", "cname": None, "custom_404": False, "public": True}
        return answer(200, said | {"build_type": self.pages_source})

    def environment_list(self, visit: Visit) -> Answer:
        rows = [self._environment(visit, name, one) for name, one in self.environments.items()]
        return _listed(visit.request, "environments", rows)

    def _environment(self, visit: Visit, name: str, one: Environment) -> Json:
        url = f"{self._upstream.url}{visit.home}/environments/{name}"
        policy = None if one.branches is None else {"protected_branches": False, "custom_branch_policies": True}
        named = {"id": 1, "node_id": "E1", "name": name, "url": url, "html_url": url}
        return named | {"created_at": _AT, "updated_at": _AT, "deployment_branch_policy": policy}

    def branch_policies(self, visit: Visit) -> Answer:
        rows = [{"id": 1, "node_id": "P1", "name": name} for name in self._named(visit).branches or ()]
        return _listed(visit.request, "branch_policies", rows)

    def environment_secrets(self, visit: Visit) -> Answer:
        return _secrets(visit.request, self._named(visit).secrets)

    def environment_variables(self, visit: Visit) -> Answer:
        return _variables(visit.request, self._named(visit).variables)

    def _named(self, visit: Visit) -> Environment:
        name = unquote(visit.request.path.removeprefix(f"{visit.home}/environments/").partition("/")[0])
        if name not in self.environments:
            raise RefusedError(404, "Not Found")
        return self.environments[name]

    def branch_rules(self, visit: Visit) -> Answer:
        """The rules for a branch, whether it exists or not."""
        there = [types for pattern, types in self.rules.items() if fnmatchcase(unquote(visit.part), pattern)]
        source = {"ruleset_source_type": "Repository", "ruleset_source": visit.home.removeprefix("/repos/")}
        rows = [{"type": one, "ruleset_id": 1} | source | _PARAMETERS.get(one, {}) for types in there for one in types]
        return answer(200, rows)

    def workflow_list(self, visit: Visit) -> Answer:
        rows = [self._workflow(visit, number, name) for number, name in enumerate(self.workflows, 1)]
        return _listed(visit.request, "workflows", rows)

    def _workflow(self, visit: Visit, number: int, name: str) -> Json:
        url = f"{self._upstream.url}{visit.home}/actions/workflows/{number}"
        return {
            "id": number,
            "node_id": f"W{number}",
            "name": name.removesuffix(".yml"),
            "path": f".github/workflows/{name}",
            "state": self.workflows[name].state,
            "created_at": _AT,
            "updated_at": _AT,
            "url": url,
            "html_url": url,
            "badge_url": url,
        }

    def runs(self, visit: Visit) -> Answer:
        name = visit.request.path.split("/")[-2]
        if name not in self.workflows:
            return refusal(404, "Not Found")
        when = self.workflows[name].last_run
        rows = [self._run(visit, name, when)] if when and visit.request.query.get("event") in {None, "schedule"} else []
        return _listed(visit.request, "workflow_runs", rows)

    def _run(self, visit: Visit, name: str, when: str) -> Json:
        url = f"{self._upstream.url}{visit.home}/actions/runs/1"
        repository = self._upstream.get(visit.home)
        addresses = ("url", "html_url", "jobs_url", "logs_url", "check_suite_url", "cancel_url", "rerun_url")
        return dict.fromkeys((*addresses, "artifacts_url", "workflow_url"), url) | {
            "id": 1,
            "node_id": "R1",
            "head_branch": "main",
            "run_number": 1,
            "display_title": name,
            "event": "schedule",
            "status": "completed",
            "conclusion": "success",
            "head_sha": "0" * 40,
            "path": f".github/workflows/{name}",
            "workflow_id": 1,
            "created_at": when,
            "updated_at": when,
            "head_commit": None,
            "head_repository": repository,
            "repository": repository,
            "pull_requests": [],
        }


_PARAMETERS: Final[Mapping[str, Json]] = {
    "pull_request": {
        "parameters": {
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_approving_review_count": 1,
            "required_review_thread_resolution": False,
        }
    }
}


def _listed(request: Request, key: str, rows: list[Json]) -> Answer:
    """A page of rows in an object, with the address of the next where there is one."""
    size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
    shown = rows[(page - 1) * size : page * size]
    more = page * size < len(rows)
    host = request.headers.get("host", "")
    following = f'<http://{host}{request.path}?per_page={size}&page={page + 1}>; rel="next"'
    return answer(200, {"total_count": len(rows), key: shown}, **({"link": following} if more else {}))


def _secrets(request: Request, names: Iterable[str]) -> Answer:
    """Names, never values."""
    rows = [{"name": name, "created_at": _AT, "updated_at": _AT} for name in sorted(names)]
    return _listed(request, "secrets", rows)


def _variables(request: Request, names: Iterable[str]) -> Answer:
    rows = [{"name": name, "value": "1", "created_at": _AT, "updated_at": _AT} for name in sorted(names)]
    return _listed(request, "variables", rows)
