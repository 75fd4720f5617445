"""The answer of ``lint`` as SARIF 2.1.0, for GitHub code scanning and whatever else reads it."""

from __future__ import annotations

import json
import os
import re
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from aks_egress_catalog import __version__
from aks_egress_catalog.linting.findings.codes import ARTICLE, CODES
from aks_egress_catalog.linting.findings.finding import Code, Finding
from aks_egress_catalog.linting.ignoring.comments import Silenced
from aks_egress_catalog.linting.ignoring.fingerprints import fingerprints, portable
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.render.escaping.log_commands import inert_json
from aks_egress_catalog.render.lint import COUNTED
from aks_egress_catalog.text.visible import visible

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME: Final = "https://github.com/aks-egress-catalog/aks-egress-catalog"
_ROOT: Final = "%SRCROOT%"
_CODES: Final = tuple(Code)


def lint_sarif(found: Lint) -> str:
    """Write one run. A finding keeps its fingerprint when lines above it come or go."""
    shown = [one for one in found.findings if one.code not in COUNTED]
    hidden = [one for one in found.silenced if one.finding.code not in COUNTED]
    names = iter(fingerprints([*shown, *(one.finding for one in hidden)]))
    run = {
        "tool": {
            "driver": {
                "name": "aks-egress-catalog",
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(code) for code in _CODES],
                "properties": {"dataVersion": found.data_version},
            }
        },
        "automationDetails": {"id": "aks-egress/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which lint ran."}}},
        "results": [
            *(_result(one, next(names)) for one in shown),
            *(_result(one.finding, next(names)) | {"suppressions": [_suppression(one)]} for one in hidden),
        ],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": visible(note)}} for note in found.notes
                ],
            }
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return inert_json(json.dumps(log, indent=1, ensure_ascii=False)) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    told = CODES[code]
    return {
        "id": str(code),
        "name": "".join(word.capitalize() for word in f"egress-{code}".split("-")),
        "shortDescription": {"text": told.short.capitalize() + "."},
        "fullDescription": {"text": told.why},
        "help": {"text": f"{told.why} Source: {ARTICLE}", "markdown": f"{told.why} Source: <{ARTICLE}>"},
        "helpUri": ARTICLE,
        "defaultConfiguration": {"level": str(told.level)},
        "properties": {"tags": ["aks", "egress", "firewall"], "precision": "high"},
    }


def _suppression(one: Silenced) -> dict[str, str]:
    return {"kind": "inSource" if one.in_source else "external", "justification": visible(one.reason)}


def _result(one: Finding, fingerprint: str) -> dict[str, Any]:
    place = one.place
    said = f"{one.message}; instead: {one.instead}" if one.instead else one.message
    return {
        "ruleId": str(one.code),
        "ruleIndex": _CODES.index(one.code),
        "level": str(one.level),
        "message": {"text": _message(f"{one.value}: {said}" if one.value else said)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _address(place.path),
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": max(place.end_line, place.line),
                        "endColumn": max(place.end_column, place.column if place.end_line == place.line else 1),
                    },
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "properties": {"value": visible(one.value), "rules": list(one.rules)},
    }


def _message(text: str) -> str:
    """A plain message: in SARIF brackets make a link, which nothing of a list may be (section 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", visible(text))


def _address(path: str) -> dict[str, str]:
    """A file by its path: below the folder that code scanning takes for the root, or anywhere."""
    path = portable(path)
    if PurePath(path).is_absolute():
        return {"uri": PurePath(path).as_uri()}
    name = "stdin" if path in (".", "-") else path
    return {"uri": quote(os.fsencode(name), safe="/"), "uriBaseId": _ROOT}
