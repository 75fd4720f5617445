"""Profiles: as a file that explains itself, as a table of settings with their origins, and the keys that there are."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping

from aks_egress_catalog.cluster.features import features_line
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS, ProfileKey
from aks_egress_catalog.cluster.told import Described
from aks_egress_catalog.render.tables import GroupedLine, Terminal, print_grouped
from aks_egress_catalog.text.visible import visible

_COLUMNS = 100
_TERMINAL = 80
_HEAD = (
    "An AKS cluster, for aks-egress-catalog: its outbound rules follow from the settings in this file.",
    'A setting behind "#" is not said. It shows the default, or an example where the default is that nothing is said.',
)


def profile_toml(
    profile: Profile,
    *,
    said: Container[str],
    notes: Iterable[str] = (),
    beside: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """Write a profile as TOML: each key with its explanation, and its value where it was ``said``.

    ``notes`` stand at the top and ``beside`` by the key that they are about, as comments. The same profile is read back
    from it, if each key that is not as by default was said.

    >>> text = profile_toml(Profile(region="westeurope"), said={"region"})
    >>> [line for line in text.splitlines() if "region =" in line or "gpu =" in line]
    ['region = "westeurope"', '#gpu = false']
    """
    lines = [line for text in (*_HEAD, *notes) for line in _comment(text)]
    group = ""
    for key in PROFILE_KEYS.values():
        if key.group != group:
            lines += ["", f"# ---------------- {key.group}"]
            group = key.group
        lines += ["", *_explanation(key)]
        lines += [line for text in (beside or {}).get(key.name, ()) for line in _comment(text)]
        value = getattr(profile, key.name) if key.name in said else key.example
        lines.append(f"{'' if key.name in said else '#'}{key.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _explanation(key: ProfileKey) -> Iterator[str]:
    yield from _comment(key.meaning)
    yield from _comment(f"Values: {key.values}. Default: {key.default}.")


def _comment(text: str) -> list[str]:
    """Write a text as lines of a comment, whatever it holds: no character of it can end the comment."""
    lines = textwrap.wrap(visible(text), _COLUMNS - 2, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]


def _toml(value: object) -> str:
    """Write a value of a profile; the texts of JSON are those of TOML, but for one character that TOML escapes."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def print_described(clusters: Iterable[Described]) -> None:
    """Print each setting of each cluster with its origin, and the features whose rules it gets."""
    console = Terminal()
    for place, cluster in enumerate(clusters):
        if place:
            console.print("")
        if cluster.name:
            console.print(cluster.name, style="bold")
        settings = {one.key: one for one in cluster.settings}
        print_grouped(
            ("setting", "value", "from"),
            (
                GroupedLine(key.group, (key.name, _shown(settings[key.name].value), settings[key.name].origin))
                for key in PROFILE_KEYS.values()
            ),
        )
        console.print("")
        console.print(features_line(cluster.features))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "not said" if value is None else str(value)


def print_keys() -> None:
    """Print every key of a profile with its meaning, its values and its default."""
    console, group = Terminal(), ""
    for key in PROFILE_KEYS.values():
        if key.group != group:
            if group:
                console.print("")
            console.print(key.group, style="bold")
            group = key.group
        console.print(f"  {key.name}")
        for text in (key.meaning, f"{key.values}; default: {key.default}"):
            for line in textwrap.wrap(text, _TERMINAL - 6, break_on_hyphens=False):
                console.print(f"      {line}")
