"""The data that tests state figures of: what the embedded pages say, and the history up to their commit.

Merged pull requests replace what the package ships, so a test that names a rule, a version, a day or a count of it
takes it from here. ``aec.load()`` and ``load_history()`` are for what holds of any data.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.history_file import history_json, load_history
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Origin
from aks_egress_catalog.store import from_json
from aks_egress_catalog.text.codec import to_json
from publish.plan.proposal import DATA_FOLDER
from publish.plan.proposal_files import write_files
from scraper.build import SNAPSHOT, build


def _catalog() -> Catalog:
    """As ``load()`` reads it from a file: the reader's own values are of narrower types."""
    assert BUILT.catalog
    return from_json(to_json(BUILT.catalog))


def _history() -> History:
    """The shipped history as it was at the commit of the embedded pages: what is merged only comes behind that."""
    shipped = load_history()
    assert CATALOG.authority
    count = [event.commit for event in shipped.events].index(CATALOG.authority.commit) + 1
    return replace(shipped, attribution=CATALOG.attribution, events=shipped.events[:count], rules={}, releases=())


BUILT: Final = build(SNAPSHOT)
CATALOG: Final = _catalog()
TEXTS: Final = BUILT.texts
HISTORY: Final = _history()
LIVE: Final = replace(CATALOG, origin=Origin.LIVE)
"""The same, as if it had been read from live pages and released."""


def files(catalog: Catalog = LIVE) -> dict[str, str]:
    """The data files of a checkout that publishes a catalog, by path."""
    texts = {f"{DATA_FOLDER}/texts/{locale}.json": to_json(words) for locale, words in TEXTS.items()}
    return {
        f"{DATA_FOLDER}/catalog.json": to_json(catalog),
        f"{DATA_FOLDER}/history.json": history_json(HISTORY),
        **texts,
    }


@cache
def catalog_file() -> Path:
    """The catalog in a file, with its history and texts beside it, for ``--catalog``; gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="aks-egress-base-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_files(files(CATALOG), folder)
    return folder / DATA_FOLDER / "catalog.json"
