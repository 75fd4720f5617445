"""What headings, labels and notes mean: feature, cloud and level.

Every word is consumed as one of these or as known boilerplate; what is left over is given back, so that a
cloud or a feature that nobody has seen before is held for a person and never filed under one that we know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aks_egress_catalog.model import Cloud, Feature, Level

_CLOUDS: Final = (
    (Cloud.CHINA, r"(?:microsoft )?azure operated by 21vianet(?: cloud)?"),
    (Cloud.CHINA, r"azure (?:in )?china(?: 21vianet)?"),
    (Cloud.CHINA, r"21vianet|mooncake|china"),
    (Cloud.US_GOVERNMENT, r"azure (?:us )?gov(?:ernment)?(?: cloud)?"),
    (Cloud.US_GOVERNMENT, r"us government|fairfax"),
    (Cloud.PUBLIC, r"azure (?:global|public)(?: cloud)?|public cloud"),
    # How the list lines above the tables of 2019 and 2020 were translated; headings keep English ids.
    (Cloud.PUBLIC, r"globální azure"),
    (Cloud.CHINA, r"azure (?:chiny|cina)(?: 21vianet)?"),
    (Cloud.US_GOVERNMENT, r"platforma azure dla instytucji rządowych"),
)
_SUFFIXES: Final = {
    ".cn": Cloud.CHINA,
    ".us": Cloud.US_GOVERNMENT,
    ".usgovcloudapi.net": Cloud.US_GOVERNMENT,
}
_FEATURES: Final = (
    (Feature.CORE, r"required outbound network rules and fqdns for aks clusters"),
    (Feature.CORE, r"required ports and addresses for aks clusters"),
    (Feature.OS_UPDATES, r"optional recommended"),
    (Feature.GPU, r"gpu(?: enabled| based)?"),
    (Feature.WINDOWS, r"windows server(?: based)?"),
    (Feature.WORKLOAD_IDENTITY, r"workload identity"),
    (Feature.DEFENDER, r"microsoft defender for containers"),
    (Feature.KEY_VAULT_CSI, r"azure key vault provider for secrets store csi driver|csi secret store"),
    (
        Feature.AZURE_MONITOR,
        r"azure monitor managed prometheus container insights and"
        r" azure monitor application insights auto(?:instrumentation|attach)",
    ),
    (Feature.AZURE_MONITOR, r"azure monitor managed prometheus and container insights"),
    (Feature.AZURE_MONITOR, r"azure monitor(?: for containers)?|monitoring add on"),
    (Feature.AZURE_POLICY, r"azure policy"),
    (Feature.COST_ANALYSIS, r"(?:aks )?cost analysis"),
    (Feature.CLUSTER_EXTENSIONS, r"cluster extensions"),
    (Feature.DEV_SPACES, r"azure dev spaces"),
)
_CONTAINERS: Final = r"aks (?:features )?(?:addons|add ons)(?: and)? integrations"
_BOILERPLATE: Final = (
    r"in (?:public |private )?preview|preview|azure kubernetes service|aks|node pools?|nodes?|clusters?"
    r"|add ?ons?|required|optional|recommended|additional|outbound|egress|network|fqdns?|application|rules?"
    r"|addresses|address|ports?|dependencies|enabled|based|the|and|or|for|with|in|by|of|to|on|that|have"
)
_OF_CLOUDS: Final = re.compile(r"\b(?:azure|clouds?|sovereign|national|gov|government|regions?|operated)\b")
_NAME_WORDS: Final = 3
_RECOMMENDED: Final = re.compile(r"\b(?:optional|recommended)\b")
_ANNOUNCING: Final = re.compile(r"\b(?:rules?|fqdns?|endpoints?|ports?|addresses|address)\b")
_NETWORK_ONLY: Final = re.compile(r"\bnetwork\b")
_FQDN: Final = re.compile(r"\bfqdns?\b|\bapplication rules?\b")
NOT_RULES: Final = frozenset(
    (
        "background", "before you begin", "egress traffic overview", "next steps",
        "restrict egress traffic using azure firewall",
    )
)  # fmt: skip
"""Sections of the article that speak about rules without stating any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What one heading, label or note means; ``rest`` is the words that nobody understood."""

    clouds: frozenset[Cloud] = frozenset()
    features: tuple[Feature, ...] = ()
    level: Level | None = None
    container: bool = False
    network_only: bool = False
    fqdn_only: bool = False
    rest: str = ""


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """Fold a heading to lower-case words: ``FQDN / application-rules (preview)`` becomes ``fqdn application …``."""
    return " ".join(re.sub(r"\W+", " ", text.lower().replace("u.s.", "us")).split())


@lru_cache(maxsize=2048)
def read_words(text: str) -> Words:
    """Consume every word of a heading, label or note.

    >>> read_words("Azure US Government required network rules").clouds
    frozenset({<Cloud.US_GOVERNMENT: 'AzureUSGovernment'>})
    >>> read_words("Azure Bleu required network rules").rest
    'azure bleu'
    """
    words = plain(text)
    left = words
    features: list[Feature] = []
    for feature, phrase in _FEATURES:
        left, found = _consume(left, phrase)
        features += [feature] * (found and feature not in features)
    left, container = _consume(left, _CONTAINERS)
    clouds: set[Cloud] = set()
    for cloud, phrase in _CLOUDS:
        left, found = _consume(left, phrase)
        clouds |= {cloud} if found else set()
    left, _ = _consume(left, _BOILERPLATE)
    return Words(
        clouds=frozenset(clouds),
        features=tuple(features),
        level=Level.RECOMMENDED if _RECOMMENDED.search(words) else None,
        container=container,
        network_only=bool(_NETWORK_ONLY.search(words)) and not _FQDN.search(words),
        fqdn_only=bool(_FQDN.search(words)) and not _NETWORK_ONLY.search(words),
        rest=" ".join(left.replace("|", " ").split()),
    )


@lru_cache(maxsize=1024)
def announces_rules(text: str) -> bool:
    """Whether a heading says that rules follow.

    >>> announces_rules("Azure Policy required FQDN / application rules"), announces_rules("Azure Policy")
    (True, False)
    """
    return bool(_ANNOUNCING.search(plain(text)))


@lru_cache(maxsize=2048)
def cloud_of_suffix(host: str) -> str:
    """The cloud that a host's own suffix belongs to, or an empty text."""
    return next((str(cloud) for suffix, cloud in _SUFFIXES.items() if host.endswith(suffix)), "")


def is_cloud_like(text: str, *, within: str = "") -> bool:
    """Whether words that nobody knows may name a cloud, so that no known cloud may have what stands there.

    ``within`` is the text as written, in which a name has its capital letter.

    >>> is_cloud_like("Bleu"), is_cloud_like("in Azure Delos"), is_cloud_like("further endpoints of drivers")
    (True, True, False)
    """
    words = read_words(text)
    if words.clouds or _OF_CLOUDS.search(plain(text)):
        return True
    rest = words.rest.split()
    names = {word.lower() for word in re.findall(r"\b[A-Z]\w*", within or text)}
    return len(rest) == 1 or (len(rest) <= _NAME_WORDS and set(rest) <= names)


def _consume(words: str, phrase: str) -> tuple[str, bool]:
    """Cut a phrase out; the bar in its place keeps the words around it from joining into another phrase."""
    left = re.sub(rf"(?<![^\s|])(?:{phrase})(?![^\s|])", "|", words)
    return left, left != words


def slug(text: str) -> str:
    """Make a provisional slug of a heading id or of words."""
    return "-".join(re.findall(r"[a-z0-9]+", text.casefold())) or "unnamed"


def without(words: str, known: Iterable[str]) -> str:
    """Drop words that a section's own heading already has."""
    return " ".join(word for word in words.split() if word not in set(known))
