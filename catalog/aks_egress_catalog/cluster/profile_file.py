"""A profile from a TOML, JSON or YAML file, or from plain values; and the file that a folder has one in."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aks_egress_catalog.cluster.profile import Profile, ProfileError, closest, written_value
from aks_egress_catalog.errors import InputError

OWN_FILE: Final = "aks-egress.toml"
"""The profile file that is found by its name; ``profile init`` writes it."""
PROJECT_FILE: Final = "pyproject.toml"
_TABLE: Final = "aks-egress"
"""The table of a project file below ``[tool]`` that is a profile."""


class ProfileFileError(ProfileError, InputError):
    """A file that cannot be read, or that says nothing of one cluster."""


@dataclass(frozen=True, kw_only=True)
class FoundProfile:
    """The profile file for a folder, if there is one, and what to know of files that were passed over."""

    file: Path | None = None
    notes: tuple[str, ...] = ()


def find_profile(folder: Path) -> FoundProfile:
    """Find the profile file for a folder: in it or above it, up to the root of the repository or of the file system.

    In each folder ``aks-egress.toml`` wins over a table ``[tool.aks-egress]`` of ``pyproject.toml``. What the file
    says is not read: a broken one is found all the same, and whoever reads it is told. A project file that is not TOML
    may belong to somebody else: it is passed over with a note.
    """
    notes: list[str] = []
    for place in (folder, *folder.parents):
        if stat.S_ISREG(_mode(place / OWN_FILE)):
            return FoundProfile(file=place / OWN_FILE, notes=tuple(notes))
        project = place / PROJECT_FILE
        if stat.S_ISREG(_mode(project)):
            try:
                if _TABLE in _tools(read_table(project)):
                    return FoundProfile(file=project, notes=tuple(notes))
            except ProfileFileError as error:
                notes.append(f"{error}; it is passed over")
        if _mode(place / ".git"):
            break
    return FoundProfile(notes=tuple(notes))


def _mode(path: Path) -> int:
    """Return what kind of file is there, as ``stat`` says it; 0 where there is none, or nobody may look."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def read_profile(file: str | Path) -> Profile:
    """Read a profile from a TOML, JSON or YAML file, by its ending; of ``pyproject.toml`` one table.

    Raises:
        ProfileFileError: the file cannot be read, is not of the form that its name ends in, or holds what no profile
            has: a key that is unknown, of the wrong type, or in contradiction to another.
    """
    place = Path(file)
    return profile_of(place, read_settings(place))


def profile_of(file: Path, settings: Mapping[str, Any]) -> Profile:
    """Make the profile that the settings of a file say, without any other; errors as of :func:`read_profile`."""
    try:
        return Profile(**settings)
    except ProfileError as error:
        raise placed(f"{file}: ", error) from error


def read_settings(file: Path) -> dict[str, Any]:
    """Read the settings that a profile file has, and only those; errors as of :func:`read_profile`."""
    content: Any = read_table(file)
    if file.name == PROJECT_FILE:
        tools = _tools(content)
        if _TABLE not in tools:
            raise ProfileFileError(f"{file} has no table [tool.{_TABLE}]")
        content = tools[_TABLE]
    table = _expect_table(file, content)
    try:
        return known_keys(table)
    except ProfileError as error:
        raise placed(f"{file}: ", error) from error


def placed(place: str, error: ProfileError) -> ProfileFileError:
    """Say of a fault in which file it is."""
    found = ProfileFileError(f"{place}{error}")
    found.key = error.key
    return found


def read_table(file: Path) -> dict[str, Any]:
    """Read a TOML, JSON or YAML file, by its ending, that holds a table.

    Raises:
        ProfileFileError: it cannot be read, or holds something else.
    """
    readers: dict[str, Callable[[str], Any]] = {
        ".toml": _read_toml,
        ".json": json.loads,
        ".yaml": _read_yaml,
        ".yml": _read_yaml,
    }
    if file.suffix not in readers:
        raise ProfileFileError(f"{file}: a profile is a .toml, .json, .yaml or .yml file")
    try:
        return _expect_table(file, readers[file.suffix](file.read_text(encoding="utf-8-sig")))
    except RecursionError as error:
        raise ProfileFileError(f"{file} cannot be read: it is nested too deep for a profile") from error
    except (OSError, ValueError) as error:
        raise ProfileFileError(f"{file} cannot be read: {error}") from error


def _expect_table(file: Path, content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ProfileFileError(f"{file}: a profile is a table of settings, not a {type(content).__name__}")
    return content


def _tools(project: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tables of the tools in a project file."""
    tools = project.get("tool", {})
    return tools if isinstance(tools, dict) else {}


def _read_toml(text: str) -> Any:
    import tomllib  # noqa: PLC0415  - most calls read no TOML, and every command line looks for a profile

    return tomllib.loads(text)


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
        found[key] = written_value(key, value)
    return found
