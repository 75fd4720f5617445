"""The protocol and port of one application rule of Azure Firewall, written anew: two literals and nothing else."""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.mending.edits import Edit
from aks_egress_catalog.linting.mending.words import CannotEditError, Kind, Word, words
from aks_egress_catalog.linting.readers.azure_rules.keys import PROTOCOLS
from aks_egress_catalog.linting.tree import fold

_TYPES: Final = ("type", "protocoltype")
_USUAL_PORTS: Final = {"HTTPS": 443, "HTTP": 80}


def with_service(text: str, quote: str, application: str, port: int) -> list[Edit]:
    """Write another service into the text of a rule that has one.

    Raises:
        CannotEditError: it has none that is written in literals, or more than one.

    >>> with_service("{ protocols: [{ protocolType: 'Http' }] }", "'", "HTTPS", 443)
    [Edit(start=30, end=36, text="'Https'")]
    """
    found = [word for word in words(text, quote) if word.kind not in (Kind.COMMENT, Kind.LINE_END)]
    inside = _inside(text, found)
    kinds, ports = _values(text, inside, _TYPES), _values(text, inside, ("port",))
    if len(kinds) != 1 or len(ports) > 1:
        raise CannotEditError("its protocols are more than one, or are written elsewhere")
    if not ports and _USUAL_PORTS.get(application) != port:
        raise CannotEditError("it names no port that one could change")
    if not kinds[0].is_plain:
        raise CannotEditError("its protocol is put together from parts")
    made = [Edit(kinds[0].start, kinds[0].end, f"{quote}{application.capitalize()}{quote}")]
    for word in ports:
        written = text[word.start : word.end]
        bare = written.strip(quote)
        if not bare.isdecimal():
            raise CannotEditError("its port is no number")
        made.append(Edit(word.start, word.end, written.replace(bare, str(port))))
    return made


def _inside(text: str, found: list[Word]) -> list[Word]:
    """Return the words within the brackets behind the one key ``protocols``."""
    keys = [n for n, word in enumerate(found) if _is_key(text, found, n, PROTOCOLS)]
    if len(keys) != 1:
        raise CannotEditError("its protocols are more than one, or are written elsewhere")
    depth, inside = 0, []
    for word in found[keys[0] + 1 :]:
        depth += (word.kind is Kind.OPENING) - (word.kind is Kind.CLOSING)
        inside.append(word)
        if depth == 0 and word.kind is Kind.CLOSING:
            return inside
        if depth == 0 and text[word.start : word.end] not in ("=", ":"):
            break
    raise CannotEditError("its protocols are written elsewhere")


def _is_key(text: str, found: list[Word], n: int, names: tuple[str, ...]) -> bool:
    word = found[n]
    bare = text[word.start : word.end].strip("\"'")
    behind = text[found[n + 1].start : found[n + 1].end] if n + 1 < len(found) else ""
    return fold(bare) in names and re.fullmatch(r"[=:{]", behind) is not None


def _values(text: str, inside: list[Word], names: tuple[str, ...]) -> list[Word]:
    """Return what stands behind keys."""
    return [inside[n + 2] for n in range(len(inside) - 2) if _is_key(text, inside, n, names)]
