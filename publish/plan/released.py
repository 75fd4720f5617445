"""What was ever released, whatever the main branch says now: a version names bytes for ever.

The checkout alone does not know. A revert on main takes a release out of the checkout's history, and not out of the
index, the tags, or the firewalls of those who installed it. So ``python -m publish released`` writes what GitHub and
the index have into ``<out>/released/``, and ``plan`` goes on from there:

    =================  ====================================================================================
    ``versions.json``  every version that a tag, a release or a package of the index has: never used again
    ``catalog.json``   the catalog of the newest release
    ``history.json``   its history, with everything that was announced
    =================  ====================================================================================

Without that folder, as in a run by hand, the checkout is all there is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.history_file import history_from_json
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.store import Texts, from_json
from aks_egress_catalog.text.codec import from_json_as, read_with
from publish.plan.sentences import EMPTY

FOLDER: Final = "released"


class VersionTakenError(AksEgressError):
    """The version of a checkout was released with other data; the commands end with exit 4."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is published now: the data in a checkout."""

    catalog: Catalog
    history: History
    texts: Texts
    reviewed: str = EMPTY
    """What the sentences of the article mean: ``scraper/reviewed.json``, as it is written."""


@dataclass(frozen=True, kw_only=True)
class Released:
    """The versions that are taken, and the data of the newest release, where there is one."""

    versions: frozenset[str] = frozenset()
    catalog: Catalog | None = None
    history: History | None = None

    def lost_by(self, history: History) -> tuple[str, ...]:
        """The versions that the newest release knows and another history does not: main was reverted."""
        known = {release.version for release in history.releases}
        released = self.history.releases if self.history else ()
        return tuple(release.version for release in released if release.version not in known)

    def instead_of(self, published: Published) -> Published:
        """What was released, where a checkout lost some of it; the checkout itself otherwise."""
        return self.newest(published) if self.lost_by(published.history) else published

    def newest(self, published: Published) -> Published:
        """The newest release, with the texts of a checkout; the checkout itself where nothing was released."""
        if not (self.catalog and self.history):
            return published
        return replace(published, catalog=self.catalog, history=self.history)


def read_released(out: Path) -> Released:
    """Read what ``python -m publish released`` wrote into a folder of the stages; nothing where it was not run.

    Raises:
        CatalogError: a file cannot be read, or is not what it should be.
    """
    folder = out / FOLDER
    if not (folder / "versions.json").exists():
        return Released()
    versions: Collection[str] = read_with(partial(from_json_as, tuple[str, ...]), folder / "versions.json")
    if not (folder / "history.json").exists():
        return Released(versions=frozenset(versions))
    return Released(
        versions=frozenset(versions),
        catalog=read_with(partial(from_json, strict=True), folder / "catalog.json"),
        history=read_with(partial(history_from_json, strict=True), folder / "history.json"),
    )
