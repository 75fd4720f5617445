"""Holds requests and answers against GitHub's own OpenAPI description of its API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from tests.github.exchange import Answer, Json, Request

_ROOT: Final = "/repos/{owner}/{repo}"
_SECTIONS: Final = frozenset(
    {"branches", "commits", "compare", "contents", "git", "issues", "labels", "pulls", "releases", "tags"}
    | {"actions", "environments", "pages", "private-vulnerability-reporting", "rules"}
)
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_NAME: Final = "urn:github"
_REFERENCE: Final = re.compile(r'"#/components/schemas/([^"]+)"')
_PROSE: Final = {"description", "example", "examples", "externalDocs", "x-github"}

# "You can also pass an `array` of labels directly", says the description of this body; its schema does not.
_LABELS: Final = f"{_ROOT}/issues/{{issue_number}}/labels"


@dataclass(frozen=True, kw_only=True, order=True)
class Violation:
    """One thing that the description does not allow."""

    call: str
    part: str
    place: str
    message: str


class Description:
    """The part of GitHub's description that the tests are about."""

    def __init__(self, file: Path) -> None:
        whole = json.loads(file.read_text(encoding="utf-8"))
        _correct(whole["components"]["schemas"])
        paths = {path: _trimmed(item, whole) for path, item in whole["paths"].items() if _is_in_use(path)}
        self._paths: dict[str, Json] = paths
        self._whole = {"paths": paths, "components": {"schemas": _reachable(paths, whole["components"]["schemas"])}}
        self._patterns: list[tuple[re.Pattern[str], str]] = [
            (_pattern(path, item), path) for path, item in paths.items()
        ]
        self._patterns.sort(key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[1])))  # the most literal first
        self._registry: Registry[Any] = Registry().with_resource(
            _NAME, Resource.from_contents(self._whole, default_specification=DRAFT4)
        )

    def template(self, method: str, path: str) -> str | None:
        """The described path that a path is an instance of."""
        alike = (template for pattern, template in self._patterns if pattern.fullmatch(path))
        return next((template for template in alike if method.lower() in self._paths[template]), None)

    def check(self, request: Request, said: Answer) -> list[Violation]:
        """Everything in a call that the description does not allow."""
        template = self.template(request.method, request.path)
        call = f"{request.method} {template or request.path}"
        if template is None:
            return [Violation(call=call, part="request", place="path", message="not described")]
        operation = self._paths[template][request.method.lower()]
        at = ("paths", template, request.method.lower())
        found = [
            *(("query", *fault) for fault in self._query(request, operation)),
            *(("request", *fault) for fault in self._body(request, operation, at)),
            *((f"answer {said.status}", *fault) for fault in self._said(said, operation, at)),
        ]
        return [Violation(call=call, part=part, place=place, message=message) for part, place, message in found]

    def _query(self, request: Request, operation: Json) -> Iterator[tuple[str, str]]:
        described = {row["name"]: row["schema"] for row in operation["parameters"] if row["in"] == "query"}
        for name, value in request.query.items():
            if name not in described:
                yield name, "not described"
                continue
            schema = described[name]
            typed = int(value) if schema.get("type") == "integer" and value.isdigit() else value
            typed = {"true": True, "false": False}.get(value, value) if schema.get("type") == "boolean" else typed
            yield from ((f"{name}{place[1:]}", message) for place, message in self._faults(typed, schema))

    def _body(self, request: Request, operation: Json, at: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        described = operation.get("requestBody", {})
        if "application/json" not in described.get("content", {}):
            if request.body and not described:
                yield "$", "a body where none is described"
            return
        if not request.body:
            if described.get("required"):
                yield "$", "the body is missing"
            return
        try:
            body = json.loads(request.body)
        except ValueError:
            yield "$", "not JSON"
            return
        if at[1] == _LABELS and isinstance(body, list):
            body = {"labels": body}
        yield from self._faults(body, _pointer(*at, "requestBody", "content", "application/json", "schema"))

    def _said(self, said: Answer, operation: Json, at: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if said.status >= HTTPStatus.BAD_REQUEST:
            return  # many calls leave refusals undescribed
        described = operation["responses"].get(str(said.status))
        if described is None:
            yield "status", "not described"
            return
        if "application/json" in described.get("content", {}):
            place = (*at, "responses", str(said.status), "content", "application/json", "schema")
            yield from self._faults(said.json, _pointer(*place))

    def _faults(self, instance: object, schema: Json) -> Iterator[tuple[str, str]]:
        for fault in Draft4Validator(schema, registry=self._registry).iter_errors(instance):
            yield fault.json_path, fault.message[:200]


def _correct(schemas: Json) -> None:
    """A label need not have a description: the schema of one pull request says so, that of many forgets it."""
    label = schemas["pull-request-simple"]["properties"]["labels"]["items"]
    label["properties"]["description"]["nullable"] = True


def _is_in_use(path: str) -> bool:
    return path == _ROOT or (path.startswith(f"{_ROOT}/") and path.split("/")[4] in _SECTIONS)


def _trimmed(item: Json, whole: Json) -> Json:
    """The operations of a path as JSON schemas: nothing by reference but schemas, requests closed to unknown keys."""
    return {method: _operation(item[method], whole) for method in _METHODS if method in item}


def _operation(described: Json, whole: Json) -> Json:
    responses = {status: _followed(row, whole) for status, row in described["responses"].items()}
    kept: Json = {
        "parameters": [_followed(row, whole) for row in described.get("parameters", [])],
        "responses": {status: row for status, row in responses.items() if status < "400"},
        "requestBody": _closed(described.get("requestBody", {})),
    }
    schemas: Json = _as_schema(kept)
    return schemas


def _followed(node: Json, whole: Json) -> Json:
    """What a reference such as ``#/components/parameters/owner`` stands for."""
    if "$ref" not in node:
        return node
    found = whole
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def _reachable(node: object, schemas: Json) -> Json:
    """The schemas that something refers to, and those that they refer to."""
    found: Json = {}
    waiting = set(_REFERENCE.findall(json.dumps(node)))
    while waiting:
        name = waiting.pop()
        found[name] = _as_schema(schemas[name])
        waiting |= set(_REFERENCE.findall(json.dumps(found[name]))) - found.keys()
    return found


def _as_schema(node: Any) -> Any:
    """OpenAPI's dialect as a JSON schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_as_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _as_schema(part) for key, part in node.items() if key not in _PROSE}
    if "properties" in node:  # whose keys are names, even where they read like prose
        kept["properties"] = {name: _as_schema(part) for name, part in node["properties"].items()}
    if kept.pop("nullable", None) is not True:
        return kept
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    if isinstance(kept.get("type"), str):
        return kept | {"type": [kept["type"], "null"]}
    return {"anyOf": [kept, {"type": "null"}]}


def _closed(node: Any) -> Any:
    """The same schemas, with every object that lists its properties closed to others."""
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(part) for key, part in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node:
        closed.setdefault("additionalProperties", False)
    return closed


def _pattern(template: str, item: Json) -> re.Pattern[str]:
    """The form of a path's instances; a parameter spans several segments where it says so."""
    rows = {row["name"]: row for operation in item.values() for row in operation["parameters"] if row["in"] == "path"}

    def form(name: str) -> str:
        if rows[name].get("x-multi-segment"):
            return ".*" if name == "path" else ".+"  # without a path, the root is meant
        return r"\d+" if rows[name]["schema"].get("type") == "integer" else "[^/]+"

    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(form(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def _pointer(*parts: str) -> Json:
    """A schema that stands for the one at this place of the description."""
    escaped = (part.replace("~", "~0").replace("/", "~1") for part in parts)
    return {"$ref": f"{_NAME}#/{quote('/'.join(escaped), safe='/~')}"}
