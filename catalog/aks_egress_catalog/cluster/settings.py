"""Single settings, ``KEY=VALUE``, on top of what a profile file or a cluster says.

    key holds     several settings of it       on top of what stands below
    one value     refused                      replaces it
    a list        add up                       add to it; ``-VALUE`` takes one away, ``none`` says that there are none

A list never shrinks unless a setting says which value goes: advice such as "add ``--set features=cluster-extensions``"
must not drop the features that were read from the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aks_egress_catalog.cluster.profile import Profile, ProfileError, closest, plain_value, shape_of, written_value
from aks_egress_catalog.model import Feature

_NONE: Final = "none"
_SWITCHED: Final = {Feature.GPU: "gpu", Feature.WINDOWS: "windows", Feature.OS_UPDATES: "recommended"}
"""Features that a setting of its own brings: to take one away is to switch that off."""
SETTING: Final = "--set"
"""How an answer names the origin of what a single setting said."""


@dataclass(frozen=True, kw_only=True)
class ListChange:
    """What the settings of one key that holds a list say: values to add and to take away, each once."""

    added: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    none: bool = False

    def __post_init__(self) -> None:
        both = sorted({*self.added} & {*self.taken})
        if both:
            raise ProfileError(f"{both[0]!r} is both added and taken away")

    def on_top_of(self, below: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values after the change, in the order in which they were said."""
        return tuple(one for one in dict.fromkeys((*below, *self.added)) if one not in self.taken)


def read_settings(settings: Iterable[str]) -> dict[str, Any]:
    """Read settings by what the key of the profile holds: a text, a switch, or a :class:`ListChange`.

    Raises:
        ProfileError: one is not ``KEY=VALUE``, a key is unknown or has two values, or a value is of the wrong form.

    >>> read_settings(["gpu=yes", "features=defender", "features=-azure-policy"])
    {'gpu': True, 'features': ListChange(added=('defender',), taken=('azure-policy',), none=False)}
    """
    said: dict[str, list[str]] = {}
    for setting in settings:
        written, given, value = setting.partition("=")
        if not given:
            raise ProfileError(f"--set {setting}: write it as KEY=VALUE")
        said.setdefault(_key(written), []).append(value.strip())
    return {key: _value(key, values) for key, values in said.items()}


def _key(written: str) -> str:
    key, known = written.strip().replace("-", "_"), tuple(Profile.__dataclass_fields__)
    if key not in known:
        raise ProfileError(f"unknown key{closest(key, known)}", key=written.strip())
    return key


def _value(key: str, values: list[str]) -> object:
    shape = shape_of(key)
    if shape is tuple:
        return _list_change(key, values)
    if len(values) > 1:
        raise ProfileError(f"it has one value, not {len(values)}: {', '.join(values)}", key=key)
    if not values[0]:
        raise ProfileError("it has no value; leave the setting out, or give it one", key=key)
    return written_value(key, values[0])


def _list_change(key: str, values: list[str]) -> ListChange:
    parts = [part.strip() for value in values for part in value.split(",")]
    if not all(part.removeprefix("-") for part in parts):
        raise ProfileError(
            f"a value is empty; {key}=-VALUE takes one away, and {key}={_NONE} says that there are none", key=key
        )
    words = [part for part in parts if part != _NONE]
    if words and len(words) < len(parts):
        raise ProfileError(f"{_NONE!r} does not go with {', '.join(words)}", key=key)
    try:
        change = ListChange(
            added=tuple(dict.fromkeys(part for part in words if not part.startswith("-"))),
            taken=tuple(dict.fromkeys(part[1:] for part in words if part.startswith("-"))),
            none=not words,
        )
    except ProfileError as error:
        raise ProfileError(str(error), key=key) from error
    check: dict[str, Any] = {key: change.added + change.taken}
    Profile(**check)  # refuses what the key can never hold, taken away or not
    return change


def with_settings(content: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Put settings (:func:`read_settings`) on top of the values of a profile, by key; both stay as they are.

    Raises:
        ProfileError: a setting contradicts another, takes away what every cluster needs, or says ``none`` of a list
            that has values.

    >>> with_settings({"features": ("azure-policy",)}, read_settings(["features=defender"]))
    {'features': ('azure-policy', 'defender')}
    """
    found = dict(content)
    for key, value in settings.items():
        if isinstance(value, ListChange):
            below = plain_value(key, found.get(key, ()))
            assert isinstance(below, tuple)
            if value.none and below:
                raise ProfileError(f"there are {', '.join(below)}; take each away with {key}=-VALUE", key=key)
            found[key] = value.on_top_of(below)
        else:
            found[key] = value
    taken = settings["features"].taken if "features" in settings else ()
    for feature in taken:
        found |= _without(feature, settings)
    return found


def _without(feature: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    if feature == Feature.CORE:
        raise ProfileError("core cannot be taken away: every cluster needs it", key="features")
    key = _SWITCHED.get(Feature(feature))
    if key and settings.get(key):
        raise ProfileError(f"{key}=true contradicts features=-{feature}", key="features")
    return {key: False} if key else {}


def is_answered(key: str, trial: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Say whether settings answer a question about a key, where ``trial`` is what an answer could bring.

    A list of features answers for those that it names, be it to add or to take away.
    """
    change = settings.get("features", ListChange())
    named = {*change.added, *change.taken}
    if key == "features":
        return change.none or bool(named & {*trial["features"]})
    return key in settings or any(switch == key and feature in named for feature, switch in _SWITCHED.items())
