"""What GitHub does with branches and pull requests, and emulate does not."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from tests.github.exchange import (
    Answer,
    Fix,
    Json,
    RefusedError,
    Request,
    Routes,
    Upstream,
    Visit,
    answer,
    invalid,
    paged,
)

_HEADS: Final = "heads/"


class Pulls:
    """Branches, tags, and the pull requests that follow their branches."""

    def __init__(self, upstream: Upstream) -> None:
        self.protected: set[tuple[str, str]] = set()
        self._upstream = upstream
        self._heads: dict[str, str] = {}  # the head of a closed pull request, by its path
        self._merges: dict[str, str] = {}
        self.routes: Routes = {
            ("PATCH", "/git/refs/{ref}"): self.update_ref,
            ("DELETE", "/git/refs/{ref}"): self.delete_ref,
            ("PUT", "/contents/{path}"): self.write_file,
            ("DELETE", "/contents/{path}"): self.write_file,
            ("GET", "/branches/{branch}"): self.branch,
            ("GET", "/tags"): self.tags,
            ("POST", "/pulls"): self.open,
            ("PATCH", "/pulls/{pull_number}"): self.edit,
            ("PUT", "/pulls/{pull_number}/merge"): self.merge,
        }
        self.fixes: tuple[Fix, ...] = (
            (frozenset({"ref", "object", "url"}), _show_ref),
            (frozenset({"protected", "protection_url"}), self._show_protection),
            (frozenset({"diff_url", "head"}), self._show_pull),
        )

    def update_ref(self, visit: Visit) -> Answer:
        self._check_ref(visit)
        return self._upstream.ask(visit.request)

    def delete_ref(self, visit: Visit) -> Answer:
        """Pull requests end with their branch."""
        self._check_ref(visit)
        branch = visit.part.removeprefix(_HEADS)
        for pull in self._opened(visit.home, branch) if visit.part.startswith(_HEADS) else []:
            path = f"{visit.home}/pulls/{pull['number']}"
            self.edit(Visit(request=Request(method="PATCH", target=path, body=b'{"state": "closed"}'), home=visit.home))
        return self._upstream.ask(visit.request)

    def write_file(self, visit: Visit) -> Answer:
        query_or_body = visit.request.query | visit.request.json
        branch = query_or_body.get("branch") or self._upstream.get(visit.home)["default_branch"]
        self._check_protection(visit.home, branch)
        return self._upstream.ask(visit.request)

    def branch(self, visit: Visit) -> Answer:
        """One branch comes with its commit, unlike one among many."""
        said = self._upstream.ask(visit.request)
        if said.status != HTTPStatus.OK:
            return said
        branch = said.json
        page = f"{self._upstream.url}{visit.home.removeprefix('/repos')}/tree/{visit.part}"
        links = {"self": f"{self._upstream.url}{visit.request.path}", "html": page}
        commit = self._upstream.get(f"{visit.home}/commits/{branch['commit']['sha']}")
        rules = {"enabled": False, "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []}}
        return answer(200, branch | {"commit": commit, "_links": links, "protection": rules})

    def tags(self, visit: Visit) -> Answer:
        """Every tag; emulate lists only those that are objects of their own."""
        refs = self._upstream.get(f"{visit.home}/git/matching-refs/tags/")
        return paged(visit.request, self._upstream.url, [self._tag(visit.home, ref) for ref in reversed(refs)])

    def open(self, visit: Visit) -> Answer:
        said, home = visit.request.json, visit.home
        owner, (base, head) = home.split("/")[2], (str(said.get(field)) for field in ("base", "head"))
        branch = head.removeprefix(f"{owner}:")
        for field, name in (("head", branch), ("base", base)):
            if self._sha(home, name) is None:
                raise invalid("PullRequest", field, "invalid")
        if self._opened(home, branch, base):
            raise invalid("PullRequest", "head", "custom", f"A pull request already exists for {owner}:{branch}.")
        if not (self._upstream.get(f"{home}/compare/{base}...{branch}") or {}).get("ahead_by"):
            raise invalid("PullRequest", "head", "custom", f"No commits between {base} and {branch}")
        return self._upstream.ask(visit.request)

    def edit(self, visit: Visit) -> Answer:
        path, expected = visit.request.path, visit.request.json.get("state")
        pull = self._upstream.get(path)
        if pull and expected == "open" != pull["state"]:
            self._check_reopening(visit.home, pull)
            self._heads.pop(path, None)
        if pull and expected == "closed" != pull["state"]:
            self._heads[path] = self._head(visit.home, pull)
        return self._upstream.ask(visit.request)

    def merge(self, visit: Visit) -> Answer:
        """Merges the branches of now; emulate knows only those of the day when the pull request was opened."""
        path = visit.request.path.removesuffix("/merge")
        pull = self._upstream.get(path)
        if pull is None:
            return self._upstream.ask(visit.request)
        head, base, home = self._head(visit.home, pull), self._sha(visit.home, pull["base"]["ref"]), visit.home
        if visit.request.json.get("sha", head) != head:
            raise RefusedError(409, "Head branch was modified. Review and try the merge again.")
        said = self._upstream.ask(visit.request.saying(sha=pull["head"]["sha"]))
        if said.status != HTTPStatus.OK:
            return said
        message = self._upstream.get(f"{home}/git/commits/{said.json['sha']}")["message"]
        tree = self._upstream.get(f"{home}/git/commits/{head}")["tree"]["sha"]
        parents = [base, head] if visit.request.json.get("merge_method", "merge") == "merge" else [base]
        merge = self._upstream.say("POST", f"{home}/git/commits", message=message, tree=tree, parents=parents)["sha"]
        self._upstream.say("PATCH", f"{home}/git/refs/heads/{pull['base']['ref']}", sha=merge, force=True)
        self._heads[path], self._merges[path] = head, merge
        return answer(200, said.json | {"sha": merge})

    def _check_ref(self, visit: Visit) -> None:
        if self._upstream.get(f"{visit.home}/git/ref/{visit.part}") is None:
            raise RefusedError(422, "Reference does not exist")
        if visit.part.startswith(_HEADS):
            self._check_protection(visit.home, visit.part.removeprefix(_HEADS))

    def _check_protection(self, home: str, branch: str) -> None:
        if (home, branch) in self.protected:
            raise RefusedError(422, f"Protected branch update failed for refs/heads/{branch}.")

    def _check_reopening(self, home: str, pull: Json) -> None:
        head, base = pull["head"]["ref"], pull["base"]["ref"]
        now, then = self._sha(home, head), self._head(home, pull)
        if pull["merged_at"]:
            reason = "The pull request has been merged."
        elif now is None:
            reason = f"The {head} branch has been deleted."
        elif self._opened(home, head, base):
            reason = f"There is already an open pull request from {head} to {base}."
        elif (self._upstream.get(f"{home}/compare/{then}...{now}") or {}).get("status") not in {"ahead", "identical"}:
            reason = f"The {head} branch was force-pushed or recreated."
        else:
            return
        raise invalid("PullRequest", "state", "invalid", f"state cannot be changed. {reason}")

    def _opened(self, home: str, head: str, base: str = "") -> list[Json]:
        query = f"state=open&head={home.split('/')[2]}:{head}" + (f"&base={base}" if base else "")
        return self._upstream.list(f"{home}/pulls?{query}")

    def _sha(self, home: str, branch: str) -> str | None:
        ref = self._upstream.get(f"{home}/git/ref/heads/{branch}")
        return ref and str(ref["object"]["sha"])

    def _head(self, home: str, pull: Json) -> str:
        """Where the head is now, or where it was when the pull request was closed."""
        stated = str(pull["head"]["sha"])
        kept = self._heads.get(urlsplit(pull["url"]).path)
        return kept or self._sha(home, pull["head"]["ref"]) or stated

    def _tag(self, home: str, ref: Json) -> Json:
        name, sha = ref["ref"].removeprefix("refs/tags/"), ref["object"]["sha"]
        if ref["object"]["type"] == "tag":
            sha = self._upstream.get(f"{home}/git/tags/{sha}")["object"]["sha"]
        url = f"{self._upstream.url}{home}"
        return {
            "name": name,
            "zipball_url": f"{url}/zipball/refs/tags/{name}",
            "tarball_url": f"{url}/tarball/refs/tags/{name}",
            "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
            "node_id": ref["node_id"],
        }

    def _show_protection(self, branch: Json) -> None:
        home = urlsplit(branch["protection_url"]).path.partition("/branches/")[0]
        branch["protected"] = (home, branch["name"]) in self.protected
        if "protection" in branch:
            branch["protection"]["enabled"] = branch["protected"]

    def _show_pull(self, pull: Json) -> None:
        path = urlsplit(pull["url"]).path
        pull["head"]["sha"] = self._head(path.partition("/pulls/")[0], pull)
        pull["merge_commit_sha"] = self._merges.get(path, pull["merge_commit_sha"])
        pull.setdefault("active_lock_reason", None)


def _show_ref(ref: Json) -> None:
    ref["url"] = ref["url"].replace("/git/ref/", "/git/refs/")
