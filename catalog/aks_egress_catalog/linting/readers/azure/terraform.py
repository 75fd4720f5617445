"""Terraform in, entries out: the rules of Azure Firewall in resources, modules, locals and variable files.

What a file takes from the locals and variables of its folder counts as its own, with places where it is written. The
definitions themselves are looked through as well, for rules that no block of the folder takes up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Place, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.find import add_definition, add_fresh, read_rules
from aks_egress_catalog.linting.readers.azure_rules.policies import named_by_caller
from aks_egress_catalog.linting.readers.hcl.calls import (
    DEEPEST,
    Call,
    addresses_in,
    call_of,
    local_source,
)
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

_OF_FIREWALL: Final = re.compile(r"firewall|\b(?:az)?fw|egress|rule", re.IGNORECASE)
"""Names of modules that make rules."""


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


def _read_blocks(file: File, evaluator: Evaluator, reading: Reading, *, depth: int = 0) -> None:
    for name, make in file.blocks:
        values = evaluator.values(make())
        for number, one in enumerate(values):
            if name == "resource" and isinstance(one, Table) and is_of_others(one):
                read_others(one, reading)
            elif name == "module" and isinstance(one, Table) and local_source(one):
                instance = f"[{number}]" if len(values) > 1 else ""
                _read_call(one, file.path, reading, instance=instance, depth=depth + 1)
            else:
                read_rules(one, reading, key=name)


def _read_call(block: Table, path: str, reading: Reading, *, instance: str, depth: int) -> None:
    """Read a module of this disk with what its caller passes; the caller's arguments alone where it is not there."""
    address = f"module.{'.'.join(block.labels)}{instance}"
    call = call_of(block, path) if depth < DEEPEST else None
    if call is None:
        read_rules(block, reading, key="module")
        if _OF_FIREWALL.search(f"{address} {local_source(block)}"):
            why = "it is not among the files" if depth < DEEPEST else "it calls itself, or is nested too deep"
            message = f"the module {local_source(block)} was not read: {why}"
            reading.unread.append(Unread(place=block.place, message=message, value=address, policy=address))
        return
    found = Reading(path=reading.path, format=NAME)
    for file in call.files:
        found.unread += (Unread(place=place, message=message) for place, message in file.faults)
        _read_blocks(file, call.evaluator, found, depth=depth)
    named_by_caller(found, address, addresses_in(_tables(call)))
    for file in call.files:
        _read_own_definitions(file, call, found)
    if found.unread:  # what the module could not make rules of may hold some all the same
        add_fresh(block, "module", found)
    found.included += (file.path for file in call.files)
    reading.add(found)


def _tables(call: Call) -> Iterator[tuple[str, Table]]:
    for name, make in (block for file in call.files for block in file.blocks if block[0] in ("resource", "module")):
        for one in call.evaluator.values(make()):
            if isinstance(one, Table) and one.labels:
                yield name, one


def _read_own_definitions(file: File, call: Call, reading: Reading) -> None:
    """Read the rules of a module's locals and defaults that its blocks do not take up."""
    for name, one in file.definitions.items():
        if one.may_hold_rules and name not in call.passed:
            add_definition(call.evaluator.value(one.make()), name.partition(".")[2], reading, within=one.place)


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
