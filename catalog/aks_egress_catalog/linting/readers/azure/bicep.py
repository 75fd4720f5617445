"""Bicep in, entries out: ``.bicep`` with its defaults, ``.bicepparam`` with the file that it is for.

A module that lies on this disk is read with what it is given, once for each call; it is then no list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from aks_egress_catalog.linting.entry import Place, Reading, Unread
from aks_egress_catalog.linting.readers.azure.deployments import name_deployment
from aks_egress_catalog.linting.readers.azure_rules.find import add_definition, add_fresh, read_rules
from aks_egress_catalog.linting.readers.azure_rules.policies import named_by_caller
from aks_egress_catalog.linting.readers.azure_rules.surroundings import is_policy, kind_of, reference
from aks_egress_catalog.linting.readers.syntax.bicep import BicepText, Statement
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.azure_environment import environment
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Expression, Known
from aks_egress_catalog.linting.readers.values.functions import TEMPLATE_FUNCTIONS, Function
from aks_egress_catalog.linting.readers.values.known import truth, unknown
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
_PARAMETER: Final = re.compile(r"^param[ \t]+(\w+)", re.MULTILINE)
_LOCAL_MODULE: Final = re.compile(r"^[ \t]*module[ \t]+\w+[ \t]+'([^'\n:]+\.bicep)'", re.MULTILINE)
_OF_FIREWALL: Final = re.compile(r"firewall|fw\b|egress|rule", re.IGNORECASE)
"""Names of modules that make rules."""
_EXISTING: Final = re.compile(r"^[ \t]*resource\b[^\n]*\bexisting\b", re.MULTILINE)
_DEEPEST: Final = 8
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

    A file of parameters gives all that its template gives with them, which is then no list of its own.

    Raises:
        MissingParserError: the extra ``lint`` is not installed.
    """
    reading = Reading(path=source.path, format=NAME)
    if _ANY_STATEMENT.search(source.text) is None:  # the parser takes long over a text that is none of it
        reading.unread.append(Unread(place=source.place(0, 0), message="there is no statement of Bicep in this file"))
        return reading
    file = _parsed(source)
    reading.unread += (Unread(place=place, message="this part is not Bicep") for place in file.faults)
    used = _USING.search(source.text) if _is_parameters(source) else None
    template = source.at(used[1]) if used else None
    if used and not template:
        message = f"the template {used[1]} was not read: it is not among the files"
        reading.unread.append(Unread(place=source.place(*used.span(1)), message=message, value=used[1]))
    if template is None:
        _read_file(file, file.definitions, source, reading)
        return reading
    _read_template(template, file.definitions, reading)
    _read_definitions(file, Evaluator(file.definitions, _functions(source)), reading)
    others = (other for other in source.beside("*.bicepparam") if _is_for(other, template))
    name_deployment(reading, source, others)
    return reading


def read_with(template: Source, parameters: Mapping[str, Expression], reading: Reading) -> None:
    """Read a template with values for its parameters, and add what it gives. ARM does not tell capitals apart."""
    declared = {name.lower(): name for name in _PARAMETER.findall(template.text)}
    _read_template(template, {declared.get(name.lower(), name): one for name, one in parameters.items()}, reading)


def _read_template(template: Source, parameters: Mapping[str, Expression], reading: Reading) -> None:
    used = _parsed(template)
    _read_file(used, {**used.definitions, **parameters}, template, reading)
    reading.included.append(template.path)


def _is_for(parameters: Source, template: Source) -> bool:
    used = _USING.search(parameters.text)
    found = parameters.at(used[1]) if used else None
    return found is not None and found.path == template.path


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


def _read_file(
    file: _File, definitions: Mapping[str, Expression], source: Source, reading: Reading, *, depth: int = 0
) -> None:
    evaluator = Evaluator(definitions, _functions(source))
    blocks: list[tuple[str, Node]] = []
    found = Reading(path=reading.path, format=NAME)
    for one in file.statements:
        if one.word not in ("resource", "module"):
            continue
        local = _LOCAL_MODULE.search(file.text.text_of(one)) if one.word == "module" else None
        value = file.text.value(one) if local or _MAY_HOLD_RULES.search(file.text.text_of(one)) else None
        if value is None:
            continue
        node = evaluator.value(value)
        if local is None:
            blocks.append((one.word, node))
            read_rules(node, found, key=one.word)
        else:
            _read_modules(one, node, local[1], source, found, depth=depth + 1)
    _call_by_symbol(found, blocks)
    if depth:
        _call_existing_by_name(found, blocks)
    reading.add(found)
    _read_definitions(file, evaluator, reading)


def _read_modules(one: Statement, node: Node, path: str, source: Source, reading: Reading, *, depth: int) -> None:
    """Read a module of this disk with the parameters that it is given; these alone where it is not there."""
    template = source.at(path) if depth < _DEEPEST else None
    if template is None:
        read_rules(node, reading, key="module")
        if _OF_FIREWALL.search(f"{one.name} {path}"):
            why = "it is not among the files" if depth < _DEEPEST else "it calls itself, or is nested too deep"
            message = f"the module {path} was not read: {why}"
            reading.unread.append(Unread(place=one.place, message=message, value=path, policy=one.name))
        return
    file = _parsed(template)
    calls = _tables(node)
    for number, call in enumerate(calls):
        found = Reading(path=reading.path, format=NAME, included=[template.path])
        found.unread += (Unread(place=place, message="this part is not Bicep") for place in file.faults)
        tables = (table for table in call.get("params") if isinstance(table, Table))
        given = {name.value: Known(value) for table in tables for name, value in table.pairs}
        _read_file(file, {**file.definitions, **given}, template, found, depth=depth)
        address = one.name if len(calls) == 1 else f"{one.name}[{number}]"
        made = (statement.name for statement in file.statements if not _EXISTING.search(file.text.text_of(statement)))
        named_by_caller(found, address, made)
        if found.unread:  # what the module could not make rules of may hold some all the same
            add_fresh(call, "module", found)
        reading.add(found)


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
    reading.rename_policies(lambda name: symbols.get(name, name))


def _call_existing_by_name(reading: Reading, blocks: Sequence[tuple[str, Node]]) -> None:
    """Call a policy that a module only looks up, ``existing`` with ``name: policyName``, by what the caller passed."""
    names = {
        one.labels[-1]: reference(name)
        for key, node in blocks
        for one in _tables(node)
        if is_policy(kind_of(key, one)) and any(truth(value) for value in one.get("existing"))
        for name in one.get("name")
    }
    reading.rename_policies(lambda policy: names.get(policy) or policy)


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
