"""The one root of every error that this project raises on purpose."""

from __future__ import annotations


class AksEgressError(Exception):
    """Something that a person can act on: the message says where, what, and what next."""


class InputError(AksEgressError):
    """A file that cannot be read, or holds something else than it should; the command line exits 3."""


class CatalogError(InputError):
    """A catalog file could not be read. ``path`` is the JSON path to the fault, such as ``$.rules[3].port``."""

    def __init__(self, message: str, *, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.reason = message
