"""The questions of "My cluster": the keys of the package's profile, in its words; first those that move many rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile, shape_of
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS, ProfileKey
from aks_egress_catalog.model import Feature
from publish.site.words.labels import feature_order

_FIRST: Final = {
    "Where it runs": ("cloud", "region"),
    "What it has": ("features", "gpu", "windows", "recommended"),
    "Its way out": ("private_cluster", "outbound_type", "azure_firewall", "custom_dns"),
}
_BY_THEMSELVES: Final = (Feature.CORE, Feature.OS_UPDATES, Feature.GPU, Feature.WINDOWS)
"""Features that another key brings."""


@dataclass(frozen=True, kw_only=True)
class QuestionGroup:
    """Questions under one heading; ``first`` says whether they are seen at once, or on demand."""

    title: str
    keys: tuple[ProfileKey, ...]
    first: bool


def question_groups() -> tuple[QuestionGroup, ...]:
    """Every key of a profile, each once.

    >>> [group.title for group in question_groups() if group.first]
    ['Where it runs', 'What it has', 'Its way out']
    """
    first = [
        QuestionGroup(title=title, keys=tuple(PROFILE_KEYS[name] for name in names), first=True)
        for title, names in _FIRST.items()
    ]
    asked = {key.name for group in first for key in group.keys}
    rest = [key for key in PROFILE_KEYS.values() if key.name not in asked]
    titles = dict.fromkeys(key.group for key in rest)
    more = (
        QuestionGroup(title=title, keys=tuple(key for key in rest if key.group == title), first=False)
        for title in titles
    )
    return (*first, *more)


def control_of(key: ProfileKey) -> str:
    """How a key is asked for: ``switch``, ``choice`` (one of several, or nothing said), ``features`` or ``text``.

    >>> [control_of(PROFILE_KEYS[name]) for name in ("gpu", "azure_firewall", "features", "custom_dns")]
    ['switch', 'choice', 'features', 'text']
    """
    if key.name == "features":
        return "features"
    if shape_of(key.name) is bool:
        return "switch" if isinstance(getattr(Profile, key.name), bool) else "choice"
    return "choice" if key.choices or key.name == "region" else "text"


def is_on(key: ProfileKey) -> bool:
    """Whether a switch is on where nobody says anything."""
    return getattr(Profile, key.name) is True


def offered_features(catalog: Catalog) -> list[str]:
    """The features that can be ticked: those that have rules today and that no other question brings."""
    return [name for name in feature_order(rule.feature for rule in catalog.rules) if name not in _BY_THEMSELVES]
