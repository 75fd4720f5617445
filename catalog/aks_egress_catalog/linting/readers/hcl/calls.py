"""Calls of modules that lie on this disk: what a caller passes decides inside them.

    module "fw" {                             evaluated with   var.rules = local.aks_rules   of the caller
      source = "./modules/firewall"
      rules  = local.aks_rules
    }

A module is read once for each call. Its own policies are called ``module.fw`` by others, and are here too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from aks_egress_catalog.linting.readers.hcl.files import LOCAL_MODULE, Definition, File, read_file
from aks_egress_catalog.linting.readers.hcl.modules import CODE, expressions_of, signature_of
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Known
from aks_egress_catalog.linting.source import Source, edition, sources_in
from aks_egress_catalog.linting.tree import Table, Text

DEEPEST: Final = 8
"""So many modules may call each other; one that calls itself ends here."""
_META: Final = frozenset(("source", "version", "providers", "count", "for_each", "depends_on"))


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: the files of the module, and what its names stand for."""

    files: tuple[File, ...]
    definitions: Mapping[str, Definition]
    passed: frozenset[str]
    """The variables that the caller gives a value."""
    evaluator: Evaluator


def local_source(block: Table) -> str:
    """Return the path that a ``module`` block has as its source; empty where it comes from elsewhere."""
    found = [one.value for one in block.get("source") if isinstance(one, Text)]
    return found[0] if found and LOCAL_MODULE.match(found[0]) else ""


def call_of(block: Table, path: str) -> Call | None:
    """Return the call that a ``module`` block of a file is; None where no code of the module is there."""
    folder = os.path.normpath(Path(path).parent / local_source(block))
    files = _code_of(folder, signature_of(folder), edition()) if Path(folder).is_dir() else ()
    if not files:
        return None
    definitions: dict[str, Definition] = {}
    for file in files:
        definitions |= file.definitions
    passed = {
        f"var.{key.value}": Definition(place=value.place, make=lambda node=value: Known(node))  # type: ignore[misc]  # mypy has no type for the default
        for key, value in block.pairs
        if key.value not in _META
    }
    definitions |= passed
    evaluator = Evaluator(expressions_of(definitions))
    return Call(files=files, definitions=definitions, passed=frozenset(passed), evaluator=evaluator)


@lru_cache(maxsize=256)
def _code_of(folder: str, _signature: object, _edition: int) -> tuple[File, ...]:
    code = sorted(one for one in Path(folder).iterdir() if one.name.endswith(CODE))
    found = sources_in(code)
    return tuple(read_file(one) for one in found if isinstance(one, Source))


def addresses_in(blocks: Iterator[tuple[str, Table]]) -> frozenset[str]:
    """Return what the resources and modules of a folder are called within it."""
    return frozenset(f"module.{one.labels[0]}" if key == "module" else ".".join(one.labels[:2]) for key, one in blocks)
