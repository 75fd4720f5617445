"""The rules of Azure Firewall, in no file format, and how they are named."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from aks_egress_catalog.model import Application, Protocol

NAME_LIMIT: Final = 80
"""Azure: "up to 80 characters long", word characters, ``.``, ``-`` and ``_``, a word character at either end."""
KEEP_TLS: Final = "preserve-alpn: TLS inspection must stay off for this rule"
"""What the description says of a rule whose TLS must not be inspected."""
_DIGEST: Final = 8


class CollectionKind(StrEnum):
    """What a rule collection holds, in the order of processing."""

    NETWORK = "network"
    APPLICATION = "application"


@dataclass(frozen=True, kw_only=True)
class ApplicationRule:
    """Hosts that may be reached by HTTP or HTTPS on one port: ``fqdns``, or those that ``fqdn_tags`` stand for."""

    kind: ClassVar = CollectionKind.APPLICATION
    name: str
    description: str
    fqdns: tuple[str, ...]
    fqdn_tags: tuple[str, ...] = ()
    application: Application
    port: int
    keep_tls: bool
    """TLS inspection must stay off."""


@dataclass(frozen=True, kw_only=True)
class NetworkRule:
    """Destinations that may be reached on one port: ``addresses`` (ranges, service tags, ``*``) or ``fqdns``."""

    kind: ClassVar = CollectionKind.NETWORK
    name: str
    description: str
    protocol: Protocol
    port: int
    addresses: tuple[str, ...]
    fqdns: tuple[str, ...]


FirewallRule: TypeAlias = ApplicationRule | NetworkRule


def with_destinations_of(old: FirewallRule, new: FirewallRule) -> FirewallRule:
    """The new form of a rule with the destinations of the old form as well; the old form where it has them all.

    >>> old, new = (ApplicationRule(name="a", description="", fqdns=fqdns, application=Application.HTTPS, port=443,
    ...     keep_tls=False) for fqdns in (("x.io", "y.io"), ("x.io", "z.io")))
    >>> with_destinations_of(old, new).fqdns
    ('x.io', 'z.io', 'y.io')
    """
    if isinstance(old, ApplicationRule) and isinstance(new, ApplicationRule):
        fqdns, tags = _either(new.fqdns, old.fqdns), _either(new.fqdn_tags, old.fqdn_tags)
        has_all = len(fqdns) == len(old.fqdns) and len(tags) == len(old.fqdn_tags)
        return old if has_all else replace(new, fqdns=fqdns, fqdn_tags=tags)
    if isinstance(old, NetworkRule) and isinstance(new, NetworkRule):
        addresses, fqdns = _either(new.addresses, old.addresses), _either(new.fqdns, old.fqdns)
        has_all = len(addresses) == len(old.addresses) and len(fqdns) == len(old.fqdns)
        return old if has_all else replace(new, addresses=addresses, fqdns=fqdns)
    raise TypeError(f"{old.name}: an application rule is no form of a network rule")


def _either(new: tuple[str, ...], old: tuple[str, ...]) -> tuple[str, ...]:
    """The destinations of both, each once; everywhere takes all others in."""
    found = tuple(dict.fromkeys((*new, *old)))
    return ("*",) if "*" in found else found


def unique_names(texts: Iterable[str]) -> dict[str, str]:
    """Name texts, such as rule ids, by their slugs; with a digest where two would share one or it is too long.

    >>> list(unique_names(["AzureCloud/core/*.data.mcr.microsoft.com:tcp-443"]).values())
    ['core-any.data.mcr.microsoft.com-tcp-443']
    """
    slugs = {text: slug(text.partition("/")[2] or text) for text in texts}
    taken = Counter(name.lower() for name in slugs.values())
    return {
        text: name if taken[name.lower()] == 1 and len(name) <= NAME_LIMIT else _with_digest(name, text)
        for text, name in slugs.items()
    }


def slug(text: str) -> str:
    """Keep what Azure takes in a name; a star becomes ``any``."""
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", re.sub(r"[{}]", "", text.replace("*", "any"))).strip("-._") or "rule"


def _with_digest(name: str, text: str) -> str:
    digest = hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:_DIGEST]
    return f"{name[: NAME_LIMIT - _DIGEST - 1].rstrip('-._')}-{digest}"
