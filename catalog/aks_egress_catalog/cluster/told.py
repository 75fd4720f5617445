"""Clusters from all that is said of them: a profile file or the output of ``az``, and single settings on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aks_egress_catalog.cluster.az.profile import AzProfile, Question
from aks_egress_catalog.cluster.az.saved import read_clusters
from aks_egress_catalog.cluster.features import FeatureOrigin, feature_origins
from aks_egress_catalog.cluster.fleet import unique_names
from aks_egress_catalog.cluster.profile import Profile, ProfileError, shape_of
from aks_egress_catalog.cluster.profile_file import profile_of
from aks_egress_catalog.cluster.profile_file import read_settings as read_profile_settings
from aks_egress_catalog.cluster.regions import cloud_of
from aks_egress_catalog.cluster.settings import SETTING, ListChange, is_answered, read_settings, with_settings
from aks_egress_catalog.errors import AksEgressError


@dataclass(frozen=True, kw_only=True)
class Told:
    """A cluster: its profile, by feature where that was said, what could be asked still, and what to know of it.

    ``said`` has the origin of each key that somebody gave a value; all others have their defaults.
    """

    profile: Profile
    origins: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class SettingOrigin:
    """A key of the profile, its value, and where that comes from: a file, ``--set``, the region, or the default."""

    key: str
    value: str | bool | tuple[str, ...] | None
    origin: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """A cluster as the commands would take it: every setting and every needed feature with its origin."""

    name: str
    settings: tuple[SettingOrigin, ...]
    features: tuple[FeatureOrigin, ...]


def describe(told: Told) -> Described:
    """Say of every setting of a cluster where it comes from."""
    by_itself = {"cloud": "the region"} if cloud_of(told.profile.region) else {}
    return Described(
        name=told.name,
        settings=tuple(
            SettingOrigin(
                key=key,
                value=getattr(told.profile, key),
                origin=told.said.get(key) or by_itself.get(key, "the default"),
            )
            for key in Profile.__dataclass_fields__
        ),
        features=feature_origins(told.profile, told.origins),
    )


def told_of(profile_file: Path | None, from_az: Path | None, settings: Iterable[str]) -> tuple[Told, ...]:
    """Put the clusters together: one, or as many as the output of ``az`` holds. Settings are on top of each.

    Raises:
        ProfileFileError: a file cannot be read, or holds something else.
        ProfileError: a setting is not one, or contradicts another.
        AksEgressError: both files are given.
    """
    if profile_file and from_az:
        raise AksEgressError("--profile and --from-az describe one cluster each; give one of them")
    single = read_settings(settings)
    if from_az:
        saved = read_clusters(from_az)
        names = unique_names((one.cluster.name, one.cluster.group) for one in saved)
        return tuple(
            _with_single_settings(one.cluster, single, source=one.source, name=name)
            for one, name in zip(saved, names, strict=True)
        )
    if not profile_file:
        return (_told({}, {}, single, source=""),)
    content = read_profile_settings(profile_file)
    origins = dict.fromkeys(content.get("features", ()), profile_file.name)
    try:
        return (_told(content, origins, single, source=profile_file.name),)
    except ProfileError:
        profile_of(profile_file, content)  # raises where the file is at fault, and no setting
        raise


def _with_single_settings(found: AzProfile, single: Mapping[str, Any], *, source: str, name: str) -> Told:
    """Put settings on top of what ``az`` tells of one cluster; ``source`` names its file."""
    origins = {feature: f"{source}: {where}" for feature, where in found.origins.items()}
    try:
        told = _told(found.profile.stated(), origins, single, source=source)
    except ProfileError as error:
        raise ProfileError(f"{error} (for the cluster {name})") from error
    return Told(
        profile=told.profile,
        origins=told.origins,
        said=told.said,
        questions=tuple(
            question for question in found.unknown if not is_answered(question.key, question.trial, single)
        ),
        notes=found.notes,
        name=name,
    )


def _told(content: Mapping[str, Any], origins: Mapping[str, str], single: Mapping[str, Any], *, source: str) -> Told:
    features = single.get("features", ListChange()).added
    switched = [feature for feature in ("gpu", "windows") if single.get(feature)]
    by_setting = dict.fromkeys((*features, *switched), SETTING)
    settings = with_settings(content, single)
    return Told(
        profile=Profile(**settings),
        origins={**by_setting, **origins},
        said={key: _origin(key, content, settings, single, source=source) for key in settings},
    )


def _origin(
    key: str, content: Mapping[str, Any], settings: Mapping[str, Any], single: Mapping[str, Any], *, source: str
) -> str:
    """Say where the value of a key is from: the settings, what they are on top of, or both, as a list may be."""
    if key not in single and settings[key] == content.get(key):
        return source
    kept = shape_of(key) is tuple and {*content.get(key, ())} & {*settings[key]}
    return f"{source}, {SETTING}" if kept else SETTING
