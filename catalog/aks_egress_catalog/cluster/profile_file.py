"""A profile from a TOML, JSON or YAML file, or from plain values."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aks_egress_catalog.cluster.profile import Profile, ProfileError, closest, plain_value
from aks_egress_catalog.errors import InputError


class ProfileFileError(ProfileError, InputError):
    """A file that cannot be read, or that says nothing of one cluster."""


def read_profile(file: str | Path) -> Profile:
    """Read a profile from a TOML, JSON or YAML file, by its ending.

    Raises:
        ProfileFileError: the file cannot be read, or is not of the form that its name ends in.
        ProfileError: a key is unknown, of the wrong type or contradicts another.
    """
    return Profile(**read_settings(Path(file)))


def read_settings(file: Path) -> dict[str, Any]:
    """Read the settings that a profile file has, and only those; errors as of :func:`read_profile`."""
    return known_keys(read_table(file))


def read_table(file: Path) -> dict[str, Any]:
    """Read a TOML, JSON or YAML file, by its ending, that holds a table.

    Raises:
        ProfileFileError: it cannot be read, or holds something else.
    """
    readers: dict[str, Callable[[str], Any]] = {
        ".toml": tomllib.loads,
        ".json": json.loads,
        ".yaml": _read_yaml,
        ".yml": _read_yaml,
    }
    if file.suffix not in readers:
        raise ProfileFileError(f"{file}: a profile is a .toml, .json, .yaml or .yml file")
    try:
        content = readers[file.suffix](file.read_text(encoding="utf-8-sig"))
    except RecursionError as error:
        raise ProfileFileError(f"{file} cannot be read: it is nested too deep for a profile") from error
    except (OSError, ValueError) as error:
        raise ProfileFileError(f"{file} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ProfileFileError(f"{file}: a profile is a table of settings, not a {type(content).__name__}")
    return content


def _read_yaml(text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415  - an extra that only YAML files need
    except ImportError as error:
        raise ProfileError("reading YAML needs PyYAML: pip install aks-egress-catalog[yaml]") from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, LookupError, AttributeError) as error:  # PyYAML's own for "!!int ''" and the like
        raise ValueError(f"{type(error).__name__} {error}") from error


def make_profile(content: Mapping[str, Any]) -> Profile:
    """Make a profile of plain values, with keys as in :class:`Profile` or with hyphens.

    Raises:
        ProfileError: a key is unknown, of the wrong type or contradicts another.

    >>> make_profile({"region": "westeurope", "private-cluster": True}).private_cluster
    True
    """
    return Profile(**known_keys(content))


def known_keys(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same values under the keys of :class:`Profile`.

    Raises:
        ProfileError: a key is unknown.
    """
    known = tuple(Profile.__dataclass_fields__)
    found: dict[str, Any] = {}
    for written, value in content.items():
        key = str(written).replace("-", "_")
        if key not in known:
            raise ProfileError(f"unknown key{closest(key, known)}", key=str(written))
        found[key] = plain_value(key, value)
    return found
