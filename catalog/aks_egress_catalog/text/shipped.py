"""Where the package keeps what it ships."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SHIPPED_DATA: Final = Path(__file__).parents[1] / "data"
"""Folder of the catalog, its history, texts, advisories and JSON Schemas."""
