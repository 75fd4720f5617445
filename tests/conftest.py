"""What the tests share: the corpus of real pages, and the switch that rewrites the golden cases."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

pytest_plugins = ["tests.github.fixtures"]

CORPUS: Final = (Path(__file__).parents[2] / "shared" / "pages").resolve()
ABSENT: Final = f"the corpus of real pages is not at {CORPUS}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak",
        action="store_true",
        help="break every call to GitHub in every way, in turn; long",
    )
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite tests/golden/*/expected.json with what the reader gives now; read them before you commit",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CORPUS.is_dir():
        return
    for item in items:
        if item.get_closest_marker("corpus"):
            item.add_marker(pytest.mark.skip(reason=ABSENT))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real pages; a test that asks for it is skipped where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(ABSENT)
    return CORPUS
