"""Terraform in, entries out: the rules of Azure Firewall in resources, modules, locals and variable files.

What a file takes from the locals and variables of its folder counts as its own, with places where it is written. The
definitions themselves are looked through as well, for rules that no block of the folder takes up.
"""

from __future__ import annotations

import os
import re
from typing import Final

from aks_egress_catalog.linting.entry import Place, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.find import read_rules
from aks_egress_catalog.linting.readers.hcl.files import File
from aks_egress_catalog.linting.readers.hcl.modules import Module, file_of, module_of
from aks_egress_catalog.linting.readers.hcl.other_providers import is_of_others, read_others
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Table

NAME: Final = "terraform"

_ENDINGS: Final = (".tf", ".tfvars", ".tf.json", ".tfvars.json")
_BLOCK: Final = re.compile(
    r"""^[ \t]*(?:(?:resource|data)[ \t]+"[^"\n]+"[ \t]+"[^"\n]+"|(?:module|variable|provider|output)[ \t]+"[^"\n]+"
        |locals|terraform)[ \t]*\{""",
    re.MULTILINE | re.VERBOSE,
)


def recognises(source: Source) -> bool:
    """Say whether a text is Terraform: a block of it, or the ending of its files.

    >>> recognises(Source("-", 'resource "azurerm_firewall" "hub" {'))
    True
    """
    return source.path.lower().endswith(_ENDINGS) or _BLOCK.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read one file of Terraform.

    Raises:
        MissingParserError: the extra ``lint`` is not installed.
    """
    file = file_of(source)
    reading = Reading(path=source.path, format=NAME)
    reading.unread += (Unread(place=place, message=message) for place, message in file.faults)
    if not file.blocks and not any(one.may_hold_rules for one in file.definitions.values()):
        return reading
    module = module_of(source, file)
    module.evaluator.start_anew()
    _read_blocks(file, module.evaluator, reading)
    _read_definitions(file, module, reading)
    return reading


def _read_blocks(file: File, evaluator: Evaluator, reading: Reading) -> None:
    for name, make in file.blocks:
        for one in evaluator.values(make()):
            if name == "resource" and isinstance(one, Table) and is_of_others(one):
                read_others(one, reading)
            else:
                read_rules(one, reading, key=name)


def _read_definitions(file: File, module: Module, reading: Reading) -> None:
    """Read the rules of locals and variables that no block takes up: a module elsewhere may, or nobody."""
    held = {name: one for name, one in file.definitions.items() if one.may_hold_rules}
    if not held:
        return
    found = Reading(path=file.path, format=NAME)
    for name, one in held.items():
        if name not in module.definitions:  # a variable file that has to be named on the command line
            read_rules(Evaluator({}).value(one.make()), found, key=name.partition(".")[2])
        elif module.takes(name, one):
            read_rules(module.evaluator.value(one.make()), found, key=name.partition(".")[2])
    if not (found.entries or found.unread or found.skipped):
        return
    taken = _taken_up(module)
    spans = [one.place for one in held.values()]
    own = [one for one in found.entries if _is_within(one.rule.place, spans) and _spot(one.place) not in taken]
    reading.entries += own
    reading.unread += (one for one in found.unread if _spot(one.place) not in taken)
    reading.skipped += found.skipped if own or not found.entries else 0


def _taken_up(module: Module) -> frozenset[tuple[str, int]]:
    """Return where everything is written that a block of the folder takes up."""
    if module.taken_up is None:
        read = Reading(path="", format=NAME)
        for file in module.files:
            _read_blocks(file, module.evaluator, read)
        places = [*(one.place for one in read.entries), *(one.place for one in read.unread)]
        module.taken_up = frozenset(map(_spot, places))
    return module.taken_up


def _spot(place: Place) -> tuple[str, int]:
    return os.path.normpath(place.path), place.start


def _is_within(place: Place, spans: list[Place]) -> bool:
    return any(one.path == place.path and one.start <= place.start < one.end for one in spans)
