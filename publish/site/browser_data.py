"""The JSON files that scripts fetch when they need them: compact, so that pages stay small.

The scripts in ``static/`` read exactly these shapes; ``tests/site`` holds both sides together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from aks_egress_catalog.cluster.advisories import Advisory
from aks_egress_catalog.text.visible import visible
from publish.site.rulebook import Group
from publish.site.slugs import rule_path
from publish.site.templating import prose


def check_json(groups: Iterable[Group], advisories: Sequence[Advisory]) -> bytes:
    """The data of the host check.

    ``rules`` of today are ``[id, level, since, alternatives]``, rules that are ``gone`` are ``[id, day]``; ``paths``
    has the pages whose path does not follow from the id by plain replacement.
    """
    found = [entry for group in groups for entry in group.entries]
    return _json(
        {
            "rules": [
                [
                    entry.rule.id,
                    entry.rule.level,
                    str(entry.life.since) if entry.life else "",
                    [str(destination) for destination in entry.rule.destinations],
                ]
                for entry in found
                if entry.here
            ],
            "gone": [[entry.rule.id, str(entry.life.gone)] for entry in found if entry.life and entry.life.gone],
            "paths": {entry.rule.id: entry.path for entry in found if "~~" in entry.path},
            "advisories": [
                {"id": one.id, "fix": one.fix, "instead_of": one.instead_of, "message": one.message}
                for one in advisories
            ],
        }
    )


def texts_json(texts: Mapping[str, tuple[str, ...]]) -> bytes:
    """The descriptions of one locale, by the path of the rule's page."""
    return _json({rule_path(name): found for name, found in sorted(texts.items())}, shown=prose)


def _json(value: object, *, shown: Callable[[str], str] = visible) -> bytes:
    return (shown(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + "\n").encode()
