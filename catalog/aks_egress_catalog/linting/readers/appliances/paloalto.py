"""PAN-OS as ``set`` commands. What the files of a folder set is one configuration: objects in one, rules in another.

The rules of a file are read with the file that says what they do; files that only make them, switched off until
somebody has looked at them, add nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.readers.appliances.paloalto_objects import Config
from aks_egress_catalog.linting.readers.appliances.paloalto_rules import read_objects, read_rules
from aks_egress_catalog.linting.readers.words import Draft, Word, words
from aks_egress_catalog.linting.source import Source

NAME: Final = "paloalto"
_SIGN: Final = re.compile(
    r"^[ \t]*set[ \t]+(?:(?:shared|(?:device-group|vsys|template)[ \t]+\S+|config|devices[ \t]+\S+)[ \t]+)*"
    r"(?:address(?:-group)?|service(?:-group)?|external-list|profiles[ \t]+custom-url-category|application-group"
    r"|(?:pre-|post-)?rulebase[ \t]+(?:security|decryption))[ \t]",
    re.MULTILINE,
)
_CHANGES: Final = ("delete", "move", "rename", "copy")
_BESIDE: Final = ("*.txt", "*.set", "*.conf", "*.cfg")


def recognises(source: Source) -> bool:
    """Say whether a file has ``set`` commands of objects or rules."""
    return _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read commands, with the objects that files beside them set.

    >>> read(Source("a.txt", "set profiles custom-url-category C list [ *.x.io/ y.io/ ]")).entries[0].pattern
    '*.x.io'
    """
    draft = Draft(source, NAME)
    config = Config()
    config.add_all(_settings(source, draft))
    if config.rules:
        if config.lacks_objects():
            for other in _beside(source):
                config.take_objects(other)
        read_rules(config, draft)
    elif source.named or not any(other.has_actions for other in _beside(source)):
        read_objects(config, draft)
    draft.reading.skipped += config.skipped
    return draft.reading


def _settings(source: Source, draft: Draft | None = None) -> Iterator[list[Word]]:
    """Yield the words of each command behind ``set``; what takes something back is told to the draft."""
    for at, text in source.lines():
        line = list(words(source, at, text))
        if line and line[0].text == "set":
            yield line[1:]
        elif line and draft and line[0].text in _CHANGES:
            draft.unread(line[0], f"{line[0].text} is not evaluated: write what the firewall has", may_allow=False)
        elif line and draft:
            draft.reading.skipped += 1


def _beside(source: Source) -> Iterator[Config]:
    for other in source.beside(*_BESIDE):
        if recognises(other):
            config = Config()
            config.add_all(_settings(other))
            yield config
