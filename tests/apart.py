"""The rooms whose tests never read what the package ships, but for those marked ``shipped``.

Merged data is nothing to them, so the run on merged data leaves them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

APART: Final = tuple(
    Path(__file__).parent / room
    for room in (
        "catalog/ask",
        "catalog/exports",
        "catalog/hosts",
        "catalog/linting",
        "catalog/logs",
        "catalog/model",
        "catalog/render",
        "publish/notices",
        "publish/plan",
        "publish/status",
        "scraper",
        "site",
    )
)
"""``tests/conftest.py`` sees to it that nobody else there does."""
