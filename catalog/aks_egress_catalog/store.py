"""Canonical JSON in and out: the same catalog gives the same bytes, and a wrong file says where it is wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import sys
import types
from enum import StrEnum
from functools import cache, partial

from aks_egress_catalog.errors import CatalogError
from aks_egress_catalog.model import SCHEMA_VERSION, Catalog

TYPE_CHECKING = False  # see aks_egress_catalog.model
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any, Final, TypeVar

    T = TypeVar("T")
    Texts = dict[str, dict[str, tuple[str, ...]]]
    """By locale and rule id: what the page of that locale says of the rule."""

DATA: Final = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120  - pathlib costs the start
"""Folder in which the package keeps what it ships."""


def to_json(value: object) -> str:
    """Write any model value, or plain JSON values, as canonical JSON: sorted keys, a newline at the end.

    >>> print(to_json({"b": 1, "a": []}), end="")
    {
     "a": [],
     "b": 1
    }
    """
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in canonical JSON")


def from_json(text: str) -> Catalog:
    """Read a catalog, refusing unknown keys, wrong types and broken invariants with their JSON path.

    Raises:
        CatalogError: the text is not JSON, or not a catalog that this version reads.
    """
    content = _parse(text)
    version = content.get("schema_version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise CatalogError(
            f"schema {version} is newer than {SCHEMA_VERSION}; upgrade aks-egress-catalog",
            path="$.schema_version",
        )
    catalog = _decode(Catalog, content)
    assert isinstance(catalog, Catalog)  # noqa: S101  - what _decode promises, for the type checker
    return catalog


def from_json_as(hint: type[T], text: str) -> T:
    """Read JSON as any form that the model's types are made of, refusing what a catalog would refuse.

    Raises:
        CatalogError: the text is not JSON, or not of that form.
    """
    found: T = _decode(hint, _parse(text))
    return found


def load(path: str | Path | None = None, *, as_of: str | dt.date | None = None) -> Catalog:
    """Load the catalog that the package ships, or another one from ``path``, or that of a past day.

    ``as_of`` (``"2024-06-01"``) gives what the last revision before the end of that day, UTC, said; the history is
    the shipped one, or the ``history.json`` beside ``path``.

    Raises:
        CatalogError: the file cannot be read, or is not a catalog that this version reads.
        AksEgressError: the history begins after that day, or it is no day.

    >>> load().rules[0].cloud
    'AzureChinaCloud'
    >>> load(as_of="2024-06-01").version
    '2024.5.21'
    """
    if as_of is not None:
        from aks_egress_catalog.history import catalog_at, history_beside, read_day  # noqa: PLC0415  - costs the start

        return catalog_at(history_beside(path), read_day(as_of))
    file = path if path is not None else os.path.join(DATA, "catalog.json")  # noqa: PTH118  - as above
    return read_with(from_json, file)


def read_texts(folder: str | Path) -> Texts | None:
    """Read the texts in ``<folder>/<locale>.json``; ``None`` where there is no such folder.

    Raises:
        CatalogError: a file cannot be read.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  - as above
        return None
    names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))  # noqa: PTH208  - as above
    texts: Texts = {}
    for name in names:
        file = os.path.join(folder, name)  # noqa: PTH118  - as above
        texts[name.removesuffix(".json")] = read_with(partial(from_json_as, dict[str, tuple[str, ...]]), file)
    return texts


def read_with(read: Callable[[str], T], file: str | Path) -> T:
    """Read a file, and name it where its content is at fault.

    Raises:
        CatalogError: the file cannot be read, or ``read`` refuses what is in it.
    """
    try:
        with open(file, encoding="utf-8-sig") as stream:  # noqa: PTH123  - as above
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read {file}: {error}") from error
    try:
        return read(text)
    except CatalogError as error:
        raise CatalogError(f"{error.reason} (in {file})", path=error.path) from error


def _parse(text: str) -> Any:  # noqa: ANN401  - whatever the JSON holds
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"not JSON, or cut short: {error}") from error


def _decode(hint: Any, content: object) -> Any:  # noqa: ANN401  - a type form in, a value of that type out
    try:
        return _decoder(hint)(content)
    except _Fault as fault:
        raise CatalogError(fault.reason, path="$" + "".join(reversed(fault.steps))) from fault.__cause__


class _Fault(Exception):  # noqa: N818  - never leaves this module
    """What is wrong with a value. Its path is put together on the way out: a sound file never pays for one."""

    def __init__(self, reason: str, *steps: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps = list(steps)


@cache
def _decoder(hint: Any) -> Callable[[Any], Any]:  # noqa: ANN401  - a type form, which has no type of its own
    """Make the reader of one type form; the model's annotations are the only description of the shape."""
    origin: object = getattr(hint, "__origin__", None)
    arguments: tuple[Any, ...] = getattr(hint, "__args__", ())
    if dataclasses.is_dataclass(hint):
        return _object_decoder(hint)
    if isinstance(hint, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        decode = _decoder(inner)
        return lambda value: None if value is None else decode(value)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return _decoder(hint.__orig_bases__[0])  # type: ignore[attr-defined]  # of class Rules(tuple[Rule, ...])
    if origin is tuple:
        return _array_decoder(arguments[0])
    if origin is dict:
        return _mapping_decoder(arguments[1])
    if isinstance(hint, type) and issubclass(hint, StrEnum | dt.date):
        return _named_decoder(hint)
    return _scalar_decoder(hint)


def _object_decoder(cls: Any) -> Callable[[Any], Any]:  # noqa: ANN401  - a dataclass of the model
    names = vars(sys.modules[cls.__module__])
    # The annotations are this package's own source; typing.get_type_hints would do the same for a slower start.
    fields = {field.name: _decoder(eval(str(field.type), names)) for field in dataclasses.fields(cls)}  # noqa: S307  - as said
    needed = {
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def decode(value: Any) -> Any:  # noqa: ANN401  - JSON in, a model value out
        _expect(value, dict)
        if value.keys() != fields.keys():
            for name in sorted(value.keys() - fields.keys()):
                raise _Fault("unknown key", f".{name}")
            for name in sorted(needed - value.keys()):
                raise _Fault("missing key", f".{name}")
        arguments = _members(value, fields)
        try:
            return cls(**arguments)
        except ValueError as error:
            raise _Fault(str(error)) from error

    return decode


def _array_decoder(inner: Any) -> Callable[[Any], Any]:  # noqa: ANN401  - a type form
    decode = _decoder(inner)

    def decode_all(value: Any) -> Any:  # noqa: ANN401  - JSON in, a tuple out
        _expect(value, list)
        found: list[Any] = []
        try:
            for content in value:
                found.append(decode(content))  # noqa: PERF401  - its length is the place of a fault
        except _Fault as fault:
            fault.steps.append(f"[{len(found)}]")
            raise
        return tuple(found)

    return decode_all


def _mapping_decoder(inner: Any) -> Callable[[Any], Any]:  # noqa: ANN401  - a type form
    decode = _decoder(inner)

    def decode_all(value: Any) -> Any:  # noqa: ANN401  - JSON in, a dict out
        _expect(value, dict)
        return _members(value, dict.fromkeys(value, decode))

    return decode_all


def _members(value: dict[str, Any], decoders: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    found = {}
    name = ""
    try:
        for name, content in value.items():
            found[name] = decoders[name](content)
    except _Fault as fault:
        fault.steps.append(f".{name}")
        raise
    return found


def _named_decoder(cls: type[StrEnum | dt.date]) -> Callable[[Any], Any]:
    known = {} if issubclass(cls, dt.date) else {str(name): name for name in cls}
    make: Callable[[str], Any] = cls.fromisoformat if issubclass(cls, dt.date) else known.__getitem__

    def decode(value: Any) -> Any:  # noqa: ANN401  - JSON in, an enum or a date out
        _expect(value, str)
        try:
            return make(value)
        except (KeyError, ValueError) as error:
            raise _Fault(f"{value!r} is not a {cls.__name__}") from error

    return decode


def _scalar_decoder(cls: type) -> Callable[[Any], Any]:
    def decode(value: Any) -> Any:  # noqa: ANN401  - JSON in, the same out
        _expect(value, cls)
        if cls is str and not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value):
            raise _Fault("half a character: no text can be written with it")
        return value

    return decode


def _expect(value: object, cls: type) -> None:
    if type(value) is not cls:
        raise _Fault(f"expected {cls.__name__}, found {type(value).__name__}")
