"""Labels of the site for clouds, features, levels, conditions and languages: the same on every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.ask.decisions import Decision
from aks_egress_catalog.model import Cloud, Condition, Constraint, Effect, Feature, Level, When

_CLOUDS: Final[dict[str, str]] = {
    Cloud.PUBLIC: "Azure, the global cloud",
    Cloud.US_GOVERNMENT: "Azure for the US Government",
    Cloud.CHINA: "Azure in China, operated by 21Vianet",
}
_FEATURES: Final[dict[str, tuple[str, str]]] = {
    Feature.CORE: ("Core", "What every cluster needs: its API server, container images, sign-in, time and packages."),
    Feature.OS_UPDATES: ("OS updates", "Security patches and packages for the operating system of the nodes."),
    Feature.GPU: ("GPU", "Node pools with graphics processors: their drivers and packages."),
    Feature.WINDOWS: ("Windows", "Windows Server node pools: their binaries and their updates."),
    Feature.WORKLOAD_IDENTITY: ("Workload identity", "Pods that sign in to Microsoft Entra ID."),
    Feature.DEFENDER: ("Defender", "Microsoft Defender for Containers."),
    Feature.KEY_VAULT_CSI: ("Key Vault CSI", "The Key Vault provider for the Secrets Store CSI driver."),
    Feature.AZURE_MONITOR: ("Azure Monitor", "Metrics and logs: Prometheus, Container insights, Application Insights."),
    Feature.AZURE_POLICY: ("Azure Policy", "The Azure Policy add-on."),
    Feature.COST_ANALYSIS: ("Cost analysis", "The cost analysis add-on."),
    Feature.CLUSTER_EXTENSIONS: ("Cluster extensions", "Cluster extensions, and offers of the marketplace."),
    Feature.DEV_SPACES: ("Dev Spaces", "Azure Dev Spaces, which the article named until 2020."),
}
_USES: Final[dict[str, str]] = {
    Feature.GPU: "the cluster has GPU nodes",
    Feature.WINDOWS: "the cluster has Windows nodes",
    Feature.WORKLOAD_IDENTITY: "pods use workload identity",
    Feature.KEY_VAULT_CSI: "you use the Key Vault CSI driver",
    Feature.COST_ANALYSIS: "you use cost analysis",
    Feature.CLUSTER_EXTENSIONS: "you use cluster extensions",
}
"""What it is to use a feature, where "you use" and its title do not say so."""
_EFFECTS: Final = {Effect.ONLY_IF: "only if", Effect.NOT_IF: "unless", Effect.REQUIRED_IF: "required if"}
_WHENS: Final = {
    When.PRIVATE_CLUSTER: "the cluster is private",
    When.KONNECTIVITY_AGENT: "the cluster uses the konnectivity agent",
    When.CUSTOM_DNS: "you run your own DNS servers",
    When.PODS_USE_API_SERVER_IP: "pods reach the API server by its IP address",
    When.AZURE_FIREWALL_NETWORK_RULES: "Azure Firewall allows it by network rules",
    When.CLUSTER_EXISTS: "the cluster already exists",
    When.NODES_AFTER_2021_03: "all nodes were made after March 2021",
    When.NETWORK_ISOLATED: "the cluster is network isolated",
    When.PRIVATE_ENDPOINT: "a private endpoint replaces it",
}
_CONSTRAINTS: Final = {Constraint.PRESERVE_ALPN: "pass the TLS ALPN extension on unchanged"}
LEVELS: Final = {
    Level.REQUIRED: "The article asks for it.",
    Level.RECOMMENDED: "The article advises it; a cluster runs without it.",
    Level.INFORMATIONAL: "Only the prose of the article names it; nobody has to allow it.",
}
"""What each level means."""
FORMER: Final = {
    Level.REQUIRED: "Was required",
    Level.RECOMMENDED: "Was recommended",
    Level.INFORMATIONAL: "Was named in the prose",
}
"""What is said of the level that a rule had."""
STATES: Final = {
    "current": "as new as the English page",
    "stale": "older than the English page: it may describe what has changed since",
    "untranslated": "English under a translated frame: the English text is shown",
    "damaged": "translation broke facts on the page: facts here are always the English ones",
}
"""What each state of a locale means."""
_LANGUAGES: Final = {
    "ar-sa": "العربية", "bg-bg": "Български", "cs-cz": "Čeština", "da-dk": "Dansk", "de-de": "Deutsch",
    "el-gr": "Ελληνικά", "en-us": "English", "es-es": "Español", "fi-fi": "Suomi", "fr-fr": "Français",
    "he-il": "עברית", "hu-hu": "Magyar", "id-id": "Bahasa Indonesia", "it-it": "Italiano", "ja-jp": "日本語",
    "ko-kr": "한국어", "nb-no": "Norsk bokmål", "nl-nl": "Nederlands", "pl-pl": "Polski",
    "pt-br": "Português (Brasil)", "pt-pt": "Português", "ro-ro": "Română", "ru-ru": "Русский", "sv-se": "Svenska",
    "th-th": "ไทย", "tr-tr": "Türkçe", "uk-ua": "Українська", "vi-vn": "Tiếng Việt", "zh-cn": "简体中文",
    "zh-tw": "繁體中文",
}  # fmt: skip


def cloud_meaning(cloud: str) -> str:
    """The label of a cloud."""
    return _CLOUDS.get(cloud, "A cloud that the article names and nobody has reviewed yet")


def feature_title(feature: str) -> str:
    """Name a feature as a heading does; a provisional one has only its slug."""
    return _FEATURES[feature][0] if feature in _FEATURES else feature


def feature_meaning(feature: str) -> str:
    """One sentence: what the rules of a feature are for."""
    return _FEATURES[feature][1] if feature in _FEATURES else "A section of the article that nobody has reviewed yet."


def condition_text(condition: Condition) -> str:
    """A condition in words.

    >>> condition_text(Condition(effect=Effect.NOT_IF, when=When.PRIVATE_CLUSTER))
    'unless the cluster is private'
    """
    return f"{_EFFECTS[condition.effect]} {_WHENS[condition.when]}"


def when_text(when: When) -> str:
    """A circumstance in words."""
    return _WHENS[when]


def decision_text(decision: Decision) -> str:
    """Say to a reader why a rule of the article has its verdict; it continues the verdict's own word.

    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.ask.by_article import by_article
    >>> rule, *_ = aec.load().rules(feature="gpu")
    >>> decision_text(by_article(rule, rule.destinations[0]))
    'if the cluster has GPU nodes'
    """
    title = feature_title(decision.rule.feature)
    if decision.verdict is Verdict.REQUIRED_IF:
        used = [] if decision.rule.feature == Feature.CORE else [_USES.get(decision.rule.feature, f"you use {title}")]
        return _circumstances(used, decision.conditions)
    if decision.verdict is Verdict.RECOMMENDED:
        return f"for {title}; a cluster runs without it"
    if decision.verdict is Verdict.INFORMATIONAL:
        return "only the prose of the article names it, and nobody has to allow it"
    if decision.verdict is Verdict.KNOWN_GAP:
        return f"the article lacks it, for {title}"
    return decision.why


def _circumstances(used: list[str], conditions: Iterable[Condition]) -> str:
    found = list(conditions)
    wanted = used + [_WHENS[one.when] for one in found if one.effect is Effect.ONLY_IF]
    unless = [_WHENS[one.when] for one in found if one.effect is Effect.NOT_IF]
    parts = [f"if {' and '.join(wanted)}"] if wanted else []
    parts += [f"unless {' or '.join(unless)}"] if unless else []
    return ", ".join(parts)


def constraint_text(constraint: Constraint) -> str:
    """In words: what a firewall on the path must do."""
    return _CONSTRAINTS[constraint]


def language(locale: str) -> str:
    """Name the language of a locale as its readers do."""
    return _LANGUAGES.get(locale, locale)


def day_text(day: dt.date) -> str:
    """Write a day as a reader of any country reads it.

    >>> day_text(dt.date(2026, 7, 2))
    '2 July 2026'
    """
    return f"{day.day} {day:%B} {day.year}"


def count_text(count: int, word: str) -> str:
    """Write a count with its word.

    >>> count_text(1, "rule"), count_text(2, "rule")
    ('1 rule', '2 rules')
    """
    return f"{count} {word}{'' if count == 1 else 's'}"


def cloud_order(clouds: Iterable[str]) -> list[str]:
    """Sort clouds as people expect them: the global one first, one that nobody has reviewed last."""
    known = list(map(str, Cloud))
    return sorted(set(clouds), key=lambda cloud: (known.index(cloud) if cloud in known else len(known), cloud))


def feature_order(features: Iterable[str]) -> list[str]:
    """Sort features in the order of the article's sections, one that nobody has reviewed last."""
    known = list(map(str, Feature))
    return sorted(set(features), key=lambda name: (known.index(name) if name in known else len(known), name))
