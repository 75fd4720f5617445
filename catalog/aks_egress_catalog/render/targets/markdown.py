"""The table of the docs: what each export target can hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.exports.declaration import InnerStar, Traffic, Wildcard
from aks_egress_catalog.exports.listing import ListedTarget, ListedWay
from aks_egress_catalog.model import DestinationForm

_COLUMNS: Final = ("target", "`*.x` is", "other stars", "ports", "lets through", "addresses", "tried with")
_WILDCARDS: Final = {
    Wildcard.ANY_DEPTH: "any depth",
    Wildcard.WITH_APEX: "any depth, and `x`",
    Wildcard.NONE: "no",
}
_INNER: Final = {
    InnerStar.NOWHERE: "no",
    InnerStar.WHOLE_LABEL: "whole labels",
    InnerStar.PART: "yes",
}
_ADDRESSES: Final = {
    DestinationForm.CIDR: "ranges",
    DestinationForm.SERVICE_TAG: "service tags",
    DestinationForm.ANY: "any",
}


def targets_markdown(targets: Iterable[ListedTarget]) -> str:
    """Write the table of the docs, and below it what each target needs and how much it holds.

    >>> from aks_egress_catalog.exports.listing import listed_targets
    >>> targets_markdown(listed_targets()).splitlines()[0]
    '| target | `*.x` is | other stars | ports | lets through | addresses | tried with |'
    """
    listed = tuple(targets)
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_row, listed)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.append("")
    for target in listed:
        said = [target.description.removesuffix("."), *_needs(target)]
        said += [f"at most {limit}" for limit in target.limits]
        said += [f"`--check-target` asks {' and '.join(target.check)}"] if target.check else []
        lines.append(f"- `{target.name}`: {'. '.join(map(_capital, said))}.")
    return "\n".join(lines) + "\n"


def _needs(target: ListedTarget) -> Iterable[str]:
    return (f"needs {'; '.join(target.needs)}",) if target.needs else ()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if not text.startswith("`") else text


def _row(target: ListedTarget) -> tuple[str, ...]:
    names = [way for way in target.ways if DestinationForm.FQDN in way.takes]
    first = names[0]
    return (
        f"`{target.name}`",
        _wildcard(first),
        _INNER[InnerStar(first.other_stars)],
        "yes" if first.ports else "no: every port",
        _traffic(names),
        ", ".join(_addresses(target.ways)) or "no",
        target.judge or "nothing that runs here",
    )


def _wildcard(way: ListedWay) -> str:
    said = _WILDCARDS[Wildcard(way.wildcard)]
    return said.replace("any depth", f"up to {way.deepest} labels") if way.deepest else said


def _traffic(ways: list[ListedWay]) -> str:
    known = {one for way in ways for one in way.traffic}
    said = ", ".join(str(one) for one in Traffic if one in known) if known != set(Traffic) else "TCP and UDP"
    return f"{said}, by address" if any(way.by_address for way in ways[:1]) else said


def _addresses(ways: tuple[ListedWay, ...]) -> Iterable[str]:
    taken = {form for way in ways for form in way.takes}
    return (word for form, word in _ADDRESSES.items() if form in taken)
