"""Every log format by its name on the command line. A format is one module, imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final, Protocol

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped


class Format(Protocol):
    """What the module of a format offers; JSON formats also have ``decode_values``, for documents."""

    NAME: str

    @staticmethod
    def recognises(head: str) -> bool:
        """Say by its beginning whether a text is of the format."""

    @staticmethod
    def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
        """Give what each line is. No line raises."""


FORMATS: Final = {
    "azure-structured": "azure_structured",
    "azure-legacy": "azure_legacy",
    "flow-logs": "flow_logs",
    "hubble": "hubble",
    "log-analytics": "log_analytics",
    "fortigate": "fortigate",
    "panos": "panos",
    "squid": "squid",
}
"""Module by format name, in the order in which they are asked whether a text is theirs."""


def load_format(name: str) -> Format:
    """Import the module of a format, and only that.

    Raises:
        InputError: there is no such format.
    """
    if name not in FORMATS:
        raise InputError(f"no log format {name!r}; there is: {', '.join(FORMATS)}")
    module: Format = import_module(f"aks_egress_catalog.logs.decoders.{FORMATS[name]}")  # type: ignore[assignment]  # a module
    return module


def recognise(head: str) -> str:
    """Name the format of a text by its first lines; empty where it is of none.

    >>> recognise("1795875240.812 6 10.0.0.4 TCP_DENIED/403 3451 CONNECT a.example:443 - HIER_NONE/- text/html")
    'squid'
    """
    return next((name for name in FORMATS if load_format(name).recognises(head)), "")


def values_decoder(module: Format) -> Any:
    """Give the function of a format that decodes a document; ``None``: it is read line by line only."""
    return getattr(module, "decode_values", None)
