"""Files of parameters for templates of ARM and Bicep: which template each is for, and what it gives the parameters.

hub.json   hub.bicep                                     a template
hub.parameters.json   hub.parameters.prod.json           parameters for it, by their names
parameters.json                                          parameters for the only template that has them all
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.linting.entry import Reading
from aks_egress_catalog.linting.readers.syntax.json_tree import JsonError, read_json
from aks_egress_catalog.linting.readers.values.expression import Expression, Known
from aks_egress_catalog.linting.readers.values.known import unknown
from aks_egress_catalog.linting.source import Source
from aks_egress_catalog.linting.tree import Table

_PARAMETERS: Final = re.compile(r'"\$schema"\s*:\s*"[^"]*deploymentParameters\.json', re.IGNORECASE)
_TEMPLATE: Final = re.compile(r'"\$schema"\s*:\s*"[^"]*deploymentTemplate\.json', re.IGNORECASE)
_BICEP_PARAMETER: Final = re.compile(r"^param[ \t]+(\w+)", re.MULTILINE)
_ENDINGS: Final = re.compile(r"\.(?:json|jsonc|bicep)$", re.IGNORECASE)


def is_parameters(source: Source) -> bool:
    """Say whether a text is a file of parameters, by its schema.

    >>> is_parameters(Source("-", '{"$schema": "https://x/2019-04-01/deploymentParameters.json#"}'))
    True
    """
    return _PARAMETERS.search(source.text) is not None


def templates_of(source: Source) -> list[Source]:
    """Return the templates beside a file of parameters that it may be for; one, where it is plain which."""
    given = {name.lower() for name in parameters_in(source)}
    found = [one for one in source.beside("*.json", "*.jsonc", "*.bicep") if given <= _declared(one)] if given else []
    by_name = [one for one in found if _is_named_for(source, one)]
    return by_name or found


def parameters_in(source: Source) -> dict[str, Expression]:
    """Return what a file gives to parameters; what it takes from a key vault is not known."""
    try:
        tree = read_json(source.path, source.text)
    except JsonError:
        return {}
    found: dict[str, Expression] = {}
    for table in (one for one in (tree.get("parameters") if isinstance(tree, Table) else ()) if isinstance(one, Table)):
        for name, parameter in table.pairs:
            values = list(parameter.get("value")) if isinstance(parameter, Table) else []
            found[name.value] = Known(values[0] if values else unknown(name.value, name.place))
    return found


def name_deployment(reading: Reading, source: Source, others: Iterable[Source]) -> None:
    """Tell the policies of one file of parameters from those that other files make of the same template.

    Each file is a deployment of its own: what one lets through is not let through by the other.
    """
    if any(True for _ in others):
        reading.rename_policies(lambda policy: f"{policy} ({_name(source)})".lstrip())


def _declared(template: Source) -> set[str]:
    """The names of the parameters that a template has, in small letters; none where the file is no template."""
    if template.path.lower().endswith(".bicep"):
        return {name.lower() for name in _BICEP_PARAMETER.findall(template.text)}
    if _TEMPLATE.search(template.text) is None:
        return set()
    try:
        tree = read_json(template.path, template.text)
    except JsonError:
        return set()
    tables = tree.get("parameters") if isinstance(tree, Table) else ()
    return {name.value.lower() for one in tables if isinstance(one, Table) for name, _ in one.pairs}


def _is_named_for(parameters: Source, template: Source) -> bool:
    stem = _ENDINGS.sub("", _name(template)).lower()
    return _name(parameters).lower().startswith(f"{stem}.")


def _name(source: Source) -> str:
    return source.path.replace("\\", "/").rpartition("/")[2]
