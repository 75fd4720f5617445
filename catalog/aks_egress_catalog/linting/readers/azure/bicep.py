"""Bicep in, entries out: ``.bicep`` with its defaults, ``.bicepparam`` with the file that it is for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from aks_egress_catalog.linting.entry import ListRule, Place, Reading, Unread
from aks_egress_catalog.linting.readers.azure_rules.find import add_definition, read_rules
from aks_egress_catalog.linting.readers.azure_rules.surroundings import is_policy, kind_of, reference
from aks_egress_catalog.linting.readers.syntax.bicep import BicepText, Statement
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.azure_environment import environment
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Expression
from aks_egress_catalog.linting.readers.values.functions import TEMPLATE_FUNCTIONS, Function
from aks_egress_catalog.linting.readers.values.known import unknown
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Node, Table, Text

NAME: Final = "bicep"

_ENDINGS: Final = (".bicep", ".bicepparam")
_STATEMENT: Final = re.compile(
    r"^(?:(?:resource|module)[ \t]+\w+[ \t]+'[^'\n]+'|targetScope[ \t]*=[ \t]*'|using[ \t]+(?:none|'[^'\n]+\.bicep'))",
    re.MULTILINE,
)
_ANY_STATEMENT: Final = re.compile(
    r"^(?:@|(?:param|var|resource|module|using|targetScope|metadata|func|type)\b)", re.MULTILINE
)
_USING: Final = re.compile(r"^using[ \t]+'([^'\n]+)'", re.MULTILINE)
_MAY_HOLD_RULES: Final = re.compile(
    r"fqdn|destination|rule|collection|targetUrl|webCategor|firewall|dns", re.IGNORECASE
)


def recognises(source: Source) -> bool:
    """Say whether a text is Bicep: a statement of it, or the ending of its files.

    >>> recognises(Source("-", "resource fw 'Microsoft.Network/azureFirewalls@2024-05-01' = {"))
    True
    """
    return source.path.lower().endswith(_ENDINGS) or _STATEMENT.search(source.text) is not None


@dataclass(kw_only=True)
class _File:
    text: BicepText
    statements: list[Statement] = field(default_factory=list)
    definitions: dict[str, Expression] = field(default_factory=dict)
    faults: list[Place] = field(default_factory=list)


def read(source: Source) -> Reading:
    """Read one file of Bicep.

    A file of parameters that was named gives all that its template gives with them; one that was found in a folder,
    where the template is found too, gives what is written in itself.

    Raises:
        MissingParserError: the extra ``lint`` is not installed.
    """
    reading = Reading(path=source.path, format=NAME)
    if _ANY_STATEMENT.search(source.text) is None:  # the parser takes long over a text that is none of it
        reading.unread.append(Unread(place=source.place(0, 0), message="there is no statement of Bicep in this file"))
        return reading
    file = _parsed(source)
    reading.unread += (Unread(place=place, message="this part is not Bicep") for place in file.faults)
    template = _template_of(source)
    if template is None:
        _read_file(file, file.definitions, source, reading)
        return reading
    used = _parsed(template)
    whole = Reading(path=source.path, format=NAME)
    _read_file(used, {**used.definitions, **file.definitions}, template, whole)
    _read_definitions(file, Evaluator(file.definitions, _functions(source)), whole)
    own = os.path.normpath(source.path)
    reading.entries += (one for one in whole.entries if source.named or os.path.normpath(one.place.path) == own)
    reading.unread += (one for one in whole.unread if source.named or os.path.normpath(one.place.path) == own)
    if source.named:
        reading.policies, reading.skipped = whole.policies, whole.skipped
    return reading


def _parsed(source: Source) -> _File:
    is_parameters = _is_parameters(source)
    file = _File(text=BicepText(source.path, source.text, is_parameters=is_parameters))
    file.faults += file.text.faults()
    file.statements += file.text.statements()
    for one in file.statements:
        value = file.text.value(one) if one.word in ("param", "var") else None
        if value is not None:
            file.definitions[one.name] = value
    return file


def _is_parameters(source: Source) -> bool:
    return source.path.endswith(".bicepparam") or _USING.search(source.text) is not None


def _template_of(source: Source) -> Source | None:
    """Return the template that a file of parameters is for, if it lies in the same folder."""
    used = _USING.search(source.text) if _is_parameters(source) else None
    path = PurePosixPath(used[1]) if used else None
    return next(source.beside(path.name), None) if path is not None and str(path.parent) == "." else None


def _read_file(file: _File, definitions: Mapping[str, Expression], source: Source, reading: Reading) -> None:
    evaluator = Evaluator(definitions, _functions(source))
    blocks: list[tuple[str, Node]] = []
    for one in file.statements:
        if one.word in ("resource", "module") and _MAY_HOLD_RULES.search(file.text.text_of(one)):
            value = file.text.value(one)
            if value is not None:
                blocks.append((one.word, evaluator.value(value)))
    found = Reading(path=reading.path, format=NAME)
    for key, node in blocks:
        read_rules(node, found, key=key)
    _call_by_symbol(found, blocks)
    reading.entries += found.entries
    reading.unread += found.unread
    reading.policies += found.policies
    reading.skipped += found.skipped
    _read_definitions(file, evaluator, reading)


def _read_definitions(file: _File, evaluator: Evaluator, reading: Reading) -> None:
    """Read the rules of variables and parameters that no resource takes up: a module elsewhere may, or nobody."""
    for one in file.statements:
        if one.word in ("param", "var") and _MAY_HOLD_RULES.search(file.text.text_of(one)):
            value = file.text.value(one)
            if value is not None:
                add_definition(evaluator.value(value), one.name, reading, within=one.place)


def _call_by_symbol(reading: Reading, blocks: Sequence[tuple[str, Node]]) -> None:
    """Call a policy by its symbol where a group calls it by its name: ``name: '${policyName}/group'``."""
    symbols = {
        reference(name): one.labels[-1]
        for key, node in blocks
        for one in _tables(node)
        if is_policy(kind_of(key, one))
        for name in one.get("name")
    }
    rules: dict[ListRule, ListRule] = {}
    for n, entry in enumerate(reading.entries):
        if entry.rule.policy in symbols:
            rule = rules.setdefault(entry.rule, replace(entry.rule, policy=symbols[entry.rule.policy]))
            reading.entries[n] = replace(entry, rule=rule)
    reading.unread = [replace(one, policy=symbols.get(one.policy, one.policy)) for one in reading.unread]


def _tables(node: Node) -> Sequence[Table]:
    if isinstance(node, Table):
        return [node]
    return [] if isinstance(node, Text) else [one for one in getattr(node, "items", ()) if isinstance(one, Table)]


def _functions(source: Source) -> Mapping[str, Function]:
    return {
        **TEMPLATE_FUNCTIONS,
        "environment": environment,
        "loadjsoncontent": partial(_load_json, source),
    }


def _load_json(source: Source, arguments: Sequence[Node], place: Place, written: str) -> Node:
    """Return what a file of JSON in the same folder holds."""
    name = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], Text) else ""
    path = PurePosixPath(name)
    beside = next(source.beside(path.name), None) if name and str(path.parent) == "." else None
    try:
        return unknown(written, place) if beside is None else read_json(beside.path, beside.text)
    except JsonError as error:
        return unknown(written, place, str(error))
