"""Canonical JSON in and out: the same value gives the same bytes, and a wrong file says where it is wrong.

Encoding is :func:`to_json`. Decoding is by the annotations of the dataclasses, the only description of the shape:
``_decoder`` turns a type form into a function from plain JSON to a value of that type, once for each form.

    Rule                     -> an object with exactly the fields of Rule     ``_object_decoder``
    tuple[Rule, ...], Rules  -> an array                                      ``_array_decoder``
    dict[str, X]             -> an object with any keys                       ``_mapping_decoder``
    a StrEnum, a date        -> a text with one of the known values           ``_named_decoder``
    str, int, bool           -> a value of exactly this type                  ``_scalar_decoder``

A program that reads our files must not break when a later version adds a key, so unknown keys are passed over, unless
``strict`` is asked for: the pipeline and configuration files refuse them, because there an unknown key is a mistake.

A decoder that meets a wrong value raises ``_Fault``. Each decoder above it adds its own step to the path on the way
out, so that ``$.rules[3].port`` is put together only where something is wrong.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from aks_egress_catalog.errors import CatalogError

T = TypeVar("T")
Decoder = Callable[[Any], Any]


def to_json(value: object, *, compact: bool = False) -> str:
    """Write any model value, or plain JSON values, as canonical JSON: sorted keys, a newline at the end.

    ``compact`` leaves out all white space, for files that nobody reads and of which there are many.

    >>> print(to_json({"b": 1, "a": []}), end="")
    {
     "a": [],
     "b": 1
    }
    """
    if compact:
        return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in canonical JSON")


def to_plain(value: object) -> Any:
    """Return any model value as what JSON knows: dicts, lists, texts, numbers, booleans and ``None``.

    No enum, no date and no tuple is left, so that ``json.dumps`` and ``yaml.safe_dump`` can write it.

    >>> from aks_egress_catalog.model import Feature
    >>> to_plain({"features": (Feature.GPU,)})
    {'features': ['gpu']}
    """
    return json.loads(to_json(value))


def from_json_as(hint: type[T], text: str, *, strict: bool = True) -> T:
    """Read JSON as any form that the model's types are made of, refusing what a catalog would refuse.

    Raises:
        CatalogError: the text is not JSON, or not of that form; the error has the JSON path to the fault.

    >>> from_json_as(dict[str, tuple[str, ...]], '{"a": ["b"]}')
    {'a': ('b',)}
    """
    return decode(hint, parse(text), strict=strict)


def parse(text: str) -> Any:
    """Read JSON as plain values.

    Raises:
        CatalogError: the text is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"not JSON, or cut short: {error}") from error


def decode(hint: type[T], content: object, *, strict: bool = True) -> T:
    """Turn plain JSON values into a value of a type form; ``strict`` refuses unknown keys.

    Raises:
        CatalogError: they are not of that form.
    """
    read: Callable[[object], T] = _decoder(hint, strict=strict)  # type: ignore[arg-type]  # every type form can be hashed
    try:
        return read(content)
    except _Fault as fault:
        raise CatalogError(fault.reason, path="$" + "".join(reversed(fault.steps))) from fault.__cause__


def read_with(read: Callable[[str], T], file: str | Path) -> T:
    """Read a file, and name it where its content is at fault.

    Raises:
        CatalogError: the file cannot be read, or ``read`` refuses what is in it.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read {file}: {error}") from error
    try:
        return read(text)
    except CatalogError as error:
        raise CatalogError(f"{error.reason} (in {file})", path=error.path) from error


class _Fault(Exception):  # noqa: N818  - never leaves this module
    """What is wrong with a value, and the steps to it, innermost first."""

    def __init__(self, reason: str, *steps: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps = list(steps)


@cache
def _decoder(hint: Any, *, strict: bool) -> Decoder:
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _object_decoder(hint, strict=strict)
    if origin is types.UnionType:
        return _optional_decoder(
            *(_decoder(argument, strict=strict) for argument in arguments if argument is not type(None))
        )
    if origin is tuple:
        return _array_decoder(_decoder(arguments[0], strict=strict))
    if origin is dict:
        return _mapping_decoder(_decoder(arguments[1], strict=strict))
    if issubclass(hint, tuple):
        return _decoder(hint.__orig_bases__[0], strict=strict)  # of class Rules(tuple[Rule, ...])
    if issubclass(hint, StrEnum | dt.date):
        return _named_decoder(hint)
    return _decode_text if hint is str else _scalar_decoder(hint)


def _object_decoder(cls: Any, *, strict: bool) -> Decoder:
    hints = get_type_hints(cls)
    decoders = {field.name: _decoder(hints[field.name], strict=strict) for field in dataclasses.fields(cls)}
    needed = {
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def decode_object(value: Any) -> Any:
        if type(value) is not dict:
            raise _other_type(value, dict)
        keys = value.keys()
        if not keys <= decoders.keys():
            for name in sorted(keys - decoders.keys()) if strict else ():
                raise _Fault("unknown key", f".{name}")
            value = {name: content for name, content in value.items() if name in decoders}
        if not needed <= keys:
            raise _Fault("missing key", f".{min(needed - keys)}")
        arguments = _members(value, decoders)
        try:
            return cls(**arguments)
        except ValueError as error:
            raise _Fault(str(error)) from error

    return decode_object


def _mapping_decoder(decode_member: Decoder) -> Decoder:
    def decode_mapping(value: Any) -> Any:
        if type(value) is not dict:
            raise _other_type(value, dict)
        return _members(value, dict.fromkeys(value, decode_member))

    return decode_mapping


def _members(value: dict[str, Any], decoders: dict[str, Decoder]) -> dict[str, Any]:
    found = {}
    name = ""
    try:
        for name, content in value.items():
            found[name] = decoders[name](content)
    except _Fault as fault:
        fault.steps.append(f".{name}")
        raise
    return found


def _array_decoder(decode_element: Decoder) -> Decoder:
    def decode_array(value: Any) -> Any:
        if type(value) is not list:
            raise _other_type(value, list)
        found: list[Any] = []
        try:
            for content in value:
                found.append(decode_element(content))  # noqa: PERF401  - how many were read is the place of a fault
        except _Fault as fault:
            fault.steps.append(f"[{len(found)}]")
            raise
        return tuple(found)

    return decode_array


def _optional_decoder(decode_inner: Decoder) -> Decoder:
    return lambda value: None if value is None else decode_inner(value)


def _named_decoder(cls: type[StrEnum | dt.date]) -> Decoder:
    make: Callable[[str], Any] = (
        cls.fromisoformat if issubclass(cls, dt.date) else {str(one): one for one in cls}.__getitem__
    )

    def decode_named(value: Any) -> Any:
        if type(value) is not str:
            raise _other_type(value, str)
        try:
            return make(value)
        except (ValueError, KeyError) as error:
            raise _Fault(f"{value!r} is not a {cls.__name__}") from error

    return decode_named


def _decode_text(value: Any) -> Any:
    if type(value) is not str:
        raise _other_type(value, str)
    if not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value):
        raise _Fault("half a character: no text can be written with it")
    return value


def _scalar_decoder(cls: type) -> Decoder:
    def decode_scalar(value: Any) -> Any:
        if type(value) is not cls:
            raise _other_type(value, cls)
        return value

    return decode_scalar


def _other_type(value: object, cls: type) -> _Fault:
    return _Fault(f"expected {cls.__name__}, found {type(value).__name__}")
