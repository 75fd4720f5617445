"""The domain list of a stateful rule group of AWS Network Firewall. ``.x`` is ``x`` and all names below it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from aks_egress_catalog.linting.entry import Action, Form, ListRule, Reading, Service, Unread
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "aws-domain-list"
_SERVICES: Final = {
    "TLS_SNI": Service(protocol="TCP", application="HTTPS"),
    "HTTP_HOST": Service(protocol="TCP", application="HTTP"),
}


def recognises(source: Source) -> bool:
    """Say whether a text is JSON with such a list."""
    return '"RulesSourceList"' in source.text and '"GeneratedRulesType"' in source.text


def read(source: Source) -> Reading:
    """Read every list of a file; each is a rule."""
    draft = Draft(source, NAME)
    try:
        content = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        message = f"this JSON cannot be read: {error}"
        draft.reading.unread.append(Unread(place=source.place(0, 0), message=message))
        return draft.reading
    at = 0
    for found in _lists(content):
        kinds = [_SERVICES[kind] for kind in found.get("TargetTypes", ()) if kind in _SERVICES]
        rule = ListRule(
            name=NAME,
            place=source.place(at, at),
            action=Action.DENY if found.get("GeneratedRulesType") == "DENYLIST" else Action.ALLOW,
            services=tuple(kinds) or tuple(_SERVICES.values()),
        )
        for target in found.get("Targets", ()):
            written = re.compile(re.escape(json.dumps(target))).search(source.text, at) if target else None
            if written and isinstance(target, str):
                at = written.end()
                draft.entry(Word(target, written.start() + 1, at - 1, source), Form.NAME, target.lower(), rule)
    return draft.reading


def _lists(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        own = [content["RulesSourceList"]] if isinstance(content.get("RulesSourceList"), dict) else []
        return own + [one for value in content.values() for one in _lists(value)]
    return [one for value in content for one in _lists(value)] if isinstance(content, list) else []
