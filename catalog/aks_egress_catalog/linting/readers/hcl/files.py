"""One file of Terraform, in HCL or JSON: its blocks and definitions, each translated when somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.hcl.json_files import expression_of, json_blocks
from aks_egress_catalog.linting.readers.syntax.hcl import Block, HclText
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.expression import Expression
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Table

_MAY_HOLD_RULES: Final = re.compile(
    r"fqdn|destination|rule|collection|target_url|web_categor|firewall|_dns\b|url", re.IGNORECASE
)
LOCAL_MODULE: Final = re.compile(r"\.\.?(?:/|\Z)")
"""How the source of a module begins that lies on this disk."""
_CALLS_LOCAL: Final = re.compile(r"\bsource\s*=\s*\"\.\.?[/\"]")
_WITHOUT_RULES: Final = ("output", "data", "terraform", "provider", "moved", "import", "removed", "check")


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What a file says that ``local.x`` or ``var.x`` is. ``make`` translates it."""

    place: Place
    make: Callable[[], Expression]
    may_hold_rules: bool = True


@dataclass(kw_only=True, slots=True)
class File:
    """One file: ``blocks`` that may hold rules, with the names that they stand under, and what it defines."""

    path: str
    text: str
    blocks: list[tuple[str, Callable[[], Expression]]] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    faults: list[tuple[Place, str]] = field(default_factory=list)


def read_file(source: Source) -> File:
    """Read one file, also a broken one."""
    file = File(path=source.path, text=source.text)
    is_variables = ".tfvars" in source.path
    if source.text.lstrip("\ufeff \t\r\n").startswith("{"):
        _read_json_file(source, file, is_variables=is_variables)
        return file
    text = HclText(source.path, source.text)
    file.faults += ((place, "this part is not HCL") for place in text.faults())
    for block in text.blocks():
        if not block.is_block:  # at the top of a file only variable files have attributes
            file.definitions[f"var.{block.name}"] = _definition(text, block)
        elif block.name == "locals":
            for one in text.inside(block):
                file.definitions[f"local.{one.name}"] = _definition(text, one)
        elif block.name == "variable" and block.labels:
            for one in text.inside(block):
                if one.name == "default" and not one.is_block:
                    file.definitions[f"var.{block.labels[0]}"] = _definition(text, one)
        elif block.name not in _WITHOUT_RULES and _may_hold_rules(block.name, text.text_of(block)):
            file.blocks.append((block.name, partial(text.record, block)))
    return file


def _may_hold_rules(name: str, written: str) -> bool:
    """Say whether a block may hold rules: by its words, or because it calls a module that may."""
    return _MAY_HOLD_RULES.search(written) is not None or (name == "module" and bool(_CALLS_LOCAL.search(written)))


def _definition(text: HclText, block: Block) -> Definition:
    holds = _MAY_HOLD_RULES.search(text.text_of(block)) is not None
    return Definition(place=block.place, make=partial(text.value, block), may_hold_rules=holds)


def _read_json_file(source: Source, file: File, *, is_variables: bool) -> None:
    try:
        tree = read_json(source.path, source.text)
    except JsonError as error:
        file.faults.append((error.place, error.reason))
        return
    if not isinstance(tree, Table):
        return
    for kind, name, node in json_blocks(tree, is_variables=is_variables):
        make = partial(expression_of, node)
        if kind in ("local", "var"):
            file.definitions[f"{kind}.{name}"] = Definition(place=node.place, make=make)
        elif kind not in _WITHOUT_RULES:
            file.blocks.append((kind, make))
