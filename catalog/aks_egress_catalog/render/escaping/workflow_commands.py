"""Commands of GitHub Actions, which a run shows as annotations; what ends one, or a property of it, is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aks_egress_catalog.text.visible import visible

_IN_MESSAGE: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY: Final = _IN_MESSAGE | {":": "%3A", ",": "%2C"}


def annotation(level: str, title: str, message: str) -> str:
    """Write one command; ``level`` is ``error``, ``warning`` or ``notice``.

    >>> annotation("notice", "a: b", "100 %")
    '::notice title=a%3A b::100 %25'
    """
    return command(level, {"title": title}, message)


def command(name: str, properties: Mapping[str, str], message: str) -> str:
    """Write one command with its properties, such as the file and the line that it is about.

    >>> command("error", {"file": "a,b.tf", "line": "3"}, "no")
    '::error file=a%2Cb.tf,line=3::no'
    """
    said = ",".join(f"{key}={_escaped(value, _IN_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {said}::{_escaped(message, _IN_MESSAGE)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return visible(text).translate({ord(char): code for char, code in table.items()})
