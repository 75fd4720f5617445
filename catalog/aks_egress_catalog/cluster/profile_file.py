"""A profile from a TOML, JSON or YAML file, or from plain values."""

from __future__ import annotations

import json
import reprlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from aks_egress_catalog.cluster.profile import Profile, ProfileError, closest
from aks_egress_catalog.errors import InputError


class ProfileFileError(ProfileError, InputError):
    """A file that cannot be read, or that says nothing of one cluster."""


def read_profile(file: Path) -> Profile:
    """Read a profile from a TOML, JSON or YAML file, by its ending.

    Raises:
        ProfileFileError: the file cannot be read, or is not of the form that its name ends in.
        ProfileError: a key is unknown, of the wrong type or contradicts another.
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
    return make_profile(content)


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
    """
    shapes = {field.name: _shape(field.default) for field in fields(Profile)}
    arguments: dict[str, Any] = {}
    for written, value in content.items():
        key = str(written).replace("-", "_")
        if key not in shapes:
            raise ProfileError(f"unknown key{closest(key, tuple(shapes))}", key=str(written))
        arguments[key] = _shaped(key, value, shapes[key])
    return Profile(**arguments)


def _shape(default: object) -> type:
    if default is MISSING or default is None:
        return str
    return type(default) if isinstance(default, bool | tuple) else str


def _shaped(key: str, value: object, shape: type) -> object:
    if shape is tuple and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if type(value) is shape and shape is not tuple:
        return value
    expected = {bool: "true or false", str: "a text", tuple: "a list of texts"}[shape]
    raise ProfileError(f"expected {expected}, found {reprlib.repr(value)}", key=key)
