"""What GitHub does with issues and labels, and emulate does not: every pull request is an issue as well."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from tests.github.exchange import Answer, Json, Routes, Upstream, Visit, answer, invalid, paged
from tests.github.pulls import Pulls

_SHARED: Final = frozenset(
    {"id", "node_id", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone"}
    | {"comments", "created_at", "updated_at", "closed_at", "body", "author_association", "html_url", "draft"}
)
_IN_PULL: Final = ("url", "html_url", "diff_url", "patch_url", "merged_at")


class Issues:
    """Issues with the pull requests among them, and labels."""

    def __init__(self, upstream: Upstream, pulls: Pulls) -> None:
        self._upstream = upstream
        self._pulls = pulls
        self.routes: Routes = {
            ("GET", "/issues"): self.listed,
            ("GET", "/issues/{issue_number}"): self.one,
            ("PATCH", "/issues/{issue_number}"): self.edit,
            ("POST", "/labels"): self.create_label,
        }

    def listed(self, visit: Visit) -> Answer:
        asked = visit.request.query
        query = "&".join(f"{name}={value}" for name, value in asked.items() if name not in {"page", "per_page"})
        labels = {name for name in asked.get("labels", "").split(",") if name}
        pulls = self._upstream.list(f"{visit.home}/pulls?state={asked.get('state', 'open')}")
        alike = [pull for pull in pulls if labels <= {label["name"] for label in pull["labels"]}]
        rows = self._upstream.list(f"{visit.home}/issues?{query}") + [self._as_issue(pull) for pull in alike]
        rows.sort(key=lambda row: int(row["number"]), reverse=asked.get("direction") != "asc")
        return paged(visit.request, self._upstream.url, rows)

    def one(self, visit: Visit) -> Answer:
        pull = self._upstream.get(f"{visit.home}/pulls/{visit.part}")
        return answer(200, self._as_issue(pull)) if pull else self._upstream.ask(visit.request)

    def edit(self, visit: Visit) -> Answer:
        path = f"{visit.home}/pulls/{visit.part}"
        if self._upstream.get(path) is None:
            return self._upstream.ask(visit.request)
        said = visit.request.json
        if "labels" in said:
            self._upstream.say("PUT", f"{visit.home}/issues/{visit.part}/labels", labels=said["labels"])
        request = visit.request.to(path)
        done = self._pulls.edit(Visit(request=request, home=visit.home, part=visit.part))
        return answer(200, self._as_issue(done.json)) if done.status == HTTPStatus.OK else done

    def create_label(self, visit: Visit) -> Answer:
        """Names of labels differ in more than case."""
        known = {label["name"].casefold() for label in self._upstream.list(f"{visit.home}/labels")}
        if str(visit.request.json.get("name")).casefold() in known:
            raise invalid("Label", "name", "already_exists")
        return self._upstream.ask(visit.request)

    def _as_issue(self, pull: Json) -> Json:
        url = pull["issue_url"]
        return {key: pull[key] for key in _SHARED} | {
            "url": url,
            "repository_url": url.partition("/issues/")[0],
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "active_lock_reason": None,
            "closed_by": None,
            "state_reason": None,
            "performed_via_github_app": None,
            "pull_request": {key: pull[key] for key in _IN_PULL},
        }
