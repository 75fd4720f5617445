"""The folder of a Terraform file: what its locals and variables are, evaluated once for all its files."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from aks_egress_catalog.linting.readers.hcl.files import Definition, File, read_file
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Expression
from aks_egress_catalog.linting.source import Source, edition

_CODE: Final = ("*.tf", "*.tf.json")
_VARIABLES: Final = ("terraform.tfvars", "terraform.tfvars.json", "*.auto.tfvars", "*.auto.tfvars.json")
"""Only these are read by themselves; for the others somebody has to name them on the command line."""
_MOST_KEPT: Final = 4

_Signature = tuple[str, tuple[tuple[str, int, int], ...]]


class Module:
    """All files of one folder, and what their names stand for."""

    def __init__(self, files: list[File]) -> None:
        code = [one for one in files if _is_one_of(one.path, _CODE)]
        variables = sorted((one for one in files if _is_one_of(one.path, _VARIABLES)), key=_rank)
        self.files = code
        self.definitions: dict[str, Definition] = {}
        for file in (*code, *variables):
            self.definitions |= file.definitions
        self.evaluator = Evaluator(_Expressions(self.definitions))
        self.taken_up: frozenset[tuple[str, int]] | None = None
        """Where everything stands that the blocks of the folder take up: path and offset. None: nobody asked yet."""

    def takes(self, name: str, definition: Definition) -> bool:
        """Say whether a definition is the one that counts in the folder, and not written over by a variable file."""
        return self.definitions.get(name) is not None and self.definitions[name].place == definition.place


class _Expressions(Mapping[str, Expression]):
    """Definitions, translated when they are asked for."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions

    def __getitem__(self, name: str) -> Expression:
        return self._definitions[name].make()

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)


_kept: OrderedDict[_Signature, Module] = OrderedDict()


def module_of(source: Source, file: File) -> Module:
    """Return the folder of a file. The last few are kept, as long as no file of theirs changes."""
    signature = _signature(source)
    if signature is None:
        return Module([file])
    if signature not in _kept:
        others = [read_file(one) for one in source.beside(*_CODE, *_VARIABLES)]
        _kept[signature] = Module(sorted([file, *others], key=lambda one: one.path))
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(signature)
    return _kept[signature]


def _signature(source: Source) -> _Signature | None:
    """Return what tells that a folder is still as it was; None for text that is in no folder."""
    path = Path(source.path)
    if not path.is_file():
        return None
    with os.scandir(path.parent) as found:
        files = [(one.name, one.stat()) for one in found if _is_one_of(one.name, (*_CODE, *_VARIABLES))]
    return f"{path.parent}\0{edition()}", tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))


def _is_one_of(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(Path(path).name, one) for one in patterns)


def _rank(file: File) -> tuple[int, str]:
    """Sort the variable files as Terraform loads them; the last one counts."""
    name = Path(file.path).name
    return next(n for n, pattern in enumerate(_VARIABLES) if fnmatch(name, pattern)) // 2, name
