"""The folder of a Terraform file: what its locals and variables are, evaluated once for all its files."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Final

from aks_egress_catalog.linting.readers.hcl.files import Definition, File, read_file
from aks_egress_catalog.linting.readers.values.evaluate import Evaluator
from aks_egress_catalog.linting.readers.values.expression import Expression
from aks_egress_catalog.linting.source import Source, edition

CODE: Final = (".tf", ".tf.json")
_VARIABLES: Final = (("terraform.tfvars", "terraform.tfvars.json"), (".auto.tfvars", ".auto.tfvars.json"))
"""Only these are read by themselves, the later over the earlier; others somebody has to name on the command line."""
_PATTERNS: Final = ("*.tf", "*.tf.json", "terraform.tfvars*", "*.auto.tfvars", "*.auto.tfvars.json")
_MOST_KEPT: Final = 4
_TRUSTED: Final = 2.0
"""Seconds."""

_Signature = tuple[tuple[str, int, int], ...]


class Module:
    """All files of one folder, and what their names stand for."""

    def __init__(self, files: list[File], signature: _Signature = ()) -> None:
        self.signature = signature
        self.looked_at = 0.0
        self.asked: set[str] = set()
        code = [one for one in files if one.path.endswith(CODE)]
        variables = sorted((one for one in files if _rank(one.path) >= 0), key=lambda one: (_rank(one.path), one.path))
        self.files_by_path = {one.path: one for one in files}
        self.files = code
        self.definitions: dict[str, Definition] = {}
        for file in (*code, *variables):
            self.definitions |= file.definitions
        self.evaluator = Evaluator(expressions_of(self.definitions))
        self.taken_up: frozenset[tuple[str, int]] | None = None
        """Where everything stands that the blocks of the folder take up: path and offset. None: nobody asked yet."""

    def has(self, file: File) -> bool:
        """Say whether a file is one of the folder, with just this text, or one that its names do not depend on."""
        if not file.path.endswith(CODE) and _rank(file.path) < 0:
            return True
        found = self.files_by_path.get(file.path)
        return found is file or (found is not None and found.text == file.text)

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


def expressions_of(definitions: Mapping[str, Definition]) -> Mapping[str, Expression]:
    """Return what names stand for, each translated when it is asked for."""
    return _Expressions(definitions)


_kept: OrderedDict[tuple[str, int], Module] = OrderedDict()
"""The last few folders, by path and edition of the texts."""


def file_of(source: Source) -> File:
    """Return what a file holds; it may have been read already as one that lies beside another."""
    folder = os.path.dirname(source.path)
    module = _kept.get((folder, edition()))
    found = module.files_by_path.get(source.path) if module else None
    return found if found is not None and found.text == source.text else read_file(source)


def module_of(source: Source, file: File) -> Module:
    """Return the folder of a file. The last few are kept, as long as no file of theirs changes.

    One looks again whether any has where a file is asked for a second time, so a second run has begun, or after a
    while: to look each time would cost a thousand files a million looks.
    """
    folder, name = os.path.split(source.path)
    if name == "-" or not os.path.isfile(source.path):
        return Module([file])
    kept = folder, edition()
    module = _kept.get(kept)
    now = monotonic()
    if module is None or source.path in module.asked or now - module.looked_at > _TRUSTED or not module.has(file):
        signature = signature_of(folder)
        if module is None or module.signature != signature or not module.has(file):
            others = [read_file(one) for one in source.beside(*_PATTERNS)]
            module = Module(sorted([file, *others], key=lambda one: one.path), signature)
            _kept[kept] = module
            if len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        module.looked_at = now
        module.asked.clear()
    module.asked.add(source.path)
    _kept.move_to_end(kept)
    return module


def signature_of(folder: str) -> _Signature:
    """Return what tells that a folder is still as it was."""
    with os.scandir(folder or ".") as found:
        files = [(one.name, one.stat()) for one in found if one.name.endswith(CODE) or _rank(one.name) >= 0]
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))


def _rank(path: str) -> int:
    """Return as which kind of variable file Terraform loads a file; -1, where as none."""
    names, endings = _VARIABLES
    if not path.endswith((".tfvars", ".tfvars.json")):
        return -1
    return 0 if os.path.basename(path) in names else 1 if path.endswith(endings) else -1
