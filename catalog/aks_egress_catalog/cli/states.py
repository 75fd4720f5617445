"""The state of the data that a word of the command line names."""

from __future__ import annotations

import re
from pathlib import Path

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.store import load


def load_state(text: str, file: Path | None) -> Catalog:
    """Load the state that a day, a version of the data, a file or ``latest`` names; ``file`` is the catalog to read."""
    if text == "latest":
        return load(file)
    if re.fullmatch(r"\d{4}\.\d{1,2}\.\d{1,2}(?:\.\d+)?", text):
        return load(file, version=text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return load(file, as_of=text)
    if Path(text).is_file():
        return load(text)
    raise AksEgressError(f"{text!r} is not a day (2024-06-01), a version (2024.5.21), 'latest' or a file")
