"""The size of a file: what a target cannot take is split, or refused with the number before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.declaration import Limit

Part = TypeVar("Part")


def within(limit: Limit, found: Sequence[Part], name: str) -> Sequence[Part]:
    """Return what is within a limit as it is; ``name`` is the file or object that would hold it.

    Raises:
        AksEgressError: there are too many; the message has both numbers.

    >>> within(Limit(most=2, of="URLs"), ["a", "b"], "urls.txt")
    ['a', 'b']
    """
    if len(found) > limit.most:
        raise AksEgressError(f"{name} would have {len(found):,} {limit.of}; the target takes {limit.most:,} at most")
    return found


def parts(limit: Limit, found: Sequence[Part]) -> list[Sequence[Part]]:
    """Split what is beyond a limit into parts that are not.

    >>> parts(Limit(most=2, of="members", splits=True), "abc")
    ['ab', 'c']
    """
    return [found[first : first + limit.most] for first in range(0, len(found), limit.most)]
