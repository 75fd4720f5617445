"""One destination of a rule, as the objects of a firewall name it."""

from __future__ import annotations

from dataclasses import dataclass

from aks_egress_catalog.linting.entry import Form
from aks_egress_catalog.linting.readers.words import Word


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One destination; ``owner`` is the object that names it."""

    word: Word
    form: Form
    pattern: str
    owner: str = ""
    fault: str = ""
