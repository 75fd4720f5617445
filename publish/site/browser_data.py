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
    found = [page for group in groups for page in group.rule_pages]
    return _json(
        {
            "rules": [
                [
                    page.rule.id,
                    page.rule.level,
                    str(page.life.since) if page.life else "",
                    [str(destination) for destination in page.rule.destinations],
                ]
                for page in found
                if page.here
            ],
            "gone": [[page.rule.id, str(page.life.gone)] for page in found if page.life and page.life.gone],
            "paths": {page.rule.id: page.path for page in found if "~~" in page.path},
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
