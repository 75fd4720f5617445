"""From the ``set`` commands of two exports to the ``delete`` commands that lead from the first to the second.

``set`` only adds, so whoever pastes a new export keeps what an older one had. An example::

    old    set address aks-egress-a fqdn a.example
           set address-group aks-egress-tcp-22 static aks-egress-a
           set address-group aks-egress-tcp-22 static aks-egress-b
    new    set address-group aks-egress-tcp-22 static aks-egress-b
    comes  delete address-group aks-egress-tcp-22 static aks-egress-a
           delete address aks-egress-a

What is gone as a whole is deleted as a whole; of what stays, the members of its lists. What refers to others is deleted
before them: PAN-OS deletes nothing that is referred to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_WHAT: Final = (
    "rulebase security rules",
    "rulebase decryption rules",
    "address-group",
    "profiles custom-url-category",
    "address",
    "service",
)
"""Everything that an export sets but the tag, in the order of deletion."""
_SET: Final = re.compile(rf"set (?P<what>{'|'.join(_WHAT)}) (?P<name>\S+) (?P<setting>.+)\Z")
_MEMBER: Final = re.compile(r"(?:static|list) \S+\Z")
"""A setting of which there may be many; any other is one value, which ``set`` replaces."""


def deletions(old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    """Write the commands that take away what the old export set and the new one does not."""
    before, after = _by_name(old), _by_name(new)
    for what in _WHAT:
        for (kind, name), settings in sorted(before.items()):
            if kind != what:
                continue
            if (kind, name) not in after:
                yield f"delete {what} {name}"
                continue
            gone = sorted(settings - after[kind, name])
            yield from (f"delete {what} {name} {setting}" for setting in gone if _MEMBER.match(setting))


def names_set(commands: Iterable[str]) -> set[str]:
    """The rules of a rulebase that commands set, as ``rulebase security rules aks-egress-tcp-443-urls``."""
    return {f"{what} {name}" for what, name in _by_name(commands) if what.startswith("rulebase")}


def _by_name(commands: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """The settings of each object and rule."""
    found: dict[tuple[str, str], set[str]] = {}
    for command in commands:
        read = _SET.match(command)
        if read:
            found.setdefault((read["what"], read["name"]), set()).add(read["setting"])
    return found
