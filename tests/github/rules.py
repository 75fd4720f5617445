"""GitHub as a publisher meets it: emulate, with the rules and the keys that it leaves out."""

from __future__ import annotations

import html
import itertools
import threading
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from tests.github.conformance import Description
from tests.github.exchange import Answer, Fix, Json, RefusedError, Request, Rule, Upstream, Visit, answer
from tests.github.issues import Issues
from tests.github.pulls import Pulls
from tests.github.releases import MARKED, Releases
from tests.github.settings import Settings

_ROOT: Final = "/repos/{owner}/{repo}"


class Rules:
    """Answers requests one at a time."""

    def __init__(self, upstream: Upstream, description: Description) -> None:
        self.pulls = Pulls(upstream)
        self.releases = Releases(upstream)
        self.settings = Settings(upstream)
        self._upstream = upstream
        self._description = description
        self._lock = threading.Lock()
        parts = (self.pulls, self.releases, Issues(upstream, self.pulls), self.settings)
        self._routes: dict[tuple[str, str], Rule] = {key: rule for part in parts for key, rule in part.routes.items()}
        self._fixes: tuple[Fix, ...] = (*_FIXES, *self.pulls.fixes, *self.releases.fixes)

    def answer(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._completed(self._answer(request))
            except RefusedError as refused:
                return refused.answer

    def download(self, request: Request) -> Answer | None:
        """The answer to what is no call of the API: the bytes of an asset."""
        with self._lock:
            return self.releases.download(request)

    def _answer(self, request: Request) -> Answer:
        self._check_token(request)
        template = self._description.template(request.method, request.path)
        if template is None:
            return self._upstream.ask(request)
        home = "/".join(request.path.split("/")[:4])
        self._check_archived(request, home)
        below = template.removeprefix(_ROOT)
        self.settings.check_visible(below)
        before = below.partition("{")[0]
        part = request.path.removeprefix(home + before) if below.endswith("}") else ""
        rule = self._routes.get((request.method, below))
        return rule(Visit(request=request, home=home, part=part)) if rule else self._upstream.ask(request)

    def _check_token(self, request: Request) -> None:
        said = request.headers.get("authorization", "").rpartition(" ")[2]
        if said and said != self._upstream.token:
            raise RefusedError(401, "Bad credentials")
        if not said and request.method != "GET":
            raise RefusedError(401, "Requires authentication")

    def _check_archived(self, request: Request, home: str) -> None:
        if request.method == "GET" or request.path == home:
            return
        if (self._upstream.get(home) or {}).get("archived"):
            raise RefusedError(403, "Repository was archived so is read-only.")

    def _completed(self, said: Answer) -> Answer:
        said = replace(said, body=MARKED.sub(b"", said.body))
        if said.status >= HTTPStatus.BAD_REQUEST or "json" not in said.headers.get("content-type", ""):
            return said
        body = said.json
        for node in _objects(body):
            for keys, fix in self._fixes:
                if keys <= node.keys():
                    fix(node)
        return replace(said, body=answer(said.status, body).body)


def _objects(node: object) -> Iterable[Json]:
    """Every object, those within before those around them."""
    if isinstance(node, list):
        return itertools.chain.from_iterable(map(_objects, node))
    if isinstance(node, dict):
        return itertools.chain(itertools.chain.from_iterable(map(_objects, [*node.values()])), [node])
    return ()


def _show_repository(repository: Json) -> None:
    repository["git_refs_url"] = repository["git_refs_url"].replace("/git/ref{", "/git/refs{")
    repository.setdefault("network_count", repository["forks_count"])
    repository.setdefault("subscribers_count", 0)


def _show_text(written: Json) -> None:
    """The forms of a text that the media type ``full`` asks for."""
    text = written["body"] or ""
    written |= {"body_text": text, "body_html": f"<p>{html.escape(text)}</p>" if text else ""}


def _show_commit(commit: Json) -> None:
    home = commit["url"].partition("/git/commits/")[0]
    commit["tree"].setdefault("url", f"{home}/git/trees/{commit['tree']['sha']}")


_FIXES: Final[tuple[Fix, ...]] = (
    (frozenset({"git_refs_url", "forks_count"}), _show_repository),
    (frozenset({"body", "author_association"}), _show_text),
    (frozenset({"tree", "message", "comment_count"}), _show_commit),
)
