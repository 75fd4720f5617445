"""The data of "My cluster": the package's questions, and its rules with what it says of each.

The scripts in ``static/cluster/`` decide as :mod:`aks_egress_catalog.cluster.resolve` does. No sentence is written
twice: each one here is what the package itself said when it was asked for one kind of cluster. ``tests/site`` compares
both for random clusters, file by file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import not_applied
from aks_egress_catalog.cluster.az.fields import FEATURES, QUIET, RUN, Field
from aks_egress_catalog.cluster.caveats import caveats, remarks, twins_of
from aks_egress_catalog.cluster.features import feature_origins
from aks_egress_catalog.cluster.needs_less import names_api_server, why_not_needed, why_optional, words_on
from aks_egress_catalog.cluster.profile import OUTBOUND_TYPES, SETTING_OF, Profile, shape_of
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.cluster.regions import REGIONS, TAG_REGIONS, regions_in
from aks_egress_catalog.cluster.settings import SETTING
from aks_egress_catalog.exports.azure.firewall_rules import KEEP_TLS
from aks_egress_catalog.model import Cloud, Condition, Feature, Level, Rule, Rules, Status
from aks_egress_catalog.text.visible import visible
from publish.site.words.labels import feature_title

_FORMS: Final = {bool: "switch", str: "text", tuple: "list"}
_PRIVATE: Final = (Feature.AZURE_MONITOR, Feature.KEY_VAULT_CSI)
"""The features for which a network isolated cluster is told of private endpoints."""


def cluster_json(catalog: Catalog) -> bytes:
    """Everything that the page has to know; its keys are explained where each part is made."""
    content = {
        "keys": [_key(name) for name in Profile.__dataclass_fields__],
        "regions": {cloud: sorted({*REGIONS[cloud], *regions_in(catalog.rules, cloud)}) for cloud in Cloud},
        "tag_regions": TAG_REGIONS,
        "features": list(Feature),
        "titles": {feature: feature_title(feature) for feature in Feature},
        "levels": list(Level),
        "setting_of": SETTING_OF,
        "rules": [*_rules(catalog)],
        "advisories": {"plain": _advisories(catalog.rules), "fixed": _advisories(catalog.with_fixes().rules)},
        "words": _words(catalog.rules),
        "version": catalog.version,
        "facts_date": str(catalog.facts_date),
        "az": {"fields": {one.name: one for one in Field}, "features": FEATURES, "quiet": QUIET, "run": RUN},
    }
    return (visible(json.dumps(content, ensure_ascii=False, separators=(",", ":"))) + "\n").encode()


def _key(name: str) -> dict[str, object]:
    """One key of the profile, in the order in which the package names them; its words are on the page already."""
    choices = PROFILE_KEYS[name].choices if shape_of(name) is not bool else ()
    return {
        "name": name,
        "form": _FORMS[shape_of(name)],
        "default": getattr(Profile, name),
        "choices": OUTBOUND_TYPES if name == "outbound_type" else choices,
    }


def _rules(catalog: Catalog) -> Iterator[dict[str, object]]:
    """Every rule, also as it is with the known gaps added: ``in`` says where it stands, where not in both."""
    plain, fixed = (
        {rule.id: _rule(rules, rule) for rule in rules} for rules in (catalog.rules, catalog.with_fixes().rules)
    )
    for name in sorted({*plain, *fixed}):
        if plain.get(name) == fixed.get(name):
            yield plain[name]
            continue
        for where, found in (("plain", plain), ("fixed", fixed)):
            if name in found:
                yield found[name] | {"in": where}


def _rule(rules: Rules, rule: Rule) -> dict[str, object]:
    """One rule, and what the package says of it by itself and for kinds of clusters; what is empty is left out."""
    cloud = rule.cloud if rule.cloud in set(Cloud) else ""
    cached, isolated = Profile(cloud=cloud, bootstrap_cache=True), Profile(cloud=cloud, network_isolated=True)
    integrated, azure_linux = Profile(cloud=cloud, vnet_integration=True), Profile(cloud=cloud, azure_linux=True)
    found = {
        "id": rule.id,
        "cloud": rule.cloud,
        "feature": rule.feature,
        "level": rule.level,
        "kind": rule.kind,
        "protocol": rule.protocol,
        "port": rule.port,
        "application": rule.application,
        "destinations": [
            [one.form, one.value, *([_conditions(one.conditions)] if one.conditions else [])]
            for one in rule.destinations
        ],
        "conditions": _conditions(rule.conditions),
        "constraints": rule.constraints,
        "server": any(names_api_server(one.value) for one in rule.destinations),
        "removed": str(rule.lifecycle.since) if rule.lifecycle.status is Status.REMOVED else "",
        "remarks": [*remarks(twins_of(rules), rule)],
        "azure_linux": [*words_on(azure_linux, rule)],
        "cached": why_not_needed(cached, rule),
        "isolated": why_optional(isolated, rule),
        "integrated": why_optional(integrated, rule),
    }
    return {name: value for name, value in found.items() if value}


def _conditions(conditions: Iterable[Condition]) -> list[list[str]]:
    return [[one.effect, one.when] for one in conditions]


def _advisories(rules: Rules) -> list[list[str]]:
    """Each known gap that the rules lack, as cloud, feature and the caveat on it."""
    return [
        [cloud, one.feature, line]
        for cloud in Cloud
        for one in not_applied(rules, cloud, Feature)
        for line in caveats(rules, Profile(cloud=cloud, features=(one.feature,)), ())
        if line.startswith(f"advisory: {one}")
    ]


def _words(rules: Rules) -> dict[str, Any]:
    """What the package says of a cluster as a whole, by what makes it say so."""
    alone = {*caveats(rules, Profile(), ())}

    def said(**settings: Any) -> list[str]:
        return [line for line in caveats(rules, Profile(**settings), ()) if line not in alone]

    isolated = said(network_isolated=True)
    private = {
        ",".join(some): [line for line in said(network_isolated=True, features=some) if "private endpoints" in line]
        for some in ((), *((one,) for one in _PRIVATE), _PRIVATE)
    }
    return {
        "setting": SETTING,
        "origins": {one.feature: one.origin for one in feature_origins(Profile(gpu=True, windows=True), {})},
        "isolated": isolated[:1],
        "isolated_private": private,
        "cached": said(bootstrap_cache=True),
        "integrated": said(vnet_integration=True),
        "outbound": {one: said(outbound_type=one) for one in OUTBOUND_TYPES},
        "proxy": said(http_proxy=True),
        "keep_tls": KEEP_TLS,
    }
