"""The features whose rules a cluster gets, each with where that was said: no answer assumes any in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.model import Feature

_BY_ITSELF: Final = {
    Feature.CORE: "every cluster needs it",
    Feature.OS_UPDATES: "recommended for every cluster; recommended=false leaves it out",
    Feature.GPU: "gpu",
    Feature.WINDOWS: "windows",
}
"""The origin of a feature that no list of features has to name."""


@dataclass(frozen=True, kw_only=True)
class FeatureOrigin:
    """A feature of a cluster, and where that was said, as in ``--set`` or ``one.json: securityProfile.defender``."""

    feature: str
    origin: str


def feature_origins(profile: Profile, origins: Mapping[str, str]) -> tuple[FeatureOrigin, ...]:
    """Return the needed features by name; ``origins`` has where the profile has some of them from.

    >>> [(one.feature, one.origin) for one in feature_origins(Profile(features="defender", recommended=False), {})]
    [('core', 'every cluster needs it'), ('defender', 'the profile')]
    """
    return tuple(
        FeatureOrigin(feature=str(feature), origin=origins.get(feature) or _by_itself(profile, feature))
        for feature in sorted(profile.needed_features)
    )


def _by_itself(profile: Profile, feature: str) -> str:
    by_name = feature in profile.features and feature != Feature.CORE
    return "the profile" if by_name else _BY_ITSELF[Feature(feature)]


def features_line(features: Iterable[FeatureOrigin]) -> str:
    """Write the features with their origins in one line, those of one origin together.

    >>> features_line(feature_origins(Profile(features="gpu,defender", recommended=False), {}))
    'features: core (every cluster needs it); defender, gpu (the profile)'
    """
    by_origin: dict[str, list[str]] = {}
    for one in features:
        by_origin.setdefault(one.origin, []).append(one.feature)
    return "features: " + "; ".join(f"{', '.join(named)} ({origin})" for origin, named in by_origin.items())
