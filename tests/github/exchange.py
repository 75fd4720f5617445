"""A request and its answer, and how they reach the server behind the proxy."""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]
_PATIENCE: Final = 10.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asks. ``target`` is the path with its query; the names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Json:
        """The body as an object; empty where it is none."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def to(self, target: str) -> Request:
        """The same request to another address."""
        return replace(self, target=target)

    def saying(self, **changes: object) -> Request:
        """The same request with these keys of its body changed."""
        return replace(self, body=json.dumps(self.json | changes).encode())


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server says; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def answer(status: int, body: object, **headers: str) -> Answer:
    """An answer in JSON. Names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        status=status,
        headers={"content-type": "application/json; charset=utf-8"} | named,
        body=json.dumps(body).encode(),
    )


def refusal(status: int, message: str, *errors: Mapping[str, str], **headers: str) -> Answer:
    """A refusal as GitHub words it."""
    said: Json = {"message": message, "documentation_url": "https://docs.github.invalid/rest", "status": str(status)}
    return answer(status, said | ({"errors": list(errors)} if errors else {}), **headers)


class RefusedError(Exception):
    """A rule of GitHub forbids what a client asks."""

    def __init__(self, status: int, message: str, *errors: Mapping[str, str]) -> None:
        super().__init__(message)
        self.answer = refusal(status, message, *errors)


def invalid(resource: str, field: str, code: str, message: str = "") -> RefusedError:
    """GitHub's 422, which names the field that is at fault."""
    fault = {"resource": resource, "field": field, "code": code}
    return RefusedError(422, "Validation Failed", fault | ({"message": message} if message else {}))


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request within a repository: ``home`` is its path, ``part`` what stands for the template's last parameter."""

    request: Request
    home: str
    part: str = ""


Rule = Callable[[Visit], Answer]
Routes = Mapping[tuple[str, str], Rule]  # by method and by template below the repository
Fix = tuple[frozenset[str], Callable[[Json], None]]  # objects with these keys get what the server leaves out


def paged(request: Request, url: str, rows: Sequence[Json]) -> Answer:
    """The page of rows that a request is for, with the address of the next."""
    size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
    start = (page - 1) * size
    if start + size >= len(rows):
        return answer(200, rows[start:])
    following = urlencode(request.query | {"page": str(page + 1)})
    return answer(200, rows[start : start + size], link=f'<{url}{request.path}?{following}>; rel="next"')


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The server behind the proxy: where it listens, what it calls itself, and the proxy's name for it."""

    port: int
    origin: str
    token: str
    url: str
    asked: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, request: Request) -> Answer:
        """What the server answers, with its own address replaced by the proxy's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        kept = ("accept", "content-type")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        # The server counts 5000 calls an hour for each token, ours among them; it takes any.
        token = f"{self.token}-{next(self.asked) // 4000}"
        headers |= {"authorization": f"token {token}", "host": self.url.removeprefix("http://")}
        try:
            connection.request(request.method, request.target, request.body or None, headers)
            response = connection.getresponse()
            body = response.read().replace(self.origin.encode(), self.url.encode())
        finally:
            connection.close()
        passed = ("content-type", "link", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(
            status=response.status, headers={name: named[name] for name in passed if name in named}, body=body
        )

    def get(self, path: str) -> Any:
        """What stands at ``path``, or None where nothing does."""
        found = self.ask(Request(method="GET", target=path))
        return found.json if found.status == http.HTTPStatus.OK else None

    def list(self, path: str) -> list[Json]:
        """Every page of what ``path`` lists."""
        found: list[Json] = []
        joint = "&" if "?" in path else "?"
        page = 1
        while rows := self.get(f"{path}{joint}per_page=100&page={page}"):
            found += rows
            page += 1
        return found

    def say(self, method: str, path: str, **body: object) -> Json:
        """What the server answers to a body; a refusal is an error, for the proxy asks only what is allowed."""
        request = Request(method=method, target=path, body=json.dumps(body).encode())
        said = self.ask(request)
        if said.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path} {body}: {said.status} {said.body.decode()}")
        return dict(said.json or {})
