"""YAML in, its documents out as nodes of PyYAML, which know where in the text they stand. JSON is YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Unread
from aks_egress_catalog.linting.source import Source

_ALIAS: Final = re.compile(r"[\s\[,:]\*[A-Za-z0-9_-]+(?=[\s,\]])")
_MOST_ALIASES: Final = 100


def take_documents(source: Source, unread: list[Unread], take: Callable[[Any], None]) -> None:
    """Give every document of a text to a function; what cannot be read is told in ``unread``.

    Raises:
        InputError: PyYAML, which is an extra, is not installed.
    """
    try:
        import yaml  # noqa: PLC0415  - an extra, for YAML only
    except ImportError as error:
        raise InputError("reading YAML needs PyYAML: pip install aks-egress-catalog[lint]") from error
    if len(_ALIAS.findall(source.text)) > _MOST_ALIASES:
        message = f"this YAML has more than {_MOST_ALIASES} aliases, which could stand for any number of values"
        unread.append(Unread(place=source.place(0, 0), message=message))
        return
    try:
        for node in yaml.compose_all(source.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if node is not None:
                take(node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # the last two of what takes them, too
        mark = getattr(error, "problem_mark", None)
        start = mark.index if mark else 0
        what = getattr(error, "problem", None) or str(error) or type(error).__name__
        unread.append(Unread(place=source.place(start, start), message=f"this YAML cannot be read: {what}"))
