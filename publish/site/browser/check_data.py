"""The JSON files that scripts fetch when they need them: compact, so that pages stay small.

The scripts in ``static/`` read exactly these shapes; ``tests/site`` holds both sides together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from aks_egress_catalog.ask.by_article import ByArticle
from aks_egress_catalog.ask.retired import explains_names
from aks_egress_catalog.cluster.advisories import Advisory, fix_of
from aks_egress_catalog.model import Destination, Level, Rule, endpoint_of
from aks_egress_catalog.text.visible import visible
from publish.site.addresses.slugs import rule_path
from publish.site.browser.search_data import Place
from publish.site.content.rulebook import Group
from publish.site.templating import prose
from publish.site.words.labels import decision_text, feature_title


def check_json(groups: Iterable[Group], advisories: Sequence[Advisory]) -> bytes:
    """The data of the host check.

    ``rules`` of today and ``fixes``, those that advisories would add, are ``[id, since, alternatives]``; an alternative
    is ``[destination, verdict, why, *needs]``, without what is empty at its end. Rules that are ``gone`` are
    ``[id, day]``, as far as they explain the hosts that they took in; ``paths`` has the pages whose path does not
    follow from the id by plain replacement. Rules that are gone have their last level behind the day where it was not
    ``required``. ``words`` says each ``why`` to a reader who does not know our slugs, and names features.
    """
    found = [page for group in groups for page in group.rule_pages]
    here = [page for page in found if page.here]
    judge = ByArticle(page.rule for page in here)
    fixes = [fix_of(one) for one in advisories if one.fix]
    level_unless_required = {level: [] if level is Level.REQUIRED else [level] for level in Level}
    return _json(
        {
            "rules": [_rule(judge, page.rule, str(page.life.since) if page.life else "") for page in here],
            "fixes": [_rule(judge, rule, "") for rule in fixes],
            "gone": [
                [page.rule.id, str(page.life.gone), *level_unless_required[page.rule.level]]
                for page in found
                if page.life and page.life.gone and explains_names(endpoint_of(page.rule.id)[0])
            ],
            "words": _words(judge, [*(page.rule for page in here), *fixes]),
            "features": {rule.feature: feature_title(rule.feature) for rule in (page.rule for page in found)},
            "paths": {page.rule.id: page.path for page in found if "~~" in page.path},
            "advisories": [
                {
                    "id": one.id,
                    "gap": one.fix is not None,
                    "about": one.about,
                    "message": f"{one.message} {one.reading}",
                }
                for one in advisories
            ],
        }
    )


def _rule(judge: ByArticle, rule: Rule, since: str) -> list[object]:
    return [rule.id, since, [_alternative(judge, rule, destination) for destination in rule.destinations]]


def _alternative(judge: ByArticle, rule: Rule, destination: Destination) -> list[str]:
    found = judge.name(rule, destination, "")
    return [str(destination), str(found.verdict), *([found.why, *found.needs] if found.why else [])]


def _words(judge: ByArticle, rules: Iterable[Rule]) -> dict[str, str]:
    """In words for readers: what each reason of a decision says."""
    decisions = [judge.name(rule, destination, "") for rule in rules for destination in rule.destinations]
    return {one.why: decision_text(one) for one in decisions if one.why}


def search_json(places: Iterable[Place]) -> bytes:
    """The data of the search; a place has nothing behind its last value."""
    return _json({"places": [_short(place) for place in places]})


def _short(place: Place) -> list[str]:
    found = list(place)
    while not found[-1]:
        found.pop()
    return found


def texts_json(texts: Mapping[str, tuple[str, ...]]) -> bytes:
    """The descriptions of one locale, by the path of the rule's page."""
    return _json({rule_path(name): found for name, found in sorted(texts.items())}, shown=prose)


def _json(value: object, *, shown: Callable[[str], str] = visible) -> bytes:
    return (shown(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + "\n").encode()
