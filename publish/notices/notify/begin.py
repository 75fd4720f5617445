"""After which version to announce: the one announced last, or what follows from the deliveries where that is lost.

``told.json`` remembers it. Where that is damaged, or names a version that was never released (main was reverted, or a
release was taken down), the releases and the deliveries say as much: a version of which something was delivered was
announced as a whole. Announcing that version again sends nothing twice, for a change is in one delivery to each.
"""

from __future__ import annotations

from collections.abc import Iterable

from aks_egress_catalog.history.announced import announced_by_version
from aks_egress_catalog.history.revisions import History
from publish.notices.notify.outbox import Delivery, change_id


def announced_after(history: History, told: str | None, known: Iterable[Delivery]) -> str | None:
    """The version after which everything is to be announced; ``None`` where nothing was released.

    ``told`` is the version that was announced last, as far as that is known.
    """
    versions = history.versions
    if told in {release.version for release in versions}:
        return told
    delivered = {change for delivery in known for change in delivery.changes}
    # Where nothing was delivered either, the newest release is announced, perhaps again: better than never. Before the
    # first one there is nothing to compare with: what was read in hindsight was announced to nobody.
    before = history.releases[-2:][0].version if history.releases else None
    last, seen = None, 0
    for release, so_far in announced_by_version(history, today=versions[-1].day) if versions else ():
        if release and any(change_id(change) in delivered for change in so_far.changes[seen:]):
            before = last
        last, seen = release.version if release else None, len(so_far.changes)
    return before
