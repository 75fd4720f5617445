"""Two merges in a row: whatever became of the first release, the second tells what both changed."""

from __future__ import annotations

import pytest

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import announced_since
from aks_egress_catalog.history.changes import Changes
from aks_egress_catalog.history.revisions import catalog_at
from aks_egress_catalog.text.codec import to_json
from publish.github.client import Repository
from publish.github.release import release
from publish.plan.released import Published
from tests.base import HISTORY
from tests.github.fixtures import Site


def version(place: int) -> Catalog:
    """The catalog of one version of the history, as if read from live pages."""
    return catalog_at(HISTORY, HISTORY.versions[place].day)


class Releases:
    """Releases catalogs one after the other, and keeps which changes each was said to bring."""

    def __init__(self, hub: Repository) -> None:
        self.hub = hub
        self.told: dict[str, Changes] = {}

    def make(self, catalog: Catalog) -> None:
        head = self.hub.head("main")
        assert head

        def assets(changes: Changes) -> dict[str, bytes]:
            self.told[catalog.version] = changes
            return {"catalog.json": to_json(catalog).encode()}

        release(self.hub, Published(catalog=catalog, history=HISTORY, texts={}), commit=head, make_assets=assets)


@pytest.fixture
def releases(github: Site) -> Releases:
    return Releases(Repository(github.full_name, token=github.token, api=github.url))


def test_two_merges_in_a_row_are_two_releases(releases: Releases) -> None:
    first, second, third = version(0), version(len(HISTORY.versions) // 2), version(-1)
    for catalog in (first, second, third):
        releases.make(catalog)
    assert [one.tag for one in releases.hub.releases()] == [f"v{one.version}" for one in (third, second, first)]


def test_what_a_release_that_was_skipped_changed_is_told_by_the_next(releases: Releases) -> None:
    first, skipped, third = version(0), version(len(HISTORY.versions) // 2), version(-1)
    releases.make(first)
    releases.make(third)
    today = HISTORY.versions[-1].day
    told = [change for change in releases.told[third.version].changes if change.rule]
    both = [change for change in announced_since(HISTORY, first.version, today=today) if change.rule]
    assert told == both
    assert len(told) > len([one for one in announced_since(HISTORY, skipped.version, today=today) if one.rule]) > 0
