"""What the tests share: the corpus of real pages, which tests are slow, and the switches of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from aks_egress_catalog import store
from aks_egress_catalog.history import history_file
from tests import base
from tests.apart import APART

pytest_plugins = ["tests.github.fixtures"]

CORPUS: Final = (Path(__file__).parents[2] / "shared" / "pages").resolve()
ABSENT: Final = f"the corpus of real pages is not at {CORPUS}"
SLOW_FIXTURES: Final = {"corpus", "emulated", "browser", "files", "hostile_files", "judges"}
"""Fixtures that start emulate or Chromium, build the whole site or read the corpus: who asks for one is slow."""
SHARED: Final = {"emulated": "emulate", "files": "site", "browser": "site", "made": "history", "assets": "assets"}
"""Costly fixtures of a whole run: the tests that ask for one run in the same process, where it is made once."""

# No example has a deadline: a busy machine would break it.
settings.register_profile(
    "suite", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# For a run within a run, which is not about properties: tests/test_merged_data.py.
settings.register_profile("brief", settings.get_profile("suite"), max_examples=5)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak",
        action="store_true",
        help="break every call to GitHub in every way, in turn, and change from every release to every other; long",
    )
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite tests/golden/*/expected.json with what the reader gives now; read them before you commit",
    )
    parser.addoption(
        "--on-merged-data", action="store_true", help="leave out what never reads the data that the package ships"
    )


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups, and -m the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--on-merged-data"):
        items[:] = [item for item in items if not _is_apart(item)]
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        corpus = item.get_closest_marker("corpus")
        if corpus or asked & SLOW_FIXTURES:
            item.add_marker(pytest.mark.slow)
        if corpus and not CORPUS.is_dir():
            item.add_marker(pytest.mark.skip(reason=ABSENT))
        for name in SHARED.keys() & asked:
            item.add_marker(pytest.mark.xdist_group(SHARED[name]))


def _is_apart(item: pytest.Item) -> bool:
    return any(map(item.path.is_relative_to, APART)) and not item.get_closest_marker("shipped")


@pytest.fixture(autouse=True)
def apart_from_shipped_data(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody in the rooms of ``APART`` read what the package ships: a run on merged data leaves them out."""
    if _is_apart(request.node):
        for module in (store, history_file):
            monkeypatch.setattr(module, "SHIPPED_DATA", Path("no-data-is-read-here"))


@pytest.fixture
def base_shipped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the package ship the data that tests state figures of, whatever has been merged since."""
    folder = base.catalog_file().parent
    for module in (store, history_file):
        monkeypatch.setattr(module, "SHIPPED_DATA", folder)
    history_file.load_history.cache_clear()
    yield
    history_file.load_history.cache_clear()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real pages; a test that asks for it is skipped where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(ABSENT)
    return CORPUS
